//! The convolution itself.
//!
//! Patches are written as columns, so many that they stay in the cache, and multiplied by the filters; images and groups
//! are shared among threads, and where there is but one, its blocks of columns are multiplied by all of them. Where a group
//! has few filters, or numbers are ints, rows of the input are scaled and added up directly: every patch is read only a few
//! times then.

use super::{Geometry, Real, columns};
use crate::budget;
use crate::error::Result;
use crate::kernels::simd::dispatch;
use crate::kernels::threads;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Columns of one block take about so many bytes.
const BLOCK: usize = 1 << 18;
/// From this many multiplications on, threads share the work.
const SHARED_FROM: usize = 1 << 16;
/// Up to this many filters in a group, or multiplications in an image, there are no columns.
const FEW: usize = 3;
const LITTLE: usize = 1 << 12;

/// The dtype that is computed in: 16-bit floats in float32, ints as they are.
pub fn compute_dtype(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        other => other,
    }
}

/// The convolution of `[batch, channels, ..]` with `[filters, channels / groups, ..]`, plus a bias for each filter. `shape` is
/// that of the result, which is row-major.
pub fn convolve(
    geometry: &Geometry,
    input: &Array,
    weight: &Array,
    bias: Option<&Array>,
    shape: &[usize],
) -> Result<Array> {
    let compute = compute_dtype(input.dtype);
    let read = |array: &Array| copy::row_major(&cast::cast(array, compute)?);
    let (source, filters, bias) = (read(input)?, read(weight)?, bias.map(read).transpose()?);
    let out = match compute {
        DType::F32 => real::<f32>(geometry, &source, &filters, bias.as_ref(), shape),
        DType::F64 => real::<f64>(geometry, &source, &filters, bias.as_ref(), shape),
        DType::U8 | DType::Bool => whole::<u8>(geometry, &source, &filters, bias.as_ref(), shape),
        DType::I8 => whole::<i8>(geometry, &source, &filters, bias.as_ref(), shape),
        DType::I16 => whole::<i16>(geometry, &source, &filters, bias.as_ref(), shape),
        DType::I32 => whole::<i32>(geometry, &source, &filters, bias.as_ref(), shape),
        _ => whole::<i64>(geometry, &source, &filters, bias.as_ref(), shape),
    }?;
    cast::cast(&out, input.dtype)
}

/// What the loops need of numbers.
pub trait Number: Element {
    /// `self + a * b`; ints wrap.
    fn mac(self, a: Self, b: Self) -> Self;
}

macro_rules! numbers {
    ($($t:ty: $mac:expr),* $(,)?) => {$(
        impl Number for $t {
            #[inline(always)]
            fn mac(self, a: Self, b: Self) -> Self {
                let mac: fn($t, $t, $t) -> $t = $mac;
                mac(self, a, b)
            }
        }
    )*};
}

numbers! {
    f32: |sum, a, b| sum + a * b,
    f64: |sum, a, b| sum + a * b,
    u8: |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)),
    i8: |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)),
    i16: |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)),
    i32: |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)),
    i64: |sum, a, b| sum.wrapping_add(a.wrapping_mul(b)),
}

fn whole<T: Number>(
    geometry: &Geometry,
    input: &Array,
    weight: &Array,
    bias: Option<&Array>,
    shape: &[usize],
) -> Result<Array> {
    run::<T>(geometry, input, weight, bias, shape, |image, filters, out| {
        direct(geometry, image, filters, out)
    })
}

fn real<T: Real + Number>(
    geometry: &Geometry,
    input: &Array,
    weight: &Array,
    bias: Option<&Array>,
    shape: &[usize],
) -> Result<Array> {
    if geometry.width() <= FEW || geometry.work() <= LITTLE {
        return whole::<T>(geometry, input, weight, bias, shape);
    }
    let alone = geometry.batch * geometry.groups == 1;
    let inner = geometry.depth() * geometry.kernel();
    let line = geometry.sides[2].output.max(1);
    let lines = geometry.output() / line;
    let block = if geometry.is_pointwise() { lines } else { BLOCK / (size_of::<T>() * inner * line).max(1) };
    // One image is cut into a few large blocks, which all threads share.
    let block = if alone { block.saturating_mul(8) } else { block }.clamp(1, lines.max(1));
    budget::check(inner.saturating_mul(block * line).saturating_mul(size_of::<T>()) * threads::count())?;
    let shared = alone && geometry.work() >= SHARED_FROM && threads::shared();
    run::<T>(geometry, input, weight, bias, shape, |image, filters, out| {
        let filters = MatRef::from_row_major_slice(filters, geometry.width(), inner);
        let mut out = MatMut::from_row_major_slice_mut(out, geometry.width(), lines * line);
        let mut held = Vec::new();
        for first in (0..lines).step_by(block) {
            if budget::interrupted() {
                return;
            }
            let rows = first..(first + block).min(lines);
            let count = rows.len() * line;
            let patches = if geometry.is_pointwise() {
                MatRef::from_row_major_slice(image, inner, count)
            } else {
                held.resize(inner * count, T::default());
                if shared {
                    let step = inner.div_ceil(threads::count());
                    threads::each(held.par_chunks_mut(step * count).enumerate(), 1, |(n, part)| {
                        let rows_of = n * step..(n * step + step).min(inner);
                        columns::fill(geometry, image, rows_of, rows.clone(), part);
                    });
                } else {
                    columns::fill(geometry, image, 0..inner, rows.clone(), &mut held);
                }
                MatRef::from_row_major_slice(&held[..inner * count], inner, count)
            };
            let par = if shared { Par::rayon(0) } else { Par::Seq };
            let out = out.as_mut().subcols_mut(first * line, count);
            faer::linalg::matmul::matmul(out, Accum::Add, filters, patches, T::one(), par);
        }
    })
}

/// Calls `one` for every image and group with its channels, its filters and its part of the result, which holds the bias.
fn run<T: Number>(
    geometry: &Geometry,
    input: &Array,
    weight: &Array,
    bias: Option<&Array>,
    shape: &[usize],
    one: impl Fn(&[T], &[T], &mut [T]) + Sync,
) -> Result<Array> {
    let result = Array::uninit(shape, input.dtype)?;
    let (depth, width, groups) = (geometry.depth(), geometry.width(), geometry.groups);
    let (sizes, outs) = (depth * geometry.input(), width * geometry.output());
    let filter = width * depth * geometry.kernel();
    if result.numel() == 0 {
        return Ok(result);
    }
    {
        let (source, filters) = (input.storage.read::<T>(), weight.storage.read::<T>());
        let (source, filters) = (&source[input.offset()..], &filters[weight.offset()..]);
        let held = bias.map(|array| (array.storage.read::<T>(), array.offset()));
        let bias = held.as_ref().map(|(data, at)| &data[*at..]);
        let mut out = result.storage.write::<T>();
        let out = &mut out[..geometry.batch * groups * outs];
        let task = |(n, out): (usize, &mut [T])| {
            if budget::interrupted() {
                return;
            }
            let group = n % groups;
            for (f, out) in out.chunks_mut(geometry.output()).enumerate() {
                out.fill(bias.map_or(T::default(), |bias| bias[group * width + f]));
            }
            let image = if sizes == 0 { &[][..] } else { &source[n * sizes..(n + 1) * sizes] };
            let filters = if filter == 0 { &[][..] } else { &filters[group * filter..(group + 1) * filter] };
            if !image.is_empty() && !filters.is_empty() {
                one(image, filters, out);
            }
        };
        let count = geometry.batch * groups;
        if count > 1 && geometry.work().saturating_mul(geometry.batch) >= SHARED_FROM && threads::shared() {
            threads::each(out.par_chunks_mut(outs).enumerate(), 1, task);
        } else {
            out.chunks_mut(outs).enumerate().for_each(task);
        }
    }
    budget::poll()?;
    Ok(result)
}

/// Rows of the input, scaled by elements of the kernel and added to rows of the output.
fn direct<T: Number>(geometry: &Geometry, image: &[T], filters: &[T], out: &mut [T]) {
    struct Direct<'a, T>(&'a Geometry, &'a [T], &'a [T], &'a mut [T]);
    impl<T: Number> pulp::NullaryFnOnce for Direct<'_, T> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Direct(geometry, image, filters, out) = self;
            let [z, y, x] = geometry.sides;
            let mut weights = filters.iter();
            for out in out.chunks_mut(geometry.output()) {
                for channel in 0..geometry.depth() {
                    let image = &image[channel * geometry.input()..(channel + 1) * geometry.input()];
                    for (kz, ky, kx) in places(geometry) {
                        let Some(&weight) = weights.next() else { return };
                        let along = x.reached(kx);
                        if along.is_empty() {
                            continue;
                        }
                        for oz in z.reached(kz) {
                            for oy in y.reached(ky) {
                                let line = (oz * y.output + oy) * x.output;
                                let out = &mut out[line + along.start..line + along.end];
                                let from = (z.meets(oz, kz) * y.input + y.meets(oy, ky)) * x.input
                                    + x.meets(along.start, kx);
                                if x.stride == 1 {
                                    for (out, &value) in out.iter_mut().zip(&image[from..]) {
                                        *out = out.mac(value, weight);
                                    }
                                } else {
                                    let values = image[from..].iter().step_by(x.stride);
                                    for (out, &value) in out.iter_mut().zip(values) {
                                        *out = out.mac(value, weight);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    dispatch(Direct(geometry, image, filters, out));
}

/// The places of a kernel in row-major order.
#[inline(always)]
fn places(geometry: &Geometry) -> impl Iterator<Item = (usize, usize, usize)> {
    let [z, y, x] = geometry.sides.map(|side| side.kernel);
    (0..z * y * x).map(move |n| (n / (y * x), n / x % y, n % x))
}
