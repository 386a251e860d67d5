//! All ways to take items of pools: `product`, `permutations`, `combinations`. Each is a row of positions that is stepped
//! on from one tuple to the next.

use crate::error::Result;
use crate::protocol::{iterate, sequences};
use crate::value::object::Stream;
use crate::value::{Ctx, Value};

/// Steps positions on; false where the last row was given.
type Step = fn(&mut State) -> bool;

/// Tuples of items at a row of positions.
struct Arranged {
    state: State,
    step: Step,
    given: Given,
    name: &'static str,
}

/// How far it has come.
enum Given {
    Nothing,
    Some,
    All,
}

struct State {
    /// What is taken from; one pool serves all positions where there is only one.
    pools: Vec<Vec<Value>>,
    /// A position in its pool for each item of a tuple.
    row: Vec<usize>,
    /// Of permutations, the order of the whole pool, of which the row is the beginning.
    order: Vec<usize>,
    /// How often each place of a permutation can still be exchanged.
    cycles: Vec<usize>,
}

impl Stream for Arranged {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        match self.given {
            Given::All => return Ok(None),
            Given::Nothing => self.given = Given::Some,
            Given::Some => {
                if !(self.step)(&mut self.state) {
                    self.given = Given::All;
                    return Ok(None);
                }
            }
        }
        let pools = &self.state.pools;
        let pool = |at: usize| if pools.len() == 1 { pools.first() } else { pools.get(at % pools.len()) };
        let items = self.state.row.iter().enumerate();
        Ok(Some(Value::tuple(items.filter_map(|(at, &n)| pool(at)?.get(n).cloned()).collect())))
    }

    fn type_name(&self) -> &'static str {
        self.name
    }
}

fn made(name: &'static str, pools: Vec<Vec<Value>>, row: Vec<usize>, step: Step, any: bool) -> Value {
    let order = (0..pools.first().map_or(0, Vec::len)).collect();
    let state = State { pools, row, order, cycles: Vec::new() };
    iterate::stream(Arranged { state, step, given: if any { Given::Nothing } else { Given::All }, name })
}

/// `product(*pools, repeat=..)`: the last position moves first.
pub(super) fn product(pools: Vec<Vec<Value>>, repeat: usize) -> Result<Value> {
    let len = pools.len().saturating_mul(repeat);
    sequences::check_items(len)?;
    let any = len == 0 || pools.iter().all(|pool| !pool.is_empty());
    let step: Step = |state| {
        let pools = state.pools.len();
        for at in (0..state.row.len()).rev() {
            let size = state.pools.get(at % pools.max(1)).map_or(0, Vec::len);
            state.row[at] += 1;
            if state.row[at] < size {
                return true;
            }
            state.row[at] = 0;
        }
        false
    };
    Ok(made("itertools.product", pools, vec![0; len], step, any))
}

/// `permutations(items, r)`, in the order of positions: place after place is exchanged with each that follows, then turned
/// back.
pub(super) fn permutations(items: Vec<Value>, r: usize) -> Result<Value> {
    let n = items.len();
    if r > n {
        return Ok(made("itertools.permutations", vec![items], Vec::new(), |_| false, false));
    }
    let step: Step = |state| {
        let (n, r) = (state.order.len(), state.row.len());
        if state.cycles.is_empty() {
            state.cycles = (n - r + 1..=n).rev().collect();
        }
        for i in (0..r).rev() {
            state.cycles[i] -= 1;
            if state.cycles[i] == 0 {
                state.order[i..].rotate_left(1);
                state.cycles[i] = n - i;
            } else {
                state.order.swap(i, n - state.cycles[i]);
                state.row.copy_from_slice(&state.order[..r]);
                return true;
            }
        }
        false
    };
    Ok(made("itertools.permutations", vec![items], (0..r).collect(), step, true))
}

/// `combinations(items, r)`
pub(super) fn combinations(items: Vec<Value>, r: usize) -> Result<Value> {
    let any = r <= items.len();
    let step: Step = |state| {
        let (n, r) = (state.order.len(), state.row.len());
        let Some(at) = (0..r).rev().find(|&i| state.row[i] < n - r + i) else { return false };
        state.row[at] += 1;
        for i in at + 1..r {
            state.row[i] = state.row[i - 1] + 1;
        }
        true
    };
    let row = if any { (0..r).collect() } else { Vec::new() };
    Ok(made("itertools.combinations", vec![items], row, step, any))
}

/// `combinations_with_replacement(items, r)`
pub(super) fn combinations_with_replacement(items: Vec<Value>, r: usize) -> Result<Value> {
    sequences::check_items(r)?;
    let any = r == 0 || !items.is_empty();
    let step: Step = |state| {
        let (n, r) = (state.order.len(), state.row.len());
        let Some(at) = (0..r).rev().find(|&i| state.row[i] + 1 < n) else { return false };
        let next = state.row[at] + 1;
        state.row[at..].fill(next);
        true
    };
    Ok(made("itertools.combinations_with_replacement", vec![items], vec![0; r], step, any))
}
