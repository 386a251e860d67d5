//! Functions of one number, elementwise.

use crate::entries;
use crate::kernels::elementwise::opcodes;
use crate::ops::derivatives;
use crate::tensor::promote::Rule;
use crate::value::entry::{
    Category, Entry, FUNCTIONAL, Forward, Gradient, IN_PLACE, METHOD, NUMPY, Out, TORCH,
};

/// What the entries here share: one operand.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const UNARY: Entry = Entry {
    signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH | NUMPY | IN_PLACE,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "abs",
        aliases: &["absolute"],
        summary: "Each element without its sign.",
        examples: &[("torch.tensor([1, -2]).abs()", "tensor([1, 2])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::ABS, Rule::Number("abs_cpu")),
        gradient: Gradient::Differentiable(&derivatives::function::ABS),
        ..UNARY
    },
    Entry {
        name: "neg",
        aliases: &["negative"],
        summary: "Each element with its sign changed.",
        examples: &[("torch.tensor([1, -2]).neg()", "tensor([-1,  2])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::NEG, Rule::Negate),
        gradient: Gradient::Differentiable(&derivatives::function::NEG),
        ..UNARY
    },
    Entry {
        name: "bitwise_not",
        summary: "Each integer with its bits inverted; of a bool, not.",
        examples: &[("torch.tensor([1, -2]).bitwise_not()", "tensor([-2,  1])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::BITWISE_NOT, Rule::Bitwise("bitwise_not_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..UNARY
    },
    Entry {
        name: "exp",
        summary: "e to the power of each element.",
        examples: &[("torch.tensor([0.0, 1.0]).exp()", "tensor([1.0000, 2.7183])")],
        forward: Forward::Elementwise(&opcodes::EXP, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::EXP),
        ..UNARY
    },
    Entry {
        name: "exp2",
        summary: "2 to the power of each element.",
        examples: &[("torch.tensor([0.0, 3.0]).exp2()", "tensor([1., 8.])")],
        forward: Forward::Elementwise(&opcodes::EXP2, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::EXP2),
        ..UNARY
    },
    Entry {
        name: "expm1",
        summary: "e to the power of each element, minus 1, exact near 0.",
        examples: &[("torch.tensor([0.0, 1.0]).expm1()", "tensor([0.0000, 1.7183])")],
        forward: Forward::Elementwise(&opcodes::EXPM1, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::EXPM1),
        ..UNARY
    },
    Entry {
        name: "log",
        summary: "The natural logarithm.",
        examples: &[("torch.tensor([1.0, 10.0]).log()", "tensor([0.0000, 2.3026])")],
        forward: Forward::Elementwise(&opcodes::LOG, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::LOG),
        ..UNARY
    },
    Entry {
        name: "log2",
        summary: "The logarithm to base 2.",
        examples: &[("torch.tensor([1.0, 8.0]).log2()", "tensor([0., 3.])")],
        forward: Forward::Elementwise(&opcodes::LOG2, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::LOG2),
        ..UNARY
    },
    Entry {
        name: "log10",
        summary: "The logarithm to base 10.",
        examples: &[("torch.tensor([1.0, 100.0]).log10()", "tensor([0., 2.])")],
        forward: Forward::Elementwise(&opcodes::LOG10, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::LOG10),
        ..UNARY
    },
    Entry {
        name: "log1p",
        summary: "The natural logarithm of 1 plus each element, exact near 0.",
        examples: &[("torch.tensor([0.0, 1.0]).log1p()", "tensor([0.0000, 0.6931])")],
        forward: Forward::Elementwise(&opcodes::LOG1P, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::LOG1P),
        ..UNARY
    },
    Entry {
        name: "sqrt",
        summary: "The square root.",
        examples: &[("torch.tensor([4.0, 2.0]).sqrt()", "tensor([2.0000, 1.4142])")],
        forward: Forward::Elementwise(&opcodes::SQRT, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::SQRT),
        ..UNARY
    },
    Entry {
        name: "rsqrt",
        summary: "1 divided by the square root.",
        examples: &[("torch.tensor([4.0, 1.0]).rsqrt()", "tensor([0.5000, 1.0000])")],
        forward: Forward::Elementwise(&opcodes::RSQRT, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::RSQRT),
        ..UNARY
    },
    Entry {
        name: "reciprocal",
        summary: "1 divided by each element.",
        examples: &[("torch.tensor([4, 2]).reciprocal()", "tensor([0.2500, 0.5000])")],
        forward: Forward::Elementwise(&opcodes::RECIPROCAL, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::RECIPROCAL),
        ..UNARY
    },
    Entry {
        name: "sin",
        summary: "The sine, of radians.",
        examples: &[("torch.tensor([0.0, 1.0]).sin()", "tensor([0.0000, 0.8415])")],
        forward: Forward::Elementwise(&opcodes::SIN, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::SIN),
        ..UNARY
    },
    Entry {
        name: "cos",
        summary: "The cosine, of radians.",
        examples: &[("torch.tensor([0.0, 1.0]).cos()", "tensor([1.0000, 0.5403])")],
        forward: Forward::Elementwise(&opcodes::COS, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::COS),
        ..UNARY
    },
    Entry {
        name: "tan",
        summary: "The tangent, of radians.",
        examples: &[("torch.tensor([0.0, 1.0]).tan()", "tensor([0.0000, 1.5574])")],
        forward: Forward::Elementwise(&opcodes::TAN, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::TAN),
        ..UNARY
    },
    Entry {
        name: "asin",
        aliases: &["arcsin"],
        summary: "The angle in radians whose sine is each element.",
        examples: &[("torch.tensor([0.0, 1.0]).asin()", "tensor([0.0000, 1.5708])")],
        forward: Forward::Elementwise(&opcodes::ASIN, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ASIN),
        ..UNARY
    },
    Entry {
        name: "acos",
        aliases: &["arccos"],
        summary: "The angle in radians whose cosine is each element.",
        examples: &[("torch.tensor([1.0, 0.0]).acos()", "tensor([0.0000, 1.5708])")],
        forward: Forward::Elementwise(&opcodes::ACOS, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ACOS),
        ..UNARY
    },
    Entry {
        name: "atan",
        aliases: &["arctan"],
        summary: "The angle in radians whose tangent is each element.",
        examples: &[("torch.tensor([0.0, 1.0]).atan()", "tensor([0.0000, 0.7854])")],
        forward: Forward::Elementwise(&opcodes::ATAN, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ATAN),
        ..UNARY
    },
    Entry {
        name: "sinh",
        summary: "The hyperbolic sine.",
        examples: &[("torch.tensor([0.0, 1.0]).sinh()", "tensor([0.0000, 1.1752])")],
        forward: Forward::Elementwise(&opcodes::SINH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::SINH),
        ..UNARY
    },
    Entry {
        name: "cosh",
        summary: "The hyperbolic cosine.",
        examples: &[("torch.tensor([0.0, 1.0]).cosh()", "tensor([1.0000, 1.5431])")],
        forward: Forward::Elementwise(&opcodes::COSH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::COSH),
        ..UNARY
    },
    Entry {
        name: "tanh",
        on: METHOD | TORCH | NUMPY | FUNCTIONAL | IN_PLACE,
        summary: "The hyperbolic tangent.",
        examples: &[("torch.tensor([0.0, 1.0]).tanh()", "tensor([0.0000, 0.7616])")],
        forward: Forward::Elementwise(&opcodes::TANH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::TANH),
        ..UNARY
    },
    Entry {
        name: "asinh",
        aliases: &["arcsinh"],
        summary: "The inverse of the hyperbolic sine.",
        examples: &[("torch.tensor([0.0, 1.0]).asinh()", "tensor([0.0000, 0.8814])")],
        forward: Forward::Elementwise(&opcodes::ASINH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ASINH),
        ..UNARY
    },
    Entry {
        name: "acosh",
        aliases: &["arccosh"],
        summary: "The inverse of the hyperbolic cosine.",
        examples: &[("torch.tensor([1.0, 2.0]).acosh()", "tensor([0.0000, 1.3170])")],
        forward: Forward::Elementwise(&opcodes::ACOSH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ACOSH),
        ..UNARY
    },
    Entry {
        name: "atanh",
        aliases: &["arctanh"],
        summary: "The inverse of the hyperbolic tangent.",
        examples: &[("torch.tensor([0.0, 0.5]).atanh()", "tensor([0.0000, 0.5493])")],
        forward: Forward::Elementwise(&opcodes::ATANH, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ATANH),
        ..UNARY
    },
    Entry {
        name: "sigmoid",
        on: METHOD | TORCH | NUMPY | FUNCTIONAL | IN_PLACE,
        summary: "1 / (1 + e^-x): numbers squeezed between 0 and 1.",
        examples: &[("torch.tensor([0.0, 2.0]).sigmoid()", "tensor([0.5000, 0.8808])")],
        forward: Forward::Elementwise(&opcodes::SIGMOID, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::SIGMOID),
        ..UNARY
    },
    Entry {
        name: "erf",
        summary: "The error function.",
        examples: &[("torch.tensor([0.0, 1.0]).erf()", "tensor([0.0000, 0.8427])")],
        forward: Forward::Elementwise(&opcodes::ERF, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ERF),
        ..UNARY
    },
    Entry {
        name: "erfc",
        summary: "1 minus the error function.",
        examples: &[("torch.tensor([0.0, 1.0]).erfc()", "tensor([1.0000, 0.1573])")],
        forward: Forward::Elementwise(&opcodes::ERFC, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ERFC),
        ..UNARY
    },
    Entry {
        name: "erfinv",
        summary: "The inverse of the error function.",
        examples: &[("torch.tensor([0.0, 0.5]).erfinv()", "tensor([0.0000, 0.4769])")],
        forward: Forward::Elementwise(&opcodes::ERFINV, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::ERFINV),
        ..UNARY
    },
    Entry {
        name: "lgamma",
        summary: "The logarithm of the gamma function.",
        examples: &[("torch.tensor([1.0, 4.0]).lgamma()", "tensor([0.0000, 1.7918])")],
        forward: Forward::Elementwise(&opcodes::LGAMMA, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::LGAMMA),
        ..UNARY
    },
    Entry {
        name: "digamma",
        summary: "The derivative of `lgamma`.",
        examples: &[("torch.tensor([1.0, 4.0]).digamma()", "tensor([-0.5772,  1.2561])")],
        forward: Forward::Elementwise(&opcodes::DIGAMMA, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::DIGAMMA),
        ..UNARY
    },
    Entry {
        name: "deg2rad",
        summary: "Degrees as radians.",
        examples: &[("torch.tensor([180.0, 90.0]).deg2rad()", "tensor([3.1416, 1.5708])")],
        forward: Forward::Elementwise(&opcodes::DEG2RAD, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::DEG2RAD),
        ..UNARY
    },
    Entry {
        name: "rad2deg",
        summary: "Radians as degrees.",
        examples: &[("torch.tensor([0.0, 3.1416]).rad2deg()", "tensor([  0.0000, 180.0004])")],
        forward: Forward::Elementwise(&opcodes::RAD2DEG, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::RAD2DEG),
        ..UNARY
    },
    Entry {
        name: "sinc",
        summary: "sin(pi x) / (pi x), 1 at 0.",
        examples: &[("torch.tensor([0.0, 0.5]).sinc()", "tensor([1.0000, 0.6366])")],
        forward: Forward::Elementwise(&opcodes::SINC, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::function::SINC),
        ..UNARY
    },
    Entry {
        name: "floor",
        summary: "The next integer below or at each element.",
        examples: &[("torch.tensor([1.5, -1.5]).floor()", "tensor([ 1., -2.])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::FLOOR, Rule::Number("floor_vml_cpu")),
        gradient: Gradient::Differentiable(&derivatives::function::FLOOR),
        ..UNARY
    },
    Entry {
        name: "ceil",
        summary: "The next integer above or at each element.",
        examples: &[("torch.tensor([1.5, -1.5]).ceil()", "tensor([ 2., -1.])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::CEIL, Rule::Number("ceil_vml_cpu")),
        gradient: Gradient::Differentiable(&derivatives::function::CEIL),
        ..UNARY
    },
    Entry {
        name: "trunc",
        aliases: &["fix"],
        summary: "Each element without its fraction.",
        examples: &[("torch.tensor([1.5, -1.5]).trunc()", "tensor([ 1., -1.])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::TRUNC, Rule::Number("trunc_vml_cpu")),
        gradient: Gradient::Differentiable(&derivatives::function::TRUNC),
        ..UNARY
    },
    Entry {
        name: "frac",
        summary: "The fraction of each element.",
        examples: &[("torch.tensor([1.5, -1.25]).frac()", "tensor([ 0.5000, -0.2500])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::FRAC, Rule::FloatOnly("frac_cpu")),
        gradient: Gradient::Differentiable(&derivatives::function::FRAC),
        ..UNARY
    },
    Entry {
        name: "sign",
        aliases: &["sgn"],
        summary: "-1, 0 or 1, by the sign of each element.",
        examples: &[("torch.tensor([-3, 0, 3]).sign()", "tensor([-1,  0,  1])")],
        out: Out::Found,
        forward: Forward::Elementwise(&opcodes::SIGN, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::function::SIGN),
        ..UNARY
    },
];
