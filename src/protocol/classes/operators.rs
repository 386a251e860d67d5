//! Operators where an operand is an instance: its methods, the reflected ones, and `NotImplemented`.

use super::hooks;
use crate::error::Result;
use crate::syntax::ast::{BinaryOp, CompareOp, UnaryOp};
use crate::value::{Ctx, Value};

/// The names of the methods of an operator: as the left operand, as the right one, in place.
pub fn methods(op: BinaryOp) -> [&'static str; 3] {
    match op {
        BinaryOp::Add => ["__add__", "__radd__", "__iadd__"],
        BinaryOp::Sub => ["__sub__", "__rsub__", "__isub__"],
        BinaryOp::Mul => ["__mul__", "__rmul__", "__imul__"],
        BinaryOp::MatMul => ["__matmul__", "__rmatmul__", "__imatmul__"],
        BinaryOp::Div => ["__truediv__", "__rtruediv__", "__itruediv__"],
        BinaryOp::FloorDiv => ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
        BinaryOp::Mod => ["__mod__", "__rmod__", "__imod__"],
        BinaryOp::Pow => ["__pow__", "__rpow__", "__ipow__"],
        BinaryOp::LShift => ["__lshift__", "__rlshift__", "__ilshift__"],
        BinaryOp::RShift => ["__rshift__", "__rrshift__", "__irshift__"],
        BinaryOp::BitAnd => ["__and__", "__rand__", "__iand__"],
        BinaryOp::BitXor => ["__xor__", "__rxor__", "__ixor__"],
        BinaryOp::BitOr => ["__or__", "__ror__", "__ior__"],
    }
}

/// Whether either operand is an instance.
#[inline]
pub fn involved(a: &Value, b: &Value) -> bool {
    matches!(a, Value::Instance(_)) || matches!(b, Value::Instance(_))
}

/// A binary operator; none where no method knows the other operand.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let [method, reflected, _] = methods(op);
    both(ctx, method, reflected, a, b)
}

/// A pair of methods, of which the right operand's goes first where its class derives from the left one's.
pub fn both(ctx: &mut dyn Ctx, method: &str, reflected: &str, a: &Value, b: &Value) -> Result<Option<Value>> {
    let (same, right_first) = match (a, b) {
        (Value::Instance(x), Value::Instance(y)) => {
            let (x, y) = (x.class(), y.class());
            let same = std::rc::Rc::ptr_eq(&x, &y);
            (same, !same && y.derives(&x))
        }
        (Value::Type(_), _) | (_, Value::Type(_)) => (false, false),
        (other, Value::Instance(y)) => (false, y.class().derives_from(other.type_of())),
        _ => (false, false),
    };
    if right_first && let Some(value) = tried(ctx, b, reflected, a)? {
        return Ok(Some(value));
    }
    if let Some(value) = tried(ctx, a, method, b)? {
        return Ok(Some(value));
    }
    if same || right_first { Ok(None) } else { tried(ctx, b, reflected, a) }
}

/// What a method gives, unless it is not there or gives `NotImplemented`.
fn tried(ctx: &mut dyn Ctx, v: &Value, method: &str, other: &Value) -> Result<Option<Value>> {
    let answer = hooks::call(ctx, v, method, std::slice::from_ref(other))?;
    Ok(answer.filter(|value| !matches!(value, Value::NotImplemented)))
}

/// The operands with the values that instances carry in their place; none where neither carries one.
pub fn carried(a: &Value, b: &Value) -> Option<(Value, Value)> {
    match (hooks::carried(a), hooks::carried(b)) {
        (None, None) => None,
        (x, y) => Some((x.unwrap_or(a).clone(), y.unwrap_or(b).clone())),
    }
}

/// The in-place form of an operator; none where the class has none.
pub fn in_place(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    tried(ctx, a, methods(op)[2], b)
}

/// `-v`, `+v`, `~v`; none where the class has no method for it.
pub fn unary(ctx: &mut dyn Ctx, op: UnaryOp, v: &Value) -> Result<Option<Value>> {
    let method = match op {
        UnaryOp::Neg => "__neg__",
        UnaryOp::Pos => "__pos__",
        UnaryOp::Invert => "__invert__",
        UnaryOp::Not => return Ok(None),
    };
    hooks::call(ctx, v, method, &[])
}

/// `==`, `!=`, `<`, `<=`, `>`, `>=`; none where no method knows the other operand.
pub fn compare(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let (method, reflected) = match op {
        CompareOp::Eq => ("__eq__", "__eq__"),
        CompareOp::NotEq => {
            if let Some(value) = both(ctx, "__ne__", "__ne__", a, b)? {
                return Ok(Some(value));
            }
            // Without a method of its own it is the opposite of equality.
            return match both(ctx, "__eq__", "__eq__", a, b)? {
                Some(equal) => Ok(Some(Value::Bool(!crate::protocol::truth(ctx, &equal)?))),
                None => Ok(None),
            };
        }
        CompareOp::Lt => ("__lt__", "__gt__"),
        CompareOp::LtE => ("__le__", "__ge__"),
        CompareOp::Gt => ("__gt__", "__lt__"),
        CompareOp::GtE => ("__ge__", "__le__"),
        _ => return Ok(None),
    };
    // Unlike with arithmetic, the right side is asked even where both are of one class.
    match both(ctx, method, reflected, a, b)? {
        Some(value) => Ok(Some(value)),
        None => {
            let same = matches!((a, b), (Value::Instance(x), Value::Instance(y))
                if std::rc::Rc::ptr_eq(&x.class(), &y.class()));
            if same { tried(ctx, b, reflected, a) } else { Ok(None) }
        }
    }
}
