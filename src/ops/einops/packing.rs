//! Patterns with a star, `b * c`: the axes that stay, and the place of those that are packed into one.

use super::Fault;
use super::pattern::check_name;

/// How many axes stand before and behind the star.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Star {
    /// Before it.
    pub before: usize,
    /// Behind it.
    pub behind: usize,
}

impl Star {
    /// Reads a pattern; `op` is the name of the function, for errors.
    pub fn parse(pattern: &str, op: &str) -> Result<Star, Fault> {
        let place = |word: &str| {
            let start = word.as_ptr() as usize - pattern.as_ptr() as usize;
            start..start + word.len()
        };
        let words: Vec<&str> = pattern.split_whitespace().collect();
        for (n, word) in words.iter().enumerate() {
            if words[..n].contains(word) {
                let fault = Fault::new(format!("Duplicates in axes names in {op}(..., \"{pattern}\")"));
                return Err(fault.at(place(word), "a second time"));
            }
        }
        let Some(star) = words.iter().position(|&word| word == "*") else {
            let fault = Fault::new(format!("No *-axis in {op}(..., \"{pattern}\")"));
            return Err(
                fault.note("the star stands for the axes that are packed into one: 'batch * channel'")
            );
        };
        for word in words.iter().filter(|&&word| word != "*") {
            if let Err(reason) = check_name(word, false) {
                let fault = Fault::new(format!("Invalid axis name {word} in {op}(..., \"{pattern}\")"));
                return Err(fault.at(place(word), reason));
            }
        }
        Ok(Star { before: star, behind: words.len() - star - 1 })
    }

    /// The axes that stay.
    pub fn kept(self) -> usize {
        self.before + self.behind
    }
}
