//! The tests that see the crate, or the program, from outside.

mod print;
mod promotion;
mod recorded;
mod strides;
mod views;
