//! The engine against naive loops, over arrays in all kinds of layouts.

use super::opcodes::{ADD, FLOOR_DIVIDE, GT, MUL, WHERE};
use super::{Operand, Program, map, map_into};
use crate::kernels::testing::{elements, floats, layout_of, longs, shapes};
use crate::kernels::{cast, copy};
use crate::tensor::array::Array;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape};
use crate::tensor::scalar::Scalar;
use proptest::prelude::*;

fn pairs() -> impl Strategy<Value = (Array, Array)> {
    shapes().prop_flat_map(|shape| (layout_of(shape.clone()), layout_of(shape)))
}

/// The array's transpose.
fn transposed(array: &Array) -> Array {
    let shape: Shape = array.shape().iter().rev().copied().collect();
    let strides = array.strides().iter().rev().copied().collect();
    array.with_layout(Layout::from_parts(shape, strides, array.offset()))
}

proptest! {
    #[test]
    fn any_layouts_add_up((a, b) in pairs()) {
        let sum = map(&ADD, DType::F32, &[Operand::Array(&a), Operand::Array(&b)]).unwrap();
        let naive: Vec<f64> = elements(&a).iter().zip(elements(&b)).map(|(a, b)| a + b).collect();
        prop_assert_eq!(elements(&sum), naive);
    }

    #[test]
    fn steps_and_casts_join_in_one_program((a, b) in pairs()) {
        let mut program = Program::new();
        let (x, y) = (program.array(&a), program.array(&b));
        let half = program.scalar(Scalar::Float(0.5));
        let product = program.apply(&MUL, DType::F32, &[x, y]).unwrap();
        let large = program.apply(&GT, DType::F32, &[product, half]).unwrap();
        let wide = program.cast(y, DType::F64);
        let picked = program.apply(&WHERE, DType::F64, &[large, wide, half]).unwrap();
        let result = program.cast(picked, DType::I32);
        let got = program.run(result).unwrap();
        let naive: Vec<f64> =
            elements(&a).iter().zip(elements(&b)).map(|(a, b)| if a * b > 0.5 { b } else { 0.0 }).collect();
        prop_assert_eq!(elements(&got), naive);
    }

    #[test]
    fn copies_and_writes_keep_every_element((a, b) in pairs()) {
        prop_assert_eq!(elements(&copy::contiguous(&a).unwrap()), elements(&a));
        prop_assert_eq!(elements(&copy::duplicate(&a).unwrap()), elements(&a));
        let dest = copy::duplicate(&b).unwrap();
        copy::copy_into(&a, &dest).unwrap();
        prop_assert_eq!(elements(&dest), elements(&a));
    }
}

#[test]
fn destinations_may_be_operands() {
    let values: Vec<f32> = (0..300_000).map(|i| i as f32).collect();
    let a = floats(&values, &[300_000]);
    map_into(&ADD, DType::F32, &[Operand::Array(&a), Operand::Array(&a)], &a).unwrap();
    assert!(elements(&a).iter().enumerate().all(|(i, &v)| v == 2.0 * i as f64));
}

#[test]
fn rows_of_one_storage_are_added_in_place() {
    let a = floats(&(0..80).map(|i| i as f32).collect::<Vec<_>>(), &[2, 40]);
    let row = |i: usize| {
        a.with_layout(Layout::from_parts([40].into_iter().collect(), [1].into_iter().collect(), i * 40))
    };
    map_into(&ADD, DType::F32, &[Operand::Array(&row(0)), Operand::Array(&row(1))], &row(0)).unwrap();
    assert_eq!(elements(&a)[..3], [40.0, 42.0, 44.0]);
    assert_eq!(elements(&a)[40..43], [40.0, 41.0, 42.0]);
}

#[test]
fn large_transposes_are_cut_over_threads() {
    let n = 700;
    let m = floats(&(0..n * n).map(|i| i as f32).collect::<Vec<_>>(), &[n, n]);
    let sum = map(&ADD, DType::F32, &[Operand::Array(&m), Operand::Array(&transposed(&m))]).unwrap();
    let sum = elements(&sum);
    assert!((0..n * n).all(|at| sum[at] == (at + at % n * n + at / n) as f64));
    let copy = copy::contiguous(&transposed(&m)).unwrap();
    assert!(copy.layout.is_contiguous());
    assert_eq!(elements(&copy), elements(&transposed(&m)));
    // In place, into a transposed destination.
    map_into(
        &ADD,
        DType::F32,
        &[Operand::Array(&transposed(&m)), Operand::Scalar(Scalar::Int(1))],
        &transposed(&m),
    )
    .unwrap();
    assert_eq!(elements(&m)[n + 1], (n + 2) as f64);
}

#[test]
fn only_the_outermost_dimension_is_cut() {
    // The middle dimension is longer than a box, the outer one is not.
    let (a, b) =
        (floats(&vec![1.0; 5 * 33 * 900], &[5, 33, 900]), floats(&vec![2.0; 900 * 33 * 5], &[900, 33, 5]));
    let sum = map(&ADD, DType::F32, &[Operand::Array(&a), Operand::Array(&transposed(&b))]).unwrap();
    assert!(elements(&sum).iter().all(|&v| v == 3.0));
}

#[test]
fn sixteen_bit_floats_round_after_each_op() {
    // PyTorch: torch.tensor([0.1, 1.3, 2.7], dtype=torch.float16) * 0.1 and * torch.tensor([0.1], dtype=torch.float16)
    let x = cast::cast(&floats(&[0.1, 1.3, 2.7], &[3]), DType::F16).unwrap();
    let tenth = cast::cast(&floats(&[0.1], &[1]), DType::F16).unwrap();
    let unrounded =
        map(&MUL, DType::F16, &[Operand::Array(&x), Operand::Scalar(Scalar::Float(0.1))]).unwrap();
    let rounded = map(&MUL, DType::F16, &[Operand::Array(&x), Operand::Array(&tenth)]).unwrap();
    assert_eq!(unrounded.dtype, DType::F16);
    assert_eq!(elements(&unrounded)[2], 0.27001953125);
    assert_eq!(elements(&rounded)[2], 0.269775390625);
}

#[test]
fn integer_division_by_zero_is_an_error() {
    let error = map(&FLOOR_DIVIDE, DType::I64, &[Operand::Array(&longs(&[7])), Operand::Array(&longs(&[0]))]);
    assert_eq!(error.unwrap_err().message(), "ZeroDivisionError");
}

#[test]
fn meta_arrays_pass_through() {
    let meta = Array::meta(Layout::contiguous(&[3, 1]).unwrap(), DType::F32).unwrap();
    let row = floats(&[1.0, 2.0], &[2]);
    let sum = map(&ADD, DType::F32, &[Operand::Array(&meta), Operand::Array(&row)]).unwrap();
    assert!(sum.is_meta());
    assert_eq!(sum.shape(), [3, 2]);
}

#[test]
fn floats_become_ints_as_the_processor_does_it() {
    // PyTorch: torch.tensor([1e10, -1e10, nan, 300., -1.]).to(...)
    let x = floats(&[1e10, -1e10, f32::NAN, 300.0, -1.0], &[5]);
    let min = f64::from(i32::MIN);
    assert_eq!(elements(&cast::cast(&x, DType::I32).unwrap()), [min, min, min, 300.0, -1.0]);
    assert_eq!(elements(&cast::cast(&x, DType::I8).unwrap()), [0.0, 0.0, 0.0, 44.0, -1.0]);
    assert_eq!(elements(&cast::cast(&x, DType::U8).unwrap()), [0.0, 0.0, 0.0, 44.0, 255.0]);
    assert_eq!(elements(&cast::cast(&x, DType::Bool).unwrap()), [1.0; 5]);
}
