//! `:vars` and `:reset`.

use super::brief::brief;
use super::line::Line;
use super::report::{shorten, width};
use super::write;
use crate::budget::human;
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::syntax::ast::Name;
use crate::value::{Tensor, Value};

/// How wide names and types may make their columns.
const NAME: usize = 24;
const KIND: usize = 28;

/// `:vars`
pub(super) fn run(vm: &mut Vm<'_>, _: &Line) -> Result<()> {
    let columns = width(vm);
    let bound: Vec<(String, Value)> =
        vm.machine.globals.bound().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let mut out = Markup::new();
    if bound.is_empty() {
        out.push(Role::Dim, "no variables\n");
    }
    let kinds: Vec<String> = bound.iter().map(|(_, value)| value.describe()).collect();
    let name_width = bound.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(NAME);
    let kind_width = kinds.iter().map(|kind| kind.chars().count()).max().unwrap_or(0).min(KIND);
    for ((name, value), kind) in bound.iter().zip(&kinds) {
        let (name, kind) = (shorten(name, NAME), shorten(kind, KIND));
        out.push(Role::Name, format!("{name:name_width$}"));
        out.push(Role::Type, format!("  {kind:kind_width$}")).push(Role::Text, "  ");
        let room = columns.saturating_sub(name_width + kind_width + 4).max(16);
        match value {
            Value::Tensor(tensor) => of_tensor(&mut out, tensor, room),
            other => {
                out.push(Role::Text, brief(other, room));
            }
        }
        out.newline();
    }
    write(vm, &out)
}

/// Its bytes, its storage, and what it is a view of.
fn of_tensor(out: &mut Markup, tensor: &Tensor, room: usize) {
    let array = tensor.array();
    let bytes = if array.is_meta() {
        "no data".to_owned()
    } else {
        human(array.numel().saturating_mul(array.dtype.size()))
    };
    let storage = format!("#{}", array.storage.id());
    out.push(Role::Text, format!("{bytes:>10}  storage ")).push(Role::Address, &storage);
    let made_by = tensor.origin().and_then(|origin| origin.made_by.clone());
    if let Some((source, span)) = made_by {
        let left = room.saturating_sub(10 + 10 + storage.len() + 4);
        let text = span.text(&source.text);
        if left >= 8 {
            out.push(Role::Dim, format!("  = {}", shorten(text, left)));
        }
    }
}
/// `:reset`
pub(super) fn reset(vm: &mut Vm<'_>, _: &Line) -> Result<()> {
    let globals = &mut vm.machine.globals;
    drop(globals.clear());
    globals.set_below(&Name::from("_"), Value::Unbound);
    Ok(())
}
