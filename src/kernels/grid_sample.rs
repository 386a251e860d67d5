//! Images read at places between their pixels.

use crate::budget;
use crate::error::Result;
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;

/// What stands outside an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Zeros.
    Zeros,
    /// The nearest pixel of the edge.
    Border,
    /// The image, mirrored.
    Reflection,
}

/// How pixels are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// The nearest one.
    Nearest,
    /// Those around, by their distance: four of an image, eight of a volume.
    Linear,
    /// The sixteen around, of an image.
    Cubic,
}

/// Reads images `[batch, channels, height, width]` at places `[batch, rows, columns, 2]`, or volumes of one dimension more at
/// places of three coordinates; a coordinate goes from -1 to 1 along its side, that of the last dimension stands first.
pub fn sample(image: &Array, grid: &Array, mix: Mix, outside: Outside, align: bool) -> Result<Array> {
    let dims = image.ndim() - 2;
    let (batch, channels) = (image.shape()[0], image.shape()[1]);
    let space = &image.shape()[2..];
    let mut shape = vec![batch, channels];
    shape.extend(&grid.shape()[1..=dims]);
    let read = |array: &Array| copy::row_major(&cast::cast(array, DType::F64)?);
    let (source, places) = (read(image)?, read(grid)?);
    let result = Array::uninit(&shape, DType::F64)?;
    let (inner, per): (usize, usize) = (space.iter().product(), shape[2..].iter().product());
    {
        let (pixels, places_data) = (source.storage.read::<f64>(), places.storage.read::<f64>());
        let (pixels, places) = (&pixels[source.offset()..], &places_data[places.offset()..]);
        let mut out = result.storage.write::<f64>();
        for n in 0..batch * per {
            if n % 1024 == 0 {
                budget::poll()?;
            }
            let (b, at) = (n / per, n % per);
            let coordinates = &places[dims * n..dims * (n + 1)];
            // Coordinates are those of the last dimension first.
            let place: Vec<f64> = (0..dims)
                .map(|d| unnormalised(coordinates[dims - 1 - d], space[d], align, image.dtype))
                .collect();
            let taps = taps(&place, space, mix, outside, align);
            for channel in 0..channels {
                let plane = &pixels[(b * channels + channel) * inner..];
                let value = taps.iter().fold(0.0, |sum, &(at, weight)| sum + plane[at] * weight);
                out[(b * channels + channel) * per + at] = value;
            }
        }
    }
    cast::cast(&result, image.dtype)
}

fn unnormalised(place: f64, size: usize, align: bool, dtype: DType) -> f64 {
    if dtype != DType::F64 {
        // Which pixel is nearest depends on how the place is rounded.
        let (place, size) = (place as f32, size as f32);
        let place =
            if align { (place + 1.0) / 2.0 * (size - 1.0) } else { ((place + 1.0) * size - 1.0) / 2.0 };
        return f64::from(place);
    }
    let size = size as f64;
    if align { (place + 1.0) / 2.0 * (size - 1.0) } else { ((place + 1.0) * size - 1.0) / 2.0 }
}

/// A coordinate brought into the image.
fn inside(place: f64, size: usize, outside: Outside, align: bool) -> f64 {
    let last = size as f64 - 1.0;
    match outside {
        Outside::Zeros => place,
        Outside::Border => place.clamp(0.0, last),
        Outside::Reflection => {
            let (low, high) = if align { (0.0, last) } else { (-0.5, last + 0.5) };
            let span = high - low;
            if span == 0.0 {
                return 0.0;
            }
            let distance = (place - low).abs();
            let (turns, rest) = ((distance / span).floor(), distance % span);
            let mirrored = if turns % 2.0 == 0.0 { rest + low } else { span - rest + low };
            mirrored.clamp(0.0, last)
        }
    }
}

/// The pixels that a place is made of, with their weights.
fn taps(place: &[f64], space: &[usize], mix: Mix, outside: Outside, align: bool) -> Vec<(usize, f64)> {
    // Of each dimension the pixels that count, brought inside where the mode says so, with their weights.
    let along = |d: usize| -> Vec<(f64, f64)> {
        let size = space[d];
        if mix == Mix::Cubic {
            let first = place[d].floor();
            let weights = cubic(place[d] - first, -0.75).into_iter().enumerate();
            return weights
                .map(|(n, weight)| (inside(first - 1.0 + n as f64, size, outside, align), weight))
                .collect();
        }
        let at = inside(place[d], size, outside, align);
        if mix == Mix::Nearest {
            return vec![(at.round_ties_even(), 1.0)];
        }
        let first = at.floor();
        vec![(first, 1.0 - (at - first)), (first + 1.0, at - first)]
    };
    let mut taps = vec![(0usize, 1.0)];
    for (d, &size) in space.iter().enumerate() {
        let along = along(d);
        let mut next = Vec::with_capacity(taps.len() * along.len());
        for &(place, weight) in &taps {
            for &(at, share) in along.iter().filter(|(at, _)| *at >= 0.0 && *at < size as f64) {
                next.push((place * size + at as usize, weight * share));
            }
        }
        taps = next;
    }
    taps
}

/// The weights of the four neighbours of a place `t` behind the second of them (cubic convolution, Keys 1981).
pub fn cubic(t: f64, a: f64) -> [f64; 4] {
    let near = |x: f64| ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a;
    [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]
}
