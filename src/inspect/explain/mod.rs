//! `:explain EXPR`: what an expression makes the kernels do, step by step.
//!
//! The expression runs on shapes alone ([`Shadow`]) while the kernels record what they would run
//! ([`trace`](crate::kernels::trace)); each kind of step has its description here. A new kind is a variant of
//! [`Step`] and one arm of [`describe`].

mod contraction;
mod names;
mod pass;

use super::line::Line;
use super::report::{bytes, field, width};
use super::shadow::{self, Known, Shadow};
use super::{mem, timing, write};
use crate::einsum::account::Account;
use crate::einsum::record::Measuring;
use crate::error::Result;
use crate::eval::Vm;
use crate::kernels::trace::{Kernel, Recording, Step, View};
use crate::markup::{Markup, Role};
use crate::ops::einops;
use crate::syntax::ast::Tree;
use crate::tensor::array::Array;
use crate::value::Ctx;
use names::Names;
use serde_json::json;
use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

/// `:explain EXPR`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    let (options, line) = Options::take(line);
    let line = &line;
    if line.text().is_empty() {
        return Err(mem::missing(line, "explain", "torch.relu(torch.ones(100, 100) * 2 - 1).sum(0)"));
    }
    let tree = line.parse()?;
    let mut shadow = match Shadow::new(vm.machine, &tree) {
        Ok(shadow) => shadow,
        Err(error) => {
            let why = shadow::unknown(error).map_err(|error| line.locate(error))?;
            return write(vm, &unknown(&why));
        }
    };
    let recording = Recording::start();
    let known = shadow.evaluate(&tree, line.source());
    let steps = recording.finish();
    let known = known.map_err(|error| line.locate(error))?;
    let took = if options.run { Some(measure(vm, line, &tree, &steps)?) } else { None };
    let steps = took.as_ref().map_or(&steps[..], |(steps, _)| steps);
    if options.json {
        return json(vm, &known, steps, options.run);
    }
    let names = Names::new(vm, &shadow, steps);
    let width = width(vm);
    let mut report = Markup::new();
    for (n, step) in steps.iter().enumerate() {
        report.push(Role::Number, format!("{}", n + 1)).push(Role::Text, "  ");
        describe(&mut report, step, options.run, &names, width);
    }
    match known {
        Known::Unknown(why) => drop(report.append(unknown(&why))),
        Known::Value(_) if steps.is_empty() => {
            report.push(Role::Text, "nothing to compute: no kernel runs, no bytes are moved\n");
        }
        Known::Value(_) => total(&mut report, steps),
    }
    if let Some((_, time)) = &took {
        report.push(Role::Dim, format!("it ran once, in {}\n", timing::human(*time)));
    }
    write(vm, &report)
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    /// `--run`: it is computed too, and measured.
    run: bool,
    /// `--json`: for programs.
    json: bool,
}

impl Options {
    /// Takes the options off a line, before or after the expression.
    fn take(line: &Line) -> (Options, Line) {
        let (mut options, mut rest) = (Options::default(), line.clone());
        loop {
            let ((first, after), (last, before)) = (rest.first(), rest.last());
            let (word, left) = if first.text().starts_with("--") { (first, after) } else { (last, before) };
            match word.text() {
                "--run" => options.run = true,
                "--json" => options.json = true,
                _ => return (options, rest),
            }
            rest = left;
        }
    }
}

/// Runs the expression once; contractions learn the times of their steps.
fn measure(vm: &mut Vm<'_>, line: &Line, tree: &Rc<Tree>, steps: &[Step]) -> Result<(Vec<Step>, Duration)> {
    let measuring = Measuring::start();
    let before = vm.host().now();
    let result = line.evaluate(vm, tree);
    let time = vm.host().now().saturating_sub(before);
    let mut measured = measuring.finish().into_iter();
    drop(result?);
    let timed = steps.iter().map(|step| match (step, step_account(step)) {
        (Step::Kernel(kernel), Some(account)) => {
            let done = measured.next().filter(|done| done.len() == account.done.len());
            let detail: Rc<dyn Any> = Rc::new(account.with(done));
            Step::Kernel(Kernel { detail: Some(detail), ..kernel.clone() })
        }
        _ => step.clone(),
    });
    Ok((timed.collect(), time))
}

/// What a step says of itself, if it is a contraction.
fn step_account(step: &Step) -> Option<&Account> {
    match step {
        Step::Kernel(kernel) => kernel.detail.as_ref()?.downcast_ref(),
        _ => None,
    }
}

/// What a step says of itself, if it is a pattern of einops, which the steps behind it carry out.
fn pattern_account(step: &Step) -> Option<&einops::account::Account> {
    match step {
        Step::Kernel(kernel) => kernel.detail.as_ref()?.downcast_ref(),
        _ => None,
    }
}

fn describe_pattern(out: &mut Markup, account: &einops::account::Account, width: usize) {
    let (op, by) = match account.operation.as_str() {
        "rearrange" | "repeat" => (account.operation.as_str(), String::new()),
        reduction => ("reduce", format!(" by {reduction}")),
    };
    out.push(Role::Op, op).push(Role::Text, " ").push(Role::Str, &account.pattern);
    out.push(Role::Text, format!("{by}: {:?} -> {:?}, by what follows\n", account.from, account.to));
    for (n, axis) in account.axes.iter().enumerate() {
        let mut line = Markup::new();
        line.push(Role::Name, &axis.name).push(Role::Text, " = ");
        line.push(Role::Number, axis.length.to_string()).push(Role::Text, format!(" {}", axis.fate()));
        field(out, width, if n == 0 { "axes" } else { "" }, &line);
    }
}

/// `--json`: one object, with a list of the steps.
fn json(vm: &mut Vm<'_>, known: &Known, steps: &[Step], timed: bool) -> Result<()> {
    let described = steps.iter().map(|step| match (step, step_account(step)) {
        (_, Some(account)) => contraction::json(account, timed),
        (step, None) if pattern_account(step).is_some() => {
            let Some(account) = pattern_account(step) else { return json!(null) };
            let axes = account.axes.iter().map(|axis| {
                json!({
                    "axis": axis.name, "length": axis.length,
                    "from": axis.from.as_ref().map(|seat| seat.dim), "to": axis.to.as_ref().map(|seat| seat.dim),
                })
            });
            json!({
                "op": account.operation, "pattern": account.pattern, "from": account.from, "to": account.to,
                "axes": axes.collect::<Vec<_>>(),
            })
        }
        (Step::Pass(pass), _) => {
            let reads: usize = pass::arrays(pass).map(touched).sum();
            json!({ "op": "pass", "bytes_read": reads, "bytes_written": pass.writes.iter().map(touched).sum::<usize>() })
        }
        (Step::Kernel(kernel), _) => {
            let sum = |arrays: &[Array]| arrays.iter().map(touched).sum::<usize>();
            json!({ "op": kernel.name, "bytes_read": sum(&kernel.reads), "bytes_written": sum(&kernel.writes) })
        }
        (Step::View(view), _) => json!({ "op": view.name, "view": true }),
    });
    let unknown = match known {
        Known::Unknown(why) => Some(why),
        Known::Value(_) => None,
    };
    let report = json!({ "steps": described.collect::<Vec<_>>(), "unknown": unknown });
    write(vm, &Markup::text(format!("{report}\n")))
}

fn unknown(why: &str) -> Markup {
    Markup::new().with(Role::Type, "unknown").with(Role::Text, format!(" from here on: {why}\n"))
}

/// One step: its first line, which its number stands before, and what belongs to it.
fn describe(out: &mut Markup, step: &Step, timed: bool, names: &Names, width: usize) {
    if let Some(account) = step_account(step) {
        return contraction::describe(out, account, timed, names, width);
    }
    if let Some(account) = pattern_account(step) {
        return describe_pattern(out, account, width);
    }
    match step {
        Step::Pass(pass) => pass::describe(out, pass, names, width),
        Step::Kernel(kernel) => describe_kernel(out, kernel, names, width),
        Step::View(view) => describe_view(out, view, names),
    }
}

fn describe_kernel(out: &mut Markup, kernel: &Kernel, names: &Names, width: usize) {
    out.push(Role::Op, kernel.name).push(Role::Text, ", a kernel of its own\n");
    let mut reads = Markup::new();
    for (n, array) in kernel.reads.iter().enumerate() {
        reads.push(Role::Text, if n > 0 { ", " } else { "" });
        reads.append(names.of(array)).push(Role::Text, " ").push(Role::Type, array.describe());
    }
    if !kernel.reads.is_empty() {
        reads.push(Role::Text, format!(": {}", bytes(kernel.reads.iter().map(touched).sum())));
        field(out, width, "reads", &reads);
    }
    field(out, width, "writes", &written(&kernel.writes, names));
}

fn describe_view(out: &mut Markup, view: &View, names: &Names) {
    out.push(Role::Op, view.name).push(Role::Text, ", a view of ").append(names.of(&view.of));
    out.push(Role::Text, ": ").push(Role::Type, view.result.describe());
    out.push(Role::Text, format!(" with strides {:?}; no bytes are moved\n", view.result.strides()));
}

/// What a step writes, with its bytes.
fn written(arrays: &[Array], names: &Names) -> Markup {
    let mut out = Markup::new();
    for (n, array) in arrays.iter().enumerate() {
        out.push(Role::Text, if n > 0 { ", " } else { "" });
        match names.outside(array) {
            Some(name) => out.append(name).push(Role::Text, " "),
            None => out.push(Role::Text, "a new "),
        };
        out.push(Role::Type, array.describe());
    }
    out.push(Role::Text, format!(": {}", bytes(arrays.iter().map(touched).sum())));
    out
}

/// The bytes of the storage that an array's elements lie in: what is repeated counts once.
fn touched(array: &Array) -> usize {
    let sizes = array.shape().iter().zip(array.strides());
    let count = sizes
        .fold(1usize, |n, (&size, &stride)| n.saturating_mul(if stride == 0 { size.min(1) } else { size }));
    count.saturating_mul(array.dtype.size())
}

/// The bytes that all steps read and write.
fn total(out: &mut Markup, steps: &[Step]) {
    let (mut read, mut wrote, mut moving) = (0usize, 0usize, 0);
    for step in steps {
        let (reads, writes) = match step {
            Step::Pass(pass) => (pass::arrays(pass).map(touched).sum(), &pass.writes),
            Step::Kernel(kernel) => (kernel.reads.iter().map(touched).sum(), &kernel.writes),
            Step::View(_) => continue,
        };
        if pattern_account(step).is_some() {
            continue;
        }
        read = read.saturating_add(reads);
        wrote = wrote.saturating_add(writes.iter().map(touched).sum());
        moving += 1;
    }
    if moving > 1 {
        let text = format!("in all   reads {}, writes {}\n", bytes(read), bytes(wrote));
        out.push(Role::Dim, text);
    }
}
