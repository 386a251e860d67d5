//! Functions of `torch` that are functions of `torch.nn.functional` with their arguments in another order, as older programs
//! call them.

use crate::entries;
use crate::error::{Error, Place, Result};
use crate::ops::autograd::term::compose;
use crate::ops::dispatch;
use crate::ops::table;
use crate::syntax::ast::Name;
use crate::value::entry::{Bindings, Category, Entry, FUNCTIONAL, Forward, Gradient, TORCH};
use crate::value::{Args, Ctx, Value};

/// What the entries here share.
#[allow(clippy::declare_interior_mutable_const, reason = "each use is a static of its own")]
const OLDER: Entry = Entry {
    on: TORCH,
    category: Category::Layer,
    forward: Forward::Eager(by_name),
    gradient: Gradient::Composed(by_name),
    ..Entry::EMPTY
};

entries![
    Entry {
        name: "batch_norm",
        signature: "(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None, training: bool, momentum: float, eps: float, cudnn_enabled: bool) -> Tensor",
        summary: "`F.batch_norm`, its parameters in another order.",
        examples: &[(
            "torch.batch_norm(torch.tensor([[1.0], [3.0]]), None, None, None, None, True, 0.1, 0.0, False)",
            "tensor([[-1.],\n        [ 1.]])"
        )],
        ..OLDER
    },
    Entry {
        name: "instance_norm",
        signature: "(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None, running_var: Tensor | None, use_input_stats: bool, momentum: float, eps: float, cudnn_enabled: bool) -> Tensor",
        summary: "`F.instance_norm`, its parameters in another order.",
        examples: &[(
            "torch.instance_norm(torch.tensor([[[1.0, 3.0]]]), None, None, None, None, True, 0.1, 0.0, False)",
            "tensor([[[-1.,  1.]]])"
        )],
        ..OLDER
    },
    Entry {
        name: "embedding",
        signature: "(weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False) -> Tensor",
        summary: "`F.embedding`, the rows first.",
        examples: &[(
            "torch.embedding(torch.tensor([[1.0], [2.0]]), torch.tensor([1, 0]))",
            "tensor([[2.],\n        [1.]])"
        )],
        ..OLDER
    },
    Entry {
        name: "alpha_dropout",
        signature: "(input: Tensor, p: float, train: bool) -> Tensor",
        summary: "`F.alpha_dropout`, all its parameters given.",
        examples: &[("torch.alpha_dropout(torch.tensor([1.0]), 0.5, False)", "tensor([1.])")],
        category: Category::Random,
        ..OLDER
    },
    Entry {
        name: "feature_alpha_dropout",
        signature: "(input: Tensor, p: float, train: bool) -> Tensor",
        summary: "`F.feature_alpha_dropout`, all its parameters given.",
        examples: &[("torch.feature_alpha_dropout(torch.tensor([[1.0]]), 0.5, False)", "tensor([[1.]])")],
        category: Category::Random,
        ..OLDER
    },
    Entry {
        name: "constant_pad_nd",
        signature: "(input: Tensor, pad: ints, value: Scalar = 0) -> Tensor",
        summary: "`F.pad` with a number.",
        examples: &[("torch.constant_pad_nd(torch.tensor([1, 2]), (1, 0), 7)", "tensor([7, 1, 2])")],
        ..OLDER
    },
    Entry {
        name: "grid_sampler",
        signature: "(input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Tensor",
        summary: "`F.grid_sample`, its modes by number: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, 2 reflection.",
        examples: &[(
            "torch.grid_sampler(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 1, 2), 0, 0, False)",
            "tensor([[[[1.]]]])"
        )],
        ..OLDER
    },
    Entry {
        name: "adaptive_max_pool1d",
        signature: "(input: Tensor, output_size: int | ints) -> tuple of Tensors",
        summary: "`F.adaptive_max_pool1d` with the place of each element.",
        examples: &[(
            "torch.adaptive_max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)",
            "(tensor([[3., 2.]]), tensor([[1, 2]]))"
        )],
        forward: Forward::Eager(with_places),
        gradient: Gradient::Composed(with_places),
        ..OLDER
    },
    Entry {
        name: "adaptive_max_pool1d_with_indices",
        on: FUNCTIONAL,
        signature: "(input: Tensor, output_size: int | ints, return_indices: bool = False) -> tuple of Tensors",
        summary: "`F.adaptive_max_pool1d` with the place of each element.",
        examples: &[(
            "F.adaptive_max_pool1d_with_indices(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2)",
            "(tensor([[3., 2.]]), tensor([[1, 2]]))"
        )],
        forward: Forward::Eager(with_places),
        gradient: Gradient::Composed(with_places),
        ..OLDER
    },
    Entry {
        name: "adaptive_max_pool2d_with_indices",
        on: FUNCTIONAL,
        signature: "(input: Tensor, output_size: any, return_indices: bool = False) -> tuple of Tensors",
        summary: "`F.adaptive_max_pool2d` with the place of each element.",
        examples: &[(
            "F.adaptive_max_pool2d_with_indices(torch.tensor([[[1.0, 3.0]]]), 1)",
            "(tensor([[[3.]]]), tensor([[[1]]]))"
        )],
        forward: Forward::Eager(with_places),
        gradient: Gradient::Composed(with_places),
        ..OLDER
    },
    Entry {
        name: "adaptive_max_pool3d_with_indices",
        on: FUNCTIONAL,
        signature: "(input: Tensor, output_size: any, return_indices: bool = False) -> tuple of Tensors",
        summary: "`F.adaptive_max_pool3d` with the place of each element.",
        examples: &[(
            "F.adaptive_max_pool3d_with_indices(torch.tensor([[[[1.0, 3.0]]]]), 1)",
            "(tensor([[[[3.]]]]), tensor([[[[1]]]]))"
        )],
        forward: Forward::Eager(with_places),
        gradient: Gradient::Composed(with_places),
        ..OLDER
    },
    Entry {
        name: "vander",
        signature: "(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor",
        category: Category::LinearAlgebra,
        summary: "The powers of each element as rows, descending unless asked for otherwise.",
        examples: &[("torch.vander(torch.tensor([2, 3]), 3)", "tensor([[4, 2, 1],\n        [9, 3, 1]])")],
        forward: Forward::Eager(vander),
        gradient: Gradient::Composed(vander),
        ..OLDER
    },
];

/// Calls the function of `torch.nn.functional` with the parameters by their names there.
fn by_name(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let target = match b.entry.name {
        "constant_pad_nd" => "pad",
        "grid_sampler" => "grid_sample",
        same => same,
    };
    if let ("pad", Ok(input), Ok(pad)) = (target, b.tensor(0), b.ints(1)) {
        let ndim = input.array().ndim();
        if pad.len() > 2 * ndim {
            // The spaces that are missing are PyTorch's.
            return Err(Error::runtime(format!(
                "Length of pad should be no more than twice the number of dimensions of the input. Pad length is {}while the input has {ndim}dimensions.",
                pad.len()
            ))
            .label(Place::Arg(1), ""));
        }
    }
    let params = &b.entry.parsed().overloads[b.overload].params;
    let mut keywords: Vec<(Name, Value)> = Vec::new();
    for (param, value) in params.iter().zip(&b.values) {
        let (name, value) = match &*param.name {
            "cudnn_enabled" => continue,
            "train" => ("training", value.clone()),
            "indices" => ("input", value.clone()),
            // No row pads where the number is -1.
            "padding_idx" if matches!(value, Value::Int(-1)) => continue,
            "interpolation_mode" => ("mode", mode(b, 2, &["bilinear", "nearest", "bicubic"])?),
            "padding_mode" => ("padding_mode", mode(b, 3, &["zeros", "border", "reflection"])?),
            same => (same, value.clone()),
        };
        keywords.push((Name::from(name), value));
    }
    let entry = table::functional(target).ok_or_else(|| Error::runtime(format!("there is no F.{target}")))?;
    dispatch::call(ctx, entry, Args { positional: &[], keywords: &keywords })
}

/// A mode by its number.
fn mode(b: &Bindings, n: usize, names: &[&str]) -> Result<Value> {
    let number = b.int(n)?;
    let name = usize::try_from(number).ok().and_then(|number| names.get(number));
    let name = name.ok_or_else(|| {
        Error::runtime(format!("grid_sampler(): there is no mode {number}"))
            .label(Place::Arg(n), format!("0 to {}", names.len() - 1))
    })?;
    Ok(Value::Str(crate::value::string::Str::new(*name)))
}

/// A pool of the largest element with its places.
fn with_places(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let name = b.entry.name.trim_end_matches("_with_indices");
    let entry = table::functional(name).ok_or_else(|| Error::runtime(format!("there is no F.{name}")))?;
    let args = [b.value(0).clone(), b.value(1).clone(), Value::Bool(true)];
    dispatch::call(ctx, entry, Args::positional(&args))
}

fn vander(ctx: &mut dyn Ctx, b: &Bindings) -> Result<Value> {
    let input = b.tensor(0)?.to_array();
    if input.ndim() != 1 {
        return Err(
            Error::runtime("x must be a one-dimensional tensor.").label(Place::Arg(0), input.describe())
        );
    }
    let count = b.opt_int(1)?.unwrap_or(input.numel() as i64);
    if count < 0 {
        return Err(Error::runtime("N must be non-negative.").label(Place::Arg(1), ""));
    }
    let increasing = b.bool(2)?;
    let dtype = if input.dtype.is_float() { input.dtype } else { crate::tensor::dtype::DType::I64 };
    compose(ctx, |f| {
        let x = f.term(b.value(0).clone()).to(dtype);
        let size = usize::try_from(count).unwrap_or(0);
        if size == 0 {
            return x.op("detach").new_zeros(&[input.numel(), 0]).value().cloned();
        }
        // Ones first, then one factor more in each column.
        let ones = x.op("detach").new_zeros(&[input.numel(), 1]).call("fill_", &[Value::Int(1)]);
        let powers = match size {
            1 => ones,
            _ => {
                let rows = x.unsqueeze(-1).expand(&[input.numel(), size - 1]);
                let products = rows.call("cumprod", &[Value::Int(1)]);
                let both = f.keep(Value::list(vec![ones.value()?.clone(), products.value()?.clone()]))?;
                f.op("cat", &[both, Value::Int(1)])
            }
        };
        if increasing {
            return powers.value().cloned();
        }
        let dims = Value::tuple(vec![Value::Int(1)]);
        powers.call("flip", &[dims]).value().cloned()
    })
}
