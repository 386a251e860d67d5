//! Orthogonal polynomials, elementwise, by their recurrences.

use super::special::SPECIAL_UNARY;
use crate::entries;
use crate::error::Result;
use crate::ops::compose::Composer;
use crate::tensor::dtype::DType;
use crate::tensor::promote;
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const POLYNOMIAL: Entry = Entry {
    signature: "(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor",
    gradient: Gradient::Todo("PyTorch has none either"),
    ..SPECIAL_UNARY
};

entries![
    Entry {
        name: "chebyshev_polynomial_t",
        summary: "Chebyshev's polynomial of the first kind of a degree.",
        examples: &[(
            "torch.special.chebyshev_polynomial_t(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-1., 26.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [0.0, 1.0], |_| [2.0, 0.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "chebyshev_polynomial_u",
        summary: "Chebyshev's polynomial of the second kind of a degree.",
        examples: &[(
            "torch.special.chebyshev_polynomial_u(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-1., 56.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [0.0, 2.0], |_| [2.0, 0.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "chebyshev_polynomial_v",
        summary: "Chebyshev's polynomial of the third kind of a degree.",
        examples: &[(
            "torch.special.chebyshev_polynomial_v(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-1., 41.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [-1.0, 2.0], |_| [2.0, 0.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "chebyshev_polynomial_w",
        summary: "Chebyshev's polynomial of the fourth kind of a degree.",
        examples: &[(
            "torch.special.chebyshev_polynomial_w(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-1., 71.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [1.0, 2.0], |_| [2.0, 0.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "shifted_chebyshev_polynomial_t",
        summary: "Chebyshev's polynomial of the first kind, of 2x - 1.",
        examples: &[(
            "torch.special.shifted_chebyshev_polynomial_t(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-0., 99.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [-1.0, 2.0], |_| [4.0, -2.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "shifted_chebyshev_polynomial_u",
        summary: "Chebyshev's polynomial of the second kind, of 2x - 1.",
        examples: &[(
            "torch.special.shifted_chebyshev_polynomial_u(torch.tensor([0.5, 2.0]), 3)",
            "tensor([ -0., 204.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [-2.0, 4.0], |_| [4.0, -2.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "shifted_chebyshev_polynomial_v",
        summary: "Chebyshev's polynomial of the third kind, of 2x - 1.",
        examples: &[(
            "torch.special.shifted_chebyshev_polynomial_v(torch.tensor([0.5, 2.0]), 3)",
            "tensor([  1., 169.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [-3.0, 4.0], |_| [4.0, -2.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "shifted_chebyshev_polynomial_w",
        summary: "Chebyshev's polynomial of the fourth kind, of 2x - 1.",
        examples: &[(
            "torch.special.shifted_chebyshev_polynomial_w(torch.tensor([0.5, 2.0]), 3)",
            "tensor([ -1., 239.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [-1.0, 4.0], |_| [4.0, -2.0, -1.0, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "hermite_polynomial_h",
        summary: "Hermite's polynomial of a degree, as physicists have it.",
        examples: &[(
            "torch.special.hermite_polynomial_h(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-5., 40.])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [0.0, 2.0], |n| [2.0, 0.0, -2.0 * n, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "hermite_polynomial_he",
        summary: "Hermite's polynomial of a degree, as statisticians have it.",
        examples: &[(
            "torch.special.hermite_polynomial_he(torch.tensor([0.5, 2.0]), 3)",
            "tensor([-1.3750,  2.0000])"
        )],
        forward: Forward::Eager(|ctx, b| polynomial(ctx, b, [0.0, 1.0], |n| [1.0, 0.0, -n, 1.0])),
        ..POLYNOMIAL
    },
    Entry {
        name: "laguerre_polynomial_l",
        summary: "Laguerre's polynomial of a degree.",
        examples: &[(
            "torch.special.laguerre_polynomial_l(torch.tensor([0.5, 2.0]), 2)",
            "tensor([ 0.1250, -1.0000])"
        )],
        forward: Forward::Eager(|ctx, b| {
            polynomial(ctx, b, [1.0, -1.0], |n| [-1.0, 2.0 * n + 1.0, -n, n + 1.0])
        }),
        ..POLYNOMIAL
    },
    Entry {
        name: "legendre_polynomial_p",
        summary: "Legendre's polynomial of a degree.",
        examples: &[(
            "torch.special.legendre_polynomial_p(torch.tensor([0.5, 2.0]), 2)",
            "tensor([-0.1250,  5.5000])"
        )],
        forward: Forward::Eager(|ctx, b| {
            polynomial(ctx, b, [0.0, 1.0], |n| [2.0 * n + 1.0, 0.0, -n, n + 1.0])
        }),
        ..POLYNOMIAL
    },
];

/// An orthogonal polynomial by its recurrence: the first is 1, the second `start[0] + start[1] x`, and the one after the
/// n-th is `((r[0] x + r[1]) P(n) + r[2] P(n - 1)) / r[3]`.
fn polynomial(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    start: [f64; 2],
    recurrence: impl Fn(f64) -> [f64; 4],
) -> Result<Value> {
    let (x, n) = (b.value(0), b.int(1)?);
    let kernel = format!("{}_cpu", b.entry.name);
    if matches!(b.tensor(0)?.array().dtype, DType::F16 | DType::BF16) {
        return Err(promote::not_implemented(&kernel, b.tensor(0)?.array().dtype));
    }
    let mut ops = Composer(ctx);
    let line = |ops: &mut Composer<'_>, [constant, slope]: [f64; 2]| {
        let scaled = ops.mul(x, &Value::Float(slope))?;
        // A zero that is added would turn -0 into 0.
        if constant == 0.0 { Ok(scaled) } else { ops.add(&scaled, &Value::Float(constant)) }
    };
    let zero = ops.mul(x, &Value::Float(0.0))?;
    let mut before = ops.add(&zero, &Value::Float(if n < 0 { 0.0 } else { 1.0 }))?;
    if n <= 0 {
        return Ok(before);
    }
    let mut current = line(&mut ops, start)?;
    for k in 1..n {
        crate::budget::poll()?;
        let [slope, constant, rest, divisor] = recurrence(k as f64);
        let factor = line(&mut ops, [constant, slope])?;
        let (high, low) = (ops.mul(&factor, &current)?, ops.mul(&before, &Value::Float(rest))?);
        let mut next = ops.add(&high, &low)?;
        if divisor != 1.0 {
            next = ops.div(&next, &Value::Float(divisor))?;
        }
        before = std::mem::replace(&mut current, next);
    }
    Ok(current)
}
