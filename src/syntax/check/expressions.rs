//! The expressions' part of the checks.

use super::scope::{Kind, Scope};
use super::{Checker, Step, debug};
use crate::error::{Error, Result};
use crate::span::Span;
use crate::syntax::ast::{Clause, ComprehensionKind, ExprId, ExprKind, Name};

impl<'t> Checker<'t> {
    /// Checks an expression that is evaluated, and plans its parts; `starry` where a star may stand.
    pub(super) fn expression(&mut self, id: ExprId, starry: bool) -> Result<()> {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            ExprKind::Name(name) => self.scope().used(name),
            ExprKind::Starred(value) => {
                if !starry {
                    return Err(Error::syntax(span, "can't use starred expression here"));
                }
                self.value(*value);
            }
            ExprKind::Tuple(ids) | ExprKind::List(ids) | ExprKind::Set(ids) => {
                self.next.extend(ids.iter().map(|&id| Step::Item(id)));
            }
            ExprKind::Dict(items) => {
                for &(key, value) in items {
                    self.values(key.into_iter().chain([value]));
                }
            }
            ExprKind::And(ids) | ExprKind::Or(ids) | ExprKind::JoinedStr(ids) => {
                self.values(ids.iter().copied());
            }
            ExprKind::Unary(_, value) | ExprKind::Attribute(value, ..) => self.value(*value),
            ExprKind::Binary(left, _, right) | ExprKind::Subscript(left, right) => {
                self.values([*left, *right]);
            }
            ExprKind::Compare(first, more) => {
                self.values(std::iter::once(*first).chain(more.iter().map(|&(_, id)| id)));
            }
            ExprKind::IfElse { test, then, orelse } => self.values([*test, *then, *orelse]),
            ExprKind::Formatted { value, spec, .. } => self.values([*value].into_iter().chain(*spec)),
            ExprKind::Slice(lower, upper, step) => {
                self.values([lower, upper, step].into_iter().filter_map(|bound| *bound));
            }
            ExprKind::Call { func, args, keywords } => {
                self.value(*func);
                self.next.extend(args.iter().map(|&id| Step::Item(id)));
                self.keywords(keywords)?;
            }
            ExprKind::Lambda(params, body) => {
                self.defaults(params);
                self.next.push(Step::Enter(Kind::Lambda, Some(params)));
                self.value(*body);
                self.next.push(Step::Leave(span));
            }
            ExprKind::Walrus(target, value) => self.walrus(*target, *value)?,
            ExprKind::Comprehension { kind, element, value, clauses } => {
                self.comprehension(*kind, *element, *value, clauses, span);
            }
            ExprKind::Yield(value) => self.yielded(*value, span)?,
            ExprKind::YieldFrom(value) => {
                if self.scope().kind == (Kind::Function { is_async: true }) {
                    return Err(Error::syntax(span, "'yield from' inside async function"));
                }
                self.yielded(Some(*value), span)?;
            }
            ExprKind::Await(value) => {
                self.awaited(span)?;
                self.value(*value);
            }
            _ => {}
        }
        Ok(())
    }

    fn yielded(&mut self, value: Option<ExprId>, span: Span) -> Result<()> {
        if let Kind::Comprehension(kind) = self.scope().kind {
            return Err(Error::syntax(span, format!("'yield' inside {}", comprehension_noun(kind))));
        }
        if !self.scope().is_function() {
            return Err(Error::syntax(span, "'yield' outside function"));
        }
        self.scope().generates = true;
        self.values(value);
        Ok(())
    }

    fn awaited(&mut self, span: Span) -> Result<()> {
        match self.scope().kind {
            Kind::Module | Kind::Class => Err(Error::syntax(span, "'await' outside function")),
            Kind::Lambda | Kind::Function { is_async: false } => {
                Err(Error::syntax(span, "'await' outside async function"))
            }
            Kind::Function { .. } => Ok(()),
            Kind::Comprehension(_) => {
                self.scope().awaits.get_or_insert(span);
                Ok(())
            }
        }
    }

    /// A walrus binds in the nearest scope that is no comprehension.
    fn walrus(&mut self, target: ExprId, value: ExprId) -> Result<()> {
        let span = self.tree[target].span;
        if self.scope().iterables > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return Err(Error::syntax(span, message));
        }
        if let ExprKind::Name(name) = &self.tree[target].kind {
            if debug(name) {
                return Err(Error::syntax(span, "cannot assign to __debug__"));
            }
            self.bind_outside(name, span)?;
        }
        self.value(value);
        Ok(())
    }

    fn bind_outside(&mut self, name: &Name, span: Span) -> Result<()> {
        let mut inside = false;
        for scope in self.scopes.iter_mut().rev() {
            match scope.kind {
                Kind::Comprehension(_) => {
                    if scope.iterated.contains(name) {
                        let message = format!(
                            "assignment expression cannot rebind comprehension iteration variable '{name}'"
                        );
                        return Err(Error::syntax(span, message));
                    }
                    inside = true;
                }
                Kind::Class if inside => {
                    let message =
                        "assignment expression within a comprehension cannot be used in a class body";
                    return Err(Error::syntax(span, message));
                }
                _ => {
                    scope.bound(name);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The first iterable belongs to the scope around; all else has its own.
    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &'t [Clause],
        span: Span,
    ) {
        self.iterable(clauses.first());
        self.next.push(Step::Enter(Kind::Comprehension(kind), None));
        if clauses.iter().any(|clause| clause.is_async) {
            self.next.push(Step::Awaits(span));
        }
        for (index, clause) in clauses.iter().enumerate() {
            self.next.push(Step::Target(clause.target));
            if index > 0 {
                self.iterable(Some(clause));
            }
            self.values(clause.conditions.iter().copied());
        }
        self.values(value);
        self.value(element);
        self.next.push(Step::Leave(span));
    }

    fn iterable(&mut self, clause: Option<&Clause>) {
        if let Some(clause) = clause {
            self.next.push(Step::Iterable(true));
            self.value(clause.iter);
            self.next.push(Step::Iterable(false));
        }
    }

    /// An asynchronous comprehension needs an asynchronous function around it; a generator does not.
    pub(super) fn leave_comprehension(&mut self, scope: &Scope, span: Span) -> Result<()> {
        let Kind::Comprehension(kind) = scope.kind else { return Ok(()) };
        if scope.awaits.is_none() || kind == ComprehensionKind::Generator {
            return Ok(());
        }
        match self.scope().kind {
            Kind::Function { is_async: true } => Ok(()),
            Kind::Comprehension(_) => {
                self.scope().awaits.get_or_insert(span);
                Ok(())
            }
            _ => {
                let message = "asynchronous comprehension outside of an asynchronous function";
                Err(Error::syntax(span, message))
            }
        }
    }

    /// Checks something that is bound.
    pub(super) fn target(&mut self, id: ExprId) -> Result<()> {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            ExprKind::Name(name) => {
                self.bind(name, span)?;
                let scope = self.scope();
                if let Kind::Comprehension(_) = scope.kind {
                    scope.iterated.insert(name.clone());
                }
            }
            ExprKind::Attribute(value, name, at) => {
                if debug(name) {
                    return Err(Error::syntax(*at, "cannot assign to __debug__"));
                }
                self.value(*value);
            }
            ExprKind::Subscript(value, index) => self.values([*value, *index]),
            ExprKind::Starred(_) => {
                return Err(Error::syntax(span, "starred assignment target must be in a list or tuple"));
            }
            ExprKind::Tuple(ids) | ExprKind::List(ids) => {
                let mut starred = 0_u32;
                for &id in ids {
                    let ExprKind::Starred(value) = tree[id].kind else {
                        self.next.push(Step::Target(id));
                        continue;
                    };
                    starred += 1;
                    if starred > 1 {
                        return Err(Error::syntax(span, "multiple starred expressions in assignment"));
                    }
                    self.next.push(Step::Target(value));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks something that is deleted.
    pub(super) fn deleted(&mut self, id: ExprId) -> Result<()> {
        let tree = self.tree;
        match &tree[id].kind {
            ExprKind::Name(name) if debug(name) => {
                return Err(Error::syntax(tree[id].span, "cannot delete __debug__"));
            }
            ExprKind::Name(name) => self.scope().bound(name),
            ExprKind::Attribute(value, ..) => self.value(*value),
            ExprKind::Subscript(value, index) => self.values([*value, *index]),
            ExprKind::Tuple(ids) | ExprKind::List(ids) => {
                self.next.extend(ids.iter().map(|&id| Step::Del(id)));
            }
            _ => {}
        }
        Ok(())
    }
}

fn comprehension_noun(kind: ComprehensionKind) -> &'static str {
    match kind {
        ComprehensionKind::List => "list comprehension",
        ComprehensionKind::Set => "set comprehension",
        ComprehensionKind::Generator => "generator expression",
        ComprehensionKind::Dict => "dict comprehension",
    }
}
