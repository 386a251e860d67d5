//! Python's built-in functions, types and modules: the lowest scope, and what `import` finds.

pub mod output;
pub mod streams;
pub mod iteration;
pub mod extremes;
pub mod numeric;
pub mod objects;
pub mod types;
pub mod class_tools;
pub mod parse_number;
pub mod exception;
pub mod modules;
pub mod math;
pub mod clock;
pub mod system;
pub mod typing;
pub mod itertools;
pub mod functools;
pub mod copying;
pub mod random;
pub mod progress;

use crate::error::{Class, Result};
use crate::protocol::tensors;
use crate::value::entry::{Category, Forward, Gradient, PYTHON};
use crate::value::{Args, Ctx, Entry, Type, Value};
use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU32;

pub use modules::{find_module, import};
pub use types::call_type;

/// The files of the table that stand here.
static PARTS: LazyLock<Vec<&'static [Entry]>> = LazyLock::new(|| {
    let mut parts: Vec<&'static [Entry]> = vec![
        output::ENTRIES,
        iteration::ENTRIES,
        extremes::ENTRIES,
        numeric::ENTRIES,
        objects::ENTRIES,
        types::ENTRIES,
        class_tools::ENTRIES,
        math::basic::ENTRIES,
        math::whole::ENTRIES,
        math::special::ENTRIES,
        clock::ENTRIES,
        system::ENTRIES,
        itertools::ENTRIES,
        functools::ENTRIES,
        copying::ENTRIES,
        random::ENTRIES,
        progress::ENTRIES,
    ];
    parts.extend(crate::protocol::methods::tables());
    parts
});

/// All entries of the language itself, as against the ops on tensors.
pub fn table() -> impl Iterator<Item = &'static Entry> {
    PARTS.iter().flat_map(|part| part.iter())
}

/// What a name stands for that no program has bound: Python's built-ins, then the modules of tensors and the ops.
pub fn lookup(name: &str) -> Option<Value> {
    if let Some((module, name)) = name.rsplit_once("::") {
        // In a text of the library: the natives of its module, then Python's own.
        return find_module(module).and_then(|module| (module.get)(name)).or_else(|| python(name));
    }
    python(name).or_else(|| tensors::bare(name))
}

/// One of Python's own built-ins.
pub fn python(name: &str) -> Option<Value> {
    if let Some(kind) = type_named(name) {
        return Some(Value::Type(kind));
    }
    match name {
        "NotImplemented" => return Some(Value::NotImplemented),
        "Ellipsis" => return Some(Value::Ellipsis),
        "__name__" => return Some(Value::str("__main__")),
        "__debug__" => return Some(Value::Bool(true)),
        _ => {}
    }
    static FUNCTIONS: LazyLock<HashMap<&'static str, &'static Entry>> = LazyLock::new(|| {
        table().filter(|entry| entry.is_on(PYTHON)).map(|entry| (entry.name, entry)).collect()
    });
    FUNCTIONS.get(name).copied().map(Value::Entry)
}

/// The types a program can name without a module.
pub fn type_named(name: &str) -> Option<Type> {
    Some(match name {
        "int" => Type::Int,
        "float" => Type::Float,
        "str" => Type::Str,
        "bool" => Type::Bool,
        "list" => Type::List,
        "tuple" => Type::Tuple,
        "dict" => Type::Dict,
        "set" => Type::Set,
        "range" => Type::Range,
        "slice" => Type::Slice,
        "type" => Type::Type,
        "object" => Type::Object,
        "property" => Type::Property,
        "staticmethod" => Type::StaticMethod,
        "classmethod" => Type::ClassMethod,
        "super" => Type::Super,
        // Older names of one class.
        "IOError" | "EnvironmentError" => Type::Exception(Class::OSError),
        _ => {
            return Class::ALL
                .iter()
                .find(|class| class.name() == name && class.is_builtin())
                .map(|&class| Type::Exception(class));
        }
    })
}

/// All names that [`lookup`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    const PLAIN: [&str; 20] = [
        "int",
        "float",
        "str",
        "bool",
        "list",
        "tuple",
        "dict",
        "set",
        "range",
        "slice",
        "type",
        "object",
        "property",
        "staticmethod",
        "classmethod",
        "super",
        "NotImplemented",
        "Ellipsis",
        "__name__",
        "__debug__",
    ];
    PLAIN
        .into_iter()
        .chain(Class::ALL.iter().filter(|&&class| class.is_builtin()).map(|class| class.name()))
        .chain(table().filter(|e| e.is_on(PYTHON) && type_named(e.name).is_none()).map(|entry| entry.name))
        .chain(tensors::bare_names())
}

/// A function as an entry of the table.
pub const fn function(
    on: u32,
    category: Category,
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    Entry {
        name,
        aliases: &[],
        signature,
        on,
        category,
        summary,
        examples: &[],
        forward: Forward::Raw(run),
        quick: None,
        streams: false,
        out: crate::value::entry::Out::Castable,
        gradient: Gradient::NotDifferentiable,
        slot: AtomicU32::new(0),
    }
}
