//! The module `sys`.

use super::{function, objects};
use crate::error::{Error, Result};
use crate::host::Stream;
use crate::protocol::arguments as a;
use crate::value::entry::{Category::Python, SYS};
use crate::value::list::Fields;
use crate::value::{Args, Ctx, Module, Native, NativeType, Object, Tuple, TupleKind, Type, Value};
use std::any::Any;
use std::rc::Rc;

crate::entries![
    function(SYS, Python, "exit", "(status: any = None) -> None", "Leaves.", objects::exit),
    function(SYS, Python, "getrecursionlimit", "() -> int", "How deep calls may be nested.", recursion_limit),
    function(
        SYS,
        Python,
        "setrecursionlimit",
        "(limit: int) -> None",
        "Does nothing: the limit is fixed.",
        set_recursion_limit
    ),
    function(SYS, Python, "_write", "(text: str) -> int", "Writes text to standard output.", write),
    function(SYS, Python, "_flush", "() -> None", "Does nothing: what is written is there at once.", flush),
];

/// The module.
pub static MODULE: Module = Module { name: "sys", get, names: || NAMES.to_vec() };

const NAMES: [&str; 12] = [
    "exit",
    "getrecursionlimit",
    "setrecursionlimit",
    "argv",
    "maxsize",
    "version",
    "version_info",
    "platform",
    "byteorder",
    "float_info",
    "stdout",
    "stderr",
];

static FLOAT_INFO: Fields = Fields {
    of: NativeType { module: "sys", name: "float_info" },
    fields: &[
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ],
};

static VERSION_INFO: Fields = Fields {
    of: NativeType { module: "sys", name: "version_info" },
    fields: &["major", "minor", "micro", "releaselevel", "serial"],
};

fn named(items: Vec<Value>, fields: &'static Fields) -> Value {
    Value::Tuple(Rc::new(Tuple::of_kind(items, TupleKind::Named(fields))))
}

fn get(name: &str) -> Option<Value> {
    Some(match name {
        "maxsize" => Value::Int(i64::MAX),
        "version" => Value::str(concat!("3.11 (Tenscope ", env!("CARGO_PKG_VERSION"), ")")),
        "version_info" => named(
            vec![Value::Int(3), Value::Int(11), Value::Int(0), Value::str("final"), Value::Int(0)],
            &VERSION_INFO,
        ),
        "platform" => Value::str(std::env::consts::OS),
        "byteorder" => Value::str("little"),
        "float_info" => named(
            vec![
                Value::Float(f64::MAX),
                Value::Int(1024),
                Value::Int(308),
                Value::Float(f64::MIN_POSITIVE),
                Value::Int(-1021),
                Value::Int(-307),
                Value::Int(15),
                Value::Int(53),
                Value::Float(f64::EPSILON),
                Value::Int(2),
                Value::Int(1),
            ],
            &FLOAT_INFO,
        ),
        // `argv` is the session's, and a module has no session: the protocol looks it up there.
        "stdout" => Value::object(Output(Stream::Out)),
        "stderr" => Value::object(Output(Stream::Err)),
        _ => Value::Entry(ENTRIES.iter().find(|entry| entry.name == name && !name.starts_with('_'))?),
    })
}

fn recursion_limit(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "getrecursionlimit", 0, 0)?;
    Ok(Value::Int(1000))
}

fn set_recursion_limit(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::one(args, "setrecursionlimit")?;
    Ok(Value::None)
}

fn write(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "write", 2, 2)?;
    match &values[1] {
        Value::Str(text) => {
            write_to(ctx, &values[0], text)?;
            Ok(Value::from(text.char_count()))
        }
        other => {
            let message = format!("write() argument must be str, not {}", other.type_name());
            Err(Error::type_error(message))
        }
    }
}

/// Writes text to `sys.stdout`, `sys.stderr`, or where `print` writes if `file` is neither.
pub fn write_to(ctx: &mut dyn Ctx, file: &Value, text: &str) -> Result<()> {
    match file.downcast::<Output>() {
        Some(Output(Stream::Err)) => {
            ctx.host().write(Stream::Err, &text.to_owned().into());
            Ok(())
        }
        _ => ctx.print(text),
    }
}

/// A stream of the session.
struct Output(Stream);

static OUTPUT: NativeType = NativeType { module: "io", name: "TextIOWrapper" };

impl Object for Output {
    fn type_of(&self) -> Type {
        Type::Native(&OUTPUT)
    }

    fn repr(&self) -> String {
        let name = if self.0 == Stream::Err { "stderr" } else { "stdout" };
        format!("<io.TextIOWrapper name='<{name}>'>")
    }

    fn attribute(&self, this: &Native, name: &str) -> Option<Value> {
        let entry = match name {
            "write" => "_write",
            "flush" => "_flush",
            _ => return None,
        };
        let entry = ENTRIES.iter().find(|known| known.name == entry)?;
        Some(Value::bound(Value::Object(this.clone()), entry))
    }

    fn attribute_names(&self) -> Vec<&'static str> {
        vec!["write", "flush"]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn flush(_: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    a::between(args, "flush", 1, 1)?;
    Ok(Value::None)
}
