//! Conditions: `and`, `or`, `not`, comparisons, and the jumps they become where only their truth is wanted.

use super::builder::{Builder, Label};
use crate::error::Result;
use crate::syntax::ast::{CompareOp, ExprId, ExprKind, UnaryOp};
use crate::value::code::{Instr, Origin, Reg};

impl Builder<'_, '_> {
    /// Jumps where the truth of an expression is as wanted; falls through where it is not.
    pub(super) fn jump_if(&mut self, id: ExprId, wanted: bool, to: &mut Label) -> Result<()> {
        let mark = self.mark();
        self.from(Origin::Expr(id), |b| b.jump_if_of(id, wanted, to))?;
        self.release(mark);
        Ok(())
    }

    fn jump_if_of(&mut self, id: ExprId, wanted: bool, to: &mut Label) -> Result<()> {
        let tree = self.tree.clone();
        match &tree[id].kind {
            ExprKind::Unary(UnaryOp::Not, inner) => self.jump_if(*inner, !wanted, to),
            ExprKind::And(items) => self.jump_if_any(items, false, wanted, to),
            ExprKind::Or(items) => self.jump_if_any(items, true, wanted, to),
            ExprKind::Compare(first, rest) if rest.len() == 1 => {
                let (op, right) = rest[0];
                let left = self.operand(*first)?;
                let right = self.operand(right)?;
                self.jump(to, Instr::JumpCompare { op, wanted, left, right, target: 0 });
                Ok(())
            }
            _ => {
                let src = self.operand(id)?;
                self.jump(to, Instr::JumpIf { src, wanted, target: 0 });
                Ok(())
            }
        }
    }

    /// `and` (`decisive` is false) or `or` (true): the first item whose truth is decisive decides.
    fn jump_if_any(&mut self, items: &[ExprId], decisive: bool, wanted: bool, to: &mut Label) -> Result<()> {
        let Some((last, others)) = items.split_last() else { return Ok(()) };
        let mut decided = self.label();
        for &item in others {
            let target = if decisive == wanted { &mut *to } else { &mut decided };
            self.jump_if(item, decisive, target)?;
        }
        self.jump_if(*last, wanted, to)?;
        self.place(&mut decided);
        Ok(())
    }

    /// The value of `and` or `or`.
    pub(super) fn short_circuit(&mut self, items: &[ExprId], decisive: bool, dst: Reg) -> Result<()> {
        let Some((last, others)) = items.split_last() else { return Ok(()) };
        let mut end = self.label();
        for &item in others {
            self.value(item, dst)?;
            self.from(Origin::Expr(item), |b| {
                b.jump(&mut end, Instr::JumpIf { src: dst, wanted: decisive, target: 0 });
                Ok(())
            })?;
        }
        self.value(*last, dst)?;
        self.place(&mut end);
        Ok(())
    }

    /// The value of a comparison; of a chain, each operand is evaluated once and the first that is false is the value.
    pub(super) fn comparison(&mut self, first: ExprId, rest: &[(CompareOp, ExprId)], dst: Reg) -> Result<()> {
        let mut end = self.label();
        let mut left = self.operand(first)?;
        // In a chain the operands between are read twice.
        let single = rest.len() == 1;
        if single {
            self.pass_on(left);
        }
        for (n, &(op, right)) in rest.iter().enumerate() {
            let right = self.operand(right)?;
            if single {
                self.pass_on(right);
            }
            self.emit(Instr::Compare { op, dst, left, right });
            if n + 1 < rest.len() {
                self.jump(&mut end, Instr::JumpIf { src: dst, wanted: false, target: 0 });
            }
            left = right;
        }
        self.place(&mut end);
        Ok(())
    }
}
