//! Reductions against naive loops, over any layout and any set of dimensions; and against what PyTorch gives.

use super::*;
use crate::kernels::testing::{elements, floats, layout_of, longs, shapes};
use proptest::prelude::*;

/// The elements that make each result, in row-major order of both.
fn groups(array: &Array, dims: &[usize]) -> Vec<Vec<f64>> {
    let shape = array.shape();
    let kept: Vec<usize> = (0..shape.len()).filter(|d| !dims.contains(d)).collect();
    let mut groups = vec![Vec::new(); kept.iter().map(|&d| shape[d]).product()];
    for (linear, value) in elements(array).into_iter().enumerate() {
        let (mut rest, mut position) = (linear, vec![0; shape.len()]);
        for d in (0..shape.len()).rev() {
            position[d] = rest % shape[d];
            rest /= shape[d];
        }
        groups[kept.iter().fold(0, |at, &d| at * shape[d] + position[d])].push(value);
    }
    groups
}

fn cases() -> impl Strategy<Value = (Array, Vec<usize>)> {
    shapes().prop_flat_map(|shape| {
        let dims = proptest::sample::subsequence((0..shape.len()).collect::<Vec<_>>(), 0..=shape.len());
        (layout_of(shape), dims)
    })
}

proptest! {
    #[test]
    fn any_dims_of_any_layout((array, dims) in cases()) {
        let groups = groups(&array, &dims);
        let of = |f: fn(&[f64]) -> f64| groups.iter().map(|g| f(g)).collect::<Vec<_>>();
        prop_assert_eq!(elements(&sum(&array, &dims, false, None).unwrap()), of(|g| g.iter().sum()));
        prop_assert_eq!(
            elements(&count_nonzero(&array, &dims).unwrap()),
            of(|g| g.iter().filter(|&&v| v != 0.0).count() as f64)
        );
        if groups.iter().all(|g| !g.is_empty()) && array.numel() > 0 {
            prop_assert_eq!(
                elements(&amax("amax", &array, Some(&dims), true).unwrap()),
                of(|g| g.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            );
            let variances = elements(&var(&array, &dims, false, 0.0).unwrap());
            let naive = of(|g| {
                let mean = g.iter().sum::<f64>() / g.len() as f64;
                g.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / g.len() as f64
            });
            for (a, b) in variances.iter().zip(naive) {
                prop_assert!((a - b).abs() <= 1e-5 * b.max(1e-3), "{} {}", a, b);
            }
        }
        if let [dim] = dims[..] && array.numel() > 0 {
            let (values, indices) = min_with_indices(&array, dim, false).unwrap();
            let first = |g: &[f64]| {
                g.iter().enumerate().fold(0, |best, (i, v)| if *v < g[best] { i } else { best }) as f64
            };
            prop_assert_eq!(elements(&indices), groups.iter().map(|g| first(g)).collect::<Vec<_>>());
            prop_assert_eq!(elements(&values), of(|g| g.iter().copied().fold(f64::INFINITY, f64::min)));
        }
    }
}

#[test]
fn long_sums_are_exact_to_the_last_digits() {
    let n = 1_000_003;
    let values: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin() + 0.1).collect();
    let exact: f64 = values.iter().map(|&v| f64::from(v)).sum();
    let a = floats(&values, &[n]);
    let total = elements(&sum(&a, &[0], false, None).unwrap())[0];
    assert!(((total - exact) / exact).abs() < 1e-6, "{total} {exact}");
    // As one column of a matrix, it goes the other way.
    let column = a.with_layout(crate::tensor::layout::Layout::from_parts(
        [n, 2].into_iter().collect(),
        [1, 0].into_iter().collect(),
        0,
    ));
    let total = elements(&sum(&column, &[0], false, None).unwrap());
    assert!(total.iter().all(|t| ((t - exact) / exact).abs() < 1e-6), "{total:?} {exact}");
}

#[test]
fn nan_wins_and_the_first_of_equals() {
    let a = floats(&[1.0, f32::NAN, 3.0, f32::NAN], &[4]);
    assert!(elements(&amax("max", &a, None, false).unwrap())[0].is_nan());
    assert_eq!(elements(&argmax(&a, None, false).unwrap()), [1.0]);
    assert_eq!(elements(&argmin(&a, Some(0), true).unwrap()), [1.0]);
    assert_eq!(elements(&argmax(&longs(&[2, 7, 7]), None, false).unwrap()), [1.0]);
    assert_eq!(elements(&nansum(&a, &[0], false, None).unwrap()), [4.0]);
}

#[test]
fn empty_reductions() {
    let none = floats(&[], &[0]);
    assert_eq!(elements(&sum(&none, &[0], false, None).unwrap()), [0.0]);
    assert!(elements(&mean(&none, &[0], false, None).unwrap())[0].is_nan());
    assert_eq!(elements(&prod(&none, &[0], false, None).unwrap()), [1.0]);
    let error = argmax(&none, None, false).unwrap_err();
    assert_eq!(
        error.message(),
        "argmax(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
    );
    let error = max_with_indices(&floats(&[], &[2, 0]), 1, false).unwrap_err();
    assert_eq!(error.message(), "max(): Expected reduction dim 1 to have non-zero size.");
}

#[test]
fn dtypes_follow_pytorch() {
    let bools = Array::from_bools(&[true, false, true], &[3]).unwrap();
    assert_eq!(sum(&bools, &[0], false, None).unwrap().dtype, DType::I64);
    assert_eq!(elements(&all(&bools, &[0], false).unwrap()), [0.0]);
    assert_eq!(elements(&super::any(&bools, &[0], false).unwrap()), [1.0]);
    assert_eq!(amax("max", &bools, None, false).unwrap().dtype, DType::Bool);
    let halves =
        crate::kernels::cast::cast(&floats(&[60000.0, 60000.0, -60000.0], &[3]), DType::F16).unwrap();
    // float32 on the way: no overflow.
    assert_eq!(elements(&sum(&halves, &[0], false, None).unwrap()), [60000.0 - 0.0]);
}

#[test]
fn norms_and_logsumexp() {
    // PyTorch: torch.tensor([3., -4.]).norm(p), torch.logsumexp(torch.tensor([1000., 1000.5]), 0)
    let a = floats(&[3.0, -4.0], &[2]);
    let of = |p| elements(&norm(&a, p, &[0], false, None).unwrap())[0] as f32;
    assert_eq!(
        [of(2.0), of(1.0), of(0.0), of(f64::INFINITY), of(f64::NEG_INFINITY)],
        [5.0, 7.0, 2.0, 4.0, 3.0]
    );
    assert_eq!(of(3.0), 4.497_941_5);
    let large = floats(&[1000.0, 1000.5], &[2]);
    assert_eq!(elements(&logsumexp(&large, &[0], false).unwrap())[0] as f32, 1_000.974_06);
}
