//! Python's operators on tensors: `+`, `<`, `@`, `+=`, and what `bool(x)`, `int(x)`, `len(x)` and `in` ask for.
//!
//! These come straight from the evaluator and skip the binding of arguments: an operator has its operands and no more.

use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::{Opcode, Operand, map_as, opcodes, pending, short};
use crate::kernels::{trace, watch};
use crate::ops::apply::{self, Operands};
use crate::ops::autograd::{self, writing::Write};
use crate::ops::entries::conversion::item;
use crate::ops::small;
use crate::ops::write;
use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::tensor::array::Array;
use crate::tensor::overlap;
use crate::tensor::promote::{self, Rule};
use crate::tensor::scalar::Scalar;
use crate::value::entry::{Bindings, Entry, Gradient};
use crate::value::graph;
use crate::value::tensor::Bond;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::sync::LazyLock;

/// The opcode and the promotion rule of an operator; none for `@`.
fn arithmetic(op: BinaryOp) -> Option<(&'static Opcode, Rule)> {
    Some(match op {
        BinaryOp::Add => (&opcodes::ADD, Rule::Arithmetic),
        BinaryOp::Sub => (&opcodes::SUB, Rule::Subtract),
        BinaryOp::Mul => (&opcodes::MUL, Rule::Arithmetic),
        BinaryOp::Div => (&opcodes::DIV, Rule::Float),
        BinaryOp::FloorDiv => (&opcodes::FLOOR_DIVIDE, Rule::Number("div_floor_cpu")),
        BinaryOp::Mod => (&opcodes::REMAINDER, Rule::Number("remainder_cpu")),
        BinaryOp::Pow => (&opcodes::POW, Rule::Power),
        BinaryOp::LShift => (&opcodes::SHIFT_LEFT, Rule::Integer("lshift_cpu")),
        BinaryOp::RShift => (&opcodes::SHIFT_RIGHT, Rule::Integer("rshift_cpu")),
        BinaryOp::BitAnd => (&opcodes::BITWISE_AND, Rule::Bitwise("bitwise_and_cpu")),
        BinaryOp::BitXor => (&opcodes::BITWISE_XOR, Rule::Bitwise("bitwise_xor_cpu")),
        BinaryOp::BitOr => (&opcodes::BITWISE_OR, Rule::Bitwise("bitwise_or_cpu")),
        BinaryOp::MatMul => return None,
    })
}

fn comparison(op: CompareOp) -> Option<&'static Opcode> {
    Some(match op {
        CompareOp::Eq => &opcodes::EQ,
        CompareOp::NotEq => &opcodes::NE,
        CompareOp::Lt => &opcodes::LT,
        CompareOp::LtE => &opcodes::LE,
        CompareOp::Gt => &opcodes::GT,
        CompareOp::GtE => &opcodes::GE,
        _ => return None,
    })
}

/// `a op b`, where an operand is a tensor; none where tensors do not know the other operand.
pub fn binary(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let fleeting = pending::take_wish();
    if graph::active() && (autograd::asks(a) || autograd::asks(b)) && !ctx.state().no_grad {
        return recorded(ctx, op, a, b);
    }
    let value = unrecorded(ctx, op, a, b, fleeting && !watch::is_on())?;
    if watch::is_on()
        && op != BinaryOp::MatMul
        && let (Some(Value::Tensor(result)), Some(entry)) = (&value, entry_of(op))
    {
        watch::look(entry.name, &result.array())?;
    }
    Ok(value)
}

fn unrecorded(
    ctx: &mut dyn Ctx,
    op: BinaryOp,
    a: &Value,
    b: &Value,
    fleeting: bool,
) -> Result<Option<Value>> {
    let Some((opcode, rule)) = arithmetic(op) else {
        return match (a, b) {
            (Value::Tensor(_), Value::Tensor(_)) => {
                let args = [a.clone(), b.clone()];
                super::method(ctx, "matmul", &args).map(Some)
            }
            _ => Ok(None),
        };
    };
    if op == BinaryOp::Pow {
        check_power(a, b)?;
    }
    if matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div) {
        if let Some(result) = alike(opcode, a, b, fleeting) {
            return result.map(Some);
        }
        if let Some(result) = by_row(opcode, a, b) {
            return Ok(Some(result));
        }
    }
    if let Some(error) = super::flavour::no_loop(opcode.name, a, b) {
        return Err(describe(error, &[a, b]));
    }
    let Some(operands) = Operands::of(&[a, b])? else { return Ok(None) };
    operands.apply(opcode, rule, fleeting).map(Some).map_err(|error| describe(error, &[a, b]))
}

/// The same where an operand asks for gradients.
#[inline(never)]
fn recorded(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    autograd::record::settle(std::slice::from_ref(a))?;
    autograd::record::settle(std::slice::from_ref(b))?;
    let value = unrecorded(ctx, op, a, b, false)?;
    if let (Some(value), Some(entry)) = (&value, entry_of(op))
        && let Gradient::Differentiable(derivative) = entry.gradient
    {
        let values = SmallVec::from_iter([a.clone(), b.clone()]);
        autograd::record::record(
            derivative,
            Bindings { entry, overload: 0, values, in_place: std::cell::Cell::new(false) },
            value,
        );
    }
    Ok(value)
}

/// The entry whose derivative an operator has; none for `@`, which goes through the table, and for what has none.
fn entry_of(op: BinaryOp) -> Option<&'static Entry> {
    static ENTRIES: LazyLock<[Option<&'static Entry>; 7]> = LazyLock::new(|| {
        ["add", "sub", "mul", "div", "floor_divide", "remainder", "pow"].map(crate::ops::table::method)
    });
    let place = match op {
        BinaryOp::Add => 0,
        BinaryOp::Sub => 1,
        BinaryOp::Mul => 2,
        BinaryOp::Div => 3,
        BinaryOp::FloorDiv => 4,
        BinaryOp::Mod => 5,
        BinaryOp::Pow => 6,
        _ => return None,
    };
    ENTRIES[place]
}

/// Floats of one dtype and shape, or a float tensor and a number: there is nothing to promote, to broadcast or to go
/// wrong, and the kernel can begin.
#[inline]
fn alike(opcode: &'static Opcode, a: &Value, b: &Value, fleeting: bool) -> Option<Result<Value>> {
    let number = |value: &Value| match value {
        Value::Int(n) => Some(Scalar::Int(*n)),
        Value::Float(x) => Some(Scalar::Float(*x)),
        _ => None,
    };
    match (a, b) {
        (Value::Tensor(a), Value::Tensor(b)) => {
            let (x, y) = (a.array(), b.array());
            let same = x.dtype == y.dtype && x.shape() == y.shape() && x.is_meta() == y.is_meta();
            if !same || !x.dtype.is_float() || a.flavour() != b.flavour() {
                return None;
            }
            let result =
                map_as(opcode, x.dtype, x.dtype, &[Operand::Array(&x), Operand::Array(&y)], fleeting);
            Some(result.map(|array| Tensor::of_flavour(array, a.flavour()).into()))
        }
        (Value::Tensor(a), other) => {
            let x = a.array();
            let scalar = number(other).filter(|_| x.dtype.is_float())?;
            let operands = [Operand::Array(&x), Operand::Scalar(scalar)];
            let result = map_as(opcode, x.dtype, x.dtype, &operands, fleeting);
            Some(result.map(|array| Tensor::of_flavour(array, a.flavour()).into()))
        }
        (other, Value::Tensor(b)) => {
            let y = b.array();
            let scalar = number(other).filter(|_| y.dtype.is_float())?;
            let operands = [Operand::Scalar(scalar), Operand::Array(&y)];
            let result = map_as(opcode, y.dtype, y.dtype, &operands, fleeting);
            Some(result.map(|array| Tensor::of_flavour(array, b.flavour()).into()))
        }
        _ => None,
    }
}

/// A few rows of floats and one row that meets each of them.
fn by_row(opcode: &'static Opcode, a: &Value, b: &Value) -> Option<Value> {
    let (Value::Tensor(a), Value::Tensor(b)) = (a, b) else { return None };
    if a.is_numpy() || b.is_numpy() || pending::any() || trace::is_on() {
        return None;
    }
    let (x, y) = (a.array(), b.array());
    if !x.dtype.is_float() {
        return None;
    }
    short::by_row(opcode, x.dtype, &x, &y).map(|array| Tensor::new(array).into())
}

/// Integers cannot be raised to a negative integer.
pub fn check_power(base: &Value, exponent: &Value) -> Result<()> {
    if let (Value::Tensor(base), Value::Int(exponent)) = (base, exponent)
        && *exponent < 0
        && !base.array().dtype.is_float()
    {
        return Err(Error::runtime("Integers to negative integer powers are not allowed.")
            .label(Place::Arg(0), base.array().describe()));
    }
    Ok(())
}

/// Up to so many elements an operand of a write is computed before it.
const CACHED: usize = 1 << 17;

/// `a op= b` for a tensor `a`: writes into it; none where there is no in-place form.
pub fn in_place(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let (Value::Tensor(target), Some((opcode, rule))) = (a, arithmetic(op)) else { return Ok(None) };
    if op == BinaryOp::Pow {
        check_power(a, b)?;
    }
    let recorded = graph::active() && !ctx.state().no_grad && (autograd::asks(a) || autograd::asks(b));
    if let Value::Tensor(other) = b
        && pending::any()
        && other.array().numel() <= CACHED
    {
        // What stays in the cache is as quick in two passes, which need no plan and wake no thread.
        let storage = other.array().storage.clone();
        storage.settle()?;
    }
    if !recorded && small::in_place_unrecorded(op, target, b).is_some() {
        return Ok(Some(a.clone()));
    }
    let Some(operands) = Operands::of(&[a, b])? else { return Ok(None) };
    let recording = if recorded { begin_write(ctx, op, a, b)? } else { None };
    write_into(target, &operands, opcode, rule, b).map_err(|error| describe(error, &[a, b]))?;
    target.count_edit();
    if let Some(recording) = recording {
        recording.finish(target)?;
    }
    Ok(Some(a.clone()))
}

/// What is recorded of a write, before it.
fn begin_write(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Write>> {
    let Some(entry) = entry_of(op) else { return Ok(None) };
    let Gradient::Differentiable(derivative) = entry.gradient else { return Ok(None) };
    let values = SmallVec::from_iter([a.clone(), b.clone()]);
    autograd::writing::begin(
        ctx,
        Some(derivative),
        &Bindings { entry, overload: 0, values, in_place: std::cell::Cell::new(false) },
        2,
    )
}

fn write_into(
    target: &Tensor,
    operands: &Operands,
    opcode: &'static Opcode,
    rule: Rule,
    other: &Value,
) -> Result<()> {
    let dest = target.to_array();
    let types = operands.types(rule)?;
    overlap::check_internal(&dest).map_err(write::suggest_clone)?;
    if let Value::Tensor(other) = other {
        overlap::check_between(&dest, &other.array(), 1)?;
    }
    let shape = operands.shape()?;
    if shape.as_slice() != dest.shape() {
        return Err(write::wrong_shape(&dest, &shape));
    }
    if target.is_numpy() && promote::check_cast(types.output, dest.dtype).is_err() {
        return Err(super::flavour::cannot_cast(opcode.name, types.output, dest.dtype));
    }
    promote::check_cast(types.output, dest.dtype)?;
    operands.apply_into(opcode, types.compute, &dest)
}

/// `a op b` for a comparison; none where tensors do not know the other operand.
pub fn compare(_: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Option<Value>> {
    let fleeting = pending::take_wish();
    let Some(opcode) = comparison(op) else { return Ok(None) };
    let Some(operands) = Operands::of(&[a, b])? else { return Ok(None) };
    operands.apply(opcode, Rule::Compare, fleeting).map(Some).map_err(|error| describe(error, &[a, b]))
}

/// Shows the types of both operands under an error that says nothing of them.
#[cold]
fn describe(mut error: Error, operands: &[&Value]) -> Error {
    if !error.data().labels.is_empty() || error.class() == Class::KeyboardInterrupt {
        return error;
    }
    for (n, operand) in operands.iter().enumerate() {
        error = error.label(Place::Arg(n), operand.describe());
    }
    error
}

/// `-x`, `+x`, `~x`, `abs(x)` by the name of their method.
pub fn unary(ctx: &mut dyn Ctx, name: &str, x: &Tensor) -> Result<Value> {
    if graph::active()
        && x.requires_grad()
        && !ctx.state().no_grad
        && let Some(entry) = crate::ops::table::method(name)
    {
        pending::take_wish();
        return crate::ops::dispatch::call_method(ctx, entry, Args::positional(&[x.clone().into()]));
    }
    plain_unary(name, x).map_err(|error| if x.is_numpy() { super::flavour::worded(error) } else { error })
}

/// The same where nothing is recorded.
pub fn plain_unary(name: &str, x: &Tensor) -> Result<Value> {
    let value = Value::Tensor(x.clone());
    let dtype = x.array().dtype;
    let (opcode, rule) = match name {
        "neg" => (&opcodes::NEG, Rule::Negate),
        "abs" => (&opcodes::ABS, Rule::Number("abs_cpu")),
        "bitwise_not" if dtype.is_float() => {
            return Err(Error::type_error(
                "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
            )
            .label(Place::Arg(0), value.describe()));
        }
        "bitwise_not" => (&opcodes::BITWISE_NOT, Rule::Bitwise("bitwise_not_cpu")),
        _ if dtype == crate::tensor::dtype::DType::Bool => {
            return Err(Error::new(
                Class::NotImplementedError,
                "The `+` operator, on a bool tensor is not supported.",
            ));
        }
        _ => return Ok(value),
    };
    apply::elementwise(opcode, rule, &[&value]).map_err(|error| describe(error, &[&value]))
}

/// `bool(x)`.
pub fn truth(x: &Tensor) -> Result<bool> {
    let numel = x.array().numel();
    match numel {
        1 => Ok(item(x)?.truth()),
        0 => Err(Error::runtime("Boolean value of Tensor with no values is ambiguous")),
        _ => Err(Error::runtime("Boolean value of Tensor with more than one value is ambiguous")
            .note("use `.any()` or `.all()` to ask for the truth of the elements together")),
    }
}

/// The one element, for `int(x)` and `float(x)`.
pub fn number(x: &Tensor) -> Result<Scalar> {
    if x.array().numel() != 1 {
        return Err(Error::value("only one element tensors can be converted to Python scalars"));
    }
    item(x)
}

/// The one element as an int where an index is asked for: `range(x)`, `items[x]`.
pub fn index(x: &Tensor) -> Result<i64> {
    let whole = {
        let array = x.array();
        array.numel() == 1 && !array.dtype.is_float()
    };
    match if whole { item(x)? } else { Scalar::Float(0.0) } {
        Scalar::Int(value) => Ok(value),
        Scalar::Bool(value) => Ok(i64::from(value)),
        Scalar::Float(_) => {
            Err(Error::type_error("only integer tensors of a single element can be converted to an index"))
        }
    }
}

/// `len(x)`.
pub fn length(x: &Tensor) -> Result<usize> {
    x.array().shape().first().copied().ok_or_else(|| Error::type_error("len() of a 0-d tensor"))
}

/// The n-th item of an iteration over the first dimension; none at the end.
pub fn row(ctx: &mut dyn Ctx, x: &Tensor, n: usize) -> Result<Option<Value>> {
    let array = x.to_array();
    match array.shape().first() {
        None => Err(Error::type_error("iteration over a 0-d tensor")),
        Some(&size) if n >= size => Ok(None),
        Some(_) if x.is_numpy() && array.ndim() == 1 => {
            let number = Array::from_scalar(array.scalar_at(&[n])?, array.dtype)?;
            Ok(Some(Tensor::of_flavour(number, x.flavour()).into()))
        }
        Some(_) => {
            let layout = crate::tensor::view::select(&array.layout, 0, n as i64)?;
            let row = super::index::viewed(ctx, x, &array, layout, "UnbindBackward0", |plain| {
                crate::tensor::view::select(plain, 0, n as i64)
            })?;
            if let (Value::Tensor(row), true) = (&row, graph::active())
                && row.origin().is_some_and(|origin| origin.bond() == Bond::Whole)
            {
                row.set_bond(Bond::OneOfSeveral);
            }
            Ok(Some(row))
        }
    }
}

/// `value in x`: whether any element equals it.
pub fn contains(x: &Tensor, value: &Value) -> Result<bool> {
    let tensor = Value::Tensor(x.clone());
    if !matches!(value, Value::Tensor(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)) {
        return Err(Error::runtime(format!(
            "Tensor.__contains__ only supports Tensor or scalar, but you passed in a <class '{}'>.",
            value.type_name()
        )));
    }
    match apply::elementwise(&opcodes::EQ, Rule::Compare, &[&tensor, value])? {
        Value::Tensor(found) => {
            let found = found.to_array();
            found.require_data("item")?;
            Ok(found.scalars().any(Scalar::truth))
        }
        _ => Ok(false),
    }
}
