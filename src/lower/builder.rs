//! The code under construction: registers, constants, labels, and where each name lives.

use super::Scene;
use super::scope::{Kind, Opener, Scope, Scopes};
use crate::error::{Class, Error, Result};
use crate::span::{SourceRef, Span};
use crate::syntax::ast::{BinaryOp, Name, Tree};
use crate::value::code::{CONST, Code, Instr, MAX_REGS, Operand, Origin, Params, Reg, Site, Target};
use crate::value::{Str, Value};
use std::collections::HashMap;
use std::rc::Rc;

/// Makes one code.
pub struct Builder<'a, 's> {
    pub(super) tree: &'a Rc<Tree>,
    pub(super) source: &'a SourceRef,
    pub(super) scopes: &'a Scopes,
    pub(super) scene: &'a mut Scene<'s>,
    pub(super) scope: &'a Scope,
    /// The registers of this function's variables.
    variables: HashMap<Name, Variable>,
    /// The variables of the comprehensions that are open, innermost last.
    pub(super) inlined: Vec<HashMap<Name, Variable>>,
    pub(super) code: Code,
    /// What the next instructions come from.
    pub(super) origin: Origin,
    /// The first register above the named ones.
    named: u16,
    /// The next free register.
    next: u16,
    constants: HashMap<Constant, u32>,
    names: HashMap<Name, u32>,
    /// The class whose body or method it is, for names that are private to it.
    pub(super) private: Option<Name>,
    /// The register of the annotations of a class body.
    pub(super) annotations: Option<Reg>,
    /// The blocks around, innermost last.
    pub(super) blocks: Vec<super::guard::Open>,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// In a register.
    Local(Reg),
    /// In a cell that a register holds.
    Cell(Reg),
    /// In a global slot.
    Global(u32),
}

/// A place to jump to that may not be known yet.
pub(super) struct Label {
    target: Option<Target>,
    users: Vec<usize>,
}

impl Label {
    /// Where it is, once it has been placed.
    pub(super) fn position(&self) -> Option<Target> {
        self.target
    }
}

/// Where `break` and `continue` of an open loop go.
pub(super) struct LoopLabels {
    pub(super) on_break: Label,
    pub(super) on_continue: Label,
}

/// Constants that are the same are stored once.
#[derive(PartialEq, Eq, Hash)]
enum Constant {
    None,
    Ellipsis,
    Bool(bool),
    Int(i64),
    Float(u64),
    Str(Rc<str>),
}

impl<'a, 's> Builder<'a, 's> {
    /// A builder for the code that `opener` opens.
    pub(super) fn new(
        tree: &'a Rc<Tree>,
        source: &'a SourceRef,
        scopes: &'a Scopes,
        scene: &'a mut Scene<'s>,
        name: Name,
        opener: Opener,
    ) -> Result<Builder<'a, 's>> {
        let scope = scopes.get(opener).ok_or_else(|| internal("a scope was not analysed"))?;
        let code = Code {
            qualname: name.clone(),
            module: scene.module.clone().unwrap_or_else(|| Name::from("__main__")),
            name,
            instrs: Vec::new(),
            origins: Vec::new(),
            fleeting: Vec::new(),
            consts: Vec::new(),
            names: Vec::new(),
            sites: Vec::new(),
            imports: Vec::new(),
            inner: Vec::new(),
            regs: 0,
            locals: Vec::new(),
            params: Params::default(),
            plain: None,
            captures: Vec::new(),
            tree: tree.clone(),
            source: source.clone(),
            doc: None,
            generator: false,
            guards: Vec::new(),
        };
        let mut builder = Builder {
            tree,
            source,
            scopes,
            scene,
            scope,
            variables: HashMap::new(),
            inlined: Vec::new(),
            code,
            origin: Origin::Stmt(crate::syntax::ast::StmtId(u32::MAX)),
            named: 0,
            next: 0,
            constants: HashMap::new(),
            names: HashMap::new(),
            private: None,
            annotations: None,
            blocks: Vec::new(),
        };
        if scope.kind == Kind::Function {
            for name in &scope.bound {
                let reg = builder.temp()?;
                let cell = scope.cells.contains(name);
                builder
                    .variables
                    .insert(name.clone(), if cell { Variable::Cell(reg) } else { Variable::Local(reg) });
                builder.code.locals.push(name.clone());
            }
            builder.named = builder.next;
        }
        if scope.kind == Kind::Class {
            builder.temp()?;
            builder.code.locals.push(Name::from(".names"));
            for name in &scope.cells {
                let reg = builder.temp()?;
                builder.variables.insert(name.clone(), Variable::Cell(reg));
                builder.code.locals.push(name.clone());
            }
            builder.named = builder.next;
        }
        Ok(builder)
    }

    /// Takes over a variable of the enclosing function, whose cell is in its register `outer`.
    pub(super) fn capture(&mut self, name: &Name, outer: Reg) -> Result<()> {
        let reg = self.temp()?;
        self.code.captures.push((outer, reg));
        self.code.locals.push(name.clone());
        self.variables.insert(name.clone(), Variable::Cell(reg));
        self.named = self.next;
        Ok(())
    }

    /// Makes cells of the variables that inner functions share.
    pub(super) fn open_cells(&mut self) {
        for name in &self.scope.cells {
            if let Some(&Variable::Cell(reg)) = self.variables.get(name) {
                self.emit(Instr::MakeCell { reg });
            }
        }
    }

    /// Where a name lives.
    pub(super) fn variable(&mut self, name: &Name) -> Variable {
        match self.variable_if_local(name) {
            Some(found) => found,
            None => Variable::Global(self.global_slot(name)),
        }
    }

    /// The slot of a global name of the module at hand.
    pub(super) fn global_slot(&mut self, name: &Name) -> u32 {
        match &self.scene.module {
            None => self.scene.globals.slot(name),
            Some(module) => self.scene.globals.slot(&crate::value::globals::inside(module, name)),
        }
    }

    /// Makes the registers taken so far named ones.
    pub(super) fn keep(&mut self) {
        self.named = self.next;
    }

    /// Where a name lives, if it is not global.
    pub(super) fn variable_if_local(&self, name: &Name) -> Option<Variable> {
        let inlined = self.inlined.iter().rev().find_map(|scope| scope.get(name));
        inlined.or_else(|| self.variables.get(name).filter(|_| !self.scope.globals.contains(name))).copied()
    }

    /// Adds an instruction.
    pub(super) fn emit(&mut self, instr: Instr) -> usize {
        self.code.instrs.push(instr);
        self.code.origins.push(self.origin);
        self.code.fleeting.push(false);
        self.code.instrs.len() - 1
    }

    /// Says of the instruction just added, if it is an operator or a call that made `operand`, that the operator or the
    /// call that comes next is the only one to read its result.
    pub(super) fn pass_on(&mut self, operand: Operand) {
        let passes = match self.code.instrs.last() {
            Some(
                &(Instr::Binary { dst, .. }
                | Instr::Compare { dst, .. }
                | Instr::Neg { dst, .. }
                | Instr::Invert { dst, .. }
                | Instr::Call { dst, .. }
                | Instr::CallMethod { dst, .. }),
            ) => dst == operand && !self.is_named(dst),
            _ => false,
        };
        if let Some(fleeting) = self.code.fleeting.last_mut() {
            *fleeting |= passes;
        }
    }

    /// A free register.
    pub(super) fn temp(&mut self) -> Result<Reg> {
        let reg = self.next;
        if usize::from(reg) >= MAX_REGS {
            return Err(Error::new(
                Class::SyntaxError,
                "too many values are needed at once for one function",
            ));
        }
        self.next += 1;
        self.code.regs = self.code.regs.max(self.next);
        Ok(reg)
    }

    /// The registers in use; given back to [`Builder::release`] it frees what was taken since.
    pub(super) fn mark(&self) -> u16 {
        self.next
    }

    /// Frees the registers taken since the mark.
    pub(super) fn release(&mut self, mark: u16) {
        self.next = mark;
    }

    /// Whether a register belongs to a variable rather than to an unfinished expression.
    pub(super) fn is_named(&self, reg: Reg) -> bool {
        reg < self.named
            || self.inlined.iter().any(|scope| scope.values().any(|v| *v == Variable::Local(reg)))
    }

    /// The next register that would be taken.
    pub(super) fn top(&self) -> Reg {
        self.next
    }

    /// An operand for a constant.
    pub(super) fn constant(&mut self, value: Value) -> Result<Operand> {
        let key = match &value {
            Value::None => Some(Constant::None),
            Value::Ellipsis => Some(Constant::Ellipsis),
            Value::Bool(b) => Some(Constant::Bool(*b)),
            Value::Int(n) => Some(Constant::Int(*n)),
            Value::Float(x) => Some(Constant::Float(x.to_bits())),
            Value::Str(s) => Some(Constant::Str(Rc::from(&**s))),
            _ => None,
        };
        let index = match key.as_ref().and_then(|key| self.constants.get(key)) {
            Some(&index) => index,
            None => {
                let index = u32::try_from(self.code.consts.len()).unwrap_or(u32::MAX);
                self.code.consts.push(value);
                key.map(|key| self.constants.insert(key, index));
                index
            }
        };
        if index < u32::from(CONST) {
            return Ok(CONST | index as u16);
        }
        let dst = self.temp()?;
        self.emit(Instr::Const { dst, index });
        Ok(dst)
    }

    /// An operand for text.
    pub(super) fn text(&mut self, text: &str) -> Result<Operand> {
        self.constant(Value::Str(Str::new(text)))
    }

    /// The number of a name in the code's table.
    pub(super) fn name(&mut self, name: &Name) -> u32 {
        if let Some(&index) = self.names.get(name) {
            return index;
        }
        let index = u32::try_from(self.code.names.len()).unwrap_or(u32::MAX);
        self.code.names.push(name.clone());
        self.names.insert(name.clone(), index);
        index
    }

    /// Adds a call site.
    pub(super) fn site(&mut self, site: Site) -> u32 {
        self.code.sites.push(site);
        u32::try_from(self.code.sites.len() - 1).unwrap_or(u32::MAX)
    }

    /// A label that is not placed yet.
    pub(super) fn label(&self) -> Label {
        Label { target: None, users: Vec::new() }
    }

    /// A label at this place.
    pub(super) fn here(&self) -> Label {
        Label { target: Some(self.position()), users: Vec::new() }
    }

    /// Where the next instruction stands.
    fn position(&self) -> Target {
        u32::try_from(self.code.instrs.len()).unwrap_or(u32::MAX)
    }

    /// Adds a jumping instruction, whose target is filled in when the label is placed.
    pub(super) fn jump(&mut self, label: &mut Label, instr: Instr) {
        let at = self.emit(instr);
        match label.target {
            Some(target) => self.set_target(at, target),
            None => label.users.push(at),
        }
    }

    /// Places a label here.
    pub(super) fn place(&mut self, label: &mut Label) {
        let here = self.position();
        label.target = Some(here);
        for at in std::mem::take(&mut label.users) {
            self.set_target(at, here);
        }
    }

    fn set_target(&mut self, at: usize, to: Target) {
        match &mut self.code.instrs[at] {
            Instr::Jump { target }
            | Instr::Loop { target }
            | Instr::JumpIf { target, .. }
            | Instr::JumpCompare { target, .. }
            | Instr::Next { target, .. }
            | Instr::LoadName { target, .. }
            | Instr::Catch { target, .. }
            | Instr::Delegate { target, .. }
            | Instr::DelegateThrow { target, .. } => *target = to,
            other => debug_assert!(false, "{other:?} has no target"),
        }
    }

    /// Runs `body` with instructions attributed to `origin`.
    pub(super) fn from<T>(&mut self, origin: Origin, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.origin, origin);
        let result = body(self);
        self.origin = before;
        result
    }

    /// The instruction that fails with 'not supported yet' when it is reached.
    pub(super) fn unsupported(&mut self, what: &str) {
        let what = self.name(&Name::from(what));
        self.emit(Instr::Unsupported { what });
    }

    /// An error at a span of this text.
    pub(super) fn syntax_error(&self, span: Span, message: &str) -> Error {
        Error::syntax(span, message)
    }

    /// The finished code of a module.
    pub(super) fn finish_module(mut self) -> Result<Rc<Code>> {
        let src = self.constant(Value::None)?;
        self.emit(Instr::Return { src });
        Ok(self.finish())
    }

    /// The finished code.
    pub(super) fn finish(mut self) -> Rc<Code> {
        for instr in &mut self.code.instrs {
            *instr = match *instr {
                Instr::Binary { op: BinaryOp::Add, dst, left, right } => Instr::Add { dst, left, right },
                Instr::Binary { op: BinaryOp::Sub, dst, left, right } => Instr::Sub { dst, left, right },
                other => other,
            };
        }
        self.code.plain = self.code.params.plain().filter(|_| !self.code.generator);
        Rc::new(self.code)
    }
}

/// Something that cannot happen did; an error rather than a panic.
pub(super) fn internal(what: &str) -> Error {
    Error::new(Class::RuntimeError, format!("internal error while lowering: {what}"))
}
