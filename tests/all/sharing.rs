//! The table of views: what shares its memory with what it was called on, as PyTorch was found to do it
//! (`tests/oracle/sharing.py`), checked here by writing through each in both directions.

use crate::recorded::lines;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use tenscope::host::Recorder;
use tenscope::ops::table;
use tenscope::session::{Session, Settings};
use tenscope::value::entry::Forward;

/// Views that no call of the table is of, and why.
const LEFT_OUT: &[(&str, &str)] = &[];

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap()
}

/// What the last of some lines shows, typed one after another into a session; or the error.
fn typed(lines: &[&str]) -> String {
    let mut session = Session::new(Settings::default());
    let mut host = Recorder::default();
    for line in lines {
        host = Recorder::default();
        session.run_typed("<line>", line, true, &mut host);
        if !host.err.is_empty() {
            return host.err.lines().next().unwrap_or_default().to_owned();
        }
    }
    host.out.trim_end().to_owned()
}

/// Makes `x`, calls, and takes the last of several results.
fn called(row: &Value) -> [String; 3] {
    [
        format!("x = {}", text(row, "x")),
        format!("y = {}", text(row, "call")),
        "y = y[-1] if isinstance(y, (tuple, list)) else y".to_owned(),
    ]
}

fn replay() {
    let mut wrong = Vec::new();
    for row in lines("sharing.jsonl") {
        let [make, call, last] = called(&row);
        let write = |target: &str, value: u8| format!("with torch.no_grad(): {target}[...] = {value}");
        let (into_y, into_x) = (write("y", 99), write("x", 55));
        // In-place functions change `x` by themselves: what counts is whether the write is seen.
        let before = typed(&[&make, &call, "x"]);
        let after_y = typed(&[&make, &call, &last, &into_y, "x"]);
        let after_x =
            typed(&[&make, &call, &last, &into_x, "y.detach() if isinstance(y, torch.Tensor) else y"]);
        let itself = typed(&[&make, &call, &last, "y is x"]) == "True";
        let gives = if itself {
            "itself"
        } else if before == after_y {
            "copy"
        } else {
            "view"
        };
        if gives != text(&row, "gives")
            || after_y != text(&row, "after_y")
            || after_x != text(&row, "after_x")
        {
            wrong.push(format!("{row}\n  here: {gives}\n  x after y: {after_y}\n  y after x: {after_x}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_write_is_seen_where_it_is_in_pytorch() {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(replay);
    thread.expect("a thread can be started").join().expect("views are PyTorch's");
}

/// Whether a call is of a function or method of a name.
fn is_of(call: &str, name: &str) -> bool {
    call.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
}

#[test]
fn every_view_of_the_op_table_stands_in_the_table_of_views() {
    let rows = lines("sharing.jsonl");
    let calls: Vec<&str> = rows.iter().map(|row| text(row, "call")).collect();
    let views = table::all().filter(|entry| matches!(entry.forward, Forward::View(_)));
    let missing: BTreeSet<&str> = views
        .map(|entry| entry.name)
        .filter(|name| !LEFT_OUT.iter().any(|(known, _)| known == name))
        .filter(|name| !calls.iter().any(|call| is_of(call, name)))
        .collect();
    assert!(missing.is_empty(), "add calls to tests/oracle/sharing.py: {missing:?}");
}

/// The table as a page of the reference.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# What shares memory\n\n\
         What a call gives: a *view*, so that a write through it is seen in `x` and the other way round; a *copy*, which has\n\
         memory of its own; or `x` *itself*. Of several results each is so. Found out in PyTorch (and NumPy, of its arrays)\n\
         by writing; `tests/all/sharing.rs` writes through each here.\n",
    );
    let mut base = String::new();
    for row in lines("sharing.jsonl") {
        if text(&row, "x") != base {
            base = text(&row, "x").to_owned();
            let _ = write!(page, "\n## `x = {base}`\n\n| call | gives |\n|---|---|\n");
        }
        let _ = writeln!(page, "| `{}` | {} |", text(&row, "call"), text(&row, "gives"));
    }
    page
}
