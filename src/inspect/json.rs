//! The reports of `:mem` for programs: one line of JSON each.

use super::buffer::{cell, windows};
use super::facts::Facts;
use super::options::Options;
use super::sharing::Sharing;
use super::storages::Live;
use super::{plain, write};
use crate::budget;
use crate::error::Result;
use crate::eval::Vm;
use crate::markup::Markup;
use crate::tensor::array::Array;
use crate::tensor::cells::address_formula;
use crate::tensor::scalar::Scalar;
use crate::value::{Tensor, Value};
use serde_json::{Value as Json, json};

/// How many indices of a cell are spelled out.
const READERS: usize = 64;

/// About what a row of the buffer takes.
const ROW: usize = 400;

/// `:mem EXPR --json`
pub(super) fn memory(vm: &mut Vm<'_>, facts: &Facts, options: &Options) -> Result<()> {
    let array = &facts.array;
    let parents: Vec<Json> = facts
        .parents
        .iter()
        .map(|p| json!({ "name": p.name, "type": p.kind, "made_by": p.made_by, "same_storage": p.shares }))
        .collect();
    let size = array.dtype.size() as i128;
    let strides: Vec<i64> = array.strides().iter().map(|&s| (s as i128 * size) as i64).collect();
    let report = json!({
        "expression": facts.name,
        "dtype": array.dtype.name(),
        "itemsize": array.dtype.size(),
        "shape": array.shape(),
        "strides": array.strides(),
        "strides_in_bytes": strides,
        "offset": array.offset(),
        "address": address_formula(&array.layout),
        "view_of": parents,
        "meta": array.is_meta(),
        "looks_like_bytes": facts.looks_like(),
        "storage": storage(array),
        "held_by": facts.holders,
        "cells": {
            "all": facts.cells,
            "reached": facts.coverage.reached,
            "shared": facts.coverage.shared,
            "skipped": facts.coverage.skipped(facts.cells),
        },
        "buffer": rows(array, options)?,
    });
    line(vm, &report)
}

fn storage(array: &Array) -> Json {
    let storage = &array.storage;
    json!({ "id": storage.id(), "bytes": storage.len(), "version": storage.version() })
}

fn rows(array: &Array, options: &Options) -> Result<Vec<Json>> {
    if array.is_meta() || array.storage.is_empty() {
        return Ok(Vec::new());
    }
    let shown = windows(array, options)?;
    budget::check(shown.iter().map(ExactSizeIterator::len).sum::<usize>().saturating_mul(ROW))?;
    let mut rows = Vec::new();
    for number in shown.into_iter().flatten() {
        budget::poll()?;
        let cell = cell(array, number, READERS);
        rows.push(json!({
            "byte": cell.byte,
            "hex": cell.hex,
            "value": cell.value.map(scalar),
            "indices": cell.readers.first,
            "readers": cell.readers.count.and_then(|count| u64::try_from(count).ok()),
        }));
    }
    Ok(rows)
}

/// A value; what JSON has no number for is text: `"nan"`, `"inf"`.
fn scalar(value: Scalar) -> Json {
    match value {
        Scalar::Bool(value) => Json::from(value),
        Scalar::Int(value) => Json::from(value),
        Scalar::Float(number) if number.is_finite() => Json::from(number),
        Scalar::Float(_) => Json::from(value.to_string()),
    }
}

/// `:mem EXPR --json` of what is not a tensor.
pub(super) fn container(
    vm: &mut Vm<'_>,
    name: &str,
    value: &Value,
    tensors: &[(String, Tensor)],
) -> Result<()> {
    budget::check(tensors.len().saturating_mul(ROW))?;
    let list: Vec<Json> = tensors
        .iter()
        .map(|(path, tensor)| {
            let array = tensor.array();
            json!({ "path": path, "dtype": array.dtype.name(), "shape": array.shape(), "storage": storage(&array) })
        })
        .collect();
    let bytes: usize = plain::distinct(tensors)
        .iter()
        .filter(|storage| !storage.is_meta())
        .map(|storage| storage.len())
        .sum();
    let report = json!({ "expression": name, "type": value.type_name(), "tensors": list, "bytes": bytes });
    line(vm, &report)
}

/// `:mem --json`
pub(super) fn storages(vm: &mut Vm<'_>, all: &[Live], total: usize) -> Result<()> {
    let list: Vec<Json> = all
        .iter()
        .map(|live| {
            let storage = &live.storage;
            json!({
                "id": storage.id(), "bytes": storage.len(), "meta": storage.is_meta(), "held_by": live.holders,
            })
        })
        .collect();
    let (live, pooled) = (budget::live(), crate::tensor::storage::pooled());
    line(vm, &json!({ "storages": list, "bytes": total, "bytes_in_use": live, "bytes_in_pool": pooled }))
}

/// `:mem A B --json`
pub(super) fn sharing(vm: &mut Vm<'_>, a: (&str, &Array), b: (&str, &Array), found: &Sharing) -> Result<()> {
    let tensors: Vec<Json> = [a, b]
        .into_iter()
        .zip(&found.spans)
        .map(|((name, array), span)| {
            let span = span.as_ref().map(|span| [span.start, span.end]);
            json!({ "expression": name, "storage": storage(array), "byte_range": span })
        })
        .collect();
    let report = json!({
        "tensors": tensors,
        "same_storage": found.same,
        "share_elements": found.shared,
        "shared_bytes": found.bytes,
        "example": found.example,
    });
    line(vm, &report)
}

fn line(vm: &mut Vm<'_>, report: &Json) -> Result<()> {
    write(vm, &Markup::text(format!("{report}\n")))
}
