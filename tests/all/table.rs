//! The op table is closed: signatures parse, summaries are one line, names are unique where they stand, and every example
//! prints what it says. `tests/oracle/examples.py` checks the same examples against PyTorch.

use std::collections::HashMap;
use tenscope::host::Recorder;
use tenscope::ops::table;
use tenscope::session::{Session, Settings};
use tenscope::value::Entry;
use tenscope::value::entry::{
    ATTRIBUTE, CUDA, EINOPS, FUNCTIONAL, IN_PLACE, LINALG, METHOD, NUMPY, Param, SPECIAL, TORCH,
};

/// The entries, and a name for each that says where it stands.
fn entries() -> Vec<(String, &'static Entry)> {
    table::all().map(|entry| (format!("{} (on {:#b})", entry.name, entry.on), entry)).collect()
}

#[test]
fn signatures_parse() {
    for (name, entry) in entries() {
        let lines = entry.signature.lines().count();
        assert_eq!(entry.parsed().overloads.len(), lines, "{name}: {}", entry.signature);
    }
}

#[test]
fn summaries_are_one_sentence_on_one_line() {
    for (name, entry) in entries() {
        assert!(!entry.summary.is_empty() && !entry.summary.contains('\n'), "{name}");
        assert!(entry.summary.len() <= 130, "{name}: {}", entry.summary);
    }
}

#[test]
fn names_are_unique_in_each_place() {
    for place in [METHOD, TORCH, FUNCTIONAL, ATTRIBUTE, NUMPY, LINALG, CUDA, EINOPS] {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (_, entry) in entries().into_iter().filter(|(_, entry)| entry.is_on(place)) {
            for name in std::iter::once(&entry.name).chain(entry.aliases) {
                let mut names = vec![(*name).to_owned()];
                if place == METHOD && entry.is_on(IN_PLACE) {
                    names.push(format!("{name}_"));
                }
                for name in names {
                    let before = seen.insert(name.clone(), entry.name);
                    assert!(before.is_none(), "{name} stands twice on {place:#b}");
                }
            }
        }
    }
}

#[test]
fn what_is_listed_as_absent_is_absent() {
    for name in tenscope::ops::absent::names() {
        let places = [table::torch(name), table::method(name), table::functional(name), table::linalg(name)];
        // Those that are there to say that they cannot be done raise in every place.
        let there = places.into_iter().flatten().find(|entry| !entry.examples.is_empty());
        assert!(there.is_none(), "{name} is in the table");
    }
}

/// What an example prints at the prompt.
fn printed(code: &str) -> String {
    let mut host = Recorder::default();
    let mut session = Session::new(Settings::default());
    session.run_typed("<example>", code, true, &mut host);
    // The default dtype belongs to the thread.
    session.run_typed("<reset>", "torch.set_default_dtype(torch.float32)", false, &mut Recorder::default());
    format!("{}{}", host.out, host.err).trim_end_matches('\n').to_owned()
}

#[test]
fn examples_print_what_they_say() {
    let mut wrong = Vec::new();
    for (name, entry) in entries() {
        for (code, expected) in entry.examples {
            let out = printed(code);
            if out != *expected {
                wrong.push(format!("{name}: {code}\n--- expected\n{expected}\n--- printed\n{out}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn nearly_every_entry_has_an_example() {
    let without: Vec<_> =
        entries().into_iter().filter(|(_, entry)| entry.examples.is_empty()).map(|(name, _)| name).collect();
    // Those raise an error wherever they are called, are only there for `np.asarray`, or are the machinery of gradients.
    assert!(without.len() <= 11, "{without:?}");
}

/// Prints every example as a line of JSON, for `tests/oracle/examples.py`.
#[test]
#[ignore = "a listing, not a test"]
fn list_examples() {
    for (name, entry) in entries() {
        for (code, printed) in entry.examples {
            let line = serde_json::json!({ "entry": name, "code": code, "printed": printed });
            std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("EXAMPLE {line}\n")).unwrap();
        }
    }
}

/// Prints every entry as a line of JSON, for `tests/oracle/fuzz.py`.
#[test]
#[ignore = "a listing, not a test"]
fn list_entries() {
    for (_, entry) in entries() {
        let overloads: Vec<_> = entry.parsed().overloads.iter().filter(|overload| !overload.hidden).collect();
        let overloads: Vec<_> =
            overloads.iter().map(|overload| overload.params.iter().map(parameter)).collect();
        let overloads: Vec<Vec<_>> = overloads.into_iter().map(Iterator::collect).collect();
        let line = serde_json::json!({
            "names": std::iter::once(&entry.name).chain(entry.aliases).collect::<Vec<_>>(),
            "category": format!("{:?}", entry.category),
            "places": places(entry),
            "overloads": overloads,
        });
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("ENTRY {line}\n")).unwrap();
    }
}

fn parameter(param: &Param) -> serde_json::Value {
    serde_json::json!({
        "name": param.name,
        "types": param.types.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>(),
        "optional": param.default.is_some(),
        "keyword": param.keyword_only,
        "variadic": param.variadic,
    })
}

/// Where an entry of PyTorch's can be called.
fn places(entry: &Entry) -> Vec<&'static str> {
    const PLACES: [(u32, &str); 7] = [
        (METHOD, "method"),
        (IN_PLACE, "in place"),
        (ATTRIBUTE, "attribute"),
        (TORCH, "torch"),
        (FUNCTIONAL, "F"),
        (LINALG, "torch.linalg"),
        (SPECIAL, "torch.special"),
    ];
    PLACES.iter().filter(|(place, _)| entry.is_on(*place)).map(|(_, name)| *name).collect()
}
