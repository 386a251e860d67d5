//! Random numbers, bit for bit those of Python's module `random`.

use super::Generator;

/// A source of numbers as `random.Random` is one.
#[derive(Clone, Default)]
pub struct PythonSource {
    generator: Generator,
    /// The normal number that came with the last one of [`PythonSource::gauss`].
    gauss: Option<f64>,
}

impl PythonSource {
    /// A source whose seed is the magnitude of an int, in words of 32 bits, the lowest first.
    pub fn new(words: &[u32]) -> PythonSource {
        let key = if words.is_empty() { &[0] } else { words };
        PythonSource { generator: Generator::of_key(key), gauss: None }
    }

    /// 32 random bits.
    pub fn bits32(&mut self) -> u32 {
        self.generator.bits32()
    }

    /// A number from 0 up to 1, of 53 bits.
    pub fn random(&mut self) -> f64 {
        let (high, low) = (self.bits32() >> 5, self.bits32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// At most 64 random bits.
    pub fn bits(&mut self, count: u32) -> u64 {
        match count {
            0 => 0,
            1..=32 => u64::from(self.bits32() >> (32 - count)),
            _ => {
                let low = u64::from(self.bits32());
                low | u64::from(self.bits32() >> (64 - count.min(64))) << 32
            }
        }
    }

    /// A number below another: as many bits as that has, drawn until they are below.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        let bits = 64 - end.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < end {
                return drawn;
            }
        }
    }

    /// A normal number of mean 0 and deviation 1; they come in pairs (Box and Muller, 1958), and the second is kept.
    pub fn gauss(&mut self) -> f64 {
        if let Some(kept) = self.gauss.take() {
            return kept;
        }
        let angle = self.random() * std::f64::consts::TAU;
        let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
        self.gauss = Some(angle.sin() * radius);
        angle.cos() * radius
    }

    /// A normal number by the ratio of two uniform ones (Kinderman and Monahan, 1977).
    pub fn normal(&mut self) -> f64 {
        let bound = 4.0 * (-0.5f64).exp() / 2f64.sqrt();
        loop {
            let first = self.random();
            let second = 1.0 - self.random();
            let ratio = bound * (first - 0.5) / second;
            if ratio * ratio / 4.0 <= -second.ln() {
                return ratio;
            }
        }
    }
}
