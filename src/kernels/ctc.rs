//! Connectionist temporal classification: how likely a sequence of labels is under frames that each say how likely every
//! class is, over all ways to spread the labels over the frames with blanks between them (Graves et al., "Connectionist
//! Temporal Classification", 2006). All sums are of logarithms, in float64.

use crate::budget;
use crate::error::Result;

/// One sequence: the logarithms of the chances of its frames, and its labels.
pub struct Sequence<'a> {
    /// Of all sequences, `[frames, batch, classes]` in row-major order.
    pub data: &'a [f64],
    /// The number of sequences and of classes.
    pub sizes: (usize, usize),
    /// Which sequence this is.
    pub at: usize,
    /// How many of its frames count.
    pub frames: usize,
    /// Its labels, without blanks.
    pub labels: &'a [usize],
    /// The class that stands between labels.
    pub blank: usize,
}

/// `log(e^a + e^b)`
fn add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

impl Sequence<'_> {
    /// The class at a place of the labels with blanks around each.
    pub fn class(&self, place: usize) -> usize {
        if place % 2 == 0 { self.blank } else { self.labels[place / 2] }
    }

    /// How many places there are: a blank around each label.
    pub fn places(&self) -> usize {
        2 * self.labels.len() + 1
    }

    fn log(&self, frame: usize, class: usize) -> f64 {
        let (batch, classes) = self.sizes;
        self.data[(frame * batch + self.at) * classes + class]
    }

    /// Whether a way may step over the place before `place`: a blank between two labels that differ.
    pub fn skips(&self, place: usize) -> bool {
        place >= 2 && place % 2 == 1 && self.class(place) != self.class(place - 2)
    }

    /// Of each frame and place, the logarithm of the chances of all ways that are there by then.
    fn forward(&self) -> Result<Vec<f64>> {
        let places = self.places();
        budget::check(self.frames.saturating_mul(places).saturating_mul(16))?;
        let mut ways = vec![f64::NEG_INFINITY; self.frames * places];
        for frame in 0..self.frames {
            budget::poll()?;
            for place in 0..places {
                let before = |n: usize| ways[(frame - 1) * places + n];
                let sum = match frame {
                    0 if place < 2 => 0.0,
                    0 => continue,
                    _ => {
                        let mut sum = before(place);
                        if place >= 1 {
                            sum = add(sum, before(place - 1));
                        }
                        if self.skips(place) {
                            sum = add(sum, before(place - 2));
                        }
                        sum
                    }
                };
                ways[frame * places + place] = sum + self.log(frame, self.class(place));
            }
        }
        Ok(ways)
    }

    /// `-log` of the chance of the labels.
    pub fn loss(&self) -> Result<f64> {
        if self.frames == 0 {
            return Ok(if self.labels.is_empty() { -0.0 } else { f64::INFINITY });
        }
        Ok(-self.total(&self.forward()?))
    }

    fn total(&self, ways: &[f64]) -> f64 {
        let last = &ways[(self.frames - 1) * self.places()..];
        let end = self.places() - 1;
        if end == 0 { last[0] } else { add(last[end], last[end - 1]) }
    }

    /// Adds `share` times the gradient of the loss to `slopes`, of the shape of the data: that of a softmax before the
    /// logarithms, as PyTorch has it, so that each frame's sum is zero.
    pub fn slopes(&self, share: f64, zero_infinity: bool, slopes: &mut [f64]) -> Result<()> {
        if self.frames == 0 {
            return Ok(());
        }
        let (places, (batch, classes)) = (self.places(), self.sizes);
        let ways = self.forward()?;
        let total = self.total(&ways);
        if total == f64::NEG_INFINITY && zero_infinity {
            return Ok(());
        }
        // The chances of all that may follow, from the last frame on.
        let mut after = vec![f64::NEG_INFINITY; places];
        for frame in (0..self.frames).rev() {
            budget::poll()?;
            let next = after.clone();
            for place in 0..places {
                let sum = if frame + 1 == self.frames {
                    if place + 2 < places { f64::NEG_INFINITY } else { 0.0 }
                } else {
                    let mut sum = next[place];
                    if place + 1 < places {
                        sum = add(sum, next[place + 1]);
                    }
                    if place + 2 < places && self.skips(place + 2) {
                        sum = add(sum, next[place + 2]);
                    }
                    sum
                };
                after[place] = sum + self.log(frame, self.class(place));
            }
            let mut through = vec![f64::NEG_INFINITY; classes];
            for place in 0..places {
                let class = self.class(place);
                through[class] = add(through[class], ways[frame * places + place] + after[place]);
            }
            let row = &mut slopes[(frame * batch + self.at) * classes..][..classes];
            for (class, slope) in row.iter_mut().enumerate() {
                let log = self.log(frame, class);
                *slope += share * (log.exp() - (through[class] - total - log).exp());
            }
        }
        Ok(())
    }
}
