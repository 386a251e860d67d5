//! Random equations against the loop nest that defines them.

use super::*;
use crate::kernels::cast::cast;
use crate::tensor::dtype::DType;
use crate::tensor::layout::{Layout, Shape, Strides};
use proptest::prelude::*;

/// Letters of the equations; those behind them stand for what an ellipsis covers.
const LETTERS: usize = 5;

/// The most dimensions that an ellipsis covers.
const COVERED: usize = 2;

/// One operand: its letters, where its ellipsis stands and how many dimensions that covers, which of its letters have
/// size one, and how it lies in memory.
#[derive(Clone, Debug)]
struct Random {
    letters: Vec<usize>,
    ellipsis: Option<(usize, usize)>,
    ones: Vec<bool>,
    lies: usize,
}

impl Random {
    /// A letter for each dimension; an ellipsis covers the last ones of those that stand for it.
    fn dims(&self) -> Vec<usize> {
        let mut dims = self.letters.clone();
        if let Some((at, covered)) = self.ellipsis {
            let at = at.min(dims.len());
            dims.splice(at..at, LETTERS + COVERED - covered..LETTERS + COVERED);
        }
        dims
    }

    fn text(&self) -> String {
        written(&self.letters, self.ellipsis.map(|(at, _)| at))
    }
}

fn written(letters: &[usize], ellipsis: Option<usize>) -> String {
    let mut text: Vec<String> = letters.iter().map(|&n| char::from(b'a' + n as u8).to_string()).collect();
    if let Some(at) = ellipsis {
        text.insert(at.min(text.len()), "...".to_owned());
    }
    text.concat()
}

fn random() -> impl Strategy<Value = Random> {
    let ellipsis = prop::option::weighted(0.3, (0usize..4, 0..=COVERED));
    let letters = prop::collection::vec(0..LETTERS, 0..4);
    let ones = prop::collection::vec(prop::bool::weighted(0.15), LETTERS + COVERED);
    (letters, ellipsis, ones, 0usize..4).prop_map(|(letters, ellipsis, ones, lies)| Random {
        letters,
        ellipsis,
        ones,
        lies,
    })
}

/// An operand of a shape over numbers that stand in one row, in one of several ways.
fn laid(shape: &[usize], way: usize) -> (usize, Layout) {
    let count: usize = shape.iter().product();
    let dense = |shape: &[usize]| -> Vec<isize> {
        let inside = |dim: usize| shape[dim + 1..].iter().product::<usize>() as isize;
        (0..shape.len()).map(inside).collect()
    };
    let layout = |strides: Vec<isize>, offset: usize| {
        Layout::from_parts(Shape::from_slice(shape), Strides::from_slice(&strides), offset)
    };
    match way {
        // Columns first; every second element; the last dimension repeated.
        1 => {
            let turned: Vec<usize> = shape.iter().rev().copied().collect();
            (count, layout(dense(&turned).into_iter().rev().collect(), 0))
        }
        2 => (2 * count + 1, layout(dense(shape).iter().map(|stride| 2 * stride).collect(), 1)),
        3 => {
            let mut strides = dense(shape);
            if let Some(last) = strides.last_mut() {
                *last = 0;
            }
            (count, layout(strides, 0))
        }
        _ => (count, layout(dense(shape), 0)),
    }
}

/// The definition: a loop over all letters, one product a round.
fn naive(operands: &[(Vec<usize>, Array)], output: &[usize], sizes: &[usize]) -> Vec<i64> {
    let mut letters = output.to_vec();
    for &letter in operands.iter().flat_map(|(dims, _)| dims) {
        if !letters.contains(&letter) {
            letters.push(letter);
        }
    }
    let numbers: Vec<Vec<i64>> =
        operands.iter().map(|(_, array)| array.storage.read::<i64>().to_vec()).collect();
    let mut out = vec![0i64; output.iter().map(|&letter| sizes[letter]).product()];
    let total: usize = letters.iter().map(|&letter| sizes[letter]).product();
    for mut n in 0..total {
        let mut index = [0; LETTERS + COVERED];
        for &letter in letters.iter().rev() {
            index[letter] = n % sizes[letter];
            n /= sizes[letter];
        }
        let mut value = 1i64;
        for ((dims, array), numbers) in operands.iter().zip(&numbers) {
            let mut place = array.offset() as isize;
            for (dim, &letter) in dims.iter().enumerate() {
                let i = if array.shape()[dim] == 1 { 0 } else { index[letter] };
                place += array.strides()[dim] * i as isize;
            }
            value *= numbers[place as usize];
        }
        let at = output.iter().fold(0, |at, &letter| at * sizes[letter] + index[letter]);
        out[at] += value;
    }
    out
}

fn values(array: &Array) -> Vec<i64> {
    let array = crate::kernels::copy::contiguous(array).expect("small");
    let from = array.offset();
    array.storage.read::<i64>()[from..from + array.numel()].to_vec()
}

/// What a number becomes in a dtype: ints wrap, a bool is whether it is not zero.
fn as_held(value: i64, dtype: DType) -> i64 {
    match dtype {
        DType::Bool => i64::from(value != 0),
        DType::U8 => i64::from(value as u8),
        DType::I8 => i64::from(value as i8),
        DType::I16 => i64::from(value as i16),
        DType::I32 => i64::from(value as i32),
        _ => value,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn random_equations_agree_with_the_loop_nest(
        mut terms in prop::collection::vec(random(), 1..6),
        free in prop::collection::vec(0usize..4, LETTERS + COVERED),
        wanted in prop::collection::vec(0..LETTERS, 0..4),
        spread in prop::option::weighted(0.7, 0usize..4),
        implicit in any::<bool>(),
        dtype in prop::sample::select(&DType::ALL[..]),
    ) {
        // Five operands of up to three letters: the loops are to stay short.
        let mut sizes = free;
        sizes[LETTERS..].iter_mut().for_each(|size| *size = (*size).min(2));
        let given = |term: &Random, letter: usize| !term.ones[letter] && term.dims().contains(&letter);
        for (letter, size) in sizes.iter_mut().enumerate() {
            // A size is that of the operands that have more than one of the letter.
            if !terms.iter().any(|term| given(term, letter)) {
                *size = 1;
            }
        }
        let some = terms.iter().any(|term| term.ellipsis.is_some());
        let widest = terms.iter().filter_map(|term| term.ellipsis).map(|(_, covered)| covered).max().unwrap_or(0);
        let mut text = terms.iter().map(Random::text).collect::<Vec<_>>().join(",");
        let covered = LETTERS + COVERED - widest..LETTERS + COVERED;
        let output: Vec<usize> = if implicit {
            let count = |letter: usize| terms.iter().flat_map(|term| &term.letters).filter(|&&l| l == letter).count();
            covered.chain((0..LETTERS).filter(|&letter| count(letter) == 1)).collect()
        } else {
            let mut kept: Vec<usize> = Vec::new();
            for letter in wanted {
                if terms.iter().any(|term| term.letters.contains(&letter)) && !kept.contains(&letter) {
                    kept.push(letter);
                }
            }
            let spread = spread.filter(|_| some);
            text.push_str("->");
            text.push_str(&written(&kept, spread));
            if let Some(at) = spread {
                let at = at.min(kept.len());
                kept.splice(at..at, covered);
            }
            kept
        };
        let mut whole: Vec<(Vec<usize>, Array)> = Vec::new();
        let mut typed: Vec<Array> = Vec::new();
        for term in &mut terms {
            let dims = term.dims();
            let shape: Vec<usize> = dims.iter().map(|&l| if term.ones[l] { 1 } else { sizes[l] }).collect();
            let (count, layout) = laid(&shape, term.lies);
            let data: Vec<i64> = (0..count as i64)
                .map(|i| (i * 7 + 3) % 11 - 5)
                .map(|value| match dtype {
                    DType::Bool => i64::from(value > 0),
                    // What 16-bit floats add up must be small enough to be exact.
                    DType::F16 | DType::BF16 => value.signum(),
                    _ => value,
                })
                .collect();
            let row = Array::from_slice(&data, &[count]).expect("small");
            typed.push(cast(&row, dtype).expect("small").with_layout(layout.clone()));
            whole.push((dims, row.with_layout(layout)));
        }
        let expected = naive(&whole, &output, &sizes);
        let equation = Equation::parse(&text, terms.len()).expect("valid");
        let result = match einsum(&equation, &typed) {
            Ok(result) => result,
            Err(error) => {
                // PyTorch multiplies no matrices of bools.
                prop_assert!(dtype == DType::Bool && error.message().contains("not implemented for 'Bool'"), "{}: {:?}", text, error);
                return Ok(());
            }
        };
        let shape: Vec<usize> = output.iter().map(|&letter| sizes[letter]).collect();
        prop_assert_eq!(result.shape(), &shape[..], "{}", text);
        // Sums of one operand alone are int64, and so is what they are multiplied with.
        let exact = matches!(dtype, DType::F16 | DType::BF16 | DType::F32 | DType::F64 | DType::I64);
        prop_assert!(result.dtype == dtype || (!exact && result.dtype == DType::I64), "{} gives {:?}", text, result.dtype);
        let got = values(&cast(&result, DType::I64).expect("small"));
        for (&got, &value) in got.iter().zip(&expected) {
            let right = match dtype {
                // Beyond 256 bfloat16 holds even numbers only, and so on.
                DType::BF16 if value.abs() > 256 => (got - value).abs() * 64 <= value.abs(),
                DType::F16 if value.abs() > 2048 => (got - value).abs() * 512 <= value.abs(),
                DType::Bool if result.dtype == DType::Bool => got == as_held(value, dtype),
                DType::Bool => got == value,
                // Modulo the size of the dtype it is the same wherever it has wrapped.
                _ => as_held(got, dtype) == as_held(value, dtype),
            };
            prop_assert!(right, "{} of {:?}: {} and not {}", text, dtype, got, value);
        }
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

#[test]
fn lists_of_numbers_are_found_again() {
    let a = Array::zeros(&[3, 4], DType::F32).expect("small");
    let b = Array::zeros(&[4, 3], DType::F32).expect("small");
    let find = |numbers: [i64; 2], output: Option<&notation::Numbers>| {
        let lists = [vec![Some(numbers[0]), Some(numbers[1])], vec![Some(numbers[1]), None]];
        compiled(Notation::Lists(&lists, output), &[a.clone(), b.clone()], None).expect("valid")
    };
    let output: notation::Numbers = vec![None, Some(0)];
    let first = find([0, 1], Some(&output));
    assert!(std::rc::Rc::ptr_eq(&first, &find([0, 1], Some(&output))));
    assert!(!std::rc::Rc::ptr_eq(&first, &find([0, 1], None)));
    assert!(!std::rc::Rc::ptr_eq(&find([2, 1], None), &find([0, 1], None)));
}

#[test]
fn a_limit_is_remembered_with_its_plan() {
    let shapes: [&[usize]; 3] = [&[20, 3, 4], &[3], &[20, 4, 20]];
    let operands: Vec<Array> =
        shapes.iter().map(|shape| Array::zeros(shape, DType::F32).expect("small")).collect();
    let find = |most| compiled(Notation::Text("adc,d,acb->b"), &operands, most).expect("valid");
    let free = find(None);
    let tight = find(Some(free.plan.largest - 1.0));
    assert_eq!((free.plan.bound, tight.plan.bound), (None, Some(free.plan.largest - 1.0)));
    assert!(std::rc::Rc::ptr_eq(&tight, &find(Some(free.plan.largest - 1.0))));
    // A larger limit may allow a cheaper plan, so it is looked for.
    assert!(std::rc::Rc::ptr_eq(&free, &find(Some(free.plan.largest))));
}
