//! One side of a pattern: `b (h h2) ... 3`. Reading it checks its characters, brackets and names, in einops' order and
//! with its sentences; every axis remembers where it stands.

use super::Fault;
use std::ops::Range;

/// What an axis of a pattern is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// A name.
    Named(Box<str>),
    /// A number: an axis of that length without a name, other than any other.
    Anonymous(i64),
    /// `...`
    Ellipsis,
}

/// An axis, and the bytes of the pattern it stands at.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What it is.
    pub name: Name,
    /// Where it stands.
    pub at: Range<usize>,
}

/// What becomes one dimension: an axis, several in brackets, or none (`1`, `()`). A bare ellipsis becomes any number of
/// dimensions.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its axes, the slowest first.
    pub axes: Vec<Axis>,
    /// Where it stands, with its brackets.
    pub at: Range<usize>,
    /// Whether it stands in brackets.
    pub brackets: bool,
}

/// One side of a pattern.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its dimensions in order.
    pub groups: Vec<Group>,
    /// Where it stands in the pattern.
    pub at: Range<usize>,
}

/// What a side may hold beside plain names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// `_`, for a dimension that needs no name.
    pub underscore: bool,
    /// A name more than once.
    pub duplicates: bool,
}

impl Group {
    /// Whether it is an ellipsis outside brackets.
    pub fn is_ellipsis(&self) -> bool {
        !self.brackets && self.axes.first().is_some_and(|axis| axis.name == Name::Ellipsis)
    }
}

impl Name {
    /// As einops writes it among the names of an error.
    pub fn quoted(&self) -> String {
        match self {
            Name::Named(name) => format!("'{name}'"),
            Name::Anonymous(size) => format!("{size}-axis"),
            Name::Ellipsis => "'…'".to_owned(),
        }
    }

    /// The name, where it has one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Name::Named(name) => Some(name),
            _ => None,
        }
    }
}

impl Side {
    /// Reads bytes `at` of a pattern.
    pub fn parse(pattern: &str, at: Range<usize>, rules: Rules) -> Result<Side, Fault> {
        let text = &pattern[at.clone()];
        check_dots(text, at.start)?;
        let mut reader = Reader { rules, groups: Vec::new(), open: None };
        let mut word: Option<Range<usize>> = None;
        for (n, c) in text.char_indices().map(|(n, c)| (n + at.start, c)) {
            let end = n + c.len_utf8();
            match c {
                '(' | ')' | ' ' => {
                    if let Some(word) = word.take() {
                        reader.word(pattern, word)?;
                    }
                    reader.bracket(c, n)?;
                }
                // The dots were checked: they come in threes.
                '.' => word = Some(word.map_or(n, |word| word.start)..end),
                _ if c.is_alphanumeric() || c == '_' => word = Some(word.map_or(n, |word| word.start)..end),
                _ => {
                    let fault = Fault::new(format!("Unknown character '{c}'"));
                    return Err(fault.at(n..end, "names are separated by spaces"));
                }
            }
        }
        if let Some(open) = reader.open {
            let fault =
                Fault::new(format!("Imbalanced parentheses in expression: \"{}\"", text.replace("...", "…")));
            return Err(fault.at(open.at, "this bracket is not closed"));
        }
        if let Some(word) = word {
            reader.word(pattern, word)?;
        }
        Ok(Side { groups: reader.groups, at })
    }

    /// Every axis, in order.
    pub fn axes(&self) -> impl Iterator<Item = &Axis> {
        self.groups.iter().flat_map(|group| &group.axes)
    }

    /// The ellipsis, where there is one, and whether it stands in brackets.
    pub fn ellipsis(&self) -> Option<(&Axis, bool)> {
        let inside = |group: &Group| group.brackets;
        self.groups.iter().find_map(|group| {
            let axis = group.axes.iter().find(|axis| axis.name == Name::Ellipsis)?;
            Some((axis, inside(group)))
        })
    }

    /// The first axis that is a number.
    pub fn anonymous(&self) -> Option<&Axis> {
        self.axes().find(|axis| matches!(axis.name, Name::Anonymous(_)))
    }

    /// Whether an axis of that name is there. (Numbers are never the same.)
    pub fn has(&self, name: &Name) -> bool {
        !matches!(name, Name::Anonymous(_)) && self.axes().any(|axis| axis.name == *name)
    }
}

/// Dots are three, and once.
fn check_dots(text: &str, start: usize) -> Result<(), Fault> {
    let dots = text.matches('.').count();
    if dots == 0 {
        return Ok(());
    }
    let point = |fault: Fault| {
        let at = text.rfind('.').unwrap_or(0) + start;
        Err(fault.at(at..at + 1, "an ellipsis is three dots, once on each side"))
    };
    if !text.contains("...") {
        return point(Fault::new("Expression may contain dots only inside ellipsis (...)"));
    }
    if dots != 3 {
        // The space at the end is einops' own.
        return point(Fault::new(
            "Expression may contain dots only inside ellipsis (...); only one ellipsis for tensor ",
        ));
    }
    Ok(())
}

/// The groups that were read so far, and the one whose bracket is open.
struct Reader {
    rules: Rules,
    groups: Vec<Group>,
    open: Option<Group>,
}

impl Reader {
    fn bracket(&mut self, c: char, at: usize) -> Result<(), Fault> {
        match (c, self.open.take()) {
            ('(', None) => {
                self.open = Some(Group { axes: Vec::new(), at: at..at + 1, brackets: true });
                Ok(())
            }
            ('(', Some(outer)) => {
                let sentence = "Axis composition is one-level (brackets inside brackets not allowed)";
                Err(Fault::new(sentence).at(at..at + 1, "").at(outer.at, "this one is still open"))
            }
            (')', Some(mut group)) => {
                group.at.end = at + 1;
                self.groups.push(group);
                Ok(())
            }
            (')', None) => {
                let fault = Fault::new("Brackets are not balanced");
                Err(fault.at(at..at + 1, "no bracket is open here"))
            }
            (_, open) => {
                self.open = open;
                Ok(())
            }
        }
    }

    fn word(&mut self, pattern: &str, at: Range<usize>) -> Result<(), Fault> {
        let text = &pattern[at.clone()];
        let seen = self.groups.iter().chain(&self.open).flat_map(|group| &group.axes);
        let before = seen.filter(|axis| !matches!(axis.name, Name::Anonymous(_))).find(|a| {
            let other = &pattern[a.at.clone()];
            other == text
        });
        let skipped = self.rules.underscore && text == "_";
        if let (Some(before), false) = (before, skipped || self.rules.duplicates) {
            let text = if text == "..." { "…" } else { text };
            let fault = Fault::new(format!("Indexing expression contains duplicate dimension \"{text}\""));
            return Err(fault.at(at, "").at(before.at.clone(), "the same name before"));
        }
        let Some(name) = self.name(text, &at)? else {
            // One alone is a dimension without axes; inside brackets it changes nothing.
            if self.open.is_none() {
                self.groups.push(Group { axes: Vec::new(), at, brackets: false });
            }
            return Ok(());
        };
        let axis = Axis { name, at: at.clone() };
        match &mut self.open {
            Some(group) => group.axes.push(axis),
            None => self.groups.push(Group { axes: vec![axis], at, brackets: false }),
        }
        Ok(())
    }

    /// The axis that a word stands for; none for 1.
    fn name(&self, text: &str, at: &Range<usize>) -> Result<Option<Name>, Fault> {
        if text == "..." {
            return Ok(Some(Name::Ellipsis));
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse::<i64>() {
                Ok(1) => Ok(None),
                Ok(0) => {
                    let fault = Fault::new("Anonymous axis should have positive length, not 0");
                    Err(fault.at(at.clone(), ""))
                }
                Ok(size) => Ok(Some(Name::Anonymous(size))),
                Err(_) => Err(Fault::new(format!("Anonymous axis {text} is too long")).at(at.clone(), "")),
            };
        }
        if let Err(reason) = check_name(text, self.rules.underscore) {
            let text = text.replace("...", "…");
            return Err(Fault::new(format!("Invalid axis identifier: {text}\n{reason}")).at(at.clone(), ""));
        }
        Ok(Some(Name::Named(text.into())))
    }
}

/// Whether a word can name an axis; otherwise why not.
pub fn check_name(text: &str, underscore: bool) -> Result<(), &'static str> {
    let mut chars = text.chars();
    let identifier = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(unicode_ident::is_xid_continue);
    if !identifier {
        return Err("not a valid python identifier");
    }
    if (text.starts_with('_') || text.ends_with('_')) && !(underscore && text == "_") {
        return Err("axis name should should not start or end with underscore");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, bool)>, String> {
        let side = Side::parse(text, 0..text.len(), Rules::default()).map_err(|fault| fault.message)?;
        let names =
            |group: &Group| group.axes.iter().map(|axis| axis.name.quoted()).collect::<Vec<_>>().join(" ");
        Ok(side.groups.iter().map(|group| (names(group), group.brackets)).collect())
    }

    #[test]
    fn groups_and_their_axes() {
        let groups = read("b (h 2 1) 1 () ...").unwrap();
        let expected = [("'b'", false), ("'h' 2-axis", true), ("", false), ("", true), ("'…'", false)];
        assert_eq!(groups, expected.map(|(names, brackets)| (names.to_owned(), brackets)));
    }

    #[test]
    fn mistakes_are_told() {
        for (text, sentence) in [
            ("a a", "Indexing expression contains duplicate dimension \"a\""),
            ("a (b", "Imbalanced parentheses in expression: \"a (b\""),
            ("a) b", "Brackets are not balanced"),
            ("(a (b))", "Axis composition is one-level (brackets inside brackets not allowed)"),
            ("a_ b", "Invalid axis identifier: a_\naxis name should should not start or end with underscore"),
            ("2a", "Invalid axis identifier: 2a\nnot a valid python identifier"),
            ("a, b", "Unknown character ','"),
            ("a .. b", "Expression may contain dots only inside ellipsis (...)"),
            ("0 b", "Anonymous axis should have positive length, not 0"),
        ] {
            assert_eq!(read(text), Err(sentence.to_owned()), "{text}");
        }
    }
}
