//! `:mem EXPR`: how a tensor lies in memory.

use super::facts::{Facts, Parent};
use super::report::{bytes, counted, field, grouped};
use crate::markup::{Markup, Role};
use crate::tensor::cells::{address_formula, index_names};

/// How many holders are named.
const HOLDERS: usize = 12;

/// Everything above the buffer.
pub fn heading(facts: &Facts, width: usize) -> Markup {
    let Facts { array, .. } = facts;
    let mut out = Markup::new();
    out.push(Role::Name, &facts.name).push(Role::Text, "  ");
    out.push(Role::Type, array.describe()).newline();
    let mut line = |label: &str, value: Markup| field(&mut out, width, label, &value);
    let itemsize = counted(array.dtype.size() as u128, "byte");
    line("dtype", Markup::text(format!("{}, {itemsize} an element", array.dtype.name())));
    let numel = counted(array.numel() as u128, "element");
    line("shape", Markup::text(format!("{:?}, {numel}", array.shape())));
    line("strides", strides(facts));
    line("address", address(facts));
    line("view", origin(facts));
    line("storage", storage(facts));
    line("held by", holders(facts));
    if array.numel() > 0 && !array.is_meta() {
        line("overlap", overlap(facts));
        line("skipped", skipped(facts));
    }
    out
}

fn strides(facts: &Facts) -> Markup {
    let array = &facts.array;
    let size = array.dtype.size() as i128;
    let in_bytes: Vec<i128> = array.strides().iter().map(|&stride| stride as i128 * size).collect();
    let offset = array.offset() as u128;
    let mut text = format!("{:?} elements, {in_bytes:?} bytes", array.strides());
    match offset {
        0 => text.push_str("; offset 0"),
        _ => {
            let (elements, in_bytes) = (counted(offset, "element"), counted(offset * size as u128, "byte"));
            text.push_str(&format!("; offset {elements}, {in_bytes}"));
        }
    }
    Markup::text(text)
}

fn address(facts: &Facts) -> Markup {
    Markup::new().with(Role::Address, address_formula(&facts.array.layout))
}

/// What it is a view of, back to what owns the storage.
fn origin(facts: &Facts) -> Markup {
    let mut out = Markup::new();
    let Some((first, rest)) = facts.parents.split_first() else {
        let text = if facts.is_storage {
            "none: this is the storage itself"
        } else {
            "not a view: owns its storage"
        };
        return out.with(Role::Text, text);
    };
    out.push(Role::Name, &facts.name).push(Role::Text, " is a view of ");
    parent(&mut out, first);
    for next in rest {
        out.push(Role::Text, "; that is a view of ");
        parent(&mut out, next);
    }
    if facts.more_parents {
        out.push(Role::Text, "; and so on");
    }
    if facts.parents.iter().any(|parent| !parent.shares) {
        out.push(Role::Text, " (it was: they no longer share a storage)");
    }
    out
}

fn parent(out: &mut Markup, parent: &Parent) {
    match &parent.name {
        Some(name) => out.push(Role::Name, name),
        None => out.push(Role::Text, "a temporary ").push(Role::Type, &parent.kind),
    };
    if let Some(text) = &parent.made_by {
        out.push(Role::Text, ", made by ").push(Role::Strong, text);
    }
}

fn storage(facts: &Facts) -> Markup {
    let storage = &facts.array.storage;
    let out = Markup::new().with(Role::Address, format!("#{}", storage.id()));
    let (looks, has) = (facts.looks_like(), storage.len());
    if storage.is_meta() {
        let text = format!(": none of its bytes exist (meta device); it would have {}", bytes(has));
        return out.with(Role::Text, text);
    }
    let text = match looks.cmp(&has) {
        std::cmp::Ordering::Equal => {
            format!(": {} allocated, as many as {} looks like", bytes(has), facts.name)
        }
        _ => format!(": {} allocated; {} looks like {}", bytes(has), facts.name, bytes(looks)),
    };
    out.with(Role::Text, text)
}

fn holders(facts: &Facts) -> Markup {
    let mut out = list(&facts.holders, HOLDERS);
    if facts.holders.is_empty() {
        out.push(Role::Text, "this expression only");
    }
    if facts.partial {
        out.push(Role::Dim, " (there are too many values to search all of them)");
    }
    out
}

/// Names with commas; the first few of many.
pub fn list(names: &[String], limit: usize) -> Markup {
    let mut out = Markup::new();
    for (n, name) in names.iter().take(limit).enumerate() {
        out.push(Role::Text, if n > 0 { ", " } else { "" }).push(Role::Name, name);
    }
    if names.len() > limit {
        out.push(Role::Text, format!(" and {} more", grouped((names.len() - limit) as u128)));
    }
    out
}

/// Whether indices share cells, and why.
fn overlap(facts: &Facts) -> Markup {
    let (layout, coverage) = (&facts.array.layout, &facts.coverage);
    let numel = layout.numel();
    let (Some(reached), Some(shared)) = (coverage.reached, coverage.shared) else {
        return Markup::text("too hard to tell for these strides");
    };
    if shared == 0 {
        return Markup::text("none, every index has a cell of its own");
    }
    let (indices, cells) = (counted(numel as u128, "index"), counted(reached as u128, "cell"));
    let share = if reached == 1 { "all of them" } else { "each" };
    let mut text = format!("{indices} share {cells}");
    let repeats: usize = layout
        .shape()
        .iter()
        .zip(layout.strides())
        .filter(|&(_, &stride)| stride == 0)
        .map(|(&size, _)| size)
        .product();
    if reached.saturating_mul(repeats) == numel {
        let names = index_names(layout.ndim());
        let dims = names
            .iter()
            .enumerate()
            .filter(|&(dim, _)| layout.strides()[dim] == 0 && layout.shape()[dim] > 1);
        let along: Vec<&str> = dims.map(|(_, name)| name.as_str()).collect();
        let times = counted(repeats as u128, "index");
        let along = along.join(", ");
        match reached {
            1 => text.push_str(&format!(": stride 0 along {along}")),
            _ => text.push_str(&format!(": {share} is read by {times}, stride 0 along {along}")),
        }
    } else {
        let shared = counted(shared as u128, "cell");
        text.push_str(&format!(": {shared} read by more than one index"));
    }
    Markup::text(text)
}

/// Which cells of the storage no index reads.
fn skipped(facts: &Facts) -> Markup {
    let cells = counted(facts.cells as u128, "cell");
    let rest = facts.array.storage.len() % facts.array.dtype.size();
    let mut text = match facts.coverage.skipped(facts.cells) {
        None => "too hard to tell for these strides".to_owned(),
        Some(0) if facts.cells == 1 => "none, the only cell is read".to_owned(),
        Some(0) => format!("none, all {cells} are read"),
        Some(skipped) => format!("{} of {cells} are not read", grouped(skipped as u128)),
    };
    if rest > 0 {
        text.push_str(&format!("; {} at the end are no whole cell", counted(rest as u128, "byte")));
    }
    Markup::text(text)
}
