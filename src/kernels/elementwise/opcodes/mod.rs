//! The opcodes of the op table, by family. Each is one expression; an op's entry may also hold its own.

pub mod arithmetic;
pub mod power;
pub mod rounding;
pub mod comparison;
pub mod bits;
pub mod choice;
pub mod exponential;
pub mod trigonometry;
pub mod activation;
pub mod special;
pub mod normal;

pub use activation::*;
pub use arithmetic::*;
pub use bits::*;
pub use choice::*;
pub use comparison::*;
pub use exponential::*;
pub use normal::*;
pub use power::*;
pub use rounding::*;
pub use special::*;
pub use trigonometry::*;
