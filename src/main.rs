//! The `tenscope` program.

fn main() {}
