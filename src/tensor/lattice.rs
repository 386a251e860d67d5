//! Whole-number solutions of `stride·index + stride·index + .. = distance` with every index within its size.
//!
//! Which indices read a cell of a storage, and whether two layouts share one, are this question. In general it is hard
//! (a knapsack), but strides are nearly always multiples of each other, and then bounds and divisibility leave one
//! candidate at each step. What is hard nevertheless is given up after a bounded amount of work.

use smallvec::SmallVec;
use std::collections::HashSet;

/// How many candidates a search looks at before it gives up.
const WORK: usize = 200_000;

/// An unknown: `stride` times a number from 0 to `bound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The factor, positive.
    pub stride: i128,
    /// The largest value of the unknown, not negative.
    pub bound: i128,
}

/// The sum's remaining part: the terms from one on, with what they can reach together.
#[derive(Clone, Copy)]
struct Rest {
    /// The largest sum.
    reach: i128,
    /// The greatest common divisor of the strides; 0 without terms.
    divisor: i128,
}

/// The terms in an order, and for each place what those from there on can do.
struct System {
    terms: SmallVec<[Term; 8]>,
    rests: SmallVec<[Rest; 9]>,
    work: usize,
}

/// The numbers an unknown can be: from `first` on, `step` apart, `count` of them.
struct Candidates {
    first: i128,
    step: i128,
    count: i128,
}

impl System {
    fn new(terms: SmallVec<[Term; 8]>) -> System {
        let mut rests = SmallVec::from_elem(Rest { reach: 0, divisor: 0 }, terms.len() + 1);
        for (place, term) in terms.iter().enumerate().rev() {
            let Rest { reach, divisor } = rests[place + 1];
            rests[place] =
                Rest { reach: reach + term.stride * term.bound, divisor: gcd(divisor, term.stride) };
        }
        System { terms, rests, work: 0 }
    }

    /// Whether the terms from `place` on might sum to `left`, by bounds and divisibility alone.
    fn plausible(&self, place: usize, left: i128) -> bool {
        let Rest { reach, divisor } = self.rests[place];
        (0..=reach).contains(&left) && if divisor == 0 { left == 0 } else { left % divisor == 0 }
    }

    /// The values of the unknown at `place` that leave a plausible rest.
    fn candidates(&self, place: usize, left: i128) -> Candidates {
        let Term { stride, bound } = self.terms[place];
        let Rest { reach, divisor } = self.rests[place + 1];
        let low = ((left - reach).max(0) + stride - 1) / stride;
        let high = (left / stride).min(bound);
        let none = Candidates { first: 0, step: 1, count: 0 };
        if divisor == 0 {
            // Nothing follows: the unknown is determined.
            let exact = left % stride == 0 && (low..=high).contains(&(left / stride));
            return if exact { Candidates { first: left / stride, step: 1, count: 1 } } else { none };
        }
        // Solve stride·x = left modulo the divisor of the rest.
        let (common, inverse) = inverse(stride.rem_euclid(divisor), divisor);
        if left % common != 0 {
            return none;
        }
        let step = divisor / common;
        let residue = (left / common).rem_euclid(step) * inverse.rem_euclid(step) % step;
        let first = low + (residue - low).rem_euclid(step);
        if first > high { none } else { Candidates { first, step, count: (high - first) / step + 1 } }
    }

    /// Whether there is a solution; none where the work ran out.
    fn solvable(&mut self, place: usize, left: i128, failed: &mut HashSet<(usize, i128)>) -> Option<bool> {
        if !self.plausible(place, left) {
            return Some(false);
        }
        // The last unknown, and the one before it, are settled by what is plausible.
        let candidates = match self.terms.len() - place {
            0 => return Some(true),
            _ => self.candidates(place, left),
        };
        if self.terms.len() - place <= 2 {
            return Some(candidates.count > 0);
        }
        if failed.contains(&(place, left)) {
            return Some(false);
        }
        for number in 0..candidates.count {
            self.work += 1;
            if self.work > WORK {
                return None;
            }
            let value = candidates.first + number * candidates.step;
            if self.solvable(place + 1, left - value * self.terms[place].stride, failed)? {
                return Some(true);
            }
        }
        failed.insert((place, left));
        Some(false)
    }

    /// How many solutions there are; none where the work ran out.
    fn count(&mut self, place: usize, left: i128) -> Option<u128> {
        if !self.plausible(place, left) {
            return Some(0);
        }
        if place == self.terms.len() {
            return Some(1);
        }
        let candidates = self.candidates(place, left);
        if self.terms.len() - place <= 2 {
            return u128::try_from(candidates.count).ok();
        }
        let mut total = 0u128;
        for number in 0..candidates.count {
            self.work += 1;
            if self.work > WORK {
                return None;
            }
            let value = candidates.first + number * candidates.step;
            let below = self.count(place + 1, left - value * self.terms[place].stride)?;
            total = total.saturating_add(below);
        }
        Some(total)
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The greatest common divisor `g` of `a` and `modulus`, and an `x` with `a·x = g` modulo `modulus`.
fn inverse(a: i128, modulus: i128) -> (i128, i128) {
    let (mut old, mut now) = ((a, 1), (modulus, 0));
    while now.0 != 0 {
        let quotient = old.0 / now.0;
        (old, now) = (now, (old.0 - quotient * now.0, old.1 - quotient * now.1));
    }
    old
}

/// The terms that matter to whether a sum can be had, the largest stride first; equal strides are one unknown.
fn merged(terms: &[Term]) -> SmallVec<[Term; 8]> {
    let mut sorted: SmallVec<[Term; 8]> =
        terms.iter().copied().filter(|term| term.stride != 0 && term.bound != 0).collect();
    sorted.sort_unstable_by_key(|term| std::cmp::Reverse(term.stride));
    sorted.dedup_by(|next, kept| {
        let same = next.stride == kept.stride;
        kept.bound += if same { next.bound } else { 0 };
        same
    });
    sorted
}

/// Whether some indices give the distance. None: it was too hard to tell.
pub fn solvable(terms: &[Term], distance: i128) -> Option<bool> {
    System::new(merged(terms)).solvable(0, distance, &mut HashSet::new())
}

/// How many index tuples give the distance (terms of stride 0 count too). None: it was too hard to tell.
pub fn count(terms: &[Term], distance: i128) -> Option<u128> {
    let (free, mut bound): (Vec<Term>, SmallVec<[Term; 8]>) =
        (terms.iter().copied().filter(|t| t.stride == 0).collect(), SmallVec::new());
    bound.extend(terms.iter().copied().filter(|term| term.stride != 0 && term.bound != 0));
    bound.sort_unstable_by_key(|term| std::cmp::Reverse(term.stride));
    let times = free.iter().fold(1u128, |all, term| all.saturating_mul(term.bound as u128 + 1));
    Some(System::new(bound).count(0, distance)?.saturating_mul(times))
}

/// The first `limit` index tuples, in row-major order, that give the distance. May be fewer where it is too hard.
pub fn first_solutions(terms: &[Term], distance: i128, limit: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut index = Vec::with_capacity(terms.len());
    let mut work = 0;
    descend(terms, distance, limit, &mut index, &mut found, &mut work);
    found
}

fn descend(
    terms: &[Term],
    left: i128,
    limit: usize,
    index: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
    work: &mut usize,
) {
    let Some((term, rest)) = terms.split_first() else {
        if left == 0 {
            found.push(index.clone());
        }
        return;
    };
    let candidates = if term.stride == 0 {
        Candidates { first: 0, step: 1, count: term.bound + 1 }
    } else {
        // The unknown first, the others behind it in any order: only their reach and divisor count.
        let mut system = SmallVec::from_elem(*term, 1);
        system.extend(merged(rest));
        let system = System::new(system);
        if !system.plausible(0, left) {
            return;
        }
        system.candidates(0, left)
    };
    for number in 0..candidates.count {
        *work += 1;
        if found.len() >= limit || *work > WORK {
            return;
        }
        let value = candidates.first + number * candidates.step;
        let below = left - value * term.stride;
        if solvable(rest, below) == Some(true) {
            index.push(value as usize);
            descend(rest, below, limit, index, found, work);
            index.pop();
        } else if term.stride == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(terms: &[Term], distance: i128) -> Vec<Vec<usize>> {
        let mut all = vec![vec![]];
        for term in terms {
            all = all
                .into_iter()
                .flat_map(|index: Vec<usize>| {
                    (0..=term.bound as usize).map(move |x| [index.clone(), vec![x]].concat())
                })
                .collect();
        }
        let sum = |index: &[usize]| terms.iter().zip(index).map(|(t, &x)| t.stride * x as i128).sum::<i128>();
        all.retain(|index| sum(index) == distance);
        all
    }

    proptest! {
        #[test]
        fn solutions_are_those_of_trying_all(
            terms in prop::collection::vec((0i128..13, 0i128..5), 0..5),
            distance in -3i128..90,
        ) {
            let terms: Vec<Term> = terms.into_iter().map(|(stride, bound)| Term { stride, bound }).collect();
            let all = naive(&terms, distance);
            prop_assert_eq!(solvable(&terms, distance), Some(!all.is_empty()));
            prop_assert_eq!(count(&terms, distance), Some(all.len() as u128));
            let first = first_solutions(&terms, distance, 7);
            prop_assert_eq!(&first[..], &all[..all.len().min(7)]);
        }
    }
}
