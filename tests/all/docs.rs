//! The examples of the README and of the guide are run, and their output is compared.
//!
//! A `pycon` block is a session at the prompt, errors included; all such blocks of one file are one session. A `console`
//! block holds commands after `$ `, with what they print. A `sh` block is not run; it may only hold cargo's commands.
//! `UPDATE_EXPECT=1 cargo test docs` writes what really comes out into the files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tenscope::host::{Flow, Host, Stream};
use tenscope::inspect::COMMANDS;
use tenscope::markup::Markup;
use tenscope::session::{Session, Settings};

/// What a terminal without colour would show.
#[derive(Default)]
struct Screen(String);

impl Host for Screen {
    fn write(&mut self, _: Stream, text: &Markup) -> Flow {
        let _ = write!(self.0, "{text}");
        Flow::GoOn
    }

    fn print(&mut self, text: &str) -> Flow {
        self.0.push_str(text);
        Flow::GoOn
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> f64 {
        0.0
    }

    fn read_line(&mut self, _: &str) -> Option<String> {
        None
    }
}

/// A fenced block: what stands behind the fence, and the lines inside.
struct Block {
    info: String,
    line: usize,
    body: String,
}

/// Splits a document; what is not in a block has no `info`.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![Block { info: String::new(), line: 1, body: String::new() }];
    let mut inside = false;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            let info = if inside { "" } else { info.trim() };
            inside = !inside;
            assert!(!inside || !info.is_empty(), "line {}: the block does not say what it holds", at + 1);
            blocks.push(Block { info: info.to_owned(), line: at + 2, body: String::new() });
        } else if let Some(block) = blocks.last_mut() {
            block.body.push_str(line);
        }
    }
    assert!(!inside, "the last block is not closed");
    blocks
}

/// The input of a transcript: each statement with its prompts.
fn statements(body: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in body.lines() {
        if line.starts_with(">>> ") {
            found.push(format!("{line}\n"));
            open = true;
        } else if open && (line.starts_with("... ") || line == "...") {
            found.last_mut().unwrap().push_str(&format!("{line}\n"));
        } else {
            open = false;
        }
    }
    found
}

fn replay(session: &mut Session, body: &str) -> String {
    let mut screen = Screen::default();
    for shown in statements(body) {
        screen.0.push_str(&shown);
        let code: String =
            shown.lines().map(|line| format!("{}\n", line.get(4..).unwrap_or_default())).collect();
        session.run_typed("<input>", &code, true, &mut screen);
    }
    screen.0
}

fn run_commands(body: &str) -> String {
    let mut shown = String::new();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_tenscope"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    for line in body.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let command = format!("({line}) 2>&1");
        let output =
            Command::new("sh").args(["-c", &command]).env("PATH", &path).current_dir(folder.path()).output();
        let _ = write!(shown, "$ {line}\n{}", String::from_utf8(output.unwrap().stdout).unwrap());
    }
    shown
}

/// The rows of the table of commands, put in where its head stands.
fn with_commands(body: &str) -> String {
    const HEAD: &str = "| command | what it does |\n|---|---|\n";
    let Some((before, after)) = body.split_once(HEAD) else { return body.to_owned() };
    let mut out = format!("{before}{HEAD}");
    for command in COMMANDS {
        let call = format!(":{} {}", command.name, command.arguments);
        let _ = writeln!(out, "| `{}` | {} |", call.trim_end().replace('|', "\\|"), command.summary);
    }
    out.extend(after.split_inclusive('\n').skip_while(|line| line.starts_with('|')));
    out
}

/// The document as it should be.
fn rewrite(text: &str) -> String {
    let mut session = Session::new(Settings::default());
    let mut out = String::new();
    for (at, Block { info, line, body }) in blocks(text).into_iter().enumerate() {
        if at > 0 {
            let _ = writeln!(out, "```{info}");
        }
        match info.as_str() {
            "" => out.push_str(&with_commands(&body)),
            "pycon" => out.push_str(&replay(&mut session, &body)),
            "console" => out.push_str(&run_commands(&body)),
            "sh" => {
                assert!(
                    body.lines().all(|command| command.starts_with("cargo ")),
                    "line {line}: use `console`"
                );
                out.push_str(&body);
            }
            other => panic!("line {line}: nothing is known about `{other}` blocks"),
        }
    }
    out
}

fn documents() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md")];
    let guide =
        fs::read_dir(root.join("docs/guide")).into_iter().flatten().map(|entry| entry.unwrap().path());
    found.extend(guide.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    found.sort();
    found
}

#[test]
fn every_example_gives_what_is_shown() {
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        // A session expects the large stack that the program gives it.
        let thread = std::thread::Builder::new().stack_size(256 << 20);
        let source = text.clone();
        let real = thread.spawn(move || rewrite(&source)).unwrap().join().unwrap();
        if real == text {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, real).unwrap();
            continue;
        }
        let equal = text.lines().zip(real.lines()).take_while(|(shown, got)| shown == got).count();
        let line = |text: &str| text.lines().nth(equal).unwrap_or("the end").to_owned();
        panic!(
            "{}:{}: shown is {:?}, but it gives {:?}; if that is right, UPDATE_EXPECT=1 cargo test docs writes it",
            path.display(),
            equal + 1,
            line(&text),
            line(&real)
        );
    }
}
