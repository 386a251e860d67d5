//! Laws of layouts, checked against walking over the elements one by one.

use proptest::prelude::*;
use tenscope::tensor::broadcast::{broadcast_all, broadcast_layout, broadcast_shapes, meets};
use tenscope::tensor::layout::Layout;
use tenscope::tensor::order::{elementwise_layout, is_dense, preserved_layout};
use tenscope::tensor::view;

fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..5, 0..5)
}

/// Row-major layouts that were permuted, sliced and stretched.
fn layout() -> impl Strategy<Value = Layout> {
    (shape(), any::<u64>(), 1i64..3, 0i64..2).prop_map(|(shape, seed, step, start)| {
        let mut layout = Layout::contiguous(&shape).unwrap();
        let ndim = layout.ndim() as i64;
        if ndim > 0 {
            let dim = (seed % ndim as u64) as i64;
            layout = view::transpose(&layout, dim, (seed >> 8) as i64 % ndim).unwrap();
            layout = view::slice(&layout, dim, Some(start), None, Some(step)).unwrap();
        }
        layout
    })
}

fn places(layout: &Layout) -> Vec<usize> {
    layout.places().collect()
}

/// The shapes that a number of elements can have, some of them.
fn regrouped(layout: &Layout, cut: usize) -> Vec<i64> {
    let numel = layout.numel();
    match (1..=numel).filter(|size| numel.is_multiple_of(*size)).nth(cut) {
        Some(size) => vec![size as i64, -1],
        None => vec![numel as i64],
    }
}

proptest! {
    #[test]
    fn a_view_reads_the_same_places_in_the_same_order(layout in layout(), cut in 0usize..6) {
        let sizes = regrouped(&layout, cut);
        let (shape, found) = view::reshape(&layout, &sizes).unwrap();
        prop_assert_eq!(shape.iter().product::<usize>(), layout.numel());
        match found {
            Some(view) => prop_assert_eq!(places(&view), places(&layout)),
            None => prop_assert!(!layout.is_contiguous()),
        }
        let same = view::try_view(&layout, layout.shape()).unwrap();
        prop_assert_eq!(places(&same), places(&layout));
    }

    #[test]
    fn unsqueeze_and_squeeze_undo_each_other(layout in layout(), dim in 0i64..5) {
        let dim = dim % (layout.ndim() as i64 + 1);
        let more = view::unsqueeze(&layout, dim).unwrap();
        prop_assert_eq!(places(&more), places(&layout));
        prop_assert_eq!(view::squeeze_dims(&more, &[dim]).unwrap(), layout.clone());
        // An indexing by `None` at that place is the same.
        prop_assert_eq!(view::select(&more, dim, 0).unwrap(), layout);
    }

    #[test]
    fn permutations_compose(layout in layout()) {
        let turned = view::reverse(&layout);
        prop_assert_eq!(view::reverse(&turned), layout.clone());
        let order: Vec<i64> = (0..layout.ndim() as i64).rev().collect();
        prop_assert_eq!(view::permute(&layout, &order).unwrap(), turned.clone());
        let (mut a, mut b) = (places(&layout), places(&turned));
        a.sort_unstable();
        b.sort_unstable();
        prop_assert_eq!(a, b);
    }

    #[test]
    fn slices_pick_the_places_python_picks(
        size in 0usize..8, start in -10i64..10, stop in -10i64..10, step in 1i64..4,
    ) {
        let layout = Layout::contiguous(&[size]).unwrap();
        let clamp = |at: i64| (if at < 0 { at + size as i64 } else { at }).clamp(0, size as i64);
        let expected: Vec<usize> =
            (clamp(start)..clamp(stop)).step_by(step as usize).map(|at| at as usize).collect();
        prop_assert_eq!(places(&view::slice(&layout, 0, Some(start), Some(stop), Some(step)).unwrap()), expected);
    }

    #[test]
    fn shapes_meet_whatever_the_order(a in shape(), b in shape(), c in shape()) {
        let one = broadcast_shapes(&a, &b);
        let other = broadcast_shapes(&b, &a);
        prop_assert_eq!(one.is_ok(), meets(&a, &b));
        prop_assert_eq!(one.as_ref().ok(), other.as_ref().ok());
        let all = broadcast_all([&a[..], &b, &c]).ok();
        let turned = broadcast_all([&c[..], &b, &a]).ok();
        prop_assert_eq!(all, turned);
    }

    #[test]
    fn stretching_repeats_elements(layout in layout(), lead in prop::collection::vec(1usize..4, 0..3)) {
        let mut shape = lead.clone();
        shape.extend(layout.shape().iter().map(|&size| if size == 1 { 3 } else { size }));
        let wide = broadcast_layout(&layout, &shape).unwrap();
        let rows = Layout::contiguous(&shape).unwrap();
        for (number, place) in wide.places().enumerate() {
            let index: Vec<usize> = (0..shape.len())
                .map(|dim| number / rows.strides()[dim] as usize % shape[dim])
                .collect();
            let own: Vec<usize> = index[lead.len()..]
                .iter()
                .zip(layout.shape())
                .map(|(&at, &size)| if size == 1 { 0 } else { at })
                .collect();
            prop_assert_eq!(place, layout.place(&own));
        }
    }

    #[test]
    fn fresh_results_are_dense(a in layout(), b in layout()) {
        prop_assert!(is_dense(&preserved_layout(&a)));
        if let Ok(shape) = broadcast_shapes(a.shape(), b.shape()) {
            let result = elementwise_layout(&[&a, &b], &shape);
            prop_assert!(is_dense(&result));
            prop_assert_eq!(result.shape(), shape.as_slice());
        }
    }

    #[test]
    fn a_diagonal_has_equal_indices(rows in 0usize..5, columns in 0usize..5, offset in -5i64..5) {
        let layout = Layout::contiguous(&[rows, columns]).unwrap();
        let expected: Vec<usize> = (0..rows as i64)
            .filter(|row| (0..columns as i64).contains(&(row + offset)))
            .map(|row| layout.place(&[row as usize, (row + offset) as usize]))
            .collect();
        prop_assert_eq!(places(&view::diagonal(&layout, offset, 0, 1).unwrap()), expected);
    }
}
