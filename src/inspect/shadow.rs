//! Finding out what an expression gives without computing it: it runs on a copy of what it can reach, in which tensors
//! have shapes and no data.
//!
//! The copy keeps identities: two views of one storage are views of one shadow storage, a list that two variables name
//! stays one list. Only what the expression and the functions it calls can name is copied. Nothing is printed, steps are
//! counted, and the session is the same afterwards. What depends on data is [`Known::Unknown`].

use crate::budget::Weight;
use crate::error::{Class, Error, Place, Result};
use crate::eval::Machine;
use crate::host::Discard;
use crate::ops::storage_object::{TypedStorage, UntypedStorage};
use crate::span::SourceRef;
use crate::syntax::ast::{ExprKind, Tree};
use crate::tensor::array::Array;
use crate::tensor::promote::{default_dtype, set_default_dtype};
use crate::tensor::storage::{Shadowing, Storage};
use crate::value::code::{Code, Instr};
use crate::value::object::Stream;
use crate::value::{Bound, Ctx, Dict, Function, Instance, Iter, Key, List, Set, Slice, Tensor, Tuple, Value};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// How many loops and calls may be made.
const FUEL: u64 = 1_000_000;

/// How many values are copied at most.
const VALUES: usize = 500_000;

/// How deep tuples in tuples are copied.
const DEPTH: usize = 200;

/// How many steps of a chain of views are copied.
const CHAIN: usize = 32;

/// How the message of an error begins that means the answer is not known.
const UNKNOWN: &str = "not known without running it: ";

/// What an evaluation without data found.
pub enum Known {
    /// A value; its tensors are shadows.
    Value(Value),
    /// Nothing, and why.
    Unknown(String),
}

/// A machine to try things in.
pub struct Shadow {
    machine: Machine,
    copies: Copies,
}

impl Shadow {
    /// A copy of what the expression of a tree can reach in a machine.
    pub fn new(machine: &Machine, tree: &Tree) -> Result<Shadow> {
        let _mode = Shadowing::set(true);
        let mut copies = Copies::default();
        let names = tree.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::Name(name) => machine.globals.find(name),
            _ => None,
        });
        copies.wanted.extend(names);
        let mut values = HashMap::new();
        while let Some(slot) = copies.wanted.pop() {
            if values.contains_key(&slot) {
                continue;
            }
            let (value, below) = machine.globals.both(slot);
            let both = (copies.copy(value)?, copies.copy(below)?);
            values.insert(slot, both);
            copies.fill()?;
        }
        let globals = machine.globals.with_values(|slot| values.remove(&slot).unwrap_or_default());
        let machine = machine.apart(globals, FUEL);
        Ok(Shadow { machine, copies })
    }

    /// The value of an expression. An error is one that computing it would give too.
    pub fn evaluate(&mut self, tree: &Rc<Tree>, source: &SourceRef) -> Result<Known> {
        let _mode = Shadowing::set(true);
        let dtype = default_dtype();
        let result = self.machine.evaluate(tree, source, &mut Discard);
        // A function that is called may have changed it; a float dtype can always be set.
        let _ = set_default_dtype(dtype);
        match result {
            Ok(value) => Ok(Known::Value(value)),
            Err(error) => unknown(error).map(Known::Unknown),
        }
    }

    /// The storage that a shadow stands for.
    pub fn storage_behind(&self, shadow: &Storage) -> Option<&Storage> {
        self.copies.storages.values().find(|(copy, _)| copy.same(shadow)).map(|(_, real)| real)
    }

    /// The tensor that a shadow stands for.
    pub fn tensor_behind(&self, shadow: &Tensor) -> Option<&Tensor> {
        self.copies.tensors.values().find(|(copy, _)| copy.same(shadow)).map(|(_, real)| real)
    }
}

/// Why an error means that the answer is not known, or the error itself.
pub fn unknown(error: Error) -> Result<String> {
    let message = error.message();
    if let Some(why) = message.strip_prefix(UNKNOWN) {
        return Ok(why.to_owned());
    }
    match error.class() {
        Class::SystemExit => Ok("it leaves the session".to_owned()),
        Class::RuntimeError if message.starts_with("the step limit") => {
            Ok("it takes too many steps".to_owned())
        }
        Class::EOFError => Ok("it reads input".to_owned()),
        Class::RuntimeError | Class::NotImplementedError | Class::TypeError
            if message.contains("meta") || message.contains("Meta") =>
        {
            Ok(needed(&error))
        }
        _ => Err(error),
    }
}

/// Whose values an op asked for.
fn needed(error: &Error) -> String {
    let data = error.data();
    if data.message.contains("address") {
        return "only a tensor that has been computed has an address".to_owned();
    }
    let place = data.labels.iter().find_map(|label| match label.place {
        Place::Span(span) => Some(span),
        _ => None,
    });
    let text = data.source.as_ref().zip(place).map(|(source, span)| span.text(&source.text));
    match text.filter(|text| !text.is_empty()) {
        Some(text) => format!("it depends on the values of {}", super::report::shorten(text, 40)),
        None => "it depends on values, not on shapes alone".to_owned(),
    }
}

/// What has been copied, by the address of the original, which is kept alive so that addresses stay apart.
#[derive(Default)]
struct Copies {
    storages: HashMap<u64, (Storage, Storage)>,
    tensors: HashMap<usize, (Tensor, Tensor)>,
    others: HashMap<usize, (Value, Value)>,
    cells: HashMap<usize, Rc<RefCell<Value>>>,
    /// Copies that are still empty, with what goes into them.
    empty: Vec<Empty>,
    /// Global variables that copied functions name.
    wanted: Vec<u32>,
    codes: HashSet<usize>,
    count: usize,
    depth: usize,
}

/// A copy to be filled.
enum Empty {
    List(Rc<List>, Rc<List>),
    Dict(Rc<Dict>, Rc<Dict>),
    Set(Rc<Set>, Rc<Set>),
    Cell(Rc<RefCell<Value>>, Rc<RefCell<Value>>),
    Attributes(Tensor, Tensor),
    Function(Rc<Function>, Rc<Function>),
    Instance(Rc<Instance>, Rc<Instance>),
}

impl Copies {
    /// The copy of a value. Containers are filled later, by [`Copies::fill`], so that cycles and depth do no harm; what
    /// cannot be filled later (tuples, what methods are bound to) is copied on the way, to a depth.
    fn copy(&mut self, value: &Value) -> Result<Value> {
        self.count += 1;
        if self.count > VALUES || self.depth > DEPTH {
            return Err(Error::runtime(format!("{UNKNOWN}it can reach too many values")));
        }
        if let Some((copy, _)) = self.others.get(&value.address()).filter(|_| value.address() != 0) {
            return Ok(copy.clone());
        }
        self.depth += 1;
        let copy = self.copy_new(value);
        self.depth -= 1;
        let copy = copy?;
        if !copy.is(value) && value.address() != 0 && !matches!(value, Value::Tensor(_)) {
            self.others.insert(value.address(), (copy.clone(), value.clone()));
        }
        Ok(copy)
    }

    fn copy_new(&mut self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::Tensor(tensor) => Value::Tensor(self.tensor(tensor)?),
            Value::Tuple(tuple) => {
                let items = tuple.items.iter().map(|item| self.copy(item)).collect::<Result<Vec<_>>>()?;
                Value::Tuple(Rc::new(Tuple::of_kind(items, tuple.kind)))
            }
            Value::List(list) => {
                let copy = Rc::new(List::new(Vec::new())?);
                self.empty.push(Empty::List(copy.clone(), list.clone()));
                Value::List(copy)
            }
            Value::Dict(dict) => {
                let copy = Rc::new(Dict::new());
                self.empty.push(Empty::Dict(copy.clone(), dict.clone()));
                Value::Dict(copy)
            }
            Value::Set(set) => {
                let copy = Rc::new(Set::new());
                self.empty.push(Empty::Set(copy.clone(), set.clone()));
                Value::Set(copy)
            }
            Value::Instance(instance) => {
                let payload = instance.payload.as_ref().map(|value| self.copy(value)).transpose()?;
                let copy = Rc::new(Instance::new(instance.class(), payload));
                self.empty.push(Empty::Instance(copy.clone(), instance.clone()));
                Value::Instance(copy)
            }
            Value::Slice(slice) => Value::Slice(Rc::new(Slice {
                start: self.copy(&slice.start)?,
                stop: self.copy(&slice.stop)?,
                step: self.copy(&slice.step)?,
                weight: Weight::new(),
            })),
            Value::Bound(bound) => Value::Bound(Rc::new(Bound {
                receiver: self.copy(&bound.receiver)?,
                function: self.copy(&bound.function)?,
                weight: Weight::new(),
            })),
            Value::Iter(iter) => Value::Iter(Rc::new(Iter::new(Untouched(iter.type_name())))),
            Value::Function(function) => Value::Function(self.function(function)?),
            Value::Cell(cell) => Value::Cell(self.cell(cell)),
            Value::Object(object) => {
                if let Some(typed) = value.downcast::<TypedStorage>() {
                    let storage = self.storage(&typed.storage);
                    Value::object(TypedStorage { storage, dtype: typed.dtype })
                } else if let Some(untyped) = value.downcast::<UntypedStorage>() {
                    Value::object(UntypedStorage { storage: self.storage(&untyped.storage) })
                } else {
                    object.shadow(&mut |inner| self.copy(inner)).unwrap_or_else(|| Ok(value.clone()))?
                }
            }
            other => other.clone(),
        })
    }

    /// Fills the copies that are still empty.
    fn fill(&mut self) -> Result<()> {
        while let Some(next) = self.empty.pop() {
            match next {
                Empty::List(copy, list) => {
                    copy.reserve(list.len())?;
                    for item in list.items().iter() {
                        copy.push(self.copy(item)?)?;
                    }
                }
                Empty::Dict(copy, dict) => {
                    for (key, item) in dict.entries().iter() {
                        copy.insert(Key::new(self.copy(key.value())?)?, self.copy(item)?)?;
                    }
                }
                Empty::Set(copy, set) => {
                    for key in set.items().iter() {
                        copy.insert(Key::new(self.copy(key.value())?)?)?;
                    }
                }
                Empty::Cell(copy, cell) => {
                    let held = cell.try_borrow().map(|held| held.clone()).unwrap_or_default();
                    *copy.borrow_mut() = self.copy(&held)?;
                }
                Empty::Attributes(copy, tensor) => {
                    if let Some(grad) = tensor.grad() {
                        copy.set_grad(Some(self.tensor(&grad)?));
                    }
                    for (key, item) in tensor.attributes() {
                        if let Value::Str(name) = key.value() {
                            copy.set_attribute(name, self.copy(&item)?)?;
                        }
                    }
                }
                Empty::Instance(copy, instance) => {
                    for (name, item) in instance.entries() {
                        copy.set(&name, self.copy(&item)?)?;
                    }
                }
                Empty::Function(copy, function) => {
                    if let Some(dict) = function.attributes.borrow().as_ref() {
                        let own = Dict::new();
                        for (key, item) in dict.entries().iter() {
                            own.insert(key.clone(), self.copy(item)?)?;
                        }
                        *copy.attributes.borrow_mut() = Some(Box::new(own));
                    }
                }
            }
        }
        Ok(())
    }

    fn storage(&mut self, storage: &Storage) -> Storage {
        let both = self.storages.entry(storage.id()).or_insert_with(|| {
            // What is on the meta device stays there.
            let _mode = Shadowing::set(!storage.is_meta());
            (Storage::meta(storage.len()), storage.clone())
        });
        both.0.clone()
    }

    /// The copy of a tensor, and of what it is a view of.
    fn tensor(&mut self, tensor: &Tensor) -> Result<Tensor> {
        let mut chain = vec![tensor.clone()];
        while let Some(origin) = chain.last().filter(|_| chain.len() < CHAIN).and_then(Tensor::origin) {
            chain.push(origin.parent.clone());
        }
        let mut parent: Option<Tensor> = None;
        while let Some(original) = chain.pop() {
            let copy = match self.tensors.get(&original.address()) {
                Some((copy, _)) => copy.clone(),
                None => self.one_tensor(&original, parent.as_ref()),
            };
            parent = Some(copy);
        }
        parent.ok_or_else(|| Error::runtime("a chain of views begins somewhere"))
    }

    fn one_tensor(&mut self, original: &Tensor, parent: Option<&Tensor>) -> Tensor {
        let array = original.to_array();
        let storage = self.storage(&array.storage);
        let copy = Tensor::of_flavour(Array { storage, ..array }, original.flavour());
        copy.set_requires_grad(original.requires_grad());
        if let (Some(parent), Some(origin)) = (parent, original.origin()) {
            copy.set_origin(parent, origin.made_by.clone());
        }
        self.tensors.insert(original.address(), (copy.clone(), original.clone()));
        if let Some((node, result)) = original.node() {
            copy.set_node(node.outline(), result);
        }
        if !original.attributes().is_empty() || original.grad().is_some() {
            self.empty.push(Empty::Attributes(copy.clone(), original.clone()));
        }
        copy
    }

    fn function(&mut self, function: &Rc<Function>) -> Result<Rc<Function>> {
        self.names_of(&function.code);
        let defaults = function.defaults.iter().map(|item| self.copy(item)).collect::<Result<Vec<_>>>()?;
        let cells = function.cells.iter().map(|cell| self.cell(cell)).collect();
        let copy = Rc::new(Function {
            code: function.code.clone(),
            defaults: defaults.into_boxed_slice(),
            cells,
            attributes: RefCell::new(None),
            weight: Weight::new(),
        });
        self.empty.push(Empty::Function(copy.clone(), function.clone()));
        Ok(copy)
    }

    fn cell(&mut self, cell: &Rc<RefCell<Value>>) -> Rc<RefCell<Value>> {
        let address = Rc::as_ptr(cell).cast::<u8>() as usize;
        if let Some(copy) = self.cells.get(&address) {
            return copy.clone();
        }
        let copy = Rc::new(RefCell::new(Value::Unbound));
        self.cells.insert(address, copy.clone());
        self.empty.push(Empty::Cell(copy.clone(), cell.clone()));
        copy
    }

    /// The global variables that some code and the functions inside it name.
    fn names_of(&mut self, code: &Rc<Code>) {
        let mut codes = vec![code.clone()];
        while let Some(code) = codes.pop() {
            if self.codes.insert(Rc::as_ptr(&code).cast::<u8>() as usize) {
                self.wanted.extend(code.instrs.iter().filter_map(|instr| match instr {
                    Instr::LoadGlobal { slot, .. } | Instr::DeleteGlobal { slot } => Some(*slot),
                    _ => None,
                }));
                codes.extend(code.inner.iter().cloned());
            }
        }
    }
}

/// Stands for an iterator of the session, which must not move.
struct Untouched(&'static str);

impl Stream for Untouched {
    fn next(&mut self, _: &mut dyn Ctx) -> Result<Option<Value>> {
        Err(Error::runtime(format!("{UNKNOWN}the next value of a {} would be used up", self.0)))
    }

    fn type_name(&self) -> &'static str {
        self.0
    }
}
