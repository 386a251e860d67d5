//! `:type EXPR`: what an expression gives, without computing it.

use super::brief::brief;
use super::holders::Walk;
use super::line::Line;
use super::memory::list;
use super::report::{bytes, counted, field, shorten, width};
use super::shadow::{Known, Shadow};
use super::{mem, write};
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::tensor::array::Array;
use crate::value::{Tensor, Value};

/// How many names of those who share a storage are shown.
const HOLDERS: usize = 6;

/// How much of an expression is shown.
const EXPRESSION: usize = 60;

/// `:type EXPR`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    if line.text().is_empty() {
        return Err(mem::missing(line, "type", "torch.ones(2, 3) @ torch.ones(3, 4)"));
    }
    let tree = line.parse()?;
    let mut shadow = match Shadow::new(vm.machine, &tree) {
        Ok(shadow) => shadow,
        Err(error) => {
            let why = super::shadow::unknown(error).map_err(|error| line.locate(error))?;
            return write(vm, &unknown(&why));
        }
    };
    let known = shadow.evaluate(&tree, line.source()).map_err(|error| line.locate(error))?;
    let width = width(vm);
    let report = match known {
        Known::Unknown(why) => unknown(&why),
        Known::Value(Value::Tensor(tensor)) => of_tensor(vm, line, &tensor, &shadow, width),
        Known::Value(other) => of_value(&other, width),
    };
    write(vm, &report)
}

fn unknown(why: &str) -> Markup {
    Markup::new().with(Role::Type, "unknown").with(Role::Text, format!(": {why}\n"))
}

/// What is not a tensor: its type, and the value where it is short.
fn of_value(value: &Value, width: usize) -> Markup {
    let mut out = Markup::new().with(Role::Type, value.type_name());
    let room = width.saturating_sub(value.type_name().len() + 2);
    let text = brief(value, room);
    // The text of a tensor is not known, nor what was made of it.
    let known = !text.contains("device='meta'") && !matches!(value, Value::Tensor(_));
    if known && text != value.type_name() {
        out.push(Role::Text, "  ").push(Role::Text, text);
    }
    out.newline();
    out
}

fn of_tensor(vm: &mut Vm<'_>, line: &Line, tensor: &Tensor, shadow: &Shadow, width: usize) -> Markup {
    let array = tensor.to_array();
    let mut out = Markup::new().with(Role::Type, array.describe());
    if tensor.is_numpy() {
        out.push(Role::Text, "  a NumPy array");
    }
    if tensor.requires_grad() {
        out.push(Role::Text, "  requires_grad=True");
    }
    out.newline();
    field(&mut out, width, "strides", &strides(&array));
    let looks = array.numel().saturating_mul(array.dtype.size());
    field(&mut out, width, "bytes", &Markup::text(bytes(looks)));
    field(&mut out, width, "memory", &memory(vm, line, tensor, shadow));
    out
}

fn strides(array: &Array) -> Markup {
    let size = array.dtype.size() as i128;
    let in_bytes: Vec<i128> = array.strides().iter().map(|&stride| stride as i128 * size).collect();
    let mut text = format!("{:?} elements, {in_bytes:?} bytes", array.strides());
    if array.offset() > 0 {
        text.push_str(&format!("; offset {}", counted(array.offset() as u128, "element")));
    }
    Markup::text(text)
}

/// Whether it has a storage of its own, or whose.
fn memory(vm: &mut Vm<'_>, line: &Line, tensor: &Tensor, shadow: &Shadow) -> Markup {
    let mut out = Markup::new();
    let storage = tensor.array().storage.clone();
    let walk = Walk::of_variables(vm);
    let name = |tensor: &Tensor| shadow.tensor_behind(tensor).and_then(|real| walk.name_of(real));
    if !storage.is_shadow() {
        out.push(Role::Text, "none: a meta tensor has no data");
        return out;
    }
    if let Some(name) = name(tensor) {
        out.push(Role::Name, name).push(Role::Text, " itself");
    } else if let Some(origin) = tensor.origin() {
        out.push(Role::Text, "a view of ");
        match name(&origin.parent) {
            Some(name) => out.push(Role::Name, name),
            None => out.push(Role::Text, "a temporary ").push(Role::Type, origin.parent.array().describe()),
        };
        if let Some((source, span)) = &origin.made_by {
            let text = shorten(span.text(&source.text), EXPRESSION);
            if text != line.text() {
                out.push(Role::Text, ", made by ").push(Role::Strong, text);
            }
        }
    } else if shadow.storage_behind(&storage).is_some() {
        out.push(Role::Text, "shared");
    } else {
        out.push(Role::Text, "not a view");
    }
    match shadow.storage_behind(&storage) {
        Some(real) => {
            out.push(Role::Text, "; storage ").push(Role::Address, format!("#{}", real.id()));
            out.push(Role::Text, format!(" ({}), held by ", bytes(real.len())));
            out.append(list(&walk.holders(real), HOLDERS));
        }
        None => {
            out.push(Role::Text, format!(": a new storage of {}", bytes(storage.len())));
        }
    }
    out
}
