//! Iterators that pass the items of others on: all of them, some of them, or what is made of them.

use crate::error::Result;
use crate::protocol::{self, compare, iterate};
use crate::syntax::ast::BinaryOp;
use crate::value::object::Stream;
use crate::value::{Args, Ctx, Value};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

fn call(ctx: &mut dyn Ctx, function: &Value, args: &[Value]) -> Result<Value> {
    ctx.call(function, Args::positional(args))
}

fn holds(ctx: &mut dyn Ctx, function: &Value, item: &Value) -> Result<bool> {
    let answer = call(ctx, function, std::slice::from_ref(item))?;
    protocol::truth(ctx, &answer)
}

/// `chain(..)`
pub(super) struct Chain {
    /// An iterator over iterables.
    pub(super) iters: Value,
    pub(super) current: Option<Value>,
}

impl Stream for Chain {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        loop {
            if let Some(current) = &self.current {
                if let Some(item) = protocol::next(ctx, current)? {
                    return Ok(Some(item));
                }
                self.current = None;
            }
            let Some(iterable) = protocol::next(ctx, &self.iters)? else { return Ok(None) };
            self.current = Some(iterate::iterate(ctx, &iterable)?);
            crate::budget::poll()?;
        }
    }

    fn type_name(&self) -> &'static str {
        "itertools.chain"
    }
}

/// `accumulate(iterable, function, initial=..)`
pub(super) struct Accumulate {
    pub(super) iter: Value,
    pub(super) function: Option<Value>,
    pub(super) initial: Option<Value>,
    pub(super) total: Option<Value>,
}

impl Stream for Accumulate {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if let Some(initial) = self.initial.take() {
            self.total = Some(initial.clone());
            return Ok(Some(initial));
        }
        let Some(item) = protocol::next(ctx, &self.iter)? else { return Ok(None) };
        let total = match (&self.total, &self.function) {
            (None, _) => item,
            (Some(total), None) => protocol::binary(ctx, BinaryOp::Add, total, &item)?,
            (Some(total), Some(function)) => {
                let args = [total.clone(), item];
                call(ctx, function, &args)?
            }
        };
        self.total = Some(total.clone());
        Ok(Some(total))
    }

    fn type_name(&self) -> &'static str {
        "itertools.accumulate"
    }
}

/// `islice(iterable, start, stop, step)`
pub(super) struct Islice {
    pub(super) iter: Option<Value>,
    /// How many items have been taken.
    pub(super) at: i64,
    /// Which one comes next.
    pub(super) next: i64,
    pub(super) stop: Option<i64>,
    pub(super) step: i64,
}

impl Stream for Islice {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(iter) = &self.iter else { return Ok(None) };
        let wanted = self.stop.map_or(self.next, |stop| self.next.min(stop));
        while self.at < wanted {
            crate::budget::poll()?;
            if protocol::next(ctx, iter)?.is_none() {
                self.iter = None;
                return Ok(None);
            }
            self.at += 1;
        }
        if self.stop.is_some_and(|stop| self.next >= stop) {
            self.iter = None;
            return Ok(None);
        }
        let item = protocol::next(ctx, iter)?;
        if item.is_none() {
            self.iter = None;
        }
        self.at += 1;
        self.next = self.next.saturating_add(self.step);
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "itertools.islice"
    }
}

/// `zip_longest(.., fillvalue=..)`
pub(super) struct ZipLongest {
    /// Those that have not ended.
    pub(super) iters: Vec<Option<Value>>,
    pub(super) fill: Value,
}

impl Stream for ZipLongest {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let (mut items, mut found) = (Vec::with_capacity(self.iters.len()), false);
        for slot in &mut self.iters {
            let item = match slot {
                Some(iter) => protocol::next(ctx, iter)?,
                None => None,
            };
            found |= item.is_some();
            if item.is_none() {
                *slot = None;
            }
            items.push(item.unwrap_or_else(|| self.fill.clone()));
        }
        Ok(found.then(|| Value::tuple(items)))
    }

    fn type_name(&self) -> &'static str {
        "itertools.zip_longest"
    }
}

/// `starmap(function, iterable)`
pub(super) struct Starmap {
    pub(super) function: Value,
    pub(super) iter: Value,
}

impl Stream for Starmap {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let Some(item) = protocol::next(ctx, &self.iter)? else { return Ok(None) };
        let args = iterate::collect(ctx, &item)?;
        call(ctx, &self.function, &args).map(Some)
    }

    fn type_name(&self) -> &'static str {
        "itertools.starmap"
    }
}

/// `takewhile(predicate, iterable)`
pub(super) struct Takewhile {
    pub(super) function: Value,
    pub(super) iter: Value,
    pub(super) ended: bool,
}

impl Stream for Takewhile {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if self.ended {
            return Ok(None);
        }
        let Some(item) = protocol::next(ctx, &self.iter)? else { return Ok(None) };
        self.ended = !holds(ctx, &self.function, &item)?;
        Ok((!self.ended).then_some(item))
    }

    fn type_name(&self) -> &'static str {
        "itertools.takewhile"
    }
}

/// `dropwhile(predicate, iterable)`
pub(super) struct Dropwhile {
    pub(super) function: Value,
    pub(super) iter: Value,
    pub(super) begun: bool,
}

impl Stream for Dropwhile {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        while let Some(item) = protocol::next(ctx, &self.iter)? {
            if self.begun || !holds(ctx, &self.function, &item)? {
                self.begun = true;
                return Ok(Some(item));
            }
            crate::budget::poll()?;
        }
        Ok(None)
    }

    fn type_name(&self) -> &'static str {
        "itertools.dropwhile"
    }
}

/// `filterfalse(function, iterable)`
pub(super) struct Filterfalse {
    pub(super) function: Value,
    pub(super) iter: Value,
}

impl Stream for Filterfalse {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        while let Some(item) = protocol::next(ctx, &self.iter)? {
            let passes = match &self.function {
                Value::None => protocol::truth(ctx, &item)?,
                function => holds(ctx, function, &item)?,
            };
            if !passes {
                return Ok(Some(item));
            }
            crate::budget::poll()?;
        }
        Ok(None)
    }

    fn type_name(&self) -> &'static str {
        "itertools.filterfalse"
    }
}

/// `compress(data, selectors)`
pub(super) struct Compress {
    pub(super) data: Value,
    pub(super) selectors: Value,
}

impl Stream for Compress {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        loop {
            let Some(item) = protocol::next(ctx, &self.data)? else { return Ok(None) };
            let Some(selector) = protocol::next(ctx, &self.selectors)? else { return Ok(None) };
            if protocol::truth(ctx, &selector)? {
                return Ok(Some(item));
            }
            crate::budget::poll()?;
        }
    }

    fn type_name(&self) -> &'static str {
        "itertools.compress"
    }
}

/// `pairwise(iterable)`
pub(super) struct Pairwise {
    pub(super) iter: Value,
    pub(super) last: Option<Value>,
}

impl Stream for Pairwise {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let first = match self.last.take() {
            Some(last) => Some(last),
            None => protocol::next(ctx, &self.iter)?,
        };
        let Some(first) = first else { return Ok(None) };
        let Some(second) = protocol::next(ctx, &self.iter)? else { return Ok(None) };
        self.last = Some(second.clone());
        Ok(Some(Value::tuple(vec![first, second])))
    }

    fn type_name(&self) -> &'static str {
        "itertools.pairwise"
    }
}

/// What the groups of a `groupby` share.
struct Runs {
    iter: Value,
    key: Option<Value>,
    /// The item that was read last and belongs to no group yet, with its key.
    ahead: Option<(Value, Value)>,
    /// The key of the group that is given.
    current: Option<Value>,
    /// Which group that is.
    number: u64,
}

impl Runs {
    /// Reads one item ahead; false at the end.
    fn fill(&mut self, ctx: &mut dyn Ctx) -> Result<bool> {
        if self.ahead.is_none() {
            let Some(item) = protocol::next(ctx, &self.iter)? else { return Ok(false) };
            let key = match &self.key {
                Some(key) => call(ctx, key, std::slice::from_ref(&item))?,
                None => item.clone(),
            };
            self.ahead = Some((key, item));
        }
        Ok(true)
    }

    /// The next item of the current group.
    fn of_group(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        if !self.fill(ctx)? {
            return Ok(None);
        }
        let (Some((key, _)), Some(current)) = (&self.ahead, &self.current) else { return Ok(None) };
        let (key, current) = (key.clone(), current.clone());
        if !compare::equal(ctx, &key, &current)? {
            return Ok(None);
        }
        Ok(self.ahead.take().map(|(_, item)| item))
    }
}

/// `groupby(iterable, key)`
pub(super) struct Groupby(Rc<RefCell<Runs>>);

impl Groupby {
    /// Over the items of an iterator.
    pub(super) fn new(iter: Value, key: Option<Value>) -> Groupby {
        Groupby(Rc::new(RefCell::new(Runs { iter, key, ahead: None, current: None, number: 0 })))
    }
}

fn busy() -> crate::error::Error {
    crate::error::Error::value("groupby is already executing")
}

impl Stream for Groupby {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let mut runs = self.0.try_borrow_mut().map_err(|_| busy())?;
        // What is left of the group before is passed over.
        while runs.of_group(ctx)?.is_some() {
            crate::budget::poll()?;
        }
        if !runs.fill(ctx)? {
            return Ok(None);
        }
        let Some((key, _)) = &runs.ahead else { return Ok(None) };
        let key = key.clone();
        runs.current = Some(key.clone());
        runs.number += 1;
        let group = iterate::stream(Group { runs: self.0.clone(), number: runs.number });
        Ok(Some(Value::tuple(vec![key, group])))
    }

    fn type_name(&self) -> &'static str {
        "itertools.groupby"
    }
}

/// One run of a `groupby`; it ends when the next one begins.
struct Group {
    runs: Rc<RefCell<Runs>>,
    number: u64,
}

impl Stream for Group {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let mut runs = self.runs.try_borrow_mut().map_err(|_| busy())?;
        if runs.number == self.number { runs.of_group(ctx) } else { Ok(None) }
    }

    fn type_name(&self) -> &'static str {
        "itertools._grouper"
    }
}

/// What the iterators of a `tee` share: the items that the slowest of them has not had.
struct Shared {
    iter: Value,
    items: VecDeque<Value>,
    /// The position of the first item that is kept.
    first: usize,
    /// Where each iterator is.
    places: Vec<usize>,
}

/// One iterator of a `tee`.
pub(super) struct Tee {
    shared: Rc<RefCell<Shared>>,
    which: usize,
}

/// Several iterators over one.
pub(super) fn tee(iter: Value, count: usize) -> impl Iterator<Item = Tee> {
    let shared = Shared { iter, items: VecDeque::new(), first: 0, places: vec![0; count] };
    let shared = Rc::new(RefCell::new(shared));
    (0..count).map(move |which| Tee { shared: shared.clone(), which })
}

impl Stream for Tee {
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        let mut shared =
            self.shared.try_borrow_mut().map_err(|_| crate::error::Error::runtime("reentrant call"))?;
        let place = shared.places.get(self.which).copied().unwrap_or(0);
        if place - shared.first == shared.items.len() {
            crate::budget::check(size_of::<Value>() * (shared.items.len() + 1))?;
            let Some(item) = protocol::next(ctx, &shared.iter)? else { return Ok(None) };
            shared.items.push_back(item);
        }
        let at = place - shared.first;
        let item = shared.items.get(at).cloned();
        if let Some(place) = shared.places.get_mut(self.which) {
            *place += 1;
        }
        let slowest = shared.places.iter().copied().min().unwrap_or(0);
        while shared.first < slowest {
            shared.items.pop_front();
            shared.first += 1;
        }
        Ok(item)
    }

    fn type_name(&self) -> &'static str {
        "itertools._tee"
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        // Items are no longer kept for it.
        if let Ok(mut shared) = self.shared.try_borrow_mut()
            && let Some(place) = shared.places.get_mut(self.which)
        {
            *place = usize::MAX;
        }
    }
}
