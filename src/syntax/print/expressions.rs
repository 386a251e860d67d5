//! Expressions as source.

use super::Printer;
use crate::syntax::ast::{
    BinaryOp, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Keyword, ParamKind, Params, UnaryOp,
};
use crate::syntax::dump::literal;

// How tightly things bind; an operand is put in parentheses where it binds less tightly than its place asks.
const WALRUS: u8 = 1;
/// Conditions and lambdas.
pub(super) const EXPRESSION: u8 = 2;
const OR: u8 = 3;
const AND: u8 = 4;
const NOT: u8 = 5;
const COMPARE: u8 = 6;
const BITWISE: u8 = 7;
const SIGN: u8 = 13;
const POWER: u8 = 14;
const AWAIT: u8 = 15;
const PRIMARY: u8 = 16;
const ATOM: u8 = 17;

fn level(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Walrus(..) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) => WALRUS,
        ExprKind::IfElse { .. } | ExprKind::Lambda(..) => EXPRESSION,
        ExprKind::Or(_) => OR,
        ExprKind::And(_) => AND,
        ExprKind::Unary(UnaryOp::Not, _) => NOT,
        ExprKind::Compare(..) => COMPARE,
        ExprKind::Binary(_, op, _) => binary(*op).1,
        ExprKind::Unary(..) => SIGN,
        ExprKind::Await(_) => AWAIT,
        // `1.real` is a broken float.
        ExprKind::Int(_) | ExprKind::BigInt(_) => AWAIT,
        _ => ATOM,
    }
}

fn binary(op: BinaryOp) -> (&'static str, u8) {
    match op {
        BinaryOp::BitOr => (" | ", BITWISE),
        BinaryOp::BitXor => (" ^ ", 8),
        BinaryOp::BitAnd => (" & ", 9),
        BinaryOp::LShift => (" << ", 10),
        BinaryOp::RShift => (" >> ", 10),
        BinaryOp::Add => (" + ", 11),
        BinaryOp::Sub => (" - ", 11),
        BinaryOp::Mul => (" * ", 12),
        BinaryOp::MatMul => (" @ ", 12),
        BinaryOp::Div => (" / ", 12),
        BinaryOp::FloorDiv => (" // ", 12),
        BinaryOp::Mod => (" % ", 12),
        BinaryOp::Pow => (" ** ", POWER),
    }
}

/// The sign of an augmented assignment without its `=`.
pub(super) fn binary_sign(op: BinaryOp) -> &'static str {
    binary(op).0.trim()
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => " == ",
        CompareOp::NotEq => " != ",
        CompareOp::Lt => " < ",
        CompareOp::LtE => " <= ",
        CompareOp::Gt => " > ",
        CompareOp::GtE => " >= ",
        CompareOp::Is => " is ",
        CompareOp::IsNot => " is not ",
        CompareOp::In => " in ",
        CompareOp::NotIn => " not in ",
    }
}

impl Printer<'_> {
    /// Plans the parts of an expression; none if it is a string that has no form here.
    pub(super) fn expr(&mut self, id: ExprId, wanted: u8) -> Option<()> {
        let tree = self.tree;
        let kind = &tree[id].kind;
        let enclosed = level(kind) < wanted;
        if enclosed {
            self.text("(");
        }
        match kind {
            ExprKind::Str(_) | ExprKind::Bytes(_) => _ = self.text(self.literal(kind)?),
            ExprKind::JoinedStr(ids) => _ = self.text(self.fstring(ids)?),
            ExprKind::Name(name) => _ = self.text(name.to_string()),
            ExprKind::Ellipsis => _ = self.text("..."),
            ExprKind::Float(value) | ExprKind::Imaginary(value) if value.is_infinite() => {
                self.text(if matches!(kind, ExprKind::Float(_)) { "1e400" } else { "1e400j" });
            }
            ExprKind::Tuple(ids) => {
                self.text("(").items(ids).text(if ids.len() == 1 { ",)" } else { ")" });
            }
            ExprKind::List(ids) => _ = self.text("[").items(ids).text("]"),
            ExprKind::Set(ids) => _ = self.text("{").items(ids).text("}"),
            ExprKind::Dict(items) => {
                self.text("{").list(items, |out, &(key, value)| match key {
                    Some(key) => _ = out.at(key, EXPRESSION).text(": ").at(value, EXPRESSION),
                    None => _ = out.text("**").at(value, BITWISE),
                });
                self.text("}");
            }
            ExprKind::Unary(UnaryOp::Not, value) => _ = self.text("not ").at(*value, NOT),
            ExprKind::Unary(op, value) => {
                let sign = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Pos => "+",
                    UnaryOp::Invert | UnaryOp::Not => "~",
                };
                self.text(sign).at(*value, SIGN);
            }
            ExprKind::Binary(left, BinaryOp::Pow, right) => {
                self.at(*left, AWAIT).text(" ** ").at(*right, SIGN);
            }
            ExprKind::Binary(left, op, right) => {
                let (sign, level) = binary(*op);
                self.at(*left, level).text(sign).at(*right, level + 1);
            }
            ExprKind::Compare(first, more) => {
                self.at(*first, BITWISE);
                for &(op, id) in more {
                    self.text(compare(op)).at(id, BITWISE);
                }
            }
            ExprKind::And(ids) => self.joined(ids, " and ", NOT),
            ExprKind::Or(ids) => self.joined(ids, " or ", AND),
            ExprKind::IfElse { test, then, orelse } => {
                self.at(*then, OR).text(" if ").at(*test, OR).text(" else ").at(*orelse, EXPRESSION);
            }
            ExprKind::Lambda(params, body) => {
                self.text(if params.list.is_empty() { "lambda" } else { "lambda " });
                self.params(params);
                self.text(": ").at(*body, EXPRESSION);
            }
            ExprKind::Walrus(target, value) => _ = self.at(*target, ATOM).text(" := ").at(*value, EXPRESSION),
            ExprKind::Call { func, args, keywords } => {
                self.at(*func, PRIMARY).text("(");
                self.arguments(args, keywords);
                self.text(")");
            }
            ExprKind::Attribute(value, name, _) => _ = self.at(*value, PRIMARY).text(format!(".{name}")),
            ExprKind::Subscript(value, index) => {
                self.at(*value, PRIMARY).text("[");
                self.index(*index);
                self.text("]");
            }
            ExprKind::Slice(lower, upper, step) => self.slice(*lower, *upper, *step),
            ExprKind::Starred(value) => _ = self.text("*").at(*value, BITWISE),
            ExprKind::Comprehension { kind, element, value, clauses } => {
                self.comprehension(*kind, *element, *value, clauses);
            }
            ExprKind::Yield(None) => _ = self.text("yield"),
            ExprKind::Yield(Some(value)) => _ = self.text("yield ").at(*value, EXPRESSION),
            ExprKind::YieldFrom(value) => _ = self.text("yield from ").at(*value, EXPRESSION),
            ExprKind::Await(value) => _ = self.text("await ").at(*value, PRIMARY),
            constant => _ = self.text(literal(constant)),
        }
        if enclosed {
            self.text(")");
        }
        Some(())
    }

    fn items(&mut self, ids: &[ExprId]) -> &mut Self {
        self.list(ids, |out, &id| _ = out.at(id, EXPRESSION))
    }

    fn joined(&mut self, ids: &[ExprId], sign: &'static str, level: u8) {
        for (index, &id) in ids.iter().enumerate() {
            if index > 0 {
                self.text(sign);
            }
            self.at(id, level);
        }
    }

    /// An index; a tuple stands without parentheses, for it may hold slices.
    fn index(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree[id].kind {
            ExprKind::Tuple(ids) if !ids.is_empty() => {
                self.items(ids);
                if ids.len() == 1 {
                    self.text(",");
                }
            }
            _ => _ = self.at(id, EXPRESSION),
        }
    }

    fn slice(&mut self, lower: Option<ExprId>, upper: Option<ExprId>, step: Option<ExprId>) {
        for (before, bound) in [("", lower), (":", upper)] {
            self.text(before);
            if let Some(id) = bound {
                self.at(id, EXPRESSION);
            }
        }
        if let Some(id) = step {
            self.text(":").at(id, EXPRESSION);
        }
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        clauses: &[Clause],
    ) {
        let (open, close) = match kind {
            ComprehensionKind::List => ("[", "]"),
            ComprehensionKind::Generator => ("(", ")"),
            ComprehensionKind::Set | ComprehensionKind::Dict => ("{", "}"),
        };
        self.text(open).at(element, EXPRESSION);
        if let Some(value) = value {
            self.text(": ").at(value, EXPRESSION);
        }
        for clause in clauses {
            self.text(if clause.is_async { " async for " } else { " for " }).at(clause.target, BITWISE);
            self.text(" in ").at(clause.iter, OR);
            for &condition in &clause.conditions {
                self.text(" if ").at(condition, OR);
            }
        }
        self.text(close);
    }

    /// Arguments of a call or of a class, positional ones first.
    pub(super) fn arguments(&mut self, args: &[ExprId], keywords: &[Keyword]) {
        self.items(args);
        if !args.is_empty() && !keywords.is_empty() {
            self.text(", ");
        }
        self.list(keywords, |out, keyword| match &keyword.name {
            Some(name) => _ = out.text(format!("{name}=")).at(keyword.value, EXPRESSION),
            None => _ = out.text("**").at(keyword.value, EXPRESSION),
        });
    }

    /// Parameters with their marks `/` and `*`.
    pub(super) fn params(&mut self, params: &Params) {
        let list = &params.list;
        let starred = list.iter().any(|param| param.kind == ParamKind::Star);
        for (index, param) in list.iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            let first = index == 0 || list[index - 1].kind < ParamKind::KeywordOnly;
            match param.kind {
                ParamKind::KeywordOnly if first && !starred => _ = self.text("*, "),
                ParamKind::Star => _ = self.text("*"),
                ParamKind::StarStar => _ = self.text("**"),
                _ => {}
            }
            self.text(param.name.to_string());
            if let Some(annotation) = param.annotation {
                self.text(": ").at(annotation, EXPRESSION);
            }
            if let Some(default) = param.default {
                self.text("=").at(default, EXPRESSION);
            }
            let last = list.get(index + 1).is_none_or(|next| next.kind != ParamKind::PositionalOnly);
            if param.kind == ParamKind::PositionalOnly && last {
                self.text(", /");
            }
        }
    }
}
