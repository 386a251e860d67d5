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
    /// The four around, by their distance.
    Bilinear,
    /// The sixteen around.
    Bicubic,
}

/// Reads `[batch, channels, height, width]` at the places `[batch, rows, columns, 2]`, from -1 to 1 along each side.
pub fn sample(image: &Array, grid: &Array, mix: Mix, outside: Outside, align: bool) -> Result<Array> {
    let [batch, channels, height, width] = *image.shape() else { return copy::contiguous(image) };
    let [_, rows, columns, _] = *grid.shape() else { return copy::contiguous(image) };
    let read = |array: &Array| copy::contiguous(&cast::cast(array, DType::F64)?);
    let (source, places) = (read(image)?, read(grid)?);
    let result = Array::uninit(&[batch, channels, rows, columns], DType::F64)?;
    {
        let (pixels, places_data) = (source.storage.read::<f64>(), places.storage.read::<f64>());
        let (pixels, places) = (&pixels[source.offset()..], &places_data[places.offset()..]);
        let mut out = result.storage.write::<f64>();
        for n in 0..batch * rows * columns {
            if n % 1024 == 0 {
                budget::poll()?;
            }
            let (b, at) = (n / (rows * columns), n % (rows * columns));
            let x = unnormalised(places[2 * n], width, align, image.dtype);
            let y = unnormalised(places[2 * n + 1], height, align, image.dtype);
            let taps = taps(x, y, [width, height], mix, outside, align);
            for channel in 0..channels {
                let plane = &pixels[(b * channels + channel) * height * width..];
                let value = taps.iter().map(|&(at, weight)| plane[at] * weight).sum();
                out[(b * channels + channel) * rows * columns + at] = value;
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
fn taps(
    x: f64,
    y: f64,
    [width, height]: [usize; 2],
    mix: Mix,
    outside: Outside,
    align: bool,
) -> Vec<(usize, f64)> {
    let mut taps = Vec::new();
    let mut add = |ix: f64, iy: f64, weight: f64| {
        if ix >= 0.0 && iy >= 0.0 && ix < width as f64 && iy < height as f64 {
            taps.push((iy as usize * width + ix as usize, weight));
        }
    };
    match mix {
        Mix::Bicubic => {
            let (x0, y0) = (x.floor(), y.floor());
            let (wx, wy) = (cubic(x - x0, -0.75), cubic(y - y0, -0.75));
            for (i, wy) in wy.iter().enumerate() {
                for (j, wx) in wx.iter().enumerate() {
                    let ix = inside(x0 - 1.0 + j as f64, width, outside, align);
                    let iy = inside(y0 - 1.0 + i as f64, height, outside, align);
                    add(ix, iy, wx * wy);
                }
            }
        }
        _ => {
            let (x, y) = (inside(x, width, outside, align), inside(y, height, outside, align));
            if mix == Mix::Nearest {
                add(x.round_ties_even(), y.round_ties_even(), 1.0);
            } else {
                let (x0, y0) = (x.floor(), y.floor());
                let (fx, fy) = (x - x0, y - y0);
                add(x0, y0, (1.0 - fx) * (1.0 - fy));
                add(x0 + 1.0, y0, fx * (1.0 - fy));
                add(x0, y0 + 1.0, (1.0 - fx) * fy);
                add(x0 + 1.0, y0 + 1.0, fx * fy);
            }
        }
    }
    taps
}

/// The weights of the four neighbours of a place `t` behind the second of them (cubic convolution, Keys 1981).
pub fn cubic(t: f64, a: f64) -> [f64; 4] {
    let near = |x: f64| ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a;
    [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]
}
