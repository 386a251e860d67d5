//! einsum: the equations of `einsum.json`, the engine alone, and planning alone. `compare.py` times the same rows beside
//! other libraries.
//!
//! `cargo bench --bench einsum` prints the best of several rounds, and what the multiplications of the plan come to.
//! Words after `--` choose the lines that contain them; `RAYON_NUM_THREADS` says how many threads there are.

use std::hint::black_box;
use std::time::{Duration, Instant};
use tenscope::einsum::Compiled;
use tenscope::einsum::equation::Equation;
use tenscope::einsum::plan::{Network, Plan};
use tenscope::einsum::record::Record;
use tenscope::tensor::array::Array;

/// The equations: names, shapes of the operands, dtypes.
const SUITE: &str = include_str!("einsum.json");

fn main() {
    // A worker of the pool, as the session is.
    let pool = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    pool.expect("the pool is built once");
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    show(&format!("{} threads", rayon::current_num_threads()));
    let rows: serde_json::Value = serde_json::from_str(SUITE).expect("is JSON");
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().expect("is text").to_owned();
    for row in rows.as_array().expect("is a list").iter().filter(|row| wanted(&text(row, "name"))) {
        let shapes: Vec<Vec<usize>> = serde_json::from_value(row["shapes"].clone()).expect("are shapes");
        let operands: Vec<Array> = shapes.iter().map(|shape| ramp(shape, &text(row, "dtype"))).collect();
        let shapes: Vec<&[usize]> = shapes.iter().map(|shape| &shape[..]).collect();
        let parsed = Equation::parse(&text(row, "equation"), shapes.len()).expect("is right");
        let compiled = Compiled::new(&parsed, &shapes).expect("is right");
        let time = best(&|| drop(black_box(compiled.run(&operands, &mut Record::off()).expect("fits"))));
        let rate = 2.0 * compiled.plan.cost().work / time.as_nanos() as f64;
        let name = text(row, "name");
        show(&format!("{name:34} {:>12.1} µs {rate:>8.1} GFLOP/s", time.as_nanos() as f64 / 1e3));
    }
    for n in [100, 1000] {
        let name = format!("plan of a network of {n}");
        if wanted(&name) {
            let network = regular(n);
            let begun = Instant::now();
            let plan = Plan::new(&network).expect("nobody interrupts");
            let time = begun.elapsed();
            show(&format!(
                "{name:34} {:>12.1} ms {:>10.3e} multiply-adds, {:>10.3e} elements at most",
                time.as_secs_f64() * 1e3,
                plan.cost().work,
                plan.largest
            ));
        }
    }
}

/// A random network in which each tensor shares a bond of two with three others (`compare.py` makes the same ones).
fn regular(n: usize) -> Network {
    let mut ends: Vec<usize> = (0..3 * n).map(|end| end / 3).collect();
    let mut state = 12345u64;
    for at in (1..ends.len()).rev() {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ends.swap(at, (state >> 33) as usize % (at + 1));
    }
    let mut network = Network { terms: vec![Default::default(); n], ..Default::default() };
    for (bond, pair) in ends.chunks(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]) {
        pair.iter().for_each(|&end| network.terms[end].push(bond as u32));
    }
    network.sizes = vec![2.0; ends.len() / 2];
    network
}

fn ramp(shape: &[usize], dtype: &str) -> Array {
    let count = shape.iter().product::<usize>();
    match dtype {
        "int64" => Array::from_slice(&(0..count as i64).map(|i| i % 97).collect::<Vec<_>>(), shape),
        _ => Array::from_slice(&(0..count).map(|i| (i % 97) as f32 / 97.0).collect::<Vec<_>>(), shape),
    }
    .expect("fits")
}

fn best(body: &dyn Fn()) -> Duration {
    let begun = Instant::now();
    let mut best = Duration::MAX;
    while begun.elapsed() < Duration::from_millis(300) {
        let before = Instant::now();
        body();
        best = best.min(before.elapsed());
    }
    best
}

fn show(line: &str) {
    #[allow(clippy::print_stdout, reason = "this is the result")]
    {
        println!("{line}");
    }
}
