//! Whole scripts of the project's own, against what they print under CPython and PyTorch, which `record.py --scripts`
//! writes beside them. A number may differ in the last digits shown.

use crate::calls::alike;
use std::path::Path;
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

#[test]
fn scripts_print_what_pytorch_prints() {
    let work = || {
        let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts"));
        let mut failures = Vec::new();
        let mut count = 0;
        for file in std::fs::read_dir(directory).expect("the directory of scripts") {
            let path = file.expect("a file").path();
            if path.extension().is_none_or(|ending| ending != "py") {
                continue;
            }
            count += 1;
            let text = std::fs::read_to_string(&path).expect("a script");
            let wanted = std::fs::read_to_string(path.with_extension("out")).expect("what it prints");
            let mut host = Recorder::default();
            let outcome = Session::new(Settings::default()).run_program("<script>", &text, false, &mut host);
            if let Some(difference) = first_difference(&host.out, &wanted) {
                failures.push(format!("{}: {difference}\n{}", path.display(), host.err));
            } else if outcome != Outcome::Done {
                failures.push(format!("{}: {}", path.display(), host.err));
            }
        }
        assert!(count > 0, "there are scripts");
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    };
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread can be started");
    thread.join().expect("every script prints what it should");
}

/// The first line that differs.
fn first_difference(ours: &str, theirs: &str) -> Option<String> {
    let (mut ours, mut theirs) = (ours.lines(), theirs.lines());
    for number in 1.. {
        match (ours.next(), theirs.next()) {
            (None, None) => return None,
            (Some(a), Some(b)) if alike(a, b) => {}
            (a, b) => return Some(format!("line {number}: {a:?}, not {b:?}")),
        }
    }
    None
}
