//! Linear algebra against what PyTorch printed.

use crate::calls::replay;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn results_are_pytorchs() {
    replay("linalg.jsonl", 300, KNOWN, None);
}
