//! `print`, `repr`, `format`, `input`.

use super::function;
use super::system::write_to;
use crate::budget;
use crate::error::{Class, Error, Result};
use crate::protocol;
use crate::protocol::{arguments as a, quote};
use crate::value::entry::{Category::Python, PYTHON};
use crate::value::{Args, Ctx, Value};

crate::entries![
    function(
        PYTHON,
        Python,
        "print",
        "(*values: any, *, sep: str = ' ', end: str = '\\n', file: any = None, flush: bool = False) -> None",
        "Writes values, as `str` gives them.",
        print
    ),
    function(PYTHON, Python, "repr", "(object: any) -> str", "A value as it is written.", repr),
    function(PYTHON, Python, "ascii", "(object: any) -> str", "Like `repr`, in ASCII alone.", ascii),
    function(
        PYTHON,
        Python,
        "format",
        "(value: any, format_spec: str = '') -> str",
        "A value by a format specification: `format(3.14159, '.2f')`.",
        format
    ),
    function(PYTHON, Python, "input", "(prompt: any = '') -> str", "Reads a line.", input),
    function(
        PYTHON,
        Python,
        "open",
        "(file: str, mode: str = 'r') -> any",
        "Not there: Tenscope opens no files.",
        open
    ),
];

fn print(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let [sep, end, file, _] = a::keywords(args, "print", ["sep", "end", "file", "flush"])?;
    let sep = separator(&sep, "sep", " ")?;
    let end = separator(&end, "end", "\n")?;
    // What is long is written as it is made.
    const CHUNK: usize = 1 << 16;
    let mut out = String::new();
    for (at, value) in args.positional.iter().enumerate() {
        if at > 0 {
            out.push_str(&sep);
        }
        match value {
            Value::Str(text) => {
                budget::check(text.len())?;
                out.push_str(text);
            }
            _ => out.push_str(&protocol::text(ctx, value)?),
        }
        if out.len() > CHUNK {
            write_to(ctx, &file, &out)?;
            out.clear();
        }
    }
    out.push_str(&end);
    write_to(ctx, &file, &out)?;
    Ok(Value::None)
}

fn separator(value: &Value, name: &str, default: &str) -> Result<String> {
    match value {
        Value::Unbound | Value::None => Ok(default.to_owned()),
        Value::Str(text) => Ok((**text).to_owned()),
        other => {
            Err(Error::type_error(format!("{name} must be None or a string, not {}", other.type_name())))
        }
    }
}

fn repr(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    protocol::repr(ctx, a::one(args, "repr")?).map(Value::str)
}

fn ascii(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let text = protocol::repr(ctx, a::one(args, "ascii")?)?;
    Ok(Value::str(quote::ascii(&text)))
}

fn format(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "format", 1, 2)?;
    let spec = match values.get(1) {
        None => "",
        Some(Value::Str(spec)) => spec,
        Some(other) => {
            let message = format!("format() argument 2 must be str, not {}", other.type_name());
            return Err(Error::type_error(message));
        }
    };
    protocol::format(ctx, &values[0], spec).map(Value::str)
}

fn input(ctx: &mut dyn Ctx, args: Args<'_>) -> Result<Value> {
    let values = a::between(args, "input", 0, 1)?;
    let prompt = match values.first() {
        Some(value) => protocol::text(ctx, value)?,
        None => String::new(),
    };
    match ctx.host().read_line(&prompt) {
        Some(line) => Ok(Value::str(line.trim_end_matches(['\r', '\n']))),
        None => Err(Error::new(Class::EOFError, "EOF when reading a line")),
    }
}

fn open(_: &mut dyn Ctx, _: Args<'_>) -> Result<Value> {
    Err(Error::new(Class::NotImplementedError, "open() is not there: Tenscope does not read or write files"))
}
