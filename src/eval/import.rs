//! Imports: of the modules that are built in; there are no others.

use super::Vm;
use crate::builtins;
use crate::error::Result;
use crate::protocol;
use crate::syntax::ast::Name;
use crate::value::Value;

impl Vm<'_> {
    /// The module of a dotted name: the last of the path, or the first (what `import a.b` binds).
    pub(super) fn import(&mut self, path: &str, last: bool) -> Result<Value> {
        let module = builtins::import(path)?;
        if last {
            return Ok(Value::Module(module));
        }
        let first = path.split('.').next().unwrap_or(path);
        Ok(Value::Module(builtins::import(first)?))
    }

    /// A name out of a module: an attribute, or a module inside it.
    pub(super) fn import_from(&mut self, module: &Value, name: &str) -> Result<Value> {
        let Value::Module(inside) = module else { return protocol::get_attr(self, module, name) };
        if let Ok(inner) = builtins::import(&format!("{}.{name}", inside.name)) {
            return Ok(Value::Module(inner));
        }
        // What belongs to the session, `sys.argv`, is an attribute and not one of the module's own names.
        if inside.name == "sys" && name == "argv" {
            return protocol::get_attr(self, module, name);
        }
        match self.module_name(inside, name)? {
            Some(value) => Ok(value),
            None => protocol::import_from(inside, name),
        }
    }

    /// Binds all names of a module.
    pub(super) fn import_star(&mut self, module: &Value) -> Result<()> {
        let Value::Module(inside) = module else { return Ok(()) };
        for name in (inside.names)().into_iter().filter(|name| !name.starts_with('_')) {
            if let Some(value) = self.module_name(inside, name)? {
                let slot = self.machine.globals.slot(&Name::from(name));
                drop(self.machine.globals.set(slot, value));
            }
        }
        Ok(())
    }
}
