//! A value in a few characters, without running code of the program and without looking at more than is shown.

use super::report::shorten;
use crate::number::float_repr;
use crate::protocol::integers;
use crate::protocol::quote::quoted;
use crate::value::{TupleKind, Value};

/// How deep containers are looked into.
const DEPTH: usize = 3;

/// The value, in about `room` characters: `[int64[3], 2, 'a', ..]`.
pub fn brief(value: &Value, room: usize) -> String {
    let mut text = String::new();
    push(&mut text, value, room, DEPTH);
    shorten(&text, room)
}

fn push(text: &mut String, value: &Value, room: usize, depth: usize) {
    match value {
        Value::None => text.push_str("None"),
        Value::Bool(b) => text.push_str(if *b { "True" } else { "False" }),
        Value::Int(n) => text.push_str(&n.to_string()),
        Value::Big(big) => match integers::text(big.int()) {
            Ok(digits) => text.push_str(&digits),
            Err(_) => text.push_str(&format!("<int of {} bits>", big.int().bits())),
        },
        Value::Float(x) => text.push_str(&float_repr(*x)),
        Value::Str(s) => {
            let start: String = s.chars().take(room + 1).collect();
            text.push_str(&quoted(&start));
        }
        Value::Ellipsis => text.push_str("Ellipsis"),
        Value::DType(dtype) => text.push_str(&format!("torch.{}", dtype.name())),
        Value::Function(function) => text.push_str(&format!("<function {}>", function.code.name)),
        Value::Module(module) => text.push_str(&format!("<module '{}'>", module.name)),
        Value::Class(class) => text.push_str(&format!("<class '{}'>", class.name())),
        Value::Instance(instance) => text.push_str(&format!("<{} object>", instance.class().name())),
        Value::Object(object) => {
            let repr = object.repr();
            let one_line = !repr.contains('\n');
            text.push_str(if one_line { &repr } else { value.type_name() });
        }
        Value::Tuple(tuple) if matches!(tuple.kind, TupleKind::Size) => {
            items(text, "torch.Size([", "])", room, depth, &mut tuple.items.iter());
        }
        Value::Tuple(tuple) => {
            let close = if tuple.items.len() == 1 { ",)" } else { ")" };
            items(text, "(", close, room, depth, &mut tuple.items.iter());
        }
        Value::List(list) => items(text, "[", "]", room, depth, &mut list.items().iter()),
        Value::Set(set) => items(text, "{", "}", room, depth, &mut set.items().iter().map(|key| key.value())),
        Value::Dict(dict) => {
            text.push('{');
            for (n, (key, value)) in dict.entries().iter().enumerate() {
                text.push_str(if n > 0 { ", " } else { "" });
                if depth == 0 || text.chars().count() > room {
                    text.push('…');
                    break;
                }
                push(text, key.value(), room, depth - 1);
                text.push_str(": ");
                push(text, value, room, depth - 1);
            }
            text.push('}');
        }
        other => text.push_str(&other.describe()),
    }
}

fn items(
    text: &mut String,
    open: &str,
    close: &str,
    room: usize,
    depth: usize,
    items: &mut dyn Iterator<Item = &Value>,
) {
    text.push_str(open);
    for (n, item) in items.enumerate() {
        text.push_str(if n > 0 { ", " } else { "" });
        if depth == 0 || text.chars().count() > room {
            text.push('…');
            break;
        }
        push(text, item, room, depth - 1);
    }
    text.push_str(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_is_looked_at() {
        let list = Value::list((0..1000i64).map(Value::from).collect()).unwrap();
        assert_eq!(brief(&list, 20), "[0, 1, 2, 3, 4, 5, …");
        let nest = (0..10).fold(Value::None, |inner, _| Value::tuple(vec![inner]));
        assert_eq!(brief(&nest, 20), "((((…,),),),)");
        assert_eq!(brief(&Value::str("a'b"), 20), "\"a'b\"");
    }
}
