//! The tests that see the crate, or the program, from outside.
