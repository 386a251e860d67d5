//! Modules written in Python that stand in the binary: compiled and run when a program first asks for one of their names.

use super::Vm;
use crate::error::Result;
use crate::library;
use crate::lower::Scene;
use crate::span::Source;
use crate::syntax::ast::Name;
use crate::syntax::parse_program;
use crate::value::globals::inside;
use crate::value::{Module, Value};
use std::rc::Rc;

impl Vm<'_> {
    /// What a module's text defines under a name; none where it has no text or does not define it.
    pub(super) fn library_name(&mut self, module: &str, name: &str) -> Result<Option<Value>> {
        let Some(text) = library::source(module) else { return Ok(None) };
        self.load_library(module, text)?;
        let slot = self.machine.globals.find(&inside(module, name));
        Ok(slot
            .map(|slot| self.machine.globals.both(slot).0.clone())
            .filter(|v| !matches!(v, Value::Unbound)))
    }

    /// Runs a module's text, once. It counts as loaded while it runs, so that modules can ask for each other.
    fn load_library(&mut self, module: &str, text: &str) -> Result<()> {
        if !self.machine.loaded.insert(module.to_owned()) {
            return Ok(());
        }
        let loaded = self.run_library(module, text);
        if loaded.is_err() {
            self.machine.loaded.remove(module);
        }
        loaded
    }

    fn run_library(&mut self, module: &str, text: &str) -> Result<()> {
        let tree = Rc::new(parse_program(text)?);
        let source = Source::new(format!("<{module}>"), text);
        let mut scene = Scene {
            globals: &mut self.machine.globals,
            tensor_method: crate::ops::table::method,
            echo: false,
            module: Some(Name::from(module)),
        };
        let code = crate::lower::lower(&tree, &source, &mut scene)?;
        let at = self.at;
        let result = self.run_module(code);
        self.at = at;
        result.map(|_| ())
    }

    /// A name out of a module: an attribute, what its text defines, or none.
    pub(super) fn module_name(&mut self, module: &'static Module, name: &str) -> Result<Option<Value>> {
        match (module.get)(name) {
            Some(value) => Ok(Some(value)),
            None => self.library_name(module.name, name),
        }
    }
}
