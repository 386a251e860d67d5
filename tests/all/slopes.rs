//! The gradient of every differentiable entry of the table against small steps, in float64: first and second derivatives.
//!
//! The expressions stand in two files: those of `gradients.jsonl` that begin with `n(`, which `gradients.rs` runs, and
//! `slopes.txt`, which is run here. An entry that no expression calls, and that no line there exempts, fails the test: one
//! that is added needs an expression over its domain.

use crate::recorded::{lines, texts};
use std::collections::BTreeSet;
use tenscope::host::Recorder;
use tenscope::ops::table;
use tenscope::session::{Session, Settings};
use tenscope::value::entry::Gradient;

/// The names that are called in an expression, and the ops that its operators stand for.
fn called(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let words = |ch: char| ch.is_alphanumeric() || ch == '_';
    let bytes: Vec<char> = code.chars().collect();
    let mut at = 0;
    while at < bytes.len() {
        let from = at;
        while at < bytes.len() && words(bytes[at]) {
            at += 1;
        }
        let called = at > from && (bytes.get(at) == Some(&'(') || (from > 0 && bytes[from - 1] == '.'));
        if called {
            names.insert(bytes[from..at].iter().collect());
        }
        at += usize::from(at == from);
    }
    let operators = [
        (" + ", "add"),
        (" - ", "sub"),
        (" * ", "mul"),
        (" / ", "div"),
        (" ** ", "pow"),
        (" @ ", "matmul"),
        (" % ", "remainder"),
        (" // ", "floor_divide"),
        (": -", "neg"),
    ];
    names
        .extend(operators.iter().filter(|(sign, _)| code.contains(sign)).map(|(_, name)| (*name).to_owned()));
    names
}

fn differentiable(gradient: Gradient) -> bool {
    !matches!(gradient, Gradient::NotDifferentiable | Gradient::Todo(_))
}

#[test]
fn every_gradient_is_checked_by_small_steps() {
    let rows = lines("gradients.jsonl");
    let all = texts("slopes.txt");
    let exempt = all.iter().filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
    let exempt: BTreeSet<&str> = exempt.flat_map(|(names, _)| names.split(' ')).collect();
    let own: Vec<String> =
        all.iter().filter(|line| line.starts_with("n(") || line.starts_with("d(")).cloned().collect();
    let recorded =
        rows[1..].iter().filter_map(|row| row["code"].as_str()).filter(|code| code.starts_with("n("));
    let mut covered = BTreeSet::new();
    for code in recorded.chain(own.iter().map(String::as_str)) {
        covered.extend(called(code));
    }
    let missing: BTreeSet<&str> = table::all()
        .filter(|entry| differentiable(entry.gradient))
        .filter(|entry| {
            !std::iter::once(&entry.name).chain(entry.aliases).any(|name| covered.contains(*name))
        })
        .map(|entry| entry.name)
        .filter(|name| !exempt.contains(name))
        .collect();
    let stale: Vec<&&str> = exempt.iter().filter(|name| covered.contains(**name)).collect();
    assert!(stale.is_empty(), "exempt although an expression calls it: {stale:?}");
    assert!(missing.is_empty(), "no expression in tests/data/slopes.txt calls {missing:?}");
    let setup = rows[0]["setup"].as_str().expect("the names").to_owned()
        + "def d(f, *xs):\n    return torch.autograd.gradcheck(f, tuple(leaves([x.double() for x in xs]))), True\n";
    let work = move || run(&setup, &own);
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread can be started");
    thread.join().expect("every gradient agrees");
}

fn run(setup: &str, expressions: &[String]) {
    let mut failures = Vec::new();
    for code in expressions {
        let mut session = Session::new(Settings::default());
        session.run_typed("<setup>", setup, false, &mut Recorder::default());
        let mut host = Recorder::default();
        session.run_typed("<case>", code, true, &mut host);
        if host.out.trim_end() != "(True, True)" {
            failures.push(format!("{code}\n{}{}", host.out, host.err));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
