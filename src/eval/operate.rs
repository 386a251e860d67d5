//! Operators of what the loop does not compute itself: mixed numbers, tensors, containers, objects.

use super::{Vm, numbers};
use crate::error::Result;
use crate::kernels::elementwise::pending;
use crate::protocol;
use crate::syntax::ast::{BinaryOp, CompareOp, UnaryOp};
use crate::value::Value;
use crate::value::code::{Code, Operand};

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
        let (left, right) = (self.read(code, base, left)?, self.read(code, base, right)?);
        if let Some(number) = numbers::mixed(op, &left, &right) {
            return Ok(Value::Float(number));
        }
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
