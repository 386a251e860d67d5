//! Letters bound to sizes: which dimension of which operand each letter names, and what the output is.

use super::equation::{Equation, Label, Subscript, SubscriptKind, fault, is_ellipsis};
use crate::error::Result;
use crate::tensor::array::Array;
use std::collections::HashMap;

/// An equation over operands of known shapes.
#[derive(Debug)]
pub struct Binding {
    /// A label for each dimension of each operand.
    pub operands: Vec<Vec<Label>>,
    /// The labels of the output.
    pub output: Vec<Label>,
    sizes: HashMap<Label, usize>,
}

impl Binding {
    /// Checks ranks, output letters and sizes, in PyTorch's order.
    pub fn new(equation: &Equation, operands: &[Array]) -> Result<Binding> {
        let covered = check_ranks(equation, operands)?;
        let widest = covered.iter().copied().max().unwrap_or(0);
        let labels: Vec<Vec<Label>> = equation
            .operands
            .iter()
            .zip(&covered)
            .map(|(term, &n)| expand(term, widest - n..widest))
            .collect();
        let output = match &equation.output {
            Some(term) => explicit(term, widest, &labels)?,
            None => implicit(widest, &labels),
        };
        let sizes = bind_sizes(&labels, operands)?;
        Ok(Binding { operands: labels, output, sizes })
    }

    /// Whether every label of the operands is in the output: nothing is summed.
    pub fn keeps_all(&self) -> bool {
        self.operands.iter().flatten().all(|label| self.output.contains(label))
    }

    /// The size of a label; 1 where it is in no operand (an ellipsis that covers nothing).
    pub fn size(&self, label: Label) -> usize {
        self.sizes.get(&label).copied().unwrap_or(1)
    }
}

/// How many dimensions the ellipsis of each operand covers.
fn check_ranks(equation: &Equation, operands: &[Array]) -> Result<Vec<usize>> {
    let check = |(n, (term, operand)): (usize, (&Vec<Subscript>, &Array))| {
        let letters = term.iter().filter(|s| !is_ellipsis(s)).count();
        let dims = operand.ndim();
        let ellipsis = letters < term.len();
        if ellipsis && letters > dims {
            return Err(fault(format!(
                "the number of subscripts in the equation ({letters}) is more than the number of dimensions ({dims}) for operand {n}"
            )));
        }
        if !ellipsis && letters != dims {
            return Err(fault(format!(
                "the number of subscripts in the equation ({letters}) does not match the number of dimensions ({dims}) for operand {n} and no ellipsis was given"
            )));
        }
        Ok(dims - letters)
    };
    equation.operands.iter().zip(operands).enumerate().map(check).collect()
}

/// The labels of a term whose ellipsis covers the given dimensions.
fn expand(term: &[Subscript], covered: std::ops::Range<usize>) -> Vec<Label> {
    let labels = term.iter().flat_map(|subscript| match subscript.kind {
        SubscriptKind::Letter(c) => vec![Label::Letter(c)],
        SubscriptKind::Ellipsis => covered.clone().map(Label::Covered).collect(),
    });
    labels.collect()
}

fn explicit(term: &[Subscript], widest: usize, operands: &[Vec<Label>]) -> Result<Vec<Label>> {
    let mut seen = Vec::new();
    for subscript in term {
        let SubscriptKind::Letter(c) = subscript.kind else { continue };
        if seen.contains(&c) {
            return Err(fault(format!("output subscript {} appears more than once in the output", c)));
        }
        seen.push(c);
        if !operands.iter().flatten().any(|&label| label == Label::Letter(c)) {
            let message = "does not appear in the equation for any input operand";
            return Err(fault(format!("output subscript {} {message}", c)));
        }
    }
    Ok(expand(term, 0..widest))
}

/// Without an output: what the ellipsis covers, then the letters that occur once, capitals first.
fn implicit(widest: usize, operands: &[Vec<Label>]) -> Vec<Label> {
    let mut counts: HashMap<char, usize> = HashMap::new();
    for label in operands.iter().flatten() {
        if let Label::Letter(c) = label {
            *counts.entry(*c).or_default() += 1;
        }
    }
    let mut once: Vec<char> = counts.into_iter().filter(|&(_, n)| n == 1).map(|(c, _)| c).collect();
    once.sort_unstable();
    (0..widest).map(Label::Covered).chain(once.into_iter().map(Label::Letter)).collect()
}

/// The size of each label: dimensions of one broadcast between operands, not inside one.
fn bind_sizes(operands: &[Vec<Label>], arrays: &[Array]) -> Result<HashMap<Label, usize>> {
    let mut sizes: HashMap<Label, usize> = HashMap::new();
    for (n, (labels, array)) in operands.iter().zip(arrays).enumerate() {
        let mut own: HashMap<Label, usize> = HashMap::new();
        for (dim, (&label, &size)) in labels.iter().zip(array.shape()).enumerate() {
            if let (Some(&before), Label::Letter(c)) = (own.get(&label), label) {
                if before != size {
                    return Err(fault(format!(
                        "subscript {c} is repeated for operand {n} but the sizes don't match, {size} != {before}"
                    )));
                }
                continue;
            }
            own.insert(label, size);
            let known = sizes.entry(label).or_insert(1);
            if size == 1 || *known == size {
                continue;
            }
            if *known != 1 {
                return Err(fault(match label {
                    Label::Letter(c) => format!(
                        "subscript {} has size {size} for operand {n} which does not broadcast with previously seen size {known}",
                        c
                    ),
                    // PyTorch's sentence lacks this space as well.
                    Label::Covered(_) => format!(
                        "dimension {dim} covered by ellipsis in operand {n}has size {size} which does not broadcast with previously seen ellipsis with size {known} for the respective dimension"
                    ),
                }));
            }
            *known = size;
        }
    }
    Ok(sizes)
}
