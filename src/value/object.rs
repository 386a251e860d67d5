//! The less common values: ranges, slices, iterators, bound methods, modules, and the interface of native objects.

use crate::budget::Weight;
use crate::error::{Class, Error, Result};
use crate::value::ctx::Resume;
use crate::value::list::{bury, bury_stream, holds_values};
use crate::value::{Args, Ctx, Entry, Type, Value};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// `range(start, stop, step)`.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The first number.
    pub start: i64,
    /// Where it ends, exclusive.
    pub stop: i64,
    /// Never 0.
    pub step: i64,
}

impl Range {
    /// How many numbers.
    pub fn len(&self) -> i64 {
        let (start, stop, step) = (i128::from(self.start), i128::from(self.stop), i128::from(self.step));
        let span = if step > 0 { stop - start } else { start - stop };
        if span <= 0 { 0 } else { i64::try_from((span - 1) / step.abs() + 1).unwrap_or(i64::MAX) }
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The n-th number, `0 <= n < len`.
    pub fn at(&self, n: i64) -> i64 {
        self.start.wrapping_add(self.step.wrapping_mul(n))
    }

    /// Whether two ranges give the same numbers.
    pub fn equal(&self, other: &Range) -> bool {
        let len = self.len();
        len == other.len() && (len == 0 || self.start == other.start && (len == 1 || self.step == other.step))
    }
}

/// `slice(start, stop, step)`.
pub struct Slice {
    /// `None` or where it starts.
    pub start: Value,
    /// `None` or where it stops.
    pub stop: Value,
    /// `None` or its step.
    pub step: Value,
    /// What it costs.
    pub weight: Weight<80>,
}

impl Drop for Slice {
    fn drop(&mut self) {
        let parts = [&mut self.start, &mut self.stop, &mut self.step];
        if parts.iter().any(|part| holds_values(part)) {
            bury(parts.into_iter().map(std::mem::take).collect());
        }
    }
}

/// A method looked up on its receiver: `x.sum`.
pub struct Bound {
    /// The object.
    pub receiver: Value,
    /// What is called with the receiver before the other arguments.
    pub function: Value,
    /// What it costs.
    pub weight: Weight<64>,
}

/// An iterator. Its state changes as it is asked.
pub enum Iter {
    /// Over the numbers of a range, which loops ask for most.
    Numbers(Numbers),
    /// Over anything else.
    Stream(RefCell<Option<Box<dyn Stream>>>, Weight<128>),
}

/// The numbers of a range that are still to come.
pub struct Numbers {
    next: Cell<i64>,
    left: Cell<i64>,
    step: i64,
}

impl Numbers {
    /// All numbers of a range.
    pub fn new(range: &Range) -> Numbers {
        Numbers { next: Cell::new(range.start), left: Cell::new(range.len()), step: range.step }
    }

    /// The next number.
    #[inline(always)]
    pub fn next(&self) -> Option<i64> {
        let left = self.left.get();
        if left <= 0 {
            return None;
        }
        self.left.set(left - 1);
        let number = self.next.get();
        self.next.set(number.wrapping_add(self.step));
        Some(number)
    }
}

/// How many iterators may ask each other for values, one inside the other, as deep as CPython's calls.
const MAX_DEPTH: usize = 1000;

thread_local! {
    /// How many iterators are being asked.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// Something that gives values one after the other.
pub trait Stream {
    /// The next value; none at the end, and after the end always none.
    fn next(&mut self, ctx: &mut dyn Ctx) -> Result<Option<Value>>;

    /// What Python calls the iterator's type: `zip`, `list_iterator`.
    fn type_name(&self) -> &'static str;

    /// The next value, after something was sent or thrown in; of what is no generator a thrown exception comes back.
    fn resume(&mut self, ctx: &mut dyn Ctx, how: Resume) -> Result<Option<Value>> {
        match how {
            Resume::Throw(error) => Err(error),
            Resume::Next | Resume::Send(_) => self.next(ctx),
        }
    }

    /// What it returned at its end, once.
    fn returned(&mut self) -> Value {
        Value::None
    }
}

impl Iter {
    /// An iterator over a stream.
    pub fn new(stream: impl Stream + 'static) -> Iter {
        Iter::Stream(RefCell::new(Some(Box::new(stream))), Weight::new())
    }

    /// The next value. Fails with `ValueError` where the iterator is already running (asked from within itself), and
    /// with `RecursionError` where iterators of iterators are nested too deep.
    #[inline]
    pub fn next(&self, ctx: &mut dyn Ctx) -> Result<Option<Value>> {
        self.resume(ctx, Resume::Next)
    }

    /// The same, after something was sent or thrown in.
    pub fn resume(&self, ctx: &mut dyn Ctx, how: Resume) -> Result<Option<Value>> {
        let stream = match self {
            Iter::Numbers(numbers) => return Ok(numbers.next().map(Value::Int)),
            Iter::Stream(stream, _) => stream,
        };
        let mut stream = stream.try_borrow_mut().map_err(|_| Error::value("generator already executing"))?;
        let Some(stream) = &mut *stream else { return Ok(None) };
        let depth = ASKED.get();
        if depth >= MAX_DEPTH {
            return Err(Error::new(Class::RecursionError, "maximum recursion depth exceeded"));
        }
        ASKED.set(depth + 1);
        let result = match how {
            Resume::Next => stream.next(ctx),
            how => stream.resume(ctx, how),
        };
        ASKED.set(depth);
        result
    }

    /// What a generator returned at its end, once.
    pub fn returned(&self) -> Value {
        match self {
            Iter::Numbers(_) => Value::None,
            Iter::Stream(stream, _) => match stream.try_borrow_mut() {
                Ok(mut stream) => stream.as_mut().map_or(Value::None, |stream| stream.returned()),
                Err(_) => Value::None,
            },
        }
    }

    /// The name of its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Iter::Numbers(_) => "range_iterator",
            Iter::Stream(stream, _) => {
                let stream = stream.try_borrow().ok();
                stream.and_then(|s| s.as_ref().map(|s| s.type_name())).unwrap_or("iterator")
            }
        }
    }
}

impl Drop for Iter {
    fn drop(&mut self) {
        if let Iter::Stream(stream, _) = self
            && let Some(stream) = stream.get_mut().take()
        {
            bury_stream(stream);
        }
    }
}

/// A module: a name, and the attributes looked up in it.
pub struct Module {
    /// `torch`, `torch.nn.functional`.
    pub name: &'static str,
    /// Its attribute of a name.
    pub get: fn(&str) -> Option<Value>,
    /// All names, for completion, did-you-mean and `from m import *`.
    pub names: fn() -> Vec<&'static str>,
}

/// A type of native objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NativeType {
    /// The module it belongs to: `torch`.
    pub module: &'static str,
    /// Its name in the module: `UntypedStorage`.
    pub name: &'static str,
}

/// A shared handle to a native object; one word wide, so that a value stays two.
#[derive(Clone)]
pub struct Native(Rc<Box<dyn Object>>);

impl Native {
    /// A handle to a new object.
    pub fn new(object: impl Object) -> Native {
        Native(Rc::new(Box::new(object)))
    }

    /// Whether two handles are one object.
    pub fn same(&self, other: &Native) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The address of the object, for `id`.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).cast::<u8>() as usize
    }
}

impl std::ops::Deref for Native {
    type Target = dyn Object;
    fn deref(&self) -> &(dyn Object + 'static) {
        &**self.0
    }
}

/// A native object: whatever needs no variant of its own.
pub trait Object: Any {
    /// Its type.
    fn type_of(&self) -> Type;

    /// What `repr` gives.
    fn repr(&self) -> String;

    /// What `str` and `print` give.
    fn text(&self) -> String {
        self.repr()
    }

    /// An attribute or bound method; none where there is none of that name.
    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        let _ = (this, name);
        None
    }

    /// The names [`Object::attribute`] knows, for completion and did-you-mean.
    fn attribute_names(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Sets an attribute; false where that is not possible.
    fn set_attribute(&self, name: &str, value: &Value) -> Result<bool> {
        let _ = (name, value);
        Ok(false)
    }

    /// `self(..)`; none where it cannot be called.
    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        let _ = (ctx, args);
        None
    }

    /// Whether it can be called.
    fn is_callable(&self) -> bool {
        false
    }

    /// Whether it is a function in a class: looked up on an instance, it gets that as its first argument.
    fn binds(&self) -> bool {
        false
    }

    /// Where it stands for a type: whether a value is of it.
    fn is_instance(&self, value: &Value) -> Option<bool> {
        let _ = value;
        None
    }

    /// What a class derives from that names it as a base: nothing to speak of (`Generic[T]`), or a class; none where it
    /// cannot be a base.
    fn as_base(&self) -> Option<Option<Value>> {
        None
    }

    /// `self[index]`; none where it has no items.
    fn item(&self, index: &Value) -> Option<Result<Value>> {
        let _ = index;
        None
    }

    /// `self[index] = value`; none where items cannot be set.
    fn set_item(&self, index: &Value, value: &Value) -> Option<Result<()>> {
        let _ = (index, value);
        None
    }

    /// `len(self)`; none where it has no length.
    fn length(&self) -> Option<usize> {
        None
    }

    /// An iterator over it; none where it cannot be iterated over.
    fn iterate(&self, this: &Native) -> Option<Value> {
        let _ = this;
        None
    }

    /// The values it holds, each with the text that leads to it: `.weight`, `[0]`.
    fn parts(&self) -> Vec<(String, Value)> {
        Vec::new()
    }

    /// A copy for an evaluation that must not change anything, with `change` applied to each value it holds; none where
    /// it cannot change and holds none.
    fn shadow(&self, change: &mut dyn FnMut(&Value) -> Result<Value>) -> Option<Result<Value>> {
        let _ = change;
        None
    }

    /// `self == other`, beside identity.
    fn equal(&self, other: &dyn Object) -> bool {
        let _ = other;
        false
    }

    /// Itself, to be told apart by type.
    fn as_any(&self) -> &dyn Any;
}

impl Value {
    /// The native object of a type, where it is one.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => object.as_any().downcast_ref(),
            Value::Instance(instance) => match &instance.payload {
                Some(Value::Object(object)) => object.as_any().downcast_ref(),
                _ => None,
            },
            _ => None,
        }
    }

    /// A method of an object, bound to it.
    pub fn bound(receiver: Value, function: &'static Entry) -> Value {
        Value::Bound(Rc::new(Bound { receiver, function: Value::Entry(function), weight: Weight::new() }))
    }

    /// The address of the object behind it, for `id` and hashing; 0 for values without one.
    pub fn address(&self) -> usize {
        fn of<T: ?Sized>(rc: &Rc<T>) -> usize {
            Rc::as_ptr(rc).cast::<u8>() as usize
        }
        match self {
            Value::Str(s) => s.address(),
            Value::Tensor(t) => t.address(),
            Value::Tuple(rc) => of(rc),
            Value::List(rc) => of(rc),
            Value::Dict(rc) => of(rc),
            Value::Set(rc) => of(rc),
            Value::Range(rc) => of(rc),
            Value::Slice(rc) => of(rc),
            Value::Iter(rc) => of(rc),
            Value::Entry(entry) => std::ptr::from_ref(*entry) as usize,
            Value::Bound(rc) => of(rc),
            Value::Function(rc) => of(rc),
            Value::Module(module) => std::ptr::from_ref(*module) as usize,
            Value::Class(rc) => of(rc),
            Value::Instance(rc) => of(rc),
            Value::Object(native) => native.address(),
            _ => 0,
        }
    }
}
