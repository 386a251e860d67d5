//! The part of the library that is written in Python: texts that stand in the binary and are compiled when a program
//! first asks for one of their names.
//!
//! A text belongs to a module by its dotted name. The module may have natives as well (`torch.nn`): then the text adds
//! names to it. In the text, names that it does not bind mean those natives first (also those with an underscore, which
//! `names` need not list), then Python's built-ins. Its own globals are kept apart from the program's, and diagnostics
//! point at the program's call, not into the text. To add a module: one file here, one line in [`TEXTS`], and, where it
//! has no natives, one in [`MODULES`].

use crate::value::Module;

/// A module's text.
pub struct Text {
    /// The dotted name of the module.
    pub module: &'static str,
    /// The program.
    pub source: &'static str,
}

/// All texts.
pub static TEXTS: &[Text] = &[
    Text { module: "abc", source: include_str!("abc.py") },
    Text { module: "contextlib", source: include_str!("contextlib.py") },
    Text { module: "enum", source: include_str!("enum.py") },
    Text { module: "collections", source: include_str!("collections.py") },
    Text { module: "dataclasses", source: include_str!("dataclasses.py") },
    Text { module: "functools", source: include_str!("functools.py") },
    Text { module: "operator", source: include_str!("operator.py") },
    Text { module: "warnings", source: include_str!("warnings.py") },
    Text { module: "tqdm", source: include_str!("tqdm.py") },
    Text { module: "tqdm.auto", source: include_str!("tqdm.py") },
    Text { module: "tqdm.notebook", source: include_str!("tqdm.py") },
    Text { module: "numpy", source: include_str!("numpy.py") },
    Text { module: "numpy.linalg", source: include_str!("numpy_linalg.py") },
    Text { module: "torch.nn", source: NN },
    Text { module: "torch.nn.utils", source: include_str!("nn/utils.py") },
    Text { module: "torch.nn.utils.rnn", source: include_str!("nn/rnn.py") },
    Text { module: "torch.optim", source: include_str!("optim.py") },
    Text { module: "torch.optim.lr_scheduler", source: include_str!("lr_scheduler.py") },
    Text { module: "torch.autograd", source: include_str!("autograd.py") },
    Text { module: "torch.autograd.functional", source: include_str!("functional.py") },
];

/// `torch.nn`, in parts: each may use the names of those before it, and at run time those of all.
const NN: &str = concat!(
    include_str!("nn/module.py"),
    include_str!("nn/containers.py"),
    include_str!("nn/linear.py"),
    include_str!("nn/convolution.py"),
    include_str!("nn/pooling.py"),
    include_str!("nn/shaping.py"),
    include_str!("nn/normalisation.py"),
    include_str!("nn/activation.py"),
    include_str!("nn/distance.py"),
    include_str!("nn/loss.py"),
    include_str!("nn/recurrent.py"),
    include_str!("nn/attention.py"),
);

/// The modules that have no natives.
pub static MODULES: &[&Module] = &[
    &Module { name: "abc", get: |_| None, names: || names("abc") },
    &Module { name: "contextlib", get: |_| None, names: || names("contextlib") },
    &Module { name: "enum", get: |_| None, names: || names("enum") },
    &Module { name: "collections", get: |_| None, names: || names("collections") },
    &Module { name: "dataclasses", get: |_| None, names: || names("dataclasses") },
    &Module { name: "warnings", get: |_| None, names: || names("warnings") },
    &Module { name: "operator", get: |_| None, names: || names("operator") },
];

/// The text of a module.
pub fn source(module: &str) -> Option<&'static str> {
    TEXTS.iter().find(|text| text.module == module).map(|text| text.source)
}

/// The names a module's text defines for others: functions, classes and variables at its margin without an underscore.
pub fn names(module: &str) -> Vec<&'static str> {
    let word = |text: &'static str| -> &'static str {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        &text[..end]
    };
    let defined = |line: &'static str| -> Option<&'static str> {
        if let Some(rest) = line.strip_prefix("def ").or_else(|| line.strip_prefix("class ")) {
            return Some(word(rest));
        }
        let name = word(line);
        let rest = line[name.len()..].trim_start();
        (!name.is_empty() && rest.starts_with('=') && !rest.starts_with("==")).then_some(name)
    };
    let all = source(module).unwrap_or_default().lines().filter_map(defined);
    let mut found: Vec<&'static str> = all.filter(|name| !name.starts_with('_')).collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_text_are_those_at_its_margin() {
        assert_eq!(names("abc"), ["abstractmethod", "ABCMeta", "ABC"]);
        assert!(names("nowhere").is_empty());
    }

    #[test]
    fn texts_can_be_read() {
        for text in TEXTS {
            assert!(crate::syntax::parse_program(text.source).is_ok(), "{}", text.module);
        }
    }
}
