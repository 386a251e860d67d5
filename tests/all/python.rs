//! The language against CPython: small programs, what they print and how they end, recorded from the original.

use crate::recorded::lines;
use serde_json::Value;
use std::collections::BTreeMap;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

/// Parts of the language that are still to come. A tag goes when its programs run.
const TO_COME: &[&str] = &["import"];

/// What went wrong with a program; nothing where all is as recorded.
fn difference(row: &Value) -> Option<String> {
    let program = row["program"].as_str().unwrap();
    let mut host = Recorder::default();
    let mut session = Session::new(Settings::default());
    session.run_program("program.py", &format!("{program}\n"), false, &mut host);
    let out = row["out"].as_str().unwrap();
    let ended = match row["error"].as_array() {
        None => String::new(),
        Some(error) => {
            let (class, message) = (error[0].as_str().unwrap(), error[1].as_str().unwrap());
            if message.is_empty() { format!("{class}\n") } else { format!("{class}: {message}\n") }
        }
    };
    let as_ended = if ended.is_empty() { host.err.is_empty() } else { host.err.starts_with(&ended) };
    if host.out == out && as_ended {
        return None;
    }
    let (got, first) = (&host.out, host.err.lines().next().unwrap_or(""));
    Some(format!(
        "--- {program}\nprints {got:?}\nnot    {out:?}\nends {first:?}, not {:?}\n",
        ended.trim_end()
    ))
}

fn check() {
    let mut failed = String::new();
    let mut waiting: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in lines("python.jsonl") {
        let difference = difference(&row);
        match row["tag"].as_str() {
            Some(tag) if TO_COME.contains(&tag) => {
                let counts = waiting.entry(tag.to_owned()).or_default();
                counts.0 += 1;
                counts.1 += usize::from(difference.is_none());
            }
            _ => failed.extend(difference),
        }
    }
    let count = failed.matches("--- ").count();
    assert!(failed.is_empty(), "{failed}{count} programs differ from CPython");
    for (tag, (all, right)) in waiting {
        assert!(right < all, "all {all} programs of '{tag}' run now: take the tag off the list");
    }
}

#[test]
fn programs_print_and_end_as_in_cpython() {
    // Sessions run on a thread with a large stack, as in the program.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
