//! `docs/reference/`: a page for each category, made of the table. `UPDATE_EXPECT=1 cargo test docs` writes them.
//!
//! The examples on the pages are those of the entries, which `table.rs` runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use tenscope::ops::table;
use tenscope::value::Entry;
use tenscope::value::entry::{
    ATTRIBUTE, BARE, CUDA, Category, FUNCTIONAL, Gradient, IN_PLACE, INIT, LINALG, METHOD, NUMPY, SPECIAL,
    TORCH,
};

/// How a call of a function begins in each place.
const FUNCTIONS: [(u32, &str); 7] = [
    (TORCH, "torch."),
    (FUNCTIONAL, "F."),
    (LINALG, "torch.linalg."),
    (SPECIAL, "torch.special."),
    (INIT, "nn.init."),
    (CUDA, "torch.cuda."),
    (NUMPY, "np."),
];

/// All the ways to call an entry: `x.add(..)`, `torch.add(..)`.
fn ways(entry: &Entry) -> String {
    let mut ways = Vec::new();
    for name in std::iter::once(&entry.name).chain(entry.aliases) {
        if entry.is_on(ATTRIBUTE) {
            ways.push(format!("`x.{name}`"));
        }
        if entry.is_on(METHOD) {
            ways.push(format!("`x.{name}()`"));
        }
        if entry.is_on(IN_PLACE) {
            ways.push(format!("`x.{name}_()`"));
        }
        let functions = FUNCTIONS.iter().filter(|(place, _)| entry.is_on(*place));
        ways.extend(functions.map(|(_, prefix)| format!("`{prefix}{name}()`")));
        if entry.is_on(BARE) {
            ways.push(format!("`{name}()`"));
        }
    }
    ways.join(", ")
}

fn section(entry: &'static Entry) -> String {
    let mut text = format!("## {}\n\n{}\n\n```text\n", entry.name, entry.summary);
    for line in entry.signature.lines().filter(|line| !line.starts_with('~')) {
        let _ = writeln!(text, "{}{line}", entry.name);
    }
    let ways = ways(entry);
    if ways.is_empty() {
        text.push_str("```\n");
    } else {
        let _ = write!(text, "```\n\nCalled as {ways}.\n");
    }
    if !entry.examples.is_empty() {
        text.push_str("\n```pycon\n");
        for (code, printed) in entry.examples {
            let _ = write!(text, ">>> {}\n{printed}\n", code.replace('\n', "\n... "));
        }
        text.push_str("```\n");
    }
    let _ = writeln!(text, "\nGradient: {}.", gradient(entry));
    text
}

fn gradient(entry: &Entry) -> String {
    match entry.gradient {
        Gradient::NotDifferentiable => "none, it is not differentiable".to_owned(),
        Gradient::Todo(why) => format!("none yet, {why}"),
        #[allow(unreachable_patterns, reason = "whatever else there is, is a way to compute it")]
        _ => "yes".to_owned(),
    }
}

/// The pages by file name.
fn pages() -> BTreeMap<String, String> {
    let mut by_category: BTreeMap<Category, Vec<&'static Entry>> = BTreeMap::new();
    for entry in table::all() {
        by_category.entry(entry.category).or_default().push(entry);
    }
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Reference\n\nMade of the op table: `UPDATE_EXPECT=1 cargo test docs` writes these pages.\n\n| page | ops |\n|---|---|\n",
    );
    for (category, mut entries) in by_category {
        entries.sort_by_key(|entry| entry.name.to_lowercase());
        let file = format!("{}.md", format!("{category:?}").to_lowercase());
        let names: Vec<String> = entries.iter().map(|entry| format!("`{}`", entry.name)).collect();
        let _ = writeln!(index, "| [{}]({file}) | {} |", category.title(), names.join(" "));
        let sections: Vec<String> = entries.into_iter().map(section).collect();
        pages.insert(file, format!("# {}\n\n{}", category.title(), sections.join("\n")));
    }
    index.push_str("\n[What shares memory](sharing.md): views, copies, and what gives the tensor itself, call by call.\n");
    pages.insert("sharing.md".to_owned(), crate::sharing::page());
    index.push_str(
        "\n[NumPy's functions](numpy.md) that are written in terms of the ops, and the methods of arrays.\n\n[The classes of `torch.nn`](modules.md).\n",
    );
    pages.insert("numpy.md".to_owned(), numpy());
    pages.insert("modules.md".to_owned(), crate::modules::page());
    pages.insert("README.md".to_owned(), index);
    pages
}

/// The page of what the library has of NumPy beside the table: a line for each function, with its parameters.
fn numpy() -> String {
    let parts = [
        ("np.", include_str!("../../src/library/numpy.py")),
        ("np.linalg.", include_str!("../../src/library/numpy_linalg.py")),
    ];
    let (mut functions, mut methods) = (Vec::new(), Vec::new());
    for (prefix, text) in parts {
        for line in text.lines() {
            let Some(head) = line.strip_prefix("def ").and_then(|line| line.strip_suffix(':')) else {
                continue;
            };
            let (name, parameters) = head.split_once('(').unwrap();
            match name.strip_prefix("_array_") {
                Some(method) => {
                    let own = parameters.trim_start_matches("a, ").trim_start_matches("a)");
                    let own = if own.is_empty() { ")" } else { own };
                    methods.push(format!("| `a.{method}({own}` |"));
                }
                None if name.starts_with('_') => {}
                None => functions.push(format!("| `{prefix}{name}({parameters}` |")),
            }
        }
    }
    functions.sort();
    methods.sort();
    let table =
        |title: &str, lines: &[String]| format!("## {title}\n\n| call |\n|---|\n{}\n", lines.join("\n"));
    format!(
        "# NumPy\n\nArrays are tensors of NumPy's flavour: what an op of the table does to them stands on its page, under\n`np.`. What follows is written in Python on top (`src/library/numpy.py`); arrays go in and come out.\n\n{}\n{}",
        table("Functions", &functions),
        table("Methods of arrays", &methods)
    )
}

#[test]
fn docs_reference_is_what_the_table_says() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let pages = pages();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(&directory).unwrap();
        for (file, text) in &pages {
            fs::write(directory.join(file), text).unwrap();
        }
    }
    for (file, text) in &pages {
        let written = fs::read_to_string(directory.join(file)).unwrap_or_default();
        let line = written.lines().zip(text.lines()).take_while(|(written, due)| written == due).count() + 1;
        assert!(
            written == *text,
            "docs/reference/{file} is stale from line {line}: UPDATE_EXPECT=1 cargo test docs writes it"
        );
    }
    let written = fs::read_dir(&directory).unwrap().map(|file| file.unwrap().file_name());
    for file in written {
        assert!(
            pages.contains_key(&*file.to_string_lossy()),
            "docs/reference holds {file:?}, which no category has"
        );
    }
}
