//! The tree becomes code: names become registers and slots, operators and calls become flat instructions.
//!
//! One [`builder::Builder`] makes one [`Code`]; expressions, statements, targets and comprehensions each have a file
//! that extends it. Left-deep expressions (`1 + 1 + ..`, `x[0][0]..`) are walked along their spine without recursion;
//! all other depth is bounded by the parser.

pub mod scope;
pub mod builder;
mod expression;
mod call;
mod condition;
mod comprehension;
mod target;
mod statement;
mod guard;
mod function;
mod class;

use crate::error::Result;
use crate::span::SourceRef;
use crate::syntax::ast::{Name, StmtId, Tree};
use crate::value::code::Code;
use crate::value::{Entry, Globals};
use builder::Builder;
use scope::{Opener, Scopes};
use std::rc::Rc;

/// What lowering asks its surroundings.
pub struct Scene<'a> {
    /// Gives slots to global names.
    pub globals: &'a mut Globals,
    /// The tensor method of a name, so that a call site need not look for it.
    pub tensor_method: fn(&str) -> Option<&'static Entry>,
    /// Whether expression statements show their value.
    pub echo: bool,
    /// The module whose text it is; its global names begin with the module's, but for those of the program itself.
    pub module: Option<Name>,
}

/// Lowers a whole tree to the code of a module.
pub fn lower(tree: &Rc<Tree>, source: &SourceRef, scene: &mut Scene<'_>) -> Result<Rc<Code>> {
    let scopes = Scopes::of(tree);
    let mut builder = Builder::new(tree, source, &scopes, scene, Name::from("<module>"), Opener::Module)?;
    let body: &[StmtId] = &tree.body;
    builder.statements(body)?;
    builder.finish_module()
}

/// Lowers the one expression a tree holds to code that returns its value.
pub fn lower_expression(tree: &Rc<Tree>, source: &SourceRef, scene: &mut Scene<'_>) -> Result<Rc<Code>> {
    let scopes = Scopes::of(tree);
    let mut builder = Builder::new(tree, source, &scopes, scene, Name::from("<module>"), Opener::Module)?;
    builder.returned(&tree.body)?;
    Ok(builder.finish())
}
