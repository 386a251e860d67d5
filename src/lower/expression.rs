//! Expressions.

use super::builder::{Builder, Variable, internal};
use crate::budget::Weight;
use crate::error::Result;
use crate::syntax::ast::{ExprId, ExprKind, Name, UnaryOp};
use crate::value::code::{Instr, Operand, Origin, Reg};
use crate::value::{Slice, Str, Value};
use std::rc::Rc;

/// Longer displays are built item by item, so that they need few registers.
const AT_ONCE: usize = 64;

/// What stands between brackets.
#[derive(Clone, Copy)]
pub(super) enum Index {
    /// One value.
    One(Operand),
    /// The items of a tuple, in registers one after the other.
    Items { start: Reg, count: u16 },
}

impl Builder<'_, '_> {
    /// Lowers an expression to an operand: a variable's own register, a constant, or a fresh temporary.
    pub(super) fn operand(&mut self, id: ExprId) -> Result<Operand> {
        if let Some(operand) = self.simple(id)? {
            return Ok(operand);
        }
        let dst = self.temp()?;
        self.value(id, dst)?;
        Ok(dst)
    }

    /// The operand of an expression that needs no instruction.
    fn simple(&mut self, id: ExprId) -> Result<Option<Operand>> {
        Ok(Some(match &self.tree[id].kind {
            ExprKind::None => self.constant(Value::None)?,
            ExprKind::Ellipsis => self.constant(Value::Ellipsis)?,
            ExprKind::Bool(b) => self.constant(Value::Bool(*b))?,
            ExprKind::Int(n) => self.constant(Value::Int(*n))?,
            ExprKind::BigInt(digits) => {
                let int = digits.parse().map_err(|_| internal("digits of an int"))?;
                self.constant(Value::integer(int)?)?
            }
            ExprKind::Float(x) => self.constant(Value::Float(*x))?,
            ExprKind::Str(text) => {
                let text = text.clone();
                self.text(&text)?
            }
            ExprKind::Name(name) if self.in_namespace(name) => return Ok(None),
            ExprKind::Name(name) if !self.scope.walrus.contains(name) => match self.variable(name) {
                Variable::Local(reg) => reg,
                _ => return Ok(None),
            },
            ExprKind::Unary(UnaryOp::Neg, inner) => match self.tree[*inner].kind {
                ExprKind::Int(n) => self.constant(Value::Int(n.wrapping_neg()))?,
                ExprKind::Float(x) => self.constant(Value::Float(-x))?,
                _ => return Ok(None),
            },
            // A tuple of constants is one, as an index (`x[:, None]`) above all.
            ExprKind::Tuple(items) if items.len() <= AT_ONCE => {
                let items: Option<Vec<Value>> = items.iter().map(|&item| self.atom(item)).collect();
                match items {
                    Some(items) => self.constant(Value::tuple(items))?,
                    None => return Ok(None),
                }
            }
            ExprKind::Slice(..) => match self.atom(id) {
                Some(slice) => self.constant(slice)?,
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    /// The value of a literal, or of a slice of literals.
    fn atom(&self, id: ExprId) -> Option<Value> {
        let ExprKind::Slice(lower, upper, step) = &self.tree[id].kind else { return self.literal(id) };
        let part = |part: &Option<ExprId>| part.map_or(Some(Value::None), |part| self.literal(part));
        let (start, stop, step) = (part(lower)?, part(upper)?, part(step)?);
        Some(Value::Slice(Rc::new(Slice { start, stop, step, weight: Weight::new() })))
    }

    /// The value of a literal.
    fn literal(&self, id: ExprId) -> Option<Value> {
        Some(match &self.tree[id].kind {
            ExprKind::None => Value::None,
            ExprKind::Ellipsis => Value::Ellipsis,
            ExprKind::Bool(b) => Value::Bool(*b),
            ExprKind::Int(n) => Value::Int(*n),
            ExprKind::Float(x) => Value::Float(*x),
            ExprKind::Str(text) => Value::Str(Str::new(&**text)),
            ExprKind::Unary(UnaryOp::Neg, inner) => match self.tree[*inner].kind {
                ExprKind::Int(n) => Value::Int(n.checked_neg()?),
                ExprKind::Float(x) => Value::Float(-x),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// An index: the registers of its items where it is a short tuple, which need not be built for a tensor.
    pub(super) fn index(&mut self, id: ExprId) -> Result<Index> {
        if let ExprKind::Tuple(items) = &self.tree.clone()[id].kind
            && items.len() <= AT_ONCE
            && !items.iter().any(|&item| matches!(self.tree[item].kind, ExprKind::Starred(_)))
            && items.iter().any(|&item| self.atom(item).is_none())
        {
            let start = self.top();
            for &item in items {
                self.push(item)?;
            }
            return Ok(Index::Items { start, count: items.len() as u16 });
        }
        Ok(Index::One(self.operand(id)?))
    }

    /// `object[index]`
    pub(super) fn get_item(&mut self, dst: Reg, object: Operand, index: Index) {
        self.emit(match index {
            Index::One(index) => Instr::GetItem { dst, object, index },
            Index::Items { start, count } => Instr::GetItems { dst, object, start, count },
        });
    }

    /// `object[index] = src`
    pub(super) fn set_item(&mut self, object: Operand, index: Index, src: Operand) {
        self.emit(match index {
            Index::One(index) => Instr::SetItem { object, index, src },
            Index::Items { start, count } => Instr::SetItems { object, src, start, count },
        });
    }

    /// Lowers an expression into the next free register, which it takes.
    pub(super) fn push(&mut self, id: ExprId) -> Result<Reg> {
        let dst = self.temp()?;
        self.value(id, dst)?;
        Ok(dst)
    }

    /// Lowers an expression into a register. A variable is written by the last instruction only, so that an expression
    /// that fails leaves it as it was, and one that reads it sees the old value.
    pub(super) fn value(&mut self, id: ExprId, dst: Reg) -> Result<()> {
        let mark = self.mark();
        self.from(Origin::Expr(id), |b| b.value_of(id, dst))?;
        self.release(mark);
        Ok(())
    }

    fn value_of(&mut self, id: ExprId, dst: Reg) -> Result<()> {
        if let Some(src) = self.simple(id)? {
            self.emit(Instr::Move { dst, src });
            return Ok(());
        }
        let tree = self.tree.clone();
        match &tree[id].kind {
            ExprKind::Binary(..)
            | ExprKind::Attribute(..)
            | ExprKind::Subscript(..)
            | ExprKind::Call { .. } => {
                return self.spine(id, dst);
            }
            ExprKind::Name(name) => self.load(name, dst)?,
            ExprKind::And(_) | ExprKind::Or(_) | ExprKind::IfElse { .. } | ExprKind::Compare(..)
                if self.is_named(dst) =>
            {
                let src = self.temp()?;
                self.value_of(id, src)?;
                self.emit(Instr::Move { dst, src });
            }
            ExprKind::And(items) => self.short_circuit(items, false, dst)?,
            ExprKind::Or(items) => self.short_circuit(items, true, dst)?,
            ExprKind::IfElse { test, then, orelse } => {
                let (mut otherwise, mut end) = (self.label(), self.label());
                self.jump_if(*test, false, &mut otherwise)?;
                self.value(*then, dst)?;
                self.jump(&mut end, Instr::Jump { target: 0 });
                self.place(&mut otherwise);
                self.value(*orelse, dst)?;
                self.place(&mut end);
            }
            ExprKind::Compare(first, rest) => self.comparison(*first, rest, dst)?,
            ExprKind::Unary(op, inner) => {
                let src = self.operand(*inner)?;
                if matches!(op, UnaryOp::Neg | UnaryOp::Invert) {
                    self.pass_on(src);
                }
                self.emit(match op {
                    UnaryOp::Neg => Instr::Neg { dst, src },
                    UnaryOp::Pos => Instr::Pos { dst, src },
                    UnaryOp::Invert => Instr::Invert { dst, src },
                    UnaryOp::Not => Instr::Not { dst, src },
                });
            }
            ExprKind::Tuple(items) => self.display(items, dst, Display::Tuple)?,
            ExprKind::List(items) => self.display(items, dst, Display::List)?,
            ExprKind::Set(items) => self.display(items, dst, Display::Set)?,
            ExprKind::Dict(entries) => self.dict(entries, dst)?,
            ExprKind::Slice(lower, upper, step) => {
                let start = self.top();
                for part in [lower, upper, step] {
                    match part {
                        Some(part) => {
                            self.push(*part)?;
                        }
                        None => {
                            let (src, dst) = (self.constant(Value::None)?, self.temp()?);
                            self.emit(Instr::Move { dst, src });
                        }
                    }
                }
                self.emit(Instr::BuildSlice { dst, start });
            }
            ExprKind::JoinedStr(pieces) => self.joined(pieces, dst)?,
            ExprKind::Formatted { .. } => self.joined(&[id], dst)?,
            ExprKind::Lambda(params, body) => self.lambda(id, params, *body, dst)?,
            ExprKind::Walrus(target, value) => {
                self.value(*value, dst)?;
                // The value is also that of the expression, so what is stored is a copy of the register.
                let src = self.temp()?;
                self.emit(Instr::Move { dst: src, src: dst });
                self.store(*target, src)?;
            }
            ExprKind::Comprehension { kind, element, value, clauses } => {
                self.comprehension(id, *kind, *element, *value, clauses, dst)?;
            }
            ExprKind::Imaginary(_) => self.unsupported("a complex number"),
            ExprKind::Bytes(_) => self.unsupported("a bytes literal"),
            ExprKind::Yield(value) => {
                let src = match value {
                    Some(value) => self.operand(*value)?,
                    None => self.constant(Value::None)?,
                };
                self.emit(Instr::Yield { dst, src });
            }
            ExprKind::YieldFrom(value) => {
                self.delegate(*value, dst)?;
            }
            ExprKind::Await(_) => self.unsupported("await"),
            ExprKind::Starred(_) => {
                return Err(self.syntax_error(tree[id].span, "can't use starred expression here"));
            }
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::BigInt(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_) => {}
        }
        Ok(())
    }

    /// Reads a variable that has no register of its own.
    fn load(&mut self, name: &Name, dst: Reg) -> Result<()> {
        if self.scope.kind == super::scope::Kind::Class && self.inlined.is_empty() {
            return self.load_in_class(name, dst);
        }
        match self.variable(name) {
            Variable::Local(src) => self.emit(Instr::Move { dst, src }),
            Variable::Cell(cell) => self.emit(Instr::LoadCell { dst, cell }),
            Variable::Global(slot) => self.emit(Instr::LoadGlobal { dst, slot }),
        };
        Ok(())
    }

    /// A chain of operators, attributes, subscripts and calls, from its innermost left operand outwards, so that a chain
    /// of any length needs no recursion.
    fn spine(&mut self, id: ExprId, dst: Reg) -> Result<()> {
        let tree = self.tree.clone();
        let (mut spine, mut innermost) = (Vec::new(), id);
        loop {
            let inner = match &tree[innermost].kind {
                ExprKind::Binary(left, ..) => *left,
                ExprKind::Attribute(object, ..) | ExprKind::Subscript(object, _) => *object,
                // A method call looks its method up on the object itself.
                ExprKind::Call { func, .. } => match &tree[*func].kind {
                    ExprKind::Attribute(object, ..) => *object,
                    _ => *func,
                },
                _ => break,
            };
            spine.push(innermost);
            innermost = inner;
        }
        // Steps on the way write the temporary; only the last writes the destination.
        let accumulator = self.top();
        let mut left = match self.simple(innermost)? {
            Some(operand) => operand,
            None => self.push(innermost)?,
        };
        while let Some(node) = spine.pop() {
            let to = if spine.is_empty() {
                dst
            } else {
                self.release(accumulator);
                self.temp()?
            };
            if left == accumulator && self.mark() == accumulator {
                self.temp()?;
            }
            let before = self.mark();
            if matches!(tree[node].kind, ExprKind::Binary(..)) || self.is_method_call(node) {
                self.pass_on(left);
            }
            self.from(Origin::Expr(node), |b| b.step(node, left, to))?;
            self.release(before);
            left = to;
        }
        Ok(())
    }

    fn is_method_call(&self, node: ExprId) -> bool {
        matches!(&self.tree[node].kind, ExprKind::Call { func, .. }
            if matches!(self.tree[*func].kind, ExprKind::Attribute(..)))
    }

    /// One link of a chain whose left operand is at hand.
    fn step(&mut self, node: ExprId, left: Operand, dst: Reg) -> Result<()> {
        let tree = self.tree.clone();
        match &tree[node].kind {
            ExprKind::Binary(_, op, right) => {
                let right = self.operand(*right)?;
                self.pass_on(right);
                self.emit(Instr::Binary { op: *op, dst, left, right });
            }
            ExprKind::Attribute(_, name, _) => {
                let name = self.attribute_name(name);
                self.emit(Instr::GetAttr { dst, object: left, name });
            }
            ExprKind::Subscript(_, index) => {
                let index = self.index(*index)?;
                self.get_item(dst, left, index);
            }
            ExprKind::Call { func, args, keywords } => self.call(*func, left, args, keywords, dst)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn display(&mut self, items: &[ExprId], dst: Reg, display: Display) -> Result<()> {
        let starred = items.iter().any(|&i| matches!(self.tree[i].kind, ExprKind::Starred(_)));
        if !starred && items.len() <= AT_ONCE {
            let start = self.top();
            for &item in items {
                self.push(item)?;
            }
            let count = items.len() as u16;
            self.emit(match display {
                Display::Tuple => Instr::BuildTuple { dst, start, count },
                Display::List => Instr::BuildList { dst, start, count },
                Display::Set => Instr::BuildSet { dst, start, count },
            });
            return Ok(());
        }
        let collected = self.temp()?;
        let empty = if display == Display::Set {
            Instr::BuildSet { dst: collected, start: collected, count: 0 }
        } else {
            Instr::BuildList { dst: collected, start: collected, count: 0 }
        };
        self.emit(empty);
        for &item in items {
            let mark = self.mark();
            match (&self.tree.clone()[item].kind, display) {
                (ExprKind::Starred(inner), Display::Set) => {
                    let list = self.temp()?;
                    self.emit(Instr::BuildList { dst: list, start: list, count: 0 });
                    let src = self.operand(*inner)?;
                    self.emit(Instr::Extend { list, src });
                    self.each(list, |b, src| {
                        b.emit(Instr::SetAdd { set: collected, src });
                        Ok(())
                    })?;
                }
                (ExprKind::Starred(inner), _) => {
                    let src = self.operand(*inner)?;
                    self.emit(Instr::Extend { list: collected, src });
                }
                (_, Display::Set) => {
                    let src = self.operand(item)?;
                    self.emit(Instr::SetAdd { set: collected, src });
                }
                _ => {
                    let src = self.operand(item)?;
                    self.emit(Instr::Append { list: collected, src });
                }
            }
            self.release(mark);
        }
        if display == Display::Tuple {
            self.emit(Instr::ListToTuple { reg: collected });
        }
        self.emit(Instr::Move { dst, src: collected });
        Ok(())
    }

    /// A loop over an iterable with the item in a register.
    fn each(&mut self, src: Operand, body: impl FnOnce(&mut Self, Reg) -> Result<()>) -> Result<()> {
        let (iter, item) = (self.temp()?, self.temp()?);
        self.emit(Instr::Iterate { dst: iter, src });
        let (mut head, mut end) = (self.here(), self.label());
        self.jump(&mut end, Instr::Next { dst: item, iter, target: 0 });
        body(self, item)?;
        self.jump(&mut head, Instr::Loop { target: 0 });
        self.place(&mut end);
        Ok(())
    }

    fn dict(&mut self, entries: &[(Option<ExprId>, ExprId)], dst: Reg) -> Result<()> {
        let dict = self.temp()?;
        self.emit(Instr::BuildDict { dst: dict, start: dict, count: 0 });
        for (key, value) in entries {
            let mark = self.mark();
            match key {
                Some(key) => {
                    let key = self.operand(*key)?;
                    let value = self.operand(*value)?;
                    self.emit(Instr::DictSet { dict, key, value });
                }
                None => {
                    let src = self.operand(*value)?;
                    self.emit(Instr::DictMerge { dict, src, call: false });
                }
            }
            self.release(mark);
        }
        self.emit(Instr::Move { dst, src: dict });
        Ok(())
    }

    /// The pieces of an f-string.
    fn joined(&mut self, pieces: &[ExprId], dst: Reg) -> Result<()> {
        let tree = self.tree.clone();
        let start = self.top();
        for &piece in pieces {
            let to = self.temp()?;
            let mark = self.mark();
            match &tree[piece].kind {
                ExprKind::Formatted { value, conversion, spec } => {
                    let src = self.operand(*value)?;
                    let spec = match spec {
                        Some(spec) => self.operand(*spec)?,
                        None => self.text("")?,
                    };
                    let conversion = conversion.map_or(0, |c| c as u8);
                    let origin = Origin::Expr(*value);
                    self.from(origin, |b| {
                        b.emit(Instr::Format { dst: to, src, conversion, spec });
                        Ok(())
                    })?;
                }
                _ => self.value(piece, to)?,
            }
            self.release(mark);
        }
        let count = u16::try_from(pieces.len()).unwrap_or(u16::MAX);
        self.emit(Instr::Join { dst, start, count });
        Ok(())
    }
}

/// The displays that list their items.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    Tuple,
    List,
    Set,
}
