//! Equations: `ij,jk->ik`, or lists of numbers. Reading one checks its characters and the number of operands, in
//! PyTorch's order and with its sentences.

use crate::error::{Error, Result};

/// A letter of an equation, or one of the dimensions that an ellipsis covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// The n-th dimension under the ellipsis, counted from the widest ellipsis's left.
    Covered(usize),
    /// A letter; in the sublist form, a number.
    Letter(char),
}

/// One subscript of a term, and the byte of the equation it stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscript {
    /// What it is.
    pub kind: SubscriptKind,
    /// Where it stands; 0 in the sublist form.
    pub at: usize,
}

/// A subscript is a letter or an ellipsis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptKind {
    /// A letter.
    Letter(char),
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
                        return Err(fault(message));
                    }
                    if !inputs[at..].starts_with("...") {
                        return Err(fault(format!(
                            "found '.' for operand {n} that is not part of any ellipsis"
                        )));
                    }
                    rest.next();
                    rest.next();
                    term.push(Subscript { kind: SubscriptKind::Ellipsis, at });
                }
                ',' => {
                    terms.push(Vec::new());
                    if terms.len() > operands {
                        return Err(fault("fewer operands were provided than specified in the equation"));
                    }
                }
                _ => term.push(letter(c, at)?),
            }
        }
        if terms.len() < operands {
            return Err(fault("more operands were provided than specified in the equation"));
        }
        let output = output.map(|start| output_of(text, start)).transpose()?;
        Ok(Equation { operands: terms, output })
    }

    /// The sublist form: numbers, or nothing for an ellipsis.
    pub fn from_lists(operands: &[Vec<Option<i64>>], output: Option<&[Option<i64>]>) -> Result<Equation> {
        let term = |list: &[Option<i64>]| {
            list.iter()
                .map(|item| {
                    let kind = match item {
                        Some(n) => SubscriptKind::Letter(numbered(*n)?),
                        None => SubscriptKind::Ellipsis,
                    };
                    Ok(Subscript { kind, at: 0 })
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
        Ok(Equation { operands, output: output.map(term).transpose()? })
    }
}

/// The letters of the output, which begin at byte `start`.
fn output_of(text: &str, start: usize) -> Result<Vec<Subscript>> {
    let mut output: Vec<Subscript> = Vec::new();
    let mut rest = text[start..].char_indices();
    while let Some((at, c)) = rest.next() {
        let at = at + start;
        match c {
            ' ' => {}
            '.' => {
                if output.iter().any(is_ellipsis) {
                    return Err(fault("found '.' for output but an ellipsis (...) was already found"));
                }
                if !text[at..].starts_with("...") {
                    return Err(fault("found '.' for output that is not part of any ellipsis (...)"));
                }
                rest.next();
                rest.next();
                output.push(Subscript { kind: SubscriptKind::Ellipsis, at });
            }
            _ => output.push(letter(c, at)?),
        }
    }
    Ok(output)
}

fn letter(c: char, at: usize) -> Result<Subscript> {
    if c.is_alphabetic() {
        return Ok(Subscript { kind: SubscriptKind::Letter(c), at });
    }
    Err(fault(format!(
        "invalid subscript given at index {at} in the equation string, subscripts must be in [a-zA-Z]"
    )))
}

/// The letter of a number: 0 to 51 are A to Z and a to z, as in PyTorch.
fn numbered(n: i64) -> Result<char> {
    const ALPHABET: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let letter = usize::try_from(n).ok().and_then(|n| ALPHABET.get(n));
    letter.map(|&byte| char::from(byte)).ok_or_else(|| {
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
