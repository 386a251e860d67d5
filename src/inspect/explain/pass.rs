//! A program of the elementwise engine, or a fold over one: its opcodes, how its operands are read, what is written.

use super::names::Names;
use super::{touched, written};
use crate::inspect::report::{bytes, counted, field};
use crate::kernels::elementwise::grid::Reading;
use crate::kernels::elementwise::program::{Action, Program, Slot, Source};
use crate::kernels::reduce::engine;
use crate::kernels::threads;
use crate::kernels::trace::Pass;
use crate::markup::{Markup, Role};
use crate::number::float_repr;
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::scalar::Scalar;

/// The arrays a pass reads.
pub(super) fn arrays(pass: &Pass) -> impl Iterator<Item = &Array> {
    pass.program.sources().iter().filter_map(|source| match source {
        Source::Array(array) => Some(array),
        _ => None,
    })
}

pub(super) fn describe(out: &mut Markup, pass: &Pass, names: &Names, width: usize) {
    let Pass { program, over, .. } = pass;
    let steps = program.steps();
    let ops = steps.iter().filter(|step| matches!(step.action, Action::Apply(..))).count();
    let what = match (&pass.fold, steps.len()) {
        (Some((name, _)), _) => *name,
        (None, 0) => "copy",
        (None, _) => "one pass",
    };
    out.push(Role::Op, what).push(Role::Text, " over ").push(Role::Type, over.describe());
    if let Some((_, dims)) = &pass.fold {
        out.push(Role::Text, folded(dims, over.ndim()));
    }
    let shared = match pass.fold {
        Some(_) => engine::is_shared(over.numel()),
        None => program.with_job(pass.result, &over.layout, None, |job| job.is_shared()),
    };
    let threads = if shared { threads::count() } else { 1 };
    out.push(Role::Text, format!(", {}\n", counted(threads as u128, "thread")));
    for (n, step) in steps.iter().enumerate() {
        let name = match step.action {
            Action::Apply(opcode, _) => opcode.name,
            Action::Cast => step.dtype.name(),
        };
        out.push(Role::Dim, format!("     %{:<3}", n + 1)).push(Role::Op, format!("{name:<8}"));
        for (k, &arg) in step.args[..step.arity].iter().enumerate() {
            out.push(Role::Text, if k > 0 { ", " } else { " " }).append(operand(program, arg, names));
        }
        out.newline();
    }
    reads(out, pass, names, width);
    field(out, width, "writes", &written(&pass.writes, names));
    let stored = usize::from(pass.fold.is_none());
    let kept: usize = steps.iter().rev().skip(stored).map(|step| step.dtype.size() * over.numel()).sum();
    if kept > 0 {
        let together = match (&pass.fold, ops) {
            (Some((name, _)), 1) => format!("one op and the {name} run together"),
            (Some((name, _)), _) => format!("{ops} ops and the {name} run together"),
            (None, _) => format!("{} run together", counted(steps.len() as u128, "step")),
        };
        field(
            out,
            width,
            "fused",
            &Markup::text(format!("{together}: {} never reach the memory", bytes(kept))),
        );
    }
}

/// Which dimensions are folded.
fn folded(dims: &[usize], ndim: usize) -> String {
    match dims {
        _ if dims.len() == ndim => " to one element".to_owned(),
        [dim] => format!(" along dimension {dim}"),
        _ => format!(" along dimensions {dims:?}"),
    }
}

/// How the arrays are read: those that are read the same way side by side.
fn reads(out: &mut Markup, pass: &Pass, names: &Names, width: usize) {
    let readings: Vec<Reading> = pass.program.with_job(pass.result, &pass.over.layout, None, |job| {
        (0..pass.program.sources().len()).map(|n| job.grid.reading(n + 1)).collect()
    });
    let sources = pass.program.sources().iter().zip(readings);
    let mut groups: Vec<(Reading, Vec<&Array>)> = Vec::new();
    for (source, reading) in sources {
        let Source::Array(array) = source else { continue };
        match groups.iter_mut().find(|(other, _)| *other == reading) {
            Some((_, arrays)) => arrays.push(array),
            None => groups.push((reading, vec![array])),
        }
    }
    for (n, (reading, arrays)) in groups.iter().enumerate() {
        let mut text = Markup::new();
        for (k, array) in arrays.iter().enumerate() {
            text.push(Role::Text, if k > 0 { ", " } else { "" }).append(names.of(array));
        }
        text.push(
            Role::Text,
            match reading {
                Reading::InOrder => " in order",
                Reading::Single => " once, for all elements",
                Reading::Repeated => " repeated, without being spread out",
                Reading::Across => " across, in tiles that fit the cache",
                Reading::Strided => " in steps",
            },
        );
        text.push(Role::Text, format!(": {}", bytes(arrays.iter().map(|array| touched(array)).sum())));
        field(out, width, if n == 0 { "reads" } else { "" }, &text);
    }
}

fn operand(program: &Program, slot: Slot, names: &Names) -> Markup {
    let number = |text: String| Markup::new().with(Role::Number, text);
    match slot {
        Slot::Step(step) => Markup::new().with(Role::Dim, format!("%{}", step + 1)),
        Slot::Source(source) => match &program.sources()[source as usize] {
            Source::Array(array) => names.of(array),
            Source::Scalar(value) => number(scalar(*value)),
            Source::Constant(bits, dtype) => {
                let value = Scalar::read(&bits.to_le_bytes(), 0, *dtype);
                number(value.map_or_else(String::new, |value| match (value, dtype) {
                    // As short as it can be told in its own precision.
                    (Scalar::Float(x), DType::F32) => {
                        let short = format!("{}", x as f32).parse().unwrap_or(x);
                        float_repr(short)
                    }
                    _ => scalar(value),
                }))
            }
        },
    }
}

fn scalar(value: Scalar) -> String {
    match value {
        Scalar::Bool(true) => "True".to_owned(),
        Scalar::Bool(false) => "False".to_owned(),
        Scalar::Int(n) => n.to_string(),
        Scalar::Float(x) => float_repr(x),
    }
}
