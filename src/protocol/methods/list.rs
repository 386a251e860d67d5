//! Methods of lists.

use super::method;
use crate::error::{Error, Result};
use crate::protocol::arguments as a;
use crate::protocol::{arithmetic, compare, sequences, slicing, sorting};
use crate::value::entry::LIST;
use crate::value::{Args, Ctx, List, Value};
use std::rc::Rc;

crate::entries![
    method(LIST, "append", "(object: any) -> None", "Adds an item at the end.", append),
    method(LIST, "extend", "(iterable: any) -> None", "Adds all items of an iterable at the end.", extend),
    method(LIST, "insert", "(index: int, object: any) -> None", "Puts an item before a position.", insert),
    method(LIST, "pop", "(index: int = -1) -> any", "Takes out the item at a position and gives it.", pop),
    method(LIST, "remove", "(value: any) -> None", "Takes out the first item that is equal.", remove),
    method(
        LIST,
        "index",
        "(value: any, start: int = 0, stop: int = 9223372036854775807) -> int",
        "The position of the first item that is equal.",
        index
    ),
    method(LIST, "count", "(value: any) -> int", "How many items are equal.", count),
    method(
        LIST,
        "sort",
        "(*, key: callable | None = None, reverse: bool = False) -> None",
        "Sorts the list itself; equal items keep their order.",
        sort
    ),
    method(LIST, "reverse", "() -> None", "Turns the list itself around.", reverse),
    method(LIST, "copy", "() -> list", "A new list of the same items.", copy),
    method(LIST, "clear", "() -> None", "Takes out all items.", clear),
];

/// The list and the other arguments.
fn receive<'a>(args: Args<'a>, name: &str) -> Result<(&'a Rc<List>, &'a [Value])> {
    match a::method(args, "list", name)? {
        (Value::List(list), rest) => Ok((list, rest)),
        (other, _) => Err(super::wrong_receiver(name, "list", other)),
    }
}

fn exactly<'a>(values: &'a [Value], name: &str) -> Result<&'a Value> {
    match values {
        [value] => Ok(value),
        _ => Err(Error::type_error(format!(
            "list.{name}() takes exactly one argument ({} given)",
            values.len()
        ))),
    }
}

fn nothing(values: &[Value], name: &str) -> Result<()> {
    super::nothing(values, "list", name)
}

fn append(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "append")?;
    list.push(exactly(rest, "append")?.clone())?;
    Ok(Value::None)
}

fn extend(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "extend")?;
    sequences::extend(ctx, list, exactly(rest, "extend")?)?;
    Ok(Value::None)
}

fn insert(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "insert")?;
    a::count(rest, "insert", 2, 2)?;
    let at = arithmetic::need_index(ctx, &rest[0])?;
    list.reserve(1)?;
    let mut items = list.items_mut();
    let len = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let at = if at < 0 { at.saturating_add(len).max(0) } else { at.min(len) };
    items.insert(usize::try_from(at).unwrap_or(0), rest[1].clone());
    Ok(Value::None)
}

fn pop(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "pop")?;
    a::count(rest, "pop", 0, 1)?;
    let at = match rest.first() {
        Some(index) => arithmetic::need_index(ctx, index)?,
        None => -1,
    };
    let mut items = list.items_mut();
    if items.is_empty() {
        return Err(Error::index("pop from empty list"));
    }
    match slicing::position(at, items.len()) {
        Some(at) => Ok(items.remove(at)),
        None => Err(Error::index("pop index out of range")),
    }
}

fn remove(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "remove")?;
    let wanted = exactly(rest, "remove")?;
    let items = super::snapshot(list);
    match position(ctx, &items, wanted, 0, items.len())? {
        Some(at) if at < list.len() => {
            let old = list.items_mut().remove(at);
            drop(old);
            Ok(Value::None)
        }
        _ => Err(Error::value("list.remove(x): x not in list")),
    }
}

fn index(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "index")?;
    let items = super::snapshot(list);
    find_index(ctx, &items, rest, "list")
}

/// `index` of lists, tuples and ranges.
pub fn find_index(ctx: &mut dyn Ctx, items: &[Value], rest: &[Value], of: &str) -> Result<Value> {
    a::count(rest, "index", 1, 3)?;
    let bound = |ctx: &mut dyn Ctx, value: Option<&Value>, default: usize| -> Result<usize> {
        let Some(value) = value else { return Ok(default) };
        let n = arithmetic::need_index(ctx, value)?;
        let n = if n < 0 { n.saturating_add(i64::try_from(items.len()).unwrap_or(0)).max(0) } else { n };
        Ok(usize::try_from(n).unwrap_or(usize::MAX).min(items.len()))
    };
    let (start, stop) = (bound(ctx, rest.get(1), 0)?, bound(ctx, rest.get(2), items.len())?);
    match position(ctx, items, &rest[0], start, stop)? {
        Some(at) => Ok(Value::from(at)),
        None if of == "tuple" => Err(Error::value("tuple.index(x): x not in tuple")),
        None => {
            let shown = crate::protocol::repr(ctx, &rest[0])?;
            Err(Error::value(format!("{shown} is not in {of}")))
        }
    }
}

fn position(
    ctx: &mut dyn Ctx,
    items: &[Value],
    wanted: &Value,
    start: usize,
    stop: usize,
) -> Result<Option<usize>> {
    for (at, item) in items.iter().enumerate().take(stop).skip(start) {
        if compare::equal(ctx, item, wanted)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn count(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "count")?;
    let wanted = exactly(rest, "count")?;
    let items = super::snapshot(list);
    count_equal(ctx, &items, wanted)
}

/// How many items are equal to a value.
pub fn count_equal(ctx: &mut dyn Ctx, items: &[Value], wanted: &Value) -> Result<Value> {
    let mut found = 0i64;
    for item in items {
        found += i64::from(compare::equal(ctx, item, wanted)?);
    }
    Ok(Value::Int(found))
}

fn sort(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(Args::positional(args.positional), "sort")?;
    if !rest.is_empty() {
        return Err(Error::type_error("sort() takes no positional arguments"));
    }
    let [key, reverse] = a::keywords(args, "sort", ["key", "reverse"])?;
    let reverse = !matches!(reverse, Value::Unbound) && compare::truth(ctx, &reverse)?;
    sequences::check_items(list.len())?;
    let items = super::snapshot(list);
    // The list is empty while it is sorted, as in CPython: keys and comparisons that look at it see nothing.
    let original = std::mem::take(&mut *list.items_mut());
    let sorted = sorting::sort(ctx, items, &key, reverse);
    let changed = !list.is_empty();
    match sorted {
        Ok(sorted) => sequences::replace_items(list, sorted)?,
        Err(error) => {
            sequences::replace_items(list, original)?;
            return Err(error);
        }
    }
    if changed { Err(Error::value("list modified during sort")) } else { Ok(Value::None) }
}

fn reverse(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "reverse")?;
    nothing(rest, "reverse")?;
    list.items_mut().reverse();
    Ok(Value::None)
}

fn copy(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "copy")?;
    nothing(rest, "copy")?;
    sequences::check_items(list.len())?;
    Value::list(super::snapshot(list))
}

fn clear(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let (list, rest) = receive(args, "clear")?;
    nothing(rest, "clear")?;
    sequences::replace_items(list, Vec::new())?;
    Ok(Value::None)
}
