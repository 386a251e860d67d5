//! Creating tensors: from values, full of one number, evenly spaced, triangular.

use crate::entries;
use crate::error::{Error, Result};
use crate::ops::factory::{Options, shape_of};
use crate::ops::{literal, series, triangle};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::order::preserved_layout;
use crate::tensor::promote::{default_dtype, natural};
use crate::tensor::scalar::Scalar;
use crate::tensor::view;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, IN_PLACE, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const MAKE: Entry = Entry { on: TORCH | BARE, category: Category::Creation, ..Entry::EMPTY };

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
    Entry {
        name: "zeros_like",
        signature: making!(like "input: Tensor"),
        summary: "Zeros in the shape, dtype and memory order of a tensor.",
        examples: &[("torch.zeros_like(torch.tensor([1, 2]))", "tensor([0, 0])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "ones_like",
        signature: making!(like "input: Tensor"),
        summary: "Ones in the shape, dtype and memory order of a tensor.",
        examples: &[("torch.ones_like(torch.tensor([1.5, 2]))", "tensor([1., 1.])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(1))),
        ..MAKE
    },
    Entry {
        name: "empty_like",
        signature: making!(like "input: Tensor"),
        summary: "A tensor in the shape, dtype and memory order of another, whose content does not matter.",
        examples: &[("torch.empty_like(torch.tensor([1, 2])).shape", "torch.Size([2])")],
        forward: Forward::Eager(|_, b| alike(b, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "full_like",
        signature: making!(like "input: Tensor, fill_value: Scalar"),
        summary: "A tensor in the shape, dtype and memory order of another, full of one number.",
        examples: &[("torch.full_like(torch.tensor([1, 2]), 7)", "tensor([7, 7])")],
        forward: Forward::Eager(|_, b| alike(b, b.scalar(1)?)),
        ..MAKE
    },
    Entry {
        name: "new_zeros",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "Zeros of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_zeros(2)", "tensor([0, 0])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "new_ones",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "Ones of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_ones(2)", "tensor([1, 1])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(1))),
        ..MAKE
    },
    Entry {
        name: "new_empty",
        signature: "(input: Tensor, *size: int, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype, whose content does not matter.",
        examples: &[("torch.tensor([1]).new_empty(2).dtype", "torch.int64")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, Scalar::Int(0))),
        ..MAKE
    },
    Entry {
        name: "new_full",
        signature: "(input: Tensor, size: ints, fill_value: Scalar, *, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype full of one number.",
        examples: &[("torch.tensor([1]).new_full((2,), 7)", "tensor([7, 7])")],
        forward: Forward::Eager(|_, b| of_kind(b, &b.ints(1)?, b.scalar(2)?)),
        ..MAKE
    },
    Entry {
        name: "new_tensor",
        signature: "(input: Tensor, data: any, *, dtype: dtype | None = None, device: device | None = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor",
        on: METHOD,
        summary: "A new tensor of the numbers in nested lists, of the tensor's dtype.",
        examples: &[("torch.tensor([1]).new_tensor([1.5, 2])", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let mut options = Options::of(b)?;
            options.dtype = options.dtype.or(Some(b.tensor(0)?.array().dtype));
            copied(b.value(1), options)
        }),
        ..MAKE
    },
    Entry {
        name: "new",
        signature: "(input: Tensor, *args: any) -> Tensor",
        on: METHOD,
        summary: "A tensor of the same dtype, of a size or of the numbers in a list.",
        examples: &[("torch.tensor([1]).new([3])", "tensor([3])")],
        forward: Forward::Raw(|_, args| {
            let Some(Value::Tensor(tensor)) = args.positional.first() else {
                return Err(Error::type_error("new() is a method of tensors"));
            };
            let dtype = tensor.array().dtype;
            crate::ops::construct::of_dtype(&args.positional[1..], dtype)
        }),
        ..MAKE
    },
    Entry {
        name: "tril",
        signature: "(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The lower triangle of matrices, zeros elsewhere.",
        examples: &[
            ("torch.ones(2, 2).tril()", "tensor([[1., 0.],\n        [1., 1.]])"),
            ("torch.ones(2, 3).t().tril().stride()", "(2, 1)"),
        ],
        forward: Forward::Eager(|_, b| triangle::cut(b.tensor(0)?, b.int(1)?, "tril")),
        ..MAKE
    },
    Entry {
        name: "triu",
        signature: "(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor",
        on: METHOD | TORCH | IN_PLACE,
        summary: "The upper triangle of matrices, zeros elsewhere.",
        examples: &[("torch.ones(2, 2).triu(1)", "tensor([[0., 1.],\n        [0., 0.]])")],
        forward: Forward::Eager(|_, b| triangle::cut(b.tensor(0)?, b.int(1)?, "triu")),
        ..MAKE
    },
    Entry {
        name: "tril_indices",
        signature: "(row: int, col: int, offset: int = 0, *, dtype: dtype | None = None, device: device | None = None, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: TORCH,
        summary: "The places of the lower triangle: a row of row numbers and a row of column numbers.",
        examples: &[("torch.tril_indices(2, 2)", "tensor([[0, 1, 1],\n        [0, 0, 1]])")],
        forward: Forward::Eager(|_, b| triangle::places(b, true)),
        ..MAKE
    },
    Entry {
        name: "triu_indices",
        signature: "(row: int, col: int, offset: int = 0, *, dtype: dtype | None = None, device: device | None = None, layout: any = None, pin_memory: bool = False) -> Tensor",
        on: TORCH,
        summary: "The places of the upper triangle: a row of row numbers and a row of column numbers.",
        examples: &[("torch.triu_indices(2, 2)", "tensor([[0, 0, 1],\n        [0, 1, 1]])")],
        forward: Forward::Eager(|_, b| triangle::places(b, false)),
        ..MAKE
    },
    Entry {
        name: "meshgrid",
        signature: "(*tensors: Tensor, indexing: str | None = None) -> tuple of Tensors",
        on: TORCH,
        summary: "The coordinates of a grid: one expanded view for each of the vectors.",
        examples: &[(
            "torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4]), indexing='ij')",
            "(tensor([[1, 1],\n        [2, 2]]), tensor([[3, 4],\n        [3, 4]]))",
        )],
        forward: Forward::Eager(meshgrid),
        ..MAKE
    },
];

/// A new tensor of what is in a value.
pub fn copied(data: &Value, options: Options) -> Result<Value> {
    let array = match data {
        Value::Tensor(tensor) => {
            let array = tensor.array();
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

fn empty_strided(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let options = Options::of(b)?;
    let (shape, strides) = (shape_of(&b.ints(0)?, "empty_strided")?, b.ints(1)?);
    if shape.len() != strides.len() {
        return Err(Error::runtime("mismatch in length of strides and shape"));
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

/// A tensor in the shape and memory order of the first argument.
fn alike(b: &Bindings, value: Scalar) -> Result<Value> {
    let mut options = Options::of(b)?;
    let array = b.tensor(0)?.to_array();
    if options.device.is_none() && array.is_meta() {
        options.device = Some(crate::ops::device::Device::META);
    }
    options.full_as(preserved_layout(&array.layout), value, options.dtype.unwrap_or(array.dtype))
}

/// A tensor of a shape with the dtype of the first argument.
fn of_kind(b: &Bindings, sizes: &[i64], value: Scalar) -> Result<Value> {
    let mut options = Options::of(b)?;
    let array = b.tensor(0)?.to_array();
    if options.device.is_none() && array.is_meta() {
        options.device = Some(crate::ops::device::Device::META);
    }
    let name = if b.entry.name == "new_zeros" { "zeros" } else { "" };
    options.full(&shape_of(sizes, name)?, value, options.dtype.unwrap_or(array.dtype))
}

fn meshgrid(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensors = b.tensors(0)?;
    let swap = match b.value(1) {
        Value::Str(text) if &**text == "xy" => tensors.len() >= 2,
        Value::None => false,
        Value::Str(text) if &**text == "ij" => false,
        other => {
            let text = if let Value::Str(text) = other { text.to_string() } else { other.describe() };
            return Err(Error::runtime(format!(
                "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {text}"
            )));
        }
    };
    if tensors.is_empty() {
        return Err(Error::runtime("meshgrid expects a non-empty TensorList"));
    }
    let mut sizes = Vec::new();
    for tensor in &tensors {
        let array = tensor.array();
        if array.ndim() > 1 {
            return Err(Error::runtime(format!(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {}",
                tensor.array().ndim()
            )));
        }
        sizes.push(array.numel() as i64);
    }
    if swap {
        sizes.swap(0, 1);
    }
    let site = ctx.call_site();
    let mut grids = Vec::new();
    for (n, tensor) in tensors.iter().enumerate() {
        let n = if swap && n < 2 { 1 - n } else { n };
        let mut lying = vec![1; tensors.len()];
        lying[n] = -1;
        let array = tensor.to_array();
        let lying = array.with_layout(view::view(&array.layout, &lying)?);
        let layout = crate::tensor::broadcast::expand(&lying, &sizes)?;
        let view = Tensor::view_of(tensor, array.with_layout(layout), site.clone());
        grids.push(Value::Tensor(view));
    }
    Ok(Value::tuple(grids))
}
