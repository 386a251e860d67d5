//! The module `math`.

pub mod basic;
pub mod whole;
pub mod special;

use super::function;
use crate::error::{Class, Error, Result};
use crate::protocol::numbers::Number;
use crate::protocol::tensors;
use crate::value::entry::{Category, MATH};
use crate::value::{Args, Ctx, Entry, Module, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "math",
    get: |name| {
        let constant = CONSTANTS.iter().find(|(known, _)| *known == name).map(|(_, x)| Value::Float(*x));
        constant.or_else(|| entries().find(|entry| entry.name == name).map(Value::Entry))
    },
    names: || CONSTANTS.iter().map(|(name, _)| *name).chain(entries().map(|entry| entry.name)).collect(),
};

const CONSTANTS: [(&str, f64); 5] = [
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("tau", std::f64::consts::TAU),
    ("inf", f64::INFINITY),
    ("nan", f64::NAN),
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    basic::ENTRIES.iter().chain(whole::ENTRIES).chain(special::ENTRIES)
}

/// A function of the module as an entry of the table.
const fn math(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    function(MATH, Category::Mathematics, name, signature, summary, run)
}

/// An argument as a float.
fn real(_: &mut dyn Ctx, value: &Value) -> Result<f64> {
    let item;
    let value = match value {
        Value::Tensor(x) => {
            item = tensors::number(x)?;
            &item
        }
        other => other,
    };
    Number::of(value)
        .map(Number::float)
        .transpose()?
        .ok_or_else(|| Error::type_error(format!("must be real number, not {}", value.type_name())))
}

#[cold]
fn domain() -> Error {
    Error::value("math domain error")
}

#[cold]
fn range() -> Error {
    Error::new(Class::OverflowError, "math range error")
}

/// The result of a function of one float, or C's errors: a nan that came from no nan is outside the domain, an infinity
/// that came from no infinity is out of range, or outside the domain for functions that cannot grow so far.
fn checked(result: f64, arguments: &[f64], grows: bool) -> Result<Value> {
    if result.is_nan() && !arguments.iter().any(|x| x.is_nan()) {
        return Err(domain());
    }
    if result.is_infinite() && arguments.iter().all(|x| x.is_finite()) {
        return Err(if grows { range() } else { domain() });
    }
    Ok(Value::Float(result))
}
