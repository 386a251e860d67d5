//! Random tensors: fresh ones, and tensors filled with random numbers in place.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::random::{self, Generator};
use crate::kernels::reduce;
use crate::ops::apply;
use crate::ops::factory::{Options, shape_of};
use crate::ops::generator;
use crate::ops::results::alike;
use crate::ops::write;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_all;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::overlap;
use crate::tensor::promote::{Rule, not_implemented};
use crate::tensor::scalar::Scalar;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const DRAW: Entry = Entry { on: TORCH | BARE, category: Category::Random, ..Entry::EMPTY };

#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const REFILL: Entry = Entry { on: METHOD, ..DRAW };

/// A signature: the parameters, then those that all functions that make random tensors take.
macro_rules! drawing {
    ($params:literal) => {
        concat!(
            "(",
            $params,
            ", *, generator: Generator | None = None, out: Tensor | None = None, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor"
        )
    };
    (like $params:literal) => {
        concat!(
            "(",
            $params,
            ", *, generator: Generator | None = None, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False, memory_format: any = None) -> Tensor"
        )
    };
}

entries![
    Entry {
        name: "rand",
        signature: drawing!("*size: int"),
        summary: "Numbers from 0 up to 1, all equally likely.",
        examples: &[("_ = torch.manual_seed(0); torch.rand(3)", "tensor([0.4963, 0.7682, 0.0885])")],
        forward: Forward::Eager(|ctx, b| sized(ctx, b, uniform)),
        ..DRAW
    },
    Entry {
        name: "randn",
        signature: drawing!("*size: int"),
        summary: "Numbers of the normal distribution with mean 0 and deviation 1.",
        examples: &[("_ = torch.manual_seed(0); torch.randn(3)", "tensor([ 1.5410, -0.2934, -2.1788])")],
        forward: Forward::Eager(|ctx, b| sized(ctx, b, normal)),
        ..DRAW
    },
    Entry {
        name: "randint",
        signature: concat!(
            drawing!("high: int, size: ints"),
            "\n",
            drawing!("low: int, high: int, size: ints")
        ),
        summary: "Ints from `low` (or 0) up to `high`, which is not among them.",
        examples: &[("_ = torch.manual_seed(0); torch.randint(10, (5,))", "tensor([4, 9, 3, 0, 3])")],
        forward: Forward::Eager(|ctx, b| {
            let options = Options::of(b)?;
            let (low, high, at) = bounds(b, 0)?;
            let layout = Layout::contiguous(&shape_of(&b.ints(at)?, "randint")?)?;
            let dtype = options.dtype.unwrap_or(DType::I64);
            check_range(low, high, dtype)?;
            fresh(ctx, b, &options, layout, dtype, |array, generator| between(array, generator, low, high))
        }),
        ..DRAW
    },
    Entry {
        name: "randperm",
        signature: drawing!("n: int"),
        summary: "The ints below `n` in random order.",
        examples: &[("_ = torch.manual_seed(0); torch.randperm(5)", "tensor([4, 0, 1, 3, 2])")],
        forward: Forward::Eager(permutation),
        ..DRAW
    },
    Entry {
        name: "rand_like",
        signature: drawing!(like "input: Tensor"),
        on: TORCH,
        summary: "`rand` in the shape, dtype and memory order of a tensor.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.rand_like(torch.zeros(3))",
            "tensor([0.4963, 0.7682, 0.0885])",
        )],
        forward: Forward::Eager(|ctx, b| like(ctx, b, uniform)),
        ..DRAW
    },
    Entry {
        name: "randn_like",
        signature: drawing!(like "input: Tensor"),
        on: TORCH,
        summary: "`randn` in the shape, dtype and memory order of a tensor.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.randn_like(torch.zeros(3))",
            "tensor([ 1.5410, -0.2934, -2.1788])",
        )],
        forward: Forward::Eager(|ctx, b| like(ctx, b, normal)),
        ..DRAW
    },
    Entry {
        name: "randint_like",
        signature: concat!(
            drawing!(like "input: Tensor, high: int"),
            "\n",
            drawing!(like "input: Tensor, low: int, high: int")
        ),
        on: TORCH,
        summary: "`randint` in the shape, dtype and memory order of a tensor.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.randint_like(torch.zeros(3), 10)",
            "tensor([4., 9., 3.])"
        )],
        forward: Forward::Eager(|ctx, b| {
            let (low, high, _) = bounds(b, 1)?;
            let dtype = Options::of(b)?.dtype.unwrap_or(b.tensor(0)?.array().dtype);
            check_range(low, high, dtype)?;
            like(ctx, b, |array, generator| between(array, generator, low, high))
        }),
        ..DRAW
    },
    Entry {
        name: "normal",
        signature: concat!(
            "(mean: Tensor, std: Tensor, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor\n",
            "(mean: Tensor, std: float = 1.0, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor\n",
            "(mean: float, std: Tensor, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor\n",
            drawing!("mean: float, std: float, size: ints")
        ),
        on: TORCH,
        summary: "Numbers of normal distributions: of the means and deviations given.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.normal(torch.tensor([0.0, 100.0]), 1.0)",
            "tensor([ 1.5410, 99.7066])",
        )],
        forward: Forward::Eager(normal_of),
        ..DRAW
    },
    Entry {
        name: "bernoulli",
        signature: "(input: Tensor, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor\n(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor",
        on: TORCH | METHOD,
        summary: "Ones with the probabilities given, and zeros.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.bernoulli(torch.tensor([0.0, 0.5, 1.0]))",
            "tensor([0., 0., 1.])",
        )],
        forward: Forward::Eager(|ctx, b| {
            let array = b.tensor(0)?.to_array();
            let layout = preserved_layout(&array.layout);
            let result = match b.overload {
                0 => {
                    check_chances(&array)?;
                    filled(ctx, b, layout, array.dtype, |result, generator| {
                        random::coins(result, generator, &array)
                    })?
                }
                _ => {
                    let p = chance(b, 1)?;
                    filled(ctx, b, layout, array.dtype, |result, generator| coins_of(result, generator, p))?
                }
            };
            Ok(alike(b.tensor(0)?, result))
        }),
        ..DRAW
    },
    Entry {
        name: "multinomial",
        signature: "(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor",
        on: TORCH | METHOD,
        summary: "Places drawn by the weights in each row: each place once, or put back after each draw.",
        examples: &[(
            "_ = torch.manual_seed(0); torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 5, replacement=True)",
            "tensor([2, 2, 2, 2, 2])",
        )],
        forward: Forward::Eager(multinomial),
        ..DRAW
    },
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
                floats_only(array, "cauchy_cpu")?;
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
    Entry {
        name: "manual_seed",
        signature: "(seed: any) -> Generator",
        on: TORCH,
        summary: "Seeds the session's random numbers: the same seed gives the same numbers as PyTorch.",
        examples: &[("_ = torch.manual_seed(1); torch.rand(2)", "tensor([0.7576, 0.2793])")],
        forward: Forward::Eager(|ctx, b| {
            let seed = generator::seed_of(b.value(0))?;
            ctx.state().generator.reseed(seed);
            Ok(Value::object(generator::GeneratorObject::Session))
        }),
        ..DRAW
    },
    Entry {
        name: "seed",
        signature: "() -> int",
        on: TORCH,
        summary: "Seeds the session's random numbers with what nobody can foresee, which it gives.",
        examples: &[("torch.seed() == torch.initial_seed()", "True")],
        forward: Forward::Eager(generator::seed_anew),
        ..DRAW
    },
    Entry {
        name: "initial_seed",
        signature: "() -> int",
        on: TORCH,
        summary: "The seed the session's random numbers began with.",
        examples: &[("_ = torch.manual_seed(3); torch.initial_seed()", "3")],
        forward: Forward::Eager(generator::initial_seed),
        ..DRAW
    },
    Entry {
        name: "get_rng_state",
        signature: "() -> Tensor",
        on: TORCH,
        summary: "The state of the session's random numbers as bytes.",
        examples: &[("torch.get_rng_state().shape", "torch.Size([5056])")],
        forward: Forward::Eager(generator::state),
        ..DRAW
    },
    Entry {
        name: "set_rng_state",
        signature: "(new_state: Tensor) -> None",
        on: TORCH,
        summary: "Goes back to a state that `get_rng_state` gave.",
        examples: &[(
            "s = torch.get_rng_state(); a = torch.rand(2); torch.set_rng_state(s); a.equal(torch.rand(2))",
            "True",
        )],
        forward: Forward::Eager(|ctx, b| {
            generator::restore(ctx, b, b.tensor(0)?)?;
            Ok(Value::None)
        }),
        ..DRAW
    },
    Entry {
        name: "Generator",
        signature: "(device: device | None = None) -> Generator",
        on: TORCH,
        summary: "A generator of random numbers beside the session's own.",
        examples: &[(
            "g = torch.Generator().manual_seed(0); torch.rand(2, generator=g)",
            "tensor([0.4963, 0.7682])",
        )],
        forward: Forward::Eager(|_, b| {
            b.device(0)?;
            Ok(Value::object(generator::GeneratorObject::fresh()))
        }),
        ..DRAW
    },
];

/// Writes random numbers into an array with data.
type Fill = fn(&Array, &mut Generator) -> Result<()>;

/// A fresh array, filled; without data where there is to be none.
pub fn filled(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    layout: Layout,
    dtype: DType,
    fill: impl FnOnce(&Array, &mut Generator) -> Result<()>,
) -> Result<Array> {
    let meta = b.values.iter().any(|value| matches!(value, Value::Tensor(t) if t.array().is_meta()));
    if meta || crate::tensor::storage::Shadowing::is_on() {
        return Array::meta(layout, dtype);
    }
    let array = Array::uninit_like(layout, dtype)?;
    generator::with(ctx, b, |generator| fill(&array, generator))?;
    Ok(array)
}

fn fresh(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    options: &Options,
    layout: Layout,
    dtype: DType,
    fill: impl FnOnce(&Array, &mut Generator) -> Result<()>,
) -> Result<Value> {
    let array = match options.is_meta() {
        true => Array::meta(layout, dtype)?,
        false => filled(ctx, b, layout, dtype, fill)?,
    };
    options.tensor(array)
}

/// A fresh tensor of the sizes given.
fn sized(ctx: &mut dyn Ctx, b: &Bindings, fill: Fill) -> Result<Value> {
    let options = Options::of(b)?;
    let layout = Layout::contiguous(&shape_of(&b.ints(0)?, b.entry.name)?)?;
    fresh(ctx, b, &options, layout, options.dtype(), fill)
}

/// A fresh tensor in the shape and memory order of the first argument.
fn like(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    fill: impl FnOnce(&Array, &mut Generator) -> Result<()>,
) -> Result<Value> {
    let options = Options::of(b)?;
    let array = b.tensor(0)?.to_array();
    let dtype = options.dtype.unwrap_or(array.dtype);
    fresh(ctx, b, &options, preserved_layout(&array.layout), dtype, fill)
}

/// Fills the first argument anew.
pub fn refill(
    ctx: &mut dyn Ctx,
    b: &Bindings,
    fill: impl FnOnce(&Array, &mut Generator) -> Result<()>,
) -> Result<Value> {
    let target = b.tensor(0)?;
    write::check_leaf(target)?;
    let array = target.to_array();
    overlap::check_internal(&array).map_err(write::suggest_clone)?;
    if !array.is_meta() {
        generator::with(ctx, b, |generator| fill(&array, generator))?;
    }
    Ok(b.value(0).clone())
}

fn floats_only(array: &Array, kernel: &str) -> Result<()> {
    if array.dtype.is_float() { Ok(()) } else { Err(not_implemented(kernel, array.dtype)) }
}

fn uniform(array: &Array, generator: &mut Generator) -> Result<()> {
    uniform_between(array, generator, 0.0, 1.0)
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

fn normal(array: &Array, generator: &mut Generator) -> Result<()> {
    normal_with(array, generator, 0.0, 1.0)
}

/// `normal_`
pub fn normal_with(array: &Array, generator: &mut Generator, mean: f64, std: f64) -> Result<()> {
    if std < 0.0 {
        return Err(Error::runtime(format!("normal expects std >= 0.0, but found std {}", short(std))));
    }
    floats_only(array, "normal_kernel_cpu")?;
    random::normal(array, generator, mean, std)
}

fn exponential(array: &Array, generator: &mut Generator, rate: f64) -> Result<()> {
    positive(rate, "exponential_", "lambda", "lambda")?;
    if !array.dtype.is_float() {
        return Err(Error::runtime(format!(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified {}",
            array.dtype.scalar_type()
        )));
    }
    random::each(array, &mut || -1.0 / rate * (-generator.double()).ln_1p())
}

fn coins_of(array: &Array, generator: &mut Generator, p: f64) -> Result<()> {
    random::each(array, &mut || f64::from(u8::from(generator.double() < p)))
}

/// A probability.
fn chance(b: &Bindings, n: usize) -> Result<f64> {
    let p = b.float(n)?;
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    let error = Error::runtime(format!("bernoulli_ expects p to be in [0, 1], but got p={}", short(p)));
    Err(error.label(Place::Arg(n), "not from 0 to 1"))
}

fn check_chances(chances: &Array) -> Result<()> {
    floats_only(chances, "bernoulli_tensor_cpu_p_")
}

fn positive(value: f64, op: &str, name: &str, shown: &str) -> Result<()> {
    if value > 0.0 {
        return Ok(());
    }
    Err(Error::runtime(format!("{op} expects {name} > 0.0, but found {shown}={}", short(value))))
}

/// A number as C++ streams print it: six digits.
fn short(value: f64) -> String {
    crate::number::general(value, 6)
}

/// `low` and `high` of `randint`, and which parameter comes after them.
fn bounds(b: &Bindings, at: usize) -> Result<(i64, i64, usize)> {
    if b.overload == 0 { Ok((0, b.int(at)?, at + 1)) } else { Ok((b.int(at)?, b.int(at + 1)?, at + 2)) }
}

/// Fails where there is no int from `low` up to `high`, or where the dtype does not hold them all.
fn check_range(low: i64, high: i64, dtype: DType) -> Result<()> {
    if low >= high {
        return Err(Error::runtime(format!(
            "random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )));
    }
    let (least, most, name) = match dtype {
        DType::Bool => (0, 1, "bool"),
        DType::U8 => (0, 255, "unsigned char"),
        DType::I8 => (-128, 127, "signed char"),
        DType::I16 => (-32768, 32767, "short"),
        DType::I32 => (i64::from(i32::MIN), i64::from(i32::MAX), "int"),
        _ => return Ok(()),
    };
    let outside = |n: i64| !(least..=most).contains(&n);
    match (outside(low), outside(high.saturating_sub(1))) {
        (true, _) => Err(Error::runtime(format!("from is out of bounds for {name}"))),
        (_, true) => Err(Error::runtime(format!("to - 1 is out of bounds for {name}"))),
        _ => Ok(()),
    }
}

/// Ints from `low` up to `high`. Wide ranges take two words a number.
fn between(array: &Array, generator: &mut Generator, low: i64, high: i64) -> Result<()> {
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
fn greatest(dtype: DType) -> i64 {
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

fn permutation(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let dtype = options.dtype.unwrap_or(DType::I64);
    let count = shape_of(&[b.int(0)?], "randperm")?[0];
    if dtype == DType::Bool {
        return Err(not_implemented("randperm", dtype));
    }
    if count as i64 - 1 > greatest(dtype) {
        return Err(Error::runtime(format!(
            "value cannot be converted to type {} without overflow",
            match dtype {
                DType::U8 => "uint8_t",
                DType::I8 => "int8_t",
                DType::I16 => "int16_t",
                _ => dtype.name(),
            }
        )));
    }
    if options.is_meta() {
        return options.tensor(Array::meta(Layout::contiguous(&[count])?, dtype)?);
    }
    let array = generator::with(ctx, b, |generator| random::permutation(count, dtype, generator))?;
    options.tensor(array)
}

/// `torch.normal`
fn normal_of(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    if b.overload == 3 {
        let options = Options::of(b)?;
        let (mean, std) = (b.float(0)?, b.float(1)?);
        let layout = Layout::contiguous(&shape_of(&b.ints(2)?, "normal")?)?;
        return fresh(ctx, b, &options, layout, options.dtype(), |array, generator| {
            normal_with(array, generator, mean, std)
        });
    }
    let tensors: Vec<Array> = [0, 1].iter().filter_map(|&n| b.tensor(n).ok().map(Tensor::to_array)).collect();
    let shape = broadcast_all(tensors.iter().map(Array::shape))?;
    let layout = Layout::contiguous(&shape)?;
    let dtype = tensors[0].dtype;
    let std = match b.overload {
        1 => b.float(1)?,
        _ => {
            let deviations = b.tensor(1)?.to_array();
            if deviations.numel() > 0 && !deviations.is_meta() {
                let least = reduce::amin("min", &deviations, None, false)?.item()?.to_f64();
                if least < 0.0 {
                    return Err(Error::runtime("normal expects all elements of std >= 0.0"));
                }
            }
            1.0
        }
    };
    let array = filled(ctx, b, layout, dtype, |array, generator| normal_with(array, generator, 0.0, std))?;
    let mut result: Value = Tensor::new(array).into();
    if b.overload != 1 {
        result = apply::elementwise(&opcodes::MUL, Rule::Arithmetic, &[&result, b.value(1)])?;
    }
    apply::elementwise(&opcodes::ADD, Rule::Arithmetic, &[&result, b.value(0)])
}

fn multinomial(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let weights = b.tensor(0)?.to_array();
    let (count, back) = (b.int(1)?, b.bool(2)?);
    let refuse = |message: &str| Err(Error::runtime(message));
    if weights.ndim() == 0 || weights.ndim() > 2 {
        return refuse("prob_dist must be 1 or 2 dim");
    }
    if !weights.dtype.is_float() {
        return refuse(&format!(
            "multinomial only supports floating-point dtypes for input, got: {}",
            weights.dtype.scalar_type()
        ));
    }
    let Some(count) = usize::try_from(count).ok().filter(|&count| count > 0) else {
        return refuse("cannot sample n_sample <= 0 samples");
    };
    let last = weights.ndim() - 1;
    let columns = weights.shape()[last];
    if !back && count > columns {
        return refuse("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    }
    let shape: Vec<usize> = weights.shape()[..last].iter().copied().chain([count]).collect();
    if weights.is_meta() {
        return Ok(Tensor::new(Array::meta(Layout::contiguous(&shape)?, DType::I64)?).into());
    }
    if weights.numel() == 0 {
        return Ok(Tensor::new(Array::zeros(&shape, DType::I64)?).into());
    }
    if back && count > 1 {
        let weights = crate::kernels::copy::contiguous(&weights)?;
        let drawn = generator::with(ctx, b, |generator| random::draws(&weights, count, generator))?;
        return Ok(Tensor::new(drawn).into());
    }
    check_weights(&weights)?;
    // The weights divided by exponential numbers: the greatest are the draws.
    let layout = preserved_layout(&weights.layout);
    let races = filled(ctx, b, layout, weights.dtype, |array, generator| exponential(array, generator, 1.0))?;
    let races: Value = Tensor::new(races).into();
    let Value::Tensor(races) = apply::elementwise(&opcodes::DIV, Rule::Float, &[b.value(0), &races])? else {
        return refuse("a quotient of tensors is a tensor");
    };
    let drawn = match count {
        1 => reduce::argmax(&races.array(), Some(last), true)?,
        _ => crate::kernels::sort::topk(&races.array(), count, last, true)?.1,
    };
    Ok(Tensor::new(drawn).into())
}

fn check_weights(weights: &Array) -> Result<()> {
    let least = reduce::amin("min", weights, None, false)?.item()?.to_f64();
    let most = reduce::amax("max", weights, None, false)?.item()?.to_f64();
    if !(most < f64::INFINITY && least >= 0.0) {
        return Err(Error::runtime("probability tensor contains either `inf`, `nan` or element < 0"));
    }
    let sums = reduce::sum(weights, &[weights.ndim() - 1], false, None)?;
    if sums.scalars().any(|sum| sum == Scalar::Float(0.0)) {
        return Err(Error::runtime("invalid multinomial distribution (sum of probabilities <= 0)"));
    }
    Ok(())
}
