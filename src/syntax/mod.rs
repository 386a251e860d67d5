//! Text to tree. Knows nothing of tensors.
//!
//! [`token`], [`number`] and [`string`] read single tokens; [`layout`] puts them in order, with Python's indentation;
//! the grammar's parsers read them through a [`cursor`] and build an [`ast::Tree`]. All of them are nom parsers; only
//! the operators have a climber of our own. [`reader`] has the entry points.

pub mod ast;
pub mod token;
pub mod number;
pub mod string;
pub mod layout;
pub mod cursor;
pub mod climb;
pub mod errors;
pub mod mistakes;
pub mod strings;
pub mod fstring;
pub mod arguments;
pub mod display;
pub mod params;
pub mod primary;
pub mod expr;
pub mod target;
pub mod simple;
pub mod compound;
pub mod block;
pub mod check;
pub mod reader;
pub mod dump;
pub mod print;
pub mod prompts;
pub mod highlight;

pub use highlight::highlight;
pub use prompts::strip_prompts;
pub use reader::{
    Completeness, Reader, Statement, completeness, parse_expression, parse_program, parse_unchecked,
};

#[cfg(test)]
mod robustness;
