//! Types joined with `|`: for annotations, and as the second argument of `isinstance`.

use super::full_name;
use crate::protocol::repr::qualified;
use crate::value::{Native, Object, Type, Value};
use std::any::Any;

/// `int | str | None`
pub struct Union {
    members: Vec<Value>,
}

/// The union of two operands of `|`, where they are types or stand for some.
pub fn join(a: &Value, b: &Value) -> Option<Value> {
    let is_class =
        |v: &Value| matches!(v, Value::Type(_) | Value::Class(_)) || v.downcast::<Union>().is_some();
    if !is_class(a) && !is_class(b) {
        return None;
    }
    let mut members: Vec<Value> = Vec::new();
    for part in [a, b] {
        let parts = match part {
            Value::Type(_) | Value::Class(_) | Value::None | Value::Str(_) => vec![part.clone()],
            Value::Object(_) => match part.downcast::<Union>() {
                Some(union) => union.members.clone(),
                None => vec![part.clone()],
            },
            _ => return None,
        };
        for member in parts {
            if !members.iter().any(|known| known.is(&member)) {
                members.push(member);
            }
        }
    }
    Some(Value::Object(Native::new(Union { members })))
}

/// Whether a value is of a class, or of what stands for classes; none where it stands for none.
pub fn is_instance(value: &Value, class: &Value) -> Option<bool> {
    Some(match class {
        // A named tuple is a tuple.
        Value::Type(Type::Tuple) if matches!(value, Value::Tuple(_)) => true,
        Value::Type(kind) => match value {
            Value::Instance(instance) => instance.class().derives_from(*kind),
            _ => super::derives(value.type_of(), *kind),
        },
        Value::Class(class) => match value {
            Value::Instance(instance) => instance.class().derives(class),
            _ => false,
        },
        Value::None => matches!(value, Value::None),
        Value::Object(object) => return object.is_instance(value),
        _ => return None,
    })
}

impl Object for Union {
    fn type_of(&self) -> Type {
        static UNION: crate::value::NativeType =
            crate::value::NativeType { module: "types", name: "UnionType" };
        Type::Native(&UNION)
    }

    fn repr(&self) -> String {
        let name = |member: &Value| match member {
            Value::Type(kind) => qualified(*kind),
            Value::Class(class) => full_name(class),
            Value::None => "None".to_owned(),
            Value::Object(object) => object.repr(),
            other => other.type_name().to_owned(),
        };
        self.members.iter().map(name).collect::<Vec<_>>().join(" | ")
    }

    fn attribute(&self, _: &Native, name: &str) -> Option<Value> {
        (name == "__args__").then(|| Value::tuple(self.members.clone()))
    }

    fn is_instance(&self, value: &Value) -> Option<bool> {
        self.members
            .iter()
            .map(|member| is_instance(value, member))
            .try_fold(false, |any, one| Some(any || one?))
    }

    fn parts(&self) -> Vec<(String, Value)> {
        self.members.iter().enumerate().map(|(n, v)| (format!(".__args__[{n}]"), v.clone())).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
