//! What networks are made of: the loss over classes, normalisation and pools.

use crate::kernels::nll;
use crate::ops::autograd::term::Term;
use crate::ops::reduction::Reduction;
use crate::tensor::dtype::DType;
use crate::value::Value;
use crate::value::graph::{Derivative, OUT1, P0, P1, P2, P3};

/// `nll_loss`: the share of each right class, with its sign changed.
pub static NLL: Derivative = Derivative {
    name: |b| match b.tensor(0).map(|input| input.array().ndim()) {
        Ok(0..=2) => "NllLossBackward0",
        Ok(4) => "NllLoss2DBackward0",
        _ => "ViewBackward0",
    },
    saves: &[P1 | P2],
    backward: |s| {
        let args = s.args();
        let reduction = Reduction::of(args, 6, Some((3, 5)))?;
        let shape = s.shape(0);
        let dim = i64::from(shape.len() > 1);
        let (target, ignored) = (s.input(1), args.int(4)?);
        let weight = if args.given(2) { s.input(2).tensor().cloned() } else { None };
        let direct = s.grad().direct_with(&target, |grad, target| {
            let [rows, classes, inner] = match *shape {
                [classes] => [1, classes, 1],
                [rows, classes, ref inner @ ..] => [rows, classes, inner.iter().product()],
                [] => return None,
            };
            let there = grad.storage.has_bytes() && target.storage.has_bytes();
            let fits = rows * inner == target.numel() && rows * inner > 0 && there;
            if !fits || !matches!(grad.dtype, DType::F32 | DType::F64) {
                return None;
            }
            let weight = weight.map(|weight| weight.to_array());
            let how = (&*shape, reduction == Reduction::Mean);
            nll::spread(grad, target, weight.as_ref(), ignored, [rows, classes, inner], how).ok()
        });
        if let Some(grad) = direct {
            return s.give(0, grad);
        }
        let target = if target.ndim() < shape.len().max(1) - 1 { target.unsqueeze(0) } else { target };
        let ignored = target.call("eq", &[Value::Int(ignored)]);
        let classes = target.with("masked_fill", &[&ignored, &s.term(0i64)]).call("long", &[]);
        let counted = ignored.op("logical_not").to(s.grad().dtype());
        let weight = match args.given(2) {
            true => s.input(2).with("take", &[&classes]) * &counted,
            false => counted,
        };
        let share = match reduction {
            Reduction::Mean => s.grad() / weight.op("sum"),
            _ => s.grad(),
        };
        // Not the negative: where the weight is 0, so is this, and not -0.
        let each = 0.0 - share * weight;
        let zeros = s.grad().new_zeros(&shape);
        s.give(0, zeros.with("scatter", &[&s.term(dim), &classes.unsqueeze(dim), &each.unsqueeze(dim)]))
    },
};

/// The gradient of rows that were brought to mean 0 and deviation 1 along some dimensions.
fn unscaled<'s>(grad: &Term<'s>, centred: &Term<'s>, scale: &Term<'s>, dims: &[i64], count: f64) -> Term<'s> {
    let normal = centred * scale;
    let mean = grad.sum(dims, true) / count;
    let along = (grad * &normal).sum(dims, true) / count;
    scale * (grad - mean - normal * along)
}

fn mean_of<'s>(x: &Term<'s>, dims: &[i64], count: f64) -> Term<'s> {
    x.sum(dims, true) / count
}

/// `layer_norm`
pub static LAYER_NORM: Derivative = Derivative {
    name: |_| "NativeLayerNormBackward0",
    saves: &[P0 | P2, 0, P0, 0],
    backward: |s| {
        let args = s.args();
        let shape = s.shape(0);
        let inner =
            crate::ops::arguments::ints_of(args.value(1)).map_or(1, |list| list.len()).min(shape.len());
        let dims: Vec<i64> = (1..=inner as i64).map(|n| -n).collect();
        let count = shape[shape.len() - inner..].iter().product::<usize>().max(1) as f64;
        let eps = args.float(4)?;
        let row = &shape[shape.len() - inner..];
        let normal = || {
            let x = s.input(0);
            let centred = &x - mean_of(&x, &dims, count);
            let scale = (mean_of(&(&centred * &centred), &dims, count) + eps).op("rsqrt");
            (centred, scale)
        };
        s.to(0, || {
            let (centred, scale) = normal();
            let grad = if args.given(2) { s.grad() * s.input(2) } else { s.grad() };
            unscaled(&grad, &centred, &scale, &dims, count)
        })?;
        s.to(2, || {
            let (centred, scale) = normal();
            (s.grad() * centred * scale).sum_to(row)
        })?;
        s.to(3, || s.grad().sum_to(row))
    },
};

/// `batch_norm`: by the batch in training, by what was remembered otherwise.
pub static BATCH_NORM: Derivative = Derivative {
    name: |_| "NativeBatchNormBackward0",
    saves: &[P0 | P1 | P2 | P3, 0, 0, P0 | P1 | P2, 0],
    backward: |s| {
        let args = s.args();
        let shape = s.shape(0);
        let dims: Vec<i64> = (0..shape.len() as i64).filter(|&dim| dim != 1).collect();
        let channels = shape.get(1).copied().unwrap_or(1);
        let count = (shape.iter().product::<usize>() / channels.max(1)).max(1) as f64;
        let eps = args.float(7)?;
        let training = args.bool(5)?;
        let mut across = vec![1usize; shape.len()];
        across[1] = channels;
        let normal = || {
            let x = s.input(0);
            if !training {
                let centred = &x - s.input(1).reshape(&across);
                return (centred, (s.input(2).reshape(&across) + eps).op("rsqrt"));
            }
            let centred = &x - mean_of(&x, &dims, count);
            let scale = (mean_of(&(&centred * &centred), &dims, count) + eps).op("rsqrt");
            (centred, scale)
        };
        s.to(0, || {
            let (centred, scale) = normal();
            let grad = if args.given(3) { s.grad() * s.input(3).reshape(&across) } else { s.grad() };
            if training { unscaled(&grad, &centred, &scale, &dims, count) } else { grad * scale }
        })?;
        s.to(3, || {
            let (centred, scale) = normal();
            (s.grad() * centred * scale).sum(&dims, false)
        })?;
        s.to(4, || s.grad().sum(&dims, false))
    },
};

/// `max_pool1d_with_indices` and its kin: each window's gradient goes to the place of its largest element.
pub static MAX_POOL: Derivative = Derivative {
    name: |b| match b.entry.name {
        "max_pool3d_with_indices" => "MaxPool3DWithIndicesBackward0",
        "max_pool1d_with_indices" => "SqueezeBackward1",
        "fractional_max_pool2d_with_indices" => "FractionalMaxPool2DBackward0",
        "fractional_max_pool3d_with_indices" => "FractionalMaxPool3DBackward0",
        _ => "MaxPool2DWithIndicesBackward0",
    },
    saves: &[OUT1],
    backward: |s| {
        let shape = s.shape(0);
        let dims = match s.args().entry.name {
            "max_pool1d_with_indices" => 1,
            "max_pool3d_with_indices" | "fractional_max_pool3d_with_indices" => 3,
            _ => 2,
        };
        let outer = shape.len() - dims;
        let area: usize = shape[outer..].iter().product();
        let mut flat = shape[..outer].to_vec();
        flat.push(area);
        let start = Value::Int(outer as i64);
        let places = s.output(1).call("flatten", std::slice::from_ref(&start));
        let grad = s.grad().call("flatten", &[start]);
        let last = s.term(outer as i64);
        s.give(0, grad.new_zeros(&flat).with("scatter_add", &[&last, &places, &grad]).reshape(&shape))
    },
};
