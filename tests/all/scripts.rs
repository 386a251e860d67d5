//! Whole scripts against PyTorch: each `tests/scripts/NAME.py` prints exactly what `NAME.out` has recorded.

use std::path::{Path, PathBuf};
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// What went wrong with a script; nothing where it ended well and printed what was recorded.
fn difference(script: &Path) -> Option<String> {
    let text = std::fs::read_to_string(script).unwrap();
    let recorded = script.with_extension("out");
    let wanted = std::fs::read_to_string(&recorded)
        .unwrap_or_else(|error| panic!("{}: {error}; see tests/oracle/record.py", recorded.display()));
    let mut host = Recorder::default();
    let outcome = Session::new(Settings::default()).run_program("script.py", &text, false, &mut host);
    if outcome == Outcome::Done && host.out == wanted {
        return None;
    }
    Some(format!("--- {}: got\n{}{}\nwant\n{wanted}", script.display(), host.out, host.err))
}

fn check() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "py")).collect();
    scripts.sort();
    assert!(!scripts.is_empty(), "there are scripts");
    let failed: Vec<String> = scripts.iter().filter_map(|script| difference(script)).collect();
    assert!(failed.is_empty(), "{}{} scripts differ", failed.concat(), failed.len());
}

#[test]
fn scripts_print_what_pytorch_printed() {
    // Sessions run on a thread with a large stack, as in the program.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
