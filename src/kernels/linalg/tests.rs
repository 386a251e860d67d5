//! The factorizations multiply back to what was factored.

use super::lu::Triangle;
use super::*;
use proptest::prelude::*;

/// A product of matrices by columns.
fn times(a: &[f64], b: &[f64], rows: usize, inner: usize) -> Vec<f64> {
    let cols = b.len().checked_div(inner).unwrap_or(0);
    let cell = |i: usize, j: usize| (0..inner).map(|k| a[k * rows + i] * b[j * inner + k]).sum();
    (0..rows * cols).map(|at| cell(at % rows, at / rows)).collect()
}

fn transposed(a: &[f64], rows: usize) -> Vec<f64> {
    let cols = a.len() / rows;
    (0..a.len()).map(|at| a[(at % cols) * rows + at / cols]).collect()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9 * (1.0 + b.abs()))
}

fn identity(n: usize) -> Vec<f64> {
    (0..n * n).map(|at| if at % n == at / n { 1.0 } else { 0.0 }).collect()
}

/// Sizes and elements of a matrix; whole numbers, so that many have zeros and equal columns.
fn matrix(most: usize) -> impl Strategy<Value = (usize, usize, Vec<f64>)> {
    (1..=most, 1..=most).prop_flat_map(|(rows, cols)| {
        let values = prop::collection::vec((-4i32..=4).prop_map(f64::from), rows * cols);
        (Just(rows), Just(cols), values)
    })
}

proptest! {
    #[test]
    fn lu_multiplies_back((rows, cols, a) in matrix(9)) {
        check_lu(rows, cols, &a);
    }

    #[test]
    fn qr_multiplies_back((rows, cols, a) in matrix(9)) {
        check_qr(rows, cols, &a);
    }

    #[test]
    fn singular_vectors_multiply_back((rows, cols, a) in matrix(12)) {
        check_svd(rows, cols, &a);
    }

    #[test]
    fn eigenvectors_multiply_back((rows, _, a) in matrix(12), seed in 0usize..7) {
        let a: Vec<f64> = (0..rows * rows).map(|at| a[(at + seed) % a.len()]).collect();
        check_eigen(rows, &a);
    }
}

#[test]
fn large_ones_multiply_back() {
    let a: Vec<f64> = (0..100 * 90).map(|at| ((at * 7919 + at / 3) % 1013) as f64 / 100.0 - 5.0).collect();
    check_lu(100, 90, &a);
    check_lu(90, 100, &a);
    check_qr(100, 90, &a);
    check_qr(90, 100, &a);
    check_svd(100, 90, &a);
    check_svd(90, 100, &a);
    check_eigen(90, &a[..8100]);
}

#[test]
fn extreme_sizes_of_numbers_stay_finite() {
    for scale in [1e-300, 1e300] {
        let a: Vec<f64> = (0..12).map(|at| f64::from(at * at % 7 + 1) * scale).collect();
        let (mut u, mut s, mut v) = (vec![0.0; 12], vec![0.0; 3], vec![0.0; 9]);
        assert!(singular::decompose(
            &mut a.clone(),
            4,
            3,
            singular::Parts { u: &mut u, s: &mut s, v: &mut v }
        ));
        assert!(s.iter().all(|value| value.is_finite() && *value > 0.0), "{s:?}");
    }
}

fn check_lu(rows: usize, cols: usize, a: &[f64]) {
    let size = rows.min(cols);
    let (mut lu, mut pivots) = (a.to_vec(), vec![0; size]);
    lu::factor(&mut lu, rows, cols, &mut pivots);
    let mut permuted = a.to_vec();
    for (k, &pivot) in pivots.iter().enumerate() {
        permuted.chunks_exact_mut(rows).for_each(|column| column.swap(k, pivot as usize - 1));
    }
    let at = |i: usize, j: usize| lu[j * rows + i];
    let lower: Vec<f64> = (0..rows * size)
        .map(|n| (n % rows, n / rows))
        .map(|(i, j)| {
            if i == j {
                1.0
            } else if i > j {
                at(i, j)
            } else {
                0.0
            }
        })
        .collect();
    let upper: Vec<f64> = (0..size * cols)
        .map(|n| (n % size, n / size))
        .map(|(i, j)| if i <= j { at(i, j) } else { 0.0 })
        .collect();
    assert!(close(&times(&lower, &upper, rows, size), &permuted), "{rows}x{cols} {a:?}");
    let upper_square: Vec<f64> = upper[..size * size].to_vec();
    if (0..size).all(|k| upper_square[k * size + k].abs() > 1e-3) {
        for transposed_too in [false, true] {
            let mut x = identity(size);
            lu::triangle(
                &upper_square,
                size,
                Triangle { upper: true, unit: false, transposed: transposed_too },
                &mut x,
            );
            let back = if transposed_too { transposed(&upper_square, size) } else { upper_square.clone() };
            let back = times(&back, &x, size, size);
            assert!(back.iter().zip(identity(size)).all(|(a, b)| (a - b).abs() < 1e-5), "{size}");
        }
    }
}

fn check_qr(rows: usize, cols: usize, a: &[f64]) {
    let size = rows.min(cols);
    for wanted in [size, rows] {
        let (mut q, mut r) = (vec![0.0; rows * wanted], vec![0.0; wanted * cols]);
        householder::qr(&mut a.to_vec(), rows, cols, &mut q, &mut r, wanted);
        assert!(close(&times(&q, &r, rows, wanted), a), "{rows}x{cols} {a:?}");
        assert!(close(&times(&transposed(&q, rows), &q, wanted, rows), &identity(wanted)));
    }
}

fn check_svd(rows: usize, cols: usize, a: &[f64]) {
    let size = rows.min(cols);
    for (us, vs) in [(size, size), (rows, cols), (0, 0)] {
        let (mut u, mut s, mut v) = (vec![0.0; rows * us], vec![0.0; size], vec![0.0; cols * vs]);
        let parts = singular::Parts { u: &mut u, s: &mut s, v: &mut v };
        assert!(singular::decompose(&mut a.to_vec(), rows, cols, parts));
        assert!(s.is_sorted_by(|a, b| a >= b) && s.iter().all(|&value| value >= 0.0), "{s:?}");
        if us == 0 {
            continue;
        }
        let mut scaled = u[..rows * size].to_vec();
        scaled.chunks_exact_mut(rows).zip(&s).for_each(|(column, s)| column.iter_mut().for_each(|x| *x *= s));
        let back = times(&scaled, &transposed(&v[..cols * size], cols), rows, size);
        assert!(close(&back, a), "{rows}x{cols} {a:?}\n{u:?}\n{s:?}\n{v:?}");
        assert!(close(&times(&transposed(&u, rows), &u, us, rows), &identity(us)));
        assert!(close(&times(&transposed(&v, cols), &v, vs, cols), &identity(vs)));
    }
}

fn check_eigen(n: usize, a: &[f64]) {
    let symmetric: Vec<f64> = a.iter().zip(transposed(a, n)).map(|(a, b)| a + b).collect();
    let (mut vectors, mut values) = (symmetric.clone(), vec![0.0; n]);
    assert!(symmetric::eigen(&mut vectors, n, &mut values, true));
    assert!(values.is_sorted());
    let mut scaled = vectors.clone();
    scaled.chunks_exact_mut(n).zip(&values).for_each(|(column, s)| column.iter_mut().for_each(|x| *x *= s));
    assert!(close(&times(&scaled, &transposed(&vectors, n), n, n), &symmetric), "{n} {symmetric:?}");
    let mut alone = vec![0.0; n];
    assert!(symmetric::eigen(&mut symmetric.clone(), n, &mut alone, false));
    assert!(close(&alone, &values));
}
