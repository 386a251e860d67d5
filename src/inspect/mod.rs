//! What happened, made visible: the commands of the prompt.
//!
//! [`COMMANDS`] is the one list of them; help, completion, did-you-mean and the README's table come from it. Each
//! command's file ends in a function that takes the text after its name and writes a report.

mod table;
pub mod line;
pub mod options;
pub mod report;
pub mod brief;
mod help;
mod tape;
mod stats;
mod vars;
mod timing;
mod settings;
pub mod holders;
pub mod facts;
pub mod memory;
pub mod buffer;
mod plain;
mod storages;
mod sharing;
mod json;
mod mem;
pub mod shadow;
mod kind;
mod explain;

use crate::error::{Class, Error, Result};
use crate::eval::Vm;
use crate::host::{Flow, Stream};
use crate::markup::Markup;
use crate::ops::nearest::nearest;
use crate::value::Ctx;
use line::Line;

pub use table::COMMANDS;

/// Runs a command line: the text after the colon.
pub fn command(vm: &mut Vm<'_>, text: &str) -> Result<()> {
    let (name, rest) = Line::new(vm, text).first();
    match COMMANDS.iter().find(|c| c.name == name.text() || c.aliases.contains(&name.text())) {
        Some(command) => (command.run)(vm, &rest),
        None => Err(unknown(&name)),
    }
}

fn unknown(name: &Line) -> Error {
    let text = name.text();
    let error = name.error(Class::SyntaxError, format!("unknown command ':{text}'"));
    match nearest(text, COMMANDS.iter().map(|c| c.name)) {
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

#[cfg(test)]
mod tests;
