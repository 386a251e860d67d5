//! The language against CPython: small programs, what they print and how they end, recorded from the original.

use crate::recorded::lines;
use serde_json::Value;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

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
    let rows = lines("python.jsonl");
    let failed: Vec<String> = rows.iter().filter_map(difference).collect();
    assert!(failed.is_empty(), "{}{} programs differ from CPython", failed.concat(), failed.len());
}

#[test]
fn programs_print_and_end_as_in_cpython() {
    // Sessions run on a thread with a large stack, as in the program.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
