//! What may pass into an op uncomputed: see [`crate::kernels::elementwise::pending`].

use crate::error::Result;
use crate::kernels::elementwise::pending;
use crate::kernels::trace::{self, Kernel, Step, View};
use crate::tensor::array::Array;
use crate::value::entry::{Category, Entry, Forward};
use crate::value::{Args, Tensor, Value};

/// Whether the op reads its operands through the engine, each once, so that they may be pending.
pub fn streams(entry: &Entry) -> bool {
    entry.streams || matches!(entry.forward, Forward::Elementwise(..) | Forward::Chosen(_))
}

/// Whether the result of a call may be left pending.
pub fn may_wait(entry: &'static Entry, args: Args<'_>) -> bool {
    streams(entry)
        && (args.keywords.is_empty() || !args.keywords.iter().any(|(name, _)| &**name == "out"))
        && !writes_input(entry, args)
}

/// Computes what the op cannot take pending, and everything that is pending where it might write what that reads.
#[cold]
pub fn before(entry: &'static Entry, args: Args<'_>) -> Result<()> {
    let out = args.keywords.iter().any(|(name, _)| &**name == "out");
    if let Forward::InPlace(base) = entry.forward
        && streams(base)
    {
        // The operands join the write; the target is a tensor of its own.
        if let Some(Value::Tensor(target)) = args.positional.first() {
            target.array().storage.settle()?;
        }
        return pending::settle_all_but(|storage| {
            args.positional
                .iter()
                .any(|value| matches!(value, Value::Tensor(x) if x.array().storage.same(storage)))
        });
    }
    if out || !is_pure(entry) || writes_input(entry, args) {
        return pending::settle_all();
    }
    if !streams(entry) {
        tensors(args).try_for_each(|tensor| tensor.array().storage.settle())?;
    }
    Ok(())
}

/// Whether calling it changes nothing but what it returns.
fn is_pure(entry: &'static Entry) -> bool {
    let writes = entry.name.ends_with('_')
        || matches!(entry.forward, Forward::Raw(_) | Forward::InPlace(_))
        || matches!(entry.category, Category::Python | Category::Container | Category::Settings);
    !writes
}

/// Whether the argument `inplace` was given, whatever it is.
fn writes_input(entry: &'static Entry, args: Args<'_>) -> bool {
    let params = || entry.parsed().overloads.iter().map(|overload| &overload.params);
    let place = params().find_map(|params| params.iter().position(|param| param.name == "inplace"));
    let named = || args.keywords.iter().any(|(name, _)| &**name == "inplace");
    place.is_some_and(|place| args.positional.len() > place || named())
}

/// Afterwards: what a reduction has read to its end is of no use any more; a result that must not be pending (an op may
/// give back its operand) is computed.
#[cold]
pub fn after(args: Args<'_>, value: &Value, fleeting: bool) -> Result<()> {
    let result = match value {
        Value::Tensor(tensor) => Some(tensor.array().storage.clone()),
        _ => None,
    };
    for tensor in tensors(args) {
        let array = tensor.array();
        if result.as_ref().is_none_or(|result| !result.same(&array.storage)) {
            pending::spend(&array);
        }
    }
    match result {
        Some(storage) if !fleeting => storage.settle(),
        _ => Ok(()),
    }
}

/// Records a call that has recorded nothing itself (see [`trace`]): a view, or a kernel of its own.
#[cold]
pub fn record(entry: &'static Entry, args: Args<'_>, value: &Value, before: usize) {
    let results: &[Value] = match value {
        Value::Tensor(_) => std::slice::from_ref(value),
        Value::Tuple(tuple) => &tuple.items,
        _ => return,
    };
    let arrays = |values: &[Value]| -> Vec<Array> {
        let tensors = values.iter().filter_map(|value| match value {
            Value::Tensor(tensor) => Some(tensor.to_array()),
            _ => None,
        });
        tensors.filter(|array| !array.storage.is_deferred()).collect()
    };
    let reads: Vec<Array> = tensors(args).map(Tensor::to_array).collect();
    let writes = arrays(results);
    if trace::len() > before || writes.is_empty() {
        return;
    }
    if let Some(of) = reads.iter().find(|array| array.storage.same(&writes[0].storage)) {
        if of.layout != writes[0].layout {
            trace::push(Step::View(View { name: entry.name, of: of.clone(), result: writes[0].clone() }));
        }
        return;
    }
    trace::push(Step::Kernel(Kernel { name: entry.name, reads, writes, detail: None }));
}

fn tensors<'a>(args: Args<'a>) -> impl Iterator<Item = &'a Tensor> {
    let all = args.positional.iter().chain(args.keywords.iter().map(|(_, value)| value));
    all.filter_map(|value| match value {
        Value::Tensor(tensor) => Some(tensor),
        _ => None,
    })
}
