//! The parser against CPython 3.11: the same trees, the same refusals, and nearly always the same words.

use crate::recorded::lines;
use tenscope::error::Class;
use tenscope::syntax::{dump::dump, parse_program, print::print};

#[test]
fn the_trees_are_those_of_cpython() {
    let mut count = 0;
    for row in lines("syntax.jsonl") {
        let (Some(source), Some(expected)) = (row["source"].as_str(), row["dump"].as_str()) else { continue };
        match parse_program(source) {
            Ok(tree) => {
                assert_eq!(dump(&tree), expected, "{source}");
                let printed = print(&tree);
                let again = parse_program(&printed)
                    .unwrap_or_else(|error| panic!("{source}\n->\n{printed}\n{error}"));
                assert_eq!(dump(&again), expected, "{source}\n->\n{printed}");
            }
            Err(error) => panic!("{source}\n{error}"),
        }
        count += 1;
    }
    assert!(count >= 2000, "{count} sentences");
}

#[test]
fn what_cpython_refuses_is_refused() {
    let (mut count, mut other_words) = (0, Vec::new());
    for row in lines("syntax.jsonl") {
        let (Some(source), Some(expected)) = (row["source"].as_str(), row["error"].as_str()) else {
            continue;
        };
        let Err(error) = parse_program(source) else { panic!("{source}\nis accepted, not {expected}") };
        assert!(error.class().is(Class::SyntaxError), "{source}\n{error}");
        assert!(!error.data().labels.is_empty(), "{source}\n{error} has no place");
        if error.to_string() != expected {
            other_words.push(format!("{source:?}\n  {expected}\n  {error}"));
        }
        count += 1;
    }
    assert!(count >= 500, "{count} sentences");
    // What is left are CPython's accidents: memoised failures, and `match` that is no statement.
    assert!(other_words.len() <= count / 100, "{}", other_words.join("\n"));
}
