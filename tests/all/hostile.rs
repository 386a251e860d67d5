//! Input that is meant to break the program: it works, or says on one screen what is wrong.

use super::program::{Ran, tenscope};
use std::fs;
use std::process::Stdio;
use tempfile::tempdir;

/// Runs `text` as a file; 256 MiB are enough for all that is here, and little enough to reach the limit soon.
fn run(text: &str) -> Ran {
    let folder = tempdir().unwrap();
    let path = folder.path().join("t.py");
    fs::write(&path, text).unwrap();
    let mut command = tenscope(["--max-bytes".as_ref(), "256M".as_ref(), path.as_os_str()]);
    let ran = Ran::from(command.stdin(Stdio::null()).output().unwrap());
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

fn check_works(text: &str, expected: &str) {
    let ran = run(text);
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (Some(0), expected, ""));
}

fn check_fails(text: &str, expected: &str) {
    let ran = run(text);
    assert_eq!(ran.status, Some(1), "{}\n{}", ran.out.len(), ran.err);
    assert!(ran.err.starts_with(expected), "{}", ran.err);
    assert!(ran.err.lines().count() <= 24, "{}", ran.err);
    assert!(ran.err.lines().skip(1).all(|line| line.chars().count() <= 100), "{}", ran.err);
}

#[test]
fn deep_expressions() {
    check_fails(
        &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        "SyntaxError: too many nested parentheses",
    );
    check_fails(&"(".repeat(100_000), "SyntaxError: too many nested parentheses");
    check_works(&format!("print(1{})", "+1".repeat(1_000_000)), "1000001\n");
    check_works(&format!("print(1{})", " if True else 2".repeat(500)), "1\n");
    check_fails(
        &format!("x = 1\nx{}", ".a".repeat(100_000)),
        "AttributeError: 'int' object has no attribute 'a'",
    );
    check_fails(
        &format!("x = [1]\nx{}", "[0]".repeat(100_000)),
        "TypeError: 'int' object is not subscriptable",
    );
    check_fails(&format!("f = 1\nf{}", "()".repeat(100_000)), "TypeError: 'int' object is not callable");
    let not = run(&format!("print({} True)", "not ".repeat(100_000)));
    assert!(
        not.status == Some(0) && not.out == "True\n" || not.status == Some(1) && not.out.is_empty(),
        "{not:?}"
    );
    let minus = run(&format!("print({}1)", "-".repeat(100_000)));
    assert!(minus.status == Some(0) && minus.out == "1\n" || minus.status == Some(1), "{minus:?}");
    let lambdas = run(&format!("f = {}1", "lambda: ".repeat(100_000)));
    assert!(matches!(lambdas.status, Some(0 | 1)), "{lambdas:?}");
}

#[test]
fn long_and_deep_statements() {
    let elifs: String = (0..100_000).map(|n| format!("elif x == {n}: y = {n}\n")).collect();
    check_works(&format!("x = 99_999\nif x < 0: y = 0\n{elifs}print(y)\n"), "99999\n");
    let blocks: String = (0..1000).map(|depth| format!("{}if True:\n", " ".repeat(depth))).collect();
    let ran = run(&format!("{blocks}{}pass", " ".repeat(1000)));
    assert_eq!(ran.status, Some(1));
    check_works(&format!("{}print(x)\n", "x = 1\n".repeat(100_000)), "1\n");
    check_works(&format!("print(len('{}'))", "x".repeat(10_000_000)), "10000000\n");
    check_fails(&format!("{} = y", "a".repeat(1_000_000)), "NameError: name 'y' is not defined");
    check_fails(&"a".repeat(1_000_000), "NameError: name 'aaa");
}

#[test]
fn huge_values() {
    check_fails("torch.zeros(10**12)", "");
    check_works("print(len('i' * 10**6))", "1000000\n");
    check_fails("'i' * 10**15", "MemoryError");
    check_fails("l = []\nwhile True: l.append('x' * 1000)", "MemoryError");
    check_fails("l = [0]\nwhile True: l += l", "MemoryError");
    check_fails("s = 'x'\nwhile True: s += s", "MemoryError");
    check_fails("l = []\nwhile True: l.append(torch.ones(1000))", "");
    check_fails("list(range(10**12))", "MemoryError");
    check_fails("print([0] * 10**12)", "MemoryError");
    let power = run("print(10**100)");
    assert!(
        power.status == Some(0) && power.out == format!("1{}\n", "0".repeat(100)) || power.status == Some(1)
    );
}

#[test]
fn deep_values() {
    let deep = "l = []\nfor _ in range(10**6): l = [l]\n";
    check_works(&format!("{deep}print(type(l))\nl = None\nprint('dropped')"), "<class 'list'>\ndropped\n");
    check_works(&format!("{deep}del l\nprint('dropped')"), "dropped\n");
    for use_it in
        ["print(l)", "print(l == l)", "str(l)", "m = [[]]\nfor _ in range(10**6): m = [m]\nprint(l == m)"]
    {
        let ran = run(&format!("{deep}{use_it}"));
        assert!(matches!(ran.status, Some(0 | 1)), "{use_it}: {:?}", ran.status);
        assert!(ran.err.lines().count() <= 24, "{}", ran.err);
    }
    check_works("t = ()\nfor _ in range(10**6): t = (t,)\nprint(len(t))", "1\n");
    check_works("d = {}\nfor _ in range(3 * 10**5): d = {0: d}\nprint(len(d))", "1\n");
    check_works("l = [1]\nl.append(l)\nprint(l)\nprint(l[1][1][0])", "[1, [...]]\n1\n");
    check_works("d = {}\nd[0] = d\nprint(d)", "{0: {...}}\n");
}

#[test]
fn endless_recursion() {
    check_fails("def f(x): return f(x + 1)\nf(0)", "RecursionError: maximum recursion depth exceeded");
    check_fails("f = lambda x: f(x)\nf(0)", "RecursionError: maximum recursion depth exceeded");
    check_fails(
        "def f(x): return g(x)\ndef g(x): return [f(y) for y in [x]]\nf(0)",
        "RecursionError: maximum",
    );
}
