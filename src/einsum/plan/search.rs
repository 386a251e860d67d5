//! Plans for many operands: greedy plans of many tastes, the best of which have their parts replaced by optimal ones
//! until nothing gets cheaper.

use super::greedy::{self, Taste, uniform};
use super::letters::Letters;
use super::{Method, Network, exact, follow};
use crate::einsum::binding::Ids;
use crate::error::Result;

/// Terms that greedy plans handle in all, and the fewest and most plans made.
const TERMS: usize = 8_000;
const TRIES: (usize, usize) = (8, 128);

/// Greedy plans whose parts are improved.
const FINALISTS: usize = 3;

/// Leaves of a part that is replaced.
const LEAVES: usize = 8;

/// Rounds over all parts, at most.
const ROUNDS: usize = 8;

/// Parts that are looked at in all: some tenths of a second.
const PARTS: usize = 2_000;

/// The pairs of a good plan whose results have at most `limit` elements where that was found.
pub(super) fn best(network: &Network, limit: f64) -> Result<Vec<(usize, usize)>> {
    let n = network.terms.len();
    let tries = (TERMS / n.max(1)).clamp(TRIES.0, TRIES.1);
    let mut random = 7;
    let mut plans = (0..tries)
        .map(|n| -> Result<(f64, Vec<(usize, usize)>)> {
            let taste = match n {
                0 => Taste::PLAIN,
                _ => Taste {
                    removed: (uniform(&mut random) * 2.0 - 1.0).exp(),
                    stray: (uniform(&mut random) * 5.0 - 7.0).exp(),
                    seed: n as u64 * 977,
                },
            };
            let pairs = greedy::pairs(network, taste)?;
            Ok((rating(network, &pairs, limit), pairs))
        })
        .collect::<Result<Vec<_>>>()?;
    plans.sort_by(|a, b| a.0.total_cmp(&b.0));
    plans.truncate(FINALISTS);
    let mut parts = PARTS;
    for (rating_before, pairs) in &mut plans {
        let mut tree = Tree::new(network, pairs);
        tree.improve(network, limit, &mut parts)?;
        let improved = tree.pairs();
        let after = rating(network, &improved, limit);
        if after < *rating_before {
            (*rating_before, *pairs) = (after, improved);
        }
    }
    let best = plans.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    Ok(best.map(|(_, pairs)| pairs).unwrap_or_default())
}

/// What a plan costs; one over the limit costs more than any within, the more the larger it gets.
fn rating(network: &Network, pairs: &[(usize, usize)], limit: f64) -> f64 {
    let plan = network.follow(pairs, Method::Search);
    let cost = plan.cost().total();
    if plan.largest > limit { cost * (plan.largest / limit).powi(2) * 1e30 } else { cost }
}

/// A plan as a tree; nodes are numbered like terms.
struct Tree {
    leaves: usize,
    halves: Vec<(usize, usize)>,
    letters: Vec<Ids>,
    /// What the step of a node costs.
    costs: Vec<f64>,
}

impl Tree {
    fn new(network: &Network, pairs: &[(usize, usize)]) -> Tree {
        let plan = network.follow(pairs, Method::Search);
        let leaves = network.terms.len();
        let mut tree = Tree {
            leaves,
            halves: vec![(0, 0); leaves],
            letters: network.terms.clone(),
            costs: vec![0.0; leaves],
        };
        for step in plan.steps {
            tree.halves.push((step.left, step.right));
            tree.letters.push(step.result);
            tree.costs.push(step.cost.total());
        }
        tree
    }

    fn is_leaf(&self, node: usize) -> bool {
        node < self.leaves
    }

    /// Replaces parts by cheaper ones, the dearest first, until a round changes nothing.
    fn improve(&mut self, network: &Network, limit: f64, parts: &mut usize) -> Result<()> {
        for _ in 0..ROUNDS {
            let mut nodes: Vec<usize> = (self.leaves..self.halves.len()).collect();
            nodes.sort_by(|&a, &b| self.costs[b].total_cmp(&self.costs[a]).then(a.cmp(&b)));
            let mut changed = false;
            for node in nodes {
                if *parts == 0 {
                    return Ok(());
                }
                *parts -= 1;
                changed |= self.replace(network, node, limit)?;
            }
            if !changed {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Replaces the part below a node by an optimal tree over the same leaves, where that is cheaper.
    fn replace(&mut self, network: &Network, root: usize, limit: f64) -> Result<bool> {
        let (mut front, mut inner) = (vec![root], Vec::new());
        // The node that costs most is opened next.
        while front.len() < LEAVES {
            let open = front
                .iter()
                .enumerate()
                .filter(|&(_, &node)| !self.is_leaf(node))
                .max_by(|a, b| self.costs[*a.1].total_cmp(&self.costs[*b.1]))
                .map(|(at, _)| at);
            let Some(at) = open else { break };
            let node = front.swap_remove(at);
            inner.push(node);
            front.extend([self.halves[node].0, self.halves[node].1]);
        }
        if front.len() < 3 {
            return Ok(false);
        }
        let terms: Vec<Ids> = front.iter().map(|&node| self.letters[node].clone()).collect();
        let Some(letters) = Letters::of(&terms, &self.letters[root], &network.sizes) else {
            return Ok(false);
        };
        let before: f64 = inner.iter().map(|&node| self.costs[node]).sum();
        let fits = inner.iter().all(|&node| network.elements(&self.letters[node]) <= limit);
        let bound = if fits { before * (1.0 - 1e-9) } else { f64::INFINITY };
        let Some(pairs) = exact::cheaper(&letters, bound, limit)? else { return Ok(false) };
        let (steps, _) = follow(&network.sizes, &terms, &self.letters[root], &pairs);
        // The root keeps its number; the others take those that have become free.
        let mut free: Vec<usize> = inner.iter().copied().filter(|&node| node != root).collect();
        let mut numbers = front;
        let last = steps.len() - 1;
        for (n, step) in steps.into_iter().enumerate() {
            let node = if n == last { root } else { free.pop().unwrap_or(root) };
            self.halves[node] = (numbers[step.left], numbers[step.right]);
            self.costs[node] = step.cost.total();
            self.letters[node] = step.result;
            numbers.push(node);
        }
        Ok(true)
    }

    /// The tree as pairs, children before parents.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let root = self.halves.len() - 1;
        let (mut order, mut todo) = (Vec::new(), vec![root]);
        while let Some(node) = todo.pop() {
            if !self.is_leaf(node) {
                order.push(node);
                todo.extend([self.halves[node].0, self.halves[node].1]);
            }
        }
        order.reverse();
        let mut numbers: Vec<usize> = (0..self.halves.len()).collect();
        let mut pairs = Vec::with_capacity(order.len());
        for node in order {
            let (a, b) = (numbers[self.halves[node].0], numbers[self.halves[node].1]);
            pairs.push((a.min(b), a.max(b)));
            numbers[node] = self.leaves + pairs.len() - 1;
        }
        pairs
    }
}
