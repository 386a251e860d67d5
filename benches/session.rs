//! What a user waits for: the start, a long script, one small operation, one large one.
//!
//! `cargo bench` prints medians. Words after `--` choose the lines that contain them.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// How often each measurement is repeated.
const ROUNDS: usize = 15;

/// Statements on tiny tensors, each of which takes longer to begin than to compute.
const SMALL: [&str; 9] = [
    "s + s",
    "s * 2",
    "s.unsqueeze(0)",
    "t[0, 1]",
    "t[:, None]",
    "t.sum(0)",
    "s @ s",
    "torch.einsum('ij,jk->ik', s, s)",
    "torch.tensor([1., 2., 3.])",
];

/// Loops of plain Python, and the product of matrices by three of them: name, definitions, what is timed.
const LOOPS: [(&str, &str, &str); 6] = [
    (
        "1 M rounds of s += i * i",
        "def f():\n    s = 0\n    for i in range(1000000):\n        s += i * i\n",
        "f()",
    ),
    (
        "1 M calls of a function",
        "def g(x):\n    return x + 1\ndef f():\n    for i in range(1000000):\n        g(i)\n",
        "f()",
    ),
    ("fib(22)", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n", "fib(22)"),
    ("a list of 300,000 remainders", "", "sum([i % 7 for i in range(300000)])"),
    (
        "300,000 calls of a method",
        "class A:\n    def __init__(self):\n        self.n = 0\n    def add(self, x):\n        self.n = self.n + x\ndef f():\n    a = A()\n    for i in range(300000):\n        a.add(i)\n",
        "f()",
    ),
    (
        "a product of matrices by three loops",
        "a = torch.ones(5, 784)\nb = torch.ones(784, 10)\ndef f():\n    c = torch.zeros(5, 10)\n    for i in range(5):\n        for j in range(10):\n            for k in range(784):\n                c[i,j] += a[i,k] * b[k,j]\n",
        "f()",
    ),
];

fn main() {
    // The program gives its session a large stack; so does this.
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(run);
    thread.expect("a thread can be started").join().expect("the benchmarks run");
}

fn run() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    let report = |name: &str, measure: &dyn Fn() -> Duration| {
        if chosen(name) {
            show(name, median(measure));
        }
    };
    report("start to finish of -c 'print(1)'", &start_to_finish);
    for lines in [10_000, 100_000] {
        let text = script(lines);
        report(&format!("a script of {lines} assignments"), &|| time(&mut session(), &text));
    }
    report("an empty step of a loop", &|| step("", "pass", 200_000));
    for statement in SMALL {
        report(statement, &|| step("s = torch.ones(2, 2); t = torch.ones(3, 4)", statement, 50_000));
    }
    for (name, setup, statement) in LOOPS {
        report(name, &|| {
            let mut session = session();
            time(&mut session, setup);
            time(&mut session, statement)
        });
    }
    report("a + b on 10 M floats", &|| {
        step("a = torch.ones(10_000_000); b = torch.ones(10_000_000)", "a + b", 10)
    });
}

fn start_to_finish() -> Duration {
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_tenscope")).args(["-c", "print(1)"]).output();
    let taken = start.elapsed();
    assert_eq!(output.expect("the program starts").stdout, b"1\n");
    taken
}

fn script(lines: usize) -> String {
    (0..lines).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "v{} = {line}", line % 100);
        text
    })
}

/// One step of a loop over `statement`, the loop's own share included.
fn step(setup: &str, statement: &str, steps: u32) -> Duration {
    let mut session = session();
    time(&mut session, setup);
    time(&mut session, &format!("for _ in range({steps}): {statement}")) / steps
}

fn session() -> Session {
    Session::new(Settings::default())
}

fn time(session: &mut Session, text: &str) -> Duration {
    let mut host = Recorder::default();
    let start = Instant::now();
    let outcome = session.run_program("<bench>", text, false, &mut host);
    let taken = start.elapsed();
    assert_eq!(outcome, Outcome::Done, "{}", host.err);
    taken
}

fn median(measure: &dyn Fn() -> Duration) -> Duration {
    let mut taken: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
    taken.sort();
    taken[ROUNDS / 2]
}

#[allow(clippy::print_stdout, reason = "this is the result")]
fn show(name: &str, taken: Duration) {
    println!("{name:<40} {taken:>12.2?}");
}
