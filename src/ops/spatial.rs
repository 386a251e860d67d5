//! What convolutions and pools have in common: lists of one number for each spatial dimension, and the batch that may be
//! left out.

use crate::error::{Error, Place, Result};
use crate::tensor::array::Array;
use crate::value::entry::Bindings;

/// One number for each of `dims` spatial dimensions; one alone stands for all. None where there are more or fewer.
pub fn spread(list: &[i64], dims: usize) -> Option<Vec<i64>> {
    match list {
        [one] => Some(vec![*one; dims]),
        _ if list.len() == dims => Some(list.to_vec()),
        _ => None,
    }
}

/// Whole numbers joined by ` x `, as PyTorch's sentences about sizes have them.
pub fn by(sizes: &[i64], between: &str) -> String {
    sizes.iter().map(i64::to_string).collect::<Vec<_>>().join(between)
}

/// A list of one number for each dimension, for pools: it may have one or `dims` of them.
pub fn pool_list(b: &Bindings, n: usize, dims: usize, op: &str, name: &str) -> Result<Vec<i64>> {
    let list = b.ints(n)?;
    spread(&list, dims).ok_or_else(|| {
        let count = ["one int", "two ints", "three ints"].get(dims - 1).unwrap_or(&"ints");
        Error::runtime(format!("{op}: {name} must either be a single int, or a tuple of {count}"))
            .label(Place::Arg(n), "")
    })
}

/// Sizes of the spatial dimensions of an array.
pub fn sizes(array: &Array, dims: usize) -> Vec<usize> {
    array.shape()[array.ndim().saturating_sub(dims)..].to_vec()
}

/// Three of what there are up to three of: what is missing stands before.
pub fn three<T: Clone>(list: Vec<T>, nothing: &T) -> [T; 3] {
    let missing = 3usize.saturating_sub(list.len());
    let mut all = std::iter::repeat_n(nothing.clone(), missing).chain(list);
    let mut next = || all.next().unwrap_or_else(|| nothing.clone());
    [next(), next(), next()]
}
