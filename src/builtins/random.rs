//! The module `random`: the same numbers as CPython's for the same seeds.

use super::function;
use crate::error::{Class, Error, Result};
use crate::kernels::random::PythonSource;
use crate::protocol::{self, arguments as a, arithmetic, iterate, numbers::Number};
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Entry, Module, Native, NativeType, Object, Type, Value, big};
use num_bigint::{BigInt, BigUint};
use std::any::Any;
use std::cell::RefCell;

/// The module.
pub static MODULE: Module = Module {
    name: "random",
    get: |name| match name {
        "Random" => Some(Value::object(Maker)),
        _ => ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    },
    names: || ENTRIES.iter().map(|entry| entry.name).chain(["Random"]).collect(),
};

const fn draw(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    function(LIBRARY, Python, name, signature, summary, run)
}

crate::entries![
    draw("seed", "(a: any = None) -> None", "Begins anew.", seed),
    draw("random", "() -> float", "A float from 0 up to 1.", |ctx, args| {
        let (source, rest) = split(args);
        a::count(rest, "random", 0, 0)?;
        Ok(Value::Float(with(ctx, source, PythonSource::random)))
    }),
    draw("uniform", "(a: float, b: float) -> float", "A float between two.", uniform),
    draw(
        "triangular",
        "(low: float = 0.0, high: float = 1.0, mode: float | None = None) -> float",
        "A float between two, most likely near a third.",
        triangular
    ),
    draw("randint", "(a: int, b: int) -> int", "An int from a to b.", randint),
    draw(
        "randrange",
        "(start: int, stop: int | None = None, step: int = 1) -> int",
        "One of a range.",
        randrange
    ),
    draw("getrandbits", "(k: int) -> int", "An int of k random bits.", getrandbits),
    draw("choice", "(seq: any) -> any", "One of the items.", choice),
    draw(
        "choices",
        "(population: any, weights: any = None, *, cum_weights: any = None, k: int = 1) -> list",
        "Some of the items, each as often as it comes.",
        choices
    ),
    draw("sample", "(population: any, k: int) -> list", "Some of the items, each once.", sample),
    draw("shuffle", "(x: list) -> None", "Puts the items of a list in a random order.", shuffle),
    draw("gauss", "(mu: float = 0.0, sigma: float = 1.0) -> float", "A normal number.", |ctx, args| {
        normal(ctx, args, "gauss", PythonSource::gauss)
    }),
    draw(
        "normalvariate",
        "(mu: float = 0.0, sigma: float = 1.0) -> float",
        "A normal number.",
        |ctx, args| { normal(ctx, args, "normalvariate", PythonSource::normal) }
    ),
    draw(
        "lognormvariate",
        "(mu: float, sigma: float) -> float",
        "e to the power of a normal number.",
        |ctx, args| {
            match normal(ctx, args, "lognormvariate", PythonSource::normal)? {
                Value::Float(x) => Ok(Value::Float(x.exp())),
                other => Ok(other),
            }
        }
    ),
    draw("expovariate", "(lambd: float) -> float", "An exponential number.", |ctx, args| {
        let (source, rest) = split(args);
        let [lambd] = a::named(Args { positional: rest, ..args }, "expovariate", ["lambd"], 1)?;
        let lambd = real(&lambd)?;
        let u = with(ctx, source, PythonSource::random);
        if lambd == 0.0 {
            return Err(Error::new(Class::ZeroDivisionError, "float division by zero"));
        }
        Ok(Value::Float(-(1.0 - u).ln() / lambd))
    }),
];

/// `random.Random`
struct Maker;

/// What `random.Random(seed)` makes.
struct Random(RefCell<PythonSource>);

static TYPE: NativeType = NativeType { module: "builtins", name: "type" };
static RANDOM: NativeType = NativeType { module: "random", name: "Random" };

/// The source a method is called on, if it is one, and the other arguments.
fn split<'a>(args: Args<'a>) -> (Option<&'a Random>, &'a [Value]) {
    match args.positional.split_first() {
        Some((first, rest)) if first.downcast::<Random>().is_some() => (first.downcast::<Random>(), rest),
        _ => (None, args.positional),
    }
}

/// Draws from a source, or from the session's.
fn with<R>(ctx: &mut dyn Ctx, source: Option<&Random>, draw: impl FnOnce(&mut PythonSource) -> R) -> R {
    match source {
        Some(random) => draw(&mut random.0.borrow_mut()),
        None => draw(&mut ctx.state().python_random),
    }
}

/// Names the arguments after the source.
fn named<'a, const N: usize>(
    args: Args<'a>,
    name: &str,
    names: [&str; N],
    required: usize,
) -> Result<(Option<&'a Random>, [Value; N])> {
    let (source, positional) = split(args);
    Ok((source, a::named(Args { positional, ..args }, name, names, required)?))
}

fn real(value: &Value) -> Result<f64> {
    match Number::of(value) {
        Some(number) => number.float(),
        None => Err(Error::type_error(format!("must be real number, not {}", value.type_name()))),
    }
}

fn or(value: Value, default: Value) -> Value {
    if let Value::Unbound = value { default } else { value }
}

/// A source for a seed: an int of any size, a float by its hash; `None` for one nobody can foresee.
fn source_of(seed: &Value) -> Result<PythonSource> {
    let int = match seed {
        Value::Unbound | Value::None => return Ok(PythonSource::default()),
        Value::Int(n) => BigUint::from(n.unsigned_abs()),
        Value::Bool(b) => BigUint::from(u8::from(*b)),
        Value::Big(big) => big.int().magnitude().clone(),
        // CPython's hashes are unsigned here.
        Value::Float(_) => BigUint::from(protocol::hashing::plain(seed)? as u64),
        other => {
            return Err(Error::new(
                Class::NotImplementedError,
                format!("random.seed() of a {} is not supported: seed with an int", other.type_name()),
            ));
        }
    };
    Ok(PythonSource::new(&int.to_u32_digits()))
}

fn seed(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [seed, _]) = named(args, "seed", ["a", "version"], 0)?;
    let fresh = source_of(&seed)?;
    with(ctx, source, |source| *source = fresh);
    Ok(Value::None)
}

fn uniform(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [low, high]) = named(args, "uniform", ["a", "b"], 2)?;
    let (low, high) = (real(&low)?, real(&high)?);
    Ok(Value::Float(low + (high - low) * with(ctx, source, PythonSource::random)))
}

fn triangular(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [low, high, mode]) = named(args, "triangular", ["low", "high", "mode"], 0)?;
    let (mut low, mut high) = (real(&or(low, Value::Float(0.0)))?, real(&or(high, Value::Float(1.0)))?);
    let mut u = with(ctx, source, PythonSource::random);
    let mut c = match or(mode, Value::None) {
        Value::None => 0.5,
        _ if high == low => return Ok(Value::Float(low)),
        mode => (real(&mode)? - low) / (high - low),
    };
    if u > c {
        (u, c, low, high) = (1.0 - u, 1.0 - c, high, low);
    }
    Ok(Value::Float(low + (high - low) * (u * c).sqrt()))
}

fn randint(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [low, high]) = named(args, "randint", ["a", "b"], 2)?;
    let (low, high) = (arithmetic::need_index(ctx, &low)?, arithmetic::need_index(ctx, &high)?);
    let width = i128::from(high) - i128::from(low) + 1;
    if width <= 0 {
        return Err(Error::value(format!(
            "empty range for randrange() ({low}, {}, {width})",
            i128::from(high) + 1
        )));
    }
    between(ctx, source, low, width)
}

/// A number of so many from `low` on.
fn between(ctx: &mut dyn Ctx, source: Option<&Random>, low: i64, width: i128) -> Result<Value> {
    let width = u64::try_from(width).map_err(|_| Error::value("the range is too wide: more than 64 bits"))?;
    let drawn = with(ctx, source, |source| source.below(width));
    Value::integer(BigInt::from(low) + drawn)
}

fn randrange(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [start, stop, step]) = named(args, "randrange", ["start", "stop", "step"], 1)?;
    let start = arithmetic::need_index(ctx, &start)?;
    let step = arithmetic::need_index(ctx, &or(step, Value::Int(1)))?;
    let stop = match or(stop, Value::None) {
        Value::None if start <= 0 => return Err(Error::value("empty range for randrange()")),
        Value::None => return between(ctx, source, 0, i128::from(start)),
        stop => arithmetic::need_index(ctx, &stop)?,
    };
    if step == 0 {
        return Err(Error::value("zero step for randrange()"));
    }
    let width = i128::from(stop) - i128::from(start);
    if step == 1 {
        if width <= 0 {
            return Err(Error::value(format!("empty range for randrange() ({start}, {stop}, {width})")));
        }
        return between(ctx, source, start, width);
    }
    let count = crate::value::Range { start, stop, step }.len();
    if count == 0 {
        return Err(Error::value("empty range for randrange()"));
    }
    let n = with(ctx, source, |source| source.below(count.unsigned_abs()));
    Ok(Value::Int(start.wrapping_add(step.wrapping_mul(n as i64))))
}

fn getrandbits(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [count]) = named(args, "getrandbits", ["k"], 1)?;
    let count = u64::try_from(arithmetic::need_index(ctx, &count)?)
        .map_err(|_| Error::value("number of bits must be non-negative"))?;
    big::check(count)?;
    let words = with(ctx, source, |source| {
        let mut left = count;
        let mut words = Vec::new();
        while left > 0 {
            let take = left.min(32) as u32;
            words.push(source.bits(take) as u32);
            left -= u64::from(take);
        }
        words
    });
    Value::integer(BigInt::from(BigUint::new(words)))
}

fn choice(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [items]) = named(args, "choice", ["seq"], 1)?;
    let len = protocol::len(ctx, &items)?;
    if len == 0 {
        return Err(Error::index("Cannot choose from an empty sequence"));
    }
    let at = with(ctx, source, |source| source.below(len as u64));
    protocol::get_item(ctx, &items, &Value::Int(at as i64))
}

/// The items of a sequence; sets and dicts have no positions.
fn sequence(ctx: &mut dyn Ctx, value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Str(_) => iterate::collect(ctx, value),
        _ => Err(Error::type_error("Population must be a sequence.  For dicts or sets, use sorted(d).")),
    }
}

fn sample(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [population, k, counts]) = named(args, "sample", ["population", "k", "counts"], 2)?;
    let mut pool = sequence(ctx, &population)?;
    if !matches!(counts, Value::Unbound | Value::None) {
        let counts = iterate::collect(ctx, &counts)?;
        if counts.len() != pool.len() {
            return Err(Error::value("The number of counts does not match the population"));
        }
        let mut spread = Vec::new();
        for (item, count) in pool.iter().zip(&counts) {
            let count = a::size(ctx, count)?;
            protocol::sequences::check_items(spread.len().saturating_add(count))?;
            spread.extend(std::iter::repeat_n(item, count).cloned());
        }
        pool = spread;
    }
    let n = pool.len();
    let k = usize::try_from(arithmetic::need_index(ctx, &k)?).ok().filter(|&k| k <= n);
    let k = k.ok_or_else(|| Error::value("Sample larger than population or is negative"))?;
    // Which of two ways CPython takes decides the numbers: a pool for large shares, else draws that are new.
    let table = if k > 5 { 4f64.powf(((k * 3) as f64).log(4.0).ceil()) } else { 0.0 };
    let picked = with(ctx, source, |source| {
        let mut picked = Vec::with_capacity(k);
        if n as f64 <= 21.0 + table {
            for i in 0..k {
                let at = source.below((n - i) as u64) as usize;
                picked.push(pool[at].clone());
                pool.swap(at, n - i - 1);
            }
            return picked;
        }
        let mut taken = std::collections::HashSet::new();
        for _ in 0..k {
            let at = loop {
                let at = source.below(n as u64) as usize;
                if taken.insert(at) {
                    break at;
                }
            };
            picked.push(pool[at].clone());
        }
        picked
    });
    Value::list(picked)
}

fn choices(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let names = ["population", "weights", "cum_weights", "k"];
    let (source, [population, weights, cumulative, k]) = named(args, "choices", names, 1)?;
    let items = sequence(ctx, &population)?;
    let k = a::size(ctx, &or(k, Value::Int(1)))?;
    protocol::sequences::check_items(k)?;
    let given = |value: &Value| !matches!(value, Value::Unbound | Value::None);
    let mut sums = Vec::new();
    if given(&cumulative) {
        if given(&weights) {
            return Err(Error::type_error("Cannot specify both weights and cumulative weights"));
        }
        for weight in iterate::collect(ctx, &cumulative)? {
            sums.push(real(&weight)?);
        }
    } else if given(&weights) {
        let mut total = 0.0;
        for weight in iterate::collect(ctx, &weights)? {
            total += real(&weight)?;
            sums.push(total);
        }
    }
    let weighted = given(&cumulative) || given(&weights);
    if weighted && sums.len() != items.len() {
        return Err(Error::value("The number of weights does not match the population"));
    }
    if items.is_empty() && k > 0 {
        return Err(Error::index("list index out of range"));
    }
    let total = sums.last().copied().unwrap_or(0.0);
    if weighted && total <= 0.0 {
        return Err(Error::value("Total of weights must be greater than zero"));
    }
    if weighted && !total.is_finite() {
        return Err(Error::value("Total of weights must be finite"));
    }
    let last = items.len().saturating_sub(1);
    let picked = with(ctx, source, |source| {
        let mut draw = || {
            let u = source.random();
            if weighted {
                sums.partition_point(|&sum| sum <= u * total).min(last)
            } else {
                ((u * items.len() as f64).floor() as usize).min(last)
            }
        };
        (0..k).map(|_| items[draw()].clone()).collect()
    });
    Value::list(picked)
}

fn shuffle(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (source, [items]) = named(args, "shuffle", ["x"], 1)?;
    match &items {
        Value::List(list) => {
            let mut items = list.items_mut();
            with(ctx, source, |source| {
                for i in (1..items.len()).rev() {
                    let j = source.below(i as u64 + 1) as usize;
                    items.swap(i, j);
                }
            });
        }
        other => {
            // Anything with items that can be set.
            for i in (1..protocol::len(ctx, other)?).rev() {
                let j = with(ctx, source, |source| source.below(i as u64 + 1));
                let (i, j) = (Value::from(i), Value::Int(j as i64));
                let (x, y) = (protocol::get_item(ctx, other, &i)?, protocol::get_item(ctx, other, &j)?);
                protocol::set_item(ctx, other, &i, &y)?;
                protocol::set_item(ctx, other, &j, &x)?;
            }
        }
    }
    Ok(Value::None)
}

fn normal(
    ctx: &mut dyn Ctx,
    args: Args<'_>,
    name: &str,
    draw: fn(&mut PythonSource) -> f64,
) -> Result<Value> {
    let (source, [mu, sigma]) = named(args, name, ["mu", "sigma"], 0)?;
    let (mu, sigma) = (real(&or(mu, Value::Float(0.0)))?, real(&or(sigma, Value::Float(1.0)))?);
    Ok(Value::Float(mu + with(ctx, source, draw) * sigma))
}

impl Object for Maker {
    fn type_of(&self) -> Type {
        Type::Native(&TYPE)
    }

    fn repr(&self) -> String {
        "<class 'random.Random'>".to_owned()
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn is_instance(&self, value: &Value) -> Option<bool> {
        Some(value.downcast::<Random>().is_some())
    }

    fn call(&self, _: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        let made = a::named(args, "Random", ["x"], 0).and_then(|[seed]| source_of(&seed));
        Some(made.map(|source| Value::object(Random(RefCell::new(source)))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for Random {
    fn type_of(&self) -> Type {
        Type::Native(&RANDOM)
    }

    fn repr(&self) -> String {
        "<random.Random object>".to_owned()
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        let method = ENTRIES.iter().find(|entry| entry.name == name)?;
        Some(Value::bound(Value::Object(this.clone()), method))
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        ENTRIES.iter().map(|entry| entry.name).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
