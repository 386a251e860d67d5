//! The command line: modes, streams, exit status, colour.

use super::program::{Ran, pipe, run, tenscope};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use tempfile::{TempDir, tempdir};

/// Long enough for the slowest machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

fn script(text: impl AsRef<[u8]>) -> (TempDir, String) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("t.py");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn fine(out: &str) -> Ran {
    Ran { status: Some(0), out: out.into(), err: String::new() }
}

#[test]
fn a_file_prints_what_it_prints() {
    let (_folder, path) = script("1 + 1\nprint(2)\n3\n");
    assert_eq!(run([&path]), fine("2\n"));
    assert_eq!(run(["--echo", &path]), fine("2\n2\n3\n"));
    assert_eq!(pipe(["-"], b"1 + 1\nprint(2)\n"), fine("2\n2\n"));
}

#[test]
fn code_on_the_command_line_echoes() {
    assert_eq!(run(["-c", "a = 1\na + 1\nNone\na;", "-c", "a + 2"]), fine("2\n3\n"));
    assert_eq!(run(["--no-echo", "-c", "1", "-c", "print(2)"]), fine("2\n"));
    assert_eq!(run(["-c", "-1"]), fine("-1\n"));
}

#[test]
fn standard_input_runs_as_if_typed() {
    assert_eq!(pipe::<&str>([], b"1 + 1\n"), fine("2\n"));
    assert_eq!(pipe::<&str>([], b"1 + 1"), fine("2\n"));
    assert_eq!(pipe::<&str>([], b"\xef\xbb\xbfprint(1)\r\nprint(2)\r\n"), fine("1\n2\n"));
    assert_eq!(pipe(["--no-echo"], b"1 + 1\nprint(3)\n"), fine("3\n"));
    let block = b"def f(x):\n    y = x\n\n    return y + 1\nf(1)\nfor i in range(2):\n    i\nelse:\n    9\n";
    assert_eq!(pipe::<&str>([], block), fine("2\n0\n1\n9\n"));
}

#[test]
fn an_error_keeps_what_came_before_and_stops() {
    let (_folder, path) = script("print(1)\nprint(nope)\nprint(3)\n");
    for ran in [
        run([&path]),
        run(["-c", "print(1)\nprint(nope)\nprint(3)"]),
        run(["-c", "print(1)", "-c", "nope", "-c", "print(3)"]),
        pipe::<&str>([], b"print(1)\nprint(nope)\nprint(3)\n"),
    ] {
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), "1\n"), "{ran:?}");
        assert!(ran.err.starts_with("NameError: name 'nope' is not defined\n"), "{}", ran.err);
    }
    assert!(run([&path]).err.contains(&format!("{path}:2:7")));
    assert!(pipe::<&str>([], b"print(1)\nprint(nope)\n").err.contains("<stdin>:2:7"));
}

#[test]
fn a_program_is_parsed_whole_first_and_typed_code_is_not() {
    let text = "print(1)\nprint(2\n";
    let (_folder, path) = script(text);
    let ran = run([&path]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("SyntaxError: "), "{}", ran.err);
    let ran = pipe::<&str>([], text.as_bytes());
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), "1\n"));
    assert!(ran.err.contains("<stdin>:2:"), "{}", ran.err);
}

#[test]
fn exit_status() {
    assert_eq!(run(["-c", "exit()", "-c", "print(1)"]), fine(""));
    assert_eq!(run(["-c", "quit()"]).status, Some(0));
    assert_eq!(run(["-c", "exit(3)"]).status, Some(3));
    assert_eq!(run(["-c", "import sys; sys.exit(300)"]).status, Some(300 & 0xff));
    assert_eq!(run(["--no-such-option"]).status, Some(2));
    assert_eq!(run(["--threads", "0", "-c", "1"]).status, Some(2));
    assert_eq!(run(["--max-bytes", "lots", "-c", "1"]).status, Some(2));
    assert_eq!(run(["--help"]).status, Some(0));
    assert_eq!(run(["--version"]).out, format!("tenscope {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn threads_are_as_many_as_asked_for_and_change_no_result() {
    let threads = "torch.get_num_threads()";
    assert_eq!(run(["--threads", "3", "-c", threads]), fine("3\n"));
    let ran = tenscope(["-c", threads]).env("RAYON_NUM_THREADS", "2").output().unwrap();
    assert_eq!(Ran::from(ran), fine("2\n"));
    let ran = tenscope(["--threads", "1", "-c", threads]).env("RAYON_NUM_THREADS", "2").output().unwrap();
    assert_eq!(Ran::from(ran), fine("1\n"));
    assert_eq!(run(["--threads", "3", "-c", "torch.set_num_threads(1)", "-c", threads]), fine("1\n"));
    // Large enough to be shared, and sums whose order shows in the last digits.
    let (_folder, path) = script(
        "torch.manual_seed(0)\nm = torch.rand(700, 900)\nd = torch.softmax(m, 1).exp() / m.std(1, keepdim=True)\n\
         print(m.sum(), m.var(), (m * d).sum(0).norm(), (m @ m.t()).sum().item(), d.argmax(1).sum(), m.cumsum(1)[:, -1].sum().item())\n",
    );
    let one = run(["--threads", "1", &path]);
    assert_eq!(one.status, Some(0), "{}", one.err);
    for threads in ["2", "3", "5"] {
        assert_eq!(run(["--threads", threads, &path]), one);
    }
}

#[test]
fn a_program_gets_its_arguments() {
    let (_folder, path) = script("import sys\nprint(sys.argv[1:])\n");
    assert_eq!(run([path.as_str(), "-x", "--echo", "-c", "y"]), fine("['-x', '--echo', '-c', 'y']\n"));
    assert_eq!(run(["-c", "import sys; print(sys.argv)", "a"]), fine("['-c', 'a']\n"));
}

/// A problem with the input itself is said on a few lines, with exit status 1.
fn check_complaint(ran: &Ran, expected: &str) {
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains(expected), "{}", ran.err);
    assert!(ran.err.lines().count() <= 20, "{}", ran.err);
}

#[test]
fn files_that_are_no_programs() {
    let folder = tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    check_complaint(&run([folder]), "is a directory, not a program");
    check_complaint(&run([format!("{folder}/none.py")]), "there is no file");
    check_complaint(&run(["print(1)"]), "use -c");
    let (_folder, path) = script(b"x = 1\ny = '\xff'\n");
    check_complaint(&run([&path]), &format!("{path}:2:6"));
    let (_folder, path) = script(b"x = 1\ny = \0\n");
    check_complaint(&run([&path]), "source code cannot contain null bytes");
    let (_folder, path) = script("");
    assert_eq!(run([&path]), fine(""));
    assert_eq!(pipe::<&str>([], b""), fine(""));
}

#[test]
fn bad_bytes_on_standard_input_stop_only_what_follows() {
    let ran = pipe::<&str>([], b"print(1)\nprint('\xff')\nprint(3)\n");
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), "1\n"));
    assert!(ran.err.contains("<stdin>:2:8"), "{}", ran.err);
    let ran = pipe::<&str>([], b"print(1)\nprint(\0)\n");
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), "1\n"));
    assert!(ran.err.contains("<stdin>:2:7"), "{}", ran.err);
}

#[test]
fn a_pipe_is_answered_while_it_is_open() {
    let mut child = tenscope::<&str>([]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        BufReader::new(stdout).lines().for_each(|line| sender.send(line.unwrap()).unwrap());
    });
    stdin.write_all(b"print(1)\n").unwrap();
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "1");
    stdin.write_all(b"x = (1 +\n").unwrap();
    stdin.write_all(b"2)\nx\n").unwrap();
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "3");
    stdin.write_all(b"for i in range(2):\n    i + 10\n").unwrap();
    stdin.write_all(b"print('next')\n").unwrap();
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "10");
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "11");
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "next");
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn output_streams_out_of_a_running_loop() {
    let code = "print('a'); print('b')\nwhile True:\n    pass";
    let mut child = tenscope(["-c", code]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "a");
    assert_eq!(lines.next().unwrap().unwrap(), "b");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let code = "i = 0\nwhile True:\n    print(i)\n    i += 1";
    let mut child = tenscope(["-c", code]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "0\n");
    drop(stdout);
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran, fine(""));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_is_lost_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran: Ran = tenscope(["-c", "print(1)"]).stdout(full).output().unwrap().into();
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("cannot write the output"), "{}", ran.err);
}

#[test]
fn colour_is_asked_for_or_absent() {
    let check = |variables: &[&str], args: &[&str], expected: bool| {
        let mut command = tenscope(args.iter().chain(&["-c", "nope"]));
        command.envs(variables.iter().map(|variable| (variable, "1")));
        let ran = Ran::from(command.stdin(Stdio::null()).output().unwrap());
        assert_eq!(ran.err.contains("\u{1b}["), expected, "{variables:?} {args:?}: {}", ran.err);
    };
    check(&[], &[], false);
    check(&["CLICOLOR_FORCE"], &[], true);
    check(&["CLICOLOR_FORCE", "NO_COLOR"], &[], false);
    check(&["CLICOLOR_FORCE"], &["--color", "never"], false);
    check(&["NO_COLOR"], &["--color", "always"], true);
    // What a program prints is its own affair.
    assert_eq!(run(["-c", r"print('\x1b[1mbold\x1b[0m')"]), fine("\u{1b}[1mbold\u{1b}[0m\n"));
}

#[test]
fn input_reads_what_the_program_does_not() {
    assert_eq!(pipe(["-c", "x = input('? '); print(x + '!')"], b"yes\nno\n"), fine("? yes!\n"));
    let ran = pipe(["-c", "input()"], b"");
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.starts_with("EOFError: EOF when reading a line"), "{}", ran.err);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_a_program_with_130() {
    let long = [
        "while True: pass",
        "x = torch.ones(8_000_000, dtype=torch.float64)\nwhile True: x.exp_()",
        "x = torch.ones(12_000, 12_000)\nx @ x",
    ];
    for code in long {
        let mut child = tenscope(["-c", "print('started')", "-c", code])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.status, Some(130), "{ran:?}");
        assert!(ran.err.starts_with("KeyboardInterrupt"), "{}", ran.err);
    }
}
