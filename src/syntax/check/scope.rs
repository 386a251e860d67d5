//! The names of one scope as the checks need them: what CPython's symbol table finds wrong with `global` and `nonlocal`.

use crate::error::{Error, Result};
use crate::span::Span;
use crate::syntax::ast::{ComprehensionKind, Name};
use std::collections::{HashMap, HashSet};

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file or an input of the prompt.
    Module,
    /// The body of a class.
    Class,
    /// The body of a function.
    Function {
        /// Whether it is `async`.
        is_async: bool,
    },
    /// The body of a lambda.
    Lambda,
    /// A comprehension.
    Comprehension(ComprehensionKind),
}

/// What has happened to a name in its scope, in order.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    used: bool,
    bound: bool,
    imported: bool,
    parameter: bool,
    annotated: bool,
    global: bool,
    nonlocal: bool,
}

/// A scope while its statements are checked.
#[derive(Debug)]
pub struct Scope {
    /// What it is.
    pub kind: Kind,
    /// Whether `break` has a loop to end.
    pub in_loop: bool,
    /// Whether it has a `yield`.
    pub generates: bool,
    /// A `return` with a value.
    pub returned: Option<Span>,
    /// Whether `await` or `async for` makes a comprehension asynchronous; where it stands.
    pub awaits: Option<Span>,
    /// How many iterables of comprehensions are under way, in which nothing may be assigned.
    pub iterables: u32,
    /// Names that a comprehension's `for` binds.
    pub iterated: HashSet<Name>,
    names: HashMap<Name, Seen>,
    /// `nonlocal` names of this scope or one within that an outer function must bind.
    wanted: Vec<(Name, Span)>,
}

impl Scope {
    /// A scope without names.
    pub fn new(kind: Kind) -> Scope {
        Scope {
            kind,
            in_loop: false,
            generates: false,
            returned: None,
            awaits: None,
            iterables: 0,
            iterated: HashSet::new(),
            names: HashMap::new(),
            wanted: Vec::new(),
        }
    }

    /// Whether it is a function of any form.
    pub fn is_function(&self) -> bool {
        !matches!(self.kind, Kind::Module | Kind::Class)
    }

    fn seen(&mut self, name: &Name) -> &mut Seen {
        if !self.names.contains_key(name) {
            self.names.insert(name.clone(), Seen::default());
        }
        self.names.entry(name.clone()).or_default()
    }

    /// Notes a name that is read.
    pub fn used(&mut self, name: &Name) {
        self.seen(name).used = true;
    }

    /// Notes a name that is bound or deleted.
    pub fn bound(&mut self, name: &Name) {
        self.seen(name).bound = true;
    }

    /// Notes a name that `import` binds; CPython lets `global` follow it.
    pub fn imported(&mut self, name: &Name) {
        self.seen(name).imported = true;
    }

    /// Notes a parameter.
    pub fn parameter(&mut self, name: &Name, span: Span) -> Result<()> {
        let seen = self.seen(name);
        if seen.parameter {
            return Err(Error::syntax(span, format!("duplicate argument '{name}' in function definition")));
        }
        seen.parameter = true;
        Ok(())
    }

    /// Notes `name: annotation`.
    pub fn annotated(&mut self, name: &Name, simple: bool, valued: bool, span: Span) -> Result<()> {
        let module = self.kind == Kind::Module;
        let seen = self.seen(name);
        if simple && !module && (seen.global || seen.nonlocal) {
            let word = if seen.global { "global" } else { "nonlocal" };
            return Err(Error::syntax(span, format!("annotated name '{name}' can't be {word}")));
        }
        seen.annotated |= simple;
        seen.bound |= simple || valued;
        Ok(())
    }

    /// Notes `global name`.
    pub fn global(&mut self, name: &Name, span: Span) -> Result<()> {
        let seen = self.seen(name);
        declarable(*seen, name, "global", span)?;
        seen.global = true;
        both(*seen, name, span)
    }

    /// Notes `nonlocal name`.
    pub fn nonlocal(&mut self, name: &Name, span: Span) -> Result<()> {
        let module = self.kind == Kind::Module;
        let seen = self.seen(name);
        declarable(*seen, name, "nonlocal", span)?;
        if module {
            return Err(Error::syntax(span, "nonlocal declaration not allowed at module level"));
        }
        seen.nonlocal = true;
        both(*seen, name, span)?;
        self.wanted.push((name.clone(), span));
        Ok(())
    }

    /// Hands what `nonlocal` still wants to the scope around, `outer`; at the top nothing can bind it.
    pub fn leave(mut self, outer: Option<&mut Scope>) -> Result<()> {
        let function = self.is_function();
        let names = std::mem::take(&mut self.names);
        self.wanted.retain(|(name, _)| {
            let own = names.get(name).copied().unwrap_or_default();
            !(function && (own.bound || own.parameter || own.imported) && !own.global && !own.nonlocal)
        });
        let hidden = |name: &Name| function && names.get(name).is_some_and(|seen| seen.global);
        let missing = self.wanted.iter().find(|(name, _)| outer.is_none() || hidden(name));
        if let Some((name, span)) = missing {
            return Err(Error::syntax(*span, format!("no binding for nonlocal '{name}' found")));
        }
        if let Some(outer) = outer {
            outer.wanted.append(&mut self.wanted);
        }
        Ok(())
    }
}

fn declarable(seen: Seen, name: &Name, word: &str, span: Span) -> Result<()> {
    let message = if seen.parameter {
        format!("name '{name}' is parameter and {word}")
    } else if seen.used {
        format!("name '{name}' is used prior to {word} declaration")
    } else if seen.annotated {
        format!("annotated name '{name}' can't be {word}")
    } else if seen.bound {
        format!("name '{name}' is assigned to before {word} declaration")
    } else {
        return Ok(());
    };
    Err(Error::syntax(span, message))
}

fn both(seen: Seen, name: &Name, span: Span) -> Result<()> {
    if seen.global && seen.nonlocal {
        return Err(Error::syntax(span, format!("name '{name}' is nonlocal and global")));
    }
    Ok(())
}
