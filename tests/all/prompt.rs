//! The prompt in a pseudo-terminal.

use super::program::tenscope;
use rexpect::process::WaitStatus;
use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};
use std::fs;
use std::process::Command;
use tempfile::tempdir;

/// Long enough for the slowest machine, in milliseconds; only a failing test waits for it.
const PATIENCE: u64 = 20_000;

fn open(mut command: Command) -> PtySession {
    command.env("NO_COLOR", "1");
    let options = Options::new().timeout_ms(Some(PATIENCE)).strip_ansi_escape_codes(true);
    let mut session = spawn_with_options(command, options).unwrap();
    session.exp_string(">>> ").unwrap();
    session
}

fn prompt() -> PtySession {
    open(tenscope::<&str>([]))
}

/// Types a line and waits for what it answers and for the next prompt.
fn check(session: &mut PtySession, line: &str, expected: &str) {
    session.send_line(line).unwrap();
    session.exp_string(expected).unwrap();
    session.exp_string(">>> ").unwrap();
}

/// Presses keys; nothing ends the line but what is in them.
fn press(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

fn leave(mut session: PtySession) {
    session.send_control('d').unwrap();
    session.exp_eof().unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 0)));
}

#[test]
fn values_echo_and_ctrl_d_leaves() {
    let mut session = prompt();
    check(&mut session, "x = 40", "");
    check(&mut session, "x + 2", "42");
    check(&mut session, "_ + 1", "43");
    leave(session);
}

#[test]
fn it_goes_on_after_an_error() {
    let mut session = prompt();
    check(&mut session, "nope", "NameError: name 'nope' is not defined");
    check(&mut session, "6 * 7", "42");
    leave(session);
}

#[test]
fn statements_may_take_several_lines() {
    let mut session = prompt();
    session.send_line("(1 +").unwrap();
    session.exp_string("... ").unwrap();
    check(&mut session, "41)", "42");
    session.send_line("for i in range(2):").unwrap();
    session.exp_string("... ").unwrap();
    session.send_line("    i + 70").unwrap();
    session.exp_string("... ").unwrap();
    session.send_line("").unwrap();
    session.exp_string("70\r\n71\r\n").unwrap();
    leave(session);
}

#[test]
fn ctrl_c_clears_the_line() {
    let mut session = prompt();
    press(&mut session, "nope");
    session.send_control('c').unwrap();
    session.exp_string(">>> ").unwrap();
    check(&mut session, "6 * 7", "42");
    // In the middle of a block, too.
    session.send_line("def f():").unwrap();
    session.exp_string("... ").unwrap();
    session.send_control('c').unwrap();
    session.exp_string(">>> ").unwrap();
    check(&mut session, "7 * 7", "49");
    leave(session);
}

/// Runs something long, breaks it off, and uses the prompt afterwards. `started` is printed before it gets long.
fn check_interrupt(before: &str, long: &str) {
    let mut session = prompt();
    check(&mut session, before, "");
    session.send_line(&format!("print('sta' + 'rted'); {long}")).unwrap();
    session.exp_string("started\r\n").unwrap();
    // The terminal itself turns this into SIGINT, since it is not in raw mode while code runs.
    session.send_control('c').unwrap();
    session.exp_string("KeyboardInterrupt").unwrap();
    session.exp_string(">>> ").unwrap();
    check(&mut session, "6 * 7", "42");
    leave(session);
}

#[test]
fn ctrl_c_stops_a_loop() {
    check_interrupt("def f():\r    while True: pass\r", "f()");
}

#[test]
fn ctrl_c_stops_an_elementwise_operation() {
    check_interrupt(
        "x = torch.ones(8_000_000, dtype=torch.float64)",
        "[x.exp_() for _ in range(100_000)][0]",
    );
}

#[test]
fn ctrl_c_stops_a_matrix_product() {
    check_interrupt("x = torch.ones(12_000, 12_000)", "y = x @ x");
}

/// A network of so many tensors, each joined to three others, as arguments of einsum.
const NETWORK: &str = "args = [y for i in range(20_000) for y in (torch.ones(2, 2, 2), [i, (i + 1) % 20_000, i * 7919 % 20_000])]";

#[test]
fn ctrl_c_stops_the_planning_of_a_contraction() {
    check_interrupt(NETWORK, "y = torch.einsum(*args, [])");
}

#[test]
fn ctrl_c_stops_a_contraction() {
    check_interrupt("x = torch.ones(9_000, 9_000)", "y = torch.einsum('ij,jk,kl->il', x, x, x)");
    // Products that are added up as they are made.
    check_interrupt(
        "x = torch.ones(20_000, 1).expand(20_000, 20_000)",
        "y = torch.einsum('ij,ij->', x, x.t())",
    );
}

#[test]
fn a_long_contraction_shows_how_far_it_is() {
    let mut session = prompt();
    check(&mut session, "x = torch.ones(9_000, 9_000)", "");
    session.send_line("y = torch.einsum('ij,jk,kl->il', x, x, x)").unwrap();
    session.exp_string("einsum: step 1 of 2, 0% of the work is done").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("KeyboardInterrupt").unwrap();
    session.exp_string(">>> ").unwrap();
    leave(session);
}

#[test]
fn exit_and_quit_leave() {
    for word in ["exit()", "quit()", ":quit"] {
        let mut session = prompt();
        session.send_line(word).unwrap();
        session.exp_eof().unwrap();
        assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 0)));
    }
    let mut session = prompt();
    session.send_line("exit(7)").unwrap();
    session.exp_eof().unwrap();
    assert!(matches!(session.process().wait().unwrap(), WaitStatus::Exited(_, 7)));
}

#[test]
fn history_is_kept_between_runs() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("new").join("history");
    let command = || {
        let mut command = tenscope::<&str>([]);
        command.env("TENSCOPE_HISTORY", &path);
        command
    };
    let mut session = open(command());
    check(&mut session, "500 + 55", "555");
    leave(session);
    assert!(fs::read_to_string(&path).unwrap().contains("500 + 55"));
    let mut session = open(command());
    press(&mut session, "\u{1b}[A\r");
    session.exp_string("555").unwrap();
    session.exp_string(">>> ").unwrap();
    leave(session);
}

#[test]
fn pasted_prompts_are_stripped() {
    let mut session = prompt();
    press(
        &mut session,
        "\u{1b}[200~>>> x = 4\r\n>>> for i in range(2):\r\n...     x += 1\r\n... \r\n>>> x * 10\u{1b}[201~\r",
    );
    session.exp_string("60").unwrap();
    leave(session);
}

#[test]
fn lines_typed_ahead_are_not_lost() {
    let mut session = prompt();
    press(&mut session, "a = 1\rb = 2\ra + b + 100\r");
    session.exp_string("103").unwrap();
    leave(session);
}

#[test]
fn tab_completes_names_and_indents() {
    let mut session = prompt();
    check(&mut session, "a_rather_long_name = 77", "");
    press(&mut session, "a_rath\t + 1\r");
    session.exp_string("78").unwrap();
    session.exp_string(">>> ").unwrap();
    press(&mut session, "if True:\r\t'indented'.upper()\r\r");
    session.exp_string("'INDENTED'").unwrap();
    leave(session);
}

#[test]
fn a_dumb_terminal_works() {
    let mut command = tenscope::<&str>([]);
    command.env("TERM", "dumb");
    let mut session = open(command);
    check(&mut session, "6 * 7", "42");
    session.send_line("(1 +").unwrap();
    session.exp_string("... ").unwrap();
    check(&mut session, "41)", "42");
    leave(session);
}

#[test]
fn the_prompt_opens_after_a_program() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("t.py");
    fs::write(&path, "x = 21\n").unwrap();
    let mut session = open(tenscope(["-i".as_ref(), path.as_os_str()]));
    check(&mut session, "x * 2", "42");
    leave(session);
}

#[test]
fn colour_is_judged_for_each_stream() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("errors");
    // Standard output is the terminal here, standard error is a file.
    let mut shell = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_tenscope");
    shell.env("TERM", "xterm").env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CI");
    shell.args(["-c", &format!("{program} -c nope 2>{}; {program} -c nope", path.display())]);
    let options = Options::new().timeout_ms(Some(PATIENCE));
    let mut session = spawn_with_options(shell, options).unwrap();
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("\u{1b}[1;31mNameError"), "{shown:?}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("NameError: "));
}

#[test]
fn input_asks_at_the_prompt() {
    let mut session = prompt();
    session.send_line("name = input('who? ')").unwrap();
    session.exp_string("who? ").unwrap();
    check(&mut session, "me", "");
    check(&mut session, "name.upper()", "'ME'");
    leave(session);
}
