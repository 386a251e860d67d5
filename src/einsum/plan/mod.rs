//! In what order the operands of an equation meet: the cheapest tree of pairs under [`Cost`], found exactly
//! ([`exact`]) for up to [`EXACT`] operands and by a search that is seeded by greed ([`search`]) beyond.
//!
//! No cost of a pair is ever remembered by the pair alone: what a pair leaves depends on who else still needs its
//! letters, so every cost is that of two sets of operands.

mod exact;
mod greedy;
mod letters;
mod search;

use super::binding::{Id, Ids};
use crate::error::Result;
use std::collections::HashMap;

/// Up to this many operands the exact search is tried.
pub const EXACT: usize = 20;

/// Operands with letters that each occur once in a term, none of size one, none that one term alone has and the output
/// has not (those are summed before the plan begins).
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The size of each letter.
    pub sizes: Vec<f64>,
    /// The letters of each operand.
    pub terms: Vec<Ids>,
    /// The letters of the output.
    pub output: Ids,
}

/// Two terms meet. Terms are numbered: first the operands, then the results of the steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// One term.
    pub left: usize,
    /// The other.
    pub right: usize,
    /// The letters that are left.
    pub result: Ids,
    /// What it costs.
    pub cost: Cost,
}

/// What a step costs: multiplications with additions, and elements read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Multiplications, each with an addition.
    pub work: f64,
    /// Elements of both terms and of the result.
    pub moved: f64,
}

/// So many multiplications take as long as one element moved: 100 of them, in a blocked product, and 25 bytes take a
/// nanosecond on a core of today.
const MOVE: f64 = 16.0;

impl Cost {
    /// One number to compare: in multiplications.
    pub fn total(self) -> f64 {
        self.work + MOVE * self.moved
    }
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.work += other.work;
        self.moved += other.moved;
    }
}

/// How a plan was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Nothing to choose: two operands or fewer.
    Only,
    /// No tree is cheaper.
    Optimal,
    /// The best of many tries, parts of it optimal.
    Search,
    /// The caller's own order.
    Given,
}

/// The order in which the operands of a network meet.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What meets, in order.
    pub steps: Vec<Step>,
    /// How it was found.
    pub method: Method,
    /// The elements of the largest result of a step, the last included.
    pub largest: f64,
    /// The most elements a result may have, where that has ruled out a cheaper plan.
    pub bound: Option<f64>,
    /// Whether some result is larger than the limit all the same: nothing smaller was found.
    pub exceeds: bool,
}

impl Plan {
    /// The cheapest plan. An interrupt stops the search.
    pub fn new(network: &Network) -> Result<Plan> {
        Plan::within(network, f64::INFINITY)
    }

    /// The cheapest plan of which no result has more elements than `limit`, or than the output, given the cheapest of
    /// all. Where none is found it is the cheapest of all that stays: one that does not fit either gains nothing.
    pub fn bounded(&self, network: &Network, limit: f64) -> Result<Plan> {
        if self.largest <= limit {
            return Ok(self.clone());
        }
        let least = network.elements(&network.output);
        let bounded = Plan::within(network, limit.max(least))?;
        let chosen = if bounded.largest <= limit.max(least) { bounded } else { self.clone() };
        Ok(Plan { bound: Some(limit), exceeds: chosen.largest > limit, ..chosen })
    }

    fn within(network: &Network, limit: f64) -> Result<Plan> {
        let n = network.terms.len();
        if n <= 2 {
            let pairs: &[(usize, usize)] = if n == 2 { &[(0, 1)] } else { &[] };
            return Ok(network.follow(pairs, Method::Only));
        }
        if n <= EXACT
            && let Some(pairs) = exact::best(network, limit)?
        {
            return Ok(network.follow(&pairs, Method::Optimal));
        }
        Ok(network.follow(&search::best(network, limit)?, Method::Search))
    }

    /// The plan of a caller's own order, as numbers of terms.
    pub fn given(network: &Network, pairs: &[(usize, usize)]) -> Plan {
        network.follow(pairs, Method::Given)
    }

    /// What all steps cost.
    pub fn cost(&self) -> Cost {
        let mut total = Cost::default();
        self.steps.iter().for_each(|step| total += step.cost);
        total
    }
}

impl Network {
    /// The number of elements of a term with these letters.
    pub fn elements(&self, ids: &[Id]) -> f64 {
        ids.iter().map(|&id| self.sizes[id as usize]).product()
    }

    /// The multiplications of one loop nest over all letters.
    pub fn naive(&self) -> f64 {
        let mut seen = vec![false; self.sizes.len()];
        for &id in self.terms.iter().flatten() {
            seen[id as usize] = true;
        }
        self.sizes.iter().zip(seen).map(|(&size, seen)| if seen { size } else { 1.0 }).product()
    }

    /// The plan of an order of pairs.
    pub(crate) fn follow(&self, pairs: &[(usize, usize)], method: Method) -> Plan {
        let (steps, largest) = follow(&self.sizes, &self.terms, &self.output, pairs);
        Plan { steps, method, largest, bound: None, exceeds: false }
    }
}

/// The steps of an order of pairs, with what each leaves and costs; and the elements of the largest result.
fn follow(sizes: &[f64], terms: &[Ids], output: &[Id], pairs: &[(usize, usize)]) -> (Vec<Step>, f64) {
    // How many terms still have a letter; the output counts as one.
    let mut users: HashMap<Id, u32> = HashMap::new();
    for &id in terms.iter().flatten().chain(output) {
        *users.entry(id).or_default() += 1;
    }
    let elements = |ids: &[Id]| -> f64 { ids.iter().map(|&id| sizes[id as usize]).product() };
    let mut terms: Vec<Ids> = terms.to_vec();
    let (mut steps, mut largest) = (Vec::with_capacity(pairs.len()), 0f64);
    // How many of the two terms that meet have a letter.
    let mut holders = vec![0u32; sizes.len()];
    for &(left, right) in pairs {
        let (a, b) = (std::mem::take(&mut terms[left]), std::mem::take(&mut terms[right]));
        let (mut result, mut work) = (Ids::new(), 1.0);
        a.iter().chain(&b).for_each(|&id| holders[id as usize] += 1);
        for &id in a.iter().chain(&b) {
            // A letter of both is met twice, and counts the first time.
            let held = std::mem::take(&mut holders[id as usize]);
            if held == 0 {
                continue;
            }
            work *= sizes[id as usize];
            let users = users.entry(id).or_default();
            *users -= held;
            if *users > 0 {
                *users += 1;
                result.push(id);
            }
        }
        let size = elements(&result);
        largest = largest.max(size);
        let moved = elements(&a) + elements(&b) + size;
        steps.push(Step { left, right, result: result.clone(), cost: Cost { work, moved } });
        terms.push(result);
    }
    (steps, largest)
}

#[cfg(test)]
mod tests;
