//! `:explain`: which programs, kernels and views an expression becomes.

use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

const VARIABLES: &str = "\
a = torch.ones(100000); b = torch.ones(100000); c = torch.ones(100000)
m = torch.ones(300, 200); v = m[0].clone(); w = m[:, :1].clone()
";

fn session() -> Session {
    let mut session = Session::new(Settings::default());
    assert_eq!(session.run_typed("<test>", VARIABLES, false, &mut Recorder::default()), Outcome::Done);
    session
}

fn explain(session: &mut Session, expression: &str) -> String {
    let mut host = Recorder::default();
    let outcome = session.run_typed("<test>", &format!(":explain {expression}"), true, &mut host);
    assert_eq!(outcome, Outcome::Done, "{expression}\n{}", host.err);
    host.out
}

/// The report without the number of threads, which depends on the machine.
fn check(expression: &str, expected: &str) {
    let report = explain(&mut session(), expression);
    let lines = report.lines().map(|line| match line.rsplit_once(", ") {
        Some((before, after)) if after.ends_with(" threads") || after == "1 thread" => before,
        _ => line,
    });
    let seen: Vec<&str> = lines.map(str::trim_end).collect();
    assert_eq!(seen.join("\n"), expected.trim_matches('\n'), "{expression}");
}

#[test]
fn a_chain_is_one_pass() {
    check(
        "torch.relu(a * b + c - 0.5) * 2",
        "
1  one pass over float32[100000]
     %1  mul      a, b
     %2  add      %1, c
     %3  sub      %2, 0.5
     %4  relu     %3
     %5  mul      %4, 2.0
  reads    a, b, c in order: 1,200,000 bytes (1.1 MiB)
  writes   a new float32[100000]: 400,000 bytes (390.6 KiB)
  fused    5 steps run together: 1,600,000 bytes (1.5 MiB) never reach the
           memory
",
    );
}

#[test]
fn a_reduction_reads_the_program() {
    check(
        "((a - b) * c).mean()",
        "
1  mean over float32[100000] to one element
     %1  sub      a, b
     %2  mul      %1, c
  reads    a, b, c in order: 1,200,000 bytes (1.1 MiB)
  writes   a new float32[]: 4 bytes
  fused    2 ops and the mean run together: 800,000 bytes (781.2 KiB) never
           reach the memory
",
    );
}

#[test]
fn readers_say_how_operands_lie() {
    check(
        "torch.where(m > 0.5, v, w)",
        "
1  one pass over float32[300, 200]
     %1  gt       m, 0.5
     %2  where    %1, v, w
  reads    m in order: 240,000 bytes (234.4 KiB)
           v, w repeated, without being spread out: 2,000 bytes (2.0 KiB)
  writes   a new float32[300, 200]: 240,000 bytes (234.4 KiB)
  fused    2 steps run together: 60,000 bytes (58.6 KiB) never reach the memory
",
    );
    check(
        "m.t().contiguous()",
        "
1  t, a view of m: float32[200, 300] with strides [1, 200]; no bytes are moved
2  copy over float32[200, 300]
  reads    a view of m across, in tiles that fit the cache: 240,000 bytes (234.4
           KiB)
  writes   a new float32[200, 300]: 240,000 bytes (234.4 KiB)
",
    );
}

#[test]
fn other_kernels_are_named() {
    check(
        "(m @ m.t()).sum(0)",
        "
1  t, a view of m: float32[200, 300] with strides [1, 200]; no bytes are moved
2  matmul, a kernel of its own
  reads    m float32[300, 200], a view of m float32[200, 300]: 480,000 bytes
           (468.8 KiB)
  writes   a new float32[300, 300]: 360,000 bytes (351.6 KiB)
3  sum over float32[300, 300] along dimension 0
  reads    [2] in order: 360,000 bytes (351.6 KiB)
  writes   a new float32[300]: 1,200 bytes (1.2 KiB)
in all   reads 840,000 bytes (820.3 KiB), writes 361,200 bytes (352.7 KiB)
",
    );
}

#[test]
fn what_depends_on_data_ends_the_list() {
    check(
        "m[m > 0.5] + 1",
        "
1  one pass over bool[300, 200]
     %1  gt       m, 0.5
  reads    m in order: 240,000 bytes (234.4 KiB)
  writes   a new bool[300, 200]: 60,000 bytes (58.6 KiB)
unknown from here on: it depends on the values of m > 0.5
",
    );
}

#[test]
fn nothing_is_changed_and_nothing_printed() {
    let mut session = session();
    explain(&mut session, "a.add_(b).mul_(3)");
    explain(&mut session, "print(a.sum())");
    let mut host = Recorder::default();
    session.run_typed("<test>", "a[0]", true, &mut host);
    assert_eq!(host.out, "tensor(1.)\n");
}
