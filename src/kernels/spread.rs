//! How the elements of a tensor are spread: mean, deviation, extremes, shares of zeros, nan and inf, a histogram.

use crate::budget;
use crate::error::Result;
use crate::tensor::array::Array;

/// How many bars a histogram has.
const BARS: usize = 16;

/// How the elements of a tensor are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// How many elements.
    pub count: usize,
    /// How many of them are 0, nan, and infinite.
    pub zeros: usize,
    /// nan
    pub nans: usize,
    /// Infinite in either direction.
    pub infinite: usize,
    /// The mean of the finite ones.
    pub mean: f64,
    /// Their deviation from it, with the correction of one element; nan of fewer than two.
    pub std: f64,
    /// The smallest finite one.
    pub min: f64,
    /// The largest finite one.
    pub max: f64,
    /// How many finite ones fall into each of equal parts of the range.
    pub bars: [usize; BARS],
}

impl Spread {
    /// Looks at every element twice. Fails for a tensor without data.
    pub fn of(array: &Array) -> Result<Spread> {
        array.require_data("stats")?;
        let mut spread = Spread { min: f64::INFINITY, max: f64::NEG_INFINITY, ..Spread::default() };
        let (mut finite, mut mean, mut squares) = (0.0f64, 0.0f64, 0.0f64);
        for (n, scalar) in array.scalars().enumerate() {
            if n % 4096 == 0 {
                budget::poll()?;
            }
            let x = scalar.to_f64();
            spread.count += 1;
            if x.is_nan() {
                spread.nans += 1;
            } else if x.is_infinite() {
                spread.infinite += 1;
            } else {
                spread.zeros += usize::from(x == 0.0);
                spread.min = spread.min.min(x);
                spread.max = spread.max.max(x);
                // Welford's update: exact enough in one pass.
                finite += 1.0;
                let away = x - mean;
                mean += away / finite;
                squares += away * (x - mean);
            }
        }
        if finite == 0.0 {
            (spread.min, spread.max, spread.mean, spread.std) = (f64::NAN, f64::NAN, f64::NAN, f64::NAN);
            return Ok(spread);
        }
        spread.mean = mean;
        spread.std = if finite > 1.0 { (squares / (finite - 1.0)).sqrt() } else { f64::NAN };
        let width = spread.max - spread.min;
        for (n, scalar) in array.scalars().enumerate() {
            if n % 4096 == 0 {
                budget::poll()?;
            }
            let x = scalar.to_f64();
            if x.is_finite() {
                let place =
                    if width > 0.0 { (x - spread.min) / width * BARS as f64 } else { BARS as f64 / 2.0 };
                spread.bars[(place as usize).min(BARS - 1)] += 1;
            }
        }
        Ok(spread)
    }

    /// The histogram as a line of blocks.
    pub fn histogram(&self) -> String {
        const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let most = self.bars.iter().copied().max().unwrap_or(0);
        let block = |&bar: &usize| match (bar, most) {
            (0, _) | (_, 0) => BLOCKS[0],
            (bar, most) => BLOCKS[(bar * 8).div_ceil(most).min(8)],
        };
        self.bars.iter().map(block).collect()
    }

    /// All of it on one line.
    pub fn line(&self) -> String {
        let share = |n: usize| match (n, self.count) {
            (_, 0) => "0%".to_owned(),
            (n, count) => {
                format!("{:.3}", n as f64 / count as f64 * 100.0)
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned()
                    + "%"
            }
        };
        format!(
            "mean {}  std {}  min {}  max {}  zeros {}  nan {}  inf {}  |{}|",
            short(self.mean),
            short(self.std),
            short(self.min),
            short(self.max),
            share(self.zeros),
            share(self.nans),
            share(self.infinite),
            self.histogram()
        )
    }
}

/// A number in four digits.
pub fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() || (1e-3..1e5).contains(&size) {
        return format!("{x:.4}").replace("NaN", "nan");
    }
    format!("{x:.3e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_counts_what_it_sees() {
        let array = Array::from_slice(&[0.0f32, 1.0, 2.0, f32::NAN, f32::INFINITY], &[5]).expect("small");
        let spread = Spread::of(&array).expect("data");
        assert_eq!((spread.zeros, spread.nans, spread.infinite, spread.count), (1, 1, 1, 5));
        assert_eq!((spread.mean, spread.std, spread.min, spread.max), (1.0, 1.0, 0.0, 2.0));
        assert_eq!(spread.bars.iter().sum::<usize>(), 3);
        assert_eq!(spread.histogram().chars().count(), 16);
    }
}
