//! The grammar of signatures: one text from which binding, help and the reference come.
//!
//! An overload is `(name: type | type = default, *, name: type, *name: type) -> returns`; overloads stand one a line.
//! Types are the words of [`word`]. `*name` takes all remaining positional arguments or one sequence of them; a lone `*`
//! makes what follows keyword-only; `**name` (of entries that read their arguments themselves) stands for other keywords. An overload that begins with `~` is accepted for old programs and not shown.

use crate::value::entry::{Default, Overload, Param, ParamType, Parsed};

/// Parses a signature. The table's signatures are checked by a test, so what does not parse shows as no overload.
pub fn parse(text: &'static str) -> Parsed {
    Parsed { overloads: text.lines().filter_map(|line| overload(line.trim())).collect() }
}

fn overload(line: &'static str) -> Option<Overload> {
    let (line, hidden) = line.strip_prefix('~').map_or((line, false), |rest| (rest, true));
    let (params, returns) = line.rsplit_once("->")?;
    let inner = params.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut keyword_only = false;
    let mut list = Vec::new();
    for piece in split(inner) {
        let piece = piece.trim();
        if piece == "*" {
            keyword_only = true;
        } else if !piece.is_empty() {
            list.push(param(piece, keyword_only)?);
        }
    }
    Some(Overload { params: list, returns: returns.trim(), hidden })
}

/// The pieces between commas outside brackets and quotes.
fn split(text: &'static str) -> Vec<&'static str> {
    let (mut depth, mut quoted, mut start, mut pieces) = (0i32, false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn param(piece: &'static str, keyword_only: bool) -> Option<Param> {
    let (head, default) = match piece.split_once('=') {
        Some((head, default)) => (head.trim(), Some(literal(default.trim())?)),
        None => (piece, None),
    };
    let (name, types) = head.split_once(':').unwrap_or((head, "any"));
    let (name, variadic) = match name.trim().strip_prefix('*') {
        Some(name) => (name, true),
        None => (name.trim(), false),
    };
    let types = types.split('|').map(|t| word(t.trim())).collect::<Option<Vec<_>>>()?;
    Some(Param { name, types, default, keyword_only, variadic })
}

/// The words for types.
fn word(text: &str) -> Option<ParamType> {
    Some(match text {
        "any" => ParamType::Any,
        "Tensor" => ParamType::Tensor,
        "Scalar" => ParamType::Scalar,
        "int" => ParamType::Int,
        "float" => ParamType::Float,
        "bool" => ParamType::Bool,
        "str" => ParamType::Str,
        "ints" => ParamType::Ints,
        "Tensors" => ParamType::Tensors,
        "dtype" => ParamType::DType,
        "device" => ParamType::Device,
        "None" => ParamType::None,
        "callable" => ParamType::Callable,
        "list" => ParamType::List,
        "dict" => ParamType::Dict,
        "Generator" => ParamType::Generator,
        _ => return None,
    })
}

fn literal(text: &'static str) -> Option<Default> {
    Some(match text {
        "None" => Default::None,
        "True" => Default::Bool(true),
        "False" => Default::Bool(false),
        "()" => Default::Empty,
        _ if text.starts_with('(') => {
            let inner = text.strip_prefix('(')?.strip_suffix(')')?;
            let items = inner.split(',').map(|item| item.trim().parse().ok());
            // Signatures are parsed once, so what they hold may stay for good.
            Default::Ints(Vec::leak(items.collect::<Option<Vec<i64>>>()?))
        }
        _ => match text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            Some(inner) => Default::Str(inner),
            None => match text.parse::<i64>() {
                Ok(n) => Default::Int(n),
                Err(_) => Default::Float(text.parse().ok()?),
            },
        },
    })
}

impl ParamType {
    /// Its word, as signatures and errors show it.
    pub fn text(self) -> &'static str {
        match self {
            ParamType::Any => "any",
            ParamType::Tensor => "Tensor",
            ParamType::Scalar => "Number",
            ParamType::Int => "int",
            ParamType::Float => "float",
            ParamType::Bool => "bool",
            ParamType::Str => "str",
            ParamType::Ints => "tuple of ints",
            ParamType::Tensors => "tuple of Tensors",
            ParamType::DType => "torch.dtype",
            ParamType::Device => "torch.device",
            ParamType::None => "None",
            ParamType::Callable => "callable",
            ParamType::List => "list",
            ParamType::Dict => "dict",
            ParamType::Generator => "torch.Generator",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read() {
        let parsed = parse(
            "(input: Tensor, *dim: int, s: str = 'a,b', *, eps: float = 1e-5, out: Tensor | None = None) -> Tensor\n() -> None",
        );
        assert_eq!(parsed.overloads.len(), 2);
        let params = &parsed.overloads[0].params;
        let names: Vec<_> = params.iter().map(|p| (p.name, p.variadic, p.keyword_only)).collect();
        assert_eq!(
            names,
            [
                ("input", false, false),
                ("dim", true, false),
                ("s", false, false),
                ("eps", false, true),
                ("out", false, true)
            ]
        );
        assert_eq!(params[2].default, Some(Default::Str("a,b")));
        assert_eq!(params[3].default, Some(Default::Float(1e-5)));
        assert_eq!(params[4].types, [ParamType::Tensor, ParamType::None]);
    }
}
