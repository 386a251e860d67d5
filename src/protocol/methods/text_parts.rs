//! Methods of strings.

use crate::value::Entry;

/// None yet.
pub static ENTRIES: &[Entry] = &[];
