//! What CPython refuses after parsing: statements and expressions in places where they mean nothing, and contradictions
//! between the names of a scope. A list of steps still to take stands in for recursion.

pub mod expressions;
pub mod scope;
pub mod statements;

use super::ast::{Alias, Block, ExprId, ExprKind, Name, Params, StmtId, StmtKind, Tree};
use crate::error::{Error, Result};
use crate::span::Span;
use scope::{Kind, Scope};

/// Refuses a tree that CPython would not compile.
pub fn check(tree: &Tree) -> Result<()> {
    if !interesting(tree) {
        return Ok(());
    }
    futures(tree)?;
    let mut checker =
        Checker { tree, scopes: vec![Scope::new(Kind::Module)], todo: Vec::new(), next: Vec::new() };
    checker.block(&tree.body);
    checker.flush();
    while let Some(step) = checker.todo.pop() {
        checker.step(step)?;
        checker.flush();
    }
    match checker.scopes.pop() {
        Some(module) => module.leave(None),
        None => Ok(()),
    }
}

/// Whether anything is there that could be in the wrong place; most scripts of plain lines have nothing.
fn interesting(tree: &Tree) -> bool {
    let plain_stmt = |kind: &StmtKind| {
        matches!(
            kind,
            StmtKind::Expr { .. }
                | StmtKind::Assign(..)
                | StmtKind::AugAssign(..)
                | StmtKind::Assert(..)
                | StmtKind::Pass
                | StmtKind::Import(_)
                | StmtKind::If(..)
                | StmtKind::Raise(..)
                | StmtKind::Command(_)
        )
    };
    let plain_expr = |kind: &ExprKind| match kind {
        ExprKind::Lambda(..)
        | ExprKind::Starred(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::Yield(_)
        | ExprKind::YieldFrom(_)
        | ExprKind::Await(_) => false,
        ExprKind::Name(name) | ExprKind::Attribute(_, name, _) => !debug(name),
        ExprKind::Call { keywords, .. } => {
            !keywords.iter().any(|keyword| keyword.name.as_ref().is_some_and(debug))
        }
        _ => true,
    };
    !(tree.stmts.iter().all(|stmt| plain_stmt(&stmt.kind))
        && tree.exprs.iter().all(|expr| plain_expr(&expr.kind)))
}

fn debug(name: &Name) -> bool {
    &**name == "__debug__"
}

const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

/// `from __future__` stands at the beginning, after the docstring at most, and names what exists.
fn futures(tree: &Tree) -> Result<()> {
    let of_future = |id: StmtId| match &tree[id].kind {
        StmtKind::ImportFrom { module: Some(module), names, level: 0 } if &**module == "__future__" => {
            Some(names)
        }
        _ => None,
    };
    let string = |id: StmtId| match tree[id].kind {
        StmtKind::Expr { value, .. } => matches!(tree[value].kind, ExprKind::Str(_)),
        _ => false,
    };
    let first = usize::from(tree.body.first().is_some_and(|&id| string(id)));
    let leading = tree.body.iter().skip(first).take_while(|&&id| of_future(id).is_some()).count();
    let allowed = tree.body.get(first..first + leading).unwrap_or(&[]);
    for names in allowed.iter().filter_map(|&id| of_future(id)) {
        for Alias { name, span, .. } in names {
            if &**name == "braces" {
                return Err(Error::syntax(*span, "not a chance"));
            }
            if !FEATURES.contains(&&**name) {
                return Err(Error::syntax(*span, format!("future feature {name} is not defined")));
            }
        }
    }
    let mut all = (0..tree.stmts.len()).filter_map(|index| u32::try_from(index).ok()).map(StmtId);
    match all.find(|id| of_future(*id).is_some() && !allowed.contains(id)) {
        None => Ok(()),
        Some(id) => {
            let message = "from __future__ imports must occur at the beginning of the file";
            Err(Error::syntax(tree[id].span, message))
        }
    }
}

/// Something still to look at.
enum Step<'t> {
    /// A value; a star has no place there.
    Value(ExprId),
    /// An item of a display or an argument, which may have a star.
    Item(ExprId),
    /// Something that is bound.
    Target(ExprId),
    /// Something that is deleted.
    Del(ExprId),
    /// A statement.
    Stmt(StmtId),
    /// A name that is bound here.
    Bind(&'t Name, Span),
    /// The scope is asynchronous; here is why.
    Awaits(Span),
    /// An iterable of a comprehension begins, or ends.
    Iterable(bool),
    /// `break` may, or may not, stand in what follows.
    Loop(bool),
    /// What follows is a scope of its own, with these parameters.
    Enter(Kind, Option<&'t Params>),
    /// The innermost scope ends here; it stood at this place.
    Leave(Span),
}

/// Where checking is.
struct Checker<'t> {
    tree: &'t Tree,
    scopes: Vec<Scope>,
    /// What is still to be looked at, the next step last.
    todo: Vec<Step<'t>>,
    /// Steps that the one under way adds, in their order.
    next: Vec<Step<'t>>,
}

impl<'t> Checker<'t> {
    fn flush(&mut self) {
        self.todo.extend(self.next.drain(..).rev());
    }

    fn value(&mut self, id: ExprId) {
        self.next.push(Step::Value(id));
    }

    fn values(&mut self, ids: impl IntoIterator<Item = ExprId>) {
        self.next.extend(ids.into_iter().map(Step::Value));
    }

    fn block(&mut self, block: &Block) {
        self.next.extend(block.iter().map(|&id| Step::Stmt(id)));
    }

    /// A block that `break` may stand in, if it is that of a loop.
    fn looped(&mut self, block: &Block) {
        let before = self.scope().in_loop;
        self.next.push(Step::Loop(true));
        self.block(block);
        self.next.push(Step::Loop(before));
    }

    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::new(Kind::Module));
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    fn step(&mut self, step: Step<'t>) -> Result<()> {
        match step {
            Step::Value(id) => self.expression(id, false),
            Step::Item(id) => self.expression(id, true),
            Step::Target(id) => self.target(id),
            Step::Del(id) => self.deleted(id),
            Step::Stmt(id) => self.statement(id),
            Step::Bind(name, span) => self.bind(name, span),
            Step::Awaits(span) => {
                self.scope().awaits.get_or_insert(span);
                Ok(())
            }
            Step::Iterable(begins) => {
                let count = self.scope().iterables;
                self.scope().iterables =
                    if begins { count.saturating_add(1) } else { count.saturating_sub(1) };
                Ok(())
            }
            Step::Loop(inside) => {
                self.scope().in_loop = inside;
                Ok(())
            }
            Step::Enter(kind, params) => self.enter(kind, params),
            Step::Leave(span) => self.leave(span),
        }
    }

    fn enter(&mut self, kind: Kind, params: Option<&Params>) -> Result<()> {
        let mut scope = Scope::new(kind);
        for param in params.map_or(&[][..], |params| &params.list) {
            if debug(&param.name) {
                return Err(Error::syntax(param.span, "cannot assign to __debug__"));
            }
            scope.parameter(&param.name, param.span)?;
        }
        self.scopes.push(scope);
        Ok(())
    }

    fn leave(&mut self, span: Span) -> Result<()> {
        let Some(scope) = self.scopes.pop() else { return Ok(()) };
        if let (Kind::Function { is_async: true }, true, Some(at)) =
            (scope.kind, scope.generates, scope.returned)
        {
            return Err(Error::syntax(at, "'return' with value in async generator"));
        }
        self.leave_comprehension(&scope, span)?;
        scope.leave(self.scopes.last_mut())
    }

    fn bind(&mut self, name: &Name, span: Span) -> Result<()> {
        if debug(name) {
            return Err(Error::syntax(span, "cannot assign to __debug__"));
        }
        self.scope().bound(name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse_program;

    fn check(text: &str, expected: &str) {
        let shown =
            parse_program(text).map_or_else(|error| error.message().to_owned(), |_| "fine".to_owned());
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn a_nonlocal_name_is_bound_by_the_nearest_function_that_may() {
        check("def f():\n  def g():\n    nonlocal a\n  a = 1", "fine");
        check("def f(a):\n  def g():\n    def h():\n      nonlocal a", "fine");
        check("def f(a):\n  class B:\n    nonlocal a", "fine");
        check("def f(a):\n  def g():\n    nonlocal a\n    def h():\n      nonlocal a", "fine");
        check("a = 1\ndef f():\n  nonlocal a", "no binding for nonlocal 'a' found");
    }

    #[test]
    fn uses_in_inner_scopes_are_no_uses() {
        check("def f():\n  lambda: a\n  global a", "fine");
        check("def f():\n  [a for a in b]\n  global a", "fine");
        check("def f():\n  [b for b in a]\n  global a", "name 'a' is used prior to global declaration");
        check(
            "def f():\n  [a := b for b in c]\n  global a",
            "name 'a' is assigned to before global declaration",
        );
    }

    #[test]
    fn a_million_nodes_need_no_stack() {
        let text = format!("*a, b = x\ny = '1'{}", " + f(1)".repeat(100_000));
        assert!(parse_program(&text).is_ok());
    }
}
