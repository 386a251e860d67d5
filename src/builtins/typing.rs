//! The module `typing`: names for annotations, which nothing evaluates.

use crate::value::{Module, Native, NativeType, Object, Type, Value};
use std::any::Any;

/// The module.
pub static MODULE: Module = Module { name: "typing", get, names: || NAMES.to_vec() };

const NAMES: [&str; 24] = [
    "Any",
    "Callable",
    "Dict",
    "Generator",
    "Generic",
    "Iterable",
    "Iterator",
    "List",
    "Literal",
    "Mapping",
    "NamedTuple",
    "NoReturn",
    "Optional",
    "Sequence",
    "Set",
    "Tuple",
    "Type",
    "TypeVar",
    "Union",
    "Final",
    "ClassVar",
    "Protocol",
    "TYPE_CHECKING",
    "cast",
];

static FORM: NativeType = NativeType { module: "typing", name: "_SpecialForm" };

fn get(name: &str) -> Option<Value> {
    match name {
        "TYPE_CHECKING" => Some(Value::Bool(false)),
        _ => NAMES.iter().find(|known| **known == name).map(|&name| Value::object(Form { name })),
    }
}

/// A name for annotations: subscripts of it are itself.
struct Form {
    name: &'static str,
}

impl Object for Form {
    fn type_of(&self) -> Type {
        Type::Native(&FORM)
    }

    fn repr(&self) -> String {
        format!("typing.{}", self.name)
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        (name == "__name__").then(|| Value::str(self.name))
    }

    fn is_callable(&self) -> bool {
        matches!(self.name, "TypeVar" | "cast")
    }

    fn call(
        &self,
        _: &mut dyn crate::value::Ctx,
        args: crate::value::Args<'_>,
    ) -> Option<crate::error::Result<Value>> {
        match self.name {
            "TypeVar" => Some(Ok(Value::object(Form { name: "TypeVar" }))),
            "cast" => args.positional.get(1).cloned().map(Ok),
            _ => None,
        }
    }

    fn as_base(&self) -> Option<Option<Value>> {
        matches!(self.name, "Generic" | "Protocol").then_some(None)
    }

    fn item(&self, _: &Value) -> Option<crate::error::Result<Value>> {
        Some(Ok(Value::object(Form { name: self.name })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
