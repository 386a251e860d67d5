//! Python's object protocol: what operators, subscripts, attributes, iteration and formatting mean for every value.
//!
//! The evaluator has fast paths of its own for the commonest operands and comes here for the rest. What tensors do is
//! behind [`tensors`]. Nothing here recurses deeper than CPython allows, whatever the nesting of the values.

pub mod integers;
pub mod numbers;
pub mod arithmetic;
pub mod sequences;
pub mod sets;
pub mod views;
pub mod compare;
pub mod containers;
pub mod iterate;
pub mod slicing;
pub mod items;
pub mod hashing;
pub mod keys;
pub mod set_order;
pub mod quote;
pub mod repr;
pub mod format_spec;
pub mod percent;
pub mod template;
pub mod attributes;
pub mod exceptions;
pub mod generators;
pub mod arguments;
pub mod sorting;
pub mod methods;
pub mod tensors;
pub mod classes;

pub use arithmetic::{binary, in_place, unary};
pub use attributes::{del_attr, find_attr, get_attr, has_attr, import_from, set_attr};
pub use compare::{compare, equal, truth};
pub use containers::{contains, len};
pub use format_spec::format;
pub use hashing::hash;
pub use items::{del_item, get_item, set_item};
pub use iterate::{collect, iterate, next};
pub use repr::{repr, text};

use crate::error::Result;
use crate::value::{Ctx, Value};

pub use classes::class_of;

/// A method that the language itself calls, bound to the value; none where it has none.
pub fn special(ctx: &mut dyn Ctx, v: &Value, name: &str) -> Result<Option<Value>> {
    match v {
        Value::Instance(_) => match classes::attributes::hook(ctx, v, name)? {
            Some(method) => Ok(Some(method)),
            None => match classes::hooks::carried(v) {
                Some(payload) => find_attr(ctx, payload, name),
                None => Ok(None),
            },
        },
        _ => find_attr(ctx, v, name),
    }
}

/// `id(v)`: a number that no other live object has. Small values that have no object are told apart by what they are.
pub fn id(v: &Value) -> i64 {
    match v {
        Value::Int(n) => n.wrapping_mul(32).wrapping_add(0x7000_0000_0000),
        Value::Float(x) => (x.to_bits() >> 8) as i64,
        Value::Bool(b) => 0x7100_0000 + 32 * i64::from(*b),
        Value::None => 0x7200_0000,
        Value::Ellipsis => 0x7200_0020,
        Value::NotImplemented => 0x7200_0040,
        Value::DType(dtype) => 0x7300_0000 + 32 * *dtype as i64,
        Value::Type(kind) => {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            kind.hash(&mut hasher);
            (hasher.finish() >> 16) as i64
        }
        other => other.address() as i64,
    }
}

#[cfg(test)]
pub mod testing;
