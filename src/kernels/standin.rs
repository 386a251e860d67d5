//! Stand-ins until the tensor layer lands.
#![allow(missing_docs)]
use crate::error::Result;
use crate::tensor::layout::{Layout, Shape, Strides, contiguous_strides};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    Bool(bool),
    Int(i64),
    Float(f64),
}

pub fn output_layout(shape: &[usize], operands: &[&Layout]) -> Result<Layout> {
    let n = shape.len();
    let stride = |l: &Layout, d: usize| {
        let missing = n - l.ndim();
        if d < missing || l.shape()[d - missing] == 1 { 0 } else { l.strides()[d - missing] }
    };
    let swap = |a: usize, b: usize| -> i32 {
        for l in operands {
            let (x, y) = (stride(l, a), stride(l, b));
            if x == 0 || y == 0 {
                continue;
            }
            if x != y {
                return if x < y { -1 } else { 1 };
            }
            if shape[a] > shape[b] {
                return 1;
            }
        }
        0
    };
    let mut perm: Vec<usize> = (0..n).rev().collect();
    for i in 1..n {
        let mut dim1 = i;
        for dim0 in (0..i).rev() {
            match swap(perm[dim0], perm[dim1]) {
                c if c > 0 => {
                    perm.swap(dim0, dim1);
                    dim1 = dim0;
                }
                c if c < 0 => break,
                _ => {}
            }
        }
    }
    let _ = contiguous_strides(shape);
    let mut strides = Strides::from_elem(1, n);
    let mut next = 1isize;
    for &d in &perm {
        strides[d] = next;
        next *= shape[d].max(1) as isize;
    }
    Ok(Layout::from_parts(Shape::from_slice(shape), strides, 0))
}
