//! The class statement: its body is a function whose names are entries of a dict, of which the class is made.

use super::builder::{Builder, Variable};
use super::scope::{Kind, Opener};
use crate::error::Result;
use crate::syntax::ast::{self, Class, ExprId, ExprKind, Name, ParamKind, StmtId, StmtKind};
use crate::value::Value;
use crate::value::code::{Instr, Operand, Origin, Reg, Site};
use std::rc::Rc;

/// The register of a class body that holds the dict of its names.
pub(super) const NAMESPACE: Reg = 0;

impl Builder<'_, '_> {
    /// `class`: makes the class, runs it through its decorators, binds it.
    pub(super) fn class(&mut self, id: StmtId, class: &Rc<Class>) -> Result<()> {
        let decorators = class.decorators.iter().map(|&d| self.push(d)).collect::<Result<Vec<_>>>()?;
        let dst = self.temp()?;
        self.class_body(id, class, dst)?;
        let (bases, keywords) = (self.temp()?, self.temp()?);
        let mark = self.mark();
        self.display(&class.bases, bases, super::expression::Display::Tuple)?;
        self.release(mark);
        self.emit(Instr::BuildDict { dst: keywords, start: keywords, count: 0 });
        for keyword in &class.keywords {
            let mark = self.mark();
            let value = self.operand(keyword.value)?;
            match &keyword.name {
                Some(name) => {
                    let key = self.text(name)?;
                    self.emit(Instr::DictSet { dict: keywords, key, value });
                }
                None => {
                    self.emit(Instr::DictMerge { dict: keywords, src: value, call: true });
                }
            }
            self.release(mark);
        }
        self.emit(Instr::MakeClass { dst, start: dst });
        self.decorate(&decorators, dst);
        self.store_name(&class.name, dst)
    }

    /// Runs what has been made through decorators, the last first. A decorator's register is followed by that of what
    /// it decorates, for the call.
    pub(super) fn decorate(&mut self, decorators: &[Reg], dst: Reg) {
        for &base in decorators.iter().rev() {
            let argument = base + 1;
            if argument != dst {
                self.emit(Instr::Move { dst: argument, src: dst });
            }
            let site = self.site(Site::function(Box::new([])));
            self.emit(Instr::Call { dst, base, count: 1, named: false, site });
        }
    }

    /// The function that is the body: it takes the dict of names, and returns the cell of `__class__` if a method
    /// needs it.
    fn class_body(&mut self, id: StmtId, class: &Rc<Class>, dst: Reg) -> Result<()> {
        let params = ast::Params {
            list: vec![ast::Param {
                name: Name::from(".names"),
                kind: ParamKind::Normal,
                default: None,
                annotation: None,
                span: class.name_span,
            }],
        };
        self.function(Opener::Stmt(id), class.name.clone(), &params, dst, |b| {
            b.private = Some(Name::from(class.name.trim_start_matches('_'))).filter(|name| !name.is_empty());
            b.code.doc = super::function::docstring(b.tree, &class.body);
            let tree = b.tree.clone();
            if class.body.iter().any(|&s| matches!(tree[s].kind, StmtKind::AnnAssign { .. })) {
                b.open_annotations()?;
            }
            b.statements(&class.body)?;
            let src = match b.variable_if_local(&Name::from("__class__")) {
                Some(Variable::Cell(reg)) if b.scope.cells.contains("__class__") => reg,
                _ => b.constant(Value::None)?,
            };
            b.emit(Instr::Return { src });
            Ok(())
        })
    }

    /// Begins the dict of annotations of a class body.
    fn open_annotations(&mut self) -> Result<()> {
        let dict = self.temp()?;
        self.emit(Instr::BuildDict { dst: dict, start: dict, count: 0 });
        let key = self.text("__annotations__")?;
        self.emit(Instr::DictSet { dict: NAMESPACE, key, value: dict });
        self.annotations = Some(dict);
        self.keep();
        Ok(())
    }

    /// Notes the annotation of a name in a class body.
    pub(super) fn annotate(&mut self, target: ExprId, annotation: ExprId) -> Result<()> {
        let (tree, Some(dict)) = (self.tree.clone(), self.annotations) else { return Ok(()) };
        let ExprKind::Name(name) = &tree[target].kind else { return Ok(()) };
        let mark = self.mark();
        let key = self.text(&self.mangled(name))?;
        let value = if postponed(&tree) {
            let text = tree[annotation].span.text(&self.source.text).to_owned();
            self.text(&text)?
        } else {
            self.operand(annotation)?
        };
        self.emit(Instr::DictSet { dict, key, value });
        self.release(mark);
        Ok(())
    }

    /// Whether a name is one of the class body's own here: comprehensions inside do not see those.
    pub(super) fn in_namespace(&self, name: &Name) -> bool {
        self.scope.kind == Kind::Class
            && self.inlined.iter().all(|scope| !scope.contains_key(name))
            && self.scope.bound.contains(name)
    }

    /// Loads a name in a class body: its own, or else what it means outside.
    pub(super) fn load_in_class(&mut self, name: &Name, dst: Reg) -> Result<()> {
        let index = self.attribute_name(name);
        let mut end = self.label();
        self.jump(&mut end, Instr::LoadName { dst, name: index, target: 0 });
        let outside = if self.scope.bound.contains(name) { None } else { self.variable_if_local(name) };
        match outside {
            Some(Variable::Cell(cell)) => self.emit(Instr::LoadCell { dst, cell }),
            Some(Variable::Local(src)) => self.emit(Instr::Move { dst, src }),
            _ => {
                let slot = self.global_slot(name);
                self.emit(Instr::LoadGlobal { dst, slot })
            }
        };
        self.place(&mut end);
        Ok(())
    }

    /// Stores a name of a class body.
    pub(super) fn store_in_class(&mut self, name: &Name, value: Operand) -> Result<()> {
        let key = self.text(&self.mangled(name))?;
        self.emit(Instr::DictSet { dict: NAMESPACE, key, value });
        Ok(())
    }

    /// A name as it is in a class: `__x` is `_C__x` there.
    pub(super) fn mangled(&self, name: &Name) -> Name {
        match &self.private {
            Some(class) if name.starts_with("__") && !name.ends_with("__") => {
                Name::from(format!("_{class}{name}"))
            }
            _ => name.clone(),
        }
    }

    /// The number of the name of an attribute.
    pub(super) fn attribute_name(&mut self, name: &Name) -> u32 {
        let name = self.mangled(name);
        self.name(&name)
    }

    /// `super()` in a method is `super(__class__, self)`: the two arguments, where they can be had.
    pub(super) fn super_arguments(&mut self, func: ExprId) -> Result<u16> {
        let tree = self.tree.clone();
        if !matches!(&tree[func].kind, ExprKind::Name(name) if &**name == "super")
            || self.scope.kind != Kind::Function
            || self.variable_if_local(&Name::from("super")).is_some()
        {
            return Ok(0);
        }
        let Some(Variable::Cell(cell)) = self.variable_if_local(&Name::from("__class__")) else {
            return Ok(0);
        };
        if self.code.params.positional == 0 {
            return Ok(0);
        }
        let first = self.code.locals[0].clone();
        let (class, receiver) = (self.temp()?, self.temp()?);
        self.from(Origin::Expr(func), |b| Ok(b.emit(Instr::LoadCell { dst: class, cell })))?;
        match self.variable_if_local(&first) {
            Some(Variable::Cell(cell)) => self.emit(Instr::LoadCell { dst: receiver, cell }),
            _ => self.emit(Instr::Move { dst: receiver, src: 0 }),
        };
        Ok(2)
    }
}

/// Whether `from __future__ import annotations` makes annotations text.
fn postponed(tree: &ast::Tree) -> bool {
    tree.body.iter().any(|&id| match &tree[id].kind {
        StmtKind::ImportFrom { module: Some(module), names, .. } => {
            &**module == "__future__" && names.iter().any(|alias| &*alias.name == "annotations")
        }
        _ => false,
    })
}
