//! `:vars` and `:reset`.

use super::write;
use crate::budget::human;
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::protocol;
use crate::value::{Ctx, Value};

/// `:vars`
pub(super) fn run(vm: &mut Vm<'_>, _: &str) -> Result<()> {
    let columns = vm.host().columns();
    let bound: Vec<(String, Value)> =
        vm.machine.globals.bound().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let mut out = Markup::new();
    if bound.is_empty() {
        out.push(Role::Dim, "no variables\n");
    }
    let width = bound.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(24);
    for (name, value) in &bound {
        out.push(Role::Name, format!("{name:width$}")).push(Role::Text, "  ");
        let kind = value.describe();
        out.push(Role::Type, format!("{kind:20}")).push(Role::Text, " ");
        match value {
            Value::Tensor(tensor) => {
                let array = tensor.array();
                let bytes = human(array.numel().saturating_mul(array.dtype.size()));
                out.push(Role::Text, format!("{bytes:>10}  "));
                out.push(Role::Address, format!("storage #{}", array.storage.id()));
                if let Some(origin) = tensor.origin() {
                    if let Some((source, span)) = &origin.made_by {
                        out.push(Role::Dim, format!("  {}", shorten(span.text(&source.text), 30)));
                    }
                }
            }
            other => {
                let room = columns.saturating_sub(width + 26).max(16);
                let text = protocol::repr(vm, other).unwrap_or_default();
                out.push(Role::Text, shorten(&text, room));
            }
        }
        out.newline();
    }
    write(vm, &out)
}

/// `:reset`
pub(super) fn reset(vm: &mut Vm<'_>, _: &str) -> Result<()> {
    drop(vm.machine.globals.clear());
    Ok(())
}

/// The first line of a text, cut to a number of characters.
pub(super) fn shorten(text: &str, room: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= room && text.lines().nth(1).is_none() {
        return line.to_owned();
    }
    let kept: String = line.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}
