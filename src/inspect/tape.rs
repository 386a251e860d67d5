//! `:tape EXPR`: the graph behind a value, and what each of its nodes keeps for the backward pass.

use super::line::Line;
use super::report::counted;
use super::{mem, write};
use crate::budget::{self, human};
use crate::error::{Class, Result};
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::ops::autograd::{self, object};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::storage::Storage;
use crate::value::graph::{Edge, Node, Work};
use crate::value::{Tensor, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// How many rows are shown unless all are asked for.
const ROWS: usize = 60;

/// How deep the drawing goes before it stops to indent.
const DEPTH: usize = 24;

/// A saved array as it is shown.
struct Kept {
    /// What the op calls it: `weight`, `result`.
    role: String,
    array: Array,
    /// The variable or leaf whose elements these are; none where the graph alone keeps them.
    alias: Option<String>,
}

/// The nodes behind a value, and the names of what they lead to.
struct Tape {
    /// By number, so that the last is the first of a backward pass.
    nodes: BTreeMap<u64, Rc<Node>>,
    leaves: Vec<Tensor>,
    /// The variables by the address of their tensor, and by the id of their storage.
    names: HashMap<usize, String>,
    storages: HashMap<u64, String>,
}

/// `:tape EXPR [--dot] [--all]`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    let (mut dot, mut all, mut rest) = (false, false, line.clone());
    loop {
        let (first, after) = rest.first();
        let (last, before) = rest.last();
        match (first.text(), last.text()) {
            ("--dot", _) => (dot, rest) = (true, after),
            (_, "--dot") => (dot, rest) = (true, before),
            ("--all", _) => (all, rest) = (true, after),
            (_, "--all") => (all, rest) = (true, before),
            _ => break,
        }
    }
    if rest.text().is_empty() {
        return Err(mem::missing(line, "tape", "loss"));
    }
    let tree = rest.parse()?;
    let value = rest.evaluate(vm, &tree)?;
    let Value::Tensor(tensor) = &value else {
        return Err(
            rest.error(Class::TypeError, format!("{} has no graph: only tensors have", value.type_name()))
        );
    };
    let Some((root, _)) = autograd::node(tensor) else {
        let why = match tensor.requires_grad() {
            true => "it is a leaf: nothing was computed to make it",
            false => "it was made without recording: none of its operands asks for gradients",
        };
        let mut out = Markup::new();
        out.push(Role::Text, format!("no graph: {why}\n"));
        return write(vm, &out);
    };
    let tape = Tape::of(vm, &root)?;
    let mut out = Markup::new();
    if dot {
        tape.dot(&mut out)?;
    } else {
        tape.show(&mut out, &root, if all { usize::MAX } else { ROWS })?;
    }
    write(vm, &out)
}

impl Tape {
    fn of(vm: &Vm<'_>, root: &Rc<Node>) -> Result<Tape> {
        let (mut names, mut storages) = (HashMap::new(), HashMap::new());
        for (name, value) in vm.machine.globals.bound() {
            if let Value::Tensor(tensor) = value {
                names.entry(tensor.address()).or_insert_with(|| name.to_string());
                storages.entry(tensor.array().storage.id()).or_insert_with(|| name.to_string());
            }
        }
        let mut tape = Tape { nodes: BTreeMap::new(), leaves: Vec::new(), names, storages };
        let mut open = vec![root.clone()];
        let mut seen = HashSet::new();
        while let Some(node) = open.pop() {
            budget::poll()?;
            if tape.nodes.insert(node.number, node.clone()).is_some() {
                continue;
            }
            for edge in node.edges.iter().flatten() {
                match edge {
                    Edge::Node(next, _) => open.push(next.clone()),
                    Edge::Leaf(leaf) => {
                        if seen.insert(leaf.address()) {
                            tape.leaves.push(leaf.clone());
                        }
                    }
                }
            }
        }
        for leaf in &tape.leaves {
            let name = tape.names.get(&leaf.address()).cloned().unwrap_or_else(|| "a leaf".to_owned());
            tape.storages.insert(leaf.array().storage.id(), name);
        }
        Ok(tape)
    }

    fn kept(&self, node: &Node) -> Vec<Kept> {
        let saved = match &node.work {
            Work::Op(op) => object::saved_of(op),
            Work::Other(other) => other.saved(),
        };
        let one = |(role, array): (String, Array)| {
            let alias = self.storages.get(&array.storage.id()).cloned();
            Kept { role, array, alias }
        };
        saved.into_iter().map(one).collect()
    }

    fn leaf_name(&self, leaf: &Tensor) -> String {
        self.names.get(&leaf.address()).cloned().unwrap_or_else(|| "leaf".to_owned())
    }

    /// The tree, and the totals.
    fn show(&self, out: &mut Markup, root: &Rc<Node>, rows: usize) -> Result<()> {
        let steps: HashMap<u64, usize> =
            self.nodes.keys().rev().enumerate().map(|(n, number)| (*number, n + 1)).collect();
        out.push(
            Role::Heading,
            "step  node, what it gave, the gradients its step gives, what it keeps for that\n",
        );
        let mut open: Vec<(Edge, String, String)> =
            vec![(Edge::Node(root.clone(), 0), String::new(), String::new())];
        let mut shown = HashSet::new();
        let mut count = 0;
        while let Some((edge, first, rest)) = open.pop() {
            budget::poll()?;
            if count == rows {
                out.push(
                    Role::Dim,
                    format!(
                        "... {} more (--all)\n",
                        counted((self.nodes.len() - shown.len()) as u128, "node")
                    ),
                );
                break;
            }
            count += 1;
            match edge {
                Edge::Leaf(leaf) => {
                    out.push(Role::Text, format!("      {first}")).push(Role::Name, self.leaf_name(&leaf));
                    out.push(Role::Text, "  ").push(Role::Type, leaf.array().describe());
                    out.push(Role::Dim, "  leaf: its gradient is added up in .grad\n");
                }
                Edge::Node(node, _) => {
                    let step = steps.get(&node.number).copied().unwrap_or(0);
                    out.push(Role::Number, format!("{step:>4}")).push(Role::Text, format!("  {first}"));
                    out.push(Role::Op, node.name).push(Role::Text, "  ");
                    if !shown.insert(node.number) {
                        out.push(Role::Dim, "(see above)\n");
                        continue;
                    }
                    self.node(out, &node);
                    let next: Vec<Edge> = node.edges.iter().flatten().cloned().collect();
                    let deep = rest.chars().count() / 3 >= DEPTH;
                    for (n, edge) in next.iter().enumerate().rev() {
                        let last = n + 1 == next.len();
                        let (mark, indent) = match (next.len(), last) {
                            (1, _) => ("", ""),
                            (_, true) => ("└─ ", "   "),
                            (_, false) => ("├─ ", "│  "),
                        };
                        let indent = if deep { "" } else { indent };
                        open.push((edge.clone(), format!("{rest}{mark}"), format!("{rest}{indent}")));
                    }
                }
            }
        }
        self.totals(out);
        Ok(())
    }

    /// What a node gave and keeps.
    fn node(&self, out: &mut Markup, node: &Node) {
        for (n, (shape, dtype)) in node.results.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            out.push(Role::Type, format!("{comma}{}{:?}", dtype.name(), shape.as_slice()));
        }
        let shapes = gradients(node);
        if !shapes.is_empty() {
            out.push(Role::Text, "  gives ").push(Role::Type, shapes.join(" and "));
        }
        let kept = self.kept(node);
        let gone = match &node.work {
            Work::Op(op) => op.released.get() && op.derivative.saves.iter().any(|&saves| saves != 0),
            Work::Other(_) => false,
        };
        if kept.is_empty() {
            out.push(Role::Dim, if gone { "  freed\n" } else { "  keeps nothing\n" });
            return;
        }
        out.push(Role::Text, "  keeps ");
        let mut frees = 0;
        for (n, kept) in kept.iter().enumerate() {
            if n > 0 {
                out.push(Role::Text, ", ");
            }
            out.push(Role::Name, &kept.role);
            out.push(Role::Text, format!(" {:?} ", kept.array.shape()));
            out.push(Role::Number, human(bytes(&kept.array)));
            match &kept.alias {
                Some(name) => out.push(Role::Dim, format!(" (alias of {name})")),
                None => {
                    frees += bytes(&kept.array);
                    out.push(Role::Dim, " (kept by the graph alone)")
                }
            };
        }
        if frees > 0 {
            out.push(Role::Dim, format!("; its step can free {}", human(frees)));
        }
        out.newline();
    }

    /// The bytes of all that is kept, against those of the leaves.
    fn totals(&self, out: &mut Markup) {
        let (mut own, mut aliases, mut seen): (usize, usize, Vec<Storage>) = (0, 0, Vec::new());
        let mut known: HashSet<u64> = HashSet::new();
        for node in self.nodes.values() {
            for kept in self.kept(node) {
                if !known.insert(kept.array.storage.id()) {
                    continue;
                }
                match kept.alias {
                    Some(_) => aliases += kept.array.storage.len(),
                    None => own += kept.array.storage.len(),
                }
                seen.push(kept.array.storage.clone());
            }
        }
        let leaves: usize = self.leaves.iter().map(|leaf| bytes(&leaf.array())).sum();
        out.push(Role::Number, counted(self.nodes.len() as u128, "node"));
        out.push(Role::Text, ", ")
            .push(Role::Number, counted(self.leaves.len() as u128, "leaf").replace("leafs", "leaves"));
        out.push(Role::Text, " of ")
            .push(Role::Number, human(leaves))
            .push(Role::Text, "; kept for the backward pass: ");
        out.push(Role::Number, human(own)).push(Role::Text, " by the graph alone, ");
        out.push(Role::Number, human(aliases)).push(Role::Text, " shared with variables\n");
    }

    /// The graph for Graphviz.
    fn dot(&self, out: &mut Markup) -> Result<()> {
        out.push(Role::Text, "digraph tape {\n  rankdir=BT;\n  node [shape=box];\n");
        for leaf in &self.leaves {
            let name = self.leaf_name(leaf);
            let kind = leaf.array().describe();
            out.push(
                Role::Text,
                format!("  leaf{} [label=\"{name}\\n{kind}\", style=rounded];\n", leaf.address()),
            );
        }
        for node in self.nodes.values() {
            budget::poll()?;
            let shape = node.results.first().map_or(String::new(), |(shape, dtype): &(_, DType)| {
                format!("\\n{}{:?}", dtype.name(), shape.as_slice())
            });
            let kept: usize = self.kept(node).iter().map(|kept| bytes(&kept.array)).sum();
            let kept = if kept > 0 { format!("\\nkeeps {}", human(kept)) } else { String::new() };
            out.push(Role::Text, format!("  n{} [label=\"{}{shape}{kept}\"];\n", node.number, node.name));
            for edge in node.edges.iter().flatten() {
                match edge {
                    Edge::Node(next, _) => {
                        out.push(Role::Text, format!("  n{} -> n{};\n", next.number, node.number))
                    }
                    Edge::Leaf(leaf) => {
                        out.push(Role::Text, format!("  leaf{} -> n{};\n", leaf.address(), node.number))
                    }
                };
            }
        }
        out.push(Role::Text, "}\n");
        Ok(())
    }
}

/// The shapes of the gradients that a node's step computes.
fn gradients(node: &Node) -> Vec<String> {
    let shape = |edge: &Edge| match edge {
        Edge::Leaf(leaf) => format!("{:?}", leaf.array().shape()),
        Edge::Node(next, result) => {
            next.results.get(*result).map_or_else(String::new, |(shape, _)| format!("{:?}", shape.as_slice()))
        }
    };
    node.edges.iter().flatten().map(shape).collect()
}

/// The bytes of an array's elements.
fn bytes(array: &Array) -> usize {
    array.numel().saturating_mul(array.dtype.size())
}
