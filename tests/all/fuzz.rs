//! Random programs over the op table, recorded from PyTorch by `tests/oracle/fuzz.py`, and how much of the table they cover.
//!
//! What still differs stands in `tests/data/fuzz.known`, a program a line; a program that has come to agree must be
//! taken out (`UPDATE_EXPECT=1 cargo test fuzz` does that), and none may be added by hand.

use crate::recorded::{lines, texts};
use std::collections::{BTreeSet, HashMap};
use tenscope::host::Recorder;
use tenscope::ops::table;
use tenscope::session::{Session, Settings};
use tenscope::value::entry::{ATTRIBUTE, Category, FUNCTIONAL, Forward, LINALG, METHOD, SPECIAL, TORCH};

const KNOWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fuzz.known");

/// Whether what a call gives is a view of its first tensor, as the recorder asks PyTorch.
const SHARES: &str = "y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()";

/// Programs that may differ, of a hundred.
const MOST: usize = 3;

/// Programs that raise of which the first line must be PyTorch's, of a hundred.
const ERRORS: usize = 95;

/// Entries of which fewer programs can be recorded, and why.
const SELDOM: &[(&str, &str)] = &[
    ("data_ptr", "an address is another each time"),
    ("retain_grad", "wants a tensor that requires a gradient"),
    ("backward", "wants a tensor that requires a gradient"),
    ("cuda", "raises, or names the machine"),
    ("finfo", "takes a dtype"),
    ("iinfo", "takes a dtype"),
    ("register_hook", "takes a function"),
    ("register_post_accumulate_grad_hook", "takes a function"),
    ("retains_grad", "is about gradients, which have tests of their own"),
    ("imag", "raises"),
    ("is_tensor", "takes any value"),
    ("is_storage", "takes any value"),
    ("from_numpy", "takes an array of NumPy"),
    ("astype", "is NumPy's"),
    ("manual_seed", "gives a generator, which shows its address"),
    ("seed", "is another each time"),
    ("initial_seed", "has no arguments"),
    ("get_rng_state", "has no arguments"),
    ("Generator", "shows its address"),
    ("set_rng_state", "wants a state of 5056 bytes"),
    ("native_layer_norm", "is what layer_norm calls, which has recorded calls"),
];

/// Whether a program answers as recorded.
fn agrees(row: &serde_json::Value) -> bool {
    let text = |key: &str| row.get(key).and_then(|value| value.as_str());
    let mut host = Recorder::default();
    let mut session = Session::new(Settings::default());
    session.run_typed("<line>", text("code").unwrap(), true, &mut host);
    session.run_typed("<reset>", "torch.set_default_dtype(torch.float32)", false, &mut Recorder::default());
    if let Some(shares) = row.get("shares").and_then(serde_json::Value::as_bool) {
        let mut answer = Recorder::default();
        session.run_typed("<shares>", SHARES, true, &mut answer);
        if answer.out.trim() != if shares { "True" } else { "False" } {
            return false;
        }
    }
    match (text("printed"), text("error")) {
        (Some(printed), _) => host.err.is_empty() && host.out.trim_end_matches('\n') == printed,
        (_, Some(error)) => host.err.starts_with(error.trim_end()),
        _ => false,
    }
}

fn replay() {
    let rows = lines("fuzz.jsonl");
    let different: BTreeSet<&str> =
        rows.iter().filter(|row| !agrees(row)).map(|row| row["code"].as_str().unwrap()).collect();
    let known = texts("fuzz.known");
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let kept: String = known.intersection(&different).map(|code| format!("{code}\n")).collect();
        std::fs::write(KNOWN, kept).unwrap();
    } else {
        let agree: Vec<_> = known.difference(&different).collect();
        assert!(
            agree.is_empty(),
            "answer as PyTorch now: UPDATE_EXPECT=1 cargo test fuzz takes out\n{agree:#?}"
        );
    }
    let fresh: Vec<_> = different.difference(&known).collect();
    assert!(fresh.is_empty(), "{} of {} programs differ:\n{fresh:#?}", fresh.len(), rows.len());
    let raising: Vec<&str> = rows
        .iter()
        .filter(|row| row.get("error").is_some())
        .map(|row| row["code"].as_str().unwrap())
        .collect();
    let equal = raising.iter().filter(|code| !different.contains(*code)).count();
    assert!(equal * 100 >= raising.len() * ERRORS, "{equal} of {} errors are PyTorch's", raising.len());
    assert!(different.len() * 100 <= rows.len() * MOST, "{} of {} differ", different.len(), rows.len());
}

#[test]
fn random_programs_answer_as_pytorch() {
    // Programs run on a large stack, as in the program itself.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(replay);
    thread.expect("a thread can be started").join().expect("what differs is listed");
}

#[test]
fn what_the_table_calls_a_view_shares_its_storage_in_pytorch() {
    let mut shared: HashMap<String, bool> = HashMap::new();
    for row in lines("fuzz.jsonl") {
        if let Some(shares) = row.get("shares").and_then(serde_json::Value::as_bool) {
            *shared.entry(row["op"].as_str().unwrap().to_owned()).or_default() |= shares;
        }
    }
    let views = table::all().filter(|entry| matches!(entry.forward, Forward::View(_)));
    let wrong: Vec<_> =
        views.filter(|entry| shared.get(entry.name) == Some(&false)).map(|entry| entry.name).collect();
    assert!(wrong.is_empty(), "never views in PyTorch: {wrong:?}");
}

#[test]
fn every_op_is_in_five_random_programs() {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for row in lines("fuzz.jsonl") {
        *counts.entry(row["op"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let places = METHOD | ATTRIBUTE | TORCH | FUNCTIONAL | LINALG | SPECIAL;
    let few: Vec<_> = table::all()
        .filter(|entry| entry.is_on(places) && entry.category != Category::Settings)
        .filter(|entry| !SELDOM.iter().any(|(name, _)| *name == entry.name))
        .filter(|entry| counts.get(entry.name).copied().unwrap_or_default() < 5)
        .map(|entry| entry.name)
        .collect();
    assert!(few.is_empty(), "record more programs (tests/oracle/record.py --fuzz): {few:?}");
}
