//! Settings of a session, limits of dtypes, and questions about devices.

use crate::entries;
use crate::error::{Class, Error, Result};
use crate::kernels::threads;
use crate::ops::device::NO_CUDA;
use crate::ops::type_info::TypeInfo;
use crate::tensor::dtype::DType;
use crate::tensor::format::Profile;
use crate::tensor::promote::{default_dtype, set_default_dtype};
use crate::value::entry::{Bindings, CUDA, Category, Entry, Forward, TORCH, TUPLE};
use crate::value::{Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const SET: Entry = Entry { on: TORCH, category: Category::Settings, ..Entry::EMPTY };

entries![
    Entry {
        name: "set_printoptions",
        signature: "(precision: int | None = None, threshold: Scalar | None = None, edgeitems: int | None = None, linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None) -> None",
        summary: "How tensors are printed: digits, when to summarise, the width of a line.",
        examples: &[("torch.set_printoptions(precision=2); torch.tensor(1 / 3)", "tensor(0.33)")],
        forward: Forward::Eager(set_printoptions),
        ..SET
    },
    Entry {
        name: "set_default_dtype",
        signature: "(d: any) -> None",
        summary: "The dtype of floats that nobody gave one.",
        examples: &[("torch.set_default_dtype(torch.float64); torch.tensor(0.5).dtype", "torch.float64")],
        forward: Forward::Eager(|_, b| {
            let Value::DType(dtype) = b.value(0) else {
                return Err(Error::type_error(
                    "invalid dtype object: only floating-point types are supported as the default type",
                ));
            };
            set_default_dtype(*dtype)?;
            Ok(Value::None)
        }),
        ..SET
    },
    Entry {
        name: "get_default_dtype",
        signature: "() -> dtype",
        summary: "The dtype of floats that nobody gave one.",
        examples: &[("torch.get_default_dtype()", "torch.float32")],
        forward: Forward::Eager(|_, _| Ok(Value::DType(default_dtype()))),
        ..SET
    },
    Entry {
        name: "set_num_threads",
        signature: "(int: int) -> None",
        summary: "How many threads the kernels may use.",
        examples: &[("torch.set_num_threads(1); torch.get_num_threads()", "1")],
        forward: Forward::Eager(|_, b| {
            let count = usize::try_from(b.int(0)?).ok().filter(|&n| n > 0);
            match count {
                Some(count) => threads::limit(count),
                None => return Err(Error::runtime("set_num_threads expects a positive integer")),
            }
            Ok(Value::None)
        }),
        ..SET
    },
    Entry {
        name: "get_num_threads",
        signature: "() -> int",
        summary: "How many threads the kernels may use.",
        examples: &[("torch.get_num_threads() > 0", "True")],
        forward: Forward::Eager(|_, _| Ok(Value::from(threads::count()))),
        ..SET
    },
    Entry {
        name: "finfo",
        signature: "(type: dtype | None = None) -> finfo",
        category: Category::Conversion,
        summary: "The limits of a float dtype.",
        examples: &[("torch.finfo(torch.float32).eps", "1.1920928955078125e-07")],
        forward: Forward::Eager(|_, b| {
            Ok(Value::object(TypeInfo::of_float(b.dtype(0)?.unwrap_or_else(default_dtype))?))
        }),
        ..SET
    },
    Entry {
        name: "iinfo",
        signature: "(type: dtype) -> iinfo",
        category: Category::Conversion,
        summary: "The limits of an integer dtype.",
        examples: &[("torch.iinfo(torch.int8).max", "127")],
        forward: Forward::Eager(|_, b| {
            Ok(Value::object(TypeInfo::of_int(b.dtype(0)?.unwrap_or(DType::I64))?))
        }),
        ..SET
    },
    Entry {
        name: "is_available",
        signature: "() -> bool",
        on: CUDA,
        summary: "Whether there is a GPU; never here.",
        examples: &[("torch.cuda.is_available()", "False")],
        forward: Forward::Eager(|_, _| Ok(false.into())),
        ..SET
    },
    Entry {
        name: "device_count",
        signature: "() -> int",
        on: CUDA,
        summary: "How many GPUs there are: none.",
        examples: &[("torch.cuda.device_count()", "0")],
        forward: Forward::Eager(|_, _| Ok(Value::Int(0))),
        ..SET
    },
    Entry {
        name: "current_device",
        aliases: &["synchronize", "get_device_name", "set_device"],
        signature: "(device: any = None) -> int",
        on: CUDA,
        summary: "The number of the GPU in use, which there is none of.",
        forward: Forward::Eager(|_, _| {
            Err(Error::runtime(NO_CUDA).note("Tenscope computes on the CPU; devices are `cpu` and `meta`"))
        }),
        ..SET
    },
    Entry {
        name: "manual_seed_all",
        aliases: &["empty_cache"],
        signature: "(seed: any = None) -> None",
        on: CUDA,
        summary: "Does nothing, since there is no GPU.",
        examples: &[("torch.cuda.empty_cache()", "")],
        forward: Forward::Eager(|_, _| Ok(Value::None)),
        ..SET
    },
    Entry {
        name: "numel",
        signature: "(self: any) -> int",
        on: TUPLE,
        category: Category::Container,
        summary: "The product of the sizes of a torch.Size.",
        examples: &[("torch.Size([2, 3]).numel()", "6")],
        forward: Forward::Raw(|_, args| {
            let sizes = args.positional.first().and_then(crate::ops::arguments::ints_of).unwrap_or_default();
            let product = sizes.iter().try_fold(1i64, |product, &size| product.checked_mul(size));
            product
                .map(Value::Int)
                .ok_or_else(|| Error::new(Class::OverflowError, "the product of the sizes does not fit"))
        }),
        ..SET
    },
];

fn set_printoptions(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let mut options = ctx.state().print.clone();
    if b.given(4)
        && let Some(profile) = Profile::named(b.str(4)?)
    {
        options = options.with_profile(profile);
    }
    let size = |n: usize| -> Result<Option<usize>> {
        Ok(b.opt_int(n)?.map(|value| usize::try_from(value).unwrap_or(0)))
    };
    if let Some(precision) = size(0)? {
        options.precision = precision.min(100);
    }
    if let Some(threshold) = b.opt_float(1)? {
        options.threshold = threshold;
    }
    if let Some(edgeitems) = size(2)? {
        options.edgeitems = edgeitems;
    }
    if let Some(linewidth) = size(3)? {
        options.linewidth = linewidth;
    }
    // Given or not: PyTorch forgets an earlier sci_mode.
    options.sci_mode = if b.given(5) { Some(b.bool(5)?) } else { None };
    ctx.state().print = options;
    Ok(Value::None)
}
