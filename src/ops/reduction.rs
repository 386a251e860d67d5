//! `reduction=` of losses: the mean, the sum, or each element's loss.

use crate::error::{Error, Place, Result};
use crate::ops::autograd::term::Term;
use crate::ops::nearest::nearest;
use crate::value::Value;
use crate::value::entry::Bindings;

/// What is made of the losses of all elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// They are given as they are.
    None,
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// Of parameter `n`; `older` is where the parameters `size_average` and `reduce` of older programs stand.
    pub fn of(b: &Bindings, n: usize, older: Option<(usize, usize)>) -> Result<Reduction> {
        if let Some((average, reduce)) = older
            && (b.given(average) || b.given(reduce))
        {
            // Any value is a flag here, by its truth; a tensor of several elements has none.
            let flag = |n: usize| -> Result<bool> {
                match b.value(n) {
                    Value::None => Ok(true),
                    Value::Tensor(tensor) if tensor.array().numel() > 1 => {
                        Err(Error::runtime("Boolean value of Tensor with more than one value is ambiguous"))
                    }
                    value => Ok(crate::ops::arguments::scalar_of(value)?.is_none_or(|flag| flag.truth())),
                }
            };
            return Ok(match (flag(reduce)?, flag(average)?) {
                (false, _) => Reduction::None,
                (true, true) => Reduction::Mean,
                (true, false) => Reduction::Sum,
            });
        }
        match b.str(n)? {
            "none" => Ok(Reduction::None),
            "mean" => Ok(Reduction::Mean),
            "sum" => Ok(Reduction::Sum),
            other => Err(unknown(format!("{other} is not a valid value for reduction"), other, n)),
        }
    }

    /// What it makes of the losses.
    pub fn apply<'s>(self, losses: &Term<'s>) -> Term<'s> {
        match self {
            Reduction::None => losses.clone(),
            Reduction::Mean => losses.op("mean"),
            Reduction::Sum => losses.op("sum"),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Reduction::None => "none",
            Reduction::Mean => "mean",
            Reduction::Sum => "sum",
        }
    }

    /// Its name as a value.
    pub fn value(self) -> Value {
        Value::str(self.name())
    }
}

/// The error for a word that is no reduction.
#[cold]
pub fn unknown(sentence: String, word: &str, n: usize) -> Error {
    let error = Error::value(sentence).label(Place::Arg(n), "");
    match nearest(word, ["none", "mean", "sum"]) {
        Some(near) => error.note(format!("did you mean '{near}'?")),
        None => error.note("it is 'mean', 'sum' or 'none'"),
    }
}
