//! Plans: the optimum against all trees, and large networks.

use super::*;
use crate::einsum::binding::Ids;
use proptest::prelude::*;

fn network(text: &str, size: impl Fn(char) -> f64) -> Network {
    let (inputs, output) = text.split_once("->").expect("an output");
    let mut letters: Vec<char> = inputs.chars().filter(|&c| c != ',').collect();
    letters.sort_unstable();
    letters.dedup();
    let ids = |term: &str| -> Ids {
        term.chars().map(|c| letters.binary_search(&c).expect("known") as u32).collect()
    };
    Network {
        sizes: letters.iter().map(|&c| size(c)).collect(),
        terms: inputs.split(',').map(ids).collect(),
        output: ids(output),
    }
}

fn planned(network: &Network, limit: Option<f64>) -> Plan {
    let free = Plan::new(network).expect("nobody interrupts");
    limit.map_or(free.clone(), |limit| free.bounded(network, limit).expect("nobody interrupts"))
}

/// The least cost of all trees: every pair of the terms that are there meets next.
fn least(network: &Network, pairs: &mut Vec<(usize, usize)>, there: &[usize]) -> f64 {
    if there.len() == 1 {
        return network.follow(pairs, Method::Given).cost().total();
    }
    let mut best = f64::INFINITY;
    for (n, &a) in there.iter().enumerate() {
        for &b in &there[n + 1..] {
            let mut rest: Vec<usize> = there.iter().copied().filter(|&t| t != a && t != b).collect();
            rest.push(network.terms.len() + pairs.len());
            pairs.push((a, b));
            best = best.min(least(network, pairs, &rest));
            pairs.pop();
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_tree_is_cheaper(
        terms in prop::collection::vec(prop::collection::btree_set(0u32..6, 0..4), 3..6),
        sizes in prop::collection::vec(2usize..40, 6),
        output in prop::collection::btree_set(0u32..6, 0..3),
    ) {
        let terms: Vec<Ids> = terms.into_iter().map(|term| term.into_iter().collect()).collect();
        let output = output.into_iter().filter(|id| terms.iter().flatten().any(|other| other == id)).collect();
        let network = Network { sizes: sizes.into_iter().map(|size| size as f64).collect(), terms, output };
        let plan = planned(&network, None);
        prop_assert_eq!(plan.method, Method::Optimal);
        let there: Vec<usize> = (0..network.terms.len()).collect();
        let best = least(&network, &mut Vec::new(), &there);
        prop_assert!((plan.cost().total() - best).abs() <= 1e-9 * best, "{:?}", plan);
    }
}

#[test]
fn a_letter_that_a_third_operand_needs_is_not_summed_early() {
    let plan = planned(&network("bgk,bkd,bk->bgd", |c| if c == 'k' { 1024.0 } else { 16.0 }), None);
    // The small weights meet one of the others elementwise; no pair leaves all four letters.
    assert_eq!(plan.steps[0].result.len(), 3);
    assert!(plan.largest <= 16.0 * 16.0 * 1024.0);
    let plan = planned(&network("ij,jk,kl,jk->il", |_| 64.0), None);
    assert_eq!((plan.steps[0].left, plan.steps[0].right), (1, 3));
    assert!(plan.largest <= 64.0 * 64.0);
}

#[test]
fn an_outer_product_is_taken_where_it_is_best() {
    let plan = planned(&network("i,j,ijkl->kl", |_| 20.0), None);
    assert_eq!((plan.steps[0].left, plan.steps[0].right), (0, 1));
}

#[test]
fn a_limit_is_kept_or_said_to_be_exceeded() {
    let chain = network("ab,cb,db->acd", |c| if c == 'b' { 2.0 } else { 10.0 });
    let free = planned(&chain, None);
    assert_eq!((free.bound, free.exceeds), (None, false));
    let plan = planned(&chain, Some(free.largest));
    assert_eq!((plan.bound, plan.exceeds), (None, false));
    let plan = planned(&chain, Some(10.0));
    assert_eq!((plan.bound, plan.exceeds), (Some(10.0), true));
    // What does not fit anyway is not made dearer as well.
    let wide = network("abx,bcx,cdx,dax->", |_| 9.0);
    let (free, plan) = (planned(&wide, None), planned(&wide, Some(2.0)));
    assert_eq!((plan.steps, plan.exceeds), (free.steps, true));
    // Here the cheapest plan has a large result that another one does without.
    let star = network("ai,bi,ci,abc->i", |c| if c == 'i' { 400.0 } else { 8.0 });
    let free = planned(&star, None);
    let tight = planned(&star, Some(free.largest - 1.0));
    assert!(tight.exceeds || tight.largest < free.largest);
    assert!(tight.cost().total() >= free.cost().total());
}

/// A square grid of tensors, each joined to its neighbours.
fn grid(side: usize, bond: f64) -> Network {
    let mut terms = vec![Ids::new(); side * side];
    let mut count = 0;
    for row in 0..side {
        for column in 0..side {
            let at = row * side + column;
            for next in [(column + 1 < side).then_some(at + 1), (row + 1 < side).then_some(at + side)] {
                let Some(next) = next else { continue };
                terms[at].push(count);
                terms[next].push(count);
                count += 1;
            }
        }
    }
    Network { sizes: vec![bond; count as usize], terms, output: Ids::new() }
}

#[test]
fn a_large_network_is_searched() {
    let plan = planned(&grid(8, 2.0), None);
    assert_eq!((plan.method, plan.steps.len()), (Method::Search, 63));
    assert!(plan.largest <= 1024.0, "{}", plan.largest);
    let plan = planned(&grid(4, 4.0), None);
    assert_eq!(plan.method, Method::Optimal);
}
