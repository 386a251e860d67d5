//! Gradients against what PyTorch computed, and against small steps; every differentiable entry of the table is among
//! the cases.

use crate::calls::replay;
use crate::recorded::lines;
use tenscope::ops::table;
use tenscope::value::entry::Gradient;

/// Calls whose result differs, and why.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn gradients_are_pytorchs() {
    replay("gradients.jsonl", 700, KNOWN);
}

/// Entries with a gradient that no case names, and why.
const UNNAMED: &[(&str, &str)] = &[];

#[test]
fn every_gradient_is_checked() {
    let rows = lines("gradients.jsonl");
    let words: std::collections::HashSet<String> = rows
        .iter()
        .filter_map(|row| row["code"].as_str())
        .flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .map(str::to_owned)
        .collect();
    let known = |name: &str| {
        let operators = ["add", "sub", "mul", "div", "pow", "remainder", "floor_divide", "neg", "matmul"];
        operators.contains(&name) || words.contains(name) || UNNAMED.iter().any(|(known, _)| *known == name)
    };
    let missing: Vec<&str> = table::all()
        .filter(|entry| !matches!(entry.gradient, Gradient::NotDifferentiable | Gradient::Todo(_)))
        .filter(|entry| !known(entry.name) && !entry.aliases.iter().any(|alias| known(alias)))
        .map(|entry| entry.name)
        .collect();
    assert!(missing.is_empty(), "no recorded gradient: {missing:?}");
}
