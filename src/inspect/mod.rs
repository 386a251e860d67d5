//! What happened, made visible: the commands of the prompt.
//!
//! [`COMMANDS`] is the one list of them; help, completion, did-you-mean and the README's table come from it. Each
//! command's file ends in a function that takes the text after its name and writes a report.

mod table;
mod help;
mod vars;
mod timing;

use crate::error::{Class, Error, Result};
use crate::eval::Vm;
use crate::host::{Flow, Stream};
use crate::markup::Markup;
use crate::ops::nearest::nearest;
use crate::value::Ctx;

pub use table::COMMANDS;

/// Runs a command line: the text after the colon.
pub fn command(vm: &mut Vm<'_>, line: &str) -> Result<()> {
    let line = line.trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match COMMANDS.iter().find(|c| c.name == name || c.aliases.contains(&name)) {
        Some(command) => (command.run)(vm, rest.trim()),
        None => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> Error {
    let error = Error::new(Class::SyntaxError, format!("unknown command ':{name}'"));
    match nearest(name, COMMANDS.iter().map(|c| c.name)) {
        Some(near) => error.note(format!("did you mean ':{near}'?")),
        None => error.note("':help' lists the commands"),
    }
}

/// Writes a report to standard output.
fn write(vm: &mut Vm<'_>, report: &Markup) -> Result<()> {
    match vm.host().write(Stream::Out, report) {
        Flow::GoOn => Ok(()),
        Flow::Closed => Err(crate::eval::closed()),
    }
}
