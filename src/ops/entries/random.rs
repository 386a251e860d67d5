//! Random tensors: fresh ones, and tensors filled with random numbers in place.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::kernels::elementwise::opcodes;
use crate::kernels::random::{self, Generator};
use crate::kernels::reduce;
use crate::ops::apply;
use crate::ops::entries::refilling::{
    between, coins_of, exponential, greatest, normal_with, short, uniform_between,
};
use crate::ops::factory::{Options, shape_of};
use crate::ops::generator;
use crate::ops::results::alike;
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_all;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::promote::{Rule, not_implemented};
use crate::tensor::scalar::Scalar;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const DRAW: Entry = Entry { on: TORCH | BARE, category: Category::Random, ..Entry::EMPTY };

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

/// Refuses a target that is not of a float dtype.
pub fn floats_only(array: &Array, kernel: &str) -> Result<()> {
    if array.dtype.is_float() { Ok(()) } else { Err(not_implemented(kernel, array.dtype)) }
}

fn uniform(array: &Array, generator: &mut Generator) -> Result<()> {
    uniform_between(array, generator, 0.0, 1.0)
}

fn normal(array: &Array, generator: &mut Generator) -> Result<()> {
    normal_with(array, generator, 0.0, 1.0)
}

/// A probability.
pub fn chance(b: &Bindings, n: usize) -> Result<f64> {
    let p = b.float(n)?;
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    let error = Error::runtime(format!("bernoulli_ expects p to be in [0, 1], but got p={}", short(p)));
    Err(error.label(Place::Arg(n), "not from 0 to 1"))
}

/// Refuses probabilities outside 0 to 1.
pub fn check_chances(chances: &Array) -> Result<()> {
    floats_only(chances, "bernoulli_tensor_cpu_p_")
}

/// `low` and `high` of `randint`, and which parameter comes after them.
fn bounds(b: &Bindings, at: usize) -> Result<(i64, i64, usize)> {
    if b.overload == 0 { Ok((0, b.int(at)?, at + 1)) } else { Ok((b.int(at)?, b.int(at + 1)?, at + 2)) }
}

/// Fails where there is no int from `low` up to `high`, or where the dtype does not hold them all.
pub fn check_range(low: i64, high: i64, dtype: DType) -> Result<()> {
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
