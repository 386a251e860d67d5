//! The table of what is left out of Python: each example ends with the error beside it.

use std::fs;
use std::path::Path;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

/// The text between backticks of a cell.
fn code(cell: &str) -> String {
    let bare = cell.trim().trim_matches('`');
    bare.replace("\\\\", "\0").replace("\\n", "\n").replace('\0', "\\")
}

fn check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let text = fs::read_to_string(path).unwrap();
    let mut rows = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [_, example, error] = cells.as_slice() else { panic!("a row of three cells: {line}") };
        let mut host = Recorder::default();
        let mut session = Session::new(Settings::default());
        session.run_program("program.py", &format!("{}\n", code(example)), false, &mut host);
        let first = host.err.lines().next().unwrap_or_default();
        assert_eq!(first, code(error), "of {example}");
        rows += 1;
    }
    assert!(rows > 15);
}

#[test]
fn what_is_left_out_says_so() {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(check).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
