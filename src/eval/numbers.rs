//! Plain numbers, done in the loop: what does not overflow and cannot fail.

use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::value::Value;

/// Arithmetic of two ints that gives an int; none where it is not that simple.
#[inline(always)]
pub(super) fn integers(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv if b > 0 => Some(a.div_euclid(b)),
        BinaryOp::Mod if b > 0 => Some(a.rem_euclid(b)),
        BinaryOp::BitAnd => Some(a & b),
        BinaryOp::BitOr => Some(a | b),
        BinaryOp::BitXor => Some(a ^ b),
        _ => None,
    }
}

/// Arithmetic of two floats; none where it is not that simple.
#[inline(always)]
pub(super) fn floats(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    match op {
        BinaryOp::Add => Some(a + b),
        BinaryOp::Sub => Some(a - b),
        BinaryOp::Mul => Some(a * b),
        BinaryOp::Div if b != 0.0 => Some(a / b),
        _ => None,
    }
}

/// Arithmetic of an int and a float, and the quotient of ints; none where it is not that, or not that simple.
#[inline]
pub(super) fn mixed(op: BinaryOp, left: &Value, right: &Value) -> Option<f64> {
    match (left, right) {
        (&Value::Int(a), &Value::Float(b)) => floats(op, a as f64, b),
        (&Value::Float(a), &Value::Int(b)) => floats(op, a, b as f64),
        // Both sides are exact below 2^53, and then so is the rounding of their quotient.
        (&Value::Int(a), &Value::Int(b))
            if op == BinaryOp::Div && b != 0 && a.unsigned_abs() < 1 << 53 && b.unsigned_abs() < 1 << 53 =>
        {
            Some(a as f64 / b as f64)
        }
        _ => None,
    }
}

/// A comparison of two numbers; none where it is not that.
#[inline]
pub(super) fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (&Value::Int(a), &Value::Int(b)) => ordered(op, a, b),
        (&Value::Float(a), &Value::Float(b)) => ordered(op, a, b),
        (value, Value::None) if !matches!(value, Value::Unbound) => match op {
            CompareOp::Is => Some(matches!(value, Value::None)),
            CompareOp::IsNot => Some(!matches!(value, Value::None)),
            _ => None,
        },
        _ => None,
    }
}

/// A comparison of two of a kind; none for `is` and `in`.
///
/// Each operator is the set of outcomes it holds for, as bits: less, equal, greater. Looked up so, no jump depends on the
/// operator.
#[inline(always)]
pub(super) fn ordered<T: PartialOrd>(op: CompareOp, a: T, b: T) -> Option<bool> {
    const fn holds_for(op: CompareOp) -> u8 {
        match op {
            CompareOp::Lt => 0b001,
            CompareOp::LtE => 0b011,
            CompareOp::Eq => 0b010,
            CompareOp::GtE => 0b110,
            CompareOp::Gt => 0b100,
            // What is not ordered at all is not equal either.
            CompareOp::NotEq => 0b1101,
            _ => 0,
        }
    }
    let outcomes = holds_for(op);
    if outcomes == 0 {
        return None;
    }
    let outcome = if a < b {
        0b001
    } else if a == b {
        0b010
    } else if a > b {
        0b100
    } else {
        0b1000
    };
    Some(outcomes & outcome != 0)
}

/// The place an index means among so many items; none where it is out of range.
#[inline(always)]
pub(super) fn place(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok().filter(|&at| at < len)
}

/// An item of a list or tuple by a plain index that is in range.
#[inline]
pub(super) fn item(object: &Value, index: &Value) -> Option<Value> {
    let &Value::Int(index) = index else { return None };
    let at = |items: &[Value]| place(index, items.len()).map(|at| items[at].share());
    match object {
        Value::List(list) => at(&list.items()),
        Value::Tuple(tuple) => at(&tuple.items),
        _ => None,
    }
}
