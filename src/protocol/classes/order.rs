//! The order in which the bases of a class are searched: Python's C3 linearization.

use crate::error::{Error, Result};
use crate::value::{Type, Value};

/// A built-in type and the types it derives from.
pub fn ancestors(kind: Type) -> Vec<Type> {
    let mut all = vec![kind];
    match kind {
        Type::Bool => all.push(Type::Int),
        Type::Size => all.push(Type::Tuple),
        Type::Exception(class) => {
            all.extend(std::iter::successors(class.parent(), |class| class.parent()).map(Type::Exception));
        }
        _ => {}
    }
    if kind != Type::Object {
        all.push(Type::Object);
    }
    all
}

/// A class and the classes it derives from, in the order they are searched.
fn linear(class: &Value) -> Vec<Value> {
    match class {
        Value::Class(known) => std::iter::once(class.clone()).chain(known.mro.iter().cloned()).collect(),
        Value::Type(kind) => ancestors(*kind).into_iter().map(Value::Type).collect(),
        _ => Vec::new(),
    }
}

/// The name of a class.
pub fn name(class: &Value) -> &'static str {
    match class {
        Value::Class(class) => class.name(),
        Value::Type(kind) => kind.name(),
        other => other.type_name(),
    }
}

/// What is searched after a class with these bases: each base before its own bases, and the bases in their order.
pub fn merge(bases: &[Value]) -> Result<Vec<Value>> {
    for (n, base) in bases.iter().enumerate() {
        if bases[..n].iter().any(|other| other.is(base)) {
            return Err(Error::type_error(format!("duplicate base class {}", name(base))));
        }
    }
    let mut lists: Vec<Vec<Value>> = bases.iter().map(linear).collect();
    lists.push(bases.to_vec());
    // Taken from the end.
    lists.iter_mut().for_each(|list| list.reverse());
    let mut order = Vec::new();
    loop {
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Ok(order);
        }
        let heads = lists.iter().filter_map(|list| list.last());
        let next = heads
            .into_iter()
            .find(|head| !lists.iter().any(|list| list[..list.len() - 1].iter().any(|other| other.is(head))));
        let Some(next) = next.cloned() else {
            let names: Vec<&str> = bases.iter().map(name).collect();
            return Err(Error::type_error(format!(
                "Cannot create a consistent method resolution\norder (MRO) for bases {}",
                names.join(", ")
            )));
        };
        for list in &mut lists {
            if list.last().is_some_and(|head| head.is(&next)) {
                list.pop();
            }
        }
        order.push(next);
    }
}
