//! Code: what a text is lowered to and the evaluator runs. Flat instructions over the registers of a frame.
//!
//! Registers are numbered from 0: parameters, then the other local variables, then temporaries. An operand is a
//! register, or, with its top bit set, a constant of the code, so that constants need no instruction of their own
//! (a slot-resolved tree walker was measured at half the speed on plain-number loops; calls and constants are where it
//! was lost). Every instruction remembers the node of the syntax tree it came from, and the tree lives as long as the
//! code: places of errors are looked up there, late, and cost nothing while all goes well.

use crate::budget::Weight;
use crate::span::{SourceRef, Span};
use crate::syntax::ast::{BinaryOp, CompareOp, ExprId, ExprKind, Name, StmtId, StmtKind, Tree};
use crate::value::{Entry, Module, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A register of the frame.
pub type Reg = u16;

/// A register, or with [`CONST`] set the number of a constant.
pub type Operand = u16;

/// Marks an [`Operand`] as a constant.
pub const CONST: u16 = 0x8000;

/// The most registers a function may have.
pub const MAX_REGS: usize = 0x7FFF;

/// An address in the code.
pub type Target = u32;

/// An instruction. `dst` is the register written.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the fields are named by what they hold")]
#[rustfmt::skip]
pub enum Instr {
    /// Puts a constant whose number does not fit an operand into a register.
    Const { dst: Reg, index: u32 },
    /// Copies; fails where the source is an unbound local.
    Move { dst: Reg, src: Operand },
    /// Unbinds a register, whatever it holds.
    Clear { reg: Reg },
    /// Unbinds a local; fails where it is not bound.
    Delete { reg: Reg },
    /// Reads a global, or what stands for it below the globals.
    LoadGlobal { dst: Reg, slot: u32 },
    /// With `take`, the source is a temporary that is not read again: its value is moved.
    StoreGlobal { src: Operand, slot: u32, take: bool },
    DeleteGlobal { slot: u32 },
    /// Makes a register a cell that holds what was in it.
    MakeCell { reg: Reg },
    LoadCell { dst: Reg, cell: Reg },
    StoreCell { cell: Reg, src: Operand },
    DeleteCell { cell: Reg },
    Binary { op: BinaryOp, dst: Reg, left: Operand, right: Operand },
    /// `Binary` of the two commonest operators; only in finished code.
    Add { dst: Reg, left: Operand, right: Operand },
    Sub { dst: Reg, left: Operand, right: Operand },
    /// The in-place form, of `left += right`.
    InPlace { op: BinaryOp, dst: Reg, left: Operand, right: Operand },
    Compare { op: CompareOp, dst: Reg, left: Operand, right: Operand },
    Neg { dst: Reg, src: Operand },
    Pos { dst: Reg, src: Operand },
    Invert { dst: Reg, src: Operand },
    Not { dst: Reg, src: Operand },
    /// Goes on at a place further down.
    Jump { target: Target },
    /// Goes back to the head of a loop; polls for an interrupt.
    Loop { target: Target },
    JumpIf { src: Operand, wanted: bool, target: Target },
    /// Compares and jumps where the result is as wanted, without making a bool.
    JumpCompare { op: CompareOp, wanted: bool, left: Operand, right: Operand, target: Target },
    /// Makes an iterator of a value.
    Iterate { dst: Reg, src: Operand },
    /// Puts the next item into `dst`, or jumps where there is none.
    Next { dst: Reg, iter: Reg, target: Target },
    BuildList { dst: Reg, start: Reg, count: u16 },
    BuildTuple { dst: Reg, start: Reg, count: u16 },
    BuildSet { dst: Reg, start: Reg, count: u16 },
    /// Of `count` pairs, key before value.
    BuildDict { dst: Reg, start: Reg, count: u16 },
    /// Of three registers.
    BuildSlice { dst: Reg, start: Reg },
    /// Adds an item to the list in `list`.
    Append { list: Reg, src: Operand },
    /// Adds all items of an iterable to the list in `list`.
    Extend { list: Reg, src: Operand },
    SetAdd { set: Reg, src: Operand },
    DictSet { dict: Reg, key: Operand, value: Operand },
    /// Adds all entries of a mapping to the dict in `dict`; for the `**` of a call, a repeated key is an error.
    DictMerge { dict: Reg, src: Operand, call: bool },
    /// Turns the list in a register into a tuple.
    ListToTuple { reg: Reg },
    /// Takes an iterable apart into `count` registers from `start` on.
    Unpack { src: Operand, start: Reg, count: u16 },
    /// The same with `before` items, a list of the rest, and `after` items.
    UnpackStar { src: Operand, start: Reg, before: u16, after: u16 },
    GetAttr { dst: Reg, object: Operand, name: u32 },
    SetAttr { object: Operand, src: Operand, name: u32 },
    DeleteAttr { object: Operand, name: u32 },
    GetItem { dst: Reg, object: Operand, index: Operand },
    /// Like `GetItem` with the tuple of `count` registers as the index.
    GetItems { dst: Reg, object: Operand, start: Reg, count: u16 },
    SetItem { object: Operand, index: Operand, src: Operand },
    SetItems { object: Operand, src: Operand, start: Reg, count: u16 },
    DeleteItem { object: Operand, index: Operand },
    /// Calls what is in `base` with the `count` registers after it; where `named`, the last of them are keywords, whose
    /// names the site has. The result goes to `dst`.
    Call { dst: Reg, base: Reg, count: u16, named: bool, site: u32 },
    /// Calls the method of the site on what is in `base`, the arguments after it.
    CallMethod { dst: Reg, base: Reg, count: u16, site: u32 },
    /// Calls what is in `base` with the list after it and the dict after that.
    CallSpread { dst: Reg, base: Reg },
    /// Makes a function of the n-th inner code: its defaults are in the registers from `start` on.
    MakeFunction { dst: Reg, start: Reg, code: u32 },
    /// Makes a class of what is in three registers: the function that is its body, its bases, its keywords.
    MakeClass { dst: Reg, start: Reg },
    /// Looks a name up in the dict of a class body (register 0); goes on at `target` where it is found.
    LoadName { dst: Reg, name: u32, target: Target },
    /// Takes a name out of the dict of a class body.
    DeleteName { name: u32 },
    Return { src: Operand },
    /// Hands a value to whoever asked the generator; what is sent in goes to `dst`.
    Yield { dst: Reg, src: Operand },
    /// Asks the iterator of a `yield from`, which gets what was sent: its value goes to `dst`, or, where it has ended,
    /// what it returned, and the code goes on at `target`.
    Delegate { dst: Reg, iter: Reg, sent: Reg, target: Target },
    /// Throws the exception in `dst` into the iterator of a `yield from`; otherwise the same.
    DelegateThrow { dst: Reg, iter: Reg, target: Target },
    /// Goes on at `target` unless the exception is of the kind.
    Catch { exception: Reg, kind: Operand, target: Target },
    /// An exception is being handled from here on (where the register holds none, what was being handled still is).
    Handle { src: Reg },
    /// It is handled.
    Handled,
    /// `raise` (form 0), `raise src` (1), `raise src from cause` (2).
    Raise { src: Operand, cause: Operand, form: u8 },
    /// Lets a caught exception go on, from where it was raised.
    Reraise { src: Reg },
    /// Enters a context manager.
    Enter { dst: Reg, manager: Reg },
    /// Leaves it, with the exception where there is one; whether it is to be forgotten goes to `dst`.
    Exit { dst: Reg, manager: Reg, exception: Reg },
    /// Shows the value of an expression statement at the prompt.
    Echo { src: Operand },
    /// Runs the command of the n-th text.
    Command { text: u32 },
    /// Formats for an f-string: `conversion` is 0, `s`, `r` or `a`; `spec` is a string operand.
    Format { dst: Reg, src: Operand, conversion: u8, spec: Operand },
    /// Joins `count` strings.
    Join { dst: Reg, start: Reg, count: u16 },
    /// Imports the n-th import.
    Import { dst: Reg, import: u32 },
    /// Takes a name out of the module in `module`.
    ImportFrom { dst: Reg, module: Reg, name: u32 },
    /// Binds all names of the module in `module` as globals.
    ImportStar { module: Reg },
    /// Fails with `AssertionError`, with a message where `has` is set.
    FailAssert { message: Operand, has: bool },
    /// Fails: a part of Python that is not there yet, by number.
    Unsupported { what: u32 },
}

/// Where an instruction came from.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// An expression.
    Expr(ExprId),
    /// A statement.
    Stmt(StmtId),
}

/// Lowered code: of a text, a function, a lambda or a comprehension.
pub struct Code {
    /// What a traceback calls it: `<module>`, `f`, `<lambda>`.
    pub name: Name,
    /// The same with the names of what it stands in: `C.f`, `f.<locals>.g`.
    pub qualname: Name,
    /// The module whose text it is: `__main__`.
    pub module: Name,
    /// The instructions.
    pub instrs: Vec<Instr>,
    /// For each instruction, the node it came from.
    pub origins: Vec<Origin>,
    /// For each instruction, whether its result is read once, by an operator or a call of the same expression: such a
    /// result may be left pending (see [`crate::kernels::elementwise::pending`]).
    pub fleeting: Vec<bool>,
    /// The constants.
    pub consts: Vec<Value>,
    /// Attribute names and other texts.
    pub names: Vec<Name>,
    /// Call sites.
    pub sites: Vec<Site>,
    /// Imports: the dotted name, and whether the last module is wanted (`import a.b as c`) rather than the first.
    pub imports: Vec<(Name, bool)>,
    /// Functions, lambdas and comprehensions inside.
    pub inner: Vec<Rc<Code>>,
    /// How many registers a frame needs.
    pub regs: u16,
    /// The names of the first registers: parameters, then local variables.
    pub locals: Vec<Name>,
    /// How its parameters are filled.
    pub params: Params,
    /// How many arguments its frame can begin at as they were passed: where there are only positional parameters, and
    /// a call runs it at once.
    pub plain: Option<u16>,
    /// Registers of the enclosing frame whose cells are taken over, and the registers they go to here.
    pub captures: Vec<(Reg, Reg)>,
    /// The tree it was lowered from.
    pub tree: Rc<Tree>,
    /// The text the tree was read from.
    pub source: SourceRef,
    /// The docstring.
    pub doc: Option<Name>,
    /// Whether a call makes a generator rather than running it.
    pub generator: bool,
    /// Where exceptions are caught; of nested ranges the inner come first.
    pub guards: Vec<Guard>,
}

/// A range of instructions whose exceptions are caught.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// The first instruction.
    pub start: Target,
    /// The first after it.
    pub end: Target,
    /// Where the code goes on.
    pub target: Target,
    /// The register that gets the exception.
    pub exception: Reg,
    /// How many exceptions the frame is handling there.
    pub depth: u16,
}

/// How the parameters of a function are filled. Parameters are the first registers, in this order.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// Positional-only ones.
    pub positional_only: u16,
    /// All that can be passed by position, the positional-only ones too.
    pub positional: u16,
    /// Keyword-only ones; their registers follow the positional ones.
    pub keyword_only: u16,
    /// Whether `*args` is there; its register follows the keyword-only ones.
    pub star: bool,
    /// Whether `**kwargs` is there; the last.
    pub star_star: bool,
    /// How many of the positional ones, the last, have defaults.
    pub defaults: u16,
    /// Which of the keyword-only ones have defaults.
    pub keyword_defaults: Vec<bool>,
}

/// A call in the text.
pub struct Site {
    /// The method's name, for [`Instr::CallMethod`].
    pub method: Name,
    /// The tensor method of that name, where there is one.
    pub tensor_method: Option<&'static Entry>,
    /// The names of the keyword arguments, which are the last of the arguments.
    pub keywords: Box<[Name]>,
    /// The function found last time in a module, which never changes.
    found: Cell<Option<(&'static Module, &'static Entry)>>,
    /// The method found last time, and the types that have it.
    method_of: Cell<Option<(u32, &'static Entry)>>,
}

impl Site {
    /// A plain call.
    pub fn function(keywords: Box<[Name]>) -> Site {
        Site {
            method: Name::from(""),
            tensor_method: None,
            keywords,
            found: Cell::new(None),
            method_of: Cell::new(None),
        }
    }

    /// A method call; `tensor_method` is the method of tensors of that name.
    pub fn method(method: Name, tensor_method: Option<&'static Entry>, keywords: Box<[Name]>) -> Site {
        Site { method, tensor_method, keywords, found: Cell::new(None), method_of: Cell::new(None) }
    }

    /// What this site calls in a module, if it has been looked up before.
    #[inline]
    pub fn cached(&self, module: &'static Module) -> Option<&'static Entry> {
        self.found.get().filter(|(of, _)| std::ptr::eq(*of, module)).map(|(_, entry)| entry)
    }

    /// The method of a kind of values, by their place in the table, found by `find` where it is not that of last time.
    #[inline]
    pub fn method_in(
        &self,
        place: u32,
        find: impl FnOnce(&str) -> Option<&'static Entry>,
    ) -> Option<&'static Entry> {
        match self.method_of.get() {
            Some((known, entry)) if known == place => Some(entry),
            _ => {
                let entry = find(&self.method)?;
                self.method_of.set(Some((place, entry)));
                Some(entry)
            }
        }
    }

    /// Remembers what this site calls in a module.
    pub fn cache(&self, module: &'static Module, entry: &'static Entry) {
        self.found.set(Some((module, entry)));
    }
}

impl Params {
    /// How many there are where all are positional.
    pub fn plain(&self) -> Option<u16> {
        (self.keyword_only == 0 && !self.star && !self.star_star).then_some(self.positional)
    }

    /// How many parameters there are, `*args` and `**kwargs` included: the first registers.
    pub fn count(&self) -> usize {
        usize::from(self.positional + self.keyword_only)
            + usize::from(self.star)
            + usize::from(self.star_star)
    }
}

/// A function of the program.
pub struct Function {
    /// What it runs.
    pub code: Rc<Code>,
    /// The defaults of its last positional parameters, then those of the keyword-only ones that have one.
    pub defaults: Box<[Value]>,
    /// The variables it shares with the functions around it, in the order of the code's captures.
    pub cells: Box<[Rc<RefCell<Value>>]>,
    /// Attributes the program has set on it.
    pub attributes: RefCell<Option<Box<crate::value::Dict>>>,
    /// What it costs: itself, and a few defaults and cells.
    pub weight: Weight<192>,
}

impl Function {
    /// `__defaults__`: the defaults of the parameters that can be passed by position.
    pub fn positional_defaults(&self) -> Value {
        match usize::from(self.code.params.defaults) {
            0 => Value::None,
            n => Value::tuple(self.defaults.iter().take(n).cloned().collect()),
        }
    }

    /// `__kwdefaults__`: the defaults of the keyword-only parameters.
    pub fn keyword_defaults(&self) -> Option<Value> {
        let params = &self.code.params;
        let names = self.code.locals.iter().skip(usize::from(params.positional));
        let with = names.zip(&params.keyword_defaults).filter(|(_, has)| **has).map(|(name, _)| name);
        let dict = super::Dict::new();
        for (name, value) in with.zip(self.defaults.iter().skip(usize::from(params.defaults))) {
            dict.insert(super::Key::text(name), value.clone()).ok()?;
        }
        Some(if dict.is_empty() { Value::None } else { Value::Dict(Rc::new(dict)) })
    }

    /// The attributes the program has set, as a new dict.
    pub fn attribute_dict(&self) -> crate::error::Result<Value> {
        let dict = super::Dict::new();
        if let Some(set) = self.attributes.borrow().as_ref() {
            for (key, value) in set.entries().iter() {
                dict.insert(key.clone(), value.clone())?;
            }
        }
        Ok(Value::Dict(Rc::new(dict)))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Functions that hold functions, in defaults or shared variables, may be nested to any depth.
        let cells = self.cells.iter_mut().filter_map(|cell| Rc::get_mut(cell).map(|cell| cell.take()));
        let defaults = self.defaults.iter_mut().map(std::mem::take);
        super::list::bury(cells.chain(defaults).collect());
    }
}

impl Code {
    /// Whether it is of a text of the library, which diagnostics do not show.
    pub fn in_library(&self) -> bool {
        &*self.module != "__main__"
    }

    /// What catches an exception that an instruction raises.
    pub fn guard(&self, at: usize) -> Option<&Guard> {
        self.guards.iter().find(|guard| (guard.start as usize..guard.end as usize).contains(&at))
    }

    /// The span of the node an instruction came from.
    pub fn span(&self, at: usize) -> Span {
        match self.origins.get(at) {
            Some(Origin::Expr(id)) => self.tree[*id].span,
            Some(Origin::Stmt(id)) => self.tree[*id].span,
            None => Span::default(),
        }
    }

    /// The text an instruction came from, and where in it.
    #[inline]
    pub fn site(&self, at: usize) -> Option<(SourceRef, Span)> {
        Some((self.source.clone(), self.span(at)))
    }

    /// The span of the n-th argument of what an instruction computes: see [`crate::error::Place::Arg`].
    pub fn argument_span(&self, at: usize, n: usize) -> Option<Span> {
        self.argument(at, n).map(|expr| self.tree[expr].span)
    }

    /// The span of some bytes of a text argument: see [`crate::error::Place::Within`]. Where the text is not written as
    /// one literal without escapes, the span of the argument.
    pub fn text_span(&self, at: usize, n: usize, start: u32, end: u32) -> Option<Span> {
        let expr = &self.tree[self.argument(at, n)?];
        let ExprKind::Str(text) = &expr.kind else { return Some(expr.span) };
        let written = expr.span.text(&self.source.text);
        // The prefix and the opening quotes are as long as what is left when the text and as many quotes are taken away.
        let prefix = written.find(['\'', '"']).unwrap_or(0);
        let quotes = written.len().saturating_sub(prefix + text.len()) / 2;
        match written.get(prefix + quotes..prefix + quotes + text.len()) {
            Some(inner) if inner == &**text && end as usize <= text.len() => {
                let base = expr.span.start + (prefix + quotes) as u32;
                Some(Span { start: base + start, end: base + end })
            }
            _ => Some(expr.span),
        }
    }

    fn argument(&self, at: usize, n: usize) -> Option<ExprId> {
        let tree = &self.tree;
        let expr = match self.origins.get(at)? {
            Origin::Stmt(id) => match &tree[*id].kind {
                StmtKind::AugAssign(target, _, value) => *[target, value].get(n).copied()?,
                StmtKind::Assign(targets, value) => match &tree[*targets.first()?].kind {
                    ExprKind::Subscript(object, index) => *[object, index, value].get(n).copied()?,
                    _ => *value,
                },
                StmtKind::For { iter, .. } => *iter,
                _ => return None,
            },
            Origin::Expr(id) => match &tree[*id].kind {
                ExprKind::Binary(left, _, right) => *[left, right].get(n).copied()?,
                ExprKind::Unary(_, operand) => *operand,
                ExprKind::Compare(first, rest) => {
                    if n == 0 {
                        *first
                    } else {
                        rest.get(n - 1)?.1
                    }
                }
                ExprKind::Subscript(object, index) => *[object, index].get(n).copied()?,
                ExprKind::Attribute(object, ..) => *object,
                ExprKind::Call { func, args, keywords } => {
                    let receiver = match &tree[*func].kind {
                        ExprKind::Attribute(object, ..) => Some(*object),
                        _ => None,
                    };
                    // What is called through a module (`torch.sum(x)`) has no receiver; the evaluator says which it is.
                    let all = receiver.into_iter().chain(args.iter().copied());
                    all.chain(keywords.iter().map(|k| k.value)).nth(n)?
                }
                _ => return None,
            },
        };
        Some(expr)
    }

    /// The span of the name that an instruction looks up or calls.
    pub fn callee_span(&self, at: usize) -> Span {
        if let Some(Origin::Expr(id)) = self.origins.get(at) {
            match &self.tree[*id].kind {
                ExprKind::Attribute(_, _, name) => return *name,
                ExprKind::Call { func, .. } => {
                    return match &self.tree[*func].kind {
                        ExprKind::Attribute(_, _, name) => *name,
                        _ => self.tree[*func].span,
                    };
                }
                _ => {}
            }
        }
        self.span(at)
    }
}
