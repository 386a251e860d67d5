//! Functions, lambdas and generator expressions: code inside code.

use super::builder::{Builder, Variable, internal};
use super::scope::Opener;
use crate::error::Result;
use crate::syntax::ast::{self, Clause, Def, ExprId, ExprKind, Name, ParamKind, StmtId, StmtKind};
use crate::value::Value;
use crate::value::code::{Code, Instr, Origin, Params, Reg};
use std::rc::Rc;

impl Builder<'_, '_> {
    /// `def`: makes the function, runs it through its decorators, binds it.
    pub(super) fn def(&mut self, id: StmtId, def: &Rc<Def>) -> Result<()> {
        if def.is_async {
            self.unsupported("an async function");
            return Ok(());
        }
        let decorators = def.decorators.iter().map(|&d| self.push(d)).collect::<Result<Vec<_>>>()?;
        let dst = self.temp()?;
        let body = def.clone();
        self.function(Opener::Stmt(id), def.name.clone(), &def.params, dst, |b| {
            b.code.doc = docstring(b.tree, &body.body);
            b.statements(&body.body)?;
            let src = b.constant(Value::None)?;
            b.emit(Instr::Return { src });
            Ok(())
        })?;
        self.decorate(&decorators, dst);
        self.store_name(&def.name, dst)?;
        Ok(())
    }

    /// `lambda`.
    pub(super) fn lambda(
        &mut self,
        id: ExprId,
        params: &Rc<ast::Params>,
        body: ExprId,
        dst: Reg,
    ) -> Result<()> {
        self.function(Opener::Expr(id), Name::from("<lambda>"), params, dst, |b| {
            let src = b.operand(body)?;
            b.from(Origin::Expr(body), |b| Ok(b.emit(Instr::Return { src })))?;
            Ok(())
        })
    }

    /// The function behind a generator expression; it takes the outermost iterator and goes into the register `dst`.
    pub(super) fn generator_function(
        &mut self,
        id: ExprId,
        element: ExprId,
        clauses: &[Clause],
        dst: Reg,
    ) -> Result<()> {
        let reg = self.temp()?;
        debug_assert_eq!(reg, dst);
        let params = ast::Params {
            list: vec![ast::Param {
                name: Name::from(super::scope::GENERATOR_ARGUMENT),
                kind: ParamKind::Normal,
                default: None,
                annotation: None,
                span: self.tree[id].span,
            }],
        };
        self.function(Opener::Expr(id), Name::from("<genexpr>"), &params, dst, |b| {
            b.generator_rounds(element, clauses)?;
            let src = b.constant(Value::None)?;
            b.emit(Instr::Return { src });
            Ok(())
        })
    }

    /// Makes a function: lowers its body in a builder of its own, and emits what gives it its defaults and cells.
    pub(super) fn function(
        &mut self,
        opener: Opener,
        name: Name,
        params: &ast::Params,
        dst: Reg,
        body: impl FnOnce(&mut Builder<'_, '_>) -> Result<()>,
    ) -> Result<()> {
        let mark = self.mark();
        let start = self.top();
        let order = ordered(params);
        for param in &order {
            if let Some(default) = param.default {
                self.push(default)?;
            }
        }
        let scope = self.scopes.get(opener).ok_or_else(|| internal("a function was not analysed"))?;
        // Names that are free in it are captured where a function around it has them; the others are globals.
        let captured: Vec<(Name, Reg)> = scope
            .free
            .keys()
            .filter_map(|name| match self.variable_if_local(name) {
                Some(Variable::Cell(reg)) => Some((name.clone(), reg)),
                _ => None,
            })
            .collect();
        let (tree, source, scopes) = (self.tree, self.source, self.scopes);
        let qualname = self.qualified(&name);
        let private = self.private.clone();
        let mut inner = Builder::new(tree, source, scopes, &mut *self.scene, name, opener)?;
        inner.origin = self.origin;
        inner.code.qualname = qualname;
        inner.private = private;
        inner.code.params = parameters(&order);
        inner.code.generator = inner.scope.generator;
        for (name, reg) in &captured {
            inner.capture(name, *reg)?;
        }
        inner.open_cells();
        body(&mut inner)?;
        let code: Rc<Code> = inner.finish();
        self.code.inner.push(code);
        let code = u32::try_from(self.code.inner.len() - 1).unwrap_or(u32::MAX);
        self.emit(Instr::MakeFunction { dst, start, code });
        self.release(mark);
        Ok(())
    }
}

impl Builder<'_, '_> {
    /// The name of a function or class with the names of what it stands in.
    fn qualified(&self, name: &Name) -> Name {
        match self.scope.kind {
            super::scope::Kind::Module => name.clone(),
            _ if self.scope.globals.contains(name) => name.clone(),
            super::scope::Kind::Class => Name::from(format!("{}.{name}", self.code.qualname)),
            _ => Name::from(format!("{}.<locals>.{name}", self.code.qualname)),
        }
    }
}

/// Parameters in the order of their registers.
fn ordered(params: &ast::Params) -> Vec<&ast::Param> {
    let of = |kinds: &'static [ParamKind]| params.list.iter().filter(move |p| kinds.contains(&p.kind));
    of(&[ParamKind::PositionalOnly, ParamKind::Normal])
        .chain(of(&[ParamKind::KeywordOnly]))
        .chain(of(&[ParamKind::Star]))
        .chain(of(&[ParamKind::StarStar]))
        .collect()
}

fn parameters(order: &[&ast::Param]) -> Params {
    let count = |kind| order.iter().filter(|p| p.kind == kind).count() as u16;
    let positional_only = count(ParamKind::PositionalOnly);
    let keyword_only = order.iter().filter(|p| p.kind == ParamKind::KeywordOnly);
    Params {
        positional_only,
        positional: positional_only + count(ParamKind::Normal),
        keyword_only: count(ParamKind::KeywordOnly),
        star: count(ParamKind::Star) > 0,
        star_star: count(ParamKind::StarStar) > 0,
        defaults: order
            .iter()
            .filter(|p| {
                matches!(p.kind, ParamKind::PositionalOnly | ParamKind::Normal) && p.default.is_some()
            })
            .count() as u16,
        keyword_defaults: keyword_only.map(|p| p.default.is_some()).collect(),
    }
}

/// The string a body begins with.
pub(super) fn docstring(tree: &ast::Tree, body: &[StmtId]) -> Option<Name> {
    match &tree[*body.first()?].kind {
        StmtKind::Expr { value, .. } => match &tree[*value].kind {
            ExprKind::Str(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
