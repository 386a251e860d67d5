//! Strings and f-strings as source. The fields of an f-string can hold neither backslashes nor its own quotes.

use super::{Part, Printer};
use crate::syntax::ast::{ExprId, ExprKind};
use crate::syntax::string;

const QUOTES: [&str; 4] = ["'", "\"", "'''", "\"\"\""];

impl Printer<'_> {
    /// A string or bytes literal.
    pub(super) fn literal(&self, kind: &ExprKind) -> Option<String> {
        let (text, prefix) = match kind {
            ExprKind::Bytes(bytes) => {
                if self.outer.is_empty() {
                    return Some(string::quote_bytes(bytes));
                }
                (String::from_utf8(bytes.to_vec()).ok()?, "b")
            }
            ExprKind::Str(text) if self.outer.is_empty() => return Some(string::quote(text)),
            ExprKind::Str(text) => (text.to_string(), ""),
            _ => return None,
        };
        // Within a field there are no escapes: the text must stand as it is.
        let plain = |quotes: &&&str| {
            let broken = quotes.len() == 1 && text.contains(['\n', '\r']);
            let closed = text.contains(**quotes) || text.ends_with(&quotes[..1]);
            !broken && !closed && self.fits(&format!("{quotes}{text}{quotes}"))
        };
        let quotes = QUOTES.iter().find(plain)?;
        if text.contains('\\') { None } else { Some(format!("{prefix}{quotes}{text}{quotes}")) }
    }

    /// Whether a piece of source may stand within the f-strings around.
    fn fits(&self, source: &str) -> bool {
        self.outer
            .iter()
            .all(|quotes| !source.contains(quotes) && (quotes.len() == 3 || !source.contains('\n')))
    }

    /// An f-string, in the first quotes that its fields allow.
    pub(super) fn fstring(&self, ids: &[ExprId]) -> Option<String> {
        QUOTES.iter().find_map(|quotes| {
            let body = self.fstring_body(ids, quotes, false)?;
            let source = format!("f{quotes}{body}{quotes}");
            (self.fits(&source) && (self.outer.is_empty() || !source.contains('\\'))).then_some(source)
        })
    }

    fn fstring_body(&self, ids: &[ExprId], quotes: &'static str, spec: bool) -> Option<String> {
        let mut body = String::new();
        for &id in ids {
            match &self.tree[id].kind {
                ExprKind::Str(text) => body.push_str(&escaped(text, quotes, spec)),
                ExprKind::Formatted { value, conversion, spec } => {
                    body.push_str(&self.field(*value, *conversion, *spec, quotes)?);
                }
                _ => return None,
            }
        }
        Some(body)
    }

    fn field(
        &self,
        value: ExprId,
        conversion: Option<char>,
        spec: Option<ExprId>,
        quotes: &'static str,
    ) -> Option<String> {
        let mut outer = self.outer.to_vec();
        outer.push(quotes);
        let mut inner = Printer { tree: self.tree, next: vec![Part::Expr(value, 3)], outer: &outer };
        let source = inner.run()?;
        if source.contains('\\') || !inner.fits(&source) {
            return None;
        }
        let mut out = format!("{{{}{source}", if source.starts_with('{') { " " } else { "" });
        if let Some(letter) = conversion {
            out.extend(['!', letter]);
        }
        if let Some(spec) = spec
            && let ExprKind::JoinedStr(ids) = &self.tree[spec].kind
        {
            out.push(':');
            out.push_str(&self.fstring_body(ids, quotes, true)?);
        }
        out.push('}');
        Some(out)
    }
}

/// Literal text of an f-string: escaped as in other strings, braces doubled outside of a spec.
fn escaped(text: &str, quotes: &str, spec: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '{' | '}' if !spec => out.extend([c, c]),
            c if quotes.starts_with(c) => out.extend(['\\', c]),
            '\'' | '"' => out.push(c),
            c => {
                let quoted = string::quote(c.encode_utf8(&mut [0; 4]));
                out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or(""));
            }
        }
    }
    out
}
