//! Nodes as the program sees them: `x.grad_fn`.

use super::edge;
use crate::error::{Error, Result};
use crate::tensor::array::Array;
use crate::value::entry::{Bindings, Category, Forward};
use crate::value::graph::{Edge, Node, Recorded, Work, next_number};
use crate::value::{Ctx, Entry, Native, NativeType, Object, Tensor, Type, Value};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A node, or the place where a leaf's gradient is added up.
pub enum NodeObject {
    /// An op.
    Node(Rc<Node>),
    /// A leaf.
    Leaf(Tensor),
}

/// The type of a node: PyTorch has one for each name. They are made at first use and live as long as the program.
fn type_named(name: &'static str) -> &'static NativeType {
    thread_local! {
        static KNOWN: RefCell<HashMap<&'static str, &'static NativeType>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        *known.entry(name).or_insert_with(|| Box::leak(Box::new(NativeType { module: "builtins", name })))
    })
}

/// The object of the node that made a tensor.
pub fn of(tensor: &Tensor) -> Value {
    match edge(tensor) {
        Some(Edge::Node(node, _)) => from_node(node),
        _ => Value::None,
    }
}

fn from_node(node: Rc<Node>) -> Value {
    if let Work::Other(other) = &node.work
        && let Some(object) = other.object()
    {
        return object;
    }
    Value::object(NodeObject::Node(node))
}

/// What a recorded op has saved, each with its name.
pub fn saved_of(op: &Recorded) -> Vec<(String, Array)> {
    let params = op.bindings.entry.parsed().overloads.get(op.bindings.overload).map(|o| &o.params);
    let name = |param: usize| params.and_then(|params| params.get(param)).map_or("input", |param| param.name);
    let mut all: Vec<(String, Array)> = Vec::new();
    for input in &op.inputs {
        if let Some(saved) = &*input.saved.borrow() {
            all.push((name(input.param).to_owned(), saved.array.clone()));
        }
    }
    for (n, saved) in op.outputs.borrow().iter() {
        all.push((if *n == 0 { "result".to_owned() } else { format!("result{n}") }, saved.array.clone()));
    }
    all
}

/// The name of a node as some of PyTorch's messages have it: `Sigmoid` of `SigmoidBackward0`.
pub fn short_name(name: &str) -> &str {
    name.find("Backward").map_or(name, |at| &name[..at])
}

impl NodeObject {
    fn name(&self) -> &'static str {
        match self {
            NodeObject::Node(node) => node.name,
            NodeObject::Leaf(_) => "AccumulateGrad",
        }
    }

    fn next(&self) -> Value {
        let NodeObject::Node(node) = self else { return Value::tuple(Vec::new()) };
        let pair = |edge: &Option<Edge>| {
            let (object, result) = match edge {
                None => (Value::None, 0),
                Some(Edge::Node(node, result)) => (from_node(node.clone()), *result),
                Some(Edge::Leaf(leaf)) => (Value::object(NodeObject::Leaf(leaf.clone())), 0),
            };
            Value::tuple(vec![object, Value::from(result)])
        };
        let more = std::iter::repeat_n(pair(&None), node.numbers());
        Value::tuple(node.edges.iter().map(pair).chain(more).collect())
    }
}

static NAME: Entry = Entry {
    name: "name",
    signature: "(input: any) -> str",
    forward: Forward::Eager(|_, b| {
        Ok(Value::str(match node(b)? {
            NodeObject::Leaf(_) => "torch::autograd::AccumulateGrad",
            node if node.name() == "CopySlices" => "torch::autograd::CopySlices",
            node => node.name(),
        }))
    }),
    ..METHOD_ENTRY
};

static REGISTER_HOOK: Entry = Entry {
    name: "register_hook",
    signature: "(input: any, fn: any) -> any",
    forward: Forward::Eager(|_, b| match node(b)? {
        NodeObject::Leaf(leaf) => {
            let number = next_number();
            leaf.autograd_mut().node_after.borrow_mut().push((number, b.value(1).clone()));
            Ok(Value::object(Handle::Leaf(leaf.clone(), number)))
        }
        NodeObject::Node(node) => {
            let number = next_number();
            node.hooks().after.push((number, b.value(1).clone()));
            Ok(Value::object(Handle::Node(node.clone(), number)))
        }
    }),
    ..METHOD_ENTRY
};

static REGISTER_PREHOOK: Entry = Entry {
    name: "register_prehook",
    signature: "(input: any, fn: any) -> any",
    forward: Forward::Eager(|_, b| match node(b)? {
        NodeObject::Leaf(leaf) => {
            let number = next_number();
            leaf.autograd_mut().node_before.borrow_mut().push((number, b.value(1).clone()));
            Ok(Value::object(Handle::Leaf(leaf.clone(), number)))
        }
        NodeObject::Node(node) => {
            let number = next_number();
            node.hooks().before.push((number, b.value(1).clone()));
            Ok(Value::object(Handle::Node(node.clone(), number)))
        }
    }),
    ..METHOD_ENTRY
};

#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const METHOD_ENTRY: Entry = Entry { category: Category::Metadata, ..Entry::EMPTY };

fn node(b: &Bindings) -> Result<&NodeObject> {
    b.value(0).downcast::<NodeObject>().ok_or_else(|| Error::type_error("a node of a graph is needed"))
}

impl Object for NodeObject {
    fn type_of(&self) -> Type {
        Type::Native(type_named(self.name()))
    }

    fn repr(&self) -> String {
        let address = match self {
            NodeObject::Node(node) => Rc::as_ptr(node).cast::<u8>() as usize,
            NodeObject::Leaf(leaf) => leaf.address(),
        };
        format!("<{} object at {address:#x}>", self.name())
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        Some(match name {
            "name" => Value::bound(Value::Object(this.clone()), &NAME),
            "register_hook" => Value::bound(Value::Object(this.clone()), &REGISTER_HOOK),
            "register_prehook" => Value::bound(Value::Object(this.clone()), &REGISTER_PREHOOK),
            "next_functions" => self.next(),
            "metadata" => Value::None,
            "variable" => match self {
                NodeObject::Leaf(leaf) => Value::Tensor(leaf.clone()),
                NodeObject::Node(_) => return None,
            },
            _ => {
                let saved = name.strip_prefix("_saved_")?;
                let NodeObject::Node(node) = self else { return None };
                let Work::Op(op) = &node.work else { return None };
                let of_name = |(own, _): &(String, Array)| {
                    own == saved || (own == "input" && saved == "self") || own == &format!("{saved}0")
                };
                let (_, array) = saved_of(op).into_iter().find(of_name)?;
                Value::Tensor(Tensor::new(array))
            }
        })
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["name", "next_functions", "register_hook", "register_prehook", "metadata"]
    }

    fn equal(&self, other: &dyn Object) -> bool {
        match (self, other.as_any().downcast_ref::<NodeObject>()) {
            (NodeObject::Node(a), Some(NodeObject::Node(b))) => Rc::ptr_eq(a, b),
            (NodeObject::Leaf(a), Some(NodeObject::Leaf(b))) => a.same(b),
            _ => false,
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What `register_hook` returns: it can take the hook away.
pub enum Handle {
    /// A hook of a node.
    Node(Rc<Node>, u64),
    /// A hook of a leaf.
    Leaf(Tensor, u64),
}

static HANDLE: NativeType = NativeType { module: "torch.utils.hooks", name: "RemovableHandle" };

static REMOVE: Entry = Entry {
    name: "remove",
    signature: "(input: any) -> None",
    forward: Forward::Eager(|_, b| {
        match b.value(0).downcast::<Handle>() {
            Some(Handle::Node(node, number)) => {
                let mut hooks = node.hooks();
                hooks.functions.retain(|(_, own, _)| own != number);
                hooks.before.retain(|(own, _)| own != number);
                hooks.after.retain(|(own, _)| own != number);
            }
            Some(Handle::Leaf(leaf, number)) => {
                let autograd = leaf.autograd_mut();
                autograd.hooks.borrow_mut().retain(|(own, _)| own != number);
                for hooks in [&autograd.after, &autograd.node_before, &autograd.node_after] {
                    hooks.borrow_mut().retain(|(own, _)| own != number);
                }
            }
            None => return Err(Error::type_error("a handle of a hook is needed")),
        }
        Ok(Value::None)
    }),
    ..METHOD_ENTRY
};

static ENTER: Entry = Entry {
    name: "__enter__",
    signature: "(input: any) -> any",
    forward: Forward::Eager(|_, b| Ok(b.value(0).clone())),
    ..METHOD_ENTRY
};

static EXIT: Entry = Entry {
    name: "__exit__",
    signature: "(input: any, kind: any = None, value: any = None, trace: any = None) -> None",
    forward: Forward::Eager(|ctx: &mut dyn Ctx, b: &Bindings| {
        crate::ops::dispatch::call(ctx, &REMOVE, crate::value::Args::positional(&b.values[..1]))
    }),
    ..METHOD_ENTRY
};

impl Object for Handle {
    fn type_of(&self) -> Type {
        Type::Native(&HANDLE)
    }

    fn repr(&self) -> String {
        "<torch.utils.hooks.RemovableHandle object>".to_owned()
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        let entry = match name {
            "remove" => &REMOVE,
            "__enter__" => &ENTER,
            "__exit__" => &EXIT,
            _ => return None,
        };
        Some(Value::bound(Value::Object(this.clone()), entry))
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["remove"]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Registers a function that is called with the gradient of a tensor.
pub fn register_hook(tensor: &Tensor, function: &Value) -> Result<Value> {
    let number = next_number();
    match edge(tensor) {
        None => Err(Error::runtime("cannot register a hook on a tensor that doesn't require gradient")),
        Some(Edge::Node(node, result)) => {
            node.hooks().functions.push((result, number, function.clone()));
            Ok(Value::object(Handle::Node(node, number)))
        }
        Some(Edge::Leaf(leaf)) => {
            leaf.autograd_mut().hooks.borrow_mut().push((number, function.clone()));
            Ok(Value::object(Handle::Leaf(leaf, number)))
        }
    }
}
