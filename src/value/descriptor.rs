//! What classes hold beside plain values: properties, static methods, class methods; and what `super()` gives.

use crate::error::Result;
use crate::value::class::UserClass;
use crate::value::list::bury;
use crate::value::{Args, Ctx, Native, Object, Type, Value};
use std::any::Any;
use std::rc::Rc;

/// `property(get, set, delete)`; what it does not have is `None`.
pub struct Property {
    /// Reads the attribute.
    pub get: Value,
    /// Sets it.
    pub set: Value,
    /// Deletes it.
    pub delete: Value,
    /// `__doc__`
    pub doc: Value,
}

/// `staticmethod(f)`: looked up anywhere, it is `f`.
pub struct StaticMethod(pub Value);

/// `classmethod(f)`: looked up, it is `f` with the class as its first argument.
pub struct ClassMethod(pub Value);

/// `super()`: looks attributes up after a class in the order of the receiver's class.
pub struct Super {
    /// Where the search begins: after this class.
    pub after: Rc<UserClass>,
    /// The instance, or the class in a class method.
    pub receiver: Value,
    /// The class whose order is searched.
    pub of: Rc<UserClass>,
}

impl Drop for Property {
    fn drop(&mut self) {
        let parts = [&mut self.get, &mut self.set, &mut self.delete, &mut self.doc];
        bury(parts.into_iter().map(std::mem::take).collect());
    }
}

impl Drop for StaticMethod {
    fn drop(&mut self) {
        bury(vec![std::mem::take(&mut self.0)]);
    }
}

impl Drop for ClassMethod {
    fn drop(&mut self) {
        bury(vec![std::mem::take(&mut self.0)]);
    }
}

impl Object for Property {
    fn type_of(&self) -> Type {
        Type::Property
    }

    fn repr(&self) -> String {
        format!("<property object at {:#x}>", std::ptr::from_ref(self) as usize)
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        Some(match name {
            "fget" => self.get.clone(),
            "fset" => self.set.clone(),
            "fdel" => self.delete.clone(),
            "__doc__" => self.doc.clone(),
            _ => return None,
        })
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".fget".to_owned(), self.get.clone()), (".fset".to_owned(), self.set.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl StaticMethod {
    /// Calls the function.
    fn run(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
        ctx.call(&self.0, args)
    }
}

impl Object for StaticMethod {
    fn call(&self, ctx: &mut dyn Ctx, args: Args<'_>) -> Option<Result<Value>> {
        Some(self.run(ctx, args))
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn type_of(&self) -> Type {
        Type::StaticMethod
    }

    fn repr(&self) -> String {
        format!("<staticmethod({:?})>", self.0)
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        matches!(name, "__func__" | "__wrapped__").then(|| self.0.clone())
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".__func__".to_owned(), self.0.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for ClassMethod {
    fn type_of(&self) -> Type {
        Type::ClassMethod
    }

    fn repr(&self) -> String {
        format!("<classmethod({:?})>", self.0)
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        matches!(name, "__func__" | "__wrapped__").then(|| self.0.clone())
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".__func__".to_owned(), self.0.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for Super {
    fn type_of(&self) -> Type {
        Type::Super
    }

    fn repr(&self) -> String {
        format!("<super: <class '{}'>, <{} object>>", self.after.name(), self.of.name())
    }

    fn parts(&self) -> Vec<(String, Value)> {
        vec![(".__self__".to_owned(), self.receiver.clone())]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
