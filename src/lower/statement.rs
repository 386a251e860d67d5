//! Statements.

use super::builder::{Builder, LoopLabels};
use super::guard::Open;
use super::scope::imported;
use crate::error::Result;
use crate::syntax::ast::{Alias, Block, ExprId, ExprKind, Name, StmtId, StmtKind};
use crate::value::Value;
use crate::value::code::{Instr, Origin};

impl Builder<'_, '_> {
    /// Statements in order.
    pub(super) fn statements(&mut self, body: &[StmtId]) -> Result<()> {
        body.iter().try_for_each(|&id| self.statement(id))
    }

    /// The value of the last statement is returned, where it is an expression; those before it are run.
    pub(super) fn returned(&mut self, body: &[StmtId]) -> Result<()> {
        let tree = self.tree.clone();
        let (value, before) = match body.split_last() {
            Some((last, before)) => match tree[*last].kind {
                StmtKind::Expr { value, .. } => (Some(value), before),
                _ => (None, body),
            },
            None => (None, body),
        };
        self.statements(before)?;
        match value {
            Some(value) => {
                let src = self.operand(value)?;
                self.from(Origin::Expr(value), |b| Ok(b.emit(Instr::Return { src })))?;
            }
            None => {
                let src = self.constant(Value::None)?;
                self.emit(Instr::Return { src });
            }
        }
        Ok(())
    }

    fn statement(&mut self, id: StmtId) -> Result<()> {
        let mark = self.mark();
        self.from(Origin::Stmt(id), |b| b.statement_of(id))?;
        self.release(mark);
        Ok(())
    }

    fn statement_of(&mut self, id: StmtId) -> Result<()> {
        let tree = self.tree.clone();
        match &tree[id].kind {
            StmtKind::Expr { value, silent } => {
                let echo = self.scene.echo && self.scope.kind == super::scope::Kind::Module && !silent;
                let src = self.operand(*value)?;
                if echo {
                    self.from(Origin::Expr(*value), |b| Ok(b.emit(Instr::Echo { src })))?;
                } else if self.is_named(src) {
                    // A bare name is evaluated for its errors.
                    let dst = self.temp()?;
                    self.from(Origin::Expr(*value), |b| Ok(b.emit(Instr::Move { dst, src })))?;
                }
            }
            StmtKind::Assign(targets, value) => self.assign(targets, *value)?,
            StmtKind::AugAssign(target, op, value) => self.augmented(*target, *op, *value)?,
            StmtKind::AnnAssign { target, value, annotation, .. } => {
                if let Some(value) = value {
                    self.assign(&[*target], *value)?;
                }
                self.annotate(*target, *annotation)?;
            }
            StmtKind::Assert(test, message) => self.assertion(*test, *message)?,
            StmtKind::Del(targets) => targets.iter().try_for_each(|&t| self.delete(t))?,
            StmtKind::Pass | StmtKind::Global(_) | StmtKind::Nonlocal(_) => {}
            StmtKind::Break => self.leave_loop(id, true)?,
            StmtKind::Continue => self.leave_loop(id, false)?,
            StmtKind::Return(value) => {
                let mut value = *value;
                // Of a conditional expression, the alternatives return by themselves.
                while let Some(id) = value
                    && self.returns_at_once()
                    && let ExprKind::IfElse { test, then, orelse } = tree[id].kind
                {
                    let mut otherwise = self.label();
                    self.jump_if(test, false, &mut otherwise)?;
                    let mark = self.mark();
                    let src = self.operand(then)?;
                    self.emit(Instr::Return { src });
                    self.release(mark);
                    self.place(&mut otherwise);
                    value = Some(orelse);
                }
                let src = match value {
                    Some(value) => self.operand(value)?,
                    None => self.constant(Value::None)?,
                };
                self.leave_function(src)?;
            }
            StmtKind::Import(names) => names.iter().try_for_each(|alias| self.import(alias))?,
            StmtKind::ImportFrom { module, names, level } => {
                self.import_from(module.as_ref(), names, *level)?
            }
            StmtKind::If(arms, orelse) => self.conditional(arms, orelse)?,
            StmtKind::While(test, body, orelse) => self.while_loop(*test, body, orelse)?,
            StmtKind::For { target, iter, body, orelse, is_async } => {
                if *is_async {
                    self.unsupported("async for")
                } else {
                    self.for_loop(*target, *iter, body, orelse)?
                }
            }
            StmtKind::Def(def) => self.def(id, def)?,
            StmtKind::Class(class) => self.class(id, class)?,
            StmtKind::With { is_async: true, .. } => self.unsupported("async with"),
            StmtKind::With { items, body, .. } => self.with(items, body)?,
            StmtKind::Raise(what, cause) => self.raise(*what, *cause)?,
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                self.attempt(body, handlers, orelse, finalbody)?
            }
            StmtKind::Command(text) => {
                let text = self.name(text);
                self.emit(Instr::Command { text });
            }
        }
        Ok(())
    }

    fn assertion(&mut self, test: ExprId, message: Option<ExprId>) -> Result<()> {
        let mut holds = self.label();
        self.jump_if(test, true, &mut holds)?;
        let (message, has) = match message {
            Some(message) => (self.operand(message)?, true),
            None => (self.constant(Value::None)?, false),
        };
        self.from(Origin::Expr(test), |b| Ok(b.emit(Instr::FailAssert { message, has })))?;
        self.place(&mut holds);
        Ok(())
    }

    fn conditional(&mut self, arms: &[(ExprId, Block)], orelse: &Block) -> Result<()> {
        let mut end = self.label();
        for (n, (test, body)) in arms.iter().enumerate() {
            let mut otherwise = self.label();
            self.jump_if(*test, false, &mut otherwise)?;
            self.statements(body)?;
            if n + 1 < arms.len() || !orelse.is_empty() {
                self.jump(&mut end, Instr::Jump { target: 0 });
            }
            self.place(&mut otherwise);
        }
        self.statements(orelse)?;
        self.place(&mut end);
        Ok(())
    }

    fn while_loop(&mut self, test: ExprId, body: &Block, orelse: &Block) -> Result<()> {
        let (mut otherwise, head) = (self.label(), self.here());
        self.jump_if(test, false, &mut otherwise)?;
        self.blocks.push(Open::Loop(LoopLabels { on_break: self.label(), on_continue: head }));
        self.statements(body)?;
        self.close_loop(otherwise, orelse)
    }

    fn for_loop(&mut self, target: ExprId, iter: ExprId, body: &Block, orelse: &Block) -> Result<()> {
        let state = self.temp()?;
        let src = self.operand(iter)?;
        self.from(Origin::Expr(iter), |b| Ok(b.emit(Instr::Iterate { dst: state, src })))?;
        let (mut otherwise, head) = (self.label(), self.here());
        self.loop_variable(target, state, &mut otherwise)?;
        self.blocks.push(Open::Loop(LoopLabels { on_break: self.label(), on_continue: head }));
        self.statements(body)?;
        self.close_loop(otherwise, orelse)
    }

    /// The way back to the head, `else`, and the place where `break` arrives.
    fn close_loop(&mut self, mut otherwise: super::builder::Label, orelse: &Block) -> Result<()> {
        let Some(Open::Loop(mut labels)) = self.blocks.pop() else { return Ok(()) };
        self.jump(&mut labels.on_continue, Instr::Loop { target: 0 });
        self.place(&mut otherwise);
        self.statements(orelse)?;
        self.place(&mut labels.on_break);
        Ok(())
    }

    fn import(&mut self, alias: &Alias) -> Result<()> {
        let dst = self.temp()?;
        // `import a.b` binds `a`; `import a.b as c` binds the module `a.b`.
        self.code.imports.push((alias.name.clone(), alias.asname.is_some()));
        let import = u32::try_from(self.code.imports.len() - 1).unwrap_or(u32::MAX);
        self.emit(Instr::Import { dst, import });
        self.store_name(&imported(alias), dst)?;
        Ok(())
    }

    fn import_from(&mut self, module: Option<&Name>, names: &[Alias], level: u32) -> Result<()> {
        let Some(path) = module.filter(|_| level == 0) else {
            self.unsupported("a relative import");
            return Ok(());
        };
        let module = self.temp()?;
        self.code.imports.push((path.clone(), true));
        let import = u32::try_from(self.code.imports.len() - 1).unwrap_or(u32::MAX);
        self.emit(Instr::Import { dst: module, import });
        for alias in names {
            if &*alias.name == "*" {
                self.emit(Instr::ImportStar { module });
                continue;
            }
            let mark = self.mark();
            let dst = self.temp()?;
            let name = self.name(&alias.name);
            self.emit(Instr::ImportFrom { dst, module, name });
            self.store_name(alias.asname.as_ref().unwrap_or(&alias.name), dst)?;
            self.release(mark);
        }
        Ok(())
    }
}
