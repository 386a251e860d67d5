//! Methods of tuples, `torch.Size` and ranges.

use super::{list, method, wrong_receiver};
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::iterate;
use crate::value::entry::TUPLE;
use crate::value::{Args, Ctx, TupleKind, Value};

crate::entries![
    method(
        TUPLE,
        "index",
        "(value: any, start: int = 0, stop: int = 9223372036854775807) -> int",
        "The position of the first item that is equal.",
        index
    ),
    method(TUPLE, "count", "(value: any) -> int", "How many items are equal.", count),
    method(TUPLE, "numel", "() -> int", "Of a `torch.Size`: the product of the sizes.", numel),
];

fn receive<'a>(args: Args<'a>, name: &str) -> Result<(&'a Value, &'a [Value])> {
    match a::method(args, "tuple", name)? {
        (value @ (Value::Tuple(_) | Value::Range(_)), rest) => Ok((value, rest)),
        (other, _) => Err(wrong_receiver(name, "tuple", other)),
    }
}

fn index(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (value, rest) = receive(args, "index")?;
    if let (Value::Range(range), [wanted]) = (value, rest) {
        return match wanted {
            Value::Int(n) if crate::protocol::contains(ctx, value, wanted)? => {
                Ok(Value::Int(n.wrapping_sub(range.start) / range.step))
            }
            _ => {
                let shown = crate::protocol::repr(ctx, wanted)?;
                Err(Error::value(format!("{shown} is not in range")))
            }
        };
    }
    let items = iterate::collect(ctx, value)?;
    list::find_index(ctx, &items, rest, "tuple")
}

fn count(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (value, rest) = receive(args, "count")?;
    let [wanted] = rest else {
        let message = format!("tuple.count() takes exactly one argument ({} given)", rest.len());
        return Err(Error::type_error(message));
    };
    if let Value::Range(_) = value {
        return Ok(Value::Int(i64::from(crate::protocol::contains(ctx, value, wanted)?)));
    }
    let items = iterate::collect(ctx, value)?;
    list::count_equal(ctx, &items, wanted)
}

fn numel(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (value, rest) = receive(args, "numel")?;
    super::nothing(rest, "Size", "numel")?;
    let Value::Tuple(tuple) = value else { return Err(wrong_receiver("numel", "torch.Size", value)) };
    if !matches!(tuple.kind, TupleKind::Size) {
        return Err(crate::protocol::attributes::missing(value, "numel"));
    }
    let product = tuple.items.iter().try_fold(1i64, |product, item| match item {
        Value::Int(n) => product.checked_mul(*n),
        _ => None,
    });
    product.map(Value::Int).ok_or_else(crate::protocol::numbers::overflow)
}
