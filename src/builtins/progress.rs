//! The natives of the module `tqdm`: the line of the terminal that its bars are shown in.

use crate::error::{Error, Result};
use crate::host::Progress;
use crate::protocol::arguments as a;
use crate::value::entry::{Category::Python, Forward, LIBRARY, PYTHON};
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
    line("_columns", "() -> int", "How wide the terminal is.", |ctx, _| {
        Ok(Value::from(ctx.host().columns()))
    }),
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

crate::entries![
    Entry {
        summary: "The items of an iterable, with a bar on the terminal that shows how far a loop has come.",
        signature: "(iterable: any = None, desc: str | None = None, total: int | None = None) -> any",
        examples: &[("for i in tqdm(range(2)): print(i)", "0\n1")],
        forward: Forward::Raw(|ctx, args| of_library(ctx, "tqdm", args)),
        ..BARE_NAME
    },
    Entry {
        name: "trange",
        summary: "The numbers of a range, with a bar on the terminal that shows how far a loop has come.",
        signature: "(*args: int) -> any",
        examples: &[("for i in trange(2): print(i)", "0\n1")],
        forward: Forward::Raw(|ctx, args| of_library(ctx, "trange", args)),
        ..BARE_NAME
    },
];

/// The names that are there without an import, as in a notebook.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const BARE_NAME: Entry = Entry { name: "tqdm", on: PYTHON, category: Python, ..Entry::EMPTY };

/// Calls what the text of the module defines.
fn of_library(ctx: &mut dyn Ctx, name: &str, args: Args<'_>) -> Result<Value> {
    match ctx.library("tqdm", name)? {
        Some(function) => ctx.call(&function, args),
        None => Err(Error::runtime(format!("the library has no {name}"))),
    }
}

fn native(name: &str) -> Option<Value> {
    NATIVES.iter().find(|entry| entry.name == name).map(Value::Entry)
}

fn text<'a>(args: Args<'a>) -> Result<&'a str> {
    match a::one(args, "progress")? {
        Value::Str(text) => Ok(text),
        other => Err(Error::type_error(format!("a str is needed, not {}", other.type_name()))),
    }
}
