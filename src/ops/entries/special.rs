//! Special functions, elementwise: `torch.special`.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::ops::apply;
use crate::ops::compose::Composer;
use crate::ops::derivatives;
use crate::tensor::promote::{self, Rule};
use crate::through;
use crate::value::entry::{Bindings, Category, Entry, Forward, Gradient, IN_PLACE, METHOD, SPECIAL, TORCH};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub(super) const SPECIAL_UNARY: Entry = Entry {
    signature: "(input: Tensor, *, out: Tensor | None = None) -> Tensor",
    on: SPECIAL,
    category: Category::Elementwise,
    gradient: Gradient::Todo("gradients are not written yet"),
    ..Entry::EMPTY
};

#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const SPECIAL_BINARY: Entry = Entry {
    signature: "(input: Tensor | Scalar, other: Tensor | Scalar, *, out: Tensor | None = None) -> Tensor",
    ..SPECIAL_UNARY
};

entries![
    Entry {
        name: "i0",
        on: METHOD | TORCH | SPECIAL | IN_PLACE,
        summary: "The modified Bessel function of the first kind of order 0.",
        examples: &[("torch.i0(torch.tensor([0.0, 1.0]))", "tensor([1.0000, 1.2661])")],
        forward: Forward::Elementwise(&opcodes::I0, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::I0),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "i0e",
        summary: "The modified Bessel function of order 0, scaled by exp(-|x|).",
        examples: &[("torch.special.i0e(torch.tensor([0.0, 1.0]))", "tensor([1.0000, 0.4658])")],
        forward: Forward::Elementwise(&opcodes::I0E, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::I0E),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "i1",
        summary: "The modified Bessel function of the first kind of order 1.",
        examples: &[("torch.special.i1(torch.tensor([0.0, 1.0]))", "tensor([0.0000, 0.5652])")],
        forward: Forward::Elementwise(&opcodes::I1, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::I1),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "modified_bessel_i0",
        summary: "The modified Bessel function of the first kind of order 0, another name of `i0`.",
        examples: &[("torch.special.modified_bessel_i0(torch.tensor([1.0]))", "tensor([1.2661])")],
        forward: Forward::Elementwise(&opcodes::I0, Rule::WideFloat("modified_bessel_i0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "modified_bessel_i1",
        summary: "The modified Bessel function of the first kind of order 1, another name of `i1`.",
        examples: &[("torch.special.modified_bessel_i1(torch.tensor([1.0]))", "tensor([0.5652])")],
        forward: Forward::Elementwise(&opcodes::I1, Rule::WideFloat("modified_bessel_i1_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "modified_bessel_k0",
        summary: "The modified Bessel function of the second kind of order 0.",
        examples: &[("torch.special.modified_bessel_k0(torch.tensor([1.0]))", "tensor([0.4210])")],
        forward: Forward::Elementwise(&opcodes::K0, Rule::WideFloat("modified_bessel_k0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "modified_bessel_k1",
        summary: "The modified Bessel function of the second kind of order 1.",
        examples: &[("torch.special.modified_bessel_k1(torch.tensor([1.0]))", "tensor([0.6019])")],
        forward: Forward::Elementwise(&opcodes::K1, Rule::WideFloat("modified_bessel_k1_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "scaled_modified_bessel_k0",
        summary: "The modified Bessel function of the second kind of order 0, scaled by exp(x).",
        examples: &[("torch.special.scaled_modified_bessel_k0(torch.tensor([1.0]))", "tensor([1.1445])")],
        forward: Forward::Elementwise(&opcodes::K0E, Rule::WideFloat("scaled_modified_bessel_k0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "scaled_modified_bessel_k1",
        summary: "The modified Bessel function of the second kind of order 1, scaled by exp(x).",
        examples: &[("torch.special.scaled_modified_bessel_k1(torch.tensor([1.0]))", "tensor([1.6362])")],
        forward: Forward::Elementwise(&opcodes::K1E, Rule::WideFloat("scaled_modified_bessel_k1_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "i1e",
        summary: "The modified Bessel function of order 1, scaled by exp(-|x|).",
        examples: &[("torch.special.i1e(torch.tensor([0.0, 1.0]))", "tensor([0.0000, 0.2079])")],
        forward: Forward::Elementwise(&opcodes::I1E, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::I1E),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "bessel_j0",
        summary: "The Bessel function of the first kind of order 0.",
        examples: &[("torch.special.bessel_j0(torch.tensor([0.0, 1.0]))", "tensor([1.0000, 0.7652])")],
        forward: Forward::Elementwise(&opcodes::J0, Rule::WideFloat("bessel_j0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "bessel_j1",
        summary: "The Bessel function of the first kind of order 1.",
        examples: &[("torch.special.bessel_j1(torch.tensor([0.0, 1.0]))", "tensor([0.0000, 0.4401])")],
        forward: Forward::Elementwise(&opcodes::J1, Rule::WideFloat("bessel_j1_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "bessel_y0",
        summary: "The Bessel function of the second kind of order 0.",
        examples: &[("torch.special.bessel_y0(torch.tensor([1.0, 2.0]))", "tensor([0.0883, 0.5104])")],
        forward: Forward::Elementwise(&opcodes::Y0, Rule::WideFloat("bessel_y0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "bessel_y1",
        summary: "The Bessel function of the second kind of order 1.",
        examples: &[("torch.special.bessel_y1(torch.tensor([1.0, 2.0]))", "tensor([-0.7812, -0.1070])")],
        forward: Forward::Elementwise(&opcodes::Y1, Rule::WideFloat("bessel_y1_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "spherical_bessel_j0",
        summary: "The spherical Bessel function of the first kind of order 0: sin(x) / x.",
        examples: &[(
            "torch.special.spherical_bessel_j0(torch.tensor([0.0, 1.0]))",
            "tensor([1.0000, 0.8415])"
        )],
        forward: Forward::Elementwise(&opcodes::SPHERICAL_J0, Rule::WideFloat("spherical_bessel_j0_cpu")),
        gradient: Gradient::Todo("PyTorch has none either"),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "erfcx",
        summary: "The complementary error function, scaled by exp(x²).",
        examples: &[("torch.special.erfcx(torch.tensor([0.0, 10.0]))", "tensor([1.0000, 0.0561])")],
        forward: Forward::Elementwise(&opcodes::ERFCX, Rule::WideFloat("erfcx_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::ERFCX),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "entr",
        summary: "The entropy -x log(x) of each element; 0 at 0.",
        examples: &[("torch.special.entr(torch.tensor([0.0, 0.5]))", "tensor([0.0000, 0.3466])")],
        forward: Forward::Elementwise(&opcodes::ENTR, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::ENTR),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "ndtr",
        summary: "The distribution function of the standard normal distribution.",
        examples: &[("torch.special.ndtr(torch.tensor([0.0, 1.0]))", "tensor([0.5000, 0.8413])")],
        forward: Forward::Eager(ndtr),
        gradient: Gradient::Differentiable(&derivatives::special::NDTR),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "log_ndtr",
        summary: "The logarithm of the distribution function of the standard normal distribution.",
        examples: &[("torch.special.log_ndtr(torch.tensor([0.0, -10.0]))", "tensor([ -0.6931, -53.2313])")],
        forward: Forward::Elementwise(&opcodes::LOG_NDTR, Rule::WideFloat("log_ndtr_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::LOG_NDTR),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "ndtri",
        summary: "The place where the standard normal distribution reaches a share: the inverse of `ndtr`.",
        examples: &[("torch.special.ndtri(torch.tensor([0.5, 0.9]))", "tensor([0.0000, 1.2816])")],
        forward: Forward::Elementwise(&opcodes::NDTRI, Rule::WideFloat("ndtri_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::NDTRI),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "xlog1py",
        summary: "x log(1 + y), 0 where x is 0.",
        examples: &[("torch.special.xlog1py(torch.tensor([0.0, 2.0]), 1.0)", "tensor([0.0000, 1.3863])")],
        forward: Forward::Elementwise(&opcodes::XLOG1PY, Rule::Float),
        gradient: Gradient::Differentiable(&derivatives::special::XLOG1PY),
        ..SPECIAL_BINARY
    },
    Entry {
        name: "zeta",
        summary: "Hurwitz's zeta function: the sum of (q + k)^-x.",
        examples: &[("torch.special.zeta(torch.tensor([2.0, 4.0]), 1.0)", "tensor([1.6449, 1.0823])")],
        forward: Forward::Elementwise(&opcodes::ZETA, Rule::WideFloat("zeta_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::ZETA),
        ..SPECIAL_BINARY
    },
    Entry {
        name: "igamma",
        aliases: &["gammainc"],
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | SPECIAL | IN_PLACE,
        summary: "The regularized lower incomplete gamma function.",
        examples: &[("torch.igamma(torch.tensor([4.0]), torch.tensor([3.0]))", "tensor([0.3528])")],
        forward: Forward::Elementwise(&opcodes::IGAMMA, Rule::FloatOnly("igamma_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::IGAMMA),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "igammac",
        aliases: &["gammaincc"],
        signature: "(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | SPECIAL | IN_PLACE,
        summary: "The regularized upper incomplete gamma function.",
        examples: &[("torch.igammac(torch.tensor([4.0]), torch.tensor([3.0]))", "tensor([0.6472])")],
        forward: Forward::Elementwise(&opcodes::IGAMMAC, Rule::FloatOnly("igammac_cpu")),
        gradient: Gradient::Differentiable(&derivatives::special::IGAMMAC),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "polygamma",
        signature: "(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | IN_PLACE,
        summary: "The n-th derivative of the digamma function.",
        examples: &[("torch.tensor([1.0, 0.5]).polygamma(1)", "tensor([1.6449, 4.9348])")],
        forward: Forward::Eager(|_, b| polygamma(b.int(1)?, b.value(0))),
        gradient: Gradient::Differentiable(&derivatives::special::POLYGAMMA),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "polygamma",
        signature: "(n: int, input: Tensor, *, out: Tensor | None = None) -> Tensor",
        on: TORCH | SPECIAL,
        summary: "The n-th derivative of the digamma function.",
        examples: &[("torch.polygamma(1, torch.tensor([1.0, 0.5]))", "tensor([1.6449, 4.9348])")],
        forward: Forward::Eager(|_, b| polygamma(b.int(0)?, b.value(1))),
        gradient: Gradient::Differentiable(&derivatives::special::POLYGAMMA),
        ..SPECIAL_UNARY
    },
    Entry {
        name: "mvlgamma",
        aliases: &["multigammaln"],
        signature: "(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | SPECIAL | IN_PLACE,
        summary: "The logarithm of the multivariate gamma function of a dimension.",
        examples: &[("torch.mvlgamma(torch.tensor([2.0, 3.0]), 2)", "tensor([0.4516, 1.5502])")],
        forward: Forward::Eager(mvlgamma),
        gradient: through!("MvlgammaBackward0", mvlgamma),
        ..SPECIAL_UNARY
    },
];

/// `(1 + erf(x / √2)) / 2`, rounded after each step as PyTorch does it.
fn ndtr(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let mut ops = Composer(ctx);
    let scaled = ops.div(b.value(0), &Value::Float(std::f64::consts::SQRT_2))?;
    let error = ops.method("erf", [&scaled])?;
    let sum = ops.add(&error, &Value::Float(1.0))?;
    ops.mul(&sum, &Value::Float(0.5))
}

fn polygamma(n: i64, input: &Value) -> Result<Value> {
    if n < 0 {
        return Err(Error::runtime("polygamma(n, x) does not support negative n.")
            .label(Place::Arg(0), format!("{n}")));
    }
    if n == 0 {
        return apply::elementwise(&opcodes::DIGAMMA, Rule::Float, &[input]);
    }
    apply::elementwise(&opcodes::POLYGAMMA, Rule::Float, &[input, &Value::Float(n as f64)])
}

fn mvlgamma(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let (input, p) = (b.value(0), b.int(1)?);
    let dtype = b.tensor(0)?.array().dtype;
    if b.in_place.get() && !dtype.is_float() {
        let message = format!(
            "mvlgamma: result type {} can't be cast to the desired output type {}",
            dtype.scalar_type(),
            promote::default_dtype().scalar_type()
        );
        return Err(Error::runtime(message).label(Place::Arg(0), b.value(0).describe()));
    }
    if p < 1 {
        return Err(
            Error::runtime("p has to be greater than or equal to 1").label(Place::Arg(1), format!("{p}"))
        );
    }
    let mut ops = Composer(ctx);
    let scale = (p as f64) * (p as f64 - 1.0) / 4.0;
    let mut sum = Value::Float(scale * std::f64::consts::PI.ln());
    for j in 0..p {
        crate::budget::poll()?;
        let shifted = ops.sub(input, &Value::Float(j as f64 / 2.0))?;
        let term = ops.method("lgamma", [&shifted])?;
        sum = ops.add(&term, &sum)?;
    }
    Ok(sum)
}
