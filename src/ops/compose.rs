//! Ops that are made of other ops.

use crate::error::{Class, Error, Result};
use crate::ops::{dispatch, table};
use crate::value::{Args, Ctx, Tensor, Value};

/// Calls other ops by name.
pub struct Composer<'a>(pub &'a mut dyn Ctx);

impl Composer<'_> {
    /// A method of the first argument.
    pub fn method<const N: usize>(&mut self, name: &str, args: [&Value; N]) -> Result<Value> {
        super::method(self.0, name, &args.map(Value::clone))
    }

    /// A function of `torch`, with arguments by name at the end.
    pub fn torch<const N: usize>(
        &mut self,
        name: &str,
        args: [&Value; N],
        keywords: &[(&str, Value)],
    ) -> Result<Value> {
        let entry = table::torch(name).ok_or_else(|| {
            Error::new(Class::AttributeError, format!("module 'torch' has no attribute '{name}'"))
        })?;
        let keywords: Vec<_> = keywords.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        dispatch::call(self.0, entry, Args { positional: &args.map(Value::clone), keywords: &keywords })
    }

    /// `a + b`
    pub fn add(&mut self, a: &Value, b: &Value) -> Result<Value> {
        self.method("add", [a, b])
    }

    /// `a - b`
    pub fn sub(&mut self, a: &Value, b: &Value) -> Result<Value> {
        self.method("sub", [a, b])
    }

    /// `a * b`
    pub fn mul(&mut self, a: &Value, b: &Value) -> Result<Value> {
        self.method("mul", [a, b])
    }

    /// `a / b`
    pub fn div(&mut self, a: &Value, b: &Value) -> Result<Value> {
        self.method("div", [a, b])
    }

    /// The part of a length along a dimension that begins somewhere.
    pub fn narrow(&mut self, a: &Value, dim: i64, start: i64, length: i64) -> Result<Value> {
        self.method("narrow", [a, &Value::Int(dim), &Value::Int(start), &Value::Int(length)])
    }
}

/// The tensor of a value that is one.
pub fn tensor_of(value: &Value) -> Result<&Tensor> {
    match value {
        Value::Tensor(tensor) => Ok(tensor),
        other => Err(crate::value::wrong_type("a tensor is expected", other)),
    }
}
