//! torch.nn.functional against what PyTorch printed.

use crate::calls::replay;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn results_are_pytorchs() {
    replay("functional.jsonl", 600, KNOWN, None);
}
