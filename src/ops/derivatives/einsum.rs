//! einsum, through einsum: the gradient of an operand is the sum of products of the result's gradient and the other
//! operands, with the operand's letters as the output.

use crate::einsum::Binding;
use crate::ops::autograd::record;
use crate::ops::autograd::strided::{self, PUT};
use crate::ops::autograd::term::Computes;
use crate::tensor::layout::{Layout, Shape, Strides};
use crate::value::entry::{Bindings, Entry, Forward, Gradient};
use crate::value::graph::{Derivative, P0, Step};
use crate::value::{Tensor, Value};
use smallvec::SmallVec;

/// The op as it is recorded: its operands, the letters of each as numbers, those of the result, the sizes.
static ENTRY: Entry = Entry {
    name: "einsum",
    signature: "(operands: any, letters: any, output: any, sizes: any) -> Tensor",
    forward: Forward::Raw(|_, _| Ok(Value::None)),
    gradient: Gradient::Differentiable(&EINSUM),
    ..Entry::EMPTY
};

static EINSUM: Derivative = Derivative {
    name: |b| match crate::ops::bind::items(b.value(0)) {
        Some(items) if items.len() == 1 && sums(b) => "SumBackward1",
        Some(items) if items.len() == 1 => "PermuteBackward0",
        Some(items) if items.len() == 2 && !sums(b) => "MulBackward0",
        _ => "ViewBackward0",
    },
    saves: &[P0],
    backward: |s| (0..s.op.inputs.len()).filter(|&n| s.wants_operand(n)).try_for_each(|n| operand(s, n)),
};

/// Whether a letter of the operands is summed over.
fn sums(b: &Bindings) -> bool {
    let output = numbers(b.value(2));
    let operands = crate::ops::bind::items(b.value(1)).unwrap_or_default();
    operands.iter().flat_map(numbers).any(|letter| !output.contains(&letter))
}

/// Records `result = einsum(..)`.
pub fn record(binding: &Binding, tensors: &[Tensor], result: &Tensor) {
    let ints = |items: &mut dyn Iterator<Item = usize>| Value::tuple(items.map(Value::from).collect());
    let letters = binding.operands.iter().map(|ids| ints(&mut ids.iter().map(|&id| id as usize))).collect();
    let values = SmallVec::from_iter([
        Value::tuple(tensors.iter().cloned().map(Value::Tensor).collect()),
        Value::tuple(letters),
        ints(&mut binding.output.iter().map(|&id| id as usize)),
        ints(&mut binding.sizes.iter().copied()),
    ]);
    record::record_operands(
        &EINSUM,
        Bindings { entry: &ENTRY, overload: 0, values, in_place: std::cell::Cell::new(false) },
        1,
        &result.clone().into(),
    );
}

fn numbers(value: &Value) -> Vec<i64> {
    crate::ops::arguments::ints_of(value).map(|ints| ints.to_vec()).unwrap_or_default()
}

/// The gradient of the n-th operand.
fn operand(s: &Step<'_>, n: usize) -> crate::error::Result<()> {
    let letters: Vec<Vec<i64>> =
        crate::ops::bind::items(s.args().value(1)).unwrap_or_default().iter().map(numbers).collect();
    let (output, sizes) = (numbers(s.args().value(2)), numbers(s.args().value(3)));
    let own = &letters[n];
    let mut distinct: Vec<i64> = Vec::new();
    for letter in own {
        if !distinct.contains(letter) {
            distinct.push(*letter);
        }
    }
    let list = |letters: &[i64]| Value::tuple(letters.iter().map(|&letter| Value::Int(letter)).collect());
    let mut args: Vec<Value> = Vec::new();
    args.extend(s.grad().value().cloned());
    args.push(list(&output));
    for (other, theirs) in letters.iter().enumerate().filter(|(other, _)| *other != n) {
        args.extend(s.saved_operand(other).to(s.grad().dtype()).value().cloned());
        args.push(list(theirs));
    }
    let known = |letter: &i64| {
        output.contains(letter) || letters.iter().enumerate().any(|(m, l)| m != n && l.contains(letter))
    };
    let reached: Vec<i64> = distinct.iter().copied().filter(known).collect();
    args.push(list(&reached));
    let mut grad = crate::ops::autograd::term::Term::new(s, s.call("einsum", &args, &[]));
    // Letters that no one else has were summed: each of their elements gets the gradient of the sum.
    for (place, letter) in distinct.iter().enumerate() {
        if !known(letter) {
            grad = grad.unsqueeze(place as i64);
        }
    }
    let shape: Shape =
        distinct.iter().map(|letter| sizes.get(*letter as usize).map_or(1, |&size| size as usize)).collect();
    grad = grad.expand(&shape);
    if distinct.len() < own.len() {
        // A letter twice in one operand is its diagonal.
        let plain = Layout::contiguous(&s.op.inputs[n].shape)?;
        let strides: Strides = distinct
            .iter()
            .map(|letter| {
                let mine = own.iter().zip(plain.strides()).filter(|(other, _)| *other == letter);
                mine.map(|(_, stride)| *stride).sum::<isize>()
            })
            .collect();
        let layout = strided::layout_value(&Layout::from_parts(shape, strides, 0));
        let whole = Value::size(&s.op.inputs[n].shape);
        let grad = grad.value().cloned().unwrap_or(Value::None);
        return s.give_operand(n, s.entry(&PUT, &[grad, layout, whole]));
    }
    s.give_operand(n, grad)
}
