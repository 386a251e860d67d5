//! einsum: a suite of equations, and planning alone.
//!
//! `cargo bench --bench einsum` prints the best of several rounds, and what the multiplications of the plan come to.
//! Words after `--` choose the lines that contain them.

use std::hint::black_box;
use std::time::{Duration, Instant};
use tenscope::einsum::Compiled;
use tenscope::einsum::equation::Equation;
use tenscope::einsum::plan::{Network, Plan};
use tenscope::einsum::record::Record;
use tenscope::tensor::array::Array;
use tenscope::tensor::dtype::DType;

/// A name, an equation, the shapes of its operands.
type Row = (&'static str, &'static str, &'static [&'static [usize]], DType);

#[rustfmt::skip]
const SUITE: &[Row] = &[
    ("matmul-256", "ij,jk->ik", &[&[256, 256], &[256, 256]], DType::F32),
    ("matmul-tiny", "ij,jk->ik", &[&[8, 8], &[8, 8]], DType::F32),
    ("matmul-tt", "ji,kj->ki", &[&[512, 256], &[384, 512]], DType::F32),
    ("matvec", "ij,j->i", &[&[2048, 2048], &[2048]], DType::F32),
    ("dot-full", "ijk,ijk->", &[&[64, 128, 128], &[64, 128, 128]], DType::F32),
    ("dot-perm", "abc,cba->", &[&[100, 100, 100], &[100, 100, 100]], DType::F32),
    ("hadamard", "ij,ij->ij", &[&[1024, 1024], &[1024, 1024]], DType::F32),
    ("outer", "i,j->ij", &[&[2000], &[2000]], DType::F32),
    ("diag", "ii->i", &[&[2000, 2000]], DType::F32),
    ("trace-batch", "bii->b", &[&[512, 64, 64]], DType::F32),
    ("sum-axes", "ijkl->ki", &[&[32, 48, 40, 24]], DType::F32),
    ("bmm", "bij,bjk->bik", &[&[64, 64, 64], &[64, 64, 64]], DType::F32),
    ("bmm-inner-batch", "ibj,jbk->ibk", &[&[64, 64, 64], &[64, 64, 64]], DType::F32),
    ("attention-qk", "bhid,bhjd->bhij", &[&[4, 8, 256, 64], &[4, 8, 256, 64]], DType::F32),
    ("attention-qk-bnhd", "bihd,bjhd->bhij", &[&[4, 256, 8, 64], &[4, 256, 8, 64]], DType::F32),
    ("attention-mask-v", "bhij,bhjd,bj->bhid", &[&[4, 8, 256, 256], &[4, 8, 256, 64], &[4, 256]], DType::F32),
    ("bilinear", "bn,anm,bm->ba", &[&[64, 128], &[32, 128, 96], &[64, 96]], DType::F32),
    ("chain-4", "ij,jk,kl,lm->im", &[&[500, 20], &[20, 500], &[500, 10], &[10, 500]], DType::F32),
    ("jk-ijkl", "jk,ijkl->il", &[&[48, 48], &[48, 48, 48, 48]], DType::F32),
    ("ao2mo", "pi,qj,ijkl,rk,sl->pqrs", &[&[24, 24], &[24, 24], &[24, 24, 24, 24], &[24, 24], &[24, 24]], DType::F32),
    ("ccsd-ladder", "ijcd,cdab->ijab", &[&[16, 16, 32, 32], &[32, 32, 32, 32]], DType::F32),
    ("ccsd-ring", "ikac,kbcj->ijab", &[&[16, 16, 32, 32], &[16, 32, 32, 16]], DType::F32),
    ("ccsd-mp2like", "iajb,ibja->", &[&[24, 64, 24, 64], &[24, 64, 24, 64]], DType::F32),
    ("mps-overlap", "ab,asc,bsd->cd", &[&[64, 64], &[64, 2, 64], &[64, 2, 64]], DType::F32),
    ("dmrg-heff", "awb,bsc,wxst,dxc->atd", &[&[64, 5, 64], &[64, 2, 64], &[5, 5, 2, 2], &[64, 5, 64]], DType::F32),
    ("khatri-rao", "ab,ac,ad,ae->bcde", &[&[64, 6], &[64, 6], &[64, 6], &[64, 6]], DType::F32),
    ("cp-recon", "ir,jr,kr->ijk", &[&[128, 16], &[128, 16], &[128, 16]], DType::F32),
    ("optimal-bug", "bgk,bkd,bk->bgd", &[&[16, 8, 1024], &[16, 1024, 128], &[16, 1024]], DType::F32),
    ("mttkrp", "ijk,jr,kr->ir", &[&[128, 128, 128], &[128, 32], &[128, 32]], DType::F32),
    ("high-rank-bmm", "kdyzBvhwcqfnbeg,htiAzxobvudBw->ywukbnvizxo", &[&[5, 4, 3, 4, 3, 4, 2, 4, 2, 5, 2, 5, 3, 2, 4], &[2, 4, 5, 5, 4, 4, 4, 3, 4, 4, 4, 3, 4]], DType::F32),
    ("int64-matmul", "ij,jk->ik", &[&[256, 256], &[256, 256]], DType::I64),
];

fn main() {
    // A worker of the pool, as the session is.
    let pool = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    pool.expect("the pool is built once");
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    for (name, equation, shapes, dtype) in SUITE.iter().filter(|row| wanted(row.0)) {
        let operands: Vec<Array> = shapes.iter().map(|shape| ramp(shape, *dtype)).collect();
        let parsed = Equation::parse(equation, shapes.len()).expect("is right");
        let compiled = Compiled::new(&parsed, shapes).expect("is right");
        let time = best(&|| drop(black_box(compiled.run(&operands, &mut Record::off()).expect("fits"))));
        let rate = 2.0 * compiled.plan.cost().work / time.as_nanos() as f64;
        show(&format!("{name:20} {:>12.1} µs {rate:>8.1} GFLOP/s", time.as_nanos() as f64 / 1e3));
    }
    for n in [100, 1000] {
        let name = format!("plan of {n} tensors");
        if wanted(&name) {
            let network = regular(n);
            let begun = Instant::now();
            let cost = Plan::new(&network, None).cost();
            let time = begun.elapsed();
            show(&format!(
                "{name:20} {:>12.1} ms {:>10.3e} multiply-adds",
                time.as_secs_f64() * 1e3,
                cost.work
            ));
        }
    }
}

/// A random network in which each tensor shares a bond of two with three others.
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

fn ramp(shape: &[usize], dtype: DType) -> Array {
    let count = shape.iter().product::<usize>();
    match dtype {
        DType::I64 => Array::from_slice(&(0..count as i64).map(|i| i % 97).collect::<Vec<_>>(), shape),
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
