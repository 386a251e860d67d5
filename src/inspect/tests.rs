//! Reports on tensors made by hand; `tests/all/inspect.rs` has those of programs.

use super::shadow::{Known, Shadow};
use crate::budget;
use crate::host::Recorder;
use crate::session::{Session, Settings};
use crate::span::{Source, Span};
use crate::syntax::ast::Name;
use crate::tensor::array::Array;
use crate::tensor::broadcast;
use crate::tensor::dtype::DType;
use crate::tensor::layout::Layout;
use crate::tensor::view;
use crate::value::{Tensor, Value};

/// A session with these variables.
fn session(variables: &[(&str, Value)]) -> Session {
    let mut session = Session::new(Settings::default());
    budget::set_limit(usize::MAX);
    for (name, value) in variables {
        let globals = &mut session.machine().globals;
        let slot = globals.slot(&Name::from(*name));
        drop(globals.set(slot, value.clone()));
    }
    session
}

/// What a command writes, to both streams.
fn run(session: &mut Session, command: &str) -> String {
    let mut host = Recorder::default();
    session.run_typed("<input 1>", command, true, &mut host);
    for line in host.out.lines().filter(|line| !line.starts_with('{')) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    host.out + &host.err
}

fn ints(values: &[i64], shape: &[usize]) -> Tensor {
    Tensor::new(Array::from_slice(values, shape).unwrap())
}

fn made(parent: &Tensor, layout: Layout, text: &str) -> Tensor {
    let array = parent.array().with_layout(layout);
    let source = Source::new("<input 1>", text);
    Tensor::view_of(parent, array, Some((source, Span::new(0, text.len()))))
}

/// `B`, the row it becomes, and the matrix the row is stretched to.
fn stretched() -> Session {
    let b = ints(&[10, 20, 30], &[3]);
    let row = made(&b, view::unsqueeze(&b.array().layout, 0).unwrap(), "B.unsqueeze(0)");
    let layout = broadcast::expand(&row.array(), &[3, 3]).unwrap();
    let e = made(&row, layout, "B.unsqueeze(0).expand(3, 3)");
    let list = Value::list(vec![3i64.into(), b.clone().into()]).unwrap();
    session(&[("B", b.into()), ("e", e.into()), ("l", list)])
}

#[test]
fn a_stretched_row_is_three_cells() {
    let out = run(&mut stretched(), ":mem e");
    let (_, rest) = out.split_once("  storage  #").unwrap();
    let (head, _) = out.split_once("  storage  #").unwrap();
    assert_eq!(
        head,
        "\
e  int64[3, 3]
  dtype    int64, 8 bytes an element
  shape    [3, 3], 9 elements
  strides  [0, 1] elements, [0, 8] bytes; offset 0
  address  [i, j] -> 0 + 0·i + 1·j
  view     e is a view of a temporary int64[1, 3], made by
           B.unsqueeze(0).expand(3, 3); that is a view of B, made by
           B.unsqueeze(0)
"
    );
    assert_eq!(
        rest.split_once(": ").unwrap().1,
        "\
24 bytes allocated; e looks like 72 bytes
  held by  B, e, l[1]
  overlap  9 indices share 3 cells: each is read by 3 indices, stride 0 along i
  skipped  none, all 3 cells are read

  byte  memory                   value  read by
     0  0a 00 00 00 00 00 00 00     10  [0, 0] [1, 0] [2, 0]
     8  14 00 00 00 00 00 00 00     20  [0, 1] [1, 1] [2, 1]
    16  1e 00 00 00 00 00 00 00     30  [0, 2] [1, 2] [2, 2]
"
    );
}

#[test]
fn a_column_skips_cells_and_the_middle_is_left_out() {
    let m = ints(&(0..100).collect::<Vec<_>>(), &[10, 10]);
    let c = made(&m, view::select(&m.array().layout, 1, 3).unwrap(), "M[:, 3]");
    let mut session = session(&[("M", m.into()), ("c", c.into())]);
    let out = run(&mut session, ":mem c --rows 4");
    for part in [
        "  address  [i] -> 3 + 10·i\n",
        "  strides  [10] elements, [80] bytes; offset 3 elements, 24 bytes\n",
        "  view     c is a view of M, made by M[:, 3]\n",
        "  overlap  none, every index has a cell of its own\n",
        "  skipped  90 of 100 cells are not read\n",
        "\n     8  01 00 00 00 00 00 00 00      1  not reached\n     …  96 cells not shown (--all, --from 16)\n   784",
    ] {
        assert!(out.contains(part), "{part}{out}");
    }
    let rows = |out: String| out.lines().filter(|line| line.contains("00 00")).count();
    assert_eq!(rows(run(&mut session, ":mem c")), 16);
    assert_eq!(rows(run(&mut session, ":mem --all c")), 100);
    let from = run(&mut session, ":mem c --from 0x18 --rows=1");
    assert!(from.contains("    24  03 00 00 00 00 00 00 00      3  [0]\n"), "{from}");
    assert_eq!(rows(from), 1);
}

#[test]
fn two_tensors() {
    let mut session = stretched();
    let both = run(&mut session, ":mem B e");
    assert!(both.starts_with("B and e share memory\n"), "{both}");
    assert!(
        both.ends_with("  shared   24 bytes belong to elements of both\n  example  B[0] is e[0, 0]\n"),
        "{both}"
    );
    assert_eq!(both.replace('B', "?"), run(&mut session, ":mem B, e").replace('B', "?"));
}

#[test]
fn what_has_no_bytes_says_so() {
    let meta = Tensor::new(Array::meta(Layout::contiguous(&[4, 5]).unwrap(), DType::F32).unwrap());
    let empty = ints(&[], &[0, 3]);
    let mut session = session(&[("m", meta.into()), ("e", empty.into()), ("n", 3i64.into())]);
    assert!(
        run(&mut session, ":mem m")
            .ends_with("a meta tensor has a shape and no data: there are no bytes to show\n")
    );
    assert!(run(&mut session, ":mem e").ends_with("the storage is empty: there are no bytes to show\n"));
    assert!(run(&mut session, ":mem n").contains("  memory   03 00 00 00 00 00 00 00 (a 64-bit integer"));
}

#[test]
fn large_tensors_are_not_touched() {
    let big = Tensor::new(Array::zeros(&[20_000, 20_000], DType::F32).unwrap());
    let t = made(&big, view::reverse(&big.array().layout), "big.t()");
    let out = run(&mut session(&[("t", t.into())]), ":mem t");
    assert!(out.contains("  1599999992  00 00 00 00    0.0  [19998, 19999]\n"), "{out}");
    assert!(out.contains("none, all 400,000,000 cells are read"), "{out}");
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let check = |command: &str, expected: &str| {
        let out = run(&mut stretched(), command);
        assert!(out.contains(expected), "{out}");
    };
    check(":mem x.foo(", "1 | :mem x.foo(\n  |           ^");
    check(":mem nope", "NameError: name 'nope' is not defined");
    check(":mem nope", "1 | :mem nope\n  |      ^^^^");
    check(":memm", "did you mean ':mem'?");
    check(":mem --al e", "unknown option '--al'");
    check(":mem --al e", "did you mean '--all'?");
    check(":mem e --rows", "--rows needs a number of rows");
    check(":mem e --from 24", "--from 24 lies beyond the storage, which has 24 bytes");
    check(":mem e = 3", "an expression is expected here, not a statement");
    check(":mem e l", "list has no storage: only tensors share memory");
}

/// What is left of a value when its data is taken away.
fn outline(value: &Value) -> String {
    match value {
        Value::Tensor(tensor) => {
            let array = tensor.array();
            let strides = if array.numel() == 0 { &[] } else { array.strides() };
            format!("{:?} {} {strides:?}", tensor.flavour(), array.describe())
        }
        Value::List(list) => list.items().iter().map(outline).collect::<Vec<_>>().join("; "),
        Value::Tuple(tuple) => tuple.items.iter().map(outline).collect::<Vec<_>>().join("; "),
        other => other.type_name().to_owned(),
    }
}

/// For the examples of every op: what is found without computing is what computing gives, or unknown.
#[test]
fn types_agree_with_the_results_of_every_op() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for entry in crate::ops::table::all() {
        for (input, _) in entry.examples {
            let Ok(tree) = crate::syntax::parse_program(input) else { continue };
            let Some(last) = tree.body.last() else { continue };
            let start = tree[*last].span.start as usize;
            let Ok(tree) = crate::syntax::parse_expression(input, start) else { continue };
            let tree = std::rc::Rc::new(tree);
            let mut session = session(&[]);
            run(&mut session, &input[..start]);
            let machine = session.machine();
            let source = Source::new("<example>", *input);
            let find = || Shadow::new(machine, &tree).and_then(|mut shadow| shadow.evaluate(&tree, &source));
            let Ok(found) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(find)) else {
                wrong.push(format!("{input}\n  panics"));
                continue;
            };
            let real = machine.evaluate(&tree, &source, &mut Recorder::default());
            match (found, real) {
                (Ok(Known::Unknown(_)), _) | (Err(_), Err(_)) => {}
                (Ok(Known::Value(found)), Ok(real)) if outline(&found) == outline(&real) => checked += 1,
                (Ok(Known::Value(found)), Ok(real)) => {
                    wrong.push(format!("{input}\n  found {}\n  is    {}", outline(&found), outline(&real)));
                }
                (Ok(Known::Value(found)), Err(error)) => {
                    wrong.push(format!("{input}\n  found {}\n  is    {error}", outline(&found)));
                }
                (Err(error), Ok(real)) => {
                    wrong.push(format!("{input}\n  found {error}\n  is    {}", outline(&real)))
                }
            }
            crate::tensor::promote::set_default_dtype(DType::F32).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 100, "{checked}");
}
