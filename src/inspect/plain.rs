//! `:mem` of what is not a tensor: containers say which storages their tensors have, plain values what they are.

use super::mem::held;
use super::options::Options;
use super::report::{bytes, counted, field, shorten, width};
use super::{json, write};
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::tensor::storage::Storage;
use crate::value::{Tensor, Value};
use std::fmt::Write;

/// How many tensors of a container are listed.
const TENSORS: usize = 40;

/// How many bytes of a string are shown.
const TEXT: usize = 16;

/// The report for a value without a storage of its own.
pub(super) fn run(vm: &mut Vm<'_>, name: &str, value: &Value, options: &Options) -> Result<()> {
    let tensors = held(name, value);
    if options.json {
        return json::container(vm, name, value, &tensors);
    }
    let width = width(vm);
    let out = if tensors.is_empty() { alone(name, value, width) } else { container(name, value, &tensors) };
    write(vm, &out)
}

/// The storages of some tensors, each once.
pub(super) fn distinct(tensors: &[(String, Tensor)]) -> Vec<Storage> {
    let mut storages: Vec<Storage> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (_, tensor) in tensors {
        let storage = &tensor.array().storage;
        if seen.insert(storage.id()) {
            storages.push(storage.clone());
        }
    }
    storages
}

fn container(name: &str, value: &Value, tensors: &[(String, Tensor)]) -> Markup {
    let storages = distinct(tensors);
    let total = storages.iter().filter(|storage| !storage.is_meta()).map(Storage::len).sum();
    let mut out = Markup::new();
    out.push(Role::Name, shorten(name, 60)).push(Role::Text, "  ").push(Role::Type, value.describe());
    let (many, over) = (counted(tensors.len() as u128, "tensor"), counted(storages.len() as u128, "storage"));
    out.push(Role::Text, format!(" that holds {many} over {over}, {}\n", bytes(total)));
    let shown = &tensors[..tensors.len().min(TENSORS)];
    let column = |text: fn(&(String, Tensor)) -> usize| shown.iter().map(text).max().unwrap_or(0);
    let path = column(|(path, _)| path.chars().count()).min(30);
    let kind = column(|(_, tensor)| tensor.array().describe().len());
    for (text, tensor) in shown {
        let array = tensor.array();
        let text = shorten(text, 30);
        out.push(Role::Name, format!("  {text:path$}"))
            .push(Role::Type, format!("  {:kind$}", array.describe()));
        out.push(Role::Address, format!("  #{}", array.storage.id()));
        out.push(Role::Text, format!(", {}\n", bytes(array.storage.len())));
    }
    if tensors.len() > TENSORS {
        out.push(Role::Dim, format!("  … and {} more\n", tensors.len() - TENSORS));
    }
    out
}

fn alone(name: &str, value: &Value, width: usize) -> Markup {
    let mut out = Markup::new();
    out.push(Role::Name, shorten(name, 60)).push(Role::Text, "  ").push(Role::Type, value.type_name());
    out.newline();
    let storage = "none: it is not a tensor and holds none";
    field(&mut out, width, "storage", &Markup::text(storage));
    match value {
        Value::Int(n) => number(&mut out, width, &n.to_ne_bytes(), "a 64-bit integer"),
        Value::Big(big) => {
            let text = format!("an int of {} bits", big.int().bits());
            field(&mut out, width, "value", &Markup::text(text));
        }
        Value::Float(x) => number(&mut out, width, &x.to_ne_bytes(), "a 64-bit float"),
        Value::Bool(b) => number(&mut out, width, &[u8::from(*b)], "a bool"),
        Value::Str(text) => {
            let (chars, len) = (counted(text.char_count() as u128, "character"), bytes(text.len()));
            field(&mut out, width, "text", &Markup::text(format!("{chars}, {len} in UTF-8")));
            let more = if text.len() > TEXT { " …" } else { "" };
            let shown = &text.as_bytes()[..text.len().min(TEXT)];
            field(&mut out, width, "memory", &Markup::text(hex(shown) + more));
        }
        _ => {}
    }
    if matches!(value, Value::Int(_) | Value::Float(_) | Value::Bool(_)) {
        let help = format!("a tensor of it has one: :mem torch.tensor({})", shorten(name, 30));
        field(&mut out, width, "try", &Markup::text(help));
    }
    out
}

fn number(out: &mut Markup, width: usize, memory: &[u8], what: &str) {
    field(out, width, "memory", &Markup::text(format!("{} ({what}, kept in the value itself)", hex(memory))));
}

fn hex(memory: &[u8]) -> String {
    let mut text = String::new();
    for (n, byte) in memory.iter().enumerate() {
        let _ = write!(text, "{}{byte:02x}", if n > 0 { " " } else { "" });
    }
    text
}
