//! Rows brought to mean 0 and variance 1, and channels scaled: what the normalising layers are made of.

use crate::budget;
use crate::error::Result;
use crate::kernels::simd::dispatch;
use crate::kernels::threads;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use num_traits::Float;
use rayon::prelude::*;

/// A row by number: what is read, what is written, and where its mean and its scale go.
type Row<'a, T> = (usize, (((&'a [T], &'a mut [T]), &'a mut T), &'a mut T));

/// From this many elements on, threads share the rows.
const SHARED_FROM: usize = 1 << 15;

/// Scales and shifts applied to rows. Element `j` of row `r` takes number `(r % groups) * len / span + j / span`.
#[derive(Clone, Copy)]
pub struct Affine<'a> {
    /// The scales, if any.
    pub weight: Option<&'a Array>,
    /// The shifts, if any.
    pub bias: Option<&'a Array>,
    /// After how many rows the scales begin again.
    pub groups: usize,
    /// How many neighbours have one scale.
    pub span: usize,
    /// Whether each channel is scaled and shifted in one step, with the mean in the shift, as groups are in PyTorch.
    pub channels: bool,
}

/// The result, and of each row the mean and 1 / the standard deviation.
pub struct Rows {
    /// Of the shape of the input, row-major.
    pub out: Array,
    /// One for each row.
    pub mean: Array,
    /// One for each row.
    pub rstd: Array,
}

/// The dtype that is computed in.
pub fn compute_dtype(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// A number as a dtype holds it.
pub fn rounded(value: f64, dtype: DType) -> f64 {
    match dtype {
        DType::F16 => half::f16::from_f32(value as f32).to_f64(),
        DType::BF16 => half::bf16::from_f32(value as f32).to_f64(),
        DType::F32 => f64::from(value as f32),
        _ => value,
    }
}

/// Normalises rows of `len` elements each; `input` has data and is read in row-major order.
pub fn rows(input: &Array, len: usize, eps: f64, affine: Affine<'_>) -> Result<Rows> {
    let compute = compute_dtype(input.dtype);
    let read = |array: &Array| cast::cast(&copy::row_major(array)?, compute);
    let source = read(input)?;
    let (weight, bias) = (affine.weight.map(read).transpose()?, affine.bias.map(read).transpose()?);
    let affine = Affine { weight: weight.as_ref(), bias: bias.as_ref(), ..affine };
    let mut found = match compute {
        DType::F64 => normalised::<f64>(&source, len, eps, affine),
        _ => normalised::<f32>(&source, len, eps, affine),
    }?;
    found.out = cast::cast(&found.out, input.dtype)?;
    Ok(found)
}

fn normalised<T: Element + Float>(source: &Array, len: usize, eps: f64, affine: Affine<'_>) -> Result<Rows> {
    let count = source.numel().checked_div(len).unwrap_or(0);
    let out = Array::uninit(source.shape(), source.dtype)?;
    let mean = Array::uninit(&[count], source.dtype)?;
    let rstd = Array::uninit(&[count], source.dtype)?;
    {
        let data = source.storage.read::<T>();
        let data = &data[source.offset()..source.offset() + count * len];
        let weights = affine.weight.map(|array| (array.storage.read::<T>(), array.offset()));
        let biases = affine.bias.map(|array| (array.storage.read::<T>(), array.offset()));
        let weights = weights.as_ref().map(|(data, at)| &data[*at..]);
        let biases = biases.as_ref().map(|(data, at)| &data[*at..]);
        let (mut out, mut means, mut rstds) =
            (out.storage.write::<T>(), mean.storage.write::<T>(), rstd.storage.write::<T>());
        let per = len / affine.span.max(1);
        let row = |(n, (((row, out), mean), rstd)): Row<'_, T>| {
            if budget::interrupted() {
                return;
            }
            let (average, spread) = moments(row);
            let scale = match affine.channels {
                // Of groups PyTorch adds `eps` as a double.
                true => T::from_f64(1.0 / (Element::to_f64(spread) + eps).sqrt()),
                false => T::one() / (spread + T::from_f64(eps)).sqrt(),
            };
            (*mean, *rstd) = (average, scale);
            let start = n % affine.groups.max(1) * per;
            let part = |list: Option<&'_ [T]>| list.map(|list| &list[start..start + per]).map(<[T]>::to_vec);
            if !affine.channels || (weights.is_none() && biases.is_none()) {
                let list = |list: Option<&'_ [T]>| -> Vec<T> { part(list).unwrap_or_default() };
                write_row(row, out, average, scale, &list(weights), &list(biases));
            } else {
                for (j, (row, out)) in row.chunks(affine.span).zip(out.chunks_mut(affine.span)).enumerate() {
                    let weight = weights.map_or(T::one(), |list| list[start + j]);
                    let bias = biases.map_or(T::zero(), |list| list[start + j]);
                    let factor = scale * weight;
                    scaled(row, out, factor, (-factor).mul_add(average, bias));
                }
            }
        };
        if let Some(few) = (SHARED_FROM / 4).checked_div(len) {
            let shared = data.len() >= SHARED_FROM && count > 1 && threads::shared();
            if shared {
                let least = (few + 1).max(threads::run_of(count, data.len()));
                let parts = data
                    .par_chunks(len)
                    .zip(out[..count * len].par_chunks_mut(len))
                    .zip(means[..count].par_iter_mut())
                    .zip(rstds[..count].par_iter_mut())
                    .enumerate();
                threads::each(parts, least, row);
            } else {
                data.chunks(len)
                    .zip(out[..count * len].chunks_mut(len))
                    .zip(means[..count].iter_mut())
                    .zip(rstds[..count].iter_mut())
                    .enumerate()
                    .for_each(row);
            }
        }
    }
    budget::poll()?;
    Ok(Rows { out, mean, rstd })
}

/// Partial sums that go side by side, so that the loop is one of vectors.
const LANES: usize = 32;

/// The sum of what a function makes of each element.
#[inline(always)]
fn total<T: Float>(values: &[T], each: impl Fn(T) -> T) -> T {
    let mut lanes = [T::zero(); LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = *lane + each(value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane = *lane + each(value);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for n in 0..width {
            lanes[n] = lanes[n] + lanes[n + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The mean and the variance of a row, in two passes.
fn moments<T: Element + Float>(row: &[T]) -> (T, T) {
    struct Moments<'a, T>(&'a [T]);
    impl<T: Element + Float> pulp::NullaryFnOnce for Moments<'_, T> {
        type Output = (T, T);
        #[inline(always)]
        fn call(self) -> (T, T) {
            let count = T::from_i64(self.0.len() as i64);
            let mean = total(self.0, |value| value) / count;
            (mean, total(self.0, |value| (value - mean) * (value - mean)) / count)
        }
    }
    dispatch(Moments(row))
}

/// `(row - mean) * scale`, times the weights and plus the biases, where there are any.
fn write_row<T: Element + Float>(row: &[T], out: &mut [T], mean: T, scale: T, weights: &[T], biases: &[T]) {
    struct Write<'a, T>(&'a [T], &'a mut [T], T, T, &'a [T], &'a [T]);
    impl<T: Element + Float> pulp::NullaryFnOnce for Write<'_, T> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Write(row, out, mean, scale, weights, biases) = self;
            // The product with the weight and the sum with the bias are rounded once, as in PyTorch; where there is none,
            // the bias is a zero that is added, so that no zero is negative.
            match (weights.is_empty(), biases.is_empty()) {
                (false, false) => {
                    let parameters = weights.iter().zip(biases);
                    for ((out, &x), (&weight, &bias)) in out.iter_mut().zip(row).zip(parameters) {
                        *out = ((x - mean) * scale).mul_add(weight, bias);
                    }
                }
                (false, true) => {
                    for ((out, &x), &weight) in out.iter_mut().zip(row).zip(weights) {
                        *out = (x - mean) * scale * weight + T::zero();
                    }
                }
                (true, false) => {
                    for ((out, &x), &bias) in out.iter_mut().zip(row).zip(biases) {
                        *out = (x - mean).mul_add(scale, bias);
                    }
                }
                (true, true) => {
                    for (out, &x) in out.iter_mut().zip(row) {
                        *out = (x - mean) * scale + T::zero();
                    }
                }
            }
        }
    }
    dispatch(Write(row, out, mean, scale, weights, biases));
}

/// `row * factor + shift`, rounded once.
fn scaled<T: Element + Float>(row: &[T], out: &mut [T], factor: T, shift: T) {
    struct Scale<'a, T>(&'a [T], &'a mut [T], T, T);
    impl<T: Element + Float> pulp::NullaryFnOnce for Scale<'_, T> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Scale(row, out, factor, shift) = self;
            for (out, &x) in out.iter_mut().zip(row) {
                *out = x.mul_add(factor, shift);
            }
        }
    }
    dispatch(Scale(row, out, factor, shift));
}

/// `row * factors + shifts`, each element by its own, rounded once.
fn scaled_each<T: Element + Float>(row: &[T], out: &mut [T], factors: &[T], shifts: &[T]) {
    struct Scale<'a, T>(&'a [T], &'a mut [T], &'a [T], &'a [T]);
    impl<T: Element + Float> pulp::NullaryFnOnce for Scale<'_, T> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Scale(row, out, factors, shifts) = self;
            for (((out, &x), &factor), &shift) in out.iter_mut().zip(row).zip(factors).zip(shifts) {
                *out = x.mul_add(factor, shift);
            }
        }
    }
    dispatch(Scale(row, out, factors, shifts));
}

/// The mean and the variance (divided by the count) of each channel of `[rows, channels, inner]`.
pub fn channels(input: &Array, sizes: [usize; 3]) -> Result<(Array, Array)> {
    let compute = compute_dtype(input.dtype);
    let source = cast::cast(&copy::row_major(input)?, compute)?;
    match compute {
        DType::F64 => channel_moments::<f64>(&source, sizes),
        _ => channel_moments::<f32>(&source, sizes),
    }
}

fn channel_moments<T: Element + Float>(
    source: &Array,
    [rows, channels, inner]: [usize; 3],
) -> Result<(Array, Array)> {
    budget::check(channels.saturating_mul(16))?;
    let data = source.storage.read::<T>();
    let data = &data[source.offset()..source.offset() + rows * channels * inner];
    let count = (rows * inner) as f64;
    let pass = |each: &(dyn Fn(usize, &[T]) -> f64 + Sync)| -> Result<Vec<f64>> {
        let of = |channel: usize| {
            if budget::interrupted() {
                return 0.0;
            }
            let part = |row: usize| {
                let start = (row * channels + channel) * inner;
                each(channel, &data[start..start + inner])
            };
            (0..rows).map(part).sum::<f64>() / count
        };
        let shared = data.len() >= SHARED_FROM && channels > 1 && inner > 1 && threads::shared();
        let found = if shared {
            (0..channels).into_par_iter().map(of).collect()
        } else {
            (0..channels).map(of).collect()
        };
        budget::poll()?;
        Ok(found)
    };
    let means = pass(&|_, part| Element::to_f64(total(part, |value| value)))?;
    let spread = |channel: usize, part: &[T]| {
        let mean = T::from_f64(means[channel]);
        Element::to_f64(total(part, |value| (value - mean) * (value - mean)))
    };
    let variances = pass(&spread)?;
    let array = |values: &[f64]| -> Result<Array> {
        let values: Vec<T> = values.iter().map(|&value| T::from_f64(value)).collect();
        Array::from_slice(&values, &[channels])
    };
    Ok((array(&means)?, array(&variances)?))
}

/// `input * scale + shift` for each channel of `[rows, channels, inner]`; scale and shift are of the dtype that is computed in.
pub fn scale_channels(input: &Array, sizes: [usize; 3], scale: &Array, shift: &Array) -> Result<Array> {
    let compute = compute_dtype(input.dtype);
    let source = cast::cast(&copy::row_major(input)?, compute)?;
    let out = match compute {
        DType::F64 => channels_scaled::<f64>(&source, sizes, scale, shift),
        _ => channels_scaled::<f32>(&source, sizes, scale, shift),
    }?;
    cast::cast(&out, input.dtype)
}

fn channels_scaled<T: Element + Float>(
    source: &Array,
    [rows, channels, inner]: [usize; 3],
    scale: &Array,
    shift: &Array,
) -> Result<Array> {
    let result = Array::uninit(source.shape(), source.dtype)?;
    let data = source.storage.read::<T>();
    let data = &data[source.offset()..source.offset() + rows * channels * inner];
    let (scales, shifts) = (scale.storage.read::<T>(), shift.storage.read::<T>());
    let (scales, shifts) = (&scales[scale.offset()..], &shifts[shift.offset()..]);
    let mut written = result.storage.write::<T>();
    let out = &mut written[..rows * channels * inner];
    let row = |(data, out): (&[T], &mut [T])| {
        if budget::interrupted() {
            return;
        }
        if inner == 1 {
            scaled_each(data, out, scales, shifts);
            return;
        }
        for (n, (data, out)) in data.chunks(inner).zip(out.chunks_mut(inner)).enumerate() {
            scaled(data, out, scales[n], shifts[n]);
        }
    };
    let per = channels * inner;
    if let Some(few) = (SHARED_FROM / 4).checked_div(per) {
        if data.len() >= SHARED_FROM && rows > 1 && threads::shared() {
            let least = (few + 1).max(threads::run_of(rows, data.len()));
            threads::each(data.par_chunks(per).zip(out.par_chunks_mut(per)), least, row);
        } else {
            data.chunks(per).zip(out.chunks_mut(per)).for_each(row);
        }
    }
    drop(written);
    budget::poll()?;
    Ok(result)
}
