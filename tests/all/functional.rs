//! torch.nn.functional against what PyTorch printed.

use crate::calls::replay;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] =
    &[("F.cross_entropy(x.bfloat16(), t)", "log_softmax of bfloat16 is rounded in other steps")];

#[test]
fn results_are_pytorchs() {
    replay("functional.jsonl", 600, KNOWN, None);
}
