//! Filling a tensor in place with random numbers.

use crate::entries;
use crate::error::{Error, Result};
use crate::kernels::random::{self, Generator};
use crate::ops::entries::random::{chance, check_chances, check_range, floats_only};
use crate::ops::generator;
use crate::ops::write;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::overlap;
use crate::tensor::promote::not_implemented;
use crate::value::entry::{Bindings, Category, Entry, Forward, METHOD};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const REFILL: Entry = Entry { on: METHOD, category: Category::Random, ..Entry::EMPTY };

/// Fails where a distribution of floats is to fill ints.
fn continuous(array: &Array, name: &str) -> Result<()> {
    if array.dtype.is_float() {
        return Ok(());
    }
    Err(Error::runtime(format!(
        "{name} distribution is a continuous probability distribution. dtype must be a floating point but you specified {}",
        crate::ops::attributes::native_name(array.dtype)
    )))
}

entries![
    Entry {
        name: "uniform_",
        signature: "(input: Tensor, from: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with numbers from `from` up to `to`, all equally likely.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.zeros(3).uniform_(-1, 1)",
            "tensor([-0.0075,  0.5364, -0.8230])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let (from, to) = (b.float(1)?, b.float(2)?);
            refill(ctx, b, |array, generator| uniform_between(array, generator, from, to))
        }),
        ..REFILL
    },
    Entry {
        name: "normal_",
        signature: "(input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with numbers of a normal distribution.",
        examples: &[("_ = torch.manual_seed(0); torch.zeros(2).normal_(5, 0.1)", "tensor([5.1541, 4.9707])")],
        forward: Forward::Eager(|ctx, b| {
            let (mean, std) = (b.float(1)?, b.float(2)?);
            refill(ctx, b, |array, generator| normal_with(array, generator, mean, std))
        }),
        ..REFILL
    },
    Entry {
        name: "exponential_",
        signature: "(input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with numbers of an exponential distribution.",
        examples: &[("_ = torch.manual_seed(0); torch.zeros(2).exponential_()", "tensor([3.5083, 1.2304])")],
        forward: Forward::Eager(|ctx, b| {
            let rate = b.float(1)?;
            refill(ctx, b, |array, generator| exponential(array, generator, rate))
        }),
        ..REFILL
    },
    Entry {
        name: "cauchy_",
        signature: "(input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with numbers of a Cauchy distribution.",
        examples: &[("_ = torch.manual_seed(0); torch.zeros(2).cauchy_()", "tensor([10.5977,  0.7648])")],
        forward: Forward::Eager(|ctx, b| {
            let (median, sigma) = (b.float(1)?, b.float(2)?);
            positive(sigma, "cauchy_", "sigma", "sigma")?;
            refill(ctx, b, |array, generator| {
                continuous(array, "Cauchy")?;
                random::each(array, &mut || {
                    (std::f64::consts::PI * (generator.double() - 0.5)).tan().mul_add(sigma, median)
                })
            })
        }),
        ..REFILL
    },
    Entry {
        name: "log_normal_",
        signature: "(input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with numbers whose logarithms are of a normal distribution.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.zeros(2).log_normal_(0, 1)",
            "tensor([4.6692, 0.7457])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let (mean, std) = (b.float(1)?, b.float(2)?);
            positive(std, "log_normal_", "std", "std")?;
            refill(ctx, b, |array, generator| {
                floats_only(array, "log_normal_cpu")?;
                random::each(array, &mut || generator.normal().mul_add(std, mean).exp())
            })
        }),
        ..REFILL
    },
    Entry {
        name: "geometric_",
        signature: "(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with counts of trials up to the first success of probability `p`.",
        examples: &[("_ = torch.manual_seed(0); torch.zeros(3).geometric_(0.3)", "tensor([1., 1., 3.])")],
        forward: Forward::Eager(|ctx, b| {
            let p = b.float(1)?;
            if !(p > 0.0 && p < 1.0) {
                return Err(Error::runtime(format!(
                    "geometric_ expects p to be in (0, 1), but got p={}",
                    short(p)
                )));
            }
            refill(ctx, b, |array, generator| {
                if array.dtype == DType::Bool {
                    return Err(not_implemented("geometric_cpu", DType::Bool));
                }
                random::each(array, &mut || (generator.double().ln() / (-p).ln_1p()).ceil())
            })
        }),
        ..REFILL
    },
    Entry {
        name: "bernoulli_",
        signature: "(input: Tensor, p: Tensor, *, generator: Generator | None = None) -> Tensor\n(input: Tensor, p: float = 0.5, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with ones of a probability, and zeros.",
        examples: &[("_ = torch.manual_seed(0); torch.zeros(4).bernoulli_()", "tensor([0., 0., 1., 0.])")],
        forward: Forward::Eager(|ctx, b| match b.overload {
            0 => {
                let chances = b.tensor(1)?.to_array();
                check_chances(&chances)?;
                refill(ctx, b, |array, generator| random::coins(array, generator, &chances))
            }
            _ => {
                let p = chance(b, 1)?;
                refill(ctx, b, |array, generator| coins_of(array, generator, p))
            }
        }),
        ..REFILL
    },
    Entry {
        name: "random_",
        signature: "(input: Tensor, *, generator: Generator | None = None) -> Tensor\n(input: Tensor, to: int, *, generator: Generator | None = None) -> Tensor\n(input: Tensor, from: int, to: int | None, *, generator: Generator | None = None) -> Tensor",
        summary: "Fills a tensor with ints from `from` up to `to`, or with any the dtype holds.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.zeros(3, dtype=torch.int64).random_(10)",
            "tensor([4, 9, 3])",
        )],
        forward: Forward::Eager(random_ints),
        ..REFILL
    },
];

/// Fills the first argument anew.
pub fn refill(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    fill: impl FnOnce(&Array, &mut Generator) -> Result<()>,
) -> Result<Value> {
    let target = b.tensor(0)?;
    let array = target.to_array();
    overlap::check_internal(&array).map_err(write::suggest_clone)?;
    if !array.is_meta() {
        generator::with(ctx, b, |generator| fill(&array, generator))?;
    }
    Ok(b.value(0).clone())
}

/// `uniform_`
pub fn uniform_between(array: &Array, generator: &mut Generator, from: f64, to: f64) -> Result<()> {
    floats_only(array, "check_uniform_bounds")?;
    if from > to {
        return Err(Error::runtime(format!(
            "uniform_ expects to return a [from, to) range, but found from={} > to={}",
            short(from),
            short(to)
        )));
    }
    random::uniform(array, generator, from, to)
}

/// `normal_`
pub fn normal_with(array: &Array, generator: &mut Generator, mean: f64, std: f64) -> Result<()> {
    if std < 0.0 {
        return Err(Error::runtime(format!("normal expects std >= 0.0, but found std {}", short(std))));
    }
    floats_only(array, "normal_kernel_cpu")?;
    random::normal(array, generator, mean, std)
}

/// Fills an array with exponentially distributed numbers.
pub fn exponential(array: &Array, generator: &mut Generator, rate: f64) -> Result<()> {
    positive(rate, "exponential_", "lambda", "lambda")?;
    if !array.dtype.is_float() {
        return Err(Error::runtime(format!(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified {}",
            array.dtype.scalar_type()
        )));
    }
    random::each(array, &mut || -1.0 / rate * (-generator.double()).ln_1p())
}

/// Fills an array with ones, each with a probability, and zeros.
pub fn coins_of(array: &Array, generator: &mut Generator, p: f64) -> Result<()> {
    random::each(array, &mut || f64::from(u8::from(generator.double() < p)))
}

fn positive(value: f64, op: &str, name: &str, shown: &str) -> Result<()> {
    if value > 0.0 {
        return Ok(());
    }
    Err(Error::runtime(format!("{op} expects {name} > 0.0, but found {shown}={}", short(value))))
}

/// A number as C++ streams print it: six digits.
pub fn short(value: f64) -> String {
    crate::number::general(value, 6)
}

/// Ints from `low` up to `high`. Wide ranges take two words a number.
pub fn between(array: &Array, generator: &mut Generator, low: i64, high: i64) -> Result<()> {
    let range = high.wrapping_sub(low) as u64;
    if range == 0 {
        return Err(Error::runtime("random_ expects 'from' to be less than 'to'"));
    }
    let wide = range >= 1 << 28;
    random::ints(array, &mut || {
        let drawn = if wide { generator.bits64() } else { u64::from(generator.bits32()) };
        ((drawn % range) as i64).wrapping_add(low)
    })
}

fn random_ints(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let dtype = b.tensor(0)?.array().dtype;
    let (low, high) = match b.overload {
        0 => return refill(ctx, b, any_ints),
        1 => (0, b.int(1)?),
        _ if !b.given(2) => (b.int(1)?, i64::MAX),
        _ => (b.int(1)?, b.int(2)?),
    };
    if b.overload == 2 && !b.given(2) {
        // Without an end, up to the greatest number the dtype counts to.
        if low == i64::MIN {
            return refill(ctx, b, |array, generator| random::ints(array, &mut || generator.bits64() as i64));
        }
        let most = greatest(dtype);
        return refill(ctx, b, |array, generator| between(array, generator, low, most.wrapping_add(1)));
    }
    check_range(low, high, dtype)?;
    refill(ctx, b, |array, generator| between(array, generator, low, high))
}

/// The greatest int a dtype counts to without gaps.
pub fn greatest(dtype: DType) -> i64 {
    match dtype {
        DType::Bool => 1,
        DType::U8 => 255,
        DType::I8 => 127,
        DType::I16 => 32767,
        DType::I32 => i64::from(i32::MAX),
        DType::I64 => i64::MAX,
        DType::F16 => 1 << 11,
        DType::BF16 => 1 << 8,
        DType::F32 => 1 << 24,
        DType::F64 => 1 << 53,
    }
}

/// Any int the dtype counts to, from 0.
fn any_ints(array: &Array, generator: &mut Generator) -> Result<()> {
    let range = greatest(array.dtype) as u64 + 1;
    let wide = matches!(array.dtype, DType::I64 | DType::F64);
    random::ints(array, &mut || {
        let drawn = if wide { generator.bits64() } else { u64::from(generator.bits32()) };
        (drawn % range) as i64
    })
}
