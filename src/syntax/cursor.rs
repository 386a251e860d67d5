//! What the grammar's parsers read: a place among the tokens, and the tree under construction.
//!
//! [`Cursor`] is nom's input type here. It is small and copied freely; going back is keeping an old one. Everything
//! that parsing changes (the tokens read so far, the tree, the furthest failure) lies behind it in [`Context`] and
//! [`Shared`]. The rejected design, parsers over a slice of tokens, would need the whole text read in advance, and a
//! pipe must run its first statement before it looks at the second.

use super::ast::{ExprId, ExprKind, Name, StmtId, StmtKind, Tree};
use super::layout::Layout;
use super::token::{Kind, Token};
use crate::error::Error;
use crate::span::Span;
use nom::IResult;
use nom::error::{ErrorKind, ParseError};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// How deep expressions may nest where that is not a matter of brackets.
pub const MAX_DEPTH: u32 = 1000;

/// What all contexts of one parse have in common.
#[derive(Debug, Default)]
pub struct Shared {
    tree: RefCell<Tree>,
    names: RefCell<HashSet<Name>>,
    depth: Cell<u32>,
    /// Whether the text is known to be wrong and is read once more to find better words for it.
    recovering: Cell<bool>,
}

/// One run of tokens: a whole text, or a field of an f-string.
#[derive(Debug)]
pub struct Context<'t> {
    /// The text; for a field, up to the end of its string.
    pub text: &'t str,
    /// What lies outside of this run.
    pub shared: &'t Shared,
    /// Whether this is a field of an f-string.
    pub field: bool,
    layout: RefCell<Layout>,
    furthest: Cell<Option<Furthest>>,
}

/// The last token that no parser could use, and what some of them wanted there.
#[derive(Clone, Copy, Debug)]
pub struct Furthest {
    /// The token.
    pub token: Token,
    /// Its index.
    pub index: u32,
    /// What was expected, in order, without repetition.
    pub expected: [&'static str; 3],
}

/// A place among the tokens.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'c> {
    /// The token here.
    pub token: Token,
    index: u32,
    /// What the tokens belong to.
    pub context: &'c Context<'c>,
}

/// Why a parser failed.
#[derive(Debug)]
pub enum Fault {
    /// The tokens are something else; the furthest miss is remembered in the context.
    Miss,
    /// A mistake that has its own words.
    Syntax(Error),
}

/// What the grammar's parsers return.
pub type Parsed<'c, T> = IResult<Cursor<'c>, T, Fault>;

impl ParseError<Cursor<'_>> for Fault {
    fn from_error_kind(_: Cursor<'_>, _: ErrorKind) -> Self {
        Fault::Miss
    }

    fn append(_: Cursor<'_>, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What a step within a parser returns: [`Parsed`] without the place.
pub type Outcome<T> = Result<T, nom::Err<Fault>>;

/// Ends parsing with an error.
#[cold]
pub fn refuse<T>(error: Error) -> Outcome<T> {
    Err(nom::Err::Failure(Fault::Syntax(error)))
}

/// Ends parsing with a `SyntaxError`.
#[cold]
pub fn mistake<T>(span: Span, message: impl Into<String>) -> Outcome<T> {
    refuse(Error::syntax(span, message))
}

impl Shared {
    /// A new, empty parse; names that were seen before keep their allocation.
    pub fn new(names: HashSet<Name>) -> Shared {
        Shared { names: RefCell::new(names), ..Shared::default() }
    }

    /// Takes the parse apart.
    pub fn into_parts(self) -> (Tree, HashSet<Name>) {
        (self.tree.into_inner(), self.names.into_inner())
    }

    /// The shared text of a name.
    pub fn name(&self, text: &str) -> Name {
        let mut names = self.names.borrow_mut();
        if let Some(name) = names.get(text) {
            return name.clone();
        }
        let name: Name = Rc::from(text);
        names.insert(name.clone());
        name
    }

    /// Begins the second reading, which may be slow and has only an error as its result.
    pub fn recover(&self) {
        *self.tree.borrow_mut() = Tree::default();
        self.depth.set(0);
        self.recovering.set(true);
    }
}

impl<'t> Context<'t> {
    /// The tokens of `text` from byte `at`, where a line begins.
    pub fn new(text: &'t str, at: usize, shared: &'t Shared) -> Context<'t> {
        Context {
            text,
            shared,
            field: false,
            layout: RefCell::new(Layout::new(at)),
            furthest: Cell::new(None),
        }
    }

    /// The tokens of a field of an f-string from byte `at`.
    pub fn field(text: &'t str, at: usize, shared: &'t Shared) -> Context<'t> {
        Context { field: true, layout: RefCell::new(Layout::field(at)), ..Context::new(text, at, shared) }
    }

    /// The place before the first token.
    pub fn start(&self) -> Cursor<'_> {
        Cursor { token: self.token(0), index: 0, context: self }
    }

    /// The tokens' reader.
    pub fn layout(&self) -> &RefCell<Layout> {
        &self.layout
    }

    /// The furthest miss.
    pub fn furthest(&self) -> Option<Furthest> {
        self.furthest.get()
    }

    fn token(&self, index: u32) -> Token {
        self.layout.borrow_mut().token(self.text, index as usize)
    }
}

impl<'c> Cursor<'c> {
    /// The kind of the token here.
    pub fn kind(&self) -> Kind {
        self.token.kind
    }

    /// The bytes of the token here.
    pub fn span(&self) -> Span {
        Span { start: self.token.start, end: self.token.end }
    }

    /// The text of the token here.
    pub fn text(&self) -> &'c str {
        self.span().text(self.context.text)
    }

    /// The place after the token here.
    pub fn next(&self) -> Cursor<'c> {
        let index = self.index + 1;
        Cursor { token: self.context.token(index), index, context: self.context }
    }

    /// The kind of the token after this one.
    pub fn peek(&self) -> Kind {
        self.context.token(self.index + 1).kind
    }

    /// The token before this one.
    pub fn before(&self) -> Token {
        self.context.token(self.index.saturating_sub(1))
    }

    /// The bytes of the token before this one.
    pub fn before_span(&self) -> Span {
        let token = self.before();
        Span { start: token.start, end: token.end }
    }

    /// From `start` to the end of the token before this one.
    pub fn since(&self, start: u32) -> Span {
        Span { start, end: self.before().end }
    }

    /// From `start` to the last token before this one that is more than layout.
    pub fn since_last_token(&self, start: u32) -> Span {
        let mut index = self.index;
        while index > 0 {
            index -= 1;
            let token = self.context.token(index);
            if !matches!(token.kind, Kind::Newline | Kind::Indent | Kind::Dedent) {
                return Span { start, end: token.end };
            }
        }
        Span { start, end: start }
    }

    /// The end of the last line before this place.
    pub fn last_line_end(&self) -> u32 {
        let mut index = self.index;
        while index > 0 {
            index -= 1;
            let token = self.context.token(index);
            if token.kind == Kind::Newline {
                return token.end;
            }
        }
        self.token.end
    }

    /// Fails here, remembering what was expected.
    #[cold]
    pub fn miss<T>(&self, expected: &'static str) -> Outcome<T> {
        let furthest = &self.context.furthest;
        let mut known = match furthest.get() {
            Some(known) if known.index > self.index => return Err(nom::Err::Error(Fault::Miss)),
            Some(known) if known.index == self.index => known,
            _ => Furthest { token: self.token, index: self.index, expected: [""; 3] },
        };
        if !known.expected.contains(&expected)
            && let Some(free) = known.expected.iter_mut().find(|text| text.is_empty())
        {
            *free = expected;
        }
        furthest.set(Some(known));
        Err(nom::Err::Error(Fault::Miss))
    }

    /// The token here if it is `kind`, and the place after it.
    pub fn expect(&self, kind: Kind, expected: &'static str) -> Parsed<'c, Token> {
        if self.token.kind == kind { Ok((self.next(), self.token)) } else { self.miss(expected) }
    }

    /// The place after the token here if it is `kind`.
    pub fn after(&self, kind: Kind) -> Option<Cursor<'c>> {
        (self.token.kind == kind).then(|| self.next())
    }

    /// Whether better words for a mistake are looked for.
    pub fn recovering(&self) -> bool {
        self.context.shared.recovering.get()
    }

    /// Runs a parser one level deeper.
    pub fn deeper<T>(&self, parse: impl FnOnce(Cursor<'c>) -> Parsed<'c, T>) -> Parsed<'c, T> {
        let depth = &self.context.shared.depth;
        if depth.get() >= MAX_DEPTH {
            return mistake(self.span(), "too many nested expressions");
        }
        depth.set(depth.get() + 1);
        let result = parse(*self);
        depth.set(depth.get() - 1);
        result
    }

    /// Runs a parser as a first reading would; used to look ahead within the second.
    pub fn plainly<T>(&self, parse: impl FnOnce(Cursor<'c>) -> Parsed<'c, T>) -> Parsed<'c, T> {
        let shared = self.context.shared;
        let (recovering, depth, furthest) =
            (shared.recovering.replace(false), shared.depth.get(), self.context.furthest.get());
        let result = parse(*self);
        shared.recovering.set(recovering);
        shared.depth.set(depth);
        self.context.furthest.set(furthest);
        result
    }

    /// Tries a parser and leaves no trace of it where it misses.
    pub fn attempt<T>(&self, parse: impl FnOnce(Cursor<'c>) -> Parsed<'c, T>) -> Option<(Cursor<'c>, T)> {
        let (exprs, stmts) = {
            let tree = self.tree();
            (tree.exprs.len(), tree.stmts.len())
        };
        let result = self.plainly(parse);
        if result.is_err() {
            let mut tree = self.context.shared.tree.borrow_mut();
            tree.exprs.truncate(exprs);
            tree.stmts.truncate(stmts);
        }
        result.ok()
    }

    /// The tree so far.
    pub fn tree(&self) -> std::cell::Ref<'c, Tree> {
        self.context.shared.tree.borrow()
    }

    /// Adds an expression to the tree.
    pub fn expr(&self, kind: ExprKind, span: Span) -> ExprId {
        self.context.shared.tree.borrow_mut().expr(kind, span)
    }

    /// Adds a statement to the tree.
    pub fn stmt(&self, kind: StmtKind, span: Span) -> StmtId {
        self.context.shared.tree.borrow_mut().stmt(kind, span)
    }

    /// The shared text of a name.
    pub fn name(&self, text: &str) -> Name {
        self.context.shared.name(text)
    }

    /// Where an expression of the tree stands.
    pub fn span_of(&self, id: ExprId) -> Span {
        self.tree()[id].span
    }
}

/// An identifier and where it stands.
pub fn identifier(input: Cursor<'_>) -> Parsed<'_, (Name, Span)> {
    let (rest, _) = input.expect(Kind::Name, "a name")?;
    Ok((rest, (input.name(input.text()), input.span())))
}
