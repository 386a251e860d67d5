//! `torch.set_printoptions`: how tensors are printed.

/// The options, with PyTorch's names and defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintOptions {
    /// Digits after the point.
    pub precision: usize,
    /// The most elements printed without a summary; may be infinite.
    pub threshold: f64,
    /// Elements shown at either end of a dimension in a summary.
    pub edgeitems: usize,
    /// Columns of a line.
    pub linewidth: usize,
    /// Scientific notation: always, never, or where the values ask for it.
    pub sci_mode: Option<bool>,
}

impl Default for PrintOptions {
    fn default() -> Self {
        PrintOptions { precision: 4, threshold: 1000.0, edgeitems: 3, linewidth: 80, sci_mode: None }
    }
}

/// A named set of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The defaults.
    Default,
    /// Two digits, two edge items.
    Short,
    /// Never a summary.
    Full,
}

impl Profile {
    /// The profile of that name.
    pub fn named(name: &str) -> Option<Profile> {
        match name {
            "default" => Some(Profile::Default),
            "short" => Some(Profile::Short),
            "full" => Some(Profile::Full),
            _ => None,
        }
    }
}

impl PrintOptions {
    /// The options with those of a profile; `sci_mode` is no part of one.
    pub fn with_profile(self, profile: Profile) -> PrintOptions {
        let defaults = PrintOptions { sci_mode: self.sci_mode, ..PrintOptions::default() };
        match profile {
            Profile::Default => defaults,
            Profile::Short => PrintOptions { precision: 2, edgeitems: 2, ..defaults },
            Profile::Full => PrintOptions { threshold: f64::INFINITY, ..defaults },
        }
    }
}
