//! Plans by greed: the pair that looks best now meets next. What looks best is a matter of [`Taste`].

use super::Network;
use crate::budget;
use crate::einsum::binding::{Id, Ids};
use crate::error::Result;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What a greedy plan likes, and how often it errs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// How much the elements that go away count against those that come.
    pub removed: f64,
    /// How far a choice strays from the best, in factors of e.
    pub stray: f64,
    /// Where the random numbers begin.
    pub seed: u64,
}

impl Taste {
    /// Equal weights, no straying.
    pub(super) const PLAIN: Taste = Taste { removed: 1.0, stray: 0.0, seed: 1 };
}

/// Terms of one letter that are looked at as partners of a new term; a letter that many have makes all of them partners.
const PARTNERS: usize = 24;

struct Choice {
    score: f64,
    pair: (usize, usize),
}

impl PartialEq for Choice {
    fn eq(&self, other: &Choice) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Choice {}

impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Choice) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The lowest score is the greatest choice; equal ones are taken in order.
impl Ord for Choice {
    fn cmp(&self, other: &Choice) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| other.pair.cmp(&self.pair))
    }
}

struct State<'a> {
    network: &'a Network,
    taste: Taste,
    random: u64,
    /// The letters of each term; of those that have met, nothing is read any more.
    terms: Vec<Ids>,
    elements: Vec<f64>,
    alive: Vec<bool>,
    /// The terms of each letter that are there, and how many need it, the output included.
    holders: Vec<Vec<usize>>,
    users: Vec<u32>,
    heap: BinaryHeap<Choice>,
}

/// A plan's pairs of numbered terms. An interrupt stops it.
pub(super) fn pairs(network: &Network, taste: Taste) -> Result<Vec<(usize, usize)>> {
    let n = network.terms.len();
    let mut state = State {
        network,
        taste,
        random: taste.seed,
        terms: network.terms.clone(),
        elements: network.terms.iter().map(|ids| network.elements(ids)).collect(),
        alive: vec![true; n],
        holders: vec![Vec::new(); network.sizes.len()],
        users: vec![0; network.sizes.len()],
        heap: BinaryHeap::new(),
    };
    for (term, ids) in network.terms.iter().enumerate() {
        state.terms[term].sort_unstable();
        for &id in ids {
            state.holders[id as usize].push(term);
            state.users[id as usize] += 1;
        }
    }
    for &id in &network.output {
        state.users[id as usize] += 1;
    }
    for term in 0..n {
        state.offer(term, false);
    }
    let mut pairs = Vec::with_capacity(n.saturating_sub(1));
    while let Some(choice) = state.heap.pop() {
        let (a, b) = choice.pair;
        if state.alive[a] && state.alive[b] {
            budget::poll()?;
            pairs.push((a, b));
            state.meet(a, b);
        }
    }
    state.outer(&mut pairs)?;
    Ok(pairs)
}

impl State<'_> {
    /// The pairs of a term with others that share a letter become choices; only with earlier ones, or with all.
    fn offer(&mut self, term: usize, all: bool) {
        // The elements that both have less than their product: those of a shared letter once, and once more if nobody
        // else needs it.
        let mut partners: Vec<(usize, f64)> = Vec::new();
        let mut complete = true;
        for &id in &self.terms[term] {
            let holders = &self.holders[id as usize];
            let size = self.network.sizes[id as usize];
            let factor = if self.users[id as usize] == 2 { size * size } else { size };
            complete &= holders.len() <= PARTNERS;
            let holders = holders.iter().rev().take(PARTNERS);
            let wanted = holders.filter(|&&other| if all { other != term } else { other < term });
            partners.extend(wanted.map(|&other| (other, factor)));
        }
        partners.sort_unstable_by_key(|&(other, _)| other);
        for same in partners.chunk_by(|a, b| a.0 == b.0) {
            let other = same[0].0;
            let product = self.elements[other] * self.elements[term];
            let elements = match complete && product.is_finite() {
                true => same.iter().fold(product, |product, (_, factor)| product / factor),
                false => self.elements_left(other, term),
            };
            let score = self.score(elements, other, term);
            self.heap.push(Choice { score, pair: (other, term) });
        }
    }

    /// The elements of the result of a pair.
    fn elements_left(&self, a: usize, b: usize) -> f64 {
        let mut elements = 1.0;
        self.left(a, b, |id| elements *= self.network.sizes[id as usize]);
        elements
    }

    /// How good it looks that a pair meets whose result has so many elements; less is better.
    fn score(&mut self, elements: f64, a: usize, b: usize) -> f64 {
        let removed = self.taste.removed;
        let score = elements / removed - (self.elements[a] + self.elements[b]) * removed;
        let sign = if score < 0.0 { -1.0 } else { 1.0 };
        let score = sign * score.abs().max(1.0).ln();
        if self.taste.stray == 0.0 { score } else { score - self.taste.stray * self.gumbel() }
    }

    /// Visits the letters that are left of a pair, in order.
    fn left(&self, a: usize, b: usize, mut visit: impl FnMut(Id)) {
        let (mut a, mut b) = (&self.terms[a][..], &self.terms[b][..]);
        // Both are sorted.
        while let Some(&id) = [a.first(), b.first()].into_iter().flatten().min() {
            let mut holders = 0;
            for side in [&mut a, &mut b] {
                if side.first() == Some(&id) {
                    *side = &side[1..];
                    holders += 1;
                }
            }
            if self.users[id as usize] > holders {
                visit(id);
            }
        }
    }

    fn meet(&mut self, a: usize, b: usize) {
        let mut left = Ids::new();
        self.left(a, b, |id| left.push(id));
        let new = self.terms.len();
        for term in [a, b] {
            self.alive[term] = false;
            for &id in &self.terms[term] {
                self.users[id as usize] -= 1;
                self.holders[id as usize].retain(|&holder| holder != term);
            }
        }
        for &id in &left {
            self.users[id as usize] += 1;
            self.holders[id as usize].push(new);
        }
        self.elements.push(self.network.elements(&left));
        self.terms.push(left);
        self.alive.push(true);
        self.offer(new, true);
    }

    /// What shares no letter meets at last, the smallest first.
    fn outer(&mut self, pairs: &mut Vec<(usize, usize)>) -> Result<()> {
        let mut rest: BinaryHeap<Choice> = (0..self.terms.len())
            .filter(|&term| self.alive[term])
            .map(|term| Choice { score: self.elements[term], pair: (term, 0) })
            .collect();
        while let (Some(a), Some(b)) = (rest.pop(), rest.pop()) {
            budget::poll()?;
            let (a, b) = (a.pair.0.min(b.pair.0), a.pair.0.max(b.pair.0));
            pairs.push((a, b));
            self.meet(a, b);
            let new = self.terms.len() - 1;
            rest.push(Choice { score: self.elements[new], pair: (new, 0) });
        }
        Ok(())
    }

    /// A random number of Gumbel's distribution: choices with such noise are drawn like by a softmax of their scores.
    fn gumbel(&mut self) -> f64 {
        -(-uniform(&mut self.random).ln()).ln()
    }
}

/// A number strictly between 0 and 1 (splitmix64, Steele and others 2014).
pub(super) fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    ((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}
