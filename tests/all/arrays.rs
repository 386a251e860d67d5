//! NumPy arrays and numbers against what NumPy showed.

use crate::calls::replay;

#[test]
fn arrays_are_numpys() {
    replay("arrays.jsonl", 500, &[], Some("arrays.known"));
}
