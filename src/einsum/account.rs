//! What there is to say about a contraction: the letters and what becomes of them, the loops that define the result, and
//! the steps of the plan with what they cost. Facts only; [`crate::inspect`] makes text of them.

use super::binding::{Binding, Id};
use super::compiled::Compiled;
use super::plan::Cost;
use super::record::{Done, Kernel};
use crate::tensor::array::Array;
use std::rc::Rc;

/// A contraction that ran, or would have.
#[derive(Debug)]
pub struct Account {
    /// The equation as it was written; empty in the sublist form.
    pub equation: String,
    /// Letters, sizes and plan.
    pub compiled: Rc<Compiled>,
    /// The operands, in their common dtype.
    pub operands: Vec<Array>,
    /// The result.
    pub result: Array,
    /// The steps as they were done, sums of single operands first.
    pub done: Vec<Done>,
}

/// What becomes of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In several operands and in the output.
    Batch,
    /// In one operand and in the output.
    Kept,
    /// In several operands and not in the output.
    Contracted,
    /// In one operand alone and not in the output.
    Summed,
    /// In the output alone, under an ellipsis that covers nothing.
    Empty,
}

impl Role {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Batch => "batch",
            Role::Kept => "kept",
            Role::Contracted => "contracted",
            Role::Summed => "summed",
            Role::Empty => "empty",
        }
    }
}

/// One letter.
#[derive(Debug)]
pub struct Letter {
    /// How it is written.
    pub name: String,
    /// Its size.
    pub size: usize,
    /// What becomes of it.
    pub role: Role,
    /// The operands that have it.
    pub operands: Vec<usize>,
    /// The operands in which it is repeated: their diagonals are walked.
    pub diagonal: Vec<usize>,
    /// The operands in which its size is one and is repeated to that of others.
    pub broadcast: Vec<usize>,
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// Its equation, of the letters that are still there.
    pub equation: String,
    /// The shapes that meet.
    pub shapes: Vec<Vec<usize>>,
    /// The shape that is left.
    pub result: Vec<usize>,
    /// What meets: operands are numbered from 0, results of steps follow.
    pub terms: Vec<usize>,
    /// What it costs.
    pub cost: Cost,
    /// Whether something is added up.
    pub adds: bool,
    /// How it was done.
    pub done: Done,
}

impl Account {
    /// The same, with steps that were measured; without, as it is.
    pub fn with(&self, done: Option<Vec<Done>>) -> Account {
        Account {
            equation: self.equation.clone(),
            compiled: self.compiled.clone(),
            operands: self.operands.clone(),
            result: self.result.clone(),
            done: done.unwrap_or_else(|| self.done.clone()),
        }
    }

    fn binding(&self) -> &Binding {
        &self.compiled.binding
    }

    /// The letters in the order in which they appear.
    pub fn letters(&self) -> Vec<Letter> {
        let binding = self.binding();
        let letter = |id: Id| {
            let having =
                |test: &dyn Fn(usize) -> bool| (0..binding.operands.len()).filter(|&n| test(n)).collect();
            let count = |n: usize| binding.operands[n].iter().filter(|&&other| other == id).count();
            let operands: Vec<usize> = having(&|n| count(n) > 0);
            let role = match (operands.len(), binding.output.contains(&id)) {
                (0, _) => Role::Empty,
                (1, true) => Role::Kept,
                (_, true) => Role::Batch,
                (1, false) => Role::Summed,
                (_, false) => Role::Contracted,
            };
            let size = binding.size(id);
            let one = |n: usize| {
                let dim = binding.operands[n].iter().position(|&other| other == id);
                dim.is_some_and(|dim| self.operands[n].shape()[dim] == 1)
            };
            Letter {
                name: self.name(id),
                size,
                role,
                diagonal: having(&|n| count(n) > 1),
                broadcast: having(&|n| size != 1 && one(n)),
                operands,
            }
        };
        (0..binding.labels.len() as Id).map(letter).collect()
    }

    fn name(&self, id: Id) -> String {
        self.binding().labels[id as usize].to_string()
    }

    /// Letters as they stand in an equation; such as take more than a character stand apart.
    fn written(&self, ids: &[Id]) -> String {
        let names: Vec<String> = ids.iter().map(|&id| self.name(id)).collect();
        let gap = if names.iter().all(|name| name.chars().count() == 1) { "" } else { " " };
        names.join(gap)
    }

    /// The loops that define the result, as a program in Python.
    pub fn loops(&self, names: &[String]) -> Vec<String> {
        let binding = self.binding();
        let index = |ids: &[Id], shape: Option<&[usize]>| -> String {
            let each = ids.iter().enumerate().map(|(dim, &id)| {
                let one = shape.is_some_and(|shape| shape[dim] == 1) && binding.size(id) != 1;
                if one { "0".to_owned() } else { self.name(id).replace("...", "e") }
            });
            each.collect::<Vec<_>>().join(", ")
        };
        let place = |name: &str, index: String| {
            if index.is_empty() { name.to_owned() } else { format!("{name}[{index}]") }
        };
        let mut lines: Vec<String> = Vec::new();
        let inner = (0..binding.labels.len() as Id).filter(|id| !binding.output.contains(id));
        let mut depth = 0;
        for (n, id) in binding.output.iter().copied().chain(inner).enumerate() {
            let note = if n == binding.output.len() { "  # not in the output: added up" } else { "" };
            let name = self.name(id).replace("...", "e");
            lines.push(format!("{}for {name} in range({}):{note}", "  ".repeat(depth), binding.size(id)));
            depth += 1;
        }
        let factors = names.iter().zip(&binding.operands).zip(&self.operands);
        let product: Vec<String> =
            factors.map(|((name, ids), array)| place(name, index(ids, Some(array.shape())))).collect();
        let sign = if depth > binding.output.len() { "+=" } else { "=" };
        let target = place("out", index(&binding.output, None));
        lines.push(format!("{}{target} {sign} {}", "  ".repeat(depth), product.join(" * ")));
        lines
    }

    /// The steps: sums of single operands, then pairs.
    pub fn steps(&self) -> Vec<Step> {
        let compiled = &*self.compiled;
        let binding = self.binding();
        let sizes = |ids: &[Id]| -> Vec<usize> { ids.iter().map(|&id| binding.size(id)).collect() };
        let elements = |ids: &[Id]| compiled.network.elements(ids);
        let mut done = self.done.iter().cloned();
        let mut next =
            || done.next().unwrap_or(Done { kernel: Kernel::View, copied: [0, 0], nanoseconds: 0 });
        let mut steps = Vec::new();
        if let [operand] = &self.operands[..] {
            let (ids, output) = (&binding.operands[0], &binding.output);
            let mut unique = ids.clone();
            unique.retain(|id| compiled.network.terms[0].contains(id) || compiled.alone[0].contains(id));
            let (read, sums) = (elements(&unique), !binding.keeps_all());
            let cost =
                if sums { Cost { work: read, moved: read + elements(output) } } else { Cost::default() };
            steps.push(Step {
                equation: format!("{}->{}", self.written(ids), self.written(output)),
                shapes: vec![operand.shape().to_vec()],
                result: binding.output_shape(),
                terms: vec![0],
                cost,
                adds: sums,
                done: next(),
            });
            return steps;
        }
        for (n, alone) in compiled.alone.iter().enumerate().filter(|(_, alone)| !alone.is_empty()) {
            let kept = &compiled.network.terms[n];
            let all: Vec<Id> = kept.iter().chain(alone).copied().collect();
            steps.push(Step {
                equation: format!("{}->{}", self.written(&binding.operands[n]), self.written(kept)),
                shapes: vec![self.operands[n].shape().to_vec()],
                result: sizes(kept),
                terms: vec![n],
                cost: Cost { work: elements(&all), moved: elements(&all) + elements(kept) },
                adds: true,
                done: next(),
            });
        }
        let mut terms: Vec<&[Id]> = compiled.network.terms.iter().map(|ids| &ids[..]).collect();
        for step in &compiled.plan.steps {
            let (a, b) = (terms[step.left], terms[step.right]);
            let adds = a.iter().any(|id| !step.result.contains(id));
            let last = steps.len() + 1 == self.done.len();
            let result = if last { &compiled.network.output } else { &step.result };
            let equation = format!("{},{}->{}", self.written(a), self.written(b), self.written(result));
            steps.push(Step {
                equation,
                shapes: vec![sizes(a), sizes(b)],
                result: sizes(result),
                terms: vec![step.left, step.right],
                cost: step.cost,
                adds,
                done: next(),
            });
            terms.push(&step.result);
        }
        steps
    }

    /// The multiplications of the loops that define the result: of all operands in each round.
    pub fn naive(&self) -> f64 {
        let rounds: f64 = self.binding().sizes.iter().map(|&size| size as f64).product();
        rounds * self.operands.len().saturating_sub(1).max(1) as f64
    }

    /// The bytes of one element.
    pub fn item(&self) -> usize {
        self.result.dtype.size()
    }
}
