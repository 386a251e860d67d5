//! Comparisons and tests, elementwise: bools.

use crate::entries;
use crate::kernels::elementwise::opcodes;
use crate::tensor::promote::Rule;
use crate::value::entry::{Category, Entry, Forward, Gradient, IN_PLACE, METHOD, Out, TORCH};

/// What the comparisons share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const COMPARE: Entry = Entry {
    signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor\n(input: Tensor, other: Scalar, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH | IN_PLACE,
    category: Category::Comparison,
    gradient: Gradient::NotDifferentiable,
    ..Entry::EMPTY
};

/// What the tests of one operand share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const TEST: Entry = Entry {
    signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH,
    ..COMPARE
};

entries![
    Entry {
        name: "eq",
        summary: "Whether elements are equal.",
        examples: &[("torch.tensor([1, 2]).eq(2)", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::EQ, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "ne",
        aliases: &["not_equal"],
        summary: "Whether elements differ.",
        examples: &[("torch.tensor([1, 2]).ne(2)", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::NE, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "lt",
        aliases: &["less"],
        summary: "Whether elements are less.",
        examples: &[("torch.tensor([1, 2]).lt(2)", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::LT, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "le",
        aliases: &["less_equal"],
        summary: "Whether elements are less or equal.",
        examples: &[("torch.tensor([1, 2]).le(1)", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::LE, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "gt",
        aliases: &["greater"],
        summary: "Whether elements are greater.",
        examples: &[("torch.tensor([1, 2]).gt(1)", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::GT, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "ge",
        aliases: &["greater_equal"],
        summary: "Whether elements are greater or equal.",
        examples: &[("torch.tensor([1, 2]).ge(2)", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::GE, Rule::Compare),
        ..COMPARE
    },
    Entry {
        name: "logical_and",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether both are not zero.",
        examples: &[("torch.tensor([1, 0]).logical_and(torch.tensor([2, 2]))", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::LOGICAL_AND, Rule::Logical),
        ..COMPARE
    },
    Entry {
        name: "logical_or",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether either is not zero.",
        examples: &[("torch.tensor([1, 0]).logical_or(torch.tensor([0, 0]))", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::LOGICAL_OR, Rule::Logical),
        ..COMPARE
    },
    Entry {
        name: "logical_xor",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "Whether exactly one is not zero.",
        examples: &[("torch.tensor([1, 0]).logical_xor(torch.tensor([2, 2]))", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::LOGICAL_XOR, Rule::Logical),
        ..COMPARE
    },
    Entry {
        name: "logical_not",
        on: METHOD | TORCH | IN_PLACE,
        summary: "Whether each element is zero.",
        examples: &[("torch.tensor([0, 2]).logical_not()", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::LOGICAL_NOT, Rule::Logical),
        ..TEST
    },
    Entry {
        name: "signbit",
        summary: "Whether the sign bit is set.",
        examples: &[("torch.tensor([-0.0, 1.0]).signbit()", "tensor([ True, False])")],
        out: Out::Worded(|_, _| "signbit does not support non-boolean outputs.".to_owned()),
        forward: Forward::Elementwise(&opcodes::SIGNBIT, Rule::Compare),
        ..TEST
    },
    Entry {
        name: "isnan",
        summary: "Whether each element is nan.",
        examples: &[("torch.tensor([1.0, float('nan')]).isnan()", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::ISNAN, Rule::Compare),
        ..TEST
    },
    Entry {
        name: "isinf",
        summary: "Whether each element is infinite.",
        examples: &[("torch.tensor([1.0, float('-inf')]).isinf()", "tensor([False,  True])")],
        forward: Forward::Elementwise(&opcodes::ISINF, Rule::Compare),
        ..TEST
    },
    Entry {
        name: "isfinite",
        summary: "Whether each element is neither infinite nor nan.",
        examples: &[("torch.tensor([1.0, float('inf')]).isfinite()", "tensor([ True, False])")],
        forward: Forward::Elementwise(&opcodes::ISFINITE, Rule::Compare),
        ..TEST
    },
    Entry {
        name: "isposinf",
        summary: "Whether each element is infinity.",
        examples: &[("torch.tensor([1.0, float('inf')]).isposinf()", "tensor([False,  True])")],
        out: Out::Worded(|_, _| "isposinf does not support non-boolean outputs.".to_owned()),
        forward: Forward::Elementwise(&opcodes::ISPOSINF, Rule::Compare),
        ..TEST
    },
    Entry {
        name: "isneginf",
        summary: "Whether each element is minus infinity.",
        examples: &[("torch.tensor([1.0, float('-inf')]).isneginf()", "tensor([False,  True])")],
        out: Out::Worded(|_, _| "isneginf does not support non-boolean outputs.".to_owned()),
        forward: Forward::Elementwise(&opcodes::ISNEGINF, Rule::Compare),
        ..TEST
    },
];
