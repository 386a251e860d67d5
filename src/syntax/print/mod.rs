//! Prints a tree back as source, so that reading it again gives the same tree. A list of parts still to print stands
//! in for recursion; parentheses are put where the level of an operator asks for them.

pub mod expressions;
pub mod statements;
pub mod strings;

use super::ast::{ExprId, StmtId, Tree};
use std::borrow::Cow;

/// The source of a tree: one statement a line, blocks indented by four blanks.
pub fn print(tree: &Tree) -> String {
    let mut printer = Printer { tree, next: Vec::new(), outer: &[] };
    for &id in &tree.body {
        printer.next.push(Part::Stmt(id, 0));
    }
    // Outside of an f-string every string has a form.
    printer.run().unwrap_or_default()
}

/// A piece of output that is still to be made.
enum Part {
    Text(Cow<'static, str>),
    /// An expression, in parentheses if it binds less tightly than the level.
    Expr(ExprId, u8),
    /// A statement at an indentation.
    Stmt(StmtId, usize),
}

/// A tree, and the parts that the step under way adds in their order.
struct Printer<'t> {
    tree: &'t Tree,
    next: Vec<Part>,
    /// The quotes of the f-strings around, which must not stand in their fields.
    outer: &'t [&'static str],
}

impl Printer<'_> {
    /// Prints what has been planned; none if an f-string's field cannot be written with the quotes that are left.
    fn run(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut todo: Vec<Part> = self.next.drain(..).rev().collect();
        while let Some(part) = todo.pop() {
            match part {
                Part::Text(text) => out.push_str(&text),
                Part::Expr(id, level) => self.expr(id, level)?,
                Part::Stmt(id, indent) => self.stmt(id, indent),
            }
            todo.extend(self.next.drain(..).rev());
        }
        Some(out)
    }

    fn text(&mut self, text: impl Into<Cow<'static, str>>) -> &mut Self {
        self.next.push(Part::Text(text.into()));
        self
    }

    fn at(&mut self, id: ExprId, level: u8) -> &mut Self {
        self.next.push(Part::Expr(id, level));
        self
    }

    /// Items with commas between them.
    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) -> &mut Self {
        for (index, each) in items.iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            item(self, each);
        }
        self
    }
}
