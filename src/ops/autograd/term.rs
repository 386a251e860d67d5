//! What derivatives are written with: a value that takes part in arithmetic.
//!
//! `s.grad() * s.input(0).cos()` calls the ops of the table, so it can be differentiated again. The first error is kept by
//! the step and makes every term after it empty, so formulas stay formulas.

use crate::error::{Error, Result};
use crate::kernels::elementwise::{Opcode, Operand, map, opcodes};
use crate::kernels::reduce;
use crate::ops::{apply, dispatch, multiply, operators, table};
use crate::syntax::ast::{BinaryOp, CompareOp, Name};
use crate::tensor::array::Array;
use crate::tensor::broadcast::broadcast_layout;
use crate::tensor::dim::wrap_list;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Shape;
use crate::tensor::view;
use crate::value::{Args, Ctx, Tensor, Value};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A tensor or number in a formula; empty after an error.
#[derive(Clone)]
pub struct Term<'s> {
    pub(super) compute: &'s dyn Computes,
    pub(super) value: Option<Value>,
}

/// What computes the values of terms; keeps the first error.
pub trait Computes {
    /// Calls an op of the table by its name.
    fn call(&self, name: &str, args: &[Value], keywords: &[(&'static str, Value)]) -> Option<Value>;
    /// `a op b`
    fn binary(&self, op: BinaryOp, a: &Value, b: &Value) -> Option<Value>;
    /// `a op b`, a comparison.
    fn compare(&self, op: CompareOp, a: &Value, b: &Value) -> Option<Value>;
    /// Whether nothing looks on, so that kernels may be called without the table's door.
    fn direct(&self) -> bool {
        false
    }
}

impl<'s> Term<'s> {
    /// A term of a value.
    pub fn new(compute: &'s dyn Computes, value: Option<Value>) -> Term<'s> {
        Term { compute, value }
    }

    /// Another value in the same formula.
    pub fn of(&self, value: impl Into<Value>) -> Term<'s> {
        Term { compute: self.compute, value: Some(value.into()) }
    }

    /// The value; none after an error.
    pub fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// The value as a tensor, where it is one.
    pub fn tensor(&self) -> Option<&Tensor> {
        match &self.value {
            Some(Value::Tensor(tensor)) => Some(tensor),
            _ => None,
        }
    }

    /// Its shape; of a number that of a tensor without dimensions.
    pub fn shape(&self) -> Shape {
        self.tensor().map_or_else(Shape::new, |tensor| Shape::from_slice(tensor.array().shape()))
    }

    /// The number of its dimensions.
    pub fn ndim(&self) -> usize {
        self.tensor().map_or(0, |tensor| tensor.array().ndim())
    }

    /// The size of a dimension, counted from the end where it is negative.
    pub fn size(&self, dim: i64) -> usize {
        let shape = self.shape();
        let at = if dim < 0 { dim + shape.len() as i64 } else { dim };
        usize::try_from(at).ok().and_then(|at| shape.get(at).copied()).unwrap_or(1)
    }

    /// Its dtype; of a number float32.
    pub fn dtype(&self) -> DType {
        self.tensor().map_or(DType::F32, |tensor| tensor.array().dtype)
    }

    /// What a kernel makes of the array, where the door of the table can be passed by. None where it cannot, or where
    /// the kernel has nothing to say: then the op is called, which gives the same, or says what is wrong.
    pub(crate) fn direct(&self, kernel: impl FnOnce(&Array) -> Option<Array>) -> Option<Term<'s>> {
        let tensor = self.tensor().filter(|_| self.compute.direct())?;
        let array = kernel(&tensor.array())?;
        Some(self.of(Tensor::of_flavour(array, tensor.flavour())))
    }

    /// [`Term::direct`] of two arrays.
    pub(crate) fn direct_with(
        &self,
        other: &Term<'s>,
        kernel: impl FnOnce(&Array, &Array) -> Option<Array>,
    ) -> Option<Term<'s>> {
        let other = other.tensor()?;
        self.direct(|array| kernel(array, &other.array()))
    }

    /// What an opcode of two operands gives for two arrays of one float dtype and shape.
    pub(crate) fn direct_op(&self, opcode: &'static Opcode, other: &Term<'s>) -> Option<Term<'s>> {
        self.direct_with(other, |a, b| {
            let alike = a.dtype == b.dtype && a.shape() == b.shape() && a.is_meta() == b.is_meta();
            if !alike || !a.dtype.is_float() {
                return None;
            }
            map(opcode, a.dtype, &[Operand::Array(a), Operand::Array(b)]).ok()
        })
    }

    /// The method of a name, without arguments: `x.op("cos")`.
    pub fn op(&self, name: &str) -> Term<'s> {
        self.call(name, &[])
    }

    /// The method of a name: `x.call("sum", &[dims, Value::Bool(true)])`.
    pub fn call(&self, name: &str, args: &[Value]) -> Term<'s> {
        self.call_with(name, args, &[])
    }

    /// The method of a name with keyword arguments.
    pub fn call_with(&self, name: &str, args: &[Value], keywords: &[(&'static str, Value)]) -> Term<'s> {
        let value = self.value.as_ref().and_then(|value| {
            let mut all = vec![value.clone()];
            all.extend_from_slice(args);
            self.compute.call(name, &all, keywords)
        });
        Term { compute: self.compute, value }
    }

    /// The method of a name with terms as arguments.
    pub fn with(&self, name: &str, args: &[&Term<'s>]) -> Term<'s> {
        let args: Option<Vec<Value>> = args.iter().map(|term| term.value.clone()).collect();
        match args {
            Some(args) => self.call(name, &args),
            None => Term { compute: self.compute, value: None },
        }
    }

    fn binary(&self, op: BinaryOp, other: &Term<'s>) -> Term<'s> {
        let value = match (&self.value, &other.value) {
            (Some(a), Some(b)) => self.compute.binary(op, a, b),
            _ => None,
        };
        Term { compute: self.compute, value }
    }

    fn compared(&self, op: CompareOp, other: &Term<'s>) -> Term<'s> {
        let value = match (&self.value, &other.value) {
            (Some(a), Some(b)) => self.compute.compare(op, a, b),
            _ => None,
        };
        Term { compute: self.compute, value }
    }

    /// `self ** exponent`
    pub fn pow(&self, exponent: impl Into<Value>) -> Term<'s> {
        self.binary(BinaryOp::Pow, &self.of(exponent))
    }

    /// `self ** exponent`
    pub fn power(&self, exponent: &Term<'s>) -> Term<'s> {
        self.binary(BinaryOp::Pow, exponent)
    }

    /// `self == other`
    pub fn eq(&self, other: &Term<'s>) -> Term<'s> {
        self.compared(CompareOp::Eq, other)
    }

    /// `self > other`
    pub fn gt(&self, other: &Term<'s>) -> Term<'s> {
        self.compared(CompareOp::Gt, other)
    }

    /// `self < other`
    pub fn lt(&self, other: &Term<'s>) -> Term<'s> {
        self.compared(CompareOp::Lt, other)
    }

    /// `self >= other`
    pub fn ge(&self, other: &Term<'s>) -> Term<'s> {
        self.compared(CompareOp::GtE, other)
    }

    /// `self <= other`
    pub fn le(&self, other: &Term<'s>) -> Term<'s> {
        self.compared(CompareOp::LtE, other)
    }

    /// `self > number`
    pub fn above(&self, number: f64) -> Term<'s> {
        self.gt(&self.of(number))
    }

    /// `self < number`
    pub fn below(&self, number: f64) -> Term<'s> {
        self.lt(&self.of(number))
    }

    /// `where(self, a, b)`
    pub fn choose(&self, a: &Term<'s>, b: &Term<'s>) -> Term<'s> {
        let value = match (&self.value, &a.value, &b.value) {
            (Some(condition), Some(a), Some(b)) if self.compute.direct() => {
                match apply::conditional(condition, a, b) {
                    Ok(value) => Some(value),
                    Err(_) => self.compute.call("where", &[condition.clone(), a.clone(), b.clone()], &[]),
                }
            }
            (Some(condition), Some(a), Some(b)) => {
                self.compute.call("where", &[condition.clone(), a.clone(), b.clone()], &[])
            }
            _ => None,
        };
        Term { compute: self.compute, value }
    }

    /// Itself where a condition holds, else 0.
    pub fn only(&self, condition: &Term<'s>) -> Term<'s> {
        condition.choose(self, &self.of(0.0))
    }

    /// Itself with 0 where a condition holds.
    pub fn except(&self, condition: &Term<'s>) -> Term<'s> {
        self.with("masked_fill", &[condition, &self.of(0.0)])
    }

    /// `self @ other`
    pub fn matmul(&self, other: &Term<'s>) -> Term<'s> {
        let direct = self.direct_with(other, |a, b| multiply::matmul(a, b).ok());
        direct.unwrap_or_else(|| self.with("matmul", &[other]))
    }

    /// The last two dimensions swapped.
    pub fn transposed(&self) -> Term<'s> {
        let direct = self.direct(|a| Some(a.with_layout(view::transpose(&a.layout, -2, -1).ok()?)));
        if let Some(term) = direct {
            return term;
        }
        self.call("transpose", &[Value::Int(-2), Value::Int(-1)])
    }

    /// Another shape.
    pub fn reshape(&self, shape: &[usize]) -> Term<'s> {
        if self.shape().as_slice() == shape {
            self.clone()
        } else {
            let direct = self.direct(|a| Some(a.with_layout(view::try_view(&a.layout, shape)?)));
            direct.unwrap_or_else(|| self.call("reshape", &[Value::size(shape)]))
        }
    }

    /// Spread over a shape.
    pub fn expand(&self, shape: &[usize]) -> Term<'s> {
        if self.shape().as_slice() == shape {
            self.clone()
        } else {
            let direct = self.direct(|a| Some(a.with_layout(broadcast_layout(&a.layout, shape)?)));
            direct.unwrap_or_else(|| self.call("expand", &[Value::size(shape)]))
        }
    }

    /// A dimension of size 1 put in.
    pub fn unsqueeze(&self, dim: i64) -> Term<'s> {
        if let Some(term) = self.direct(|a| Some(a.with_layout(view::unsqueeze(&a.layout, dim).ok()?))) {
            return term;
        }
        self.call("unsqueeze", &[Value::Int(dim)])
    }

    /// Summed over dimensions, which stay with size 1 where `keepdim`.
    pub fn sum(&self, dims: &[i64], keepdim: bool) -> Term<'s> {
        let direct = self.direct(|a| {
            if !a.dtype.is_float() || dims.is_empty() {
                return None;
            }
            let short = match dims {
                &[dim] if !keepdim => reduce::short::sum(a, Some(dim)),
                _ => None,
            };
            short.or_else(|| reduce::sum(a, &wrap_list(dims, a.ndim()).ok()?, keepdim, None).ok())
        });
        if let Some(term) = direct {
            return term;
        }
        let dims = Value::tuple(dims.iter().map(|&dim| Value::Int(dim)).collect());
        self.call("sum", &[dims, Value::Bool(keepdim)])
    }

    /// Summed over the dimensions along which a smaller shape was spread over it.
    pub fn sum_to(&self, shape: &[usize]) -> Term<'s> {
        let own = self.shape();
        if own.as_slice() == shape || own.len() < shape.len() {
            return self.clone();
        }
        let extra = own.len() - shape.len();
        let mut dims: Vec<i64> = (0..extra as i64).collect();
        let kept = shape.iter().enumerate().filter(|&(dim, &size)| size == 1 && own[extra + dim] != 1);
        dims.extend(kept.map(|(dim, _)| (extra + dim) as i64));
        let summed = if dims.len() == extra { self.sum(&dims, false) } else { self.sum(&dims, true) };
        summed.reshape(shape)
    }

    /// As a dtype.
    pub fn to(&self, dtype: DType) -> Term<'s> {
        match self.tensor() {
            Some(tensor) if tensor.array().dtype != dtype => self.call("to", &[Value::DType(dtype)]),
            _ => self.clone(),
        }
    }

    /// Zeros of its shape and dtype.
    pub fn zeros_like(&self) -> Term<'s> {
        self.op("zeros_like")
    }

    /// Zeros of a shape, of its dtype.
    pub fn new_zeros(&self, shape: &[usize]) -> Term<'s> {
        self.call("new_zeros", &[Value::size(shape)])
    }
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident $op:ident),*) => {$(
        impl<'s> $trait for Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: Term<'s>) -> Term<'s> {
                self.binary(BinaryOp::$op, &other)
            }
        }
        impl<'s> $trait<&Term<'s>> for Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: &Term<'s>) -> Term<'s> {
                self.binary(BinaryOp::$op, other)
            }
        }
        impl<'s> $trait<Term<'s>> for &Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: Term<'s>) -> Term<'s> {
                self.binary(BinaryOp::$op, &other)
            }
        }
        impl<'s> $trait for &Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: &Term<'s>) -> Term<'s> {
                self.binary(BinaryOp::$op, other)
            }
        }
        impl<'s> $trait<f64> for Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: f64) -> Term<'s> {
                self.binary(BinaryOp::$op, &self.of(other))
            }
        }
        impl<'s> $trait<f64> for &Term<'s> {
            type Output = Term<'s>;
            fn $method(self, other: f64) -> Term<'s> {
                self.binary(BinaryOp::$op, &self.of(other))
            }
        }
        impl<'s> $trait<Term<'s>> for f64 {
            type Output = Term<'s>;
            fn $method(self, other: Term<'s>) -> Term<'s> {
                other.of(self).binary(BinaryOp::$op, &other)
            }
        }
        impl<'s> $trait<&Term<'s>> for f64 {
            type Output = Term<'s>;
            fn $method(self, other: &Term<'s>) -> Term<'s> {
                other.of(self).binary(BinaryOp::$op, other)
            }
        }
    )*};
}

arithmetic!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl<'s> Neg for Term<'s> {
    type Output = Term<'s>;
    fn neg(self) -> Term<'s> {
        -&self
    }
}

impl<'s> Neg for &Term<'s> {
    type Output = Term<'s>;
    fn neg(self) -> Term<'s> {
        let direct = self.direct(|a| {
            if a.dtype.is_float() { map(&opcodes::NEG, a.dtype, &[Operand::Array(a)]).ok() } else { None }
        });
        direct.unwrap_or_else(|| self.op("neg"))
    }
}

/// Formulas outside a backward step: ops that are recorded as what they are composed of.
pub struct Formula<'a> {
    ctx: RefCell<&'a mut dyn Ctx>,
    error: RefCell<Option<Error>>,
}

/// Computes a value by a formula of differentiable ops.
pub fn compose(
    ctx: &mut dyn Ctx,
    formula: impl for<'s> FnOnce(&'s Formula<'_>) -> Option<Value>,
) -> Result<Value> {
    let state = Formula { ctx: RefCell::new(ctx), error: RefCell::new(None) };
    let value = formula(&state);
    match state.error.into_inner() {
        Some(error) => Err(error),
        None => value.ok_or_else(|| Error::runtime("a formula gives a value")),
    }
}

impl Formula<'_> {
    /// A value in the formula.
    pub fn term(&self, value: impl Into<Value>) -> Term<'_> {
        Term::new(self, Some(value.into()))
    }

    /// What a call gives, where it can fail.
    pub fn keep<T>(&self, result: Result<T>) -> Option<T> {
        keep(&self.error, result)
    }

    /// Calls an op of the table: `f.op("cat", &[..])`.
    pub fn op(&self, name: &str, args: &[Value]) -> Term<'_> {
        Term::new(self, Computes::call(self, name, args, &[]))
    }
}

impl Computes for Formula<'_> {
    fn call(&self, name: &str, args: &[Value], keywords: &[(&'static str, Value)]) -> Option<Value> {
        let result = call_op(&mut **self.ctx.borrow_mut(), name, args, keywords);
        self.keep(result)
    }

    fn binary(&self, op: BinaryOp, a: &Value, b: &Value) -> Option<Value> {
        let result = arithmetic(&mut **self.ctx.borrow_mut(), op, a, b);
        self.keep(result)
    }

    fn compare(&self, op: CompareOp, a: &Value, b: &Value) -> Option<Value> {
        let result = comparison(&mut **self.ctx.borrow_mut(), op, a, b);
        self.keep(result)
    }
}

/// Keeps the first error.
pub(super) fn keep<T>(error: &RefCell<Option<Error>>, result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(found) => {
            error.borrow_mut().get_or_insert(found);
            None
        }
    }
}

/// Calls an op by its name.
pub(super) fn call_op(
    ctx: &mut dyn Ctx,
    name: &str,
    args: &[Value],
    keywords: &[(&'static str, Value)],
) -> Result<Value> {
    // The method `where` takes the condition second.
    let method = table::method(name).filter(|_| name != "where");
    let found = method
        .or_else(|| table::functional(name))
        .or_else(|| table::torch(name))
        .or_else(|| table::linalg(name))
        .or_else(|| table::special(name));
    let entry = found.ok_or_else(|| Error::runtime(format!("there is no op {name}")))?;
    let keywords: SmallVec<[(Name, Value); 2]> =
        keywords.iter().map(|(name, value)| (Name::from(*name), value.clone())).collect();
    dispatch::call_method(ctx, entry, Args { positional: args, keywords: &keywords })
}

/// `a op b` for tensors and numbers.
pub(super) fn arithmetic(ctx: &mut dyn Ctx, op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
    if let (Some(x), Some(y)) = (plain(a), plain(b)) {
        return Ok(Value::Float(match op {
            BinaryOp::Add => x + y,
            BinaryOp::Sub => x - y,
            BinaryOp::Mul => x * y,
            BinaryOp::Div => x / y,
            _ => x.powf(y),
        }));
    }
    operators::binary(ctx, op, a, b)?.ok_or_else(|| Error::type_error("a formula is of tensors and numbers"))
}

/// `a op b`, a comparison.
pub(super) fn comparison(ctx: &mut dyn Ctx, op: CompareOp, a: &Value, b: &Value) -> Result<Value> {
    if let (Some(x), Some(y)) = (plain(a), plain(b)) {
        return Ok(Value::Bool(match op {
            CompareOp::Eq => x == y,
            CompareOp::Lt => x < y,
            CompareOp::LtE => x <= y,
            CompareOp::Gt => x > y,
            _ => x >= y,
        }));
    }
    operators::compare(ctx, op, a, b)?.ok_or_else(|| Error::type_error("a formula is of tensors and numbers"))
}

/// A plain number.
fn plain(value: &Value) -> Option<f64> {
    match value {
        Value::Float(x) => Some(*x),
        Value::Int(n) => Some(*n as f64),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}
