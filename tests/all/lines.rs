//! Single lines recorded from PyTorch 2.15: what the prompt shows after them, or the sentence where they raise.

use crate::recorded::lines;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

/// Runs the lines of a recorded file; those whose code is in `known` answer otherwise here, each for a reason.
pub(crate) fn replay(name: &'static str, known: &'static [(&'static str, &'static str)]) {
    // Programs run on a large stack, as in the program itself.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(move || compare(name, known));
    thread.expect("a thread can be started").join().expect("no line panics");
}

fn compare(name: &str, known: &[(&str, &str)]) {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in lines(name) {
        count += 1;
        let text = |key: &str| case.get(key).and_then(|value| value.as_str());
        let code = text("code").unwrap();
        let mut host = Recorder::default();
        Session::new(Settings::default()).run_typed("<line>", code, true, &mut host);
        let shown = host.out.trim_end_matches('\n');
        let fits = match (text("printed"), text("error")) {
            (Some(printed), _) => host.err.is_empty() && shown == printed,
            (_, Some(error)) => host.err.starts_with(error.trim_end()),
            _ => false,
        };
        if fits == known.iter().any(|(known, _)| *known == code) {
            let verdict = if fits { "answers as PyTorch now" } else { "differs" };
            wrong.push(format!(
                "{code} {verdict}\n--- PyTorch\n{}\n--- here\n{shown}{}",
                text("printed").or(text("error")).unwrap_or_default(),
                host.err
            ));
        }
    }
    assert!(count > 0, "{name} is empty");
    assert!(wrong.is_empty(), "{} of {count} lines:\n{}", wrong.len(), wrong.join("\n\n"));
}
