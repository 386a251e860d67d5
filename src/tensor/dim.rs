//! Dimension numbers: negative ones count from the end, and a tensor without dimensions takes 0 and -1.

use crate::error::{Error, Result};
use smallvec::SmallVec;

/// A short list of dimensions.
pub type Dims = SmallVec<[usize; 5]>;

/// A dimension number as an index. Without dimensions, 0 and -1 stand for the whole and give 0: the caller must not
/// index with it then.
#[inline]
pub fn wrap(dim: i64, ndim: usize) -> Result<usize> {
    wrap_range(dim, ndim.max(1))
}

/// [`wrap`] where `size` numbers are allowed, not at least one.
#[inline]
pub fn wrap_range(dim: i64, size: usize) -> Result<usize> {
    let wrapped = if dim < 0 { dim.saturating_add(size as i64) } else { dim };
    if (0..size as i64).contains(&wrapped) { Ok(wrapped as usize) } else { Err(out_of_range(dim, size)) }
}

#[cold]
fn out_of_range(dim: i64, size: usize) -> Error {
    let size = size as i64;
    Error::index(format!(
        "Dimension out of range (expected to be in range of [{}, {}], but got {dim})",
        -size,
        size - 1
    ))
}

/// Dimension numbers as indices, none of them twice.
pub fn wrap_list(dims: &[i64], ndim: usize) -> Result<Dims> {
    let mut wrapped = Dims::new();
    for &dim in dims {
        let dim = wrap(dim, ndim)?;
        if wrapped.contains(&dim) {
            return Err(Error::runtime(format!("dim {dim} appears multiple times in the list of dims")));
        }
        wrapped.push(dim);
    }
    Ok(wrapped)
}

/// The dimensions a reduction goes over, ascending: all of them where none are named (`None` or an empty list).
pub fn reduced(dims: Option<&[i64]>, ndim: usize) -> Result<Dims> {
    match dims {
        None | Some([]) => Ok((0..ndim).collect()),
        Some(dims) => {
            let mut dims = wrap_list(dims, ndim)?;
            dims.retain(|dim| *dim < ndim);
            dims.sort_unstable();
            Ok(dims)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: Result<usize>, expected: &str) {
        let text = match result {
            Ok(dim) => dim.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn dims_wrap_as_in_pytorch() {
        check(wrap(1, 2), "1");
        check(wrap(-2, 2), "0");
        check(
            wrap(2, 2),
            "IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)",
        );
        check(wrap(-1, 0), "0");
        check(
            wrap(1, 0),
            "IndexError: Dimension out of range (expected to be in range of [-1, 0], but got 1)",
        );
        check(
            wrap(i64::MIN, 3),
            "IndexError: Dimension out of range (expected to be in range of [-3, 2], but got -9223372036854775808)",
        );
    }

    #[test]
    fn lists_name_a_dim_once() {
        assert_eq!(wrap_list(&[0, -1], 3).unwrap().as_slice(), [0, 2]);
        let error = wrap_list(&[0, -2], 2).unwrap_err();
        assert_eq!(error.to_string(), "RuntimeError: dim 0 appears multiple times in the list of dims");
        assert_eq!(reduced(Some(&[]), 2).unwrap().as_slice(), [0, 1]);
        assert_eq!(reduced(Some(&[-1, 0]), 3).unwrap().as_slice(), [0, 2]);
        assert!(reduced(Some(&[0]), 0).unwrap().is_empty());
    }
}
