//! The elementary functions: within two units in the last place of the right result, and the same however they are
//! asked for.

use crate::recorded::lines;
use tenscope::kernels::elementwise::opcodes as op;
use tenscope::kernels::elementwise::{Opcode, Operand, map};
use tenscope::tensor::array::Array;

/// An opcode and the function of the standard library, or of libm, that has float32 right when asked in float64.
type Function = (&'static Opcode, fn(f64) -> f64);

static FUNCTIONS: [Function; 15] = [
    (&op::EXP, f64::exp),
    (&op::EXP2, f64::exp2),
    (&op::EXPM1, f64::exp_m1),
    (&op::LOG, f64::ln),
    (&op::LOG2, f64::log2),
    (&op::LOG10, f64::log10),
    (&op::LOG1P, f64::ln_1p),
    (&op::SIN, f64::sin),
    (&op::COS, f64::cos),
    (&op::TAN, f64::tan),
    (&op::SINH, f64::sinh),
    (&op::COSH, f64::cosh),
    (&op::TANH, f64::tanh),
    (&op::SIGMOID, sigmoid),
    (&op::ERF, libm::erf),
];

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// How many units in the last place two numbers are apart. Zeros of different sign are far apart, and so are nan and
/// the rest.
fn apart(a: f64, b: f64, bits: fn(f64) -> i64) -> u64 {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) if a == 0.0 && b == 0.0 && bits(a) != bits(b) => u64::MAX,
        (false, false) => bits(a).abs_diff(bits(b)),
        _ => u64::MAX,
    }
}

/// The place of a float32 among all of them, in order.
fn place32(x: f64) -> i64 {
    let bits = i64::from((x as f32).to_bits() & 0x7fff_ffff);
    if x.is_sign_negative() { -1 - bits } else { bits }
}

/// The same of a float64.
fn place64(x: f64) -> i64 {
    let bits = (x.to_bits() & (u64::MAX >> 1)) as i64;
    if x.is_sign_negative() { -1 - bits } else { bits }
}

fn computed<T: tenscope::tensor::dtype::Element>(opcode: &'static Opcode, operands: &[&[T]]) -> Vec<T> {
    let arrays: Vec<Array> =
        operands.iter().map(|values| Array::from_slice(values, &[values.len()]).unwrap()).collect();
    let operands: Vec<Operand<'_>> = arrays.iter().map(Operand::Array).collect();
    map(opcode, T::DTYPE, &operands).unwrap().storage.read::<T>().to_vec()
}

/// Every `stride`-th float32, beginning with +0, -0 and the infinities.
fn floats(stride: usize) -> impl Iterator<Item = f32> {
    let odd = [0.0, -0.0, f32::INFINITY, -f32::INFINITY, f32::NAN, 1.0, -1.0, 88.722_84, 0.625, f32::MAX];
    let all = (1..=u32::MAX).step_by(stride).map(f32::from_bits);
    odd.into_iter().chain(all.filter(|x| !x.is_nan()))
}

fn check_float32(stride: usize) {
    let mut wrong = Vec::new();
    for (opcode, right) in &FUNCTIONS {
        let mut all = floats(stride).peekable();
        while all.peek().is_some() {
            let values: Vec<f32> = all.by_ref().take(1 << 16).collect();
            for (x, y) in values.iter().zip(computed(opcode, &[&values])) {
                let right = right(f64::from(*x));
                let off = apart(y.into(), (right as f32).into(), place32);
                if off > 2 {
                    wrong.push(format!("{} of {x:e}: {y:e}, right is {right:e}", opcode.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
}

#[test]
fn float32_is_right_to_two_units() {
    check_float32(65_521);
}

/// All 2 to the 32 of them: `cargo test --release every_float32 -- --ignored`.
#[test]
#[ignore = "takes half an hour"]
fn every_float32_is_right_to_two_units() {
    check_float32(1);
}

#[test]
fn float64_is_right_to_two_units() {
    let floats = |field: &serde_json::Value| -> Vec<f64> {
        let words = field.as_array().unwrap().iter();
        words.map(|word| f64::from_bits(u64::from_str_radix(word.as_str().unwrap(), 16).unwrap())).collect()
    };
    let mut seen = 0;
    for line in lines("elementary.jsonl") {
        let name = line["op"].as_str().unwrap();
        let (at, right) = (floats(&line["at"]), floats(&line["is"]));
        let found = match name {
            "pow" => computed(&op::POW, &[&at, &floats(&line["to"])]),
            _ => computed(FUNCTIONS.iter().find(|(op, _)| op.name == name).unwrap().0, &[&at]),
        };
        for ((x, y), right) in at.iter().zip(found).zip(right) {
            assert!(apart(y, right, place64) <= 2, "{name} of {x:e}: {y:e}, right is {right:e}");
            seen += 1;
        }
    }
    assert!(seen > 3000);
}

#[test]
fn powers_of_float32_are_right_to_two_units() {
    let bases: Vec<f32> = floats(1 << 19).collect();
    for exponent in
        [2.5, -0.5, 0.1, -3.0, 3.0, 17.25, 0.0, 1.0, 1e-3, 1e6, f32::INFINITY, f32::NAN, 4.0 / 3.0]
    {
        for (x, y) in bases.iter().zip(computed(&op::POW, &[&bases, &vec![exponent; bases.len()]])) {
            let right = f64::from(*x).powf(exponent.into());
            assert!(
                apart(y.into(), (right as f32).into(), place32) <= 2,
                "{x:e} ** {exponent}: {y:e}, right is {right:e}"
            );
        }
    }
}

#[test]
fn a_result_does_not_depend_on_its_neighbours() {
    let values: Vec<f32> = floats(1 << 22).filter(|x| !x.is_nan()).collect();
    let doubles: Vec<f64> = values.iter().map(|&x| f64::from(x) * 1.000_000_1).collect();
    let bits32 = |values: Vec<f32>| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let bits64 = |values: Vec<f64>| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let unary = FUNCTIONS.iter().map(|(opcode, _)| *opcode);
    for opcode in unary.chain([&op::GELU, &op::SILU, &op::MISH, &op::LOGSIGMOID, &op::SELU, &op::RSQRT]) {
        let together = (bits32(computed(opcode, &[&values])), bits64(computed(opcode, &[&doubles])));
        for length in [1, 3, 7, 18] {
            let one_by_one = values.chunks(length).flat_map(|x| bits32(computed(opcode, &[x])));
            assert!(one_by_one.eq(together.0.iter().copied()), "{} by {length}", opcode.name);
            let one_by_one = doubles.chunks(length).flat_map(|x| bits64(computed(opcode, &[x])));
            assert!(one_by_one.eq(together.1.iter().copied()), "{} by {length}", opcode.name);
        }
    }
    let exponents: Vec<f32> = values.iter().rev().copied().collect();
    let together = bits32(computed(&op::POW, &[&values, &exponents]));
    let pairs = values.chunks(5).zip(exponents.chunks(5));
    let in_parts = pairs.flat_map(|(x, y)| bits32(computed(&op::POW, &[x, y])));
    assert!(in_parts.eq(together.iter().copied()));
}
