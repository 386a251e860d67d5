//! The cheapest tree: a dynamic programme over sets of operands.
//!
//! A set's result depends on the set alone (which letters are still needed outside), so the cheapest way to a set is
//! the cheapest over all its halvings. Sets are built by their number of operands, and one is kept only while its cost
//! is within a bound; a tree within the bound has all its parts within it, so the first bound under which the whole is
//! reached gives the optimum. The bound grows from the cost of touching everything once to that of a greedy plan, which
//! is always enough. Nothing is left out because it is an outer product: sometimes one is best
//! (`i,j,ijkl->kl` multiplies the vectors first).

use super::letters::Letters;
use super::{Cost, Method, Network, greedy};
use crate::budget;
use crate::error::Result;

/// Pairs of sets that are looked at before the search gives up: about a second.
const EFFORT: usize = 60_000_000;

/// By how much the bound grows from round to round.
const GROWTH: f64 = 8.0;

struct Set {
    /// Its operands.
    mask: u32,
    /// The letters of its result.
    letters: u128,
    elements: f64,
    cost: f64,
    /// The operands of one half; 0 for a single operand.
    half: u32,
}

/// The pairs of the cheapest tree whose results have at most `limit` elements; `None` if there is none, or if it would
/// take too long to find.
pub(super) fn best(network: &Network, limit: f64) -> Result<Option<Vec<(usize, usize)>>> {
    let Some(letters) = Letters::new(network) else { return Ok(None) };
    let n = letters.terms.len();
    let known = network.follow(&greedy::pairs(network, greedy::Taste::PLAIN)?, Method::Search);
    // Rounding must not rule out the plan that gave the bound.
    let most = if known.largest <= limit { known.cost().total() * (1.0 + 1e-9) } else { f64::INFINITY };
    let least: f64 = letters.terms.iter().map(|&set| letters.elements(set)).sum();
    let (mut bound, mut effort) = ((super::MOVE * least * 2.0).min(most), EFFORT);
    loop {
        match round(&letters, n, bound, limit, &mut effort)? {
            Round::Found(pairs) => return Ok(Some(pairs)),
            Round::Nothing if bound >= most || bound == f64::INFINITY => return Ok(None),
            Round::Nothing => bound = (bound * GROWTH).min(most),
            Round::Tired => return Ok(None),
        }
    }
}

/// The pairs of a tree that costs less than `bound`, the cheapest there is, if there is one.
pub(super) fn cheaper(letters: &Letters, bound: f64, limit: f64) -> Result<Option<Vec<(usize, usize)>>> {
    let mut effort = EFFORT;
    match round(letters, letters.terms.len(), bound, limit, &mut effort)? {
        Round::Found(pairs) => Ok(Some(pairs)),
        Round::Nothing | Round::Tired => Ok(None),
    }
}

enum Round {
    Found(Vec<(usize, usize)>),
    Nothing,
    Tired,
}

fn round(letters: &Letters, n: usize, bound: f64, limit: f64, effort: &mut usize) -> Result<Round> {
    let full = u32::MAX >> (32 - n);
    let outside = Outside::new(letters);
    let mut places = vec![u32::MAX; 1 << n];
    let mut sets: Vec<Set> = Vec::new();
    // The sets of each number of operands are consecutive.
    let mut starts = vec![0, 0];
    for (i, &set) in letters.terms.iter().enumerate() {
        places[1 << i] = i as u32;
        sets.push(Set { mask: 1 << i, letters: set, elements: letters.elements(set), cost: 0.0, half: 0 });
    }
    starts.push(sets.len());
    // Whether some set was left out because of the bound; if none was, a higher one changes nothing.
    let mut cut = false;
    for size in 2..=n {
        for small in 1..=size / 2 {
            let large = size - small;
            for i in starts[small]..starts[small + 1] {
                let from = if small == large { i + 1 } else { starts[large] };
                let count = starts[large + 1] - from;
                if *effort < count {
                    return Ok(Round::Tired);
                }
                budget::poll()?;
                *effort -= count;
                for j in from..starts[large + 1] {
                    let (a, b) = (&sets[i], &sets[j]);
                    if a.mask & b.mask != 0 {
                        continue;
                    }
                    let mask = a.mask | b.mask;
                    let place = places[mask as usize];
                    let known = sets.get(place as usize);
                    let cap = known.map_or(bound, |known| known.cost);
                    let both = a.letters | b.letters;
                    let before = a.cost + b.cost + super::MOVE * (a.elements + b.elements);
                    if before > cap {
                        cut = true;
                        continue;
                    }
                    let left = known.map_or_else(|| both & outside.of(!mask & full), |known| known.letters);
                    let elements = known.map_or_else(|| letters.elements(left), |known| known.elements);
                    if elements > limit {
                        continue;
                    }
                    let pair = Cost { work: letters.elements(both), moved: elements };
                    let cost = before + pair.total();
                    if cost > cap || (known.is_some() && cost >= cap) {
                        cut = true;
                        continue;
                    }
                    let half = a.mask;
                    match sets.get_mut(place as usize) {
                        Some(known) => (known.cost, known.half) = (cost, half),
                        None => {
                            places[mask as usize] = sets.len() as u32;
                            sets.push(Set { mask, letters: left, elements, cost, half });
                        }
                    }
                }
            }
        }
        starts.push(sets.len());
    }
    if places[full as usize] == u32::MAX {
        return Ok(if cut { Round::Nothing } else { Round::Tired });
    }
    Ok(Round::Found(pairs(&sets, &places, full, n)))
}

/// The letters that operands outside of a set have, or the output: two table look-ups.
struct Outside {
    low: Vec<u128>,
    high: Vec<u128>,
    output: u128,
}

/// Operands of one table.
const HALF: usize = 10;

impl Outside {
    fn new(letters: &Letters) -> Outside {
        let table = |terms: &[u128]| {
            let mut table = vec![0u128; 1 << terms.len()];
            for mask in 1..table.len() {
                table[mask] = table[mask & (mask - 1)] | terms[mask.trailing_zeros() as usize];
            }
            table
        };
        let (low, high) = letters.terms.split_at(letters.terms.len().min(HALF));
        Outside { low: table(low), high: table(high), output: letters.output }
    }

    fn of(&self, mask: u32) -> u128 {
        let mask = mask as usize;
        let low = self.low[mask & (self.low.len() - 1)];
        low | self.high[(mask >> HALF) & (self.high.len() - 1)] | self.output
    }
}

/// The tree as pairs of numbered terms, children before parents.
fn pairs(sets: &[Set], places: &[u32], full: u32, n: usize) -> Vec<(usize, usize)> {
    let mut order = Vec::with_capacity(n - 1);
    let mut todo = vec![full];
    while let Some(mask) = todo.pop() {
        let half = sets[places[mask as usize] as usize].half;
        if half != 0 {
            order.push(mask);
            todo.extend([half, mask & !half]);
        }
    }
    order.reverse();
    let mut numbers = std::collections::HashMap::new();
    for i in 0..n {
        numbers.insert(1u32 << i, i);
    }
    let mut pairs = Vec::with_capacity(n - 1);
    for mask in order {
        let half = sets[places[mask as usize] as usize].half;
        let (a, b) = (numbers[&half], numbers[&(mask & !half)]);
        pairs.push((a.min(b), a.max(b)));
        numbers.insert(mask, n + pairs.len() - 1);
    }
    pairs
}
