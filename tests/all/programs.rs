//! 1,200 small programs recorded from PyTorch 2.15: what they print, and the sentence where they raise.

use crate::recorded::lines;
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// Programs whose output differs, and why.
const KNOWN: &[(&str, &str)] = &[
    (
        "unary-0039",
        "e^4 - 1 in float32 is 53.59815: PyTorch's vectorised expm1 is one unit off, ours is rounded right",
    ),
    (
        "alias-1171",
        "PyTorch does not notice the overlap, its result depends on the order of the loop: ours refuses",
    ),
];

#[test]
fn programs_print_what_pytorch_printed() {
    // Programs run on a large stack, as in the program itself.
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(replay).expect("a thread can be started");
    thread.join().expect("no program panics");
}

fn replay() {
    let mut failures = Vec::new();
    let mut count = 0;
    for case in lines("programs.jsonl") {
        count += 1;
        let text = |key: &str| case.get(key).and_then(|value| value.as_str()).unwrap_or_default();
        let id = text("id").to_owned();
        let mut host = Recorder::default();
        let outcome =
            Session::new(Settings::default()).run_program("<program>", text("script"), false, &mut host);
        let fits = host.out == text("stdout")
            && match text("error").split_once(": ") {
                None => outcome == Outcome::Done,
                Some((_, sentence)) => outcome == Outcome::Raised && host.err.contains(sentence),
            };
        let known = KNOWN.iter().any(|(known, _)| *known == id);
        if fits == known {
            failures.push(format!(
                "{id} {}: got\n{}{}\nwant\n{}{}",
                if known { "passes now" } else { "differs" },
                host.out,
                host.err,
                text("stdout"),
                text("error")
            ));
        }
    }
    assert_eq!(count, 1200);
    assert!(failures.is_empty(), "{} programs:\n{}", failures.len(), failures.join("\n---\n"));
}
