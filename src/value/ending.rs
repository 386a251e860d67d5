//! The end of a session: what refers to itself in a circle is let go as well.
//!
//! Values are counted, so circles of them (a class and its methods that call `super()`, a function that a closure of it
//! names) outlive their last name. When nothing of the program will run any more, all that its variables reach is emptied,
//! which opens the circles.

use crate::value::Value;
use crate::value::list::holds_values;
use std::collections::HashSet;

/// Empties everything that can be reached from some values that nobody else uses any more.
pub fn let_go(values: Vec<Value>) {
    let mut rest: Vec<Value> = values.into_iter().filter(holds_values).collect();
    // No value is made meanwhile, so an address means one value even when that is gone. Cells have none; they are empty
    // the second time.
    let mut seen = HashSet::new();
    while let Some(value) = rest.pop() {
        let address = value.address();
        if address == 0 || seen.insert(address) {
            rest.extend(taken_out_of(&value).into_iter().filter(holds_values));
        }
    }
}

/// What a value held, and, of what cannot be emptied, what it holds.
fn taken_out_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Cell(cell) => vec![cell.take()],
        Value::List(list) => std::mem::take(&mut *list.items_mut()),
        Value::Tuple(tuple) => tuple.items.to_vec(),
        Value::Dict(dict) => {
            let entries = std::mem::take(&mut *dict.entries_mut());
            entries.into_iter().flat_map(|(key, value)| [key.into_value(), value]).collect()
        }
        Value::Set(set) => {
            let items = std::mem::take(&mut *set.items_mut());
            items.into_iter().map(crate::value::Key::into_value).collect()
        }
        Value::Instance(instance) => {
            let mut held = instance.take_attributes();
            held.push(Value::Class(instance.class()));
            held.extend(instance.payload.clone());
            held
        }
        Value::Class(class) => class.take_attributes(),
        Value::Function(function) => {
            let mut held: Vec<Value> = function.cells.iter().cloned().map(Value::Cell).collect();
            held.extend(function.defaults.iter().cloned());
            held.extend(function.attributes.take().map(|dict| Value::Dict((*dict).into())));
            held
        }
        Value::Bound(bound) => vec![bound.receiver.clone(), bound.function.clone()],
        Value::Object(object) => object.parts().into_iter().map(|(_, part)| part).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn circles_are_opened() {
        let list = Value::list(Vec::new()).expect("small");
        let Value::List(inner) = &list else { unreachable!("a list was made") };
        inner.push(Value::tuple(vec![list.clone(), Value::Int(1)])).expect("small");
        let weak = Rc::downgrade(inner);
        let_go(vec![list]);
        assert!(weak.upgrade().is_none());
    }
}
