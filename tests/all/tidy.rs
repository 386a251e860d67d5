//! What the source keeps to: the order of its layers, no `unsafe`, a sentence at the top of every file.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text without its comments, and without the unit tests at its end, which may use what they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The words that follow `crate::` in a text, those of `use crate::{a, b::c}` included.
fn used_modules(text: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = Vec::new();
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => used.push(word(after)),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphanumeric() => {
                            used.push(word(&list[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    used
}

#[test]
fn each_layer_uses_only_those_above_it() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let layers: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(layers.len() > 8, "{layers:?}");
    let place = |layer: &str| layers.iter().position(|known| *known == layer);
    let mut wrong = Vec::new();
    for path in files(&root().join("src")) {
        let inner = path.strip_prefix(root().join("src")).unwrap().to_owned();
        let own = inner.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(own_place) = place(&own) else { continue };
        if inner.ends_with("tests.rs") {
            continue;
        }
        for used in used_modules(&code(&path)) {
            let below = place(&used).is_some_and(|used_place| used_place > own_place);
            let strangers = [own.as_str(), used.as_str()];
            if below || strangers == ["tensor", "syntax"] || strangers == ["syntax", "tensor"] {
                wrong.push(format!("{} uses {used}", inner.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn modules_are_found_in_use_lists() {
    assert_eq!(
        used_modules("use crate::a::{b, c};\nuse crate::{d, e::{f, g}, h}; crate::i::j()"),
        ["a", "d", "e", "h", "i"]
    );
}

#[test]
fn there_is_no_unsafe() {
    for path in files(&root().join("src")) {
        assert!(!code(&path).contains("unsafe"), "{}", path.display());
    }
}

#[test]
fn every_file_says_what_lives_there() {
    for folder in ["src", "tests"] {
        for path in files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//! "), "{}", path.display());
        }
    }
}
