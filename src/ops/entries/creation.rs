//! Creating tensors: from values, full of one number, evenly spaced, triangular.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::factory::{Options, shape_of};
use crate::ops::{literal, series};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::promote::{default_dtype, natural};
use crate::tensor::scalar::Scalar;
use crate::tensor::view;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
pub const MAKE: Entry = Entry { on: TORCH | BARE, category: Category::Creation, ..Entry::EMPTY };

/// A signature: the parameters, then those that all functions that make tensors take.
macro_rules! making {
    ($params:literal) => {
        concat!(
            "(",
            $params,
            ", *, out: Tensor | None = None, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor"
        )
    };
    (like $params:literal) => {
        concat!(
            "(",
            $params,
            ", *, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False, memory_format: any = None) -> Tensor"
        )
    };
}
pub(crate) use making;

/// An older name for making a tensor of a dtype.
macro_rules! typed {
    ($name:literal, $dtype:ident, $example:literal, $shown:literal) => {
        Entry {
            name: $name,
            signature: "(*data: any) -> Tensor",
            on: TORCH,
            summary: "A tensor of a dtype, of a size or of the numbers in a list: an older form of `tensor`.",
            examples: &[($example, $shown)],
            forward: Forward::Raw(|_, args| crate::ops::construct::of_dtype(args.positional, DType::$dtype)),
            ..MAKE
        }
    };
}

entries![
    Entry {
        name: "tensor",
        signature: "(data: any, *, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor",
        summary: "A new tensor of the numbers in nested lists; the dtype is that of the strongest number.",
        examples: &[
            ("torch.tensor([[1, 2], [3, 4]])", "tensor([[1, 2],\n        [3, 4]])"),
            ("torch.tensor([1, 2.5])", "tensor([1.0000, 2.5000])"),
        ],
        forward: Forward::Eager(|_, b| copied(b.value(0), Options::of(b)?)),
        ..MAKE
    },
    typed!("FloatTensor", F32, "torch.FloatTensor([1, 0])", "tensor([1., 0.])"),
    typed!("DoubleTensor", F64, "torch.DoubleTensor([1, 0])", "tensor([1., 0.], dtype=torch.float64)"),
    typed!("HalfTensor", F16, "torch.HalfTensor([1, 0])", "tensor([1., 0.], dtype=torch.float16)"),
    typed!("BFloat16Tensor", BF16, "torch.BFloat16Tensor([1, 0])", "tensor([1., 0.], dtype=torch.bfloat16)"),
    typed!("LongTensor", I64, "torch.LongTensor([1, 0])", "tensor([1, 0])"),
    typed!("IntTensor", I32, "torch.IntTensor([1, 0])", "tensor([1, 0], dtype=torch.int32)"),
    typed!("ShortTensor", I16, "torch.ShortTensor([1, 0])", "tensor([1, 0], dtype=torch.int16)"),
    typed!("CharTensor", I8, "torch.CharTensor([1, 0])", "tensor([1, 0], dtype=torch.int8)"),
    typed!("ByteTensor", U8, "torch.ByteTensor([1, 0])", "tensor([1, 0], dtype=torch.uint8)"),
    typed!("BoolTensor", Bool, "torch.BoolTensor([1, 0])", "tensor([ True, False])"),
    Entry {
        name: "as_tensor",
        aliases: &["asarray"],
        signature: "(data: any, dtype: dtype | None = None, device: device | None = None, *, copy: any = None, requires_grad: bool = False) -> Tensor",
        on: TORCH,
        summary: "A tensor of the numbers in a value; a tensor or array is taken as it is where it can be.",
        examples: &[("x = torch.zeros(1); torch.as_tensor(x) is x", "True")],
        forward: Forward::Eager(as_tensor),
        ..MAKE
    },
    Entry {
        name: "scalar_tensor",
        signature: "(s: Scalar, *, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor",
        on: TORCH,
        summary: "A tensor without dimensions that holds one number.",
        examples: &[("torch.scalar_tensor(3)", "tensor(3.)")],
        forward: Forward::Eager(|_, b| {
            let options = Options::of(b)?;
            options.full(&[], b.scalar(0)?, options.dtype())
        }),
        ..MAKE
    },
    Entry {
        name: "zeros",
        signature: making!("*size: int"),
        summary: "Zeros.",
        examples: &[("torch.zeros(2, 3)", "tensor([[0., 0., 0.],\n        [0., 0., 0.]])")],
        forward: Forward::Eager(|_, b| sized(b, "zeros", Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "ones",
        signature: making!("*size: int"),
        summary: "Ones.",
        examples: &[("torch.ones(2, dtype=torch.int64)", "tensor([1, 1])")],
        forward: Forward::Eager(|_, b| sized(b, "ones", Scalar::Int(1))),
        ..MAKE
    },
    Entry {
        name: "empty",
        signature: "(*size: int, out: Tensor | None = None, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False, memory_format: any = None) -> Tensor",
        summary: "A tensor whose content does not matter: zeros, or what was in recycled memory.",
        examples: &[("torch.empty(2, 3).shape", "torch.Size([2, 3])")],
        forward: Forward::Eager(|_, b| sized(b, "empty", Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "empty_strided",
        signature: "(size: ints, stride: ints, *, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor",
        on: TORCH,
        summary: "A tensor with the shape and strides given, whose content does not matter.",
        examples: &[("torch.empty_strided((2, 3), (1, 2)).stride()", "(1, 2)")],
        forward: Forward::Eager(empty_strided),
        ..MAKE
    },
    Entry {
        name: "full",
        signature: "(size: ints, fill_value: Scalar, *, out: Tensor | None = None, dtype: dtype | None = None, layout: any = None, device: device | None = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor",
        summary: "A tensor full of one number, of that number's dtype.",
        examples: &[("torch.full((2,), 7)", "tensor([7, 7])")],
        forward: Forward::Eager(|_, b| {
            let (options, value) = (Options::of(b)?, b.scalar(1)?);
            let dtype = options.dtype.unwrap_or_else(|| natural(value.category()));
            options.full(&shape_of(&b.ints(0)?, "full")?, value, dtype)
        }),
        ..MAKE
    },
    Entry {
        name: "arange",
        signature: concat!(
            making!("end: Scalar"),
            "\n",
            making!("start: Scalar, end: Scalar"),
            "\n",
            making!("start: Scalar, end: Scalar, step: Scalar = 1")
        ),
        summary: "Numbers from `start` up to `end`, exclusive, in equal steps.",
        examples: &[
            ("torch.arange(5)", "tensor([0, 1, 2, 3, 4])"),
            ("torch.arange(1, 2, 0.25)", "tensor([1.0000, 1.2500, 1.5000, 1.7500])"),
        ],
        forward: Forward::Eager(arange),
        ..MAKE
    },
    Entry {
        name: "range",
        signature: making!("start: Scalar, end: Scalar, step: Scalar = 1"),
        on: TORCH,
        summary: "As `arange`, with the end; deprecated in PyTorch.",
        examples: &[("torch.range(1, 3)", "tensor([1., 2., 3.])")],
        forward: Forward::Eager(|_, b| {
            let options = Options::of(b)?;
            let (start, end, step) = (b.scalar(0)?.to_f64(), b.scalar(1)?.to_f64(), b.scalar(2)?.to_f64());
            let end = Scalar::Float(start + ((end - start) / step).floor() * step + step / 2.0);
            let (start, step) = (Scalar::Float(start), Scalar::Float(step));
            options.tensor(series::arange(start, end, step, options.dtype(), options.is_meta())?)
        }),
        ..MAKE
    },
    Entry {
        name: "linspace",
        signature: concat!(
            making!("start: Tensor, end: Tensor, steps: int"),
            "\n",
            making!("start: Scalar, end: Tensor, steps: int"),
            "\n",
            making!("start: Tensor, end: Scalar, steps: int"),
            "\n",
            making!("start: Scalar, end: Scalar, steps: int")
        ),
        summary: "`steps` numbers from `start` to `end`, both included, evenly spaced.",
        examples: &[("torch.linspace(0, 1, 5)", "tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])")],
        forward: Forward::Eager(|_, b| {
            check_ends(b, "linspace")?;
            let options = Options::of(b)?;
            let (start, end, steps) = (b.scalar(0)?, b.scalar(1)?, b.int(2)?);
            options.tensor(series::linspace(start, end, steps, options.dtype(), options.is_meta())?)
        }),
        ..MAKE
    },
    Entry {
        name: "logspace",
        signature: concat!(
            making!("start: Tensor, end: Tensor, steps: int, base: float = 10.0"),
            "\n",
            making!("start: Scalar, end: Tensor, steps: int, base: float = 10.0"),
            "\n",
            making!("start: Tensor, end: Scalar, steps: int, base: float = 10.0"),
            "\n",
            making!("start: Scalar, end: Scalar, steps: int, base: float = 10.0")
        ),
        summary: "Powers of `base` with evenly spaced exponents from `start` to `end`.",
        examples: &[("torch.logspace(0, 3, 4)", "tensor([   1.,   10.,  100., 1000.])")],
        forward: Forward::Eager(|_, b| {
            check_ends(b, "logspace")?;
            let options = Options::of(b)?;
            let (start, end, steps) = (b.scalar(0)?, b.scalar(1)?, b.int(2)?);
            let (dtype, meta) = (options.dtype(), options.is_meta());
            options.tensor(series::logspace(start, end, steps, b.float(3)?, dtype, meta)?)
        }),
        ..MAKE
    },
    Entry {
        name: "eye",
        signature: concat!(making!("n: int"), "\n", making!("n: int, m: int")),
        summary: "A matrix with ones on the diagonal.",
        examples: &[("torch.eye(2)", "tensor([[1., 0.],\n        [0., 1.]])")],
        forward: Forward::Eager(eye),
        ..MAKE
    },
];

/// A new tensor of what is in a value.
pub fn copied(data: &Value, options: Options) -> Result<Value> {
    let array = match data {
        Value::Tensor(tensor) => {
            let array = tensor.array();
            super::conversion::check_forwards(&array)?;
            let dtype = options.dtype.unwrap_or(array.dtype);
            super::conversion::duplicate(&array).and_then(|copy| cast(copy, dtype))?
        }
        other => literal::array_of(other, options.dtype)?,
    };
    options.copy_of(array)
}

fn cast(array: Array, dtype: DType) -> Result<Array> {
    if array.dtype == dtype {
        return Ok(array);
    }
    if array.is_meta() {
        return Array::meta(array.layout, dtype);
    }
    crate::kernels::cast::cast(&array, dtype)
}

fn as_tensor(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let Value::Tensor(tensor) = b.value(0) else { return copied(b.value(0), options) };
    if matches!(b.value(3), Value::Bool(true)) {
        return copied(b.value(0), options);
    }
    super::conversion::check_forwards(&tensor.array())?;
    let torch = if tensor.is_numpy() { Tensor::new(tensor.to_array()) } else { tensor.clone() };
    let there = match options.device {
        Some(device) => super::conversion::moved(&torch, device)?,
        None => torch,
    };
    let dtype = options.dtype.unwrap_or(there.array().dtype);
    super::conversion::converted(&there, dtype, false)
}

fn sized(b: &Bindings, name: &str, value: Scalar) -> Result<Value> {
    let options = Options::of(b)?;
    options.full(&shape_of(&b.ints(0)?, name)?, value, options.dtype())
}

/// Fails where an end of `linspace` or `logspace` is a tensor with dimensions.
fn check_ends(b: &Bindings, op: &str) -> Result<()> {
    let dims = |n: usize| match b.value(n) {
        Value::Tensor(tensor) => Some(tensor.array().ndim()),
        _ => None,
    };
    let found = match (dims(0), dims(1)) {
        (Some(start), Some(end)) if start + end > 0 => {
            format!("start with {start} dimension(s) and end with {end} dimension(s)")
        }
        (Some(start), None) if start > 0 => format!("start with {start} dimension(s)"),
        (None, Some(end)) if end > 0 => format!("end with {end} dimension(s)"),
        _ => return Ok(()),
    };
    Err(Error::runtime(format!("{op} only supports 0-dimensional start and end tensors, but got {found}.")))
}

fn empty_strided(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let (shape, strides) = (shape_of(&b.ints(0)?, "empty_strided")?, b.ints(1)?);
    if shape.len() != strides.len() {
        return Err(Error::runtime(format!(
            "dimensionality of sizes ({}) must match dimensionality of strides ({})",
            shape.len(),
            strides.len()
        )));
    }
    if strides.iter().any(|&stride| stride < 0) {
        return Err(Error::runtime(format!(
            "as_strided: Negative strides are not supported at the moment, got strides: {:?}",
            strides.as_slice()
        )));
    }
    crate::tensor::layout::checked_numel(&shape)?;
    let layout = Layout::from_parts(shape, strides.iter().map(|&n| n as isize).collect(), 0);
    let reach = layout.reach().map_or(0, |(_, last)| last.saturating_add(1));
    if options.is_meta() {
        return options.tensor(Array::meta(layout, options.dtype())?);
    }
    let room = Array::zeros(&[reach], options.dtype())?;
    options.tensor(Array::new(room.storage, layout, options.dtype())?)
}

fn arange(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let one = Scalar::Int(1);
    let (start, end, step) = match b.overload {
        0 => (Scalar::Int(0), b.scalar(0)?, one),
        1 => (b.scalar(0)?, b.scalar(1)?, one),
        _ => (b.scalar(0)?, b.scalar(1)?, b.scalar(2)?),
    };
    let float = [start, end, step].iter().any(|n| matches!(n, Scalar::Float(_)));
    let dtype = options.dtype.unwrap_or_else(|| if float { default_dtype() } else { DType::I64 });
    let whole = |n: Scalar| match n {
        Scalar::Bool(n) => Scalar::Int(i64::from(n)),
        Scalar::Float(n) if !dtype.is_float() && n.is_finite() => {
            Scalar::Int(crate::tensor::dtype::truncate(n))
        }
        other => other,
    };
    let (start, step) = (whole(start), whole(step));
    // The end is not rounded: arange(0.5, 2.5, dtype=int64) counts up to it.
    let end = if let Scalar::Bool(n) = end { Scalar::Int(i64::from(n)) } else { end };
    options.tensor(series::arange(start, end, step, dtype, options.is_meta())?)
}

fn eye(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let size = |n: i64, name: &str| {
        usize::try_from(n)
            .map_err(|_| Error::runtime(format!("{name} must be greater or equal to 0, got {n}")))
    };
    let rows = size(b.int(0)?, "n")?;
    let columns = if b.overload == 1 { size(b.int(1)?, "m")? } else { rows };
    let dtype = options.dtype();
    if options.is_meta() {
        return options.tensor(Array::meta(Layout::contiguous(&[rows, columns])?, dtype)?);
    }
    let array = Array::zeros(&[rows, columns], dtype)?;
    let diagonal = array.with_layout(view::diagonal(&array.layout, 0, 0, 1)?);
    crate::kernels::copy::fill(&diagonal, Scalar::Int(1))?;
    options.tensor(array)
}
