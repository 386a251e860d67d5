//! The iterators that built-in functions make: `zip`, `enumerate`, `map`, `filter`, `reversed`.

use crate::error::{Error, Result};
use crate::protocol;
use crate::protocol::iterate;
use crate::value::object::Stream;
use crate::value::{Args, Ctx, List, Range, Value};
use std::rc::Rc;

/// `zip(..)`
pub struct Zip {
    /// Iterators.
    pub iters: Vec<Value>,
    /// Whether all must have the same length.
    pub strict: bool,
    /// Whether one has ended.
    pub ended: bool,
}

impl Stream for Zip {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.ended || self.iters.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(self.iters.len());
        for (at, iter) in self.iters.iter().enumerate() {
            match protocol::next(ctx, iter)? {
                Some(item) => items.push(item),
                None => {
                    self.ended = true;
                    return if self.strict { self.check(ctx, at) } else { Ok(None) };
                }
            }
        }
        Ok(Some(Value::tuple(items)))
    }

    fn type_name(&self) -> &'static str {
        "zip"
    }
}

impl Zip {
    /// After the iterator at `at` ended first: the others must end as well.
    fn check(&self, ctx: &mut dyn Ctx, at: usize) -> Result<Option<Value>> {
        let which = |n: usize| if n == 1 { "argument 1".to_owned() } else { format!("arguments 1-{n}") };
        if at > 0 {
            let message = format!("zip() argument {} is shorter than {}", at + 1, which(at));
            return Err(Error::value(message));
        }
        for (n, iter) in self.iters.iter().enumerate().skip(1) {
            if protocol::next(ctx, iter)?.is_some() {
                let message = format!("zip() argument {} is longer than {}", n + 1, which(n));
                return Err(Error::value(message));
            }
        }
        Ok(None)
    }
}

/// `enumerate(..)`
pub struct Enumerate {
    /// An iterator.
    pub iter: Value,
    /// The next number.
    pub count: i64,
}

impl Stream for Enumerate {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(item) = protocol::next(ctx, &self.iter)? else { return Ok(None) };
        let count = self.count;
        self.count = count.checked_add(1).ok_or_else(protocol::numbers::overflow)?;
        Ok(Some(Value::tuple(vec![Value::Int(count), item])))
    }

    fn type_name(&self) -> &'static str {
        "enumerate"
    }
}

/// `map(..)`
pub struct Map {
    /// What is called.
    pub function: Value,
    /// Iterators, one for each argument.
    pub iters: Vec<Value>,
}

impl Stream for Map {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let mut arguments = Vec::with_capacity(self.iters.len());
        for iter in &self.iters {
            match protocol::next(ctx, iter)? {
                Some(item) => arguments.push(item),
                None => return Ok(None),
            }
        }
        ctx.call(&self.function, Args::positional(&arguments)).map(Some)
    }

    fn type_name(&self) -> &'static str {
        "map"
    }
}

/// `filter(..)`
pub struct Filter {
    /// What is asked; `None` asks the items themselves.
    pub function: Value,
    /// An iterator.
    pub iter: Value,
}

impl Stream for Filter {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        while let Some(item) = protocol::next(ctx, &self.iter)? {
            crate::budget::poll()?;
            let answer = match self.function {
                Value::None => protocol::truth(ctx, &item)?,
                _ => {
                    let answer = ctx.call(&self.function, Args::positional(std::slice::from_ref(&item)))?;
                    protocol::truth(ctx, &answer)?
                }
            };
            if answer {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    fn type_name(&self) -> &'static str {
        "filter"
    }
}

/// `iter(function, sentinel)`
pub struct Until {
    /// What is called.
    pub function: Value,
    /// What ends it.
    pub sentinel: Value,
    /// Whether it has ended.
    pub ended: bool,
}

impl Stream for Until {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.ended {
            return Ok(None);
        }
        let value = ctx.call(&self.function, Args::positional(&[]))?;
        self.ended = protocol::equal(ctx, &value, &self.sentinel)?;
        Ok(if self.ended { None } else { Some(value) })
    }

    fn type_name(&self) -> &'static str {
        "callable_iterator"
    }
}

/// The items of a list from its end.
struct ReversedList {
    list: Rc<List>,
    /// One more than the next position.
    at: usize,
}

impl Stream for ReversedList {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(at) = self.at.checked_sub(1) else { return Ok(None) };
        let item = self.list.items().get(at).cloned();
        self.at = if item.is_some() { at } else { 0 };
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "list_reverseiterator"
    }
}

/// Items taken from the end.
struct ReversedItems(Vec<Value>);

impl Stream for ReversedItems {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        Ok(self.0.pop())
    }

    fn type_name(&self) -> &'static str {
        "reversed"
    }
}

/// The items of a sequence of the program's, from the last to the first.
struct ReversedSequence {
    sequence: Value,
    left: usize,
}

impl Stream for ReversedSequence {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        protocol::get_item(ctx, &self.sequence, &Value::from(self.left)).map(Some)
    }

    fn type_name(&self) -> &'static str {
        "reversed"
    }
}

/// `reversed(v)`
pub fn reversed(ctx: &mut dyn Ctx, v: &Value) -> Result<Value> {
    use protocol::views;
    Ok(match v {
        Value::List(list) => iterate::stream(ReversedList { list: list.clone(), at: list.len() }),
        Value::Tuple(_) | Value::Str(_) => iterate::stream(ReversedItems(iterate::collect(ctx, v)?)),
        Value::Range(range) if range.is_empty() => iterate::iterate(ctx, v)?,
        Value::Range(range) => {
            // The last number and the step back; the end is one step before the first.
            let backwards = range.step.checked_neg().zip(range.start.checked_sub(range.step));
            let (step, stop) = backwards.ok_or_else(protocol::numbers::overflow)?;
            let turned = Range { start: range.at(range.len() - 1), stop, step };
            iterate::iterate(ctx, &Value::Range(Rc::new(turned)))?
        }
        Value::Dict(dict) => views::reversed(dict.clone(), views::Kind::Keys),
        Value::Tensor(_) => {
            let items = iterate::collect(ctx, v)?;
            iterate::stream(ReversedItems(items))
        }
        Value::Instance(instance) => {
            if let Some(method) = protocol::find_attr(ctx, v, "__reversed__")? {
                return ctx.call(&method, Args::positional(&[]));
            }
            if let Some(payload) = &instance.payload {
                return reversed(ctx, payload);
            }
            if protocol::find_attr(ctx, v, "__getitem__")?.is_none()
                || protocol::find_attr(ctx, v, "__len__")?.is_none()
            {
                return Err(Error::type_error(format!("'{}' object is not reversible", v.type_name())));
            }
            let count = protocol::len(ctx, v)?;
            iterate::stream(ReversedSequence { sequence: v.clone(), left: count })
        }
        other => match views::of(other) {
            Some((dict, kind)) => views::reversed(dict.clone(), kind),
            None => {
                let message = format!("'{}' object is not reversible", other.type_name());
                return Err(Error::type_error(message));
            }
        },
    })
}

/// The items of an instance that has a length and items, from the last.
pub struct Backwards {
    /// The instance.
    pub of: Value,
    /// How many are left.
    pub left: i64,
}

impl Stream for Backwards {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.left <= 0 {
            return Ok(None);
        }
        self.left -= 1;
        protocol::get_item(ctx, &self.of, &Value::Int(self.left)).map(Some)
    }

    fn type_name(&self) -> &'static str {
        "reversed"
    }
}
