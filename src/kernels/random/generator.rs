//! The generator: MT19937 (Matsumoto and Nishimura, 1998), its seed, and the second number of the last pair of normals.

use crate::error::{Error, Result};
use std::hash::{BuildHasher, Hasher};

const WORDS: usize = 624;
const SHIFT: usize = 397;

/// The seed of `torch.Generator()`.
pub const DEFAULT_SEED: u64 = 67_280_421_310_721;

/// How many bytes [`Generator::state`] has.
pub const STATE_BYTES: usize = 5056;

/// A source of random numbers.
#[derive(Clone)]
pub struct Generator {
    seed: u64,
    words: Box<[u32; WORDS]>,
    /// How many words may still be taken before the next round, counted as PyTorch does: 1 means none.
    left: u32,
    next: u32,
    /// The normal number that came with the last one.
    normal: Option<f64>,
}

impl Default for Generator {
    /// A generator that nobody can foresee.
    fn default() -> Generator {
        Generator::new(unforeseen())
    }
}

/// A seed that differs from run to run.
fn unforeseen() -> u64 {
    // The keys of the standard library's hash maps come from the system's random numbers.
    std::collections::hash_map::RandomState::new().build_hasher().finish() & ((1 << 53) - 1)
}

impl Generator {
    /// A generator with a seed, of which the lower half counts.
    pub fn new(seed: u64) -> Generator {
        let mut words = Box::new([0u32; WORDS]);
        let mut word = seed as u32;
        words[0] = word;
        for (n, place) in words.iter_mut().enumerate().skip(1) {
            word = 1_812_433_253u32.wrapping_mul(word ^ (word >> 30)).wrapping_add(n as u32);
            *place = word;
        }
        Generator { seed, words, left: 1, next: 0, normal: None }
    }

    /// A generator whose seed has any number of words: the initialization by an array of Matsumoto and Nishimura (2002).
    pub fn of_key(key: &[u32]) -> Generator {
        let mut generator = Generator::new(19_650_218);
        let words = &mut *generator.words;
        let mixed = |before: u32| before ^ (before >> 30);
        let (mut i, mut j) = (1, 0);
        for _ in 0..WORDS.max(key.len()) {
            let word = key.get(j).copied().unwrap_or(0).wrapping_add(j as u32);
            words[i] = (words[i] ^ mixed(words[i - 1]).wrapping_mul(1_664_525)).wrapping_add(word);
            (i, j) = (i + 1, if j + 1 < key.len() { j + 1 } else { 0 });
            if i == WORDS {
                (words[0], i) = (words[WORDS - 1], 1);
            }
        }
        for _ in 1..WORDS {
            words[i] = (words[i] ^ mixed(words[i - 1]).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i == WORDS {
                (words[0], i) = (words[WORDS - 1], 1);
            }
        }
        words[0] = 0x8000_0000;
        generator
    }

    /// Begins anew with a seed.
    pub fn reseed(&mut self, seed: u64) {
        *self = Generator::new(seed);
    }

    /// Begins anew with a seed nobody can foresee, which it gives.
    pub fn seed_anew(&mut self) -> u64 {
        self.reseed(unforeseen());
        self.seed
    }

    /// The seed it began with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// 32 random bits.
    #[inline]
    pub fn bits32(&mut self) -> u32 {
        self.left -= 1;
        if self.left == 0 {
            self.round();
        }
        let mut word = self.words[self.next as usize % WORDS];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// 64 random bits, the first half on top.
    #[inline]
    pub fn bits64(&mut self) -> u64 {
        let high = u64::from(self.bits32());
        high << 32 | u64::from(self.bits32())
    }

    /// A number from 0 up to 1, of 24 bits.
    #[inline]
    pub fn float(&mut self) -> f32 {
        (self.bits32() & 0x00ff_ffff) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number from 0 up to 1, of 53 bits.
    #[inline]
    pub fn double(&mut self) -> f64 {
        (self.bits64() & ((1 << 53) - 1)) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A normal number of mean 0 and deviation 1. They come in pairs (Box and Muller, 1958); the second one is kept.
    pub fn normal(&mut self) -> f64 {
        if let Some(normal) = self.normal.take() {
            return normal;
        }
        let (turn, share) = (self.double(), self.double());
        let radius = (-2.0 * (-share).ln_1p()).sqrt();
        let angle = 2.0 * std::f64::consts::PI * turn;
        self.normal = Some(radius * angle.sin());
        radius * angle.cos()
    }

    /// The next 624 words.
    #[cold]
    #[inline(never)]
    fn round(&mut self) {
        let words = &mut *self.words;
        for n in 0..WORDS {
            let mixed = words[n] & 0x8000_0000 | words[(n + 1) % WORDS] & 0x7fff_ffff;
            let twist = if mixed & 1 == 0 { 0 } else { 0x9908_b0df };
            words[n] = words[(n + SHIFT) % WORDS] ^ (mixed >> 1) ^ twist;
        }
        (self.left, self.next) = (WORDS as u32, 0);
    }

    /// The whole state, laid out as PyTorch's `get_state()` has it.
    pub fn state(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(STATE_BYTES);
        bytes.extend(self.seed.to_le_bytes());
        bytes.extend(self.left.to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(u64::from(self.next).to_le_bytes());
        bytes.extend(self.words.iter().flat_map(|&word| u64::from(word).to_le_bytes()));
        bytes.extend([0; 8]);
        bytes.extend(self.normal.unwrap_or(0.0).to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(u64::from(self.normal.is_some()).to_le_bytes());
        bytes.resize(STATE_BYTES, 0);
        bytes
    }

    /// Goes back to a state that [`Generator::state`] gave, here or in PyTorch.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() != STATE_BYTES {
            return Err(Error::runtime(format!(
                "Expected a CPUGeneratorImplState of size {STATE_BYTES} but found the input RNG state size to be {}",
                bytes.len()
            )));
        }
        let word = |at: usize| {
            bytes[at..].iter().take(8).rev().fold(0u64, |word, &byte| word << 8 | u64::from(byte))
        };
        let half = |at: usize| word(at) as u32;
        let (left, next) = (half(8), word(16));
        if half(12) != 1 || !(1..=WORDS as u32).contains(&left) || next > WORDS as u64 {
            return Err(Error::runtime("Invalid mt19937 state"));
        }
        let tail = 24 + WORDS * 8;
        for (n, place) in self.words.iter_mut().enumerate() {
            *place = half(24 + n * 8);
        }
        self.seed = word(0);
        (self.left, self.next) = (left, next as u32);
        self.normal = (word(tail + 24) != 0).then(|| f64::from_bits(word(tail + 8)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_published_twister() {
        // The 10,000th word for the seed 5489, from the C++ standard (rand.predef).
        let mut generator = Generator::new(5489);
        let word = (0..10_000).map(|_| generator.bits32()).last();
        assert_eq!(word, Some(4_123_659_995));
    }

    #[test]
    fn a_state_is_restored() {
        let mut generator = Generator::new(7);
        let first: f64 = (0..701).map(|_| generator.normal()).sum();
        assert!(first.is_finite());
        let state = generator.state();
        let ahead: Vec<u32> = (0..1000).map(|_| generator.bits32()).collect();
        let mut other = Generator::new(0);
        other.restore(&state).unwrap();
        assert_eq!(other.state(), state);
        assert_eq!((0..1000).map(|_| other.bits32()).collect::<Vec<_>>(), ahead);
        assert!(other.restore(&state[1..]).is_err());
        assert!(other.restore(&[0; STATE_BYTES]).is_err());
    }
}
