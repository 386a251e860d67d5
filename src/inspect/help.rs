//! `:help`, from the tables of commands and of ops; `:quit`.

use super::line::Line;
use super::table::{COMMANDS, Command};
use super::write;
use crate::error::{Class, Error, Result};
use crate::eval::Vm;
use crate::markup::{Markup, Role};
use crate::ops::nearest::nearest;
use crate::value::entry::{ATTRIBUTE, BARE, FUNCTIONAL, IN_PLACE, METHOD, PYTHON, TORCH};
use crate::value::{Ctx, Entry};
use crate::{builtins, ops};
use std::collections::BTreeMap;

/// `:help [NAME]`
pub(super) fn run(vm: &mut Vm<'_>, line: &Line) -> Result<()> {
    let name = line.text();
    let report = match name {
        "" => overview(vm.host().columns()),
        _ => {
            let bare = name.trim_start_matches(':');
            let command = COMMANDS.iter().find(|c| c.name == bare || c.aliases.contains(&bare));
            let last = name.rsplit('.').next().unwrap_or(name);
            match (command.filter(|_| name.starts_with(':') || find(last).is_none()), find(last)) {
                (Some(command), _) => of_command(command),
                (None, Some(entry)) => of_entry(entry),
                (None, None) => return Err(unknown(line)),
            }
        }
    };
    write(vm, &report)
}

/// `:quit`
pub(super) fn quit(_: &mut Vm<'_>, _: &Line) -> Result<()> {
    Err(Error::new(Class::SystemExit, ""))
}

/// The entry that goes by a name.
fn find(name: &str) -> Option<&'static Entry> {
    let mut all = entries();
    all.find(|entry| entry.name == name).or_else(|| entries().find(|entry| entry.aliases.contains(&name)))
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    ops::table::all().chain(builtins::table())
}

fn unknown(line: &Line) -> Error {
    let name = line.text();
    let error = line.error(Class::NameError, format!("there is no help for '{name}'"));
    let known = COMMANDS.iter().map(|c| c.name).chain(entries().map(|entry| entry.name));
    match nearest(name, known) {
        Some(near) => error.note(format!("did you mean '{near}'?")),
        None => error.note("':help' lists what there is"),
    }
}

fn overview(columns: usize) -> Markup {
    let mut out = Markup::new();
    out.push(Role::Text, "Type Python with torch tensors; torch, np, F and nn need no import.\n\n");
    out.push(Role::Heading, "Commands\n");
    let heads: Vec<String> = COMMANDS.iter().map(head).collect();
    let width = heads.iter().map(String::len).max().unwrap_or(0);
    for (command, head) in COMMANDS.iter().zip(&heads) {
        out.push(Role::Text, "  ").push(Role::Name, format!("{head:width$}"));
        out.push(Role::Text, format!("  {}\n", command.summary));
    }
    let mut kinds: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for entry in entries() {
        kinds.entry(entry.category).or_default().push(entry.name);
    }
    for (category, mut names) in kinds {
        names.sort_unstable();
        names.dedup();
        out.push(Role::Text, "\n").push(Role::Heading, format!("{}\n", category.title()));
        let mut line = String::new();
        for name in names {
            if line.len() + name.len() + 3 > columns {
                out.push(Role::Text, format!(" {line}\n"));
                line.clear();
            }
            line.push(' ');
            line.push_str(name);
        }
        out.push(Role::Text, format!(" {line}\n"));
    }
    out.push(Role::Dim, "\n:help NAME explains one of them.\n");
    out
}

/// A command as it is typed.
fn head(command: &Command) -> String {
    format!(":{} {}", command.name, command.arguments).trim_end().to_owned()
}

fn of_command(command: &Command) -> Markup {
    let mut out = Markup::new();
    out.push(Role::Name, head(command)).push(Role::Text, format!("\n  {}\n", command.summary));
    if !command.details.is_empty() {
        out.newline();
        for line in command.details.lines() {
            out.push(Role::Text, format!("  {}\n", line.trim_start()));
        }
    }
    out
}

fn of_entry(entry: &'static Entry) -> Markup {
    let mut out = Markup::new();
    for line in entry.signature.lines() {
        out.push(Role::Op, entry.name).push(Role::Text, format!("{}\n", line.trim()));
    }
    out.push(Role::Text, format!("  {}\n", entry.summary));
    let places = [
        (TORCH, format!("torch.{}(..)", entry.name)),
        (METHOD, format!("x.{}(..)", entry.name)),
        (IN_PLACE, format!("x.{}_(..)", entry.name)),
        (ATTRIBUTE, format!("x.{}", entry.name)),
        (FUNCTIONAL, format!("F.{}(..)", entry.name)),
        (BARE | PYTHON, format!("{}(..)", entry.name)),
    ];
    let called: Vec<String> =
        places.into_iter().filter(|(place, _)| entry.is_on(*place)).map(|(_, text)| text).collect();
    if !called.is_empty() {
        out.push(Role::Dim, format!("  as {}\n", called.join(", ")));
    }
    if !entry.aliases.is_empty() {
        out.push(Role::Dim, format!("  also called {}\n", entry.aliases.join(", ")));
    }
    for (input, output) in entry.examples {
        out.newline();
        for (n, line) in input.lines().enumerate() {
            out.push(Role::Prompt, if n == 0 { ">>> " } else { "... " })
                .push(Role::Text, format!("{line}\n"));
        }
        for line in output.lines() {
            out.push(Role::Text, format!("{line}\n"));
        }
    }
    out
}
