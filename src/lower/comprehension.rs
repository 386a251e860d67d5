//! Comprehensions: loops in the frame at hand, with variables of their own; a generator expression is a function.

use super::builder::{Builder, Variable};
use super::scope::{GENERATOR_ARGUMENT, Opener};
use crate::error::Result;
use crate::syntax::ast::{Clause, ComprehensionKind, ExprId, Name};
use crate::value::code::{Instr, Operand, Reg, Site};
use std::collections::HashMap;

/// What a comprehension makes of each round.
#[derive(Clone, Copy)]
struct Yielded {
    kind: ComprehensionKind,
    element: ExprId,
    value: Option<ExprId>,
    /// The container that is filled; unused by a generator.
    container: Reg,
}

impl Builder<'_, '_> {
    /// A comprehension of any kind.
    pub(super) fn comprehension(
        &mut self,
        id: ExprId,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &[Clause],
        dst: Reg,
    ) -> Result<()> {
        if clauses.iter().any(|clause| clause.is_async) {
            self.unsupported("an asynchronous comprehension");
            return Ok(());
        }
        let Some(first) = clauses.first() else { return Ok(()) };
        if kind == ComprehensionKind::Generator {
            let start = self.top();
            self.generator_function(id, element, clauses, start)?;
            let iter = self.temp()?;
            let src = self.operand(first.iter)?;
            self.emit(Instr::Iterate { dst: iter, src });
            let site = self.site(Site::function(Box::new([])));
            self.emit(Instr::Call { dst, base: start, count: 1, named: false, site });
            return Ok(());
        }
        let container = self.temp()?;
        let iter = self.temp()?;
        let src = self.operand(first.iter)?;
        self.emit(Instr::Iterate { dst: iter, src });
        self.emit(match kind {
            ComprehensionKind::Set => Instr::BuildSet { dst: container, start: container, count: 0 },
            ComprehensionKind::Dict => Instr::BuildDict { dst: container, start: container, count: 0 },
            _ => Instr::BuildList { dst: container, start: container, count: 0 },
        });
        self.open_inlined(id)?;
        self.rounds(clauses, Some(iter), Yielded { kind, element, value, container })?;
        self.inlined.pop();
        self.emit(Instr::Move { dst, src: container });
        Ok(())
    }

    /// Gives the variables of an inlined comprehension registers, fresh ones each time it runs.
    fn open_inlined(&mut self, id: ExprId) -> Result<()> {
        let mut variables = HashMap::new();
        if let Some(scope) = self.scopes.get(Opener::Expr(id)) {
            for name in &scope.bound {
                let reg = self.temp()?;
                let cell = scope.cells.contains(name);
                self.emit(Instr::Clear { reg });
                if cell {
                    self.emit(Instr::MakeCell { reg });
                }
                variables.insert(name.clone(), if cell { Variable::Cell(reg) } else { Variable::Local(reg) });
            }
        }
        self.inlined.push(variables);
        Ok(())
    }

    /// The body of a generator expression: its function's code is under construction.
    pub(super) fn generator_rounds(&mut self, element: ExprId, clauses: &[Clause]) -> Result<()> {
        let iter = match self.variable(&Name::from(GENERATOR_ARGUMENT)) {
            Variable::Local(reg) => reg,
            _ => 0,
        };
        let yielded = Yielded { kind: ComprehensionKind::Generator, element, value: None, container: iter };
        self.rounds(clauses, Some(iter), yielded)
    }

    /// The loops of the clauses, outermost first, around what is done in each round.
    fn rounds(&mut self, clauses: &[Clause], mut iter: Option<Operand>, yielded: Yielded) -> Result<()> {
        let mut open = Vec::new();
        for clause in clauses {
            let iter = match iter.take() {
                Some(iter) => iter,
                None => {
                    let iter = self.temp()?;
                    let src = self.operand(clause.iter)?;
                    self.emit(Instr::Iterate { dst: iter, src });
                    iter
                }
            };
            let (mut head, mut end) = (self.here(), self.label());
            self.loop_variable(clause.target, iter, &mut end)?;
            for &condition in &clause.conditions {
                self.jump_if(condition, false, &mut head)?;
            }
            open.push((head, end));
        }
        let mark = self.mark();
        let element = self.operand(yielded.element)?;
        let container = yielded.container;
        match (yielded.kind, yielded.value) {
            (ComprehensionKind::List, _) => self.emit(Instr::Append { list: container, src: element }),
            (ComprehensionKind::Set, _) => self.emit(Instr::SetAdd { set: container, src: element }),
            (ComprehensionKind::Dict, value) => {
                let value = match value {
                    Some(value) => self.operand(value)?,
                    None => element,
                };
                self.emit(Instr::DictSet { dict: container, key: element, value })
            }
            (ComprehensionKind::Generator, _) => {
                let dst = self.temp()?;
                self.emit(Instr::Yield { dst, src: element })
            }
        };
        self.release(mark);
        for (mut head, mut end) in open.into_iter().rev() {
            self.jump(&mut head, Instr::Loop { target: 0 });
            self.place(&mut end);
        }
        Ok(())
    }
}
