//! Kernels: what runs over the data. Functions on arrays, which give fresh arrays or write into one.
//!
//! An array of the `meta` device passes through: shape, strides and dtype are computed, no data is touched.

pub mod threads;
pub mod simd;
pub mod math;
pub mod walk;
pub mod transfer;
pub mod elementwise;
pub mod trace;
pub mod cast;
pub mod copy;
pub mod ctc;
pub mod reduce;
pub mod softmax;
pub mod inner;
pub mod matmul;
pub mod linalg;
pub mod lend;
pub mod mask;
pub mod nonzero;
pub mod gather;
pub mod select;
pub mod scatter;
pub mod concat;
pub mod create;
pub mod scan;
pub mod spread;
pub mod watch;
pub mod sort;
pub mod unique;
pub mod random;
pub mod nll;
pub mod normalise;
pub mod convolution;
pub mod pool;
pub mod resample;
pub mod grid_sample;

#[cfg(test)]
pub mod testing;
