//! Arithmetic, elementwise.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::cast;
use crate::kernels::elementwise::opcodes;
use crate::ops::arguments::scalar_value;
use crate::ops::compose::{Composer, tensor_of};
use crate::ops::derivatives;
use crate::ops::results::{FREXP, pair};
use crate::ops::{apply, operators};
use crate::tensor::dtype::DType;
use crate::tensor::promote::Rule;
use crate::tensor::scalar::Scalar;
use crate::through;
use crate::value::entry::{Bindings, Category, Chosen, Entry, Forward, Gradient, IN_PLACE, METHOD, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share: two operands.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const BINARY: Entry = Entry {
    signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
    on: METHOD | TORCH | IN_PLACE,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "add",
        signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor\n~(input: Tensor, alpha: Scalar, other: Tensor | Scalar) -> Tensor",
        summary: "`input + alpha * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).add(10)", "tensor([11, 12])")],
        forward: Forward::Chosen(|b| scaled(b, "add")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::ADD),
        ..BINARY
    },
    Entry {
        name: "sub",
        aliases: &["subtract"],
        signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, alpha: Scalar = 1, out: Tensor | None = None) -> Tensor\n~(input: Tensor, alpha: Scalar, other: Tensor | Scalar) -> Tensor",
        summary: "`input - alpha * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).sub(10)", "tensor([-9, -8])")],
        forward: Forward::Chosen(|b| scaled(b, "sub")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::SUB),
        ..BINARY
    },
    Entry {
        name: "mul",
        aliases: &["multiply"],
        summary: "`input * other`, elementwise.",
        examples: &[("torch.tensor([1, 2]).mul(10)", "tensor([10, 20])")],
        forward: Forward::Elementwise(&opcodes::MUL, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::MUL),
        ..BINARY
    },
    Entry {
        name: "remainder",
        summary: "The rest of a division, with the sign of the divisor, as Python's `%`.",
        examples: &[("torch.tensor([-3, 5]).remainder(2)", "tensor([1, 1])")],
        forward: Forward::Elementwise(&opcodes::REMAINDER, Rule::Number("remainder_cpu")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::REMAINDER),
        ..BINARY
    },
    Entry {
        name: "floor_divide",
        summary: "The quotient rounded down, as Python's `//`.",
        examples: &[("torch.tensor([-3, 5]).floor_divide(2)", "tensor([-2,  2])")],
        forward: Forward::Elementwise(&opcodes::FLOOR_DIVIDE, Rule::Number("div_floor_cpu")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::FLAT),
        ..BINARY
    },
    Entry {
        name: "fmod",
        signature: "(input: Tensor, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "The rest of a division, with the sign of the dividend, as C's `fmod`.",
        examples: &[("torch.tensor([-3, 5]).fmod(2)", "tensor([-1,  1])")],
        forward: Forward::Elementwise(&opcodes::FMOD, Rule::Number("fmod_cpu")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::FMOD),
        ..BINARY
    },
    Entry {
        name: "atan2",
        aliases: &["arctan2"],
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The angle of the point `(other, input)` from the x axis, in radians.",
        examples: &[(
            "torch.atan2(torch.tensor([1.0, -1.0]), torch.tensor([1.0, -1.0]))",
            "tensor([ 0.7854, -2.3562])"
        )],
        forward: Forward::Elementwise(&opcodes::ATAN2, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::ATAN2),
        ..BINARY
    },
    Entry {
        name: "maximum",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The larger of each two elements; nan if either is.",
        examples: &[("torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2]))", "tensor([3, 5])")],
        forward: Forward::Elementwise(&opcodes::MAXIMUM, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::MAXIMUM),
        ..BINARY
    },
    Entry {
        name: "minimum",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The smaller of each two elements; nan if either is.",
        examples: &[("torch.minimum(torch.tensor([1, 5]), torch.tensor([3, 2]))", "tensor([1, 2])")],
        forward: Forward::Elementwise(&opcodes::MINIMUM, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::MINIMUM),
        ..BINARY
    },
    Entry {
        name: "fmax",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The larger of each two elements; the other one where one is nan.",
        examples: &[(
            "torch.fmax(torch.tensor([1.0, float('nan')]), torch.tensor([3.0, 2.0]))",
            "tensor([3., 2.])"
        )],
        forward: Forward::Elementwise(&opcodes::FMAX, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::FMAX),
        ..BINARY
    },
    Entry {
        name: "fmin",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The smaller of each two elements; the other one where one is nan.",
        examples: &[(
            "torch.fmin(torch.tensor([1.0, float('nan')]), torch.tensor([3.0, 2.0]))",
            "tensor([1., 2.])"
        )],
        forward: Forward::Elementwise(&opcodes::FMIN, Rule::Arithmetic),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::FMIN),
        ..BINARY
    },
    Entry {
        name: "hypot",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The length of the hypotenuse: sqrt(input² + other²).",
        examples: &[("torch.hypot(torch.tensor([3.0]), torch.tensor([4.0]))", "tensor([5.])")],
        forward: Forward::Elementwise(&opcodes::HYPOT, Rule::FloatOnly("hypot_cpu")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::HYPOT),
        ..BINARY
    },
    Entry {
        name: "logaddexp",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The logarithm of the sum of the exponentials.",
        examples: &[("torch.logaddexp(torch.tensor([1.0]), torch.tensor([2.0]))", "tensor([2.3133])")],
        forward: Forward::Elementwise(&opcodes::LOGADDEXP, Rule::FloatOnly("logaddexp_cpu")),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::LOGADDEXP),
        ..BINARY
    },
    Entry {
        name: "copysign",
        signature: "(input: Tensor, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "`input` with the sign of `other`.",
        examples: &[(
            "torch.copysign(torch.tensor([1.0, -2.0]), torch.tensor([-1.0, 1.0]))",
            "tensor([-1.,  2.])"
        )],
        forward: Forward::Elementwise(&opcodes::COPYSIGN, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::COPYSIGN),
        ..BINARY
    },
    Entry {
        name: "xlogy",
        summary: "`input * log(other)`, 0 where `input` is 0.",
        examples: &[(
            "torch.xlogy(torch.tensor([0.0, 2.0]), torch.tensor([0.0, 2.0]))",
            "tensor([0.0000, 1.3863])"
        )],
        forward: Forward::Elementwise(&opcodes::XLOGY, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::XLOGY),
        ..BINARY
    },
    Entry {
        name: "gcd",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The greatest common divisor of each two ints.",
        examples: &[("torch.gcd(torch.tensor([12, 18]), torch.tensor([8, 27]))", "tensor([4, 9])")],
        forward: Forward::Elementwise(&opcodes::GCD, Rule::Integer("gcd_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "lcm",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The least common multiple of each two ints.",
        examples: &[("torch.lcm(torch.tensor([4, 6]), torch.tensor([6, 15]))", "tensor([12, 30])")],
        forward: Forward::Elementwise(&opcodes::LCM, Rule::Integer("lcm_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "nextafter",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "The next float from `input` in the direction of `other`.",
        examples: &[(
            "torch.nextafter(torch.tensor([1.0]), torch.tensor([2.0])) == 1 + torch.finfo(torch.float32).eps",
            "tensor([True])"
        )],
        forward: Forward::Chosen(|b| {
            let operands = [(&b.tensor(0)?.to_array()).into(), (&b.tensor(1)?.to_array()).into()];
            let opcode = match crate::tensor::promote::result_type(&operands) {
                DType::F16 => &opcodes::NEXTAFTER_HALF,
                DType::BF16 => &opcodes::NEXTAFTER_BRAIN,
                _ => &opcodes::NEXTAFTER,
            };
            Ok(Chosen::new(opcode, Rule::FloatOnly("nextafter_cpu"), [b.value(0), b.value(1)]))
        }),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..BINARY
    },
    Entry {
        name: "logaddexp2",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH,
        summary: "The logarithm to base 2 of the sum of two powers of 2.",
        examples: &[("torch.logaddexp2(torch.tensor([3.0]), torch.tensor([3.0]))", "tensor([4.])")],
        forward: Forward::Elementwise(&opcodes::LOGADDEXP2, Rule::FloatOnly("logaddexp2_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::LOGADDEXP2),
        ..BINARY
    },
    Entry {
        name: "ldexp",
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "`input` times 2 to the power of `other`.",
        examples: &[(
            "torch.ldexp(torch.tensor([1.0, 3.0]), torch.tensor([2, -1]))",
            "tensor([4.0000, 1.5000])"
        )],
        forward: Forward::Eager(ldexp),
        gradient: through!("LdexpBackward0", ldexp),
        ..BINARY
    },
    Entry {
        name: "frexp",
        signature: "(input: Tensor, *, out: Tensors | None = None) -> (mantissa, exponent)",
        on: METHOD | TORCH,
        summary: "Each float as a fraction from 1/2 to 1 and a power of 2.",
        examples: &[(
            "torch.tensor([1.0, 12.0]).frexp()",
            "torch.return_types.frexp(\nmantissa=tensor([0.5000, 0.7500]),\nexponent=tensor([1, 4], dtype=torch.int32))",
        )],
        forward: Forward::Eager(frexp),
        gradient: Gradient::Differentiable(&derivatives::special::FREXP),
        ..BINARY
    },
    Entry {
        name: "bitwise_and",
        aliases: &["__and__"],
        summary: "The bits set in both; of bools, and.",
        examples: &[("torch.tensor([6, 5]).bitwise_and(3)", "tensor([2, 1])")],
        forward: Forward::Elementwise(&opcodes::BITWISE_AND, Rule::Bitwise("bitwise_and_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "bitwise_or",
        aliases: &["__or__"],
        summary: "The bits set in either; of bools, or.",
        examples: &[("torch.tensor([6, 5]).bitwise_or(3)", "tensor([7, 7])")],
        forward: Forward::Elementwise(&opcodes::BITWISE_OR, Rule::Bitwise("bitwise_or_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "bitwise_xor",
        aliases: &["__xor__"],
        summary: "The bits set in one of the two; of bools, whether they differ.",
        examples: &[("torch.tensor([6, 5]).bitwise_xor(3)", "tensor([5, 6])")],
        forward: Forward::Elementwise(&opcodes::BITWISE_XOR, Rule::Bitwise("bitwise_xor_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "bitwise_left_shift",
        summary: "The bits moved up, as `<<`.",
        examples: &[("torch.tensor([1, 3]).bitwise_left_shift(2)", "tensor([ 4, 12])")],
        forward: Forward::Elementwise(&opcodes::SHIFT_LEFT, Rule::Integer("lshift_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "bitwise_right_shift",
        summary: "The bits moved down, as `>>`.",
        examples: &[("torch.tensor([8, -8]).bitwise_right_shift(2)", "tensor([ 2, -2])")],
        forward: Forward::Elementwise(&opcodes::SHIFT_RIGHT, Rule::Integer("rshift_cpu")),
        gradient: Gradient::NotDifferentiable,
        ..BINARY
    },
    Entry {
        name: "div",
        aliases: &["divide", "true_divide"],
        signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor",
        summary: "`input / other`, elementwise: always a float, unless it is rounded.",
        examples: &[
            ("torch.tensor([1, 2]).div(2)", "tensor([0.5000, 1.0000])"),
            ("torch.tensor([-3, 3]).div(2, rounding_mode='trunc')", "tensor([-1,  1])"),
        ],
        forward: Forward::Chosen(divide),
        gradient: Gradient::Differentiable(&derivatives::arithmetic::DIV),
        ..BINARY
    },
    Entry {
        name: "rsub",
        signature: "(input: Tensor, other: Tensor | Scalar, alpha: Scalar = 1) -> Tensor",
        on: TORCH,
        summary: "`other - alpha * input`, elementwise.",
        examples: &[("torch.rsub(torch.tensor([1, 2]), 10)", "tensor([9, 8])")],
        forward: Forward::Eager(|_, b| {
            let scaled = match b.value(2) {
                Value::Int(1) => b.value(0).clone(),
                alpha => apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[b.value(0), alpha])?,
            };
            apply::elementwise(&opcodes::SUB, Rule::Subtract, &[b.value(1), &scaled])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::RSUB),
        ..BINARY
    },
    Entry {
        name: "pow",
        summary: "`input ** exponent`, elementwise.",
        signature: "(input: Tensor | Scalar, exponent: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        examples: &[("torch.tensor([1, 2, 3]).pow(2)", "tensor([1, 4, 9])")],
        forward: Forward::Eager(|_, b| {
            operators::check_power(b.value(0), b.value(1))?;
            apply::elementwise(&opcodes::POW, Rule::Power, &[b.value(0), b.value(1)])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::POW),
        ..BINARY
    },
    Entry {
        name: "float_power",
        signature: "(input: Tensor | Scalar, exponent: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
        summary: "`input ** exponent` in float64.",
        examples: &[("torch.float_power(torch.tensor([1, 2]), 2)", "tensor([1., 4.], dtype=torch.float64)")],
        forward: Forward::Eager(|_, b| {
            let wide = |value: &Value| match value {
                Value::Tensor(tensor) => super::conversion::converted(tensor, DType::F64, false),
                other => Ok(other.clone()),
            };
            apply::elementwise(&opcodes::POW, Rule::Power, &[&wide(b.value(0))?, &wide(b.value(1))?])
        }),
        streams: true,
        gradient: Gradient::Composed(derivatives::composed::float_power),
        ..BINARY
    },
    Entry {
        name: "heaviside",
        signature: "(input: Tensor, values: Tensor, *, out: Tensor | None = None) -> Tensor",
        summary: "0 below zero, 1 above, and at zero what `values` says.",
        examples: &[(
            "torch.heaviside(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor([0.5]))",
            "tensor([0.0000, 0.5000, 1.0000])",
        )],
        forward: Forward::Eager(|_, b| {
            if b.tensor(0)?.array().dtype != b.tensor(1)?.array().dtype {
                return Err(Error::runtime(
                    "heaviside is not yet implemented for tensors with different dtypes.",
                ));
            }
            apply::elementwise(&opcodes::HEAVISIDE, Rule::Arithmetic, &[b.value(0), b.value(1)])
        }),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::arithmetic::FLAT),
        ..BINARY
    },
];

/// `input ± alpha * other`.
fn scaled(b: &Bindings, name: &str) -> Result<Chosen> {
    let (other, alpha) = if b.overload == 0 { (b.value(1), b.value(2)) } else { (b.value(2), b.value(1)) };
    let minus = name == "sub";
    let (opcode, rule) =
        if minus { (&opcodes::SUB, Rule::Subtract) } else { (&opcodes::ADD, Rule::Arithmetic) };
    if matches!(alpha, Value::Int(1)) {
        return Ok(Chosen::new(opcode, rule, [b.value(0), other]));
    }
    let scalar = crate::ops::arguments::scalar_of(alpha)?.unwrap_or(Scalar::Int(1));
    let is_float = |value: &Value| match value {
        Value::Tensor(tensor) => tensor.array().dtype.is_float(),
        Value::Float(_) => true,
        _ => false,
    };
    if matches!(scalar, Scalar::Float(_)) && !is_float(b.value(0)) && !is_float(other) {
        return Err(Error::runtime(
            "For integral input tensors, argument alpha must not be a floating point number.",
        ));
    }
    if minus {
        // Checked as a subtraction, computed as an addition of the negative.
        apply::check_rule(Rule::Subtract, &[b.value(0), other])?;
    }
    let alpha = scalar_value(match scalar {
        Scalar::Int(n) if minus => Scalar::Int(n.wrapping_neg()),
        Scalar::Float(x) if minus => Scalar::Float(-x),
        other => other,
    });
    Ok(Chosen::new(&opcodes::ADD_SCALED, Rule::Arithmetic, [b.value(0), other, &alpha]))
}

fn divide(b: &Bindings) -> Result<Chosen> {
    let (opcode, rule) = match b.value(2) {
        Value::None => (&opcodes::DIV, Rule::Float),
        Value::Str(mode) if &**mode == "floor" => (&opcodes::FLOOR_DIVIDE, Rule::Number("div_floor_cpu")),
        Value::Str(mode) if &**mode == "trunc" => (&opcodes::TRUNC_DIVIDE, Rule::Number("div_trunc_cpu")),
        other => {
            let text = if let Value::Str(text) = other { text.to_string() } else { other.describe() };
            return Err(Error::runtime(format!(
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{text}'"
            )));
        }
    };
    Ok(Chosen::new(opcode, rule, [b.value(0), b.value(1)]))
}

fn frexp(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    if !tensor.array().dtype.is_float() {
        return Err(Error::runtime("torch.frexp() only supports floating-point dtypes")
            .label(Place::Arg(0), b.value(0).describe()));
    }
    let part =
        |opcode| tensor_of(&apply::elementwise(opcode, Rule::Float, &[b.value(0)])?).map(|t| t.to_array());
    let exponent = cast::cast(&part(&opcodes::EXPONENT)?, DType::I32)?;
    Ok(pair(&FREXP, tensor, (part(&opcodes::MANTISSA)?, exponent)))
}

fn ldexp(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let mut ops = Composer(ctx);
    let power = ops.torch("pow", [&Value::Float(2.0), b.value(1)], &[])?;
    ops.mul(b.value(0), &power)
}
