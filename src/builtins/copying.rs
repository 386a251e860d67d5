//! The module `copy`.

use super::function;
use crate::error::{Class, Error, Result};
use crate::protocol::{self, arguments as a, attributes};
use crate::tensor::array::Array;
use crate::tensor::storage::Storage;
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Dict, Instance, Key, Module, Set, Slice, Tensor, Tuple, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// The module.
pub static MODULE: Module = Module {
    name: "copy",
    get: |name| ENTRIES.iter().find(|entry| entry.name == name).map(Value::Entry),
    names: || ENTRIES.iter().map(|entry| entry.name).collect(),
};

crate::entries![
    function(LIBRARY, Python, "copy", "(x: any) -> any", "A copy that shares the items.", copy),
    function(
        LIBRARY,
        Python,
        "deepcopy",
        "(x: any, memo: dict | None = None) -> any",
        "A copy of all that is in it.",
        |ctx, args| {
            let values = a::between(args, "deepcopy", 1, 2)?;
            Deep::default().copy(ctx, &values[0])
        }
    ),
];

fn copy(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let value = a::one(args, "copy")?;
    match value {
        Value::List(list) => Value::list(protocol::collect(ctx, &Value::List(list.clone()))?),
        Value::Dict(dict) => {
            let copy = Dict::new();
            for (key, value) in dict.entries().iter() {
                copy.insert(key.clone(), value.clone())?;
            }
            Ok(Value::Dict(Rc::new(copy)))
        }
        Value::Set(set) => {
            let copy = Set::new();
            for key in set.items().iter() {
                copy.insert(key.clone())?;
            }
            Ok(Value::Set(Rc::new(copy)))
        }
        Value::Tensor(tensor) => Ok(twin(tensor, tensor.to_array()).into()),
        Value::Instance(instance) if instance.class().lookup("__copy__").is_none() => {
            let payload = match &instance.payload {
                Some(value) => Some(copy(ctx, Args::positional(std::slice::from_ref(value)))?),
                None => None,
            };
            let made = Instance::new(instance.class(), payload);
            instance.entries().iter().try_for_each(|(name, value)| made.set(name, value.clone()))?;
            Ok(Value::Instance(Rc::new(made)))
        }
        other => match special(ctx, other, "__copy__", &[])? {
            Some(copy) => Ok(copy),
            None => Ok(other.clone()),
        },
    }
}

/// A tensor that is like another, and a leaf of the graph; `array` may look at the other's bytes.
fn twin(tensor: &Tensor, array: Array) -> Tensor {
    let made = Tensor::of_flavour(array, tensor.flavour());
    if tensor.is_parameter() {
        made.mark_parameter();
    }
    if tensor.requires_grad() {
        made.set_requires_grad(true);
    }
    made
}

/// What a method of the value gives, where it has one.
fn special(ctx: &mut dyn Ctx, value: &Value, name: &str, args: &[Value]) -> Result<Option<Value>> {
    let may = match value {
        Value::Object(_) => true,
        Value::Instance(instance) => instance.class().lookup(name).is_some(),
        _ => false,
    };
    if !may {
        return Ok(None);
    }
    match attributes::find_attr(ctx, value, name)? {
        Some(method) => ctx.call(&method, Args::positional(args)).map(Some),
        None => Ok(None),
    }
}

/// How deep `deepcopy` goes.
const MAX_DEPTH: usize = 900;

/// A deep copy that is being made.
#[derive(Default)]
struct Deep {
    /// The copies of what was met, by address; what was copied is kept, so that no address is used again.
    known: HashMap<usize, (Value, Value)>,
    /// The copies of storages: tensors that share one have copies that do.
    storages: HashMap<u64, Storage>,
    depth: usize,
}

impl Deep {
    fn copy(&mut self, ctx: &mut dyn Ctx, value: &Value) -> Result<Value> {
        if !matches!(
            value,
            Value::List(_)
                | Value::Dict(_)
                | Value::Set(_)
                | Value::Tuple(_)
                | Value::Slice(_)
                | Value::Tensor(_)
                | Value::Instance(_)
                | Value::Object(_)
        ) {
            return Ok(value.clone());
        }
        if let Some((_, copy)) = self.known.get(&value.address()) {
            return Ok(copy.clone());
        }
        crate::budget::poll()?;
        if self.depth > MAX_DEPTH {
            return Err(Error::new(Class::RecursionError, "maximum recursion depth exceeded"));
        }
        self.depth += 1;
        let copy = self.copy_of(ctx, value);
        self.depth -= 1;
        copy
    }

    fn keep(&mut self, value: &Value, copy: &Value) {
        self.known.insert(value.address(), (value.clone(), copy.clone()));
    }

    fn storage(&mut self, storage: &Storage) -> Result<Storage> {
        if let Some(copy) = self.storages.get(&storage.id()) {
            return Ok(copy.clone());
        }
        storage.settle()?;
        let copy = if storage.has_bytes() {
            let copy = Storage::uninit(storage.len())?;
            copy.bytes_mut().copy_from_slice(&storage.bytes());
            copy
        } else {
            Storage::meta(storage.len())
        };
        self.storages.insert(storage.id(), copy.clone());
        Ok(copy)
    }

    fn copy_of(&mut self, ctx: &mut dyn Ctx, value: &Value) -> Result<Value> {
        match value {
            Value::List(list) => {
                let made = Value::list(Vec::new())?;
                self.keep(value, &made);
                let mut at = 0;
                while let Some(item) = { list.items().get(at).cloned() } {
                    let item = self.copy(ctx, &item)?;
                    if let Value::List(made) = &made {
                        made.push(item)?;
                    }
                    at += 1;
                }
                Ok(made)
            }
            Value::Dict(dict) => {
                let made = Rc::new(Dict::new());
                self.keep(value, &Value::Dict(made.clone()));
                let entries: Vec<_> =
                    dict.entries().iter().map(|(k, v)| (k.value().clone(), v.clone())).collect();
                for (key, item) in entries {
                    let key = Key::new(self.copy(ctx, &key)?)?;
                    made.insert(key, self.copy(ctx, &item)?)?;
                }
                Ok(Value::Dict(made))
            }
            Value::Set(set) => {
                let made = Set::new();
                let items: Vec<_> = set.items().iter().map(|key| key.value().clone()).collect();
                for item in items {
                    made.insert(Key::new(self.copy(ctx, &item)?)?)?;
                }
                let made = Value::Set(Rc::new(made));
                self.keep(value, &made);
                Ok(made)
            }
            Value::Tuple(tuple) => {
                let items =
                    tuple.items.iter().map(|item| self.copy(ctx, item)).collect::<Result<Vec<_>>>()?;
                let made = Value::Tuple(Rc::new(Tuple::of_kind(items, tuple.kind)));
                self.keep(value, &made);
                Ok(made)
            }
            Value::Slice(slice) => Ok(Value::Slice(Rc::new(Slice {
                start: self.copy(ctx, &slice.start)?,
                stop: self.copy(ctx, &slice.stop)?,
                step: self.copy(ctx, &slice.step)?,
                weight: Default::default(),
            }))),
            Value::Tensor(tensor) => {
                if tensor.requires_grad() && tensor.node().is_some() {
                    return Err(Error::runtime(
                        "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001",
                    ));
                }
                let array = tensor.to_array();
                let storage = self.storage(&array.storage)?;
                let made = twin(tensor, Array { storage, ..array });
                self.keep(value, &made.clone().into());
                // A parameter's copy begins without a gradient.
                if let Some(grad) = tensor.grad().filter(|_| !tensor.is_parameter())
                    && let Value::Tensor(grad) = self.copy(ctx, &grad.into())?
                {
                    made.set_grad(Some(grad));
                }
                Ok(made.into())
            }
            Value::Instance(instance) if instance.class().lookup("__deepcopy__").is_none() => {
                let payload = match &instance.payload {
                    Some(value) => Some(self.copy(ctx, value)?),
                    None => None,
                };
                let made = Rc::new(Instance::new(instance.class(), payload));
                self.keep(value, &Value::Instance(made.clone()));
                for (name, value) in instance.entries() {
                    made.set(&name, self.copy(ctx, &value)?)?;
                }
                Ok(Value::Instance(made))
            }
            other => {
                let memo = Value::Dict(Rc::new(Dict::new()));
                match special(ctx, other, "__deepcopy__", &[memo])? {
                    Some(copy) => {
                        self.keep(value, &copy);
                        Ok(copy)
                    }
                    None => Ok(other.clone()),
                }
            }
        }
    }
}
