//! Which names are local, shared with inner functions, or global: found before any code is made.
//!
//! Python decides a name's scope by all of a function's text, so this pass walks each scope once, with a worklist, and
//! then resolves from the inside out. List, set and dict comprehensions run in the frame around them (as CPython does
//! from 3.12 on, PEP 709), with variables of their own; a generator expression is a function.

use crate::syntax::ast::{
    Alias, Block, Clause, ComprehensionKind, ExprId, ExprKind, Name, Params, StmtId, StmtKind, Tree,
};
use indexmap::{IndexMap, IndexSet};
use std::collections::HashMap;

/// The node that opens a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Opener {
    /// The text itself.
    Module,
    /// A `def` or `class`.
    Stmt(StmtId),
    /// A `lambda` or a comprehension.
    Expr(ExprId),
}

/// What opens it decides how its names behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Names are globals.
    Module,
    /// Names are registers; inner functions share them through cells.
    Function,
    /// The same, in the registers of the frame around it.
    Comprehension,
    /// Names are attributes of the class being made; inner functions do not see them.
    Class,
}

/// One scope.
#[derive(Debug)]
pub struct Scope {
    /// How its names behave.
    pub kind: Kind,
    /// The names it binds, in order; parameters first.
    pub bound: IndexSet<Name>,
    /// Names bound here that a function inside uses.
    pub cells: IndexSet<Name>,
    /// Names that are not bound here: each is bound by a function around this one, or global. True where a function
    /// inside needs it (so that it must be in a cell even if this scope is inlined).
    pub free: IndexMap<Name, bool>,
    /// Names declared `global`.
    pub globals: IndexSet<Name>,
    /// Names bound by `:=`, whose value can change within one expression.
    pub walrus: IndexSet<Name>,
    /// Whether it contains a `yield`.
    pub generator: bool,
}

/// All scopes of a tree.
#[derive(Debug, Default)]
pub struct Scopes {
    by_opener: HashMap<Opener, Scope>,
}

impl Scopes {
    /// Analyses a tree.
    pub fn of(tree: &Tree) -> Scopes {
        let mut scopes = Scopes::default();
        let mut walker = Walker::new(tree, Kind::Module);
        walker.block(&tree.body);
        walker.finish(Opener::Module, &mut scopes);
        scopes
    }

    /// The scope a node opens. Every opener of the tree has one.
    pub fn get(&self, opener: Opener) -> Option<&Scope> {
        self.by_opener.get(&opener)
    }
}

/// What is left to walk in a scope.
enum Item {
    Stmt(StmtId),
    Load(ExprId),
    Store(ExprId),
}

/// A scope to be walked later, inside the one at hand.
struct Child {
    opener: Opener,
    kind: Kind,
    params: Vec<Name>,
    body: Vec<Item>,
    generator: bool,
}

struct Walker<'t> {
    tree: &'t Tree,
    kind: Kind,
    bound: IndexSet<Name>,
    reads: IndexSet<Name>,
    globals: IndexSet<Name>,
    nonlocals: IndexSet<Name>,
    walrus: IndexSet<Name>,
    /// Names that a `:=` inside this comprehension binds in the function around it.
    hoisted: Vec<Name>,
    children: Vec<Child>,
    rest: Vec<Item>,
    generator: bool,
}

impl<'t> Walker<'t> {
    fn new(tree: &'t Tree, kind: Kind) -> Walker<'t> {
        Walker {
            tree,
            kind,
            bound: IndexSet::new(),
            reads: IndexSet::new(),
            globals: IndexSet::new(),
            nonlocals: IndexSet::new(),
            walrus: IndexSet::new(),
            hoisted: Vec::new(),
            children: Vec::new(),
            rest: Vec::new(),
            generator: false,
        }
    }

    /// Queues a block; items are taken from the end, so that names are met in the order of the text.
    fn block(&mut self, block: &Block) {
        self.rest.extend(block.iter().rev().map(|&id| Item::Stmt(id)));
    }

    fn load(&mut self, id: ExprId) {
        self.rest.push(Item::Load(id));
    }

    fn bind(&mut self, name: &Name) {
        self.bound.insert(name.clone());
    }

    /// Walks all of it and its children, then resolves. Returns the names to bind in the function around a comprehension.
    fn finish(mut self, opener: Opener, scopes: &mut Scopes) -> (IndexMap<Name, bool>, Vec<Name>) {
        while let Some(item) = self.rest.pop() {
            match item {
                Item::Stmt(id) => self.stmt(id),
                Item::Load(id) => self.expr(id),
                Item::Store(id) => self.target(id),
            }
        }
        let mut needed: IndexMap<Name, bool> = IndexMap::new();
        for child in std::mem::take(&mut self.children) {
            let inlined = child.kind == Kind::Comprehension;
            let mut walker = Walker::new(self.tree, child.kind);
            walker.generator = child.generator;
            walker.bound.extend(child.params);
            walker.rest = child.body;
            let (free, hoisted) = walker.finish(child.opener, scopes);
            for (name, captured) in free {
                *needed.entry(name).or_insert(false) |= captured || !inlined;
            }
            for name in hoisted {
                self.bind_walrus(&name);
            }
        }
        for name in self.globals.iter().chain(&self.nonlocals) {
            self.bound.shift_remove(name);
        }
        for name in self.reads.iter().chain(&self.nonlocals) {
            needed.entry(name.clone()).or_insert(false);
        }
        let (mut cells, mut free) = (IndexSet::new(), IndexMap::new());
        // What `super()` in a method needs: the class itself.
        if self.kind == Kind::Class && needed.shift_remove("__class__").is_some() {
            cells.insert(Name::from("__class__"));
        }
        let visible_inside = self.kind != Kind::Class;
        for (name, captured) in needed {
            if self.globals.contains(&name) {
                continue;
            }
            let own = self.kind != Kind::Module && self.bound.contains(&name);
            if own && captured && visible_inside {
                cells.insert(name);
            } else if !own || captured {
                free.insert(name, captured);
            }
        }
        let outside = free.clone();
        let scope = Scope {
            kind: self.kind,
            bound: self.bound,
            cells,
            free,
            globals: self.globals,
            walrus: self.walrus,
            generator: self.generator,
        };
        scopes.by_opener.insert(opener, scope);
        (outside, self.hoisted)
    }

    /// A `:=` binds in the nearest function, through the comprehensions between.
    fn bind_walrus(&mut self, name: &Name) {
        let inside_comprehension = self.kind == Kind::Comprehension
            || (self.kind == Kind::Function && self.is_generator_expression());
        if inside_comprehension {
            self.reads.insert(name.clone());
            self.hoisted.push(name.clone());
        } else {
            self.bind(name);
            self.walrus.insert(name.clone());
        }
    }

    /// A generator expression is walked as a function whose parameter is its outermost iterator.
    fn is_generator_expression(&self) -> bool {
        self.bound.first().is_some_and(|name| &**name == GENERATOR_ARGUMENT)
    }

    fn stmt(&mut self, id: StmtId) {
        let tree = self.tree;
        match &tree[id].kind {
            StmtKind::Expr { value, .. } => self.load(*value),
            StmtKind::Assign(targets, value) => {
                self.rest.extend(targets.iter().rev().map(|&t| Item::Store(t)));
                self.load(*value);
            }
            StmtKind::AugAssign(target, _, value) => {
                self.rest.push(Item::Store(*target));
                self.load(*target);
                self.load(*value);
            }
            StmtKind::AnnAssign { target, value, annotation, .. } => {
                if self.kind == Kind::Class {
                    self.load(*annotation);
                }
                if value.is_some() || matches!(tree[*target].kind, ExprKind::Name(_)) {
                    self.rest.push(Item::Store(*target));
                }
                self.rest.extend(value.map(Item::Load));
            }
            StmtKind::Assert(test, message) => {
                self.rest.extend(message.map(Item::Load));
                self.load(*test);
            }
            StmtKind::Del(targets) => self.rest.extend(targets.iter().rev().map(|&t| Item::Store(t))),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue | StmtKind::Command(_) => {}
            StmtKind::Return(value) => self.rest.extend(value.map(Item::Load)),
            StmtKind::Import(names) => names.iter().for_each(|alias| self.bind(&imported(alias))),
            StmtKind::ImportFrom { names, .. } => {
                for alias in names.iter().filter(|alias| &*alias.name != "*") {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            StmtKind::Global(names) => self.globals.extend(names.iter().cloned()),
            StmtKind::Nonlocal(names) => self.nonlocals.extend(names.iter().cloned()),
            StmtKind::If(arms, orelse) => {
                self.block(orelse);
                for (test, body) in arms.iter().rev() {
                    self.block(body);
                    self.load(*test);
                }
            }
            StmtKind::While(test, body, orelse) => {
                self.block(orelse);
                self.block(body);
                self.load(*test);
            }
            StmtKind::For { target, iter, body, orelse, .. } => {
                self.block(orelse);
                self.block(body);
                self.rest.push(Item::Store(*target));
                self.load(*iter);
            }
            StmtKind::Def(def) => {
                self.bind(&def.name);
                self.rest.extend(def.decorators.iter().map(|&d| Item::Load(d)));
                self.defaults(&def.params);
                let body = def.body.iter().rev().map(|&id| Item::Stmt(id)).collect();
                let params = parameter_names(&def.params);
                let (opener, kind) = (Opener::Stmt(id), Kind::Function);
                self.children.push(Child { opener, kind, params, body, generator: false });
            }
            StmtKind::Class(class) => {
                self.bind(&class.name);
                let outer = class.decorators.iter().chain(&class.bases).copied();
                self.rest.extend(outer.chain(class.keywords.iter().map(|k| k.value)).map(Item::Load));
                let body = class.body.iter().rev().map(|&id| Item::Stmt(id)).collect();
                let (opener, kind) = (Opener::Stmt(id), Kind::Class);
                self.children.push(Child { opener, kind, params: Vec::new(), body, generator: false });
            }
            StmtKind::With { items, body, .. } => {
                self.block(body);
                for (context, target) in items.iter().rev() {
                    self.rest.extend(target.map(Item::Store));
                    self.load(*context);
                }
            }
            StmtKind::Raise(what, cause) => {
                self.rest.extend(cause.map(Item::Load));
                self.rest.extend(what.map(Item::Load));
            }
            StmtKind::Try { body, handlers, orelse, finalbody } => {
                self.block(finalbody);
                self.block(orelse);
                for handler in handlers.iter().rev() {
                    self.block(&handler.body);
                    handler.name.iter().for_each(|name| self.bind(name));
                    self.rest.extend(handler.kind.map(Item::Load));
                }
                self.block(body);
            }
        }
    }

    fn defaults(&mut self, params: &Params) {
        self.rest.extend(params.list.iter().rev().filter_map(|p| p.default).map(Item::Load));
    }

    fn target(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree[id].kind {
            ExprKind::Name(name) => self.bind(name),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                self.rest.extend(items.iter().rev().map(|&i| Item::Store(i)));
            }
            ExprKind::Starred(inner) => self.rest.push(Item::Store(*inner)),
            _ => self.expr(id),
        }
    }

    fn expr(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree[id].kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::BigInt(_)
            | ExprKind::Float(_)
            | ExprKind::Imaginary(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_) => {}
            ExprKind::Name(name) => {
                if &**name == "super" && self.kind == Kind::Function {
                    self.reads.insert(Name::from("__class__"));
                }
                self.reads.insert(name.clone());
            }
            ExprKind::JoinedStr(items)
            | ExprKind::Tuple(items)
            | ExprKind::List(items)
            | ExprKind::Set(items)
            | ExprKind::And(items)
            | ExprKind::Or(items) => self.rest.extend(items.iter().rev().map(|&i| Item::Load(i))),
            ExprKind::Formatted { value, spec, .. } => {
                self.rest.extend(spec.map(Item::Load));
                self.load(*value);
            }
            ExprKind::Dict(entries) => {
                for (key, value) in entries.iter().rev() {
                    self.load(*value);
                    self.rest.extend(key.map(Item::Load));
                }
            }
            ExprKind::Unary(_, inner)
            | ExprKind::Attribute(inner, ..)
            | ExprKind::Starred(inner)
            | ExprKind::Await(inner) => self.load(*inner),
            ExprKind::Yield(value) => {
                self.generator = true;
                self.rest.extend(value.map(Item::Load));
            }
            ExprKind::YieldFrom(value) => {
                self.generator = true;
                self.load(*value);
            }
            ExprKind::Binary(left, _, right) | ExprKind::Subscript(left, right) => {
                self.load(*right);
                self.load(*left);
            }
            ExprKind::Compare(first, rest) => {
                self.rest.extend(rest.iter().rev().map(|(_, e)| Item::Load(*e)));
                self.load(*first);
            }
            ExprKind::IfElse { test, then, orelse } => {
                self.rest.extend([*orelse, *then, *test].map(Item::Load));
            }
            ExprKind::Slice(lower, upper, step) => {
                self.rest.extend([*step, *upper, *lower].into_iter().flatten().map(Item::Load));
            }
            ExprKind::Walrus(target, value) => {
                if let ExprKind::Name(name) = &tree[*target].kind {
                    self.bind_walrus(name);
                }
                self.load(*value);
            }
            ExprKind::Call { func, args, keywords } => {
                self.rest.extend(keywords.iter().rev().map(|k| Item::Load(k.value)));
                self.rest.extend(args.iter().rev().map(|&a| Item::Load(a)));
                self.load(*func);
            }
            ExprKind::Lambda(params, body) => {
                self.defaults(params);
                let (opener, kind, params) = (Opener::Expr(id), Kind::Function, parameter_names(params));
                self.children.push(Child {
                    opener,
                    kind,
                    params,
                    body: vec![Item::Load(*body)],
                    generator: false,
                });
            }
            ExprKind::Comprehension { kind, element, value, clauses } => {
                self.comprehension(id, *kind, *element, *value, clauses);
            }
        }
    }

    fn comprehension(
        &mut self,
        id: ExprId,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &[Clause],
    ) {
        let mut body: Vec<Item> = value.into_iter().chain([element]).map(Item::Load).collect();
        for (n, clause) in clauses.iter().enumerate().rev() {
            body.extend(clause.conditions.iter().rev().map(|&c| Item::Load(c)));
            body.push(Item::Store(clause.target));
            // The outermost iterable is evaluated around the comprehension, not in it.
            if n == 0 { self.load(clause.iter) } else { body.push(Item::Load(clause.iter)) }
        }
        let generator = kind == ComprehensionKind::Generator;
        let (kind, params) = if generator {
            (Kind::Function, vec![Name::from(GENERATOR_ARGUMENT)])
        } else {
            (Kind::Comprehension, Vec::new())
        };
        self.children.push(Child { opener: Opener::Expr(id), kind, params, body, generator });
    }
}

/// The parameter of a generator expression: its outermost iterator. No name of a program begins with a dot.
pub const GENERATOR_ARGUMENT: &str = ".0";

/// The name an `import a.b` or `import a.b as c` binds.
pub fn imported(alias: &Alias) -> Name {
    alias.asname.clone().unwrap_or_else(|| Name::from(alias.name.split('.').next().unwrap_or_default()))
}

/// Parameters in the order of their registers: positional, keyword-only, `*args`, `**kwargs`.
pub fn parameter_names(params: &Params) -> Vec<Name> {
    use crate::syntax::ast::ParamKind::{KeywordOnly, Normal, PositionalOnly, Star, StarStar};
    let of = |kinds: &'static [_]| {
        params.list.iter().filter(move |p| kinds.contains(&p.kind)).map(|p| p.name.clone())
    };
    of(&[PositionalOnly, Normal])
        .chain(of(&[KeywordOnly]))
        .chain(of(&[Star]))
        .chain(of(&[StarStar]))
        .collect()
}
