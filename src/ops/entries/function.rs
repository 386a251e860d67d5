//! Functions of one number, elementwise.

use crate::entries;
use crate::kernels::elementwise::opcodes;
use crate::tensor::promote::Rule;
use crate::value::entry::{Category, Entry, Forward, Gradient, IN_PLACE, METHOD, TORCH};

/// What the entries here share: one operand.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const UNARY: Entry = Entry {
    signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH | IN_PLACE,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "exp",
        summary: "e to the power of each element.",
        examples: &[("torch.tensor([0.0, 1.0]).exp()", "tensor([1.0000, 2.7183])")],
        forward: Forward::Elementwise(&opcodes::EXP, Rule::Float),
        ..UNARY
    },
    Entry {
        name: "neg",
        aliases: &["negative"],
        summary: "Each element with its sign changed.",
        examples: &[("torch.tensor([1, -2]).neg()", "tensor([-1,  2])")],
        forward: Forward::Elementwise(&opcodes::NEG, Rule::Negate),
        ..UNARY
    },
    Entry {
        name: "abs",
        aliases: &["absolute"],
        summary: "Each element without its sign.",
        examples: &[("torch.tensor([1, -2]).abs()", "tensor([1, 2])")],
        forward: Forward::Elementwise(&opcodes::ABS, Rule::Number("abs_cpu")),
        ..UNARY
    },
    Entry {
        name: "bitwise_not",
        summary: "Each integer with its bits inverted; of a bool, not.",
        examples: &[("torch.tensor([1, -2]).bitwise_not()", "tensor([-2,  1])")],
        forward: Forward::Elementwise(&opcodes::BITWISE_NOT, Rule::Bitwise("bitwise_not_cpu")),
        ..UNARY
    },
];
