//! The entries of einops that pack tensors into one, and that read shapes by a pattern.

use super::einops::{Call, PATTERN, function, items, method, shape_text, sizes, unknown};
use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::arguments;
use crate::ops::einops::Fault;
use crate::ops::einops::packing::Star;
use crate::ops::einops::pattern::{Name, Rules, Side};
use crate::value::entry::{BARE, EINOPS, Entry, Forward};
use crate::value::{Args, Ctx, Dict, Key, Tensor, Tuple, TupleKind, Value};
use std::rc::Rc;

entries![
    Entry {
        name: "pack",
        signature: "(tensors: Tensors, pattern: str) -> Tensor and the shapes that were packed",
        summary: "Tensors of any rank joined along the axis where the pattern has a star, and the shapes that stood there.",
        examples: &[(
            "x, shapes = einops.pack([torch.zeros(2, 3), torch.zeros(2, 4, 5)], 'b *'); x.shape, shapes",
            "(torch.Size([2, 23]), [torch.Size([3]), torch.Size([4, 5])])",
        )],
        forward: Forward::Raw(pack),
        ..PATTERN
    },
    Entry {
        name: "unpack",
        signature: "(tensor: Tensor, packed_shapes: list, pattern: str) -> list of Tensors",
        summary: "What `pack` has joined, apart again; a shape may have one -1.",
        examples: &[(
            "[x.shape for x in einops.unpack(torch.zeros(2, 23), [(3,), (4, -1)], 'b *')]",
            "[torch.Size([2, 3]), torch.Size([2, 4, 5])]",
        )],
        forward: Forward::Raw(unpack),
        ..PATTERN
    },
    Entry {
        name: "parse_shape",
        signature: "(x: Tensor, pattern: str) -> dict",
        on: EINOPS | BARE,
        summary: "The lengths of named axes; `_` skips a dimension.",
        examples: &[("parse_shape(torch.zeros(2, 3, 5), 'b _ w')", "{'b': 2, 'w': 5}")],
        forward: Forward::Raw(parse_shape),
        ..PATTERN
    },
    Entry {
        name: "asnumpy",
        signature: "(tensor: Tensor) -> ndarray",
        summary: "A tensor as a NumPy array over the same storage.",
        examples: &[("einops.asnumpy(torch.tensor([1, 2]))", "array([1, 2])")],
        forward: Forward::Raw(asnumpy),
        ..PATTERN
    },
];

/// Some of the sizes of a tensor, as its `shape` would be sliced.
fn part(tensor: &Tensor, range: std::ops::Range<usize>) -> Value {
    let array = tensor.array();
    let sizes = array.shape()[range].iter().map(|&n| Value::from(n)).collect();
    let kind = if tensor.is_numpy() { TupleKind::Plain } else { TupleKind::Size };
    Value::Tuple(Rc::new(Tuple::of_kind(sizes, kind)))
}

/// `pack(tensors, pattern)`
fn pack(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let call = Call::read("pack", &["tensors", "pattern"], args)?;
    let pattern = call.text(1)?;
    let star = Star::parse(pattern, "pack").map_err(|fault| fault.error(call.places[1], str::to_owned))?;
    let tensors = items(call.values[0], call.places[0])?;
    if tensors.is_empty() {
        return Err(
            Error::index("list index out of range").label(Place::Arg(call.places[0]), "nothing to pack")
        );
    }
    let (mut flat, mut shapes) = (Vec::new(), Vec::new());
    for (n, value) in tensors.iter().enumerate() {
        let Value::Tensor(tensor) = value else { return Err(unknown(value, call.places[0])) };
        let shape = tensor.array().shape().to_vec();
        if shape.len() < star.kept() {
            let fault = Fault::new(format!(
                "packed tensor #{n} (enumeration starts with 0) has shape {}, while pattern {pattern} assumes at least {} axes",
                shape_text(tensor),
                star.kept()
            ));
            return Err(fault.error(call.places[1], str::to_owned));
        }
        let behind = shape.len() - star.behind;
        shapes.push(part(tensor, star.before..behind));
        let mut target: Vec<i64> = shape[..star.before].iter().map(|&n| n as i64).collect();
        target.push(-1);
        target.extend(shape[behind..].iter().map(|&n| n as i64));
        flat.push(Value::Tensor(method(ctx, "reshape", &[value.clone(), sizes(&target)])?));
    }
    let packed = function(ctx, "cat", &[Value::list(flat)?, Value::from(star.before)])?;
    Ok(Value::tuple(vec![packed, Value::list(shapes)?]))
}

/// `unpack(tensor, packed_shapes, pattern)`
pub(super) fn unpack(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let call = Call::read("unpack", &["tensor", "packed_shapes", "pattern"], args)?;
    let pattern = call.text(2)?;
    let fail = |sentence: String| Fault::new(sentence).error(call.places[2], str::to_owned);
    let star = Star::parse(pattern, "unpack").map_err(|fault| fault.error(call.places[2], str::to_owned))?;
    let Value::Tensor(tensor) = call.values[0] else { return Err(unknown(call.values[0], call.places[0])) };
    let shape: Vec<i64> = tensor.array().shape().iter().map(|&n| n as i64).collect();
    if shape.len() != star.kept() + 1 {
        let text = shape_text(tensor);
        return Err(fail(format!("unpack(..., {pattern}) received input of wrong dim with shape {text}")));
    }
    let listed = items(call.values[1], call.places[1])?;
    let shapes: Vec<Vec<i64>> = listed
        .iter()
        .map(|value| match arguments::ints_of(value) {
            Some(sizes) if !matches!(value, Value::Int(_) | Value::Bool(_)) => Ok(sizes.to_vec()),
            _ => Err(Error::type_error(format!("argument of type '{}' is not iterable", value.type_name()))
                .label(Place::Arg(call.places[1]), "a list of shapes is wanted here")),
        })
        .collect::<Result<_>>()?;
    let text = || shapes_text(&listed, &shapes);
    let open: Vec<usize> = (0..shapes.len()).filter(|&n| shapes[n].contains(&-1)).collect();
    if open.len() > 1 {
        return Err(fail(format!(
            "unpack(..., {pattern}) received more than one -1 in {} and can't infer dimensions",
            text()
        )));
    }
    let whole = shape[star.before];
    let wrong = || {
        fail(format!(
            "Error during unpack(..., \"{pattern}\"): could not split axis of size {whole} into requested {}",
            text()
        ))
        .context(Place::Arg(call.places[1]), "")
    };
    let positions = split_positions(&shapes, open.first().copied(), whole).ok_or_else(wrong)?;
    let mut out = Vec::new();
    for (n, part) in shapes.iter().enumerate() {
        let (start, end) = (positions[n], positions[n + 1]);
        let args = [
            Value::Tensor(tensor.clone()),
            Value::from(star.before),
            Value::Int(start),
            Value::Int((end - start).max(0)),
        ];
        let piece = method(ctx, "narrow", &args).map_err(|_| wrong())?;
        let mut target = shape[..star.before].to_vec();
        target.extend(part);
        target.extend(&shape[star.before + 1..]);
        out.push(Value::Tensor(
            method(ctx, "reshape", &[piece.into(), sizes(&target)]).map_err(|_| wrong())?,
        ));
    }
    Value::list(out)
}

/// Where each piece begins, and the end of the last; pieces behind an open one are counted from the end. None where a
/// piece would reach over the ends.
fn split_positions(shapes: &[Vec<i64>], open: Option<usize>, whole: i64) -> Option<Vec<i64>> {
    let length = |n: usize| shapes[n].iter().try_fold(1i64, |product, &size| product.checked_mul(size));
    let mut positions = vec![0; shapes.len()];
    positions.push(whole);
    let last = shapes.len().saturating_sub(1);
    for n in 0..open.unwrap_or(last) {
        positions[n + 1] = positions[n].checked_add(length(n)?)?;
    }
    if let Some(open) = open {
        for n in (open + 1..shapes.len()).rev() {
            positions[n] = positions[n + 1].checked_sub(length(n)?)?;
        }
    }
    positions.iter().all(|position| (0..=whole).contains(position)).then_some(positions)
}

/// The list of shapes as Python prints it.
fn shapes_text(listed: &[Value], shapes: &[Vec<i64>]) -> String {
    let texts: Vec<String> = listed
        .iter()
        .zip(shapes)
        .map(|(value, shape)| {
            let sizes: Vec<String> = shape.iter().map(i64::to_string).collect();
            let sizes_text = sizes.join(", ");
            match value {
                Value::Tuple(tuple) if matches!(tuple.kind, TupleKind::Size) => {
                    format!("torch.Size([{sizes_text}])")
                }
                Value::Tuple(_) if sizes.len() == 1 => format!("({sizes_text},)"),
                Value::Tuple(_) => format!("({sizes_text})"),
                _ => format!("[{sizes_text}]"),
            }
        })
        .collect();
    format!("[{}]", texts.join(", "))
}

/// `parse_shape(x, pattern)`
fn parse_shape(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let call = Call::read("parse_shape", &["x", "pattern"], args)?;
    let pattern = call.text(1)?;
    let place = call.places[1];
    let rules = Rules { underscore: true, duplicates: false };
    let side =
        Side::parse(pattern, 0..pattern.len(), rules).map_err(|fault| fault.error(place, str::to_owned))?;
    let Value::Tensor(tensor) = call.values[0] else { return Err(unknown(call.values[0], call.places[0])) };
    let shape = tensor.array().shape().to_vec();
    let fail = |what: &str| {
        Err(Error::runtime(format!("{what}: {pattern} {}", shape_text(tensor))).label(Place::Arg(place), ""))
    };
    if side.groups.iter().any(|group| group.axes.len() > 1) {
        return fail("Can't parse shape with composite axes");
    }
    let named = side.groups.len();
    let covered = match side.ellipsis() {
        Some(_) if shape.len() + 1 < named => {
            return fail("Can't parse shape with this number of dimensions");
        }
        Some(_) => shape.len() + 1 - named,
        None if shape.len() != named => return fail("Can't parse shape with different number of dimensions"),
        None => 0,
    };
    let dict = Dict::new();
    let mut at = 0;
    for group in &side.groups {
        match group.axes.first().map(|axis| &axis.name) {
            Some(Name::Ellipsis) => {
                at += covered;
                continue;
            }
            None if shape[at] != 1 => return fail("Length of axis is not 1"),
            Some(Name::Anonymous(size)) if *size != shape[at] as i64 => {
                return fail("Length of anonymous axis does not match");
            }
            Some(Name::Named(name)) if &**name != "_" => {
                dict.insert(Key::text(name), Value::from(shape[at]))?;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(Value::Dict(Rc::new(dict)))
}

/// `asnumpy(tensor)`
fn asnumpy(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let call = Call::read("asnumpy", &["tensor"], args)?;
    match call.values[0] {
        Value::Tensor(tensor) if tensor.is_numpy() => Ok(call.values[0].clone()),
        Value::Tensor(_) => {
            let detached = method(ctx, "detach", &[call.values[0].clone()])?;
            crate::ops::method(ctx, "numpy", &[detached.into()])
        }
        other => Err(unknown(other, call.places[0])),
    }
}
