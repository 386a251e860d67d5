//! Completion: names in scope, attributes of what a name is bound to, commands.

use crate::eval::Machine;
use crate::value::Value;
use crate::{builtins, inspect, protocol};

/// A name that could be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put in.
    pub text: String,
    /// What is said beside it: a type, or a line about it.
    pub detail: String,
}

/// The keywords that begin a statement or an expression.
const KEYWORDS: [&str; 22] = [
    "False", "None", "True", "and", "assert", "break", "continue", "def", "del", "elif", "else", "for",
    "from", "if", "import", "in", "is", "lambda", "not", "or", "return", "while",
];

/// Candidates for what stands before byte `pos`: where it begins, and what it could become.
pub(super) fn complete(machine: &Machine, line: &str, pos: usize) -> (usize, Vec<Candidate>) {
    let before = line.get(..pos).unwrap_or(line);
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let (head, prefix) = before.split_at(start);
    if head.trim_end_matches(' ').trim_start() == ":" || before.trim_start() == ":" {
        let commands = inspect::COMMANDS.iter().filter(|c| c.name.starts_with(prefix));
        let list = commands.map(|c| Candidate { text: c.name.to_owned(), detail: c.summary.to_owned() });
        return (start, list.collect());
    }
    let mut list = match head.strip_suffix('.') {
        Some(path) => attributes(machine, path, prefix),
        None => names(machine, prefix),
    };
    list.sort_by(|a, b| a.text.cmp(&b.text));
    list.dedup_by(|a, b| a.text == b.text);
    (start, list)
}

/// Names in scope that begin with `prefix`.
fn names(machine: &Machine, prefix: &str) -> Vec<Candidate> {
    let bound = machine.globals.bound().filter(|(name, _)| name.starts_with(prefix));
    let mut list: Vec<Candidate> =
        bound.map(|(name, value)| Candidate { text: name.to_string(), detail: value.describe() }).collect();
    let rest = KEYWORDS.iter().copied().chain(builtins::names()).filter(|name| name.starts_with(prefix));
    list.extend(rest.map(|name| Candidate { text: name.to_owned(), detail: String::new() }));
    list
}

/// Attributes, beginning with `prefix`, of what a dotted path names. Nothing is called.
fn attributes(machine: &Machine, path: &str, prefix: &str) -> Vec<Candidate> {
    let from = path.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').map_or(0, |at| at + 1);
    let mut parts = path.get(from..).unwrap_or_default().split('.');
    let first = parts.next().unwrap_or_default();
    let mut value = machine.globals.lookup(first).cloned().or_else(|| builtins::lookup(first));
    for part in parts {
        value = match value {
            Some(Value::Module(module)) => (module.get)(part),
            _ => None,
        };
    }
    let Some(value) = value else { return Vec::new() };
    let names = protocol::attributes::names(&value);
    let fits = names
        .into_iter()
        .filter(|name| name.starts_with(prefix) && (!prefix.is_empty() || !name.starts_with('_')));
    fits.map(|name| Candidate { text: name, detail: String::new() }).collect()
}
