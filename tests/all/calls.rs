//! Calls recorded from an original, replayed: what is printed must be the same text, with numbers that may differ in the
//! last digits shown; an error must have the same sentence.

use crate::recorded::{lines, texts};
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};

/// Replays the calls of a file, whose first line holds what they are run after. `known` are calls whose result differs, and
/// why; `listed` is a file of such calls, which `UPDATE_EXPECT=1` writes.
pub(crate) fn replay(
    file: &'static str,
    least: usize,
    known: &'static [(&'static str, &'static str)],
    listed: Option<&'static str>,
) {
    let work = move || run(file, least, known, listed);
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread can be started");
    thread.join().expect("no program panics");
}

fn run(file: &str, least: usize, known: &[(&str, &str)], listed: Option<&str>) {
    let rows = lines(file);
    let listed_now = listed.map(texts).unwrap_or_default();
    let mut differing = Vec::new();
    let setup = rows[0]["setup"].as_str().expect("the names").to_owned();
    let mut failures = Vec::new();
    for row in &rows[1..] {
        let code = row["code"].as_str().expect("code");
        let mut session = Session::new(Settings::default());
        session.run_typed("<setup>", &setup, false, &mut Recorder::default());
        let mut host = Recorder::default();
        session.run_typed("<case>", code, true, &mut host);
        let (fits, wanted) = match (row["out"].as_str(), row["error"].as_str()) {
            (Some(out), _) => (
                host.err.is_empty()
                    && (alike(host.out.trim_end(), out)
                        || host.out.trim_end().ends_with(&format!("\n{out}"))),
                out,
            ),
            // What stands before the last statement may have been echoed.
            (None, Some(error)) => {
                let silent = host.out.is_empty() || code.contains("; ");
                (silent && says(&host.err, error), error)
            }
            _ => (false, "neither output nor error"),
        };
        if !fits {
            differing.push(code.to_owned());
        }
        if fits
            == (known.iter().any(|(known, _)| *known == code) || listed_now.iter().any(|known| known == code))
        {
            failures.push(format!("{code}\n--- got\n{}{}\n--- want\n{wanted}", host.out, host.err));
        }
    }
    assert!(rows.len() > least);
    if let (Some(listed), true) = (listed, std::env::var_os("UPDATE_EXPECT").is_some()) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(listed);
        std::fs::write(path, differing.join("\n") + "\n").expect("the list can be written");
        return;
    }
    let count = failures.len();
    failures.truncate(40);
    assert!(failures.is_empty(), "{count} differ:\n{}", failures.join("\n\n"));
}

/// Whether an error was told in the original's words. Python's sets have no order, so what stands in braces is compared
/// without it.
fn says(ours: &str, theirs: &str) -> bool {
    let sentence = theirs.split_once(": ").map_or(theirs, |(_, text)| text);
    ours.contains(sentence) || (sentence.contains('{') && unordered(ours).contains(&unordered(sentence)))
}

fn unordered(text: &str) -> String {
    let mut out = String::new();
    for (n, piece) in text.split('{').enumerate() {
        let (inner, rest) = if n == 0 { ("", piece) } else { piece.split_once('}').unwrap_or((piece, "")) };
        let mut items: Vec<&str> = inner.split(", ").collect();
        items.sort_unstable();
        out.push_str(&items.join(" "));
        out.push_str(rest);
    }
    out
}

/// Whether two texts are equal but for numbers that are close: factorizations round in different orders, and what is zero
/// in one may be tiny in the other.
pub(crate) fn alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (words(ours), words(theirs));
    let scale = theirs
        .iter()
        .filter_map(|word| word.parse::<f64>().ok())
        .filter(|x| x.is_finite())
        .fold(0.0, |most: f64, x| most.max(x.abs()));
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(a, b)| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => {
                a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1.5e-4 * b.abs().max(scale.min(1.0))
            }
            _ => a == b,
        })
}

/// Numbers and what stands between them, without spaces: they align numbers of other widths.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_number = false;
    for c in text.chars() {
        let number = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if c.is_whitespace() {
            in_number = false;
            continue;
        }
        match words.last_mut() {
            Some(word) if number && in_number => word.push(c),
            _ => words.push(c.to_string()),
        }
        in_number = number;
    }
    words
}
