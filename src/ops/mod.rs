//! The ops: one table of entries, one door to them, and what operators and brackets on tensors mean.
//!
//! - [`entries`]: the table, a file a subject; [`table`]: how names are looked up in it.
//! - [`bind`], [`mismatch`], [`arguments`]: from the arguments of a call to Rust values; [`dispatch`]: the one way
//!   to call an op; [`door`]: what may pass into it uncomputed.
//! - [`apply`], [`operators`], [`index`], [`write`](mod@write): elementwise ops on values, operators, brackets, in-place writes; [`small`]:
//!   shorter ways of some of them for small tensors.
//! - [`attributes`], [`modules`], [`construct`]: `x.shape`, `torch.sum`, `torch.Tensor(2, 3)`.

pub mod added;
pub mod ndarray_object;
pub mod nearest;
pub mod absent;
pub mod flavour;
pub mod scalar_range;
pub mod device;
pub mod named;
pub mod bind;
pub mod mismatch;
pub mod arguments;
pub mod write;
pub mod door;
pub mod dispatch;
pub mod apply;
pub mod autograd;
pub mod derivatives;
pub mod literal;
pub mod series;
pub mod factory;
pub mod triangle;
pub mod results;
pub mod reduction;
pub mod pools;
pub mod spatial;
pub mod join;
pub mod multiply;
pub mod linear;
pub mod operators;
pub mod parameter;
pub mod small;
pub mod index;
pub mod einops;
pub mod storage_object;
pub mod generator;
pub mod type_info;
pub mod construct;
pub mod compose;
pub mod entries;
pub mod table;
pub mod attributes;
pub mod modules;

use crate::error::{Error, Result};
use crate::value::{Args, Ctx, Value};

/// Calls the tensor method of a name on values of which the first is the receiver.
pub fn method(ctx: &mut dyn Ctx, name: &str, args: &[Value]) -> Result<Value> {
    match table::method(name) {
        Some(entry) => dispatch::call_method(ctx, entry, Args::positional(args)),
        None => Err(Error::new(
            crate::error::Class::AttributeError,
            format!("'Tensor' object has no attribute '{name}'"),
        )),
    }
}
