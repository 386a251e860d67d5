//! The module `itertools`.

mod arranged;
mod endless;
mod passed;

use super::function;
use crate::error::{Error, Result};
use crate::protocol::{self, arguments as a, arithmetic, iterate};
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Entry, Module, Native, NativeType, Object, Type, Value};
use std::any::Any;

/// The module.
pub static MODULE: Module = Module {
    name: "itertools",
    get: |name| match name {
        "chain" => Some(Value::object(Chain)),
        _ => ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    },
    names: || ENTRIES.iter().map(|entry| entry.name).chain(["chain"]).collect(),
};

/// A function of the module as an entry of the table.
const fn tool(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    function(LIBRARY, Python, name, signature, summary, run)
}

crate::entries![
    tool("count", "(start: any = 0, step: any = 1) -> any", "Numbers without end.", count),
    tool("cycle", "(iterable: any) -> any", "The items again and again.", cycle),
    tool("repeat", "(object: any, times: int) -> any", "One value again and again.", repeat),
    tool(
        "accumulate",
        "(iterable: any, func: callable | None = None, *, initial: any = None) -> any",
        "Running totals.",
        accumulate
    ),
    tool("islice", "(iterable: any, stop: int) -> any", "Some items, by position.", islice),
    tool(
        "zip_longest",
        "(*iterables: any, fillvalue: any = None) -> any",
        "Tuples of items up to the longest.",
        zip_longest
    ),
    tool(
        "starmap",
        "(function: callable, iterable: any) -> any",
        "What a function gives for each tuple.",
        starmap
    ),
    tool(
        "takewhile",
        "(predicate: callable, iterable: any) -> any",
        "Items up to the first that fails.",
        takewhile
    ),
    tool(
        "dropwhile",
        "(predicate: callable, iterable: any) -> any",
        "Items from the first that fails.",
        dropwhile
    ),
    tool("filterfalse", "(function: callable | None, iterable: any) -> any", "Items that fail.", filterfalse),
    tool("compress", "(data: any, selectors: any) -> any", "Items whose selector is true.", compress),
    tool("pairwise", "(iterable: any) -> any", "Each item with the next.", pairwise),
    tool(
        "groupby",
        "(iterable: any, key: callable | None = None) -> any",
        "Runs of items with one key.",
        groupby
    ),
    tool("tee", "(iterable: any, n: int = 2) -> tuple", "Several iterators over one.", tee),
    tool("product", "(*iterables: any, repeat: int = 1) -> any", "Tuples of an item of each.", product),
    tool(
        "permutations",
        "(iterable: any, r: int | None = None) -> any",
        "All orders of r items.",
        permutations
    ),
    tool("combinations", "(iterable: any, r: int) -> any", "All choices of r items.", combinations),
    tool(
        "combinations_with_replacement",
        "(iterable: any, r: int) -> any",
        "All choices of r items, each as often as one likes.",
        combinations_with_replacement
    ),
];

fn count(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [start, step] = a::named(args, "count", ["start", "step"], 0)?;
    let or =
        |value: Value, default: i64| if let Value::Unbound = value { Value::Int(default) } else { value };
    let (start, step) = (or(start, 0), or(step, 1));
    for value in [&start, &step] {
        if protocol::numbers::Number::of(value).is_none() && !matches!(value, Value::Tensor(_)) {
            return Err(Error::type_error("a number is required"));
        }
    }
    Ok(iterate::stream(endless::Count { next: start, step }))
}

fn cycle(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let iter = iterate::iterate(ctx, a::one(args, "cycle")?)?;
    Ok(iterate::stream(endless::Cycle::new(iter)?))
}

fn repeat(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [object, times] = a::named(args, "repeat", ["object", "times"], 1)?;
    let left = match times {
        Value::Unbound => None,
        times => Some(arithmetic::need_index(ctx, &times)?.max(0)),
    };
    Ok(iterate::stream(endless::Repeat { object, left }))
}

fn accumulate(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [iterable, func, initial] = a::named(args, "accumulate", ["iterable", "func", "initial"], 1)?;
    let iter = iterate::iterate(ctx, &iterable)?;
    let function = (!matches!(func, Value::Unbound | Value::None)).then_some(func);
    let initial = (!matches!(initial, Value::Unbound | Value::None)).then_some(initial);
    Ok(iterate::stream(passed::Accumulate { iter, function, initial, total: None }))
}

fn islice(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "islice", 2, 4)?;
    let bound = |ctx: &mut dyn Ctx, value: &Value, what: &str| match value {
        Value::None => Ok(None),
        value => match arithmetic::index(ctx, value) {
            Ok(Some(n)) if n >= 0 => Ok(Some(n)),
            _ => Err(Error::value(what.to_owned())),
        },
    };
    const RANGE: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const STOP: &str = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const STEP: &str = "Step for islice() must be a positive integer or None.";
    let (start, stop, step) = match values {
        [_, stop] => (0, bound(ctx, stop, STOP)?, 1),
        [_, start, stop, rest @ ..] => {
            let start = bound(ctx, start, RANGE)?.unwrap_or(0);
            let stop = bound(ctx, stop, STOP)?;
            let step = match rest.first() {
                Some(step) => bound(ctx, step, STEP)?.unwrap_or(1),
                None => 1,
            };
            (start, stop, step)
        }
        _ => (0, None, 1),
    };
    if step == 0 {
        return Err(Error::value(STEP));
    }
    let iter = iterate::iterate(ctx, &values[0])?;
    Ok(iterate::stream(passed::Islice { iter: Some(iter), at: 0, next: start, stop, step }))
}

fn zip_longest(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [fill] = a::keywords(args, "zip_longest", ["fillvalue"])?;
    let iters = args.positional.iter().map(|value| iterate::iterate(ctx, value).map(Some));
    let fill = if let Value::Unbound = fill { Value::None } else { fill };
    Ok(iterate::stream(passed::ZipLongest { iters: iters.collect::<Result<_>>()?, fill }))
}

/// A function and an iterable.
fn applied(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<(Value, Value)> {
    let values = a::between(args, name, 2, 2)?;
    Ok((values[0].clone(), iterate::iterate(ctx, &values[1])?))
}

fn starmap(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (function, iter) = applied(ctx, args, "starmap")?;
    Ok(iterate::stream(passed::Starmap { function, iter }))
}

fn takewhile(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (function, iter) = applied(ctx, args, "takewhile")?;
    Ok(iterate::stream(passed::Takewhile { function, iter, ended: false }))
}

fn dropwhile(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (function, iter) = applied(ctx, args, "dropwhile")?;
    Ok(iterate::stream(passed::Dropwhile { function, iter, begun: false }))
}

fn filterfalse(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (function, iter) = applied(ctx, args, "filterfalse")?;
    Ok(iterate::stream(passed::Filterfalse { function, iter }))
}

fn compress(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [data, selectors] = a::named(args, "compress", ["data", "selectors"], 2)?;
    let (data, selectors) = (iterate::iterate(ctx, &data)?, iterate::iterate(ctx, &selectors)?);
    Ok(iterate::stream(passed::Compress { data, selectors }))
}

fn pairwise(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let iter = iterate::iterate(ctx, a::one(args, "pairwise")?)?;
    Ok(iterate::stream(passed::Pairwise { iter, last: None }))
}

fn groupby(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [iterable, key] = a::named(args, "groupby", ["iterable", "key"], 1)?;
    let key = (!matches!(key, Value::Unbound | Value::None)).then_some(key);
    Ok(iterate::stream(passed::Groupby::new(iterate::iterate(ctx, &iterable)?, key)))
}

fn tee(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "tee", 1, 2)?;
    let count = match values.get(1) {
        Some(n) => arithmetic::need_index(ctx, n)?,
        None => 2,
    };
    let count = usize::try_from(count).map_err(|_| Error::value("n must be >= 0"))?;
    protocol::sequences::check_items(count)?;
    let iter = iterate::iterate(ctx, &values[0])?;
    Ok(Value::tuple(passed::tee(iter, count).map(iterate::stream).collect()))
}

fn product(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [repeat] = a::keywords(args, "product", ["repeat"])?;
    let repeat = if let Value::Unbound = repeat { 1 } else { arithmetic::need_index(ctx, &repeat)? };
    let repeat = usize::try_from(repeat).map_err(|_| Error::value("repeat argument cannot be negative"))?;
    let pools = args.positional.iter().map(|value| iterate::collect(ctx, value));
    arranged::product(pools.collect::<Result<_>>()?, repeat)
}

/// The items of the first argument, and how many are taken of them.
fn pool(ctx: &mut dyn Ctx, args: Args<'_>, name: &str) -> Result<(Vec<Value>, Option<usize>)> {
    let [iterable, r] = a::named(args, name, ["iterable", "r"], 1)?;
    let items = iterate::collect(ctx, &iterable)?;
    let r = match r {
        Value::Unbound | Value::None => None,
        r => {
            let r = arithmetic::need_index(ctx, &r)?;
            Some(usize::try_from(r).map_err(|_| Error::value("r must be non-negative"))?)
        }
    };
    Ok((items, r))
}

fn permutations(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (items, r) = pool(ctx, args, "permutations")?;
    let r = r.unwrap_or(items.len());
    arranged::permutations(items, r)
}

fn combinations(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    choices(ctx, args, "combinations", arranged::combinations)
}

fn combinations_with_replacement(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    choices(ctx, args, "combinations_with_replacement", arranged::combinations_with_replacement)
}

fn choices(
    ctx: &mut dyn Ctx,
    args: Args<'_>,
    name: &str,
    make: fn(Vec<Value>, usize) -> Result<Value>,
) -> Result<Value> {
    let (items, r) = pool(ctx, args, name)?;
    let missing = || Error::type_error(format!("{name}() missing required argument 'r' (pos 2)"));
    make(items, r.ok_or_else(missing)?)
}

/// `itertools.chain`, which has a second form as its attribute.
struct Chain;

static TYPE: NativeType = NativeType { module: "builtins", name: "type" };

static FROM_ITERABLE: Entry = tool(
    "from_iterable",
    "(iterable: any) -> any",
    "The items of the items, one after the other.",
    |ctx, args| {
        let iters = iterate::iterate(ctx, a::one(args, "chain.from_iterable")?)?;
        Ok(iterate::stream(passed::Chain { iters, current: None }))
    },
);

impl Object for Chain {
    fn type_of(&self) -> Type {
        Type::Native(&TYPE)
    }

    fn repr(&self) -> String {
        "<class 'itertools.chain'>".to_owned()
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        match name {
            "from_iterable" => Some(Value::Entry(&FROM_ITERABLE)),
            "__name__" => Some(Value::str("chain")),
            _ => None,
        }
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["from_iterable"]
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(a::no_keywords(args, "chain").and_then(|()| {
            let iters = iterate::iterate(ctx, &Value::tuple(args.positional.to_vec()))?;
            Ok(iterate::stream(passed::Chain { iters, current: None }))
        }))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
