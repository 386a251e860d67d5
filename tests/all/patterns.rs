//! einops against what the original printed.

use crate::calls::replay;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] = &[(
    "rearrange(torch.ones(3, 4), 'a b -> b a', b=4.0)",
    "a length is an int, even where it is only checked",
)];

#[test]
fn results_are_those_of_einops() {
    replay("patterns.jsonl", 700, KNOWN, None);
}
