//! Values of the language, and what natives need of the machine that runs them ([`Ctx`]).
//!
//! A [`Value`] is two words: small ones are held directly, the rest behind one shared pointer. Code and functions are
//! values too, so their types live here; what makes code is [`crate::lower`], what runs it [`crate::eval`].

pub mod big;
pub mod string;
pub mod list;
pub mod dict;
pub mod tensor;
pub mod numpy_type;
pub mod object;
pub mod class;
pub mod descriptor;
pub mod exception;
pub mod code;
pub mod signature;
pub mod entry;
pub mod graph;
pub mod ctx;
pub mod globals;
pub mod ending;

use crate::error::{Error, Result};
use crate::tensor::dtype::DType;
use std::cell::RefCell;
use std::rc::Rc;

pub use big::Big;
pub use class::{Instance, UserClass};
pub use code::Function;
pub use ctx::{Args, Ctx};
pub use dict::{Dict, Key, Set};
pub use entry::Entry;
pub use globals::Globals;
pub use list::{List, Tuple, TupleKind};
pub use object::{Bound, Iter, Module, Native, NativeType, Object, Range, Slice};
pub use string::Str;
pub use tensor::Tensor;

/// A value of the language. Cloning shares what is behind the pointer, as assignment does in Python.
#[derive(Clone, Default)]
pub enum Value {
    /// No value: a name that is not bound. Never seen by a program.
    #[default]
    Unbound,
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An int that fits 64 bits.
    Int(i64),
    /// A double. (Up to here a value is held directly, which is one comparison to find out.)
    Float(f64),
    /// An int that does not fit 64 bits.
    Big(Rc<Big>),
    /// Text.
    Str(Str),
    /// A tensor object.
    Tensor(Tensor),
    /// A tuple, a `torch.Size` or a named tuple: [`TupleKind`] tells.
    Tuple(Rc<Tuple>),
    /// A list.
    List(Rc<List>),
    /// A dict.
    Dict(Rc<Dict>),
    /// A set.
    Set(Rc<Set>),
    /// `range(..)`
    Range(Rc<Range>),
    /// `a:b:c`
    Slice(Rc<Slice>),
    /// An iterator, with its state.
    Iter(Rc<Iter>),
    /// `...`
    Ellipsis,
    /// What an operator method returns where it does not know its operand.
    NotImplemented,
    /// A dtype: `torch.float32`.
    DType(DType),
    /// An entry of the table: an op or a built-in function.
    Entry(&'static Entry),
    /// A method looked up on its receiver.
    Bound(Rc<Bound>),
    /// A function of the program.
    Function(Rc<Function>),
    /// A module: `torch`, `math`.
    Module(&'static Module),
    /// A built-in type: `int`, `torch.Tensor`, an exception class.
    Type(Type),
    /// A class of the program.
    Class(Rc<UserClass>),
    /// An instance of a class of the program.
    Instance(Rc<Instance>),
    /// Anything else, behind its interface: devices, storages, dtype infos, generators.
    Object(Native),
    /// A variable shared between a function and the functions inside it. Never seen by a program.
    Cell(Rc<RefCell<Value>>),
}

/// The built-in types that a program can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the Python type of that name")]
pub enum Type {
    NoneType,
    Bool,
    Int,
    Float,
    Str,
    Tensor,
    Tuple,
    Size,
    List,
    Dict,
    Set,
    Range,
    Slice,
    Iterator,
    EllipsisType,
    NotImplementedType,
    DType,
    Builtin,
    Method,
    Function,
    Module,
    Type,
    Object,
    Property,
    StaticMethod,
    ClassMethod,
    Super,
    Device,
    NdArray,
    Exception(crate::error::Class),
    /// The type of an [`Object`].
    Native(&'static NativeType),
}

impl Value {
    /// Text.
    pub fn str(text: impl Into<Box<str>>) -> Value {
        Value::Str(Str::new(text))
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Rc::new(Tuple::new(items)))
    }

    /// A `torch.Size`.
    pub fn size(sizes: &[usize]) -> Value {
        let items = sizes.iter().map(|&n| Value::Int(n as i64)).collect();
        Value::Tuple(Rc::new(Tuple::of_kind(items, TupleKind::Size)))
    }

    /// A list. Fails where the byte limit would be passed.
    pub fn list(items: Vec<Value>) -> Result<Value> {
        Ok(Value::List(Rc::new(List::new(items)?)))
    }

    /// An object.
    pub fn object(object: impl Object) -> Value {
        Value::Object(Native::new(object))
    }

    /// Whether it is held directly, so that dropping it does nothing.
    #[inline(always)]
    pub fn is_direct(&self) -> bool {
        matches!(self, Value::Unbound | Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_))
    }

    /// A clone; of what is held directly, without a call. The evaluator's registers are read with it.
    #[inline(always)]
    pub fn share(&self) -> Value {
        match self {
            Value::Int(n) => Value::Int(*n),
            Value::Float(x) => Value::Float(*x),
            Value::Bool(b) => Value::Bool(*b),
            Value::None => Value::None,
            Value::Unbound => Value::Unbound,
            other => other.clone(),
        }
    }

    /// Replaces it; the old value is dropped without a call where it was held directly.
    #[inline(always)]
    pub fn put(&mut self, value: Value) {
        if self.is_direct() {
            std::mem::forget(std::mem::replace(self, value));
        } else {
            drop(std::mem::replace(self, value));
        }
    }

    /// Makes it what another one is; the kinds that programs move most are written by their parts.
    #[inline(always)]
    pub fn put_shared(&mut self, from: &Value) {
        match from {
            Value::Int(n) => self.put_int(*n),
            Value::Float(x) => self.put_float(*x),
            Value::Function(function) => self.put(Value::Function(Rc::clone(function))),
            Value::Tensor(tensor) => self.put(Value::Tensor(tensor.clone())),
            Value::List(list) => self.put(Value::List(Rc::clone(list))),
            other => self.put(other.share()),
        }
    }

    /// Makes it an int; where it was one, only the number is written.
    #[inline(always)]
    pub fn put_int(&mut self, number: i64) {
        match self {
            Value::Int(held) => *held = number,
            other => other.put(Value::Int(number)),
        }
    }

    /// Makes it a float.
    #[inline(always)]
    pub fn put_float(&mut self, number: f64) {
        match self {
            Value::Float(held) => *held = number,
            other => other.put(Value::Float(number)),
        }
    }

    /// Its type.
    pub fn type_of(&self) -> Type {
        match self {
            Value::Unbound | Value::None | Value::Cell(_) => Type::NoneType,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) | Value::Big(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Str(_) => Type::Str,
            Value::Tensor(t) if t.is_numpy() => Type::NdArray,
            Value::Tensor(_) => Type::Tensor,
            Value::Tuple(tuple) => match tuple.kind {
                TupleKind::Plain => Type::Tuple,
                TupleKind::Size => Type::Size,
                TupleKind::Named(shape) => Type::Native(&shape.of),
            },
            Value::List(_) => Type::List,
            Value::Dict(_) => Type::Dict,
            Value::Set(_) => Type::Set,
            Value::Range(_) => Type::Range,
            Value::Slice(_) => Type::Slice,
            Value::Iter(_) => Type::Iterator,
            Value::Ellipsis => Type::EllipsisType,
            Value::NotImplemented => Type::NotImplementedType,
            Value::DType(_) => Type::DType,
            Value::Entry(_) => Type::Builtin,
            Value::Bound(bound) if matches!(bound.function, Value::Entry(_)) => Type::Builtin,
            Value::Bound(_) => Type::Method,
            Value::Function(_) => Type::Function,
            Value::Module(_) => Type::Module,
            Value::Type(_) | Value::Class(_) => Type::Type,
            Value::Instance(_) => Type::Object,
            Value::Object(object) => object.type_of(),
        }
    }

    /// The name of its type as error messages show it: `int`, `Tensor`, `torch.dtype`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Iter(iter) => iter.type_name(),
            Value::Instance(instance) => instance.class().name(),
            Value::DType(_) => "torch.dtype",
            Value::Tensor(t) if t.is_number() => numpy_type::class_name(t.array().dtype),
            Value::Tensor(t) if t.is_numpy() => "numpy.ndarray",
            Value::Tuple(tuple) if matches!(tuple.kind, TupleKind::Size) => "torch.Size",
            _ => self.type_of().name(),
        }
    }

    /// Its type as diagnostics show it under a caret: `int64[2, 3]` for a tensor, the type's name for the rest.
    pub fn describe(&self) -> String {
        match self {
            Value::Tensor(tensor) => tensor.array().describe(),
            other => other.type_name().to_owned(),
        }
    }

    /// Whether two values are the same object: Python's `is`.
    pub fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None)
            | (Value::Ellipsis, Value::Ellipsis)
            | (Value::NotImplemented, Value::NotImplemented) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Big(a), Value::Big(b)) => Rc::ptr_eq(a, b),
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Str(a), Value::Str(b)) => a.same(b),
            (Value::Tensor(a), Value::Tensor(b)) => a.same(b),
            (Value::Tuple(a), Value::Tuple(b)) => Rc::ptr_eq(a, b),
            (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
            (Value::Dict(a), Value::Dict(b)) => Rc::ptr_eq(a, b),
            (Value::Set(a), Value::Set(b)) => Rc::ptr_eq(a, b),
            (Value::Range(a), Value::Range(b)) => Rc::ptr_eq(a, b),
            (Value::Slice(a), Value::Slice(b)) => Rc::ptr_eq(a, b),
            (Value::Iter(a), Value::Iter(b)) => Rc::ptr_eq(a, b),
            (Value::DType(a), Value::DType(b)) => a == b,
            // NumPy's types and PyTorch's are equal where they are of one kind.
            (Value::DType(dtype), Value::Object(object)) | (Value::Object(object), Value::DType(dtype)) => {
                numpy_type::of(object) == Some(*dtype)
            }
            (Value::Entry(a), Value::Entry(b)) => std::ptr::eq(*a, *b),
            (Value::Bound(a), Value::Bound(b)) => Rc::ptr_eq(a, b),
            (Value::Function(a), Value::Function(b)) => Rc::ptr_eq(a, b),
            (Value::Module(a), Value::Module(b)) => std::ptr::eq(*a, *b),
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::Class(a), Value::Class(b)) => Rc::ptr_eq(a, b),
            (Value::Instance(a), Value::Instance(b)) => Rc::ptr_eq(a, b),
            (Value::Object(a), Value::Object(b)) => a.same(b),
            _ => false,
        }
    }
}

impl Type {
    /// Its name as `type(x).__name__` has it.
    pub fn name(self) -> &'static str {
        match self {
            Type::NoneType => "NoneType",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Float => "float",
            Type::Str => "str",
            Type::Tensor => "Tensor",
            Type::Tuple => "tuple",
            Type::Size => "Size",
            Type::List => "list",
            Type::Dict => "dict",
            Type::Set => "set",
            Type::Range => "range",
            Type::Slice => "slice",
            Type::Iterator => "iterator",
            Type::EllipsisType => "ellipsis",
            Type::NotImplementedType => "NotImplementedType",
            Type::DType => "dtype",
            Type::Builtin => "builtin_function_or_method",
            Type::Method => "method",
            Type::Function => "function",
            Type::Module => "module",
            Type::Type => "type",
            Type::Object => "object",
            Type::Property => "property",
            Type::StaticMethod => "staticmethod",
            Type::ClassMethod => "classmethod",
            Type::Super => "super",
            Type::Device => "device",
            Type::NdArray => "ndarray",
            Type::Exception(class) => class.name(),
            Type::Native(native) => native.name,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<Tensor> for Value {
    fn from(value: Tensor) -> Value {
        Value::Tensor(value)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}>", self.describe())
    }
}

/// The error for an operand or argument of a type that will not do.
pub fn wrong_type(what: &str, value: &Value) -> Error {
    Error::type_error(format!("{what}, not {}", value.type_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_two_words() {
        assert_eq!(size_of::<Value>(), 16);
    }
}
