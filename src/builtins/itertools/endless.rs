//! Iterators that need not end: `count`, `cycle`, `repeat`.

use crate::error::Result;
use crate::protocol;
use crate::syntax::ast::BinaryOp;
use crate::value::object::Stream;
use crate::value::{Ctx, List, Value};

/// `count(start, step)`
pub(super) struct Count {
    pub(super) next: Value,
    pub(super) step: Value,
}

impl Stream for Count {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let after = protocol::binary(ctx, BinaryOp::Add, &self.next, &self.step)?;
        Ok(Some(std::mem::replace(&mut self.next, after)))
    }

    fn type_name(&self) -> &'static str {
        "itertools.count"
    }
}

/// `cycle(iterable)`: keeps the items it has seen.
pub(super) struct Cycle {
    iter: Option<Value>,
    seen: List,
    at: usize,
}

impl Cycle {
    /// Over the items of an iterator.
    pub(super) fn new(iter: Value) -> Result<Cycle> {
        Ok(Cycle { iter: Some(iter), seen: List::new(Vec::new())?, at: 0 })
    }
}

impl Stream for Cycle {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if let Some(iter) = &self.iter {
            if let Some(item) = protocol::next(ctx, iter)? {
                self.seen.push(item.clone())?;
                return Ok(Some(item));
            }
            self.iter = None;
        }
        let items = self.seen.items();
        let item = items.get(self.at).cloned();
        self.at = if self.at + 1 < items.len() { self.at + 1 } else { 0 };
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "itertools.cycle"
    }
}

/// `repeat(object, times)`
pub(super) struct Repeat {
    pub(super) object: Value,
    pub(super) left: Option<i64>,
}

impl Stream for Repeat {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        match &mut self.left {
            Some(0) => return Ok(None),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(Some(self.object.clone()))
    }

    fn type_name(&self) -> &'static str {
        "itertools.repeat"
    }
}
