//! Sets of letters as bits, after letters that always occur together have been joined to one.

use super::Network;
use crate::einsum::binding::{Id, Ids};
use std::collections::HashMap;

/// A network of up to 128 kinds of letters: letters that the same terms have are one kind, whose size is their product.
#[derive(Clone, Debug)]
pub(crate) struct Letters {
    /// The letters of each term.
    pub terms: Vec<u128>,
    /// Those of the output.
    pub output: u128,
    sizes: Vec<f64>,
}

impl Letters {
    /// The sets of a network; none where it has more than 128 kinds.
    pub(crate) fn new(network: &Network) -> Option<Letters> {
        Letters::of(&network.terms, &network.output, &network.sizes)
    }

    /// The sets of some terms, of which the output's letters are needed afterwards.
    pub(crate) fn of(terms: &[Ids], output: &[Id], sizes: &[f64]) -> Option<Letters> {
        let mut users: HashMap<Id, Vec<u32>> = HashMap::new();
        for (n, ids) in terms.iter().enumerate() {
            for &id in ids {
                users.entry(id).or_default().push(n as u32);
            }
        }
        for &id in output {
            if let Some(users) = users.get_mut(&id) {
                users.push(u32::MAX);
            }
        }
        let mut letters = Letters { terms: vec![0; terms.len()], output: 0, sizes: Vec::new() };
        let mut kinds: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut ordered: Vec<(Id, Vec<u32>)> = users.into_iter().collect();
        ordered.sort_unstable_by_key(|(id, _)| *id);
        for (id, users) in ordered {
            let size = sizes[id as usize];
            if let Some(&kind) = kinds.get(&users) {
                letters.sizes[kind] *= size;
                continue;
            }
            let kind = letters.sizes.len();
            if kind == 128 {
                return None;
            }
            letters.sizes.push(size);
            for &n in &users {
                let set = if n == u32::MAX { &mut letters.output } else { &mut letters.terms[n as usize] };
                *set |= 1 << kind;
            }
            kinds.insert(users, kind);
        }
        Some(letters)
    }

    /// The number of elements of a term with these letters.
    pub(crate) fn elements(&self, set: u128) -> f64 {
        let (mut rest, mut product) = (set, 1.0);
        while rest != 0 {
            product *= self.sizes[rest.trailing_zeros() as usize];
            rest &= rest - 1;
        }
        product
    }
}
