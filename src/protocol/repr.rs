//! `repr(v)` and `str(v)`.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::number::float_repr;
use crate::protocol::{classes, exceptions, integers, quote, set_order, tensors, views};
use crate::value::{Ctx, Dict, Tuple, TupleKind, Type, Value};

/// How deep containers inside containers are shown, as CPython limits it.
const MAX_DEPTH: usize = 1000;

/// `repr(v)`
pub fn repr(ctx: &mut dyn Ctx, v: &Value) -> Result<String> {
    let mut writer = Writer { out: String::new(), open: Vec::new(), steps: 0 };
    writer.write(ctx, v)?;
    Ok(writer.out)
}

/// `str(v)`
pub fn text(ctx: &mut dyn Ctx, v: &Value) -> Result<String> {
    match v {
        Value::Str(s) => {
            budget::check(s.len())?;
            Ok((**s).to_owned())
        }
        Value::Object(object) if views::of(v).is_none() => match exceptions::of(v) {
            Some(exception) => exceptions::text(ctx, exception),
            None => Ok(object.text()),
        },
        Value::Tensor(x) => tensors::text(ctx, x),
        Value::Instance(instance) => classes::hooks::text(ctx, v, instance),
        _ => repr(ctx, v),
    }
}

/// `str(v)` as a value; a string is itself.
pub fn text_value(ctx: &mut dyn Ctx, v: &Value) -> Result<Value> {
    match v {
        Value::Str(_) => Ok(v.clone()),
        _ => text(ctx, v).map(Value::str),
    }
}

struct Writer {
    out: String,
    /// The containers that are being written, outermost first, by address.
    open: Vec<usize>,
    steps: usize,
}

impl Writer {
    fn write(&mut self, ctx: &mut dyn Ctx, v: &Value) -> Result<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(1024) {
            budget::poll()?;
            budget::check(self.out.capacity())?;
        }
        match v {
            Value::Str(s) => {
                budget::check(s.len())?;
                quote::push(&mut self.out, s);
            }
            Value::Int(n) => self.out.push_str(&n.to_string()),
            Value::Big(big) => self.out.push_str(&integers::text(big.int())?),
            Value::Float(x) => self.out.push_str(&float_repr(*x)),
            Value::Tensor(x) => self.out.push_str(&tensors::repr(ctx, x)?),
            Value::List(list) => {
                if !self.enter(v, "[...]")? {
                    return Ok(());
                }
                self.out.push('[');
                let mut at = 0;
                // The list is not held while an item writes itself.
                while let Some(item) = { list.items().get(at).cloned() } {
                    if at > 0 {
                        self.out.push_str(", ");
                    }
                    self.write(ctx, &item)?;
                    at += 1;
                }
                self.out.push(']');
                self.open.pop();
            }
            Value::Tuple(tuple) => {
                if !self.enter(v, "(...)")? {
                    return Ok(());
                }
                self.write_tuple(ctx, tuple)?;
                self.open.pop();
            }
            Value::Dict(dict) => {
                if !self.enter(v, "{...}")? {
                    return Ok(());
                }
                self.out.push('{');
                self.write_entries(ctx, dict, views::Kind::Items, ": ")?;
                self.out.push('}');
                self.open.pop();
            }
            Value::Set(set) => {
                if set.is_empty() {
                    self.out.push_str("set()");
                    return Ok(());
                }
                let items = set_order::ordered(set)?;
                self.out.push('{');
                self.write_items(ctx, &items)?;
                self.out.push('}');
            }
            Value::Slice(slice) => {
                if !self.enter(v, "slice(...)")? {
                    return Ok(());
                }
                self.out.push_str("slice(");
                self.write_items(ctx, &[slice.start.clone(), slice.stop.clone(), slice.step.clone()])?;
                self.out.push(')');
                self.open.pop();
            }
            Value::Object(object) => match views::of(v) {
                Some((dict, kind)) => {
                    if !self.enter(v, "...")? {
                        return Ok(());
                    }
                    self.out.push_str(object.type_of().name());
                    self.out.push_str("([");
                    let items = kind == views::Kind::Items;
                    self.write_entries(ctx, dict, kind, if items { ", " } else { "" })?;
                    self.out.push_str("])");
                    self.open.pop();
                }
                None => match exceptions::of(v) {
                    Some(exception) => {
                        if !self.enter(v, "...")? {
                            return Ok(());
                        }
                        self.out.push_str(exception.class.name());
                        self.out.push('(');
                        let args = exception.args().clone();
                        self.write_items(ctx, &args)?;
                        self.out.push(')');
                        self.open.pop();
                    }
                    None => self.out.push_str(&object.repr()),
                },
            },
            Value::Instance(instance) => {
                if !self.enter(v, "...")? {
                    return Ok(());
                }
                self.out.push_str(&classes::hooks::repr(ctx, v, instance)?);
                self.open.pop();
            }
            Value::Bound(bound) => {
                let text = bound_method(ctx, bound)?;
                self.out.push_str(&text);
            }
            other => self.out.push_str(&plain(other)),
        }
        Ok(())
    }

    /// Begins a container; false where it is being written already, and `again` stands for it.
    fn enter(&mut self, v: &Value, again: &str) -> Result<bool> {
        let address = v.address();
        if self.open.contains(&address) {
            self.out.push_str(again);
            return Ok(false);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::new(
                Class::RecursionError,
                "maximum recursion depth exceeded while getting the repr of an object",
            ));
        }
        self.open.push(address);
        Ok(true)
    }

    fn write_items(&mut self, ctx: &mut dyn Ctx, items: &[Value]) -> Result<()> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            self.write(ctx, item)?;
        }
        Ok(())
    }

    fn write_tuple(&mut self, ctx: &mut dyn Ctx, tuple: &Tuple) -> Result<()> {
        match tuple.kind {
            TupleKind::Plain => {
                self.out.push('(');
                self.write_items(ctx, &tuple.items)?;
                self.out.push_str(if tuple.items.len() == 1 { ",)" } else { ")" });
            }
            TupleKind::Size => {
                self.out.push_str("torch.Size([");
                self.write_items(ctx, &tuple.items)?;
                self.out.push_str("])");
            }
            TupleKind::Named(shape) => {
                self.out.push_str(&format!("{}.{}(", shape.of.module, shape.of.name));
                for (at, (name, item)) in shape.fields.iter().zip(&tuple.items).enumerate() {
                    self.out.push_str(if at > 0 { ",\n" } else { "\n" });
                    self.out.push_str(name);
                    self.out.push('=');
                    self.write(ctx, item)?;
                }
                self.out.push(')');
            }
        }
        Ok(())
    }

    /// The keys, values or pairs of a dict.
    fn write_entries(
        &mut self,
        ctx: &mut dyn Ctx,
        dict: &Dict,
        kind: views::Kind,
        between: &str,
    ) -> Result<()> {
        let mut at = 0;
        while let Some((key, value)) =
            { dict.entries().get_index(at).map(|(key, value)| (key.value().clone(), value.clone())) }
        {
            if at > 0 {
                self.out.push_str(", ");
            }
            let pair = kind == views::Kind::Items && between == ", ";
            if pair {
                self.out.push('(');
            }
            if kind != views::Kind::Values {
                self.write(ctx, &key)?;
            }
            self.out.push_str(between);
            if kind != views::Kind::Keys {
                self.write(ctx, &value)?;
            }
            if pair {
                self.out.push(')');
            }
            at += 1;
        }
        Ok(())
    }
}

/// The `repr` of a value that holds no others.
pub fn plain(v: &Value) -> String {
    match v {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => float_repr(*x),
        Value::Range(range) if range.step == 1 => format!("range({}, {})", range.start, range.stop),
        Value::Range(range) => format!("range({}, {}, {})", range.start, range.stop, range.step),
        Value::Iter(_) => format!("<{} object at {:#x}>", v.type_name(), v.address()),
        Value::Ellipsis => "Ellipsis".to_owned(),
        Value::NotImplemented => "NotImplemented".to_owned(),
        Value::DType(dtype) => format!("torch.{}", dtype.name()),
        Value::Entry(entry) => format!("<built-in function {}>", entry.name),
        Value::Function(function) => format!("<function {} at {:#x}>", function.code.qualname, v.address()),
        Value::Module(module) => format!("<module '{}' (built-in)>", module.name),
        Value::Type(kind) => format!("<class '{}'>", qualified(*kind)),
        Value::Class(class) => format!("<class '{}'>", classes::full_name(class)),
        _ => "None".to_owned(),
    }
}

/// The `repr` of a method with its receiver: of the program's functions the receiver is shown.
fn bound_method(ctx: &mut dyn Ctx, bound: &crate::value::Bound) -> Result<String> {
    match &bound.function {
        Value::Function(function) => {
            let receiver = repr(ctx, &bound.receiver)?;
            Ok(format!("<bound method {} of {receiver}>", function.code.qualname))
        }
        Value::Entry(entry) => {
            let (receiver, address) = (bound.receiver.type_name(), bound.receiver.address());
            Ok(format!("<built-in method {} of {receiver} object at {address:#x}>", entry.name))
        }
        other => {
            let (name, receiver) = (other.type_name(), bound.receiver.type_name());
            Ok(format!("<bound method {name} of {receiver} object at {:#x}>", bound.receiver.address()))
        }
    }
}

/// The name of a type with its module: `torch.Tensor`.
pub fn qualified(kind: Type) -> String {
    match kind {
        Type::Tensor | Type::Size | Type::DType | Type::Device => format!("torch.{}", kind.name()),
        Type::NdArray => "numpy.ndarray".to_owned(),
        Type::Exception(crate::error::Class::LinAlgError) => "torch._C._LinAlgError".to_owned(),
        Type::Exception(crate::error::Class::EinopsError) => "einops.EinopsError".to_owned(),
        Type::Exception(crate::error::Class::UFuncTypeError) => {
            "numpy._core._exceptions.UFuncTypeError".to_owned()
        }
        Type::Native(native) if native.module != "builtins" => format!("{}.{}", native.module, native.name),
        _ => kind.name().to_owned(),
    }
}
