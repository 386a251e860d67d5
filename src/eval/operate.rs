//! Operators of what the loop does not compute itself: mixed numbers, tensors, containers, objects.

use super::{Vm, numbers};
use crate::error::Result;
use crate::kernels::elementwise::pending;
use crate::ops::small;
use crate::protocol;
use crate::syntax::ast::{BinaryOp, CompareOp, UnaryOp};
use crate::tensor::scalar::Scalar;
use crate::value::code::{Code, Operand};
use crate::value::{Tensor, Value};

impl Vm<'_> {
    /// `left op right`
    #[inline(never)]
    pub(super) fn binary(
        &mut self,
        code: &Code,
        base: usize,
        op: BinaryOp,
        left: Operand,
        right: Operand,
    ) -> Result<Value> {
        let (a, b) = (self.peek(code, base, left), self.peek(code, base, right));
        if let (Value::Tensor(a), Value::Tensor(b)) = (a, b)
            && let Some(tensor) = small::binary(op, a, b)
        {
            return Ok(Value::Tensor(tensor));
        }
        if let Some(number) = numbers::mixed(op, a, b) {
            return Ok(Value::Float(number));
        }
        if let Some(tensor) = with_number(op, a, b) {
            return Ok(Value::Tensor(tensor));
        }
        let (left, right) = (self.read(code, base, left)?, self.read(code, base, right)?);
        operands(&left, &right, code.fleeting[self.at])?;
        protocol::binary(self, op, &left, &right)
    }

    /// `left op= right`
    #[inline(never)]
    pub(super) fn in_place(
        &mut self,
        code: &Code,
        base: usize,
        op: BinaryOp,
        left: Operand,
        right: Operand,
    ) -> Result<Value> {
        let (left, right) = (self.read(code, base, left)?, self.read(code, base, right)?);
        if let Some(number) = numbers::mixed(op, &left, &right) {
            return Ok(Value::Float(number));
        }
        operands(&left, &right, false)?;
        protocol::in_place(self, op, &left, &right)
    }

    /// `object[index] = value`
    #[inline(never)]
    pub(super) fn set_item(
        &mut self,
        code: &Code,
        base: usize,
        object: Operand,
        index: Operand,
        value: Operand,
    ) -> Result<()> {
        let (held, at) = (self.peek(code, base, object), self.peek(code, base, index));
        if let Value::Tensor(x) = held
            && let Some(items) = small::items(at)
            && small::assign(x, items, self.peek(code, base, value)).is_some()
        {
            return Ok(());
        }
        let (object, index) = (self.read(code, base, object)?, self.read(code, base, index)?);
        let value = self.read(code, base, value)?;
        protocol::set_item(self, &object, &index, &value)
    }

    /// The value of a comparison.
    #[inline(never)]
    pub(super) fn compare(
        &mut self,
        code: &Code,
        base: usize,
        op: CompareOp,
        left: Operand,
        right: Operand,
    ) -> Result<Value> {
        let (left, right) = (self.read(code, base, left)?, self.read(code, base, right)?);
        if let Some(holds) = numbers::compare(op, &left, &right) {
            return Ok(Value::Bool(holds));
        }
        if matches!(op, CompareOp::In | CompareOp::NotIn) {
            pending::wish(false);
            pending::settle_all()?;
        } else {
            operands(&left, &right, code.fleeting[self.at])?;
        }
        protocol::compare(self, op, &left, &right)
    }

    /// The truth of a comparison.
    #[inline(never)]
    pub(super) fn holds(
        &mut self,
        code: &Code,
        base: usize,
        op: CompareOp,
        left: Operand,
        right: Operand,
    ) -> Result<bool> {
        match self.compare(code, base, op, left, right)? {
            Value::Bool(holds) => Ok(holds),
            value => protocol::truth(self, &value),
        }
    }

    /// `-x`, `+x`, `~x`
    pub(super) fn unary(&mut self, op: UnaryOp, value: Value, fleeting: bool) -> Result<Value> {
        match (op, &value) {
            (UnaryOp::Neg, Value::Int(n)) if *n != i64::MIN => Ok(Value::Int(-n)),
            (UnaryOp::Neg, Value::Float(x)) => Ok(Value::Float(-x)),
            _ => {
                operands(&value, &value, fleeting)?;
                protocol::unary(self, op, &value)
            }
        }
    }
}

/// A small tensor and a number; none where it is not that.
#[inline]
fn with_number(op: BinaryOp, left: &Value, right: &Value) -> Option<Tensor> {
    let number = |value: &Value| match *value {
        Value::Int(n) => Some(Scalar::Int(n)),
        Value::Float(x) => Some(Scalar::Float(x)),
        _ => None,
    };
    match (left, right) {
        (Value::Tensor(x), other) => small::with_number(op, x, number(other)?),
        // Sums and products are the same bits either way.
        (other, Value::Tensor(x)) if matches!(op, BinaryOp::Add | BinaryOp::Mul) => {
            small::with_number(op, x, number(other)?)
        }
        _ => None,
    }
}

/// Before an operator: says of tensors whether the result may be left pending, and lets nothing but tensors and numbers
/// meet a pending tensor.
#[inline(always)]
fn operands(left: &Value, right: &Value, fleeting: bool) -> Result<()> {
    let plain =
        |value: &Value| matches!(value, Value::Tensor(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_));
    if plain(left) && plain(right) {
        pending::wish(fleeting);
        return Ok(());
    }
    pending::wish(false);
    pending::settle_all()
}
