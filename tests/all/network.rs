//! `torch.nn` and `torch.optim` against PyTorch: text, initial values, gradients of parameters, training.

use crate::calls::replay;

#[test]
fn networks_are_pytorchs() {
    // What differs is listed in a file. Nothing may come to it.
    replay("network.jsonl", 450, &[], Some("network.known"));
}

#[test]
fn sequences_attention_and_what_is_done_to_modules_are_pytorchs() {
    replay("sequence.jsonl", 110, &[], Some("sequence.known"));
}
