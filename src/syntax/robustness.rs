//! Inputs made to break a parser: very long, very deep, or random.

use super::{Completeness, Reader, completeness, dump, parse_program};
use proptest::prelude::*;

fn parses(text: &str) {
    let tree = parse_program(text).unwrap_or_else(|error| panic!("{error}: {:.60}", text));
    assert!(!dump::dump(&tree).is_empty());
}

fn refused(text: &str, message: &str) {
    let error = parse_program(text).expect_err(message);
    assert!(error.message().starts_with(message), "{error}: {:.60}", text);
}

#[test]
fn long_spines_need_no_stack() {
    parses(&format!("'1'{}", "+1".repeat(200_000)));
    parses(&format!("x{}", ".a".repeat(100_000)));
    parses(&format!("x{}", "[0]".repeat(100_000)));
    parses(&format!("f{}", "()".repeat(100_000)));
    parses(&format!("x = 1{}", " < 2".repeat(100_000)));
    parses(&format!("x = 1{}", " and 2".repeat(100_000)));
    parses(&format!("if a: b\n{}", "elif c: d\n".repeat(100_000)));
    parses(&format!("x = [{}]", "1,".repeat(100_000)));
    parses(&format!("{}b", "a = ".repeat(100_000)));
    parses(&format!("{}def f(): pass", "@a\n".repeat(50_000)));
    parses(&"'a' ".repeat(100_000));
    parses(&format!("f'{}'", "{a}".repeat(50_000)));
}

#[test]
fn depth_has_a_limit() {
    let deep = "too many nested";
    refused(&"(".repeat(100_000), "too many nested parentheses");
    refused(&format!("{}x", "-".repeat(100_000)), deep);
    refused(&format!("{}x", "not ".repeat(100_000)), deep);
    refused(&format!("x{}", "**x".repeat(100_000)), deep);
    refused(&format!("{}x", "lambda: ".repeat(100_000)), deep);
    refused(&format!("x{}", " if x else x".repeat(100_000)), deep);
    refused(&format!("{}x", "[".repeat(201)), "too many nested parentheses");
    let blocks: String = (0..101).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect();
    refused(&blocks, "too many levels of indentation");
}

#[test]
fn time_grows_with_the_length() {
    // A scan of the rest, or of what came before, for each line would take minutes.
    let script: String = (0..100_000).map(|line| format!("x{} = {line}\n", line % 50)).collect();
    parses(&script);
    let mut reader = Reader::new(&script);
    let mut count = 0;
    while reader.next_statement().unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 100_000);
}

proptest! {
    #[test]
    fn random_text_never_panics(text in any::<String>()) {
        let _ = parse_program(&text);
        let _ = completeness(&text);
    }

    #[test]
    fn random_tokens_never_panic(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "(", ")", "[", "]", "{", "}", "a", "1", "'s'", "f'{x!r:>{w}}'", "=", ":", ":=", ",", ".", "*", "**", "-", "not ",
            "in ", "is ", "if ", "else ", "elif ", "for ", "while ", "def ", "class ", "lambda ", "with ", "as ", "try:", "except ",
            "return ", "yield ", "await ", "async ", "import ", "from ", "del ", "global ", "nonlocal ", "\n", "\n  ", "\n    ", ";", "@", "\\\n",
            "#c", "'", "\"\"\"", "f'{", "match ", "->", "/", "\t", "\u{e9}", "\u{a0}", "$", "!", "\0", "case ",
        ]), 0..30)) {
        let text: String = words.concat();
        let whole = parse_program(&text);
        if let Completeness::Complete = completeness(&text) {
            // What can be run at the prompt is a program, or ends in a line that its own blank line would end.
            prop_assert!(whole.is_ok() || Reader::new(&text).next_statement().is_ok());
        }
        let mut reader = Reader::new(&text);
        let mut last = 0;
        while let Ok(Some(_)) = reader.next_statement() {
            prop_assert!(reader.position() > last);
            last = reader.position();
        }
    }
}
