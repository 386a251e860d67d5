//! The reference page of `torch.nn`, made of the texts in `src/library/nn`: each public class with what it is made of.

use std::collections::HashMap;
use std::fmt::Write;

const PARTS: &[(&str, &str)] = &[
    ("Containers", include_str!("../../src/library/nn/containers.py")),
    ("Products and tables", include_str!("../../src/library/nn/linear.py")),
    ("Convolutions", include_str!("../../src/library/nn/convolution.py")),
    ("Pools", include_str!("../../src/library/nn/pooling.py")),
    ("Shapes and padding", include_str!("../../src/library/nn/shaping.py")),
    ("Normalisation", include_str!("../../src/library/nn/normalisation.py")),
    ("Activations and dropout", include_str!("../../src/library/nn/activation.py")),
    ("Distances", include_str!("../../src/library/nn/distance.py")),
    ("Losses", include_str!("../../src/library/nn/loss.py")),
    ("Recurrent", include_str!("../../src/library/nn/recurrent.py")),
    ("Attention", include_str!("../../src/library/nn/attention.py")),
];

/// A class of a text: its name, the class it derives from, and the parameters of its own `__init__`.
struct Class<'a> {
    name: &'a str,
    base: &'a str,
    parameters: Option<String>,
}

fn classes(text: &str) -> Vec<Class<'_>> {
    let mut found = Vec::new();
    for body in text
        .split("\nclass ")
        .map(|part| part.strip_prefix("class ").unwrap_or(part))
        .skip_while(|part| !part.contains("):"))
    {
        let Some((name, rest)) = body.split_once('(') else { continue };
        let Some((base, rest)) = rest.split_once("):") else { continue };
        if name.contains(char::is_whitespace) {
            continue;
        }
        let parameters = rest
            .split_once("    def __init__(self")
            .and_then(|(_, rest)| rest.split_once("):"))
            .map(|(list, _)| {
                let words: Vec<&str> = list.trim_start_matches(", ").split_whitespace().collect();
                words.join(" ")
            });
        found.push(Class { name, base, parameters });
    }
    found
}

/// The page.
pub(crate) fn page() -> String {
    let all: HashMap<&str, Class<'_>> =
        PARTS.iter().flat_map(|(_, text)| classes(text)).map(|class| (class.name, class)).collect();
    let mut page = "# Modules\n\nThe classes of `torch.nn`, beside `Module` and `Parameter`. They are written in Python over the functions of\n`torch.nn.functional` (`src/library/nn`).\n".to_owned();
    for (title, text) in PARTS {
        write!(page, "\n## {title}\n\n| class |\n|---|\n").unwrap();
        for class in classes(text).iter().filter(|class| !class.name.starts_with('_')) {
            let mut of = Some(class);
            while let Some(Class { parameters: None, base, .. }) = of {
                of = all.get(base);
            }
            let parameters = of.and_then(|class| class.parameters.clone()).unwrap_or_default();
            writeln!(page, "| `nn.{}({parameters})` |", class.name).unwrap();
        }
    }
    page
}
