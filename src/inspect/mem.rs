//! `:mem`: which report is meant, for what.

use super::facts::Facts;
use super::holders::{Held, Walk};
use super::line::Line;
use super::options::Options;
use super::{buffer, json, memory, plain, report, sharing, storages, write};
use crate::error::{Error, Result};
use crate::eval::Vm;
use crate::ops::storage_object::storage_of;
use crate::syntax::ast::{ExprId, ExprKind, StmtKind, Tree};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::storage::Storage;
use crate::value::{Tensor, Value};
use std::rc::Rc;

/// An expression and its text.
type Expr = (Line, Rc<Tree>);

/// `:mem`, `:mem EXPR`, `:mem A B`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    let (options, rest) = Options::take(vm, line)?;
    if rest.text().is_empty() {
        return storages::run(vm, &options);
    }
    match expressions(&rest)? {
        (first, None) => one(vm, &first, &options),
        (first, Some(second)) => two(vm, &first, &second, &options),
    }
}

/// The one or two expressions of a line: the whole of it if that is one, else what stands on both sides of a blank.
fn expressions(line: &Line) -> Result<(Expr, Option<Expr>)> {
    let error = match line.parse() {
        Ok(tree) => {
            return Ok(match comma(line, &tree) {
                Some((left, right)) => {
                    let (first, second) = (left.parse()?, right.parse()?);
                    ((left, first), Some((right, second)))
                }
                None => ((line.clone(), tree), None),
            });
        }
        Err(error) => error,
    };
    let text = line.text();
    for (at, _) in text.match_indices(char::is_whitespace).take(200) {
        let (left, right) = (line.part(0..at), line.part(at..text.len()));
        if let (Ok(first), Ok(second)) = (left.parse(), right.parse()) {
            return Ok(((left, first), Some((right, second))));
        }
    }
    Err(error)
}

/// The two sides of `A, B` without brackets around it.
fn comma(line: &Line, tree: &Tree) -> Option<(Line, Line)> {
    let StmtKind::Expr { value, .. } = tree[*tree.body.first()?].kind else { return None };
    let ExprKind::Tuple(items) = &tree[value].kind else { return None };
    let [first, second]: [ExprId; 2] = items.as_slice().try_into().ok()?;
    let (whole, start) = (tree[value].span, line.span().start);
    let comma = {
        // Between the two there are only brackets, blanks and the comma.
        let between = tree[first].span.end.checked_sub(start)? as usize
            ..tree[second].span.start.checked_sub(start)? as usize;
        between.start + line.text().get(between)?.find(',')?
    };
    let left = line.part(0..comma);
    let bracketed = whole.start == start && line.text().starts_with('(') && left.parse().is_err();
    (!bracketed).then(|| (left, line.part(comma + 1..line.text().len())))
}

fn one(vm: &mut Vm<'_>, (line, tree): &Expr, options: &Options) -> Result<()> {
    let value = line.evaluate(vm, tree)?;
    let walk = Walk::of_variables(vm);
    let facts = match (&value, storage_of(&value)) {
        (Value::Tensor(tensor), _) => Facts::new(line.text(), tensor, &walk)?,
        (_, Some((storage, dtype))) => Facts::of_storage(line.text(), elements(&storage, dtype)?, &walk)?,
        _ => return plain::run(vm, line.text(), &value, options),
    };
    if options.json {
        return json::memory(vm, &facts, options);
    }
    let width = report::width(vm);
    buffer::windows(&facts.array, options)?;
    let heading = memory::heading(&facts, width);
    write(vm, &heading)?;
    buffer::table(vm, &facts.array, options, width)
}

fn two(vm: &mut Vm<'_>, first: &Expr, second: &Expr, options: &Options) -> Result<()> {
    let mut tensor = |(line, tree): &Expr| -> Result<(String, Array)> {
        let value = line.evaluate(vm, tree)?;
        let array = match (&value, storage_of(&value)) {
            (Value::Tensor(tensor), _) => tensor.to_array(),
            (_, Some((storage, dtype))) => elements(&storage, dtype)?,
            _ => {
                let message = format!("{} has no storage: only tensors share memory", value.type_name());
                return Err(line.error(crate::error::Class::TypeError, message));
            }
        };
        Ok((report::shorten(line.text(), 30), array))
    };
    let (a, b) = (tensor(first)?, tensor(second)?);
    sharing::run(vm, (&a.0, &a.1), (&b.0, &b.1), options)
}

/// A storage as a tensor of all its elements.
fn elements(storage: &Storage, dtype: DType) -> Result<Array> {
    Array::new(storage.clone(), Layout::contiguous(&[storage.len() / dtype.size()])?, dtype)
}

/// The tensors that a value other than a tensor holds.
pub(super) fn held(name: &str, value: &Value) -> Vec<(String, Tensor)> {
    let walk = Walk::of_value(name, value);
    let tensors = walk.found().iter().filter_map(|(node, held)| match held {
        Held::Tensor(tensor) => Some((walk.path(*node), tensor.clone())),
        Held::Storage(_) => None,
    });
    tensors.collect()
}

/// The error for a command without its expression.
pub(super) fn missing(line: &Line, command: &str, example: &str) -> Error {
    let error = line.error(crate::error::Class::ValueError, format!(":{command} needs an expression"));
    error.note(format!("for example :{command} {example}"))
}
