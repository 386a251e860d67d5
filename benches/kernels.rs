//! The engine alone: what one kernel takes, without parsing and dispatch.
//!
//! `cargo bench --bench kernels` prints the best of several rounds. Words after `--` choose the lines that contain them.

use std::hint::black_box;
use std::time::{Duration, Instant};
use tenscope::kernels::elementwise::opcodes::{ADD, DIV, EXP, GT, MUL, POW, RELU, TANH, WHERE};
use tenscope::kernels::elementwise::{Operand, Program, map, map_into};
use tenscope::kernels::{concat, copy, matmul, reduce, scan, softmax, sort};
use tenscope::tensor::array::Array;
use tenscope::tensor::dtype::DType;
use tenscope::tensor::layout::Layout;
use tenscope::tensor::scalar::Scalar;

fn main() {
    // A worker of the pool, as the session is.
    let pool = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    pool.expect("the pool is built once");
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let report = |name: &str, body: &dyn Fn()| {
        if chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str())) {
            let mut line = format!("{name:40}");
            let best = best(body);
            line.push_str(&match best.as_nanos() {
                ns @ 0..10_000 => format!("{ns:>8} ns"),
                ns => format!("{:>8.1} µs", ns as f64 / 1e3),
            });
            #[allow(clippy::print_stdout, reason = "this is the result")]
            {
                println!("{line}");
            }
        }
    };
    let s = ramp(&[2, 2]);
    let op = |opcode, a: &Array, b: &Array| drop(black_box(map(opcode, DType::F32, &[array(a), array(b)])));
    report("s + s, 2x2", &|| op(&ADD, &s, &s));
    report("sum of 2x2", &|| drop(black_box(reduce::sum(&s, &[0, 1], false, None))));
    report("s @ s, 2x2", &|| drop(black_box(matmul::matmul(&s, &s))));
    for n in [10_000, 1_000_000, 10_000_000] {
        let (a, b) = (ramp(&[n]), ramp(&[n]));
        let c = map(&GT, DType::F32, &[array(&a), number(0.5)]).expect("compares");
        report(&format!("a + b, {n}"), &|| op(&ADD, &a, &b));
        report(&format!("a += b, {n}"), &|| {
            map_into(&ADD, DType::F32, &[array(&a), array(&b)], &a).expect("adds");
        });
        report(&format!("a > 0.5, {n}"), &|| {
            drop(black_box(map(&GT, DType::F32, &[array(&a), number(0.5)])));
        });
        report(&format!("where(c, a, b), {n}"), &|| {
            drop(black_box(map(&WHERE, DType::F32, &[array(&c), array(&a), array(&b)])));
        });
        report(&format!("exp(a), {n}"), &|| drop(black_box(map(&EXP, DType::F32, &[array(&a)]))));
        report(&format!("tanh(a), {n}"), &|| drop(black_box(map(&TANH, DType::F32, &[array(&a)]))));
        report(&format!("relu(a*b + c - 0.5)*2, {n}"), &|| drop(black_box(chain(&a, &b))));
        report(&format!("sum(a), {n}"), &|| drop(black_box(reduce::sum(&a, &[0], false, None))));
        report(&format!("max(a), {n}"), &|| drop(black_box(reduce::amax("max", &a, None, false))));
    }
    for n in [300, 3000] {
        let m = ramp(&[n, n]);
        let (row, column) = (ramp(&[n]), ramp(&[n, 1]));
        let across = transposed(&m);
        report(&format!("m + v, {n}"), &|| op(&ADD, &m, &row));
        report(&format!("m + w, {n}"), &|| op(&ADD, &m, &column));
        report(&format!("v + w, {n}"), &|| op(&ADD, &row, &column));
        report(&format!("m + m.t(), {n}"), &|| op(&ADD, &m, &across));
        report(&format!("m.t().contiguous(), {n}"), &|| drop(black_box(copy::contiguous(&across))));
        report(&format!("sum(0), {n}"), &|| drop(black_box(reduce::sum(&m, &[0], false, None))));
        report(&format!("sum(1), {n}"), &|| drop(black_box(reduce::sum(&m, &[1], false, None))));
        report(&format!("var(1), {n}"), &|| drop(black_box(reduce::var(&m, &[1], false, 1.0))));
        report(&format!("max(1), {n}"), &|| drop(black_box(reduce::max_with_indices(&m, 1, false))));
        report(&format!("argmax(1), {n}"), &|| drop(black_box(reduce::argmax(&m, Some(1), false))));
        report(&format!("softmax(1), {n}"), &|| drop(black_box(softmax::last(&m, false))));
        report(&format!("m / 3, {n}"), &|| {
            drop(black_box(map(&DIV, DType::F32, &[array(&m), number(3.0)])));
        });
        report(&format!("m ** 2.5, {n}"), &|| {
            drop(black_box(map(&POW, DType::F32, &[array(&m), number(2.5)])));
        });
        report(&format!("cumsum(1), {n}"), &|| {
            drop(black_box(scan::total(&m, 1, scan::Total::Sum, DType::F32)));
        });
        report(&format!("cat, {n}"), &|| {
            drop(black_box(concat::cat(&[m.clone(), m.clone()], 0, DType::F32)));
        });
        report(&format!("m @ m, {n}"), &|| drop(black_box(matmul::matmul(&m, &m))));
        report(&format!("sort(1), {n}"), &|| drop(black_box(sort::sort(&m, 1, false))));
    }
}

fn array(array: &Array) -> Operand<'_> {
    Operand::Array(array)
}

fn number(value: f64) -> Operand<'static> {
    Operand::Scalar(Scalar::Float(value))
}

fn ramp(shape: &[usize]) -> Array {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|i| (i * 7919 % 1009) as f32 / 1009.0).collect();
    Array::from_slice(&values, shape).expect("fits")
}

fn transposed(matrix: &Array) -> Array {
    let shape = matrix.shape().iter().rev().copied().collect();
    let strides = matrix.strides().iter().rev().copied().collect();
    matrix.with_layout(Layout::from_parts(shape, strides, 0))
}

/// `relu(a * b + a - 0.5) * 2` as one program.
fn chain(a: &Array, b: &Array) -> Option<Array> {
    let mut program = Program::new();
    let (a, b) = (program.array(a), program.array(b));
    let (half, two) = (program.scalar(Scalar::Float(-0.5)), program.scalar(Scalar::Float(2.0)));
    let product = program.apply(&MUL, DType::F32, &[a, b]).ok()?;
    let sum = program.apply(&ADD, DType::F32, &[product, a]).ok()?;
    let shifted = program.apply(&ADD, DType::F32, &[sum, half]).ok()?;
    let positive = program.apply(&RELU, DType::F32, &[shifted]).ok()?;
    let result = program.apply(&MUL, DType::F32, &[positive, two]).ok()?;
    program.run(result).ok()
}

/// The best time of a call over rounds that take about 20 ms each.
fn best(body: &dyn Fn()) -> Duration {
    let start = Instant::now();
    body();
    let once = start.elapsed().max(Duration::from_nanos(20));
    let calls = (20_000_000 / once.as_nanos()).clamp(1, 100_000) as u32;
    let round = || {
        let start = Instant::now();
        (0..calls).for_each(|_| body());
        start.elapsed() / calls
    };
    (0..7).map(|_| round()).min().unwrap_or_default()
}
