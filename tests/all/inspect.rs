//! The reports on memory and types: on programs, against facts of PyTorch, and on the session afterwards.

use serde_json::{Value as Json, json};
use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// A session after a program that must succeed.
fn after(program: &str) -> Session {
    let mut session = Session::new(Settings::default());
    let mut host = Recorder::default();
    assert_eq!(session.run_typed("<test>", program, false, &mut host), Outcome::Done, "{}", host.err);
    session
}

/// What a line prints; reports are at most 80 columns wide.
fn run(session: &mut Session, line: &str) -> String {
    let mut host = Recorder::default();
    let outcome = session.run_typed("<test>", line, true, &mut host);
    assert_eq!(outcome, Outcome::Done, "{line}\n{}", host.err);
    if line.starts_with(':') && !line.contains("--json") {
        assert!(host.out.lines().all(|line| line.chars().count() <= 80), "{}", host.out);
    }
    host.out
}

/// What a line that fails prints.
fn fails(session: &mut Session, line: &str) -> String {
    let mut host = Recorder::default();
    let outcome = session.run_typed("<test>", line, true, &mut host);
    assert_eq!(outcome, Outcome::Raised, "{line}\n{}", host.out);
    host.err
}

fn json(session: &mut Session, line: &str) -> Json {
    serde_json::from_str(&run(session, line)).unwrap()
}

const LESSON: &str = "\
import torch
A = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
B = torch.tensor([10, 20, 30])
";

/// Expression, dtype, shape, strides, offset, bytes of its storage, and whose storage that is: as PyTorch has them.
type Fact = (&'static str, &'static str, &'static [usize], &'static [i64], usize, usize, &'static str);

const FACTS: &[Fact] = &[
    ("A", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("B", "int64", &[3], &[1], 0, 24, "B"),
    ("A.t()", "int64", &[3, 3], &[1, 3], 0, 72, "A"),
    ("A[1]", "int64", &[3], &[1], 3, 72, "A"),
    ("A[:, 1]", "int64", &[3], &[3], 1, 72, "A"),
    ("A[::2, ::2]", "int64", &[2, 2], &[6, 2], 0, 72, "A"),
    ("A[1:, 1:]", "int64", &[2, 2], &[3, 1], 4, 72, "A"),
    ("A[None]", "int64", &[1, 3, 3], &[9, 3, 1], 0, 72, "A"),
    ("B[:, None]", "int64", &[3, 1], &[1, 1], 0, 24, "B"),
    ("B.expand_as(A)", "int64", &[3, 3], &[0, 1], 0, 24, "B"),
    ("B.unsqueeze(0)", "int64", &[1, 3], &[3, 1], 0, 24, "B"),
    ("A.unfold(0, 2, 1)", "int64", &[2, 3, 2], &[3, 1, 3], 0, 72, "A"),
    ("A.diagonal()", "int64", &[3], &[4], 0, 72, "A"),
    ("A.view(9)", "int64", &[9], &[1], 0, 72, "A"),
    ("A.reshape(9)", "int64", &[9], &[1], 0, 72, "A"),
    ("A.t().reshape(9)", "int64", &[9], &[1], 0, 72, ""),
    ("A.flatten()", "int64", &[9], &[1], 0, 72, "A"),
    ("A.t().flatten()", "int64", &[9], &[1], 0, 72, ""),
    ("A.contiguous()", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("A.t().contiguous()", "int64", &[3, 3], &[3, 1], 0, 72, ""),
    ("A.clone()", "int64", &[3, 3], &[3, 1], 0, 72, ""),
    ("A.t().clone()", "int64", &[3, 3], &[1, 3], 0, 72, ""),
    ("A + B", "int64", &[3, 3], &[3, 1], 0, 72, ""),
    ("A.t() + 1", "int64", &[3, 3], &[1, 3], 0, 72, ""),
    ("A[[0, 2]]", "int64", &[2, 3], &[3, 1], 0, 48, ""),
    ("A[A > 4]", "int64", &[5], &[1], 0, 40, ""),
    ("A.view(torch.int32)", "int32", &[3, 6], &[6, 1], 0, 72, "A"),
    ("A.T", "int64", &[3, 3], &[1, 3], 0, 72, "A"),
    ("A.permute(1, 0)", "int64", &[3, 3], &[1, 3], 0, 72, "A"),
    ("A.narrow(1, 1, 2)", "int64", &[3, 2], &[3, 1], 1, 72, "A"),
    ("A.select(0, 2)", "int64", &[3], &[1], 6, 72, "A"),
    ("A.squeeze()", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("B.expand(2, 3)", "int64", &[2, 3], &[0, 1], 0, 24, "B"),
    ("A.split(2)[1]", "int64", &[1, 3], &[3, 1], 6, 72, "A"),
    ("A.chunk(3, 1)[2]", "int64", &[3, 1], &[3, 1], 2, 72, "A"),
    ("A.to(torch.float32)", "float32", &[3, 3], &[3, 1], 0, 36, ""),
    ("A.to(torch.int64)", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("A.detach()", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("A.as_strided((2, 2), (1, 2), 1)", "int64", &[2, 2], &[1, 2], 1, 72, "A"),
    ("torch.zeros(0, 3)", "float32", &[0, 3], &[3, 1], 0, 0, ""),
    ("A[0:0]", "int64", &[0, 3], &[3, 1], 0, 72, "A"),
    ("torch.tensor(3.5)", "float32", &[], &[], 0, 4, ""),
    ("A.float().half()", "float16", &[3, 3], &[3, 1], 0, 18, ""),
    ("torch.ones(3, dtype=torch.bfloat16)", "bfloat16", &[3], &[1], 0, 6, ""),
    ("A.mT", "int64", &[3, 3], &[1, 3], 0, 72, "A"),
    ("A.unbind()[1]", "int64", &[3], &[1], 3, 72, "A"),
    ("A.view_as(A)", "int64", &[3, 3], &[3, 1], 0, 72, "A"),
    ("torch.broadcast_to(B, (3, 3))", "int64", &[3, 3], &[0, 1], 0, 24, "B"),
    ("A.expand(2, 3, 3)", "int64", &[2, 3, 3], &[0, 3, 1], 0, 72, "A"),
    ("A.transpose(0, 1)[1]", "int64", &[3], &[3], 1, 72, "A"),
];

#[test]
fn memory_is_what_pytorch_has() {
    let mut session = after(LESSON);
    for &(expr, dtype, shape, strides, offset, bytes, holder) in FACTS {
        run(&mut session, &format!(":mem {expr}"));
        let found = json(&mut session, &format!(":mem --json {expr}"));
        let seen = (&found["dtype"], &found["shape"], &found["strides"], &found["offset"]);
        let (dtype, shape, strides, offset) = (json!(dtype), json!(shape), json!(strides), json!(offset));
        assert_eq!(seen, (&dtype, &shape, &strides, &offset), "{expr}");
        assert_eq!(found["storage"]["bytes"], json!(bytes), "{expr}");
        let holders = if holder.is_empty() { json!([]) } else { json!([holder]) };
        assert_eq!(found["held_by"], holders, "{expr}");
    }
}

#[test]
fn types_found_without_computing_are_those_of_the_result() {
    let mut session = after(LESSON);
    for &(expr, dtype, shape, strides, _, bytes, holder) in FACTS {
        let found = run(&mut session, &format!(":type {expr}"));
        if expr == "A[A > 4]" {
            assert_eq!(found, "unknown: it depends on the values of A > 4\n");
            continue;
        }
        assert_eq!(found.lines().next().unwrap(), format!("{dtype}{shape:?}"), "{expr}");
        assert!(found.contains(&format!("\n  strides  {strides:?} elements")), "{expr}\n{found}");
        let memory = found.split_once("\n  memory   ").unwrap().1;
        match holder {
            "" => assert!(
                memory.starts_with(&format!("not a view: a new storage of {bytes} bytes")),
                "{expr}{memory}"
            ),
            _ => assert!(memory.contains(&format!("({bytes} bytes), held by {holder}\n")), "{expr}{memory}"),
        }
    }
}

/// The bytes are those of PyTorch's `untyped_storage()`.
#[test]
fn bytes_lie_as_in_pytorch() {
    let mut session = after("import torch");
    let mut check = |expr: &str, expected: &[&str]| {
        let found = json(&mut session, &format!(":mem {expr} --json"));
        let hex: Vec<&str> =
            found["buffer"].as_array().unwrap().iter().map(|row| row["hex"].as_str().unwrap()).collect();
        assert_eq!(hex, expected, "{expr}");
    };
    check("torch.tensor([99])", &["63 00 00 00 00 00 00 00"]);
    check("torch.tensor([-2], dtype=torch.int32)", &["fe ff ff ff"]);
    check("torch.tensor([1.5, -0.1])", &["00 00 c0 3f", "cd cc cc bd"]);
    check("torch.tensor([1.5], dtype=torch.float64)", &["00 00 00 00 00 00 f8 3f"]);
    check("torch.tensor([True, False])", &["01", "00"]);
    check("torch.tensor([1.5], dtype=torch.float16)", &["00 3e"]);
    check("torch.tensor([1.5], dtype=torch.bfloat16)", &["c0 3f"]);
    check("torch.tensor([200], dtype=torch.uint8)", &["c8"]);
    check("torch.tensor([float('nan'), float('inf')])", &["00 00 c0 7f", "00 00 80 7f"]);
}

#[test]
fn writes_through_aliases_are_seen() {
    let mut session = after(LESSON);
    run(&mut session, "e = B.expand_as(A); e[0, 0] = 99");
    let found = run(&mut session, ":mem B");
    assert!(found.contains("     0  63 00 00 00 00 00 00 00     99  [0]\n"), "{found}");
    // The upper half of the second number: 20 + 2^32.
    run(&mut session, "B.view(torch.int32)[3] = 1");
    let found = run(&mut session, ":mem e");
    assert!(found.contains("     8  14 00 00 00 01 00 00 00  4294967316  [0, 1] [1, 1] [2, 1]\n"), "{found}");
    run(&mut session, "B.untyped_storage()[23] = 128");
    let found = run(&mut session, ":mem B");
    assert!(found.contains("    16  1e 00 00 00 00 00 00 80  -9223372036854775778  [2]\n"), "{found}");
}

#[test]
fn what_made_a_view_is_told() {
    let mut session = after(&format!("{LESSON}e = B.expand_as(A)\nrow = A[1]\nlast = row[2:]\n"));
    let found = run(&mut session, ":mem e");
    for line in [
        "  address  [i, j] -> 0 + 0·i + 1·j\n",
        "  view     e is a view of B, made by B.expand_as(A)\n",
        "24 bytes allocated; e looks like 72 bytes\n",
        "  overlap  9 indices share 3 cells: each is read by 3 indices, stride 0 along i\n",
    ] {
        assert!(found.contains(line), "{found}");
    }
    let found = run(&mut session, ":mem last");
    let chain =
        "  view     last is a view of row, made by row[2:]; that is a view of A, made by\n           A[1]\n";
    assert!(found.contains(chain), "{found}");
    assert!(found.contains("  skipped  8 of 9 cells are not read\n"), "{found}");
    assert!(run(&mut session, ":mem A").contains("  view     not a view: owns its storage\n"));
    assert!(run(&mut session, ":mem A + 1").contains("  held by  this expression only\n"));
}

#[test]
fn every_way_to_a_storage_is_found() {
    let program = "\
x = torch.zeros(2)
d = {'k': [x, 1], 2: (x.t(),)}
def outer(inner):
    def f(y=x):
        return inner
    return f
f = outer(x)
d['self'] = d
w = torch.ones(1)
w.mine = x
s = x.untyped_storage()
z = torch.zeros(2)
";
    let mut session = after(program);
    let found = json(&mut session, ":mem --json x");
    let expected = json!(["x", "d['k'][0]", "d[2][0]", "inner in f", "f.__defaults__[0]", "w.mine", "s"]);
    assert_eq!(found["held_by"], expected);
    assert_eq!(json(&mut session, ":mem z --json")["held_by"], json!(["z"]));
    run(&mut session, "z");
    assert_eq!(json(&mut session, ":mem z --json")["held_by"], json!(["z", "_"]));
}

#[test]
fn large_tensors_are_solved() {
    let mut session = after("import torch");
    let found = json(&mut session, ":mem --json torch.zeros(20000, 20000).t() --from 800_000_000 --rows 2");
    let rows = &found["buffer"];
    // Cell 200,000,000 is row 10000, column 0 of the zeros, so column 10000 of the transposed.
    assert_eq!(
        rows[0],
        json!({"byte": 800_000_000, "hex": "00 00 00 00", "value": 0.0, "indices": [[0, 10000]], "readers": 1})
    );
    assert_eq!(rows[1]["indices"], json!([[1, 10000]]));
    assert_eq!(
        found["cells"],
        json!({"all": 400_000_000, "reached": 400_000_000, "shared": 0, "skipped": 0})
    );
}

#[test]
fn all_storages_with_their_holders() {
    let mut session = after(&format!("{LESSON}e = B.expand_as(A)\nm = torch.zeros(4, device='meta')\n"));
    let found = json(&mut session, ":mem --json");
    assert_eq!(found["bytes"], json!(72 + 24));
    let held: Vec<&Json> =
        found["storages"].as_array().unwrap().iter().map(|storage| &storage["held_by"]).collect();
    assert_eq!(held, [&json!(["A"]), &json!(["B", "e"]), &json!(["m"])]);
    assert!(run(&mut session, ":mem").contains("total  96 bytes in 3 storages\n"));
}

#[test]
fn freed_memory_is_kept_within_a_bound() {
    let mut session = after("import torch");
    let mut pooled = |line: &str| {
        run(&mut session, line);
        json(&mut session, ":mem --json")["bytes_in_pool"].as_u64().unwrap()
    };
    assert_eq!(pooled(":set pool 0"), 0);
    assert_eq!(pooled("x = torch.ones(1 << 20); del x"), 0);
    assert_eq!(pooled(":set pool 8M"), 0);
    assert_eq!(pooled("x = torch.ones(1 << 20); del x"), 4 << 20);
    let all = pooled("x, y, z = torch.ones(1 << 20), torch.ones(1 << 20), torch.ones(1 << 20); del x, y, z");
    assert_eq!(all, 8 << 20);
    assert_eq!(pooled(":set pool 5M"), 4 << 20);
    // Zeros are zeros, wherever they come from.
    assert_eq!(
        run(&mut session, "torch.zeros(1 << 20).any(), torch.empty(1 << 20).any()"),
        "(tensor(False), tensor(False))\n"
    );
    assert!(run(&mut session, ":mem").contains("freed and kept for the next tensors\n"));
    run(&mut session, ":set pool auto");
    assert_eq!(
        run(&mut session, ":set pool"),
        "pool         1.0 GiB  the most freed memory kept for the next tensors\n"
    );
}

#[test]
fn settings_are_listed_and_changed() {
    let mut session = Session::new(Settings { max_bytes: 64 << 20, threads: None });
    let listed = run(&mut session, ":set");
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["pool", "threads", "warn", "max-bytes"]);
    assert!(listed.starts_with("pool         8.0 MiB  "), "{listed}");
    run(&mut session, ":set max-bytes 32M");
    assert!(run(&mut session, ":set pool").contains(" 4.0 MiB "));
    assert!(fails(&mut session, "torch.zeros(9 << 20)").contains("the limit is 32.0 MiB"));
    assert!(fails(&mut session, ":set pol 1").contains("did you mean 'pool'?"));
    assert!(fails(&mut session, ":set threads none").contains("threads is a number from 1 to 1024"));
    assert!(fails(&mut session, ":set pool much").contains("pool is a size like 512M, 0 for none, or auto"));
}

#[test]
fn two_tensors_share_or_do_not() {
    let program =
        "e = B.expand_as(A)\nodd = A[:, 1::2]\neven = A[:, ::2]\nhalf = B.view(torch.int32)[1::2]\n";
    let mut session = after(&format!("{LESSON}{program}"));
    let mut check = |pair: &str, first: &str, rest: &str| {
        let found = run(&mut session, &format!(":mem {pair}"));
        assert_eq!(found.lines().next().unwrap(), first);
        assert!(found.contains(rest), "{found}");
    };
    check("A B", "A and B share no memory: their storages are different", "");
    check(
        "B e",
        "B and e share memory",
        "  shared   24 bytes belong to elements of both\n  example  B[0] is e[0, 0]\n",
    );
    check(
        "A[1] A[:, 1]",
        "A[1] and A[:, 1] share memory",
        "  shared   8 bytes belong to elements of both\n  example  A[1][1] is A[:, 1][1]\n",
    );
    check("odd, even", "odd and even share a storage, but no element", "");
    check(
        "A[0] A[1:]",
        "A[0] and A[1:] share a storage, but no element",
        "bytes 0 to 23\n  A[1:]  int64[2, 3]",
    );
    check(
        "half B",
        "half and B share memory",
        "  shared   12 bytes belong to elements of both\n  example  half[0] shares bytes with B[0]\n",
    );
}

#[test]
fn finding_a_type_changes_nothing() {
    let program = "\
l = [A, B]
count = {'calls': 0}
it = iter([1, 2, 3])
def numbers():
    yield 1
    yield 2
g = numbers()
def f(n):
    global B
    print('hello')
    l.append(n)
    count['calls'] += 1
    A[0] = 7
    A.add_(1)
    B = None
    f.seen = True
    torch.set_default_dtype(torch.float64)
    torch.set_printoptions(precision=1)
    return A
";
    let mut session = after(&format!("{LESSON}{program}"));
    let look = "print(l, count, hasattr(f, 'seen'), torch.tensor(0.123456), B)";
    let before = run(&mut session, look);
    for expr in [
        "f(3)",
        "A.add_(5)",
        "l.append(1)",
        "A.t_()",
        "A.resize_(1)",
        "A.zero_()",
        "l.pop()",
        "[f(n) for n in range(5)]",
    ] {
        let found = run(&mut session, &format!(":type {expr}"));
        assert!(!found.contains("hello"), "{found}");
        assert_eq!(run(&mut session, look), before, "{expr}");
    }
    assert!(run(&mut session, ":type next(it)").starts_with("unknown: "));
    assert!(run(&mut session, ":type next(g)").starts_with("unknown: "));
    assert_eq!(run(&mut session, ":type exit()"), "unknown: it leaves the session\n");
    assert_eq!(run(&mut session, "print(next(it), next(g))"), "1 1\n");
}

#[test]
fn types_of_what_is_no_tensor() {
    let mut session = after(LESSON);
    let mut check = |expr: &str, expected: &str| {
        assert_eq!(run(&mut session, &format!(":type {expr}")), format!("{expected}\n"), "{expr}");
    };
    check("A.shape", "torch.Size  torch.Size([3, 3])");
    check("1 + 1", "int  2");
    check("'ab' * 2", "str  'abab'");
    check("[A, B.float(), None]", "list  [int64[3, 3], float32[3], None]");
    check("A.device", "device  device(type='cpu')");
    check("A.is_cpu", "bool  True");
    check("str(A)", "str");
    check("A.sum().item()", "unknown: it depends on the values of A.sum()");
    check("A.data_ptr()", "unknown: only a tensor that has been computed has an address");
    check("[n for n in range(10**9)]", "unknown: it takes too many steps");
    check(
        "torch.ones(10**5, 10**5) if A.sum() > 0 else 1",
        "unknown: it depends on the values of A.sum() > 0",
    );
}

#[test]
fn a_type_error_is_found_without_computing() {
    let mut session = after(LESSON);
    let found = fails(&mut session, ":type A + torch.ones(4)");
    assert!(
        found.starts_with("RuntimeError: The size of tensor a (3) must match the size of tensor b (4)"),
        "{found}"
    );
    assert!(found.contains("1 | :type A + torch.ones(4)\n  |       ^   ^^^^^^^^^^^^^"), "{found}");
}

#[test]
fn what_has_no_storage_says_so() {
    let mut session = after(&format!("{LESSON}l = [A, {{'b': B}}, A.t()]\n"));
    let found = run(&mut session, ":mem l");
    assert!(found.starts_with("l  list that holds 3 tensors over 2 storages, 96 bytes\n"), "{found}");
    assert!(found.contains("  l[1]['b']  int64[3]     #"), "{found}");
    let found = run(&mut session, ":mem torch.zeros(2, 3, device='meta')");
    assert!(
        found.ends_with("a meta tensor has a shape and no data: there are no bytes to show\n"),
        "{found}"
    );
    let found = run(&mut session, ":mem torch.zeros(0)");
    assert!(found.ends_with("the storage is empty: there are no bytes to show\n"), "{found}");
    // The bytes of 2.5 as CPython's struct.pack('<d', 2.5) has them.
    assert!(run(&mut session, ":mem 2.5").contains("00 00 00 00 00 00 04 40"));
    assert!(run(&mut session, ":mem 'é'").contains("  memory   c3 a9\n"));
}

#[test]
fn time_runs_and_hides_what_is_printed() {
    let mut session = after("n = [0]\ndef f():\n    n[0] += 1\n    print('x')\n");
    let found = run(&mut session, ":time f()");
    assert!(found.contains(" median, ") && found.contains(" runs)\n") && !found.contains('x'), "{found}");
    assert_ne!(run(&mut session, "print(n[0] >= 3)"), "False\n");
    assert!(fails(&mut session, ":time f(1)").contains("1 | :time f(1)\n  |       ^"));
}

#[test]
fn reset_lets_go() {
    let mut session = after(LESSON);
    run(&mut session, "B");
    run(&mut session, ":reset");
    assert!(run(&mut session, ":mem").starts_with("no variable holds a tensor\n"));
    assert_eq!(run(&mut session, ":vars"), "no variables\n");
    assert!(fails(&mut session, "B").starts_with("NameError"));
}

#[test]
fn places_count_from_the_whole_text() {
    let mut session = after("");
    let found = fails(&mut session, "x = 1\n:mem x.nope\n");
    assert!(found.contains("--> <test>:2:8"), "{found}");
    assert!(found.contains("2 | :mem x.nope\n  |        ^^^^"), "{found}");
    assert!(fails(&mut session, ":men x").contains("did you mean ':mem'?"));
}
