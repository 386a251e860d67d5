//! The options of `:mem`, before or after its expression.

use super::line::Line;
use crate::error::{Class, Result};
use crate::eval::Vm;
use crate::ops::nearest::nearest;

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--all`: every cell of the buffer.
    pub all: bool,
    /// `--from N`: the cells from byte N on.
    pub from: Option<usize>,
    /// `--rows N`: how many cells are shown.
    pub rows: Option<usize>,
    /// `--json`: for programs.
    pub json: bool,
}

const NAMES: [&str; 4] = ["--all", "--from", "--rows", "--json"];

impl Options {
    /// Takes the options off a line; what is left are the expressions.
    pub fn take(vm: &Vm<'_>, line: &Line) -> Result<(Options, Line)> {
        let mut options = Options::default();
        let mut rest = line.clone();
        loop {
            let (first, after) = rest.first();
            if options.plain(&first)? {
                rest = after;
                continue;
            }
            if matches!(first.text(), "--from" | "--rows") {
                let (number, after) = after.first();
                options.number(&first, &number)?;
                rest = after;
                continue;
            }
            let (last, before) = rest.last();
            if options.plain(&last)? {
                rest = before;
                continue;
            }
            let (name, ahead) = before.last();
            if matches!(name.text(), "--from" | "--rows") {
                options.number(&name, &last)?;
                rest = ahead;
                continue;
            }
            if matches!(last.text(), "--from" | "--rows") {
                options.number(&last, &last.part(0..0))?;
            }
            refuse_unknown(vm, &first)?;
            refuse_unknown(vm, &last)?;
            return Ok((options, rest));
        }
    }

    /// An option of one word.
    fn plain(&mut self, word: &Line) -> Result<bool> {
        match word.text().split_once('=') {
            _ if word.text() == "--all" => self.all = true,
            _ if word.text() == "--json" => self.json = true,
            Some(("--from" | "--rows", _)) => {
                let at = word.text().find('=').unwrap_or(0);
                self.number(&word.part(0..at), &word.part(at + 1..word.text().len()))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `--from N`, `--rows N`; N may be hexadecimal.
    fn number(&mut self, name: &Line, number: &Line) -> Result<()> {
        let text = number.text().replace('_', "");
        let value = match text.strip_prefix("0x") {
            Some(digits) => usize::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        };
        match (name.text(), value) {
            ("--from", Some(value)) => self.from = Some(value),
            ("--rows", Some(value)) if value > 0 => self.rows = Some(value),
            (name_text, _) => {
                let what = if name_text == "--from" { "a byte offset" } else { "a number of rows" };
                let place = if number.text().is_empty() { name } else { number };
                return Err(place.error(Class::ValueError, format!("{name_text} needs {what}")));
            }
        }
        Ok(())
    }
}

/// A word like `--al` would be read as two minus signs; where it cannot be meant as such it is a mistyped option.
fn refuse_unknown(vm: &Vm<'_>, word: &Line) -> Result<()> {
    let Some(name) = word.text().strip_prefix("--") else { return Ok(()) };
    let is_name = name.starts_with(char::is_alphabetic) && name.chars().all(char::is_alphanumeric);
    if !is_name || vm.machine.globals.lookup(name).is_some() {
        return Ok(());
    }
    let error = word.error(Class::SyntaxError, format!("unknown option '{}'", word.text()));
    Err(match nearest(word.text(), NAMES) {
        Some(near) => error.note(format!("did you mean '{near}'?")),
        None => error.note(format!("the options are {}", NAMES.join(", "))),
    })
}
