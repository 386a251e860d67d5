//! Gradients against what PyTorch computed, and against small steps.

use crate::calls::replay;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn gradients_are_pytorchs() {
    replay("gradients.jsonl", 400, KNOWN);
}
