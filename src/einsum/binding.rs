//! Letters bound to sizes: which dimension of which operand each letter names, and what the output is.

use super::equation::{Equation, Label, Letter, Subscript, SubscriptKind, fault, fault_at, is_ellipsis};
use crate::error::{Error, Result};
use smallvec::SmallVec;
use std::collections::HashMap;

/// The number of a letter in its binding: letters are counted in the order in which they appear.
pub type Id = u32;

/// Numbers of letters, in some order.
pub type Ids = SmallVec<[Id; 6]>;

/// An equation over operands of known shapes.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The letter each number stands for.
    pub labels: Vec<Label>,
    /// The size of each letter: that of the operands that have more than one of it.
    pub sizes: Vec<usize>,
    /// A letter for each dimension of each operand.
    pub operands: Vec<Ids>,
    /// The letters of the output.
    pub output: Ids,
}

impl Binding {
    /// Checks ranks, output letters and sizes, in PyTorch's order.
    pub fn new(equation: &Equation, shapes: &[&[usize]]) -> Result<Binding> {
        let covered = check_ranks(equation, shapes)?;
        let widest = covered.iter().copied().max().unwrap_or(0);
        let mut letters = Letters::default();
        let operands: Vec<Ids> = equation
            .operands
            .iter()
            .zip(&covered)
            .map(|(term, &n)| letters.expand(term, widest - n..widest))
            .collect();
        let output = match &equation.output {
            Some(term) => {
                let output = letters.explicit(term, widest)?;
                match &equation.stray {
                    Some(stray) => return Err(stray.error()),
                    None => output,
                }
            }
            None => letters.implicit(widest, &operands),
        };
        let sizes = bind_sizes(equation, &letters.labels, &operands, shapes)?;
        Ok(Binding { labels: letters.labels, sizes, operands, output })
    }

    /// Whether every letter of the operands is in the output: nothing is summed.
    pub fn keeps_all(&self) -> bool {
        self.operands.iter().flatten().all(|id| self.output.contains(id))
    }

    /// The size of a letter.
    pub fn size(&self, id: Id) -> usize {
        self.sizes[id as usize]
    }

    /// The sizes of the output.
    pub fn output_shape(&self) -> Vec<usize> {
        self.output.iter().map(|&id| self.size(id)).collect()
    }

    /// In how many operands a letter occurs.
    pub fn occurrences(&self, id: Id) -> usize {
        self.operands.iter().filter(|ids| ids.contains(&id)).count()
    }

    /// The letters that one dimension of one operand has and that nobody asks for: they are summed away silently, which
    /// may be a slip. (What an ellipsis covers is not counted.)
    pub fn lonely(&self) -> Vec<Id> {
        let alone = |&id: &Id| {
            matches!(self.labels[id as usize], Label::Letter(_))
                && !self.output.contains(&id)
                && self.operands.iter().flatten().filter(|&&other| other == id).count() == 1
        };
        (0..self.labels.len() as Id).filter(alone).collect()
    }
}

/// Numbers given to letters.
#[derive(Default)]
struct Letters {
    labels: Vec<Label>,
    known: HashMap<Label, Id>,
}

impl Letters {
    fn id(&mut self, label: Label) -> Id {
        // A handful of letters is found faster by looking at each.
        if self.labels.len() <= 16 {
            if let Some(at) = self.labels.iter().position(|&l| l == label) {
                return at as Id;
            }
        } else if let Some(&id) = self.known.get(&label) {
            return id;
        }
        let id = self.labels.len() as Id;
        self.labels.push(label);
        if self.labels.len() == 17 {
            self.known.extend(self.labels.iter().copied().zip(0..));
        } else if self.labels.len() > 17 {
            self.known.insert(label, id);
        }
        id
    }

    fn has(&self, label: Label) -> bool {
        if self.labels.len() <= 16 { self.labels.contains(&label) } else { self.known.contains_key(&label) }
    }

    /// The letters of a term whose ellipsis covers the given dimensions.
    fn expand(&mut self, term: &[Subscript], covered: std::ops::Range<usize>) -> Ids {
        let mut ids = Ids::new();
        for subscript in term {
            match subscript.kind {
                SubscriptKind::Letter(c) => ids.push(self.id(Label::Letter(c))),
                SubscriptKind::Ellipsis => ids.extend(covered.clone().map(|n| self.id(Label::Covered(n)))),
            }
        }
        ids
    }

    fn explicit(&mut self, term: &[Subscript], widest: usize) -> Result<Ids> {
        let mut seen: Vec<Letter> = Vec::new();
        for subscript in term {
            let SubscriptKind::Letter(c) = subscript.kind else { continue };
            if seen.contains(&c) {
                let message = format!("output subscript {c} appears more than once in the output");
                return Err(at(subscript, message));
            }
            seen.push(c);
            if !self.has(Label::Letter(c)) {
                let message =
                    format!("output subscript {c} does not appear in the equation for any input operand");
                return Err(at(subscript, message));
            }
        }
        Ok(self.expand(term, 0..widest))
    }

    /// Without an output: what the ellipsis covers, then the letters that occur once, capitals first.
    fn implicit(&mut self, widest: usize, operands: &[Ids]) -> Ids {
        let mut counts = vec![0usize; self.labels.len()];
        for &id in operands.iter().flatten() {
            counts[id as usize] += 1;
        }
        let mut once: Vec<(Label, Id)> = self
            .labels
            .iter()
            .zip(0..)
            .filter(|&(label, id)| matches!(label, Label::Letter(_)) && counts[id as usize] == 1)
            .map(|(&label, id)| (label, id))
            .collect();
        once.sort_unstable();
        let covered: Ids = (0..widest).map(|n| self.id(Label::Covered(n))).collect();
        covered.into_iter().chain(once.into_iter().map(|(_, id)| id)).collect()
    }
}

/// An error about a subscript, which points at it.
fn at(subscript: &Subscript, message: String) -> Error {
    match subscript.at {
        Some(at) => match subscript.kind {
            SubscriptKind::Letter(c) => fault_at(message, at, c.to_string().len()),
            SubscriptKind::Ellipsis => fault_at(message, at, 3),
        },
        None => fault(message),
    }
}

/// How many dimensions the ellipsis of each operand covers.
fn check_ranks(equation: &Equation, shapes: &[&[usize]]) -> Result<SmallVec<[usize; 4]>> {
    let check = |(n, (term, shape)): (usize, (&Vec<Subscript>, &&[usize]))| {
        let ellipses = term.iter().filter(|s| is_ellipsis(s)).count();
        let (letters, dims) = (term.len() - ellipses, shape.len());
        if ellipses > 0 && letters > dims {
            let message = format!(
                "the number of subscripts in the equation ({letters}) is more than the number of dimensions ({dims}) for operand {n}"
            );
            return Err(whole_term(term, message));
        }
        if ellipses == 0 && letters != dims {
            let message = format!(
                "the number of subscripts in the equation ({letters}) does not match the number of dimensions ({dims}) for operand {n} and no ellipsis was given"
            );
            return Err(whole_term(term, message));
        }
        Ok(dims - letters)
    };
    equation.operands.iter().zip(shapes).enumerate().map(check).collect()
}

/// An error about all subscripts of a term.
fn whole_term(term: &[Subscript], message: String) -> Error {
    match (term.first().and_then(|s| s.at), term.last()) {
        (Some(first), Some(Subscript { kind, at: Some(last) })) => {
            let width = match kind {
                SubscriptKind::Letter(c) => c.to_string().len(),
                SubscriptKind::Ellipsis => 3,
            };
            fault_at(message, first, last + width - first)
        }
        _ => fault(message),
    }
}

/// The size of each letter: dimensions of one broadcast between operands, not inside one.
fn bind_sizes(
    equation: &Equation,
    labels: &[Label],
    operands: &[Ids],
    shapes: &[&[usize]],
) -> Result<Vec<usize>> {
    let mut sizes = vec![1usize; labels.len()];
    for (n, (ids, shape)) in operands.iter().zip(shapes).enumerate() {
        let point = |dim: usize, message: String| match subscript_of(&equation.operands[n], ids.len(), dim) {
            Some(subscript) => at(subscript, message),
            None => fault(message),
        };
        for (dim, (&id, &size)) in ids.iter().zip(*shape).enumerate() {
            let label = labels[id as usize];
            if let Some(first) = ids[..dim].iter().position(|&other| other == id) {
                if shape[first] != size {
                    let message = format!(
                        "subscript {label} is repeated for operand {n} but the sizes don't match, {size} != {}",
                        shape[first]
                    );
                    return Err(point(dim, message).note(
                        "a letter that is repeated inside one operand walks its diagonal, so both dimensions must have one size",
                    ));
                }
                continue;
            }
            let known = &mut sizes[id as usize];
            if size == 1 || *known == size {
                continue;
            }
            if *known != 1 {
                let message = match label {
                    Label::Letter(c) => format!(
                        "subscript {c} has size {size} for operand {n} which does not broadcast with previously seen size {known}"
                    ),
                    // PyTorch's sentence lacks this space as well.
                    Label::Covered(_) => format!(
                        "dimension {dim} covered by ellipsis in operand {n}has size {size} which does not broadcast with previously seen ellipsis with size {known} for the respective dimension"
                    ),
                };
                return Err(point(dim, message));
            }
            *known = size;
        }
    }
    Ok(sizes)
}

/// The subscript that stands for a dimension of a term of so many dimensions.
fn subscript_of(term: &[Subscript], dims: usize, dim: usize) -> Option<&Subscript> {
    let covered = (dims + 1).saturating_sub(term.len());
    let mut from = 0;
    term.iter().find(|subscript| {
        from += if is_ellipsis(subscript) { covered } else { 1 };
        dim < from
    })
}

/// What each operand's letters were bound to, a line each: shown below an error of sizes.
pub(super) fn table(equation: &Equation, shapes: &[&[usize]]) -> Vec<String> {
    let line = |(n, (term, shape)): (usize, (&Vec<Subscript>, &&[usize]))| {
        let dims = shape.len();
        let mut bound = String::new();
        for (dim, size) in shape.iter().enumerate() {
            let name = match subscript_of(term, dims, dim) {
                Some(Subscript { kind: SubscriptKind::Letter(c), .. }) => c.to_string(),
                Some(_) => "...".to_owned(),
                None => "?".to_owned(),
            };
            bound.push_str(&format!("{} {name} = {size}", if dim > 0 { "," } else { "" }));
        }
        for missing in term.iter().filter(|s| !is_ellipsis(s)).skip(dims) {
            if let SubscriptKind::Letter(c) = missing.kind {
                bound.push_str(&format!(", {c} has no dimension"));
            }
        }
        format!("operand {n} is {shape:?}:{bound}")
    };
    equation.operands.iter().zip(shapes).enumerate().map(line).collect()
}
