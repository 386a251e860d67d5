//! The command line: what it may say, and what is done about it.

use crate::budget;
use crate::host::{Host, Stream};
use crate::io::colour::{ColourChoice, Colours};
use crate::io::console::{Console, StandardInput};
use crate::io::feed::Feed;
use crate::io::interrupt::{self, Activity};
use crate::io::{memory, source};
use crate::kernels::threads;
use crate::render;
use crate::repl;
use crate::session::{Outcome, Session, Settings};
use clap::Parser;
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{IsTerminal, stdin};
use std::path::Path;
use std::rc::Rc;

/// A prompt that runs PyTorch-flavoured tensor code and shows the memory under it.
#[derive(Debug, Parser)]
#[command(name = "tenscope", version, override_usage = USAGE, after_help = AFTER_HELP)]
pub struct Cli {
    /// A program to run and the arguments it gets; `-` reads statements from standard input
    #[arg(value_names = ["FILE", "ARGS"], num_args = 1.., trailing_var_arg = true)]
    program: Vec<OsString>,

    /// Run CODE as if typed at the prompt; may be given several times
    #[arg(short = 'c', value_name = "CODE", allow_hyphen_values = true)]
    code: Vec<String>,

    /// Open the prompt after FILE or CODE has run
    #[arg(short = 'i')]
    interactive: bool,

    /// Show the values of bare expressions, also those of a FILE
    #[arg(long, overrides_with = "no_echo")]
    echo: bool,

    /// Show only what is printed, also at the prompt
    #[arg(long, overrides_with = "echo")]
    no_echo: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: ColourChoice,

    /// The most memory that values may take, like 512M or 4G [default: half of what is free]
    #[arg(long, value_name = "N", value_parser = budget::parse_size)]
    max_bytes: Option<usize>,

    /// How many threads large operations use [default: one for each core]
    #[arg(long, value_name = "N", value_parser = parse_threads)]
    threads: Option<usize>,
}

const USAGE: &str = "\
tenscope [OPTIONS] [FILE [ARGS]...]
       tenscope [OPTIONS] -c <CODE>... [ARGS]...";

const AFTER_HELP: &str = "\
Without FILE and CODE a terminal gets the prompt, and anything else that comes on standard input
is run statement by statement. At the prompt, :help lists what there is.

Exit status: 0 fine, 1 the program raised an error, 2 wrong command line, 130 interrupted.";

fn parse_threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=1024).contains(&count) => Ok(count),
        _ => Err("the number of threads is between 1 and 1024".into()),
    }
}

impl Cli {
    fn echo(&self, usual: bool) -> bool {
        if self.echo || self.no_echo { self.echo } else { usual }
    }
}

/// Does what the command line says; the exit status.
pub fn run(cli: &Cli) -> u8 {
    let console = Console::new(Colours::decide(cli.color), Some(Box::new(StandardInput)));
    let max_bytes = cli.max_bytes.unwrap_or_else(memory::default_limit);
    threads::adopt();
    let session = Rc::new(RefCell::new(Session::new(Settings { max_bytes, threads: cli.threads })));
    let mut runner = Runner { cli, console, session };
    let outcome = runner.run();
    let complete = runner.console.finish();
    match outcome {
        _ if !complete => 1,
        Outcome::Done | Outcome::Closed => 0,
        Outcome::Raised => 1,
        // As the operating system does, only the low eight bits are kept.
        Outcome::Exit(status) => (status & 0xff) as u8,
        Outcome::Interrupted => interrupt::STATUS,
    }
}

struct Runner<'a> {
    cli: &'a Cli,
    console: Console,
    session: Rc<RefCell<Session>>,
}

impl Runner<'_> {
    fn run(&mut self) -> Outcome {
        let first = self.run_given();
        let stays = self.cli.interactive || (self.cli.code.is_empty() && self.names_input());
        match first {
            Outcome::Exit(_) | Outcome::Closed => first,
            _ if stays => self.run_input(),
            _ => first,
        }
    }

    /// Whether the program is what comes on standard input.
    fn names_input(&self) -> bool {
        self.cli.program.first().is_none_or(|name| name == "-")
    }

    /// Runs each `-c`, or the file.
    fn run_given(&mut self) -> Outcome {
        let words = self.cli.program.iter().map(|word| word.to_string_lossy().into_owned());
        if self.cli.code.is_empty() {
            let argv: Vec<String> = words.collect();
            self.session.borrow_mut().set_argv(if argv.is_empty() { vec![String::new()] } else { argv });
            return if self.names_input() { Outcome::Done } else { self.run_file() };
        }
        self.session.borrow_mut().set_argv(std::iter::once("-c".to_owned()).chain(words).collect());
        for code in &self.cli.code {
            match self.session.borrow_mut().run_typed("<-c>", code, self.cli.echo(true), &mut self.console) {
                Outcome::Done => {}
                other => return other,
            }
        }
        Outcome::Done
    }

    fn run_file(&mut self) -> Outcome {
        let Some(name) = self.cli.program.first() else { return Outcome::Done };
        match source::read_file(Path::new(name)) {
            Err(sentence) => {
                self.console.complain(&sentence);
                Outcome::Raised
            }
            Ok(Err(error)) => {
                self.console.write(Stream::Err, &render::diagnostic(&error));
                Outcome::Raised
            }
            Ok(Ok(text)) => {
                let echo = self.cli.echo(false);
                self.session.borrow_mut().run_program(&name.to_string_lossy(), &text, echo, &mut self.console)
            }
        }
    }

    /// The prompt where standard input is a terminal, otherwise its statements as they arrive.
    fn run_input(&mut self) -> Outcome {
        let echo = self.cli.echo(true);
        if stdin().is_terminal() {
            return repl::run(&self.session, &mut self.console, echo);
        }
        self.console.set_lines(None);
        let mut feed = match Feed::new("<stdin>", stdin()) {
            Ok(feed) => feed,
            Err(failure) => {
                self.console.complain(&format!("cannot read the input: {failure}"));
                return Outcome::Raised;
            }
        };
        loop {
            if !self.console.flush() {
                return Outcome::Closed;
            }
            let waiting = interrupt::enter(Activity::Waiting);
            let next = feed.next_piece();
            drop(waiting);
            let outcome = match next {
                Err(sentence) => {
                    self.console.complain(&sentence);
                    Outcome::Raised
                }
                Ok(None) => return Outcome::Done,
                Ok(Some(Err(error))) => {
                    self.console.write(Stream::Err, &render::diagnostic(&error));
                    Outcome::Raised
                }
                Ok(Some(Ok(piece))) => self.session.borrow_mut().run_typed_at(
                    "<stdin>",
                    &piece.text,
                    piece.first_line,
                    echo,
                    &mut self.console,
                ),
            };
            if outcome != Outcome::Done {
                return outcome;
            }
        }
    }
}
