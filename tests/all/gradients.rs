//! Gradients against what PyTorch computed, and against small steps.

use crate::calls::replay;

#[test]
fn gradients_are_pytorchs() {
    // What differs is listed in a file: mostly the names of nodes of composed ops. Nothing may come to it.
    replay("gradients.jsonl", 400, &[], Some("gradients.known"));
}
