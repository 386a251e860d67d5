//! The tests that see the crate, or the program, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod notation;
mod algebra;
mod aliasing;
mod arrays;
mod calls;
mod cli;
mod docs;
mod elementary;
mod explain;
mod functional;
mod fusion;
mod grammar;
mod hostile;
mod inspect;
mod lines;
mod gradients;
mod network;
mod linalg;
mod opcodes;
mod patterns;
mod print;
mod program;
mod promotion;
mod language;
mod python;
mod programs;
mod prompt;
mod fuzz;
mod random;
mod modules;
mod reference;
mod sharing;
mod recorded;
mod scripts;
mod shortcuts;
mod memory;
mod slopes;
mod small;
mod strides;
mod table;
mod tidy;
mod views;
mod syntax_oracle;
