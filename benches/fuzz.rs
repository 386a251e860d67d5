//! Fuzzing of the parser and of whole sessions: programs of the tests are taken apart, mixed and damaged, always in the
//! same way for the same seed. A panic prints the program that caused it.
//!
//! `cargo bench --bench fuzz -- parser 60 1` fuzzes the parser for 60 seconds with seed 1; `session` runs what it makes,
//! with limits on bytes and steps. Without words each runs for two seconds.

#![allow(clippy::print_stdout, reason = "findings are printed")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tenscope::budget;
use tenscope::host::Recorder;
use tenscope::session::{Session, Settings};
use tenscope::syntax;

/// Where the programs come from.
const SEEDS: [&str; 4] = [
    include_str!("../tests/oracle/programs/programs.txt"),
    include_str!("../tests/oracle/programs/classes.txt"),
    include_str!("../tests/oracle/programs/language.txt"),
    include_str!("../tests/oracle/programs/library.txt"),
];

/// What is put in beside pieces of other programs.
const WORDS: &[&str] = &[
    "class A:",
    "class B(A):",
    "def f(self, *a, **k):",
    "lambda x:",
    "yield",
    "yield from",
    "return",
    "super()",
    "self",
    "__init__",
    "__add__",
    "__getattr__",
    "__eq__",
    "__hash__",
    "__iter__",
    "@property",
    "@x.setter",
    "raise",
    "try:",
    "except Exception as e:",
    "finally:",
    "with",
    "async",
    "match",
    "for x in",
    "while",
    "if",
    "else:",
    "*",
    "**",
    ":=",
    "->",
    "...",
    "f'{x!r:>{w}}'",
    "'''",
    "\"",
    "\\",
    "\n",
    "\n    ",
    "\n        ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    "==",
    "is not",
    "not in",
    "None",
    "0",
    "1e400",
    "-1",
    "2**100",
    "0x",
    "torch.ones(2, 3)",
    "torch.arange(6).view(2, 3)",
    "np.zeros(3)",
    ".sum()",
    ".T",
    "[::2]",
    "[..., None]",
    "del",
    "global x",
    "nonlocal x",
    "import",
    "from abc import *",
    "\t",
    "\u{0}",
    "é",
    "𝔁",
    "\u{2028}",
    "type('A', (), {})",
    "object",
    "isinstance",
    "getattr(x, 'y')",
    "setattr",
    "print(",
    "assert",
    "range(3)",
    "dict",
    "list",
    "sorted",
    ":mem x",
    ":type x",
    ":vars",
    ":help",
    "einsum('ij,jk->ik', a, b)",
];

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 >> 33) ^ (self.0 >> 13);
        if below == 0 { 0 } else { (mixed % below as u64) as usize }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let target = words.first().cloned().unwrap_or_default();
    let seconds = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(2);
    let seed = words.get(2).and_then(|word| word.parse().ok()).unwrap_or(1);
    std::panic::set_hook(Box::new(|_| {}));
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(move || {
        let mut found = 0;
        for (name, run) in [("parser", parser as fn(&str)), ("session", session)] {
            if target.is_empty() || target == name {
                found += fuzz(name, run, Duration::from_secs(seconds), seed);
            }
        }
        found
    });
    let found = thread.expect("a thread can be started").join().unwrap_or(1);
    std::process::exit(i32::from(found > 0));
}

/// Runs a target for a while; how many programs made it panic.
fn fuzz(name: &str, run: fn(&str), time: Duration, seed: u64) -> usize {
    let programs: Vec<&str> = SEEDS.iter().flat_map(|text| text.split("\n---\n")).collect();
    let mut dice = Dice(seed);
    let (begin, mut count, mut found) = (Instant::now(), 0usize, 0);
    while begin.elapsed() < time {
        let program = mutated(&programs, &mut dice);
        let before = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| run(&program))).is_err() {
            found += 1;
            println!("--- a panic of the {name}:\n{program}\n---");
        }
        if before.elapsed() > Duration::from_secs(20) {
            found += 1;
            println!("--- {:?} in the {name}:\n{program}\n---", before.elapsed());
        }
        count += 1;
    }
    println!("{name}: {count} programs, {found} findings, {} kept", budget::human(budget::live()));
    found
}

/// A program with a few damages.
fn mutated(programs: &[&str], dice: &mut Dice) -> String {
    let mut text: Vec<char> = programs[dice.roll(programs.len())].chars().collect();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(text.len() + 1);
        match dice.roll(8) {
            0 => {
                let end = (at + dice.roll(12)).min(text.len());
                text.drain(at..end);
            }
            1 | 2 => {
                let word = WORDS[dice.roll(WORDS.len())];
                text.splice(at..at, word.chars());
            }
            3 => {
                let other: Vec<char> = programs[dice.roll(programs.len())].chars().collect();
                let from = dice.roll(other.len() + 1);
                let to = (from + dice.roll(40)).min(other.len());
                text.splice(at..at, other[from..to].iter().copied());
            }
            4 => {
                let end = (at + dice.roll(30)).min(text.len());
                let piece: Vec<char> = text[at..end].to_vec();
                let to = dice.roll(text.len() + 1);
                text.splice(to..to, piece);
            }
            5 => {
                let other = programs[dice.roll(programs.len())];
                text.push('\n');
                text.extend(other.chars());
            }
            6 => {
                let lines: Vec<String> = text.iter().collect::<String>().lines().map(str::to_owned).collect();
                let (a, b) = (dice.roll(lines.len()), dice.roll(lines.len()));
                let mut lines = lines;
                if !lines.is_empty() {
                    lines.swap(a, b);
                }
                text = lines.join("\n").chars().collect();
            }
            _ => {
                if let Some(c) = text.get_mut(at) {
                    *c = char::from_u32(32 + dice.roll(96) as u32).unwrap_or(' ');
                }
            }
        }
        text.truncate(6000);
    }
    text.into_iter().collect()
}

fn parser(text: &str) {
    let _ = syntax::parse_program(text);
    let _ = syntax::completeness(text);
    let _ = syntax::parse_expression(text, 0);
}

fn session(text: &str) {
    let mut host = Recorder::default();
    // What circles of values have kept is not to count, or nothing could run in the end.
    let max_bytes = budget::live() + (64 << 20);
    let mut session = Session::new(Settings { max_bytes, threads: Some(1) });
    session.machine().fuel = 100_000;
    session.run_program("fuzz.py", text, false, &mut host);
    session.run_typed("fuzz", text, true, &mut host);
}
