//! Equations: `ij,jk->ik`, or lists of numbers. Reading one checks its characters and the number of operands, in
//! PyTorch's order and with its sentences.

use crate::error::{Error, Place, Result};
use std::fmt;

/// A letter of an equation, or one of the dimensions that an ellipsis covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// The n-th dimension under the ellipsis, counted from the widest ellipsis's left.
    Covered(usize),
    /// A letter; in the sublist form, a number.
    Letter(Letter),
}

/// A letter; numbers of the sublist form beyond 51 have letters of their own, past all of Unicode's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Letter(u32);

/// Where the numbers begin that no letter stands for.
const NUMBERS: u32 = char::MAX as u32 + 1;

impl Letter {
    /// The letter of a number of the sublist form: 0 to 51 are A to Z and a to z, as in PyTorch.
    pub fn numbered(n: i64) -> Option<Letter> {
        const ALPHABET: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let n = u32::try_from(n).ok()?;
        match ALPHABET.get(n as usize) {
            Some(&byte) => Some(Letter(u32::from(byte))),
            None => NUMBERS.checked_add(n).map(Letter),
        }
    }
}

impl From<char> for Letter {
    fn from(c: char) -> Letter {
        Letter(u32::from(c))
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match char::from_u32(self.0) {
            Some(c) => write!(f, "{c}"),
            None => write!(f, "{}", self.0 - NUMBERS),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Letter(letter) => letter.fmt(f),
            Label::Covered(n) => write!(f, "...{n}"),
        }
    }
}

/// One subscript of a term, and the byte of the equation it stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscript {
    /// What it is.
    pub kind: SubscriptKind,
    /// Where it stands; `None` in the sublist form.
    pub at: Option<usize>,
}

/// A subscript is a letter or an ellipsis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptKind {
    /// A letter.
    Letter(Letter),
    /// `...`
    Ellipsis,
}

/// An equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The subscripts of each operand.
    pub operands: Vec<Vec<Subscript>>,
    /// Those of the output, where it is given.
    pub output: Option<Vec<Subscript>>,
    /// What is wrong behind these: PyTorch looks at the operands' dimensions before it reads the output, so it is said
    /// when letters are bound.
    pub(super) stray: Option<Stray>,
}

/// A mistake in the output of an equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stray {
    message: String,
    at: usize,
    len: usize,
}

impl Stray {
    /// The error that it is.
    pub(super) fn error(&self) -> Error {
        fault_at(&self.message, self.at, self.len)
    }
}

impl Equation {
    /// Reads `ij,jk->ik` for a number of operands.
    pub fn parse(text: &str, operands: usize) -> Result<Equation> {
        let (inputs, output) = match text.find("->") {
            Some(at) => (&text[..at], Some(at + 2)),
            None => (text, None),
        };
        let mut terms = vec![Vec::new()];
        let mut rest = inputs.char_indices();
        while let Some((at, c)) = rest.next() {
            let n = terms.len() - 1;
            let term = &mut terms[n];
            match c {
                ' ' => {}
                '.' => {
                    if term.iter().any(is_ellipsis) {
                        let message =
                            format!("found '.' for operand {n} for which an ellipsis was already found");
                        return Err(fault_at(message, at, 1));
                    }
                    if !inputs[at..].starts_with("...") {
                        let message = format!("found '.' for operand {n} that is not part of any ellipsis");
                        return Err(fault_at(message, at, 1));
                    }
                    rest.next();
                    rest.next();
                    term.push(Subscript { kind: SubscriptKind::Ellipsis, at: Some(at) });
                }
                ',' => {
                    terms.push(Vec::new());
                    if terms.len() > operands {
                        let message = "fewer operands were provided than specified in the equation";
                        let given = counted(operands, "operand");
                        return Err(fault_at(message, at, inputs.len() - at).note(format!(
                            "{given} given; the equation has {} terms",
                            inputs.matches(',').count() + 1
                        )));
                    }
                }
                _ => term.push(letter(c, at).map_err(|stray| stray.error())?),
            }
        }
        if terms.len() < operands {
            let message = "more operands were provided than specified in the equation";
            let (given, known) = (counted(operands, "operand"), counted(terms.len(), "term"));
            return Err(
                fault_at(message, 0, inputs.len()).note(format!("{given} given; the equation has {known}"))
            );
        }
        let (output, stray) = match output.map(|start| output_of(text, start)) {
            Some((output, stray)) => (Some(output), stray),
            None => (None, None),
        };
        Ok(Equation { operands: terms, output, stray })
    }

    /// The sublist form: numbers, or nothing for an ellipsis.
    pub fn from_lists(operands: &[Vec<Option<i64>>], output: Option<&[Option<i64>]>) -> Result<Equation> {
        let term = |list: &[Option<i64>]| {
            list.iter()
                .map(|item| {
                    let kind = match item {
                        Some(n) => SubscriptKind::Letter(numbered(*n, operands.len() > 1)?),
                        None => SubscriptKind::Ellipsis,
                    };
                    Ok(Subscript { kind, at: None })
                })
                .collect::<Result<Vec<_>>>()
        };
        for (n, list) in operands.iter().enumerate() {
            if list.iter().filter(|item| item.is_none()).count() > 1 {
                return Err(fault(format!(
                    "found '.' for operand {n} for which an ellipsis was already found"
                )));
            }
        }
        let operands = operands.iter().map(|list| term(list)).collect::<Result<_>>()?;
        Ok(Equation { operands, output: output.map(term).transpose()?, stray: None })
    }
}

/// The letters of the output, which begin at byte `start`, up to the first mistake.
fn output_of(text: &str, start: usize) -> (Vec<Subscript>, Option<Stray>) {
    let mut output: Vec<Subscript> = Vec::new();
    let stray = read_output(text, start, &mut output).err();
    (output, stray)
}

fn read_output(text: &str, start: usize, output: &mut Vec<Subscript>) -> Result<(), Stray> {
    let mut rest = text[start..].char_indices();
    while let Some((at, c)) = rest.next() {
        let at = at + start;
        match c {
            ' ' => {}
            '.' => {
                if output.iter().any(is_ellipsis) {
                    let message = "found '.' for output but an ellipsis (...) was already found".to_owned();
                    return Err(Stray { message, at, len: 1 });
                }
                if !text[at..].starts_with("...") {
                    let message = "found '.' for output that is not part of any ellipsis (...)".to_owned();
                    return Err(Stray { message, at, len: 1 });
                }
                rest.next();
                rest.next();
                output.push(Subscript { kind: SubscriptKind::Ellipsis, at: Some(at) });
            }
            _ => output.push(letter(c, at)?),
        }
    }
    Ok(())
}

/// Where the symbols begin and end that opt_einsum numbers its letters by from the 53rd on; a few, like `×`, are no
/// letters.
const SYMBOLS: std::ops::Range<char> = '\u{c0}'..'\u{2000}';

fn letter(c: char, at: usize) -> Result<Subscript, Stray> {
    if c.is_alphabetic() || (SYMBOLS.contains(&c) && !c.is_whitespace()) {
        return Ok(Subscript { kind: SubscriptKind::Letter(c.into()), at: Some(at) });
    }
    let message = format!(
        "invalid subscript given at index {at} in the equation string, subscripts must be in [a-zA-Z]"
    );
    Err(Stray { message, at, len: c.len_utf8() })
}

/// The letter of a number. PyTorch has 52; networks of several operands may have as many as they need.
fn numbered(n: i64, network: bool) -> Result<Letter> {
    Letter::numbered(n).filter(|_| n < 52 || network).ok_or_else(|| {
        Error::value("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    })
}

/// Whether a subscript is an ellipsis.
pub fn is_ellipsis(subscript: &Subscript) -> bool {
    subscript.kind == SubscriptKind::Ellipsis
}

/// An error of einsum.
pub fn fault(message: impl AsRef<str>) -> Error {
    Error::runtime(format!("einsum(): {}", message.as_ref()))
}

/// An error of einsum about some bytes of the equation.
pub fn fault_at(message: impl AsRef<str>, at: usize, len: usize) -> Error {
    fault(message).label(Place::Within(0, at as u32, (at + len) as u32), "")
}

/// `1 operand`, `2 operands`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
