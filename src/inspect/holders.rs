//! Who holds a storage: every path from a variable to a tensor over it, through containers, attributes and closures.

use crate::eval::Vm;
use crate::ops::storage_object::storage_of;
use crate::protocol::quote::quoted;
use crate::syntax::ast::Name;
use crate::tensor::storage::Storage;
use crate::value::{Key, Tensor, TupleKind, Value};
use std::collections::{HashSet, VecDeque};

/// How many values are looked at before the search ends.
const WORK: usize = 200_000;

/// What a path leads to.
#[derive(Clone)]
pub enum Held {
    /// A tensor.
    Tensor(Tensor),
    /// A storage object: `x.untyped_storage()`.
    Storage(Storage),
}

/// A step of a path.
enum Step {
    /// A variable.
    Name(Name),
    /// `[3]`
    Index(usize),
    /// `['k']`
    Key(Key),
    /// A member of a set.
    Member,
    /// `.grad`, or what else an object calls its part.
    Part(String),
    /// A variable of a function.
    Variable(Name),
    /// What a method was looked up on.
    Receiver,
}

struct Node {
    parent: Option<usize>,
    step: Step,
}

/// A walk over everything that variables reach.
#[derive(Default)]
pub struct Walk {
    nodes: Vec<Node>,
    seen: HashSet<usize>,
    work: usize,
    found: Vec<(usize, Held)>,
}

impl Walk {
    /// Everything the variables of a machine reach; `_` is one of them.
    pub fn of_variables(vm: &mut Vm<'_>) -> Walk {
        let globals = &mut vm.machine.globals;
        let mut roots: Vec<(Name, Value)> =
            globals.bound().map(|(name, value)| (name.clone(), value.clone())).collect();
        if globals.lookup("_").is_none() {
            let slot = globals.slot(&Name::from("_"));
            roots.push((Name::from("_"), globals.get(slot).clone()));
        }
        let mut walk = Walk::default();
        for (name, value) in roots {
            walk.root(name, value);
        }
        walk
    }

    /// Everything one value reaches; paths begin with `name`.
    pub fn of_value(name: &str, value: &Value) -> Walk {
        let mut walk = Walk::default();
        walk.root(Name::from(name), value.clone());
        walk
    }

    /// Whether there was too much to look at.
    pub fn is_partial(&self) -> bool {
        self.work >= WORK
    }

    /// What was found: the paths are written with [`Walk::path`].
    pub fn found(&self) -> &[(usize, Held)] {
        &self.found
    }

    /// The paths to a storage, the shortest of each variable first.
    pub fn holders(&self, storage: &Storage) -> Vec<String> {
        let holds = self.found.iter().filter(|(_, held)| match held {
            Held::Tensor(tensor) => tensor.array().storage.same(storage),
            Held::Storage(other) => other.same(storage),
        });
        holds.map(|(node, _)| self.path(*node)).collect()
    }

    /// The first path to a tensor object.
    pub fn name_of(&self, tensor: &Tensor) -> Option<String> {
        let mut found = self.found.iter();
        let (node, _) = found.find(|(_, held)| matches!(held, Held::Tensor(other) if other.same(tensor)))?;
        Some(self.path(*node))
    }

    /// A path as text: `d['k'][0]`, `x in f`.
    pub fn path(&self, node: usize) -> String {
        let mut steps = Vec::new();
        let mut at = Some(node);
        while let Some(node) = at.and_then(|at| self.nodes.get(at)) {
            steps.push(&node.step);
            at = node.parent;
        }
        let (mut text, mut place) = (String::new(), String::new());
        for step in steps.into_iter().rev() {
            match step {
                Step::Name(name) => text.push_str(name),
                Step::Index(n) => text.push_str(&format!("[{n}]")),
                Step::Key(key) => text.push_str(&format!("[{}]", key_text(key))),
                Step::Member => text.push_str("{..}"),
                Step::Part(part) => text.push_str(part),
                Step::Variable(name) => {
                    place = format!(" in {text}{place}");
                    text = name.to_string();
                }
                Step::Receiver => text.push_str(".__self__"),
            }
        }
        text + &place
    }

    /// Breadth first from one variable, so that short paths come first. What several variables hold is walked for each.
    fn root(&mut self, name: Name, value: Value) {
        self.seen.clear();
        let mut queue = VecDeque::new();
        self.reach(&mut queue, None, Step::Name(name), value);
        while let Some((node, value)) = queue.pop_front() {
            self.open(&mut queue, node, &value);
        }
    }

    /// Looks at a value at the end of a step; what holds others is opened later.
    fn reach(
        &mut self,
        queue: &mut VecDeque<(usize, Value)>,
        parent: Option<usize>,
        step: Step,
        value: Value,
    ) {
        self.work += 1;
        let held = match &value {
            Value::Tensor(tensor) => Some(Held::Tensor(tensor.clone())),
            Value::Object(_) => storage_of(&value).map(|(storage, _)| Held::Storage(storage)),
            _ => None,
        };
        let opens = match &value {
            Value::Tuple(_)
            | Value::List(_)
            | Value::Dict(_)
            | Value::Set(_)
            | Value::Function(_)
            | Value::Bound(_)
            | Value::Instance(_)
            | Value::Tensor(_)
            | Value::Object(_) => self.seen.insert(value.address()),
            Value::Cell(_) => true,
            _ => false,
        };
        if held.is_none() && !opens {
            return;
        }
        self.nodes.push(Node { parent, step });
        let node = self.nodes.len() - 1;
        if let Some(held) = held {
            self.found.push((node, held));
        }
        if opens {
            queue.push_back((node, value));
        }
    }

    /// Looks at what a value holds.
    fn open(&mut self, queue: &mut VecDeque<(usize, Value)>, node: usize, value: &Value) {
        let mut step = |walk: &mut Walk, step: Step, value: &Value| {
            if walk.work < WORK {
                walk.reach(queue, Some(node), step, value.clone());
            }
            walk.work < WORK
        };
        match value {
            Value::Tuple(tuple) => {
                for (n, item) in tuple.items.iter().enumerate() {
                    let here = match tuple.kind {
                        TupleKind::Named(shape) => Step::Part(
                            shape.fields.get(n).map_or(format!("[{n}]"), |name| format!(".{name}")),
                        ),
                        _ => Step::Index(n),
                    };
                    if !step(self, here, item) {
                        return;
                    }
                }
            }
            Value::List(list) => {
                let _ = list.items().iter().enumerate().all(|(n, item)| step(self, Step::Index(n), item));
            }
            Value::Dict(dict) => {
                let entries = dict.entries();
                let _ = entries.iter().all(|(key, item)| {
                    step(self, Step::Member, key.value()) && step(self, Step::Key(key.clone()), item)
                });
            }
            Value::Set(set) => {
                let _ = set.items().iter().all(|key| step(self, Step::Member, key.value()));
            }
            Value::Tensor(tensor) => {
                for (key, item) in tensor.attributes() {
                    let name = protocol_text(&key);
                    if !step(self, Step::Part(format!(".{name}")), &item) {
                        return;
                    }
                }
            }
            Value::Function(function) => {
                for (cell, (_, reg)) in function.cells.iter().zip(&function.code.captures) {
                    let name = function.code.locals.get(usize::from(*reg)).cloned();
                    let name = name.unwrap_or_else(|| Name::from("a variable"));
                    if let Ok(item) = cell.try_borrow()
                        && !step(self, Step::Variable(name), &item)
                    {
                        return;
                    }
                }
                for (n, item) in function.defaults.iter().enumerate() {
                    if !step(self, Step::Part(format!(".__defaults__[{n}]")), item) {
                        return;
                    }
                }
                if let Some(dict) = function.attributes.borrow().as_ref() {
                    let entries = dict.entries();
                    let _ = entries
                        .iter()
                        .all(|(key, item)| step(self, Step::Part(format!(".{}", protocol_text(key))), item));
                }
            }
            Value::Bound(bound) => {
                step(self, Step::Receiver, &bound.receiver);
            }
            Value::Cell(cell) => {
                if let Ok(item) = cell.try_borrow() {
                    step(self, Step::Part(String::new()), &item);
                }
            }
            Value::Instance(instance) => {
                let entries = instance.entries();
                let held =
                    entries.iter().all(|(name, item)| step(self, Step::Part(format!(".{name}")), item));
                if let Some(payload) = instance.payload.as_ref().filter(|_| held) {
                    step(self, Step::Part(String::new()), payload);
                }
            }
            Value::Object(object) => {
                let _ = object.parts().iter().all(|(part, item)| step(self, Step::Part(part.clone()), item));
            }
            _ => {}
        }
    }
}

/// A key that is text, bare.
fn protocol_text(key: &Key) -> String {
    match key.value() {
        Value::Str(text) => text.to_string(),
        _ => "?".to_owned(),
    }
}

/// A key of a dict as a subscript shows it.
fn key_text(key: &Key) -> String {
    match key.value() {
        Value::Str(text) => super::report::shorten(&quoted(text), 24),
        Value::Int(n) => n.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Float(x) => crate::number::float_repr(*x),
        Value::None => "None".to_owned(),
        other => format!("<{}>", other.describe()),
    }
}
