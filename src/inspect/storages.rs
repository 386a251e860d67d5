//! `:mem` alone: the storages that variables reach, with who holds them.

use super::holders::{Held, Walk};
use super::memory::list;
use super::options::Options;
use super::report::{bytes, counted, width};
use super::{json, write};
use crate::budget;
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::tensor::storage::{Storage, pooled};
use std::collections::HashMap;

/// A storage and the paths to it.
pub(super) struct Live {
    /// The storage.
    pub(super) storage: Storage,
    /// The paths from variables to tensors over it.
    pub(super) holders: Vec<String>,
}

/// How many storages are listed, and how many holders of each.
const STORAGES: usize = 100;
const HOLDERS: usize = 4;

/// Every storage that variables reach, oldest first.
fn live(walk: &Walk) -> Vec<Live> {
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut all: Vec<Live> = Vec::new();
    for (node, held) in walk.found() {
        let storage = match held {
            Held::Tensor(tensor) => tensor.array().storage.clone(),
            Held::Storage(storage) => storage.clone(),
        };
        let place = *places.entry(storage.id()).or_insert_with(|| {
            all.push(Live { storage, holders: Vec::new() });
            all.len() - 1
        });
        all[place].holders.push(walk.path(*node));
    }
    all.sort_by_key(|live| live.storage.id());
    all
}

/// `:mem`
pub(super) fn run(vm: &mut Vm<'_>, options: &Options) -> Result<()> {
    let walk = Walk::of_variables(vm);
    let all = live(&walk);
    let total: usize = all.iter().map(|live| held(&live.storage)).sum();
    if options.json {
        return json::storages(vm, &all, total);
    }
    let width = width(vm);
    let mut out = Markup::new();
    let ids: Vec<String> = all.iter().map(|live| format!("#{}", live.storage.id())).collect();
    let id = ids.iter().map(String::len).max().unwrap_or(0);
    let sizes: Vec<String> = all.iter().map(|live| size(&live.storage)).collect();
    let size = sizes.iter().take(STORAGES).map(String::len).max().unwrap_or(0);
    for ((live, number), bytes) in all.iter().zip(&ids).zip(&sizes).take(STORAGES) {
        out.push(Role::Address, format!("{number:<id$}")).push(Role::Text, format!("  {bytes:>size$}  "));
        let indent = id + size + 4;
        folded(&mut out, &live.holders, indent, width);
    }
    if all.len() > STORAGES {
        out.push(Role::Dim, format!("… and {} more\n", all.len() - STORAGES));
    }
    if all.is_empty() {
        out.push(Role::Dim, "no variable holds a tensor\n");
    }
    out.push(Role::Heading, "total").push(Role::Text, format!("  {}", bytes(total)));
    out.push(Role::Text, format!(" in {}", counted(all.len() as u128, "storage")));
    out.newline();
    let rest = budget::live().saturating_sub(total);
    let what = "in strings, containers and what no variable reaches";
    out.push(Role::Dim, format!("other  {} {what}\n", bytes(rest)));
    out.push(Role::Dim, format!("pool   {} freed and kept for the next tensors\n", bytes(pooled())));
    if walk.is_partial() {
        out.push(Role::Dim, "there are too many values to search all of them\n");
    }
    write(vm, &out)
}

/// The bytes a storage takes.
fn held(storage: &Storage) -> usize {
    if storage.is_meta() { 0 } else { storage.len() }
}

fn size(storage: &Storage) -> String {
    if storage.is_meta() { "meta, 0 bytes".to_owned() } else { bytes(storage.len()) }
}

/// Holders, folded under themselves.
fn folded(out: &mut Markup, holders: &[String], indent: usize, width: usize) {
    let mut column = indent;
    let shown = list(holders, HOLDERS);
    let text = shown.plain();
    if indent + text.chars().count() <= width {
        out.append(shown).newline();
        return;
    }
    for (n, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if n > 0 && column + 1 + len > width {
            out.push(Role::Text, format!("\n{:indent$}", ""));
            column = indent;
        } else if n > 0 {
            out.push(Role::Text, " ");
            column += 1;
        }
        out.push(Role::Name, word);
        column += len;
    }
    out.newline();
}
