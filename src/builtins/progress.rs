//! The natives of the module `tqdm`: the line of the terminal that its bars are shown in.

use crate::error::{Error, Result};
use crate::host::Progress;
use crate::protocol::arguments as a;
use crate::value::entry::{Category::Python, LIBRARY};
use crate::value::{Args, Ctx, Entry, Module, Value};

/// The names of the module, each of which has the same natives.
pub static MODULES: [&Module; 3] = [
    &Module { name: "tqdm", get: native, names },
    &Module { name: "tqdm.auto", get: native, names },
    &Module { name: "tqdm.notebook", get: native, names },
];

fn names() -> Vec<&'static str> {
    crate::library::names("tqdm")
}

const fn line(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    run: fn(&mut dyn Ctx, Args<'_>) -> Result<Value>,
) -> Entry {
    super::function(LIBRARY, Python, name, signature, summary, run)
}

static NATIVES: [Entry; 5] = [
    line("_shows", "() -> bool", "Whether there is a terminal to show a bar on.", |ctx, _| {
        Ok(Value::Bool(ctx.host().shows_progress()))
    }),
    line("_columns", "() -> int", "How wide the terminal is.", |ctx, _| Ok(Value::from(ctx.host().columns()))),
    line("_show", "(text: str) -> None", "Shows a bar.", |ctx, args| {
        ctx.host().progress(Progress::Show(text(args)?));
        Ok(Value::None)
    }),
    line("_leave", "(text: str) -> None", "Shows a bar for the last time.", |ctx, args| {
        ctx.host().progress(Progress::Leave(text(args)?));
        Ok(Value::None)
    }),
    line("_clear", "() -> None", "Takes the bar away.", |ctx, _| {
        ctx.host().progress(Progress::Clear);
        Ok(Value::None)
    }),
];

fn native(name: &str) -> Option<Value> {
    NATIVES.iter().find(|entry| entry.name == name).map(Value::Entry)
}

fn text<'a>(args: Args<'a>) -> Result<&'a str> {
    match a::one(args, "progress")? {
        Value::Str(text) => Ok(text),
        other => Err(Error::type_error(format!("a str is needed, not {}", other.type_name()))),
    }
}
