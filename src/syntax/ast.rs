//! The syntax tree: one arena per parsed text, nodes named by index.
//!
//! Nodes live in two vectors and refer to each other by [`ExprId`] and [`StmtId`], so a tree of any depth is dropped,
//! cloned and compared without recursion, and a node costs no allocation of its own. A child is always pushed before
//! its parent, so indices grow from the leaves to the root (property A1, relied on by the lowering).
//! The shape of the tree is that of CPython's `ast` module; [`super::dump`] prints it in the same notation.

use crate::span::Span;
use std::rc::Rc;

/// Names an expression of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExprId(pub u32);

/// Names a statement of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StmtId(pub u32);

/// An identifier; cloning shares the text.
pub type Name = Rc<str>;

/// A parsed text: its nodes and the statements at the top.
#[derive(Debug, Default)]
pub struct Tree {
    /// Every expression, children before parents.
    pub exprs: Vec<Expr>,
    /// Every statement, children before parents.
    pub stmts: Vec<Stmt>,
    /// The top-level statements in order.
    pub body: Vec<StmtId>,
}

/// An expression and where it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The bytes it was read from, without enclosing parentheses (tuples include theirs).
    pub span: Span,
}

/// A statement and where it stands.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// The bytes it was read from, without the line end.
    pub span: Span,
}

/// The expressions of Python, as CPython's `ast` divides them.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An integer that fits 64 bits.
    Int(i64),
    /// An integer that does not: its decimal digits without underscores.
    BigInt(Rc<str>),
    /// A float, `1e-3`.
    Float(f64),
    /// The imaginary part of `2j`.
    Imaginary(f64),
    /// A string literal; adjacent literals are joined, escapes decoded.
    Str(Rc<str>),
    /// A bytes literal.
    Bytes(Rc<[u8]>),
    /// An f-string (adjacent plain strings joined in): literal pieces are `Str`, fields are `Formatted`.
    JoinedStr(Vec<ExprId>),
    /// `{value!r:spec}`; `spec` is a `JoinedStr`. For `{x=}` the parser has put the text `x=` in a `Str` before it.
    Formatted {
        /// The expression between the braces.
        value: ExprId,
        /// `s`, `r` or `a`; `{x=}` without a spec or conversion has `r`.
        conversion: Option<char>,
        /// What follows the colon.
        spec: Option<ExprId>,
    },
    /// An identifier.
    Name(Name),
    /// `a, b` or `(a, b)`.
    Tuple(Vec<ExprId>),
    /// `[a, b]`.
    List(Vec<ExprId>),
    /// `{a, b}`.
    Set(Vec<ExprId>),
    /// `{k: v, **rest}`; a `None` key is `**`.
    Dict(Vec<(Option<ExprId>, ExprId)>),
    /// `-a`, `+a`, `~a`, `not a`.
    Unary(UnaryOp, ExprId),
    /// `a + b`.
    Binary(ExprId, BinaryOp, ExprId),
    /// `a < b <= c`: the first operand, then each operator with its right operand.
    Compare(ExprId, Vec<(CompareOp, ExprId)>),
    /// `a and b and c`, flat as CPython has it.
    And(Vec<ExprId>),
    /// `a or b or c`.
    Or(Vec<ExprId>),
    /// `then if test else orelse`.
    IfElse {
        /// The condition.
        test: ExprId,
        /// Its value where the condition is true.
        then: ExprId,
        /// Its value where it is false.
        orelse: ExprId,
    },
    /// `lambda x, y=1: body`.
    Lambda(Rc<Params>, ExprId),
    /// `name := value`; the target is a `Name`.
    Walrus(ExprId, ExprId),
    /// `f(a, *b, k=c, **d)`.
    Call {
        /// What is called.
        func: ExprId,
        /// Positional arguments; `*b` is a `Starred`.
        args: Vec<ExprId>,
        /// Keyword arguments in order; a `None` name is `**d`.
        keywords: Vec<Keyword>,
    },
    /// `value.name`, and where the name stands.
    Attribute(ExprId, Name, Span),
    /// `value[index]`; a comma in the index makes it a `Tuple`, a colon a `Slice`.
    Subscript(ExprId, ExprId),
    /// `lower:upper:step`, inside a subscript only.
    Slice(Option<ExprId>, Option<ExprId>, Option<ExprId>),
    /// `*value` in a call, a display or a target.
    Starred(ExprId),
    /// A list, set, generator or dict comprehension.
    Comprehension {
        /// Which of the four.
        kind: ComprehensionKind,
        /// The element, or the key of a dict.
        element: ExprId,
        /// The value of a dict comprehension.
        value: Option<ExprId>,
        /// The `for` clauses, at least one.
        clauses: Vec<Clause>,
    },
    /// `yield`, `yield value`.
    Yield(Option<ExprId>),
    /// `yield from value`.
    YieldFrom(ExprId),
    /// `await value`.
    Await(ExprId),
}

/// The kinds of comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[x for ...]`
    List,
    /// `{x for ...}`
    Set,
    /// `(x for ...)`
    Generator,
    /// `{k: v for ...}`
    Dict,
}

/// One `for target in iter if cond if cond` of a comprehension.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What is bound.
    pub target: ExprId,
    /// What is iterated.
    pub iter: ExprId,
    /// The filters.
    pub conditions: Vec<ExprId>,
    /// Whether it was `async for`.
    pub is_async: bool,
}

/// A keyword argument of a call or of a class statement.
#[derive(Clone, Debug)]
pub struct Keyword {
    /// The name; `None` for `**value`.
    pub name: Option<Name>,
    /// What is passed.
    pub value: ExprId,
    /// From the name (or `**`) to the end of the value.
    pub span: Span,
}

/// The unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is its Python operator")]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Not,
}

/// The binary operators, except comparisons and `and`/`or`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is its Python operator")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    MatMul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    BitAnd,
    BitXor,
    BitOr,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is its Python operator")]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

/// The parameters of a function or lambda.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// In order; the kinds never go back in the order of [`ParamKind`].
    pub list: Vec<Param>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// How it is filled.
    pub kind: ParamKind,
    /// Its default, evaluated when the function is made.
    pub default: Option<ExprId>,
    /// `name: annotation`, never evaluated.
    pub annotation: Option<ExprId>,
    /// Where the name stands.
    pub span: Span,
}

/// How a parameter is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParamKind {
    /// Before a `/`.
    PositionalOnly,
    /// By position or by name.
    Normal,
    /// `*args`.
    Star,
    /// After `*` or `*args`.
    KeywordOnly,
    /// `**kwargs`.
    StarStar,
}

/// The statements of Python, as CPython's `ast` divides them.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// A bare expression; `silent` where a `;` follows it at the end of its line.
    Expr {
        /// What is evaluated.
        value: ExprId,
        /// Whether the prompt echoes nothing.
        silent: bool,
    },
    /// `a = b = value`.
    Assign(Vec<ExprId>, ExprId),
    /// `target += value`.
    AugAssign(ExprId, BinaryOp, ExprId),
    /// `target: annotation = value`.
    AnnAssign {
        /// What is bound.
        target: ExprId,
        /// Kept, not evaluated.
        annotation: ExprId,
        /// What it is bound to.
        value: Option<ExprId>,
        /// Whether the target is a bare, unparenthesised name.
        simple: bool,
    },
    /// `assert test, message`.
    Assert(ExprId, Option<ExprId>),
    /// `del a, b[0]`.
    Del(Vec<ExprId>),
    /// `pass`
    Pass,
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return value`.
    Return(Option<ExprId>),
    /// `import a.b as c, d`.
    Import(Vec<Alias>),
    /// `from ..a.b import c as d`; the name `*` imports everything.
    ImportFrom {
        /// The module's dotted name; none for `from . import x`.
        module: Option<Name>,
        /// The names taken from it.
        names: Vec<Alias>,
        /// How many dots stand before it.
        level: u32,
    },
    /// `global a, b`.
    Global(Vec<Name>),
    /// `nonlocal a, b`.
    Nonlocal(Vec<Name>),
    /// `if`/`elif` arms in order, then `else`. (CPython nests the arms; a flat list keeps 100,000 of them shallow.)
    If(Vec<(ExprId, Block)>, Block),
    /// `while test: body else: orelse`.
    While(ExprId, Block, Block),
    /// `for target in iter: body else: orelse`.
    For {
        /// What is bound.
        target: ExprId,
        /// What is iterated.
        iter: ExprId,
        /// The loop's body.
        body: Block,
        /// Run where no `break` ended the loop.
        orelse: Block,
        /// Whether it was `async for`.
        is_async: bool,
    },
    /// `def`.
    Def(Rc<Def>),
    /// `class`.
    Class(Rc<Class>),
    /// `with a as b, c: body`.
    With {
        /// Each context expression with its target.
        items: Vec<(ExprId, Option<ExprId>)>,
        /// The body.
        body: Block,
        /// Whether it was `async with`.
        is_async: bool,
    },
    /// `raise exc from cause`.
    Raise(Option<ExprId>, Option<ExprId>),
    /// `try` with its handlers, `else` and `finally`.
    Try {
        /// The guarded statements.
        body: Block,
        /// The `except` clauses.
        handlers: Vec<Handler>,
        /// Run where nothing was raised.
        orelse: Block,
        /// Run in any case.
        finalbody: Block,
    },
    /// A line that begins with `:`: the text after the colon, without surrounding blanks. Not Python's.
    Command(Rc<str>),
}

impl StmtKind {
    /// Whether it is a compound statement, which at the prompt a blank line ends.
    pub fn has_block(&self) -> bool {
        matches!(
            self,
            StmtKind::If(..)
                | StmtKind::While(..)
                | StmtKind::For { .. }
                | StmtKind::Def(_)
                | StmtKind::Class(_)
                | StmtKind::With { .. }
                | StmtKind::Try { .. }
        )
    }
}

/// The statements of a block, in order.
pub type Block = Vec<StmtId>;

/// One `name as asname` of an import.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The dotted name.
    pub name: Name,
    /// What it is bound to, if that is another name.
    pub asname: Option<Name>,
    /// Where it stands.
    pub span: Span,
}

/// A function definition.
#[derive(Clone, Debug)]
pub struct Def {
    /// The function's name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Its parameters.
    pub params: Params,
    /// `-> annotation`, never evaluated.
    pub returns: Option<ExprId>,
    /// Its statements.
    pub body: Block,
    /// `@decorator` lines, top first.
    pub decorators: Vec<ExprId>,
    /// Whether it was `async def`.
    pub is_async: bool,
}

/// A class definition.
#[derive(Clone, Debug)]
pub struct Class {
    /// The class's name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Base classes.
    pub bases: Vec<ExprId>,
    /// `metaclass=...` and the like.
    pub keywords: Vec<Keyword>,
    /// Its statements.
    pub body: Block,
    /// `@decorator` lines, top first.
    pub decorators: Vec<ExprId>,
}

/// An `except` clause.
#[derive(Clone, Debug)]
pub struct Handler {
    /// What is caught; nothing is everything.
    pub kind: Option<ExprId>,
    /// `as name`.
    pub name: Option<Name>,
    /// The statements.
    pub body: Block,
    /// The clause's head.
    pub span: Span,
}

impl Tree {
    /// Adds an expression; its children must have been added before (A1).
    pub fn expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.exprs.push(Expr { kind, span });
        ExprId(index(self.exprs.len()))
    }

    /// Adds a statement; its children must have been added before (A1).
    pub fn stmt(&mut self, kind: StmtKind, span: Span) -> StmtId {
        self.stmts.push(Stmt { kind, span });
        StmtId(index(self.stmts.len()))
    }
}

/// The index of the last of `len` nodes; a text is below 4 GiB and a node takes at least a byte of it.
fn index(len: usize) -> u32 {
    u32::try_from(len - 1).unwrap_or(u32::MAX)
}

impl std::ops::Index<ExprId> for Tree {
    type Output = Expr;
    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

impl std::ops::Index<StmtId> for Tree {
    type Output = Stmt;
    fn index(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }
}
