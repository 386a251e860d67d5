//! The negative log likelihood of classes: what a target picks out of each row of scores, weighted.

use crate::budget;
use crate::error::{Class, Error, Result};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};

/// What [`pick`] gives.
pub struct Picked {
    /// `-score * weight` of each target, 0 where it is ignored; of the shape of the targets.
    pub each: Array,
    /// Their sum, added up as PyTorch adds it.
    pub sum: f64,
    /// The sum of the weights of those that count.
    pub weight: f64,
}

/// Picks scores of shape `[rows, classes, inner]` by targets of `[rows, inner]`, of which the class `ignore` does not
/// count. `shape` is what the result is shaped like.
pub fn pick(
    scores: &Array,
    targets: &Array,
    weights: Option<&Array>,
    ignore: i64,
    sizes: [usize; 3],
    shape: &[usize],
) -> Result<Picked> {
    if scores.is_meta() || targets.is_meta() {
        let layout = crate::tensor::layout::Layout::contiguous(shape)?;
        return Ok(Picked { each: Array::meta(layout, scores.dtype)?, sum: 0.0, weight: 0.0 });
    }
    let compute = if scores.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let dtype = scores.dtype;
    let read = |array: &Array| in_order(array, compute);
    let (scores, weights) = (read(scores)?, weights.map(read).transpose()?);
    let targets = in_order(targets, DType::I64)?;
    let mut picked = match compute {
        DType::F64 => picked::<f64>(&scores, &targets, weights.as_ref(), ignore, sizes, shape, |x| x),
        _ => {
            let round: fn(f32) -> f32 = match dtype {
                DType::F16 => |x| half::f16::from_f32(x).to_f32(),
                DType::BF16 => |x| half::bf16::from_f32(x).to_f32(),
                _ => |x| x,
            };
            picked::<f32>(&scores, &targets, weights.as_ref(), ignore, sizes, shape, round)
        }
    }?;
    if picked.each.dtype != dtype {
        picked.each = cast::cast(&picked.each, dtype)?;
    }
    Ok(picked)
}

/// The array in row-major order and of a dtype: itself where it is so.
fn in_order(array: &Array, dtype: DType) -> Result<Array> {
    match (array.dtype == dtype, array.layout.is_contiguous()) {
        (true, true) => {
            array.storage.settle()?;
            Ok(array.clone())
        }
        (true, false) => copy::row_major(array),
        _ => cast::cast(&copy::row_major(array)?, dtype),
    }
}

/// Sums of sums: a level is added to the next when it has taken so many terms, so that errors stay small.
struct Cascade<T> {
    levels: [T; LEVELS],
    /// To the dtype of the sum, after each addition.
    round: fn(T) -> T,
}

const LEVELS: usize = 8;

impl<T: Element + num_traits::Float> Cascade<T> {
    fn new(round: fn(T) -> T) -> Cascade<T> {
        Cascade { levels: [T::zero(); LEVELS], round }
    }

    fn add(&mut self, value: T) {
        self.levels[0] = (self.round)(self.levels[0] + value);
    }

    /// After term `n`, of which `1 << power` make a level.
    fn carry(&mut self, n: usize, power: usize) {
        for level in 0..LEVELS - 1 {
            if n & (((1 << power) - 1) << (level * power)) != 0 {
                break;
            }
            self.levels[level + 1] = (self.round)(self.levels[level + 1] + self.levels[level]);
            self.levels[level] = T::zero();
        }
    }

    fn total(&self) -> T {
        self.levels.iter().fold(T::zero(), |sum, &level| (self.round)(sum + level))
    }
}

fn picked<T: Element + num_traits::Float>(
    scores: &Array,
    targets: &Array,
    weights: Option<&Array>,
    ignore: i64,
    [rows, classes, inner]: [usize; 3],
    shape: &[usize],
    round: fn(T) -> T,
) -> Result<Picked> {
    let each = Array::uninit(shape, scores.dtype)?;
    let (from, chosen) = (scores.storage.read::<T>(), targets.storage.read::<i64>());
    let (from, chosen) = (&from[scores.offset()..], &chosen[targets.offset()..]);
    let weigh = weights.map(|weights| (weights.storage.read::<T>(), weights.offset()));
    let mut out = each.storage.write::<T>();
    let (mut sum, mut weight) = (Cascade::<T>::new(round), Cascade::<T>::new(round));
    let mut counted = 0usize;
    let count = rows * inner;
    let power = 4.max(count.next_power_of_two().trailing_zeros() as usize / LEVELS);
    for n in 0..count {
        if n % (1 << 16) == 0 {
            budget::poll()?;
        }
        let target = chosen[n];
        if target == ignore {
            out[n] = T::zero();
            continue;
        }
        let class = usize::try_from(target).ok().filter(|&class| class < classes);
        let class = class.ok_or_else(|| {
            Error::new(Class::IndexError, format!("Target {target} is out of bounds."))
                .note(format!("there are {classes} classes: 0 to {}", classes as i64 - 1))
        })?;
        let score = from[(n / inner * classes + class) * inner + n % inner];
        let scale = weigh.as_ref().map_or(T::one(), |(weights, start)| weights[start + class]);
        let likely = round(-score * scale);
        out[n] = likely;
        sum.add(likely);
        weight.add(scale);
        counted += 1;
        sum.carry(n, power);
        weight.carry(n, power);
    }
    let weight = if weigh.is_some() { Element::to_f64(weight.total()) } else { counted as f64 };
    drop(out);
    Ok(Picked { each, sum: Element::to_f64(sum.total()), weight })
}

/// The gradient of the picked scores: `-grad * weight` where each target points, 0 elsewhere; of the shape of the scores.
/// `grad` has an element for each target, or one for their sum; of a mean it is divided by the weights' sum. For float32
/// and float64.
pub fn spread(
    grad: &Array,
    targets: &Array,
    weights: Option<&Array>,
    ignore: i64,
    sizes: [usize; 3],
    (shape, mean): (&[usize], bool),
) -> Result<Array> {
    let grad = in_order(grad, grad.dtype)?;
    let weights = weights.map(|weights| in_order(weights, grad.dtype)).transpose()?;
    let targets = in_order(targets, DType::I64)?;
    let result = Array::zeros(shape, grad.dtype)?;
    match grad.dtype {
        DType::F64 => spread_as::<f64>(&grad, &targets, weights.as_ref(), ignore, sizes, mean, &result),
        _ => spread_as::<f32>(&grad, &targets, weights.as_ref(), ignore, sizes, mean, &result),
    }?;
    Ok(result)
}

fn spread_as<T: Element + num_traits::Float>(
    grad: &Array,
    targets: &Array,
    weights: Option<&Array>,
    ignore: i64,
    [rows, classes, inner]: [usize; 3],
    mean: bool,
    result: &Array,
) -> Result<()> {
    let (grads, chosen) = (grad.storage.read::<T>(), targets.storage.read::<i64>());
    let (grads, chosen) = (&grads[grad.offset()..], &chosen[targets.offset()..][..rows * inner]);
    let weights = weights.map(|weights| (weights.storage.read::<T>(), weights.offset()));
    let class_of =
        |target: i64| usize::try_from(target).ok().filter(|&class| target != ignore && class < classes);
    let weight = |class: usize| weights.as_ref().map_or(T::one(), |(weights, start)| weights[start + class]);
    let total = || {
        chosen.iter().filter_map(|&target| class_of(target)).fold(T::zero(), |sum, class| sum + weight(class))
    };
    let share = if mean { Some(grads[0] / total()) } else { None };
    let one = grad.numel() == 1;
    let mut out = result.storage.write::<T>();
    for (n, &target) in chosen.iter().enumerate() {
        if n % (1 << 16) == 0 {
            budget::poll()?;
        }
        if let Some(class) = class_of(target) {
            let share = share.unwrap_or_else(|| grads[if one { 0 } else { n }]);
            out[(n / inner * classes + class) * inner + n % inner] = T::zero() - share * weight(class);
        }
    }
    Ok(())
}
