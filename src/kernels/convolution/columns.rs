//! Patches as columns: row `(channel, place in the kernel)`, column `(place of the output)`.

use super::Geometry;
use crate::budget;
use crate::error::Result;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::{DType, Element};
use crate::with_element;
use std::ops::Range;

/// Fills row `(channel, kz, ky, kx)` of the matrix for some rows of the output (counted over depth and height). `image` is
/// one channel of the input; where a patch hangs over its edge, there are zeros.
fn fill_row<T: Element>(
    geometry: &Geometry,
    image: &[T],
    [kz, ky, kx]: [usize; 3],
    lines: Range<usize>,
    out: &mut [T],
) {
    let [z, y, x] = geometry.sides;
    let reached = [z.reached(kz), y.reached(ky), x.reached(kx)];
    for (line, out) in lines.zip(out.chunks_mut(x.output)) {
        let (oz, oy) = (line / y.output, line % y.output);
        if !reached[0].contains(&oz) || !reached[1].contains(&oy) || reached[2].is_empty() {
            out.fill(T::default());
            continue;
        }
        let start = (z.meets(oz, kz) * y.input + y.meets(oy, ky)) * x.input;
        let (first, end) = (reached[2].start, reached[2].end);
        out[..first].fill(T::default());
        out[end..].fill(T::default());
        let from = start + x.meets(first, kx);
        if x.stride == 1 {
            out[first..end].copy_from_slice(&image[from..from + end - first]);
        } else {
            for (out, value) in out[first..end].iter_mut().zip(image[from..].iter().step_by(x.stride)) {
                *out = *value;
            }
        }
    }
}

/// The place of a row of the matrix in the kernel.
fn place(geometry: &Geometry, row: usize) -> (usize, [usize; 3]) {
    let [z, y, x] = geometry.sides.map(|side| side.kernel);
    (row / (z * y * x), [row / (y * x) % z, row / x % y, row % x])
}

/// Fills rows `rows` of the matrix for lines of the output; `image` holds the channels of one group.
pub fn fill<T: Element>(
    geometry: &Geometry,
    image: &[T],
    rows: Range<usize>,
    lines: Range<usize>,
    out: &mut [T],
) {
    let (size, width) = (geometry.input(), lines.len() * geometry.sides[2].output);
    for (row, out) in rows.zip(out.chunks_mut(width.max(1))) {
        let (channel, at) = place(geometry, row);
        fill_row(geometry, &image[channel * size..(channel + 1) * size], at, lines.clone(), out);
    }
}

/// Adds the matrix of all lines back to where its elements came from.
pub fn add<T: Element + num_traits::Float>(geometry: &Geometry, columns: &[T], image: &mut [T]) {
    let [z, y, x] = geometry.sides;
    let (size, width) = (geometry.input(), geometry.output());
    if width == 0 {
        return;
    }
    for (row, columns) in columns.chunks(width).enumerate() {
        let (channel, [kz, ky, kx]) = place(geometry, row);
        let image = &mut image[channel * size..(channel + 1) * size];
        let along = x.reached(kx);
        if along.is_empty() {
            continue;
        }
        for oz in z.reached(kz) {
            for oy in y.reached(ky) {
                let line = (oz * y.output + oy) * x.output;
                let values = &columns[line + along.start..line + along.end];
                let from = (z.meets(oz, kz) * y.input + y.meets(oy, ky)) * x.input + x.meets(along.start, kx);
                if x.stride == 1 {
                    for (place, &value) in image[from..from + values.len()].iter_mut().zip(values) {
                        *place = *place + value;
                    }
                } else {
                    for (place, &value) in image[from..].iter_mut().step_by(x.stride).zip(values) {
                        *place = *place + value;
                    }
                }
            }
        }
    }
}

/// The patches of `[batch, channels, ..]` as columns: `[batch, channels * kernel, outputs]`, of any dtype.
pub fn unfold(geometry: &Geometry, input: &Array, shape: &[usize]) -> Result<Array> {
    let source = copy::row_major(input)?;
    let result = Array::uninit(shape, input.dtype)?;
    let (image, columns) = (geometry.channels * geometry.input(), geometry.channels * geometry.kernel());
    let lines = geometry.output() / geometry.sides[2].output.max(1);
    with_element!(input.dtype, T => {
        let (from, mut to) = (source.storage.read::<T>(), result.storage.write::<T>());
        let from = &from[source.offset()..];
        for (n, to) in to.chunks_mut((columns * geometry.output()).max(1)).take(geometry.batch).enumerate() {
            budget::poll()?;
            fill(geometry, &from[n * image..(n + 1) * image], 0..columns, 0..lines, to);
        }
    });
    Ok(result)
}

/// Columns added up where their elements came from: the way back of [`unfold`], of floats.
pub fn fold(geometry: &Geometry, columns: &Array, shape: &[usize]) -> Result<Array> {
    let compute = if columns.dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let source = copy::row_major(&cast::cast(columns, compute)?)?;
    let result = Array::zeros(shape, compute)?;
    let (image, count) = (geometry.channels * geometry.input(), geometry.channels * geometry.kernel());
    let per = count * geometry.output();
    if per * image > 0 {
        if compute == DType::F64 {
            each_folded::<f64>(geometry, &source, &result, image, per)?;
        } else {
            each_folded::<f32>(geometry, &source, &result, image, per)?;
        }
    }
    cast::cast(&result, columns.dtype)
}

fn each_folded<T: Element + num_traits::Float>(
    geometry: &Geometry,
    source: &Array,
    result: &Array,
    image: usize,
    per: usize,
) -> Result<()> {
    let (from, mut to) = (source.storage.read::<T>(), result.storage.write::<T>());
    let from = &from[source.offset()..];
    for (n, to) in to.chunks_mut(image).take(geometry.batch).enumerate() {
        budget::poll()?;
        add(geometry, &from[n * per..(n + 1) * per], to);
    }
    Ok(())
}
