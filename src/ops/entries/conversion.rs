//! Conversion: to other dtypes and devices, and to Python's numbers and lists.

use crate::entries;
use crate::error::{Class, Error, Place, Result};
use crate::kernels::elementwise::pending;
use crate::kernels::{cast, copy};
use crate::ops::arguments::scalar_value;
use crate::ops::bind::as_dtype;
use crate::ops::derivatives;
use crate::ops::device::{Device, NO_CUDA};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::order::preserved_layout;
use crate::tensor::promote;
use crate::value::entry::{BARE, Bindings, Category, Entry, Forward, Gradient, METHOD, TORCH};
use crate::value::{Ctx, Tensor, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const CONVERT: Entry = Entry {
    signature: "(input: Tensor, *, memory_format: any = None) -> Tensor",
    on: METHOD,
    category: Category::Conversion,
    gradient: Gradient::Differentiable(&derivatives::joining::TO),
    ..Entry::EMPTY
};

macro_rules! dtype_method {
    ($name:literal, $dtype:ident, $summary:literal, $example:literal, $shown:literal) => {
        Entry {
            name: $name,
            summary: $summary,
            examples: &[($example, $shown)],
            forward: Forward::Eager(|_, b| converted(b.tensor(0)?, DType::$dtype, false)),
            streams: true,
            ..CONVERT
        }
    };
}

/// Fails for an array that is read backwards: PyTorch has no negative strides.
pub fn check_forwards(array: &Array) -> Result<()> {
    if array.strides().iter().any(|&stride| stride < 0) {
        return Err(Error::value(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You can probably work around this by making a copy of your array  with array.copy().) ",
        ));
    }
    Ok(())
}

entries![
    dtype_method!(
        "float",
        F32,
        "The elements as float32.",
        "torch.tensor([1, 2]).float()",
        "tensor([1., 2.])"
    ),
    dtype_method!(
        "double",
        F64,
        "The elements as float64.",
        "torch.tensor([1, 2]).double()",
        "tensor([1., 2.], dtype=torch.float64)"
    ),
    dtype_method!(
        "half",
        F16,
        "The elements as float16.",
        "torch.tensor([1, 2]).half()",
        "tensor([1., 2.], dtype=torch.float16)"
    ),
    dtype_method!(
        "bfloat16",
        BF16,
        "The elements as bfloat16.",
        "torch.tensor([1, 2]).bfloat16()",
        "tensor([1., 2.], dtype=torch.bfloat16)"
    ),
    dtype_method!(
        "long",
        I64,
        "The elements as int64.",
        "torch.tensor([1.9, -1.9]).long()",
        "tensor([ 1, -1])"
    ),
    dtype_method!(
        "int",
        I32,
        "The elements as int32.",
        "torch.tensor([1.9]).int()",
        "tensor([1], dtype=torch.int32)"
    ),
    dtype_method!(
        "short",
        I16,
        "The elements as int16.",
        "torch.tensor([1.9]).short()",
        "tensor([1], dtype=torch.int16)"
    ),
    dtype_method!(
        "char",
        I8,
        "The elements as int8.",
        "torch.tensor([200]).char()",
        "tensor([-56], dtype=torch.int8)"
    ),
    dtype_method!(
        "byte",
        U8,
        "The elements as uint8.",
        "torch.tensor([-1]).byte()",
        "tensor([255], dtype=torch.uint8)"
    ),
    dtype_method!(
        "bool",
        Bool,
        "Whether each element is not zero.",
        "torch.tensor([0, 2]).bool()",
        "tensor([False,  True])"
    ),
    Entry {
        name: "to",
        signature: "(input: Tensor, device: device | None = None, dtype: dtype | None = None, non_blocking: bool = False, copy: bool = False, *, memory_format: any = None) -> Tensor\n(input: Tensor, dtype: dtype, non_blocking: bool = False, copy: bool = False, *, memory_format: any = None) -> Tensor\n(input: Tensor, other: Tensor, non_blocking: bool = False, copy: bool = False, *, memory_format: any = None) -> Tensor",
        summary: "The elements as another dtype or on another device; the tensor itself where nothing changes.",
        examples: &[
            ("torch.tensor([1, 2]).to(torch.float64)", "tensor([1., 2.], dtype=torch.float64)"),
            ("x = torch.tensor([1, 2]); x.to(torch.int64) is x", "True"),
        ],
        forward: Forward::Eager(to),
        streams: true,
        gradient: Gradient::Differentiable(&derivatives::joining::TO),
        ..CONVERT
    },
    Entry {
        name: "type",
        signature: "(input: Tensor, dtype: any = None, non_blocking: bool = False) -> any",
        summary: "The name of the tensor's type, or the elements as another dtype.",
        examples: &[
            ("torch.tensor([1, 2]).type()", "'torch.LongTensor'"),
            ("torch.tensor([1, 2]).type(torch.float32)", "tensor([1., 2.])"),
        ],
        forward: Forward::Eager(type_method),
        ..CONVERT
    },
    Entry {
        name: "type_as",
        signature: "(input: Tensor, other: Tensor) -> Tensor",
        summary: "The elements as the dtype of another tensor.",
        examples: &[("torch.tensor([1]).type_as(torch.tensor(1.5))", "tensor([1.])")],
        forward: Forward::Eager(|_, b| {
            let dtype = b.tensor(1)?.array().dtype;
            converted(b.tensor(0)?, dtype, false)
        }),
        ..CONVERT
    },
    Entry {
        name: "cpu",
        summary: "The tensor in main memory: itself.",
        examples: &[("x = torch.zeros(1); x.cpu() is x", "True")],
        forward: Forward::Eager(|_, b| {
            moved(b.tensor(0)?, Device::CPU)?;
            Ok(b.value(0).clone())
        }),
        ..CONVERT
    },
    Entry {
        name: "cuda",
        signature: "(input: Tensor, device: any = None, non_blocking: bool = False, *, memory_format: any = None) -> Tensor",
        summary: "The tensor on a GPU, which there is none of.",
        forward: Forward::Eager(|_, _| {
            Err(Error::runtime(NO_CUDA).note("Tenscope computes on the CPU; devices are `cpu` and `meta`"))
        }),
        ..CONVERT
    },
    Entry {
        name: "item",
        signature: "(input: Tensor) -> Scalar",
        category: Category::Conversion,
        summary: "The one element as a Python number.",
        examples: &[("torch.tensor([2.5]).item()", "2.5")],
        forward: Forward::Eager(|_, b| Ok(scalar_value(item(b.tensor(0)?)?))),
        ..CONVERT
    },
    Entry {
        name: "tolist",
        signature: "(input: Tensor) -> list",
        summary: "The elements as nested lists of Python numbers.",
        examples: &[("torch.tensor([[1, 2], [3, 4]]).tolist()", "[[1, 2], [3, 4]]")],
        forward: Forward::Eager(|_, b| tolist(&b.tensor(0)?.array())),
        ..CONVERT
    },
    Entry {
        name: "numpy",
        signature: "(input: Tensor, *, force: bool = False) -> ndarray",
        summary: "The same storage as a NumPy array.",
        examples: &[("torch.tensor([1, 2]).numpy()", "array([1, 2])")],
        forward: Forward::View(|_, b| {
            let tensor = b.tensor(0)?;
            if super::metadata::device_of(tensor).is_meta() {
                return Err(Error::type_error(
                    "can't convert meta device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
                ));
            }
            if tensor.requires_grad() && !b.bool(1)? {
                return Err(Error::runtime(
                    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                ));
            }
            if tensor.array().dtype == DType::BF16 {
                return Err(Error::type_error("Got unsupported ScalarType BFloat16"));
            }
            Ok(Tensor::ndarray(tensor.to_array()).into())
        }),
        ..CONVERT
    },
    Entry {
        name: "from_numpy",
        signature: "(input: any) -> Tensor",
        on: TORCH | BARE,
        summary: "The storage of a NumPy array as a tensor.",
        examples: &[("torch.from_numpy(np.array([1, 2]))", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensor = match b.value(0) {
                Value::Tensor(tensor) if tensor.is_numpy() && !tensor.is_number() => tensor,
                other => {
                    let name = other.type_name();
                    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
                    return Err(Error::type_error(format!("expected np.ndarray (got {name})")));
                }
            };
            check_forwards(&tensor.array())?;
            Ok(Tensor::new(tensor.to_array()).into())
        }),
        ..CONVERT
    },
    Entry {
        name: "clone",
        signature: "(input: Tensor, *, memory_format: any = None) -> Tensor",
        on: METHOD | TORCH,
        category: Category::Movement,
        summary: "A copy with a storage of its own; the memory order is kept where it is dense.",
        examples: &[("x = torch.tensor([1, 2]); y = x.clone(); y[0] = 9; x", "tensor([1, 2])")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            Ok(Tensor::of_flavour(duplicate(&tensor.array())?, tensor.flavour()).into())
        }),
        gradient: Gradient::Differentiable(&derivatives::joining::CLONE),
        ..CONVERT
    },
    Entry {
        name: "astype",
        signature: "(input: Tensor, dtype: any) -> Tensor",
        summary: "NumPy's conversion, which arrays have; of a tensor it is `to`.",
        examples: &[("np.array([1, 2]).astype(np.float32)", "array([1., 2.], dtype=float32)")],
        forward: Forward::Eager(|_, b| {
            let tensor = b.tensor(0)?;
            if !tensor.is_numpy() {
                return Err(Error::new(Class::AttributeError, "'Tensor' object has no attribute 'astype'")
                    .note("`astype` is NumPy's; a tensor is converted with `.to(dtype)`"));
            }
            let named = match b.value(1) {
                Value::Str(name) => crate::value::numpy_type::named(name),
                value => as_dtype(value),
            };
            let Some(dtype) = named else {
                let text = match b.value(1) {
                    Value::Type(kind) => matches!(kind, crate::value::Type::Str | crate::value::Type::Object),
                    Value::Str(name) => matches!(name.chars().next(), Some('U' | 'S' | 'O' | 's' | 'o')),
                    _ => false,
                };
                if text {
                    return Err(Error::new(
                        Class::NotImplementedError,
                        "arrays of text or of objects are not supported: arrays hold numbers and bools",
                    )
                    .label(Place::Arg(1), "")
                    .note("`[str(v) for v in a.tolist()]` makes a list of texts"));
                }
                return Err(crate::value::wrong_type("astype() expects a dtype", b.value(1)));
            };
            converted(tensor, dtype, true)
        }),
        ..CONVERT
    },
    Entry {
        name: "__array__",
        signature: "(input: Tensor, dtype: dtype | None = None) -> ndarray",
        summary: "What `np.asarray` asks for: the same storage as a NumPy array.",
        forward: Forward::View(|_, b| { Ok(Tensor::ndarray(b.tensor(0)?.to_array()).into()) }),
        ..CONVERT
    },
    Entry {
        name: "result_type",
        signature: "(tensor1: Tensor | Scalar, tensor2: Tensor | Scalar) -> dtype",
        on: TORCH,
        summary: "The dtype in which two operands meet.",
        examples: &[("torch.result_type(torch.tensor([1]), 1.5)", "torch.float32")],
        forward: Forward::Eager(|_, b| {
            let operands = [operand(b, 0)?, operand(b, 1)?];
            Ok(Value::DType(promote::result_type(&operands)))
        }),
        ..CONVERT
    },
    Entry {
        name: "promote_types",
        signature: "(type1: dtype, type2: dtype) -> dtype",
        on: TORCH,
        summary: "The smallest dtype that both can be converted to.",
        examples: &[("torch.promote_types(torch.int8, torch.uint8)", "torch.int16")],
        forward: Forward::Eager(|_, b| match (b.dtype(0)?, b.dtype(1)?) {
            (Some(a), Some(c)) => Ok(Value::DType(a.promote(c))),
            _ => Err(Error::type_error("promote_types() expects two dtypes")),
        }),
        ..CONVERT
    },
    Entry {
        name: "can_cast",
        signature: "(from_: dtype, to: dtype) -> bool",
        on: TORCH,
        summary: "Whether an in-place op may store results of one dtype in a tensor of another.",
        examples: &[("torch.can_cast(torch.float32, torch.int32)", "False")],
        forward: Forward::Eager(|_, b| match (b.dtype(0)?, b.dtype(1)?) {
            (Some(from), Some(to)) => Ok((from.category() <= to.category()).into()),
            _ => Err(Error::type_error("can_cast() expects two dtypes")),
        }),
        ..CONVERT
    },
];

/// An operand of promotion.
fn operand(b: &Bindings, n: usize) -> Result<promote::Operand> {
    match b.value(n) {
        Value::Tensor(tensor) => Ok(promote::Operand::from(&*tensor.array())),
        _ => Ok(b.scalar(n)?.into()),
    }
}

/// The one element of a tensor.
pub fn item(tensor: &Tensor) -> Result<crate::tensor::scalar::Scalar> {
    let array = tensor.array();
    if array.is_meta() && array.numel() == 1 {
        return Err(Error::runtime("Tensor.item() cannot be called on meta tensors"));
    }
    if array.numel() != 1 {
        return Err(Error::runtime(format!(
            "a Tensor with {} elements cannot be converted to Scalar",
            array.numel()
        )));
    }
    array.item()
}

/// A copy with a storage of its own.
pub fn duplicate(array: &Array) -> Result<Array> {
    if array.is_meta() {
        return Array::meta(preserved_layout(&array.layout), array.dtype);
    }
    copy::duplicate(array)
}

/// A tensor with the elements as another dtype: itself where it has that dtype and no copy is asked for.
pub fn converted(tensor: &Tensor, dtype: DType, copied: bool) -> Result<Value> {
    let fleeting = pending::take_wish();
    let array = tensor.array();
    if array.dtype == dtype && !copied {
        return Ok(tensor.clone().into());
    }
    let result = if array.is_meta() {
        Array::meta(preserved_layout(&array.layout), dtype)?
    } else if array.dtype == dtype {
        array.storage.settle()?;
        copy::duplicate(&array)?
    } else {
        cast::cast_as(&array, dtype, fleeting)?
    };
    Ok(Tensor::of_flavour(result, tensor.flavour()).into())
}

/// A tensor on a device: itself where it is there. What has no data cannot get any.
pub fn moved(tensor: &Tensor, device: Device) -> Result<Tensor> {
    let array = tensor.array();
    match (Device::of_storage(&array.storage).is_meta(), device.is_meta()) {
        (true, false) => {
            Err(Error::new(Class::NotImplementedError, "Cannot copy out of meta tensor; no data!"))
        }
        (false, true) => Ok(Tensor::new(Array::meta(preserved_layout(&array.layout), array.dtype)?)),
        _ => Ok(tensor.clone()),
    }
}

fn to(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    let (device, dtype, copied) = match b.overload {
        0 => (b.device(1)?, b.dtype(2)?, b.bool(4)?),
        1 => (None, b.dtype(1)?, b.bool(3)?),
        _ => {
            let other = b.tensor(1)?;
            let device = super::metadata::device_of(other);
            (Some(device), Some(other.array().dtype), b.bool(3)?)
        }
    };
    let there = match device {
        Some(device) => moved(tensor, device)?,
        None => tensor.clone(),
    };
    let dtype = dtype.unwrap_or(there.array().dtype);
    converted(&there, dtype, copied && there.same(tensor))
}

fn type_method(_: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let tensor = b.tensor(0)?;
    match b.value(1) {
        Value::None => Ok(Value::str(tensor_type(&tensor.array()))),
        Value::Str(name) => match dtype_of_type_name(name) {
            Some(dtype) => converted(tensor, dtype, false),
            None => Err(Error::value(format!("invalid type: '{}'", &**name))),
        },
        Value::Entry(entry) if entry.name.ends_with("Tensor") => {
            match dtype_of_type_name(&format!("torch.{}", entry.name)) {
                Some(dtype) => converted(tensor, dtype, false),
                None => Err(Error::value(format!("invalid type: '{}'", entry.name))),
            }
        }
        other => match as_dtype(other) {
            Some(dtype) => converted(tensor, dtype, false),
            None => Err(crate::value::wrong_type("dtype must be a type, str, or dtype object", other)),
        },
    }
}

/// The older name of a tensor's type: `torch.FloatTensor`.
fn tensor_type(array: &Array) -> String {
    format!("torch.{}Tensor", array.dtype.scalar_type())
}

/// The dtype in a name like `torch.FloatTensor`.
fn dtype_of_type_name(name: &str) -> Option<DType> {
    let inner = name.strip_prefix("torch.")?.strip_suffix("Tensor")?;
    DType::ALL.into_iter().find(|dtype| dtype.scalar_type() == inner)
}

/// The elements as nested lists.
fn tolist(array: &Array) -> Result<Value> {
    if array.is_meta() {
        return Err(Error::new(Class::NotImplementedError, "Cannot copy out of meta tensor; no data!"));
    }
    crate::budget::check(array.numel().saturating_mul(size_of::<Value>()))?;
    if array.ndim() == 0 {
        return Ok(scalar_value(array.item()?));
    }
    let mut level: Vec<Value> = array.scalars().map(scalar_value).collect();
    // From the innermost dimension outwards, runs of values become lists.
    for dim in (0..array.ndim()).rev() {
        let size = array.shape()[dim];
        let count: usize = array.shape()[..dim].iter().product();
        let mut values = level.into_iter();
        let mut lists = Vec::with_capacity(count);
        for _ in 0..count {
            lists.push(Value::list(values.by_ref().take(size).collect())?);
        }
        level = lists;
    }
    level.into_iter().next().ok_or_else(|| Error::runtime("tolist() of nothing"))
}
