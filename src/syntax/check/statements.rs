//! The statements' part of the checks.

use super::scope::Kind;
use super::{Checker, Step, debug};
use crate::error::{Error, Result};
use crate::span::Span;
use crate::syntax::ast::{
    Alias, Class, Def, ExprId, ExprKind, Handler, Keyword, ParamKind, Params, StmtId, StmtKind,
};

impl<'t> Checker<'t> {
    /// Checks a statement and plans its parts, in the order CPython visits them.
    pub(super) fn statement(&mut self, id: StmtId) -> Result<()> {
        let span = self.tree[id].span;
        match &self.tree[id].kind {
            StmtKind::Expr { value, .. } => self.value(*value),
            StmtKind::Assign(targets, value) => {
                self.next.extend(targets.iter().map(|&id| Step::Target(id)));
                self.value(*value);
            }
            StmtKind::AugAssign(target, _, value) => {
                self.next.push(Step::Target(*target));
                self.value(*value);
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.annotated(*target, *simple, value.is_some())?;
                self.value(*annotation);
                self.values(*value);
            }
            StmtKind::Assert(test, message) => self.values([*test].into_iter().chain(*message)),
            StmtKind::Raise(error, cause) => self.values(error.iter().chain(cause).copied()),
            StmtKind::Del(targets) => self.next.extend(targets.iter().map(|&id| Step::Del(id))),
            StmtKind::Pass | StmtKind::Command(_) => {}
            StmtKind::Break if !self.scope().in_loop => {
                return Err(Error::syntax(span, "'break' outside loop"));
            }
            StmtKind::Continue if !self.scope().in_loop => {
                return Err(Error::syntax(span, "'continue' not properly in loop"));
            }
            StmtKind::Break | StmtKind::Continue => {}
            StmtKind::Return(value) => self.returned(*value, span)?,
            StmtKind::Import(names) => self.imported(names)?,
            StmtKind::ImportFrom { names, .. } => {
                if names.iter().any(|alias| &*alias.name == "*") && self.scope().kind != Kind::Module {
                    return Err(Error::syntax(span, "import * only allowed at module level"));
                }
                self.imported(names)?;
            }
            StmtKind::Global(names) => names.iter().try_for_each(|name| self.scope().global(name, span))?,
            StmtKind::Nonlocal(names) => {
                names.iter().try_for_each(|name| self.scope().nonlocal(name, span))?
            }
            StmtKind::If(arms, orelse) => {
                for (test, body) in arms {
                    self.value(*test);
                    self.block(body);
                }
                self.block(orelse);
            }
            StmtKind::While(test, body, orelse) => {
                self.value(*test);
                self.looped(body);
                self.block(orelse);
            }
            StmtKind::For { target, iter, body, orelse, is_async } => {
                self.only_async(*is_async, "'async for' outside async function", span)?;
                self.next.push(Step::Target(*target));
                self.value(*iter);
                self.looped(body);
                self.block(orelse);
            }
            StmtKind::With { items, body, is_async } => {
                self.only_async(*is_async, "'async with' outside async function", span)?;
                for (value, target) in items {
                    self.value(*value);
                    self.next.extend(target.map(Step::Target));
                }
                self.block(body);
            }
            StmtKind::Def(def) => self.def(def, span),
            StmtKind::Class(class) => self.class(class, span)?,
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                self.block(body);
                self.handlers(handlers)?;
                self.block(orelse);
                self.block(finalbody);
            }
        }
        Ok(())
    }

    fn annotated(&mut self, target: ExprId, simple: bool, valued: bool) -> Result<()> {
        let span = self.tree[target].span;
        match &self.tree[target].kind {
            ExprKind::Name(name) => {
                self.scope().annotated(name, simple, valued, span)?;
                if debug(name) {
                    return Err(Error::syntax(span, "cannot assign to __debug__"));
                }
            }
            _ => self.next.push(Step::Target(target)),
        }
        Ok(())
    }

    fn returned(&mut self, value: Option<ExprId>, span: Span) -> Result<()> {
        if !self.scope().is_function() {
            return Err(Error::syntax(span, "'return' outside function"));
        }
        if value.is_some() {
            self.scope().returned.get_or_insert(span);
        }
        self.values(value);
        Ok(())
    }

    fn imported(&mut self, names: &[Alias]) -> Result<()> {
        for alias in names.iter().filter(|alias| &*alias.name != "*") {
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            if debug(name) {
                return Err(Error::syntax(alias.span, "cannot assign to __debug__"));
            }
            match name.split_once('.') {
                Some((first, _)) => self.scope().imported(&first.into()),
                None => self.scope().imported(name),
            }
        }
        Ok(())
    }

    fn only_async(&mut self, is_async: bool, message: &str, span: Span) -> Result<()> {
        if is_async && self.scope().kind != (Kind::Function { is_async: true }) {
            return Err(Error::syntax(span, message));
        }
        Ok(())
    }

    fn def(&mut self, def: &'t Def, span: Span) {
        self.next.push(Step::Bind(&def.name, def.name_span));
        self.defaults(&def.params);
        for param in &def.params.list {
            // `*args: *Ts` is the one annotation with a star.
            let step = if param.kind == ParamKind::Star { Step::Item } else { Step::Value };
            self.next.extend(param.annotation.map(step));
        }
        self.values(def.returns);
        self.values(def.decorators.iter().copied());
        self.next.push(Step::Enter(Kind::Function { is_async: def.is_async }, Some(&def.params)));
        self.block(&def.body);
        self.next.push(Step::Leave(span));
    }

    /// The defaults of parameters, which belong to the scope around.
    pub(super) fn defaults(&mut self, params: &Params) {
        self.values(params.list.iter().filter_map(|param| param.default));
    }

    fn class(&mut self, class: &'t Class, span: Span) -> Result<()> {
        self.next.push(Step::Bind(&class.name, class.name_span));
        self.next.extend(class.bases.iter().map(|&id| Step::Item(id)));
        self.keywords(&class.keywords)?;
        self.values(class.decorators.iter().copied());
        self.next.push(Step::Enter(Kind::Class, None));
        self.block(&class.body);
        self.next.push(Step::Leave(span));
        Ok(())
    }

    /// The keyword arguments of a call or a class.
    pub(super) fn keywords(&mut self, keywords: &[Keyword]) -> Result<()> {
        for keyword in keywords {
            if keyword.name.as_ref().is_some_and(debug) {
                return Err(Error::syntax(keyword.span, "cannot assign to __debug__"));
            }
            self.value(keyword.value);
        }
        Ok(())
    }

    fn handlers(&mut self, handlers: &'t [Handler]) -> Result<()> {
        for (index, handler) in handlers.iter().enumerate() {
            if handler.kind.is_none() && index + 1 < handlers.len() {
                return Err(Error::syntax(handler.span, "default 'except:' must be last"));
            }
            self.values(handler.kind);
            self.next.extend(handler.name.as_ref().map(|name| Step::Bind(name, handler.span)));
            self.block(&handler.body);
        }
        Ok(())
    }
}
