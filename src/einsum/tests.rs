//! Random equations against the loop nest that defines them.

use super::binding::{Binding, Ids};
use super::*;
use crate::kernels::cast::cast;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use proptest::prelude::*;

/// The definition: a loop over all letters, one product a round.
fn naive(equation: &Equation, operands: &[Array]) -> (Vec<usize>, Vec<i64>) {
    let shapes: Vec<&[usize]> = operands.iter().map(Array::shape).collect();
    let binding = Binding::new(equation, &shapes).expect("valid");
    let mut labels: Ids = binding.output.clone();
    for label in binding.operands.iter().flatten() {
        if !labels.contains(label) {
            labels.push(*label);
        }
    }
    let sizes: Vec<usize> = labels.iter().map(|l| binding.size(*l)).collect();
    let shape: Vec<usize> = sizes[..binding.output.len()].to_vec();
    let mut out = vec![0i64; shape.iter().product()];
    let total: usize = sizes.iter().product();
    for mut n in 0..total {
        let mut index = vec![0; sizes.len()];
        for (at, &size) in sizes.iter().enumerate().rev() {
            index[at] = n % size;
            n /= size;
        }
        let mut value = 1i64;
        for (array, own) in operands.iter().zip(&binding.operands) {
            let mut place = array.offset() as isize;
            for (dim, label) in own.iter().enumerate() {
                let at = labels.iter().position(|l| l == label).expect("known");
                let i = if array.shape()[dim] == 1 { 0 } else { index[at] };
                place += array.strides()[dim] * i as isize;
            }
            value = value.wrapping_mul(array.storage.read::<i64>()[place as usize]);
        }
        let at = shape.iter().zip(&index).fold(0, |at, (size, i)| at * size + i);
        out[at] = out[at].wrapping_add(value);
    }
    (shape, out)
}

fn values(array: &Array) -> Vec<i64> {
    let array = crate::kernels::copy::contiguous(array).expect("small");
    let from = array.offset();
    array.storage.read::<i64>()[from..from + array.numel()].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_equations_agree_with_the_loop_nest(
        terms in prop::collection::vec(prop::collection::vec(0usize..5, 0..4), 1..4),
        sizes in prop::collection::vec(0usize..4, 5),
        ones in prop::collection::vec(any::<bool>(), 12),
        output in prop::collection::vec(0usize..5, 0..4),
        implicit in any::<bool>(),
        dtype in prop::sample::select(&[DType::I64, DType::F32, DType::F64, DType::I32, DType::I16, DType::F16, DType::BF16][..]),
    ) {
        let letter = |n: &usize| char::from(b'a' + *n as u8);
        let mut text: String = terms.iter().map(|t| t.iter().map(letter).collect::<String>()).collect::<Vec<_>>().join(",");
        if !implicit {
            let mut kept: Vec<usize> = Vec::new();
            for n in output {
                if terms.iter().flatten().any(|t| *t == n) && !kept.contains(&n) {
                    kept.push(n);
                }
            }
            text.push_str("->");
            text.extend(kept.iter().map(letter));
        }
        let mut flags = ones.iter().cycle();
        let operands: Vec<Array> = terms
            .iter()
            .map(|term| {
                // An operand has size one for a letter now and then; inside one operand a letter has one size.
                let narrow: Vec<bool> = (0..5).map(|_| *flags.next().expect("endless") && *flags.next().expect("endless")).collect();
                let shape: Vec<usize> = term.iter().map(|n| if narrow[*n] { 1 } else { sizes[*n] }).collect();
                let count: usize = shape.iter().product();
                let data: Vec<i64> = (0..count as i64).map(|i| (i * 7 + 3) % 11 - 5).collect();
                Array::from_slice(&data, &shape).expect("small")
            })
            .collect();
        let equation = Equation::parse(&text, operands.len()).expect("valid");
        // What 16-bit floats add up must be small enough to be exact.
        let operands: Vec<Array> = operands
            .into_iter()
            .map(|array| match dtype {
                DType::F16 | DType::BF16 => {
                    let data: Vec<i64> = values(&array).iter().map(|value| value.signum()).collect();
                    Array::from_slice(&data, array.shape()).expect("small")
                }
                _ => array,
            })
            .collect();
        let typed: Vec<Array> = operands.iter().map(|array| cast(array, dtype).expect("small")).collect();
        let result = cast(&einsum(&equation, &typed).expect("fits"), DType::I64).expect("small");
        let (shape, expected) = naive(&equation, &operands);
        prop_assert_eq!(result.shape(), &shape[..], "{}", text);
        prop_assert_eq!(values(&result), expected, "{}", text);
    }
}

#[test]
fn a_diagonal_is_a_view() {
    let matrix = Array::from_slice(&[1i64, 2, 3, 4], &[2, 2]).expect("small");
    let equation = Equation::parse("ii->i", 1).expect("valid");
    let diagonal = einsum(&equation, std::slice::from_ref(&matrix)).expect("fits");
    assert!(diagonal.storage.same(&matrix.storage));
    assert_eq!(values(&diagonal), [1, 4]);
}

#[test]
fn mistakes_are_named() {
    let check = |text: &str, shapes: &[&[usize]], expected: &str| {
        let operands: Vec<Array> =
            shapes.iter().map(|s| Array::zeros(s, DType::I64).expect("small")).collect();
        let result = Equation::parse(text, operands.len()).and_then(|e| einsum(&e, &operands));
        let message = result.map(|_| ()).expect_err("wrong").message().to_owned();
        assert_eq!(message, format!("einsum(): {expected}"));
    };
    check("i.j", &[&[2]], "found '.' for operand 0 that is not part of any ellipsis");
    check("ii", &[&[2, 3]], "subscript i is repeated for operand 0 but the sizes don't match, 3 != 2");
    check(
        "ij,jk",
        &[&[2, 3], &[4, 5]],
        "subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3",
    );
    check("ij->k", &[&[2, 3]], "output subscript k does not appear in the equation for any input operand");
    check("i", &[&[2], &[2]], "more operands were provided than specified in the equation");
}

#[test]
fn paths_are_read_and_written_as_numpy_does() {
    let equation = Equation::parse("ij,jk,kl->il", 3).expect("valid");
    let ready = Compiled::new(&equation, &[&[9, 2], &[2, 9], &[9, 2]]).expect("valid");
    assert_eq!(path::positions(&ready.plan, 3), [[1, 2], [0, 1]]);
    assert_eq!(path::pairs(&[vec![0, 1], vec![0, 1]], 3), Some(vec![(0, 1), (2, 3)]));
    assert_eq!(path::pairs(&[vec![0, 1, 2]], 3), Some(vec![(0, 1), (3, 2)]));
    assert_eq!(path::pairs(&[vec![0, 1]], 3), None);
    assert_eq!(path::pairs(&[vec![0, 3], vec![0, 1]], 3), None);
    assert!(ready.report().contains("         Naive scaling:  4\n     Optimized scaling:  3\n"));
}

#[test]
fn what_was_compiled_is_found_again() {
    let a = Array::zeros(&[3, 4], DType::F32).expect("small");
    let b = Array::zeros(&[4, 5], DType::F32).expect("small");
    let first = compiled(Notation::Text("ij,jk->ki"), &[a.clone(), b.clone()], None).expect("valid");
    let again = compiled(Notation::Text("ij,jk->ki"), &[a.clone(), b.clone()], None).expect("valid");
    assert!(std::rc::Rc::ptr_eq(&first, &again));
    let other = compiled(
        Notation::Text("ji,kj->ki"),
        &[a, b.with_layout(Layout::contiguous(&[5, 3]).expect("small"))],
        None,
    );
    assert!(other.is_ok_and(|other| !std::rc::Rc::ptr_eq(&first, &other)));
}
