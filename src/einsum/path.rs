//! Plans as NumPy writes them: a path of positions in a list that shrinks, and a report.

use super::binding::{Binding, Id, Ids};
use super::compiled::Compiled;
use super::plan::Plan;

/// The positions of the terms that meet at each step; results go to the end of the list.
pub fn positions(plan: &Plan, operands: usize) -> Vec<Vec<usize>> {
    let mut list: Vec<usize> = (0..operands).collect();
    let mut path = Vec::with_capacity(plan.steps.len().max(1));
    for (n, step) in plan.steps.iter().enumerate() {
        let mut pair: Vec<usize> =
            (0..list.len()).filter(|&at| list[at] == step.left || list[at] == step.right).collect();
        for &at in pair.iter().rev() {
            list.remove(at);
        }
        list.push(operands + n);
        pair.sort_unstable();
        path.push(pair);
    }
    if path.is_empty() {
        path.push((0..operands).collect());
    }
    path
}

/// The pairs of numbered terms of a path of positions; more than two at a time meet one after the other. `None` where it
/// names what is not there, or leaves operands over.
pub fn pairs(path: &[Vec<usize>], operands: usize) -> Option<Vec<(usize, usize)>> {
    let mut list: Vec<usize> = (0..operands).collect();
    let mut pairs = Vec::new();
    for positions in path {
        let mut sorted = positions.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != positions.len() || sorted.is_empty() || *sorted.last()? >= list.len() {
            return None;
        }
        let mut met: Vec<usize> = sorted.iter().rev().map(|&at| list.remove(at)).collect();
        let mut whole = met.pop()?;
        for other in met.into_iter().rev() {
            pairs.push((whole, other));
            whole = operands + pairs.len() - 1;
        }
        list.push(whole);
    }
    (list.len() == 1).then_some(pairs)
}

impl Compiled {
    /// The same in a given order.
    pub fn in_order(&self, pairs: &[(usize, usize)]) -> Compiled {
        self.planned(Plan::given(&self.network, pairs))
    }

    /// The report of `np.einsum_path`.
    pub fn report(&self) -> String {
        let binding = &self.binding;
        let write = |ids: &[Id]| -> String {
            ids.iter().map(|&id| binding.labels[id as usize].to_string()).collect()
        };
        let elements = |ids: &[Id]| -> f64 { ids.iter().map(|&id| binding.size(id) as f64).product() };
        let mut list: Vec<Ids> = binding.operands.clone();
        // How many terms of the list have a letter; the output counts as one.
        let mut users = vec![0u32; binding.labels.len()];
        list.iter().chain([&binding.output]).flat_map(|ids| union(std::slice::from_ref(ids))).for_each(
            |id| {
                users[id as usize] += 1;
            },
        );
        let (mut lines, mut cost, mut largest, mut widest) = (String::new(), 0.0, 0f64, 0);
        for positions in positions(&self.plan, list.len()) {
            let met: Vec<Ids> = positions.iter().rev().map(|&at| list.remove(at)).collect();
            for ids in &met {
                union(std::slice::from_ref(ids)).into_iter().for_each(|id| users[id as usize] -= 1);
            }
            let all = union(&met);
            let mut left: Ids = all.iter().copied().filter(|&id| users[id as usize] > 0).collect();
            let adds = left.len() < all.len();
            left.sort_by_key(|&id| (binding.size(id), binding.labels[id as usize]));
            if list.is_empty() {
                left = binding.output.clone();
            }
            cost += flops(elements(&all), met.len(), adds);
            largest = largest.max(elements(&left));
            widest = widest.max(all.len());
            let current = format!(
                "{}->{}",
                met.iter().map(|ids| write(ids)).collect::<Vec<_>>().join(","),
                write(&left)
            );
            left.iter().for_each(|&id| users[id as usize] += 1);
            list.push(left);
            // A network of a thousand terms would fill a page a line.
            let rest = match list.len() {
                0..=REMAINING => list.iter().map(|ids| write(ids)).collect::<Vec<_>>().join(","),
                n => format!("{n} terms"),
            };
            let remaining = format!("{rest}->{}", write(&binding.output));
            lines.push_str(&format!("\n{:4}    {current:>24} {remaining:>40}", all.len()));
        }
        cost += 1.0;
        let naive = naive(binding);
        let inputs = binding.operands.iter().map(|ids| write(ids)).collect::<Vec<_>>().join(",");
        let rule = "-".repeat(74);
        format!(
            "  Complete contraction:  {inputs}->{}\n         Naive scaling:  {}\n     Optimized scaling:  {widest}\n      Naive FLOP count:  {}\n  Optimized FLOP count:  {}\n   Theoretical speedup:  {:.3}\n  Largest intermediate:  {} elements\n{rule}\n{:>6} {:>24} {:>40}\n{rule}{lines}",
            write(&binding.output),
            binding.labels.len(),
            scientific(naive),
            scientific(cost),
            naive / cost,
            scientific(largest),
            "scaling",
            "current",
            "remaining",
        )
    }
}

/// Terms that are written out in a line of a report.
const REMAINING: usize = 50;

fn union(terms: &[Ids]) -> Ids {
    let mut all = Ids::new();
    for &id in terms.iter().flatten() {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

/// NumPy's count: a multiplication for each further factor, and an addition.
fn flops(size: f64, terms: usize, adds: bool) -> f64 {
    size * ((terms - 1).max(1) as f64 + if adds { 1.0 } else { 0.0 })
}

fn naive(binding: &Binding) -> f64 {
    let size = binding.sizes.iter().map(|&size| size as f64).product();
    flops(size, binding.operands.len(), !binding.keeps_all())
}

/// `1.810e+02`, as C writes it.
fn scientific(number: f64) -> String {
    let text = format!("{number:.3e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        None => text,
    }
}
