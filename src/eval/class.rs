//! Classes: making them of their bodies, and calling them.

use super::Vm;
use crate::error::{Class, Error, Result};
use crate::protocol::classes::{construct, make};
use crate::syntax::ast::Name;
use crate::value::code::Function;
use crate::value::{Args, Dict, Instance, Key, Type, UserClass, Value};
use std::rc::Rc;

impl Vm<'_> {
    /// Makes a class of what is in the registers from `start` on: the function that is its body, bases, keywords.
    pub(super) fn make_class(&mut self, start: usize) -> Result<Value> {
        let [body, bases, keywords] = [0, 1, 2].map(|n| std::mem::take(&mut self.stack[start + n]));
        let (Value::Function(function), Value::Tuple(bases), Value::Dict(keywords)) =
            (&body, &bases, &keywords)
        else {
            return Err(Error::runtime("internal error: a class without a body"));
        };
        let keywords: Vec<(Name, Value)> =
            keywords.entries().iter().filter_map(super::call::keyword).collect();
        let names = Rc::new(Dict::new());
        let code = function.code.clone();
        names.insert(Key::text("__module__"), Value::str(&*code.module))?;
        names.insert(Key::text("__qualname__"), Value::str(&*code.qualname))?;
        if let Some(doc) = &code.doc {
            names.insert(Key::text("__doc__"), Value::str(&**doc))?;
        }
        let cell = self.call_value(&body, Args::positional(&[Value::Dict(names.clone())]))?;
        let class = make::make(self, &code.name, &bases.items, &names, &keywords)?;
        let class = Value::Class(class);
        if let Value::Cell(cell) = cell {
            let old = cell.replace(class.clone());
            drop(old);
        }
        Ok(class)
    }

    /// A name of the class body that runs.
    pub(super) fn load_name(&self, base: usize, name: &str) -> Option<Value> {
        match &self.stack[base] {
            Value::Dict(names) => names.get_text(name),
            _ => None,
        }
    }

    /// Unbinds a name of the class body that runs.
    pub(super) fn delete_name(&mut self, base: usize, name: &str) -> Result<()> {
        let old = match &self.stack[base] {
            Value::Dict(names) => names.remove(&Key::text(name)),
            _ => None,
        };
        match old {
            Some(_) => Ok(()),
            None => Err(Error::new(Class::NameError, format!("name '{name}' is not defined"))),
        }
    }

    /// The function that fills a new instance of a class, and the instance, where that is all that calling it does.
    pub(super) fn plain_construction(
        &mut self,
        class: &Rc<UserClass>,
    ) -> Result<Option<(Rc<Function>, Rc<Instance>)>> {
        if class.native != Type::Object || class.lookup("__new__").is_some() {
            return Ok(None);
        }
        let Some(Value::Function(init)) = class.lookup("__init__") else { return Ok(None) };
        if init.code.generator {
            return Ok(None);
        }
        construct::refuse_abstract(class)?;
        crate::budget::check(size_of::<Instance>())?;
        Ok(Some((init, Rc::new(Instance::new(class.clone(), None)))))
    }
}
