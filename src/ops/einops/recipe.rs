//! A whole pattern bound to a shape: checked in einops' order and with its sentences, and turned into steps.

use super::Fault;
use super::account::{self, Account, Seat};
use super::pattern::{Axis, Group, Name, Rules, Side, check_name};
use crate::ops::nearest::nearest;
use std::collections::HashMap;

/// What a pattern is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// The same elements in another arrangement.
    Rearrange,
    /// New axes along which elements are repeated.
    Repeat,
    /// Axes go: by a reduction of that name.
    Reduce(&'a str),
    /// Axes go: by a function of the program, shown so in errors.
    Custom(&'a str),
}

/// The reductions that have a name.
pub const REDUCTIONS: [&str; 7] = ["min", "max", "sum", "mean", "prod", "any", "all"];

impl<'a> Operation<'a> {
    /// The operation that goes by a name.
    pub fn named(name: &'a str) -> Operation<'a> {
        match name {
            "rearrange" => Operation::Rearrange,
            "repeat" => Operation::Repeat,
            _ => Operation::Reduce(name),
        }
    }

    /// Its name, as errors have it.
    pub fn name(self) -> &'a str {
        match self {
            Operation::Rearrange => "rearrange",
            Operation::Repeat => "repeat",
            Operation::Reduce(name) | Operation::Custom(name) => name,
        }
    }
}

/// What is done to a tensor, in this order; what is empty is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// `reshape`: every axis of the left side becomes a dimension.
    pub split: Option<Vec<i64>>,
    /// `permute`: the axes in the order of the right side, those that go behind them.
    pub order: Option<Vec<i64>>,
    /// The dimensions that are reduced.
    pub reduced: Vec<i64>,
    /// New dimensions: place and length.
    pub added: Vec<(usize, i64)>,
    /// `reshape`: axes in brackets become one dimension.
    pub join: Option<Vec<i64>>,
    /// How many dimensions there are after the new ones were added.
    pub ndim: usize,
}

/// An axis after the ellipsis was spread: one of the n dimensions it covers, or what stands in the pattern. Numbers are
/// told apart by where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Covered(usize),
    Named(Box<str>),
    Anonymous(usize, i64),
}

impl Key {
    /// How it is written.
    fn name(&self) -> String {
        match self {
            Key::Covered(n) => format!("...{n}"),
            Key::Named(name) => name.to_string(),
            Key::Anonymous(_, size) => size.to_string(),
        }
    }
}

/// One dimension of a side after the ellipsis was spread, and where it stands.
struct Dim {
    keys: Vec<Key>,
    at: std::ops::Range<usize>,
}

/// The steps of a pattern for a tensor of a shape, and lengths of axes that were given by name.
pub fn steps(
    pattern: &str,
    operation: Operation<'_>,
    shape: &[usize],
    lengths: &[(&str, i64)],
) -> Result<Steps, Fault> {
    let (left, right) = sides(pattern)?;
    check_sides(pattern, operation, &left, &right, lengths)?;
    let (from, to) = spread(pattern, &left, &right, shape.len())?;
    let mut sizes = known(&from, &to);
    for &(name, length) in lengths {
        give(name, length, &mut sizes, &left, &right)?;
    }
    infer(&from, shape, &mut sizes)?;
    plan(&from, &to, &sizes)
}

/// What there is to say of a pattern for which there are [`steps`].
pub fn account(
    pattern: &str,
    operation: Operation<'_>,
    shape: &[usize],
    lengths: &[(&str, i64)],
) -> Result<Account, Fault> {
    let (left, right) = sides(pattern)?;
    let (from, to) = spread(pattern, &left, &right, shape.len())?;
    let mut sizes = known(&from, &to);
    for &(name, length) in lengths {
        give(name, length, &mut sizes, &left, &right)?;
    }
    infer(&from, shape, &mut sizes)?;
    let size = |key: &Key| sizes.get(key).copied().flatten().unwrap_or(1);
    let seat = |dims: &[Dim], key: &Key| {
        let dim = dims.iter().position(|dim| dim.keys.contains(key))?;
        let others = dims[dim].keys.iter().filter(|other| *other != key).map(Key::name).collect();
        Some(Seat { dim, others })
    };
    let mut keys: Vec<&Key> = Vec::new();
    for key in from.iter().chain(&to).flat_map(|dim| &dim.keys) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let axis = |key: &Key| account::Axis {
        name: key.name(),
        length: size(key),
        from: seat(&from, key),
        to: seat(&to, key),
    };
    Ok(Account {
        operation: operation.name().to_owned(),
        pattern: pattern.to_owned(),
        from: shape.to_vec(),
        to: to.iter().map(|dim| dim.keys.iter().map(size).product()).collect(),
        axes: keys.into_iter().map(axis).collect(),
    })
}

/// The two sides of a pattern.
pub fn sides(pattern: &str) -> Result<(Side, Side), Fault> {
    let arrow = pattern.find("->").unwrap_or(pattern.len());
    let left = Side::parse(pattern, 0..arrow, Rules::default())?;
    let right = Side::parse(pattern, (arrow + 2).min(pattern.len())..pattern.len(), Rules::default())?;
    Ok((left, right))
}

/// Names in the braces of a Python set.
fn braces<'a>(axes: impl IntoIterator<Item = &'a Axis>) -> String {
    let names: Vec<String> = axes.into_iter().map(|axis| axis.name.quoted()).collect();
    format!("{{{}}}", names.join(", "))
}

/// A mistake about axes, each of which is pointed at; with what was perhaps meant, out of `others`.
fn about(sentence: String, axes: &[&Axis], others: &[&str]) -> Fault {
    axes.iter().fold(Fault::new(sentence), |fault, axis| {
        let near = axis.name.text().and_then(|name| nearest(name, others.iter().copied()));
        fault.at(axis.at.clone(), near.map_or(String::new(), |near| format!("did you mean '{near}'?")))
    })
}

/// Which axes may stand on one side only depends on the operation.
fn check_sides(
    pattern: &str,
    operation: Operation<'_>,
    left: &Side,
    right: &Side,
    lengths: &[(&str, i64)],
) -> Result<(), Fault> {
    if let (None, Some((axis, _))) = (left.ellipsis(), right.ellipsis()) {
        let sentence = format!("Ellipsis found in right side, but not left side of a pattern {pattern}");
        return Err(Fault::new(sentence).at(axis.at.clone(), ""));
    }
    if let Some((axis, true)) = left.ellipsis() {
        let sentence = format!("Ellipsis inside parenthesis in the left side is not allowed: {pattern}");
        return Err(Fault::new(sentence).at(axis.at.clone(), "one dimension cannot be split into any number"));
    }
    fn lone<'a>(of: &'a Side, other: &Side) -> Vec<&'a Axis> {
        of.axes().filter(|axis| !other.has(&axis.name)).collect()
    }
    fn names(side: &Side) -> Vec<&str> {
        side.axes().filter_map(|axis| axis.name.text()).collect()
    }
    match operation {
        Operation::Rearrange => {
            if let Some(axis) = left.anonymous().or(right.anonymous()) {
                let sentence =
                    "Non-unitary anonymous axes are not supported in rearrange (exception is length 1)";
                let fault = Fault::new(sentence).at(axis.at.clone(), "");
                return Err(fault.note("give the axis a name, or use `repeat` for a new one"));
            }
            let (gone, fresh) = (lone(left, right), lone(right, left));
            let lone: Vec<&Axis> = gone.iter().chain(&fresh).copied().collect();
            if !lone.is_empty() {
                let sentence = format!(
                    "Identifiers only on one side of expression (should be on both): {}",
                    braces(lone.iter().copied())
                );
                let gone_names: Vec<&str> = gone.iter().filter_map(|axis| axis.name.text()).collect();
                let mut fault = about(sentence, &fresh, &gone_names);
                for axis in &gone {
                    fault = fault.at(axis.at.clone(), "");
                }
                return Err(match (gone.is_empty(), fresh.is_empty()) {
                    (false, true) => fault.note("`reduce` sums, averages, .. over an axis that goes"),
                    (true, false) => fault.note("`repeat` adds an axis"),
                    _ => fault,
                });
            }
        }
        Operation::Repeat => {
            let gone = lone(left, right);
            if !gone.is_empty() {
                let sentence = format!(
                    "Unexpected identifiers on the left side of repeat: {}",
                    braces(gone.iter().copied())
                );
                return Err(about(sentence, &gone, &names(right)));
            }
            let without = |axis: &&&Axis| {
                axis.name.text().is_some_and(|name| !lengths.iter().any(|(given, _)| *given == name))
            };
            let fresh = lone(right, left);
            let unsized_: Vec<&Axis> = fresh.iter().filter(without).copied().collect();
            if let Some(first) = unsized_.first() {
                let sentence =
                    format!("Specify sizes for new axes in repeat: {}", braces(unsized_.iter().copied()));
                let fault = about(sentence, &unsized_, &names(left));
                let name = first.name.text().unwrap_or("n");
                return Err(fault.note(format!("its length is given by name: {name}=2")));
            }
        }
        Operation::Reduce(name) if !REDUCTIONS.contains(&name) => {
            let listed = REDUCTIONS.map(|name| format!("'{name}'")).join(", ");
            let fault = Fault::new(format!("Unknown reduction {name}. Expect one of ({listed})."));
            return Err(match nearest(name, REDUCTIONS) {
                Some(near) => fault.note(format!("did you mean '{near}'?")),
                None => {
                    fault.note("a function of a tensor and a tuple of dims does as well: torch.logsumexp")
                }
            });
        }
        Operation::Reduce(name) | Operation::Custom(name) => {
            let fresh = lone(right, left);
            if !fresh.is_empty() {
                let sentence = format!(
                    "Unexpected identifiers on the right side of reduce {name}: {}",
                    braces(fresh.iter().copied())
                );
                return Err(about(sentence, &fresh, &names(left)));
            }
        }
    }
    Ok(())
}

/// The dimensions of both sides for a tensor of a rank.
fn spread(pattern: &str, left: &Side, right: &Side, ndim: usize) -> Result<(Vec<Dim>, Vec<Dim>), Fault> {
    let groups = left.groups.len();
    let point = |fault: Fault| {
        let text = pattern[left.at.clone()].trim();
        let start = left.at.start + pattern[left.at.clone()].find(text).unwrap_or(0);
        let named = left.groups.iter().filter(|group| !group.is_ellipsis()).count();
        let fault = fault.at(start..start + text.len(), format!("{named} for {ndim} dimensions"));
        if left.ellipsis().is_some() { fault } else { fault.note("`...` stands for any number of them") }
    };
    let covered = if left.ellipsis().is_some() {
        let others = groups - 1;
        if ndim < others {
            let sentence = format!("Wrong shape: expected >={others} dims. Received {ndim}-dim tensor.");
            return Err(point(Fault::new(sentence)));
        }
        ndim - others
    } else if ndim != groups {
        let sentence = format!("Wrong shape: expected {groups} dims. Received {ndim}-dim tensor.");
        return Err(point(Fault::new(sentence)));
    } else {
        0
    };
    let dims = |side: &Side| side.groups.iter().flat_map(|group| dims_of(group, covered)).collect();
    Ok((dims(left), dims(right)))
}

/// What a group becomes: one dimension, or of a bare ellipsis as many as it covers.
fn dims_of(group: &Group, covered: usize) -> Vec<Dim> {
    let at = group.at.clone();
    if group.is_ellipsis() {
        return (0..covered).map(|n| Dim { keys: vec![Key::Covered(n)], at: at.clone() }).collect();
    }
    let keys = group.axes.iter().flat_map(|axis| match &axis.name {
        Name::Ellipsis => (0..covered).map(Key::Covered).collect(),
        Name::Named(name) => vec![Key::Named(name.clone())],
        Name::Anonymous(size) => vec![Key::Anonymous(axis.at.start, *size)],
    });
    vec![Dim { keys: keys.collect(), at }]
}

/// The lengths that stand in the pattern; the others are not known yet.
fn known(from: &[Dim], to: &[Dim]) -> HashMap<Key, Option<i64>> {
    let keys = from.iter().chain(to).flat_map(|dim| &dim.keys);
    keys.map(|key| match key {
        Key::Anonymous(_, size) => (key.clone(), Some(*size)),
        _ => (key.clone(), None),
    })
    .collect()
}

/// A length that was given by name.
fn give(
    name: &str,
    length: i64,
    sizes: &mut HashMap<Key, Option<i64>>,
    left: &Side,
    right: &Side,
) -> Result<(), Fault> {
    if check_name(name, false).is_err() {
        return Err(Fault::new(format!("('Invalid name for an axis', '{name}')")));
    }
    match sizes.get_mut(&Key::Named(name.into())) {
        Some(size) if length >= 0 => {
            *size = Some(length);
            Ok(())
        }
        Some(_) => Err(Fault::new(format!("Length of axis {name} is {length}: it should not be negative"))),
        None => {
            let fault = Fault::new(format!("Axis {name} is not used in transform"));
            let names = left.axes().chain(right.axes()).filter_map(|axis| axis.name.text());
            Err(match nearest(name, names) {
                Some(near) => fault.note(format!("did you mean '{near}'?")),
                None => fault,
            })
        }
    }
}

/// Lengths that follow from the shape: in each dimension one may be unknown.
fn infer(from: &[Dim], shape: &[usize], sizes: &mut HashMap<Key, Option<i64>>) -> Result<(), Fault> {
    for dim in from {
        let unknown: Vec<&Key> = dim.keys.iter().filter(|key| sizes[*key].is_none()).collect();
        if unknown.len() > 1 {
            let names: Vec<String> = unknown.iter().map(|key| quoted(key)).collect();
            let fault = Fault::new(format!("Could not infer sizes for {{{}}}", names.join(", ")));
            let fault = fault.at(dim.at.clone(), "all lengths but one have to be known");
            return Err(fault.note(table(from, shape, sizes)));
        }
    }
    for (dim, &size) in from.iter().zip(shape) {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let lengths = dim.keys.iter().filter_map(|key| sizes[key]);
        let product = lengths.map(i128::from).fold(1i128, i128::saturating_mul);
        let unknown = dim.keys.iter().find(|key| sizes[*key].is_none());
        match unknown {
            None if product == i128::from(size) => {}
            None => {
                let fault = Fault::new(format!("Shape mismatch, {size} != {product}"));
                let fault = fault.at(dim.at.clone(), format!("this dimension is {size} long"));
                return Err(fault.note(table(from, shape, sizes)));
            }
            Some(key) if product > 0 && i128::from(size) % product == 0 => {
                let length = i64::try_from(i128::from(size) / product).unwrap_or(i64::MAX);
                sizes.insert(key.clone(), Some(length));
            }
            Some(_) => {
                let fault = Fault::new(format!(
                    "Shape mismatch, can't divide axis of length {size} in chunks of {product}"
                ));
                let fault = fault.at(dim.at.clone(), format!("this dimension is {size} long"));
                return Err(fault.note(table(from, shape, sizes)));
            }
        }
    }
    Ok(())
}

fn quoted(key: &Key) -> String {
    match key {
        Key::Covered(n) => format!("'…{n}'"),
        Key::Named(name) => format!("'{name}'"),
        Key::Anonymous(_, size) => format!("{size}-axis"),
    }
}

/// The steps, all lengths being known.
fn plan(from: &[Dim], to: &[Dim], sizes: &HashMap<Key, Option<i64>>) -> Result<Steps, Fault> {
    let size = |key: &Key| sizes.get(key).copied().flatten().unwrap_or(1);
    let before: Vec<&Key> = from.iter().flat_map(|dim| &dim.keys).collect();
    let after: Vec<&Key> = to.iter().flat_map(|dim| &dim.keys).collect();
    let place = |key: &Key| before.iter().position(|known| *known == key);
    let mut order: Vec<i64> = after.iter().filter_map(|key| place(key)).map(|at| at as i64).collect();
    let kept = order.len() as i64;
    let gone = before.iter().enumerate().filter(|(_, key)| !after.contains(key));
    order.extend(gone.map(|(at, _)| at as i64));
    let whole: Vec<i64> = (0..order.len() as i64).collect();
    let added: Vec<(usize, i64)> = after
        .iter()
        .enumerate()
        .filter(|(_, key)| place(key).is_none())
        .map(|(at, key)| (at, size(key)))
        .collect();
    let split = from.iter().any(|dim| dim.keys.len() != 1);
    let join = to.iter().any(|dim| dim.keys.len() != 1);
    let joined = to.iter().map(|dim| {
        let product = dim.keys.iter().try_fold(1i64, |product, key| product.checked_mul(size(key)));
        product.ok_or_else(|| Fault::new("The result is too large").at(dim.at.clone(), ""))
    });
    let joined = joined.collect::<Result<Vec<i64>, Fault>>()?;
    Ok(Steps {
        split: split.then(|| before.iter().map(|key| size(key)).collect()),
        reduced: (kept..order.len() as i64).collect(),
        order: (order != whole).then_some(order),
        ndim: kept as usize + added.len(),
        added,
        join: join.then_some(joined),
    })
}

/// The dimensions of the tensor with their axes and lengths, a line each.
fn table(from: &[Dim], shape: &[usize], sizes: &HashMap<Key, Option<i64>>) -> String {
    let lines = from.iter().zip(shape).enumerate().map(|(n, (dim, size))| {
        let axes = dim.keys.iter().map(|key| {
            if let Key::Anonymous(..) = key {
                return key.name();
            }
            let length = sizes[key].map_or_else(|| "?".to_owned(), |length| length.to_string());
            format!("{} = {length}", key.name())
        });
        let axes: Vec<String> = axes.collect();
        match axes.as_slice() {
            [] => format!("dim {n}, {size} long: 1"),
            _ => format!("dim {n}, {size} long: {}", axes.join(" × ")),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_pattern() {
        let found = steps("b (h p) w -> b w (p h)", Operation::Rearrange, &[2, 6, 5], &[("p", 3)]).unwrap();
        let expected = Steps {
            split: Some(vec![2, 2, 3, 5]),
            order: Some(vec![0, 3, 2, 1]),
            reduced: vec![],
            added: vec![],
            join: Some(vec![2, 5, 6]),
            ndim: 4,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_changes_nothing_has_no_steps() {
        let found = steps("a ... b -> a ... b", Operation::Rearrange, &[2, 3, 4, 5], &[]).unwrap();
        assert_eq!(found, Steps { ndim: 4, ..Steps::default() });
    }

    #[test]
    fn axes_that_go_stand_behind() {
        let found = steps("a b 2 -> b 3", Operation::Reduce("sum"), &[4, 5, 2], &[]);
        assert_eq!(
            found.unwrap_err().message,
            "Unexpected identifiers on the right side of reduce sum: {3-axis}"
        );
        let found = steps("a b 2 -> b", Operation::Reduce("sum"), &[4, 5, 2], &[]).unwrap();
        assert_eq!((found.order, found.reduced), (Some(vec![1, 0, 2]), vec![1, 2]));
    }
}
