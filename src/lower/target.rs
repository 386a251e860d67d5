//! Assignment targets, `del`, and the variables of loops.

use super::builder::{Builder, Label, Variable};
use crate::error::Result;
use crate::syntax::ast::{BinaryOp, ExprId, ExprKind, Name};
use crate::value::code::{Instr, Operand, Origin, Reg};

impl Builder<'_, '_> {
    /// Stores an operand in a target.
    pub(super) fn store(&mut self, target: ExprId, src: Operand) -> Result<()> {
        let tree = self.tree.clone();
        let mark = self.mark();
        match &tree[target].kind {
            ExprKind::Name(name) => self.store_name(name, src)?,
            ExprKind::Tuple(items) | ExprKind::List(items) => self.unpack(target, items, src)?,
            ExprKind::Attribute(object, name, _) => {
                let object = self.operand(*object)?;
                let name = self.attribute_name(name);
                self.emit(Instr::SetAttr { object, src, name });
            }
            ExprKind::Subscript(object, index) => {
                let object = self.operand(*object)?;
                let index = self.index(*index)?;
                self.set_item(object, index, src);
            }
            ExprKind::Starred(inner) => self.store(*inner, src)?,
            _ => return Err(self.syntax_error(tree[target].span, "cannot assign to this expression")),
        }
        self.release(mark);
        Ok(())
    }

    /// Stores an operand in a variable.
    pub(super) fn store_name(&mut self, name: &Name, src: Operand) -> Result<()> {
        if self.in_namespace(name) {
            return self.store_in_class(name, src);
        }
        match self.variable(name) {
            Variable::Local(dst) if dst == src => return Ok(()),
            Variable::Local(dst) => self.emit(Instr::Move { dst, src }),
            Variable::Cell(cell) => self.emit(Instr::StoreCell { cell, src }),
            Variable::Global(slot) => {
                // What is in a temporary is moved, so that the global is its only holder.
                let take = src & crate::value::code::CONST == 0 && !self.is_named(src);
                self.emit(Instr::StoreGlobal { src, slot, take })
            }
        };
        Ok(())
    }

    fn unpack(&mut self, target: ExprId, items: &[ExprId], src: Operand) -> Result<()> {
        let tree = self.tree.clone();
        let starred = items.iter().position(|&i| matches!(tree[i].kind, ExprKind::Starred(_)));
        let start = self.top();
        for _ in items {
            self.temp()?;
        }
        self.from(Origin::Expr(target), |b| {
            let count = items.len() as u16;
            b.emit(match starred {
                None => Instr::Unpack { src, start, count },
                Some(at) => Instr::UnpackStar { src, start, before: at as u16, after: count - at as u16 - 1 },
            });
            Ok(())
        })?;
        for (n, &item) in items.iter().enumerate() {
            self.store(item, start + n as u16)?;
        }
        Ok(())
    }

    /// Assigns one value to several targets, from the left.
    pub(super) fn assign(&mut self, targets: &[ExprId], value: ExprId) -> Result<()> {
        let tree = self.tree.clone();
        if let [target] = targets {
            match &tree[*target].kind {
                ExprKind::Name(name) => {
                    if let Variable::Local(dst) = self.variable(name) {
                        return self.value(value, dst);
                    }
                }
                // `a, b = b, a` needs no tuple.
                ExprKind::Tuple(left) => {
                    if let ExprKind::Tuple(right) = &tree[value].kind {
                        let starred = |e: &ExprId| matches!(tree[*e].kind, ExprKind::Starred(_));
                        if left.len() == right.len()
                            && left.len() <= 8
                            && !left.iter().chain(right).any(starred)
                        {
                            let regs = right.iter().map(|&e| self.push(e)).collect::<Result<Vec<_>>>()?;
                            return left.iter().zip(regs).try_for_each(|(&t, reg)| self.store(t, reg));
                        }
                    }
                }
                _ => {}
            }
        }
        let src = self.operand(value)?;
        if targets.len() == 1 {
            return self.store(targets[0], src);
        }
        // Several targets read the value; it stays in a register that none of them takes.
        let shared = self.temp()?;
        self.emit(Instr::Move { dst: shared, src });
        for (n, &target) in targets.iter().enumerate() {
            if n + 1 == targets.len() {
                self.store(target, shared)?;
            } else {
                let mark = self.mark();
                let copy = self.temp()?;
                self.emit(Instr::Move { dst: copy, src: shared });
                self.store(target, copy)?;
                self.release(mark);
            }
        }
        Ok(())
    }

    /// `target op= value`: the target's parts are evaluated once.
    pub(super) fn augmented(&mut self, target: ExprId, op: BinaryOp, value: ExprId) -> Result<()> {
        let tree = self.tree.clone();
        match &tree[target].kind {
            ExprKind::Name(name) => {
                let variable = self.variable(name);
                let left = match variable {
                    Variable::Local(reg) => reg,
                    _ => self.push(target)?,
                };
                let right = self.operand(value)?;
                self.pass_on(right);
                self.emit(Instr::InPlace { op, dst: left, left, right });
                self.store_name(name, left)?;
            }
            ExprKind::Attribute(object, name, _) => {
                let object = self.operand(*object)?;
                let name = self.attribute_name(name);
                let dst = self.temp()?;
                self.from(Origin::Expr(target), |b| Ok(b.emit(Instr::GetAttr { dst, object, name })))?;
                let right = self.operand(value)?;
                self.pass_on(right);
                self.emit(Instr::InPlace { op, dst, left: dst, right });
                self.emit(Instr::SetAttr { object, src: dst, name });
            }
            ExprKind::Subscript(object, index) => {
                let object = self.operand(*object)?;
                let index = self.index(*index)?;
                let dst = self.temp()?;
                self.from(Origin::Expr(target), |b| {
                    b.get_item(dst, object, index);
                    Ok(())
                })?;
                let right = self.operand(value)?;
                self.pass_on(right);
                self.emit(Instr::InPlace { op, dst, left: dst, right });
                self.set_item(object, index, dst);
            }
            _ => {
                return Err(
                    self.syntax_error(tree[target].span, "illegal expression for augmented assignment")
                );
            }
        }
        Ok(())
    }

    /// `del name`.
    pub(super) fn delete_name(&mut self, name: &Name) -> usize {
        if self.in_namespace(name) {
            let name = self.attribute_name(name);
            return self.emit(Instr::DeleteName { name });
        }
        match self.variable(name) {
            Variable::Local(reg) => self.emit(Instr::Delete { reg }),
            Variable::Cell(cell) => self.emit(Instr::DeleteCell { cell }),
            Variable::Global(slot) => self.emit(Instr::DeleteGlobal { slot }),
        }
    }

    /// `del target`.
    pub(super) fn delete(&mut self, target: ExprId) -> Result<()> {
        let tree = self.tree.clone();
        self.from(Origin::Expr(target), |b| {
            match &tree[target].kind {
                ExprKind::Name(name) => b.delete_name(name),
                ExprKind::Attribute(object, name, _) => {
                    let object = b.operand(*object)?;
                    let name = b.attribute_name(name);
                    b.emit(Instr::DeleteAttr { object, name })
                }
                ExprKind::Subscript(object, index) => {
                    let object = b.operand(*object)?;
                    let index = b.operand(*index)?;
                    b.emit(Instr::DeleteItem { object, index })
                }
                ExprKind::Tuple(items) | ExprKind::List(items) => {
                    return items.iter().try_for_each(|&item| b.delete(item));
                }
                _ => return Err(b.syntax_error(tree[target].span, "cannot delete this expression")),
            };
            Ok(())
        })
    }

    /// The head of a loop: takes the next item into the target, or leaves.
    pub(super) fn loop_variable(&mut self, target: ExprId, iter: Operand, end: &mut Label) -> Result<()> {
        let tree = self.tree.clone();
        let direct = match &tree[target].kind {
            ExprKind::Name(name) => match self.variable(name) {
                Variable::Local(reg) => Some(reg),
                _ => None,
            },
            _ => None,
        };
        match direct {
            Some(dst) => self.jump(end, Instr::Next { dst, iter, target: 0 }),
            None => {
                let mark = self.mark();
                let dst: Reg = self.temp()?;
                self.jump(end, Instr::Next { dst, iter, target: 0 });
                self.store(target, dst)?;
                self.release(mark);
            }
        }
        Ok(())
    }
}
