//! What a program prints does not depend on whether its ops run together or one by one.

use proptest::prelude::*;
use tenscope::host::Recorder;
use tenscope::ops::table;
use tenscope::session::{Session, Settings};
use tenscope::value::entry::{Entry, Forward, METHOD, TORCH};

/// Tensors of all layouts and dtypes, large enough that results are left pending.
const SETUP: &str = "\
a = (torch.arange(5184.) % 89 / 16 - 2).reshape(72, 72)
b = (torch.arange(5184.) % 97 / 31 - 1).reshape(72, 72).t()
row = a[3].clone()
column = b[:, 5:6]
wide = torch.arange(72 * 72 * 2.).reshape(72, 144)[:, ::2] / 1000
d = a.double() * 3
h = (a / 7).half()
g = (b / 7).bfloat16()
i = (torch.arange(5184) % 23 - 11).reshape(72, 72)
j = (torch.arange(5184) % 7 + 1).to(torch.int32).reshape(72, 72)
u = (torch.arange(5184) % 251).to(torch.uint8).reshape(72, 72)
m = i > 0
z = torch.tensor(2.5)
";

/// Prints the dtype, the shape, the strides and a sum over the bits of `r`.
const SHOW: &str = "
def bits(r):
    print(r.dtype, tuple(r.shape), r.stride())
    flat = r.contiguous().view(-1)
    same = {torch.float32: torch.int32, torch.float64: torch.int64, torch.float16: torch.int16, torch.bfloat16: torch.int16}
    if r.dtype in same:
        flat = flat.view(same[r.dtype])
    flat = flat.long()
    weights = torch.arange(flat.numel()) % 1009 + 1
    weighted = flat * weights
    print(weighted.sum())
if isinstance(r, tuple):
    bits(r[0])
    bits(r[1])
else:
    bits(r)
";

/// What a program prints, and the first line of its error.
fn ran(text: &str) -> (String, String) {
    let mut host = Recorder::default();
    let _ = Session::new(Settings::default()).run_program("<program>", text, false, &mut host);
    (host.out, host.err.lines().next().unwrap_or_default().to_owned())
}

/// An expression, and the same as statements of one op each.
#[derive(Clone, Debug)]
enum Expr {
    Name(&'static str),
    Number(&'static str),
    Op(&'static str, Vec<Expr>),
}

impl Expr {
    /// As one expression; `{}` stands for the operands.
    fn text(&self) -> String {
        match self {
            Expr::Name(text) | Expr::Number(text) => (*text).to_owned(),
            Expr::Op(template, args) => filled(template, args.iter().map(Expr::text)),
        }
    }

    /// As statements, whose last variable is given.
    fn steps(&self, out: &mut String, next: &mut usize) -> String {
        match self {
            Expr::Name(text) | Expr::Number(text) => (*text).to_owned(),
            Expr::Op(template, args) => {
                let args: Vec<String> = args.iter().map(|arg| arg.steps(out, next)).collect();
                let name = format!("t{next}");
                *next += 1;
                out.push_str(&format!("{name} = {}\n", filled(template, args.into_iter())));
                name
            }
        }
    }
}

fn filled(template: &str, mut args: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for (n, part) in template.split("{}").enumerate() {
        if n > 0 {
            text.push_str(&args.next().unwrap_or_default());
        }
        text.push_str(part);
    }
    text
}

fn expressions() -> impl Strategy<Value = Expr> {
    let names =
        ["a", "b", "row", "column", "wide", "d", "h", "g", "i", "j", "u", "m", "z", "a[:, 3]", "a.t()"];
    let numbers = ["2", "0.5", "-3", "True"];
    let leaf = prop_oneof![
        8 => prop::sample::select(names.to_vec()).prop_map(Expr::Name),
        1 => prop::sample::select(numbers.to_vec()).prop_map(Expr::Number),
    ];
    let unary = [
        "(-{})",
        "{}.abs()",
        "torch.relu({})",
        "{}.float()",
        "{}.to(torch.float16)",
        "{}.long()",
        "{}.exp()",
        "torch.tanh({})",
        "{}.square()",
        "(~{})",
        "{}.clamp(-1, 1)",
        "{}.sigmoid()",
        "{}.neg()",
    ];
    let binary = [
        "({} + {})",
        "({} - {})",
        "({} * {})",
        "({} / {})",
        "({} // {})",
        "({} % {})",
        "({} > {})",
        "({} == {})",
        "torch.maximum({}, {})",
        "{}.add({}, alpha=2)",
        "({} & {})",
        "({} ** {})",
        "torch.atan2({}, {})",
    ];
    let ternary = ["torch.where({}, {}, {})", "torch.lerp({}, {}, {})", "torch.addcmul({}, {}, {})"];
    leaf.prop_recursive(5, 24, 3, move |inner| {
        let op = |templates: &[&'static str], count: usize| {
            (prop::sample::select(templates.to_vec()), prop::collection::vec(inner.clone(), count))
                .prop_map(|(template, args)| Expr::Op(template, args))
        };
        prop_oneof![3 => op(&unary, 1), 6 => op(&binary, 2), 1 => op(&ternary, 3)]
    })
}

/// What may stand at the root.
const ROOTS: [&str; 14] = [
    "{}",
    "({}).sum()",
    "({}).sum(0)",
    "({}).sum(1)",
    "({}).float().mean((0, 1))",
    "({}).max()",
    "({}).argmax(1)",
    "({}).any()",
    "({}).all(0)",
    "({}).float().var(1)",
    "({}).float().norm()",
    "({}).amin(0, keepdim=True)",
    "({}).max(1)",
    "({}).prod(1)",
];

fn compare(expr: &Expr) -> Result<(), TestCaseError> {
    let together = ran(&format!("{SETUP}r = {}\n{SHOW}", expr.text()));
    let (mut steps, mut next) = (String::new(), 0);
    let last = expr.steps(&mut steps, &mut next);
    let apart = ran(&format!("{SETUP}{steps}r = {last}\n{SHOW}"));
    prop_assert_eq!(together, apart, "{}", expr.text());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn together_and_apart_give_the_same_bits(expr in expressions(), root in prop::sample::select(ROOTS.to_vec())) {
        compare(&Expr::Op(root, vec![expr]))?;
    }
}

/// Every entry that may read or give pending results, over pending operands of several dtypes, and with a pending
/// result.
#[test]
fn every_op_of_the_engine_may_be_fused() {
    let mut tried = 0;
    for entry in table::all().filter(|entry| entry.on & (TORCH | METHOD) != 0) {
        let arity = match entry.forward {
            Forward::Elementwise(opcode, _) => opcode.arity,
            _ if entry.streams => required(entry),
            _ => continue,
        };
        for operands in [["a", "b", "wide"], ["h", "h", "h"], ["i", "j", "u"], ["m", "m", "m"]] {
            if arity > operands.len() {
                continue;
            }
            let args: Vec<Expr> = operands[..arity]
                .iter()
                .map(|name| Expr::Op("({} * {})", vec![Expr::Name(name), Expr::Name(operands[0])]))
                .collect();
            let call = called(entry, arity);
            let call: &'static str = Box::leak(call.into_boxed_str());
            let result = Expr::Op(call, args);
            let again = Expr::Op("({} == {})", vec![result.clone(), Expr::Name("a")]);
            let checked = compare(&result).and_then(|()| compare(&again));
            assert!(checked.is_ok(), "{}: {checked:?}", entry.name);
            tried += 1;
        }
    }
    assert!(tried > 300, "only {tried} were tried");
}

/// How many arguments an entry needs, in the overload that needs most.
fn required(entry: &'static Entry) -> usize {
    let overloads = entry.parsed().overloads.iter();
    overloads.map(|o| o.params.iter().filter(|p| p.default.is_none()).count()).max().unwrap_or(1)
}

fn called(entry: &Entry, arity: usize) -> String {
    let blanks = vec!["{}"; arity].join(", ");
    match entry.on & TORCH {
        0 => format!("{{}}.{}({})", entry.name, vec!["{}"; arity - 1].join(", ")),
        _ => format!("torch.{}({blanks})", entry.name),
    }
}

/// Python's order of evaluation is kept: each program prints the second text.
#[test]
fn what_happens_in_between_is_seen_in_order() {
    let big = "a = torch.ones(5000)\nb = torch.ones(5000)\n";
    for (program, wanted) in [
        ("def f(x):\n    x.mul_(10)\n    return x\nprint((a * 2 + f(a))[0])", "tensor(12.)\n"),
        ("def f():\n    a.fill_(7)\n    return 0\nprint((a * 2 + f())[0])", "tensor(2.)\n"),
        ("print((a * 2 + a.add_(1))[0])", "tensor(4.)\n"),
        ("print((a * 2 + torch.add(a, 1, out=a))[0])", "tensor(4.)\n"),
        ("def relu(x):\n    a.zero_()\n    return x\nprint((relu(a * 3) + a)[0])", "tensor(3.)\n"),
        ("print([a * 2, b][0][1], (a * 2, a.mul_(5))[0][0])", "tensor(2.) tensor(2.)\n"),
        ("x = a * 2 + 1\na.zero_()\nprint(x[0])", "tensor(3.)\n"),
        ("print((a * 2 if (a * 3 > 2).all() else b)[0])", "tensor(2.)\n"),
        ("a += a * 2\nprint(a[0])", "tensor(3.)\n"),
        ("a = torch.arange(5000.)\na[1:] += a[:-1] * 1\nprint(a[:4])", "tensor([0., 1., 3., 5.])\n"),
        (
            "a = torch.arange(10000.).reshape(100, 100)\na += a.t() * 1\nprint(a[1, 0], a[0, 1])",
            "tensor(101.) tensor(101.)\n",
        ),
        (
            "g = (x * 2 + i for i, x in enumerate([a, b]))\nprint((a * 3 + next(g))[0], next(g)[0])",
            "tensor(5.) tensor(3.)\n",
        ),
        (
            "def g():\n    got = a * 2 + (yield 1)\n    yield 2\nfor i in [1]:\n    x = g()\n    next(x)\nprint(a[0])",
            "tensor(1.)\n",
        ),
        ("print(float((a * 2).sum() + 1), str((a + b).mean()))", "10001.0 tensor(2.)\n"),
        (
            "print((a * 2).float() is None, (a * 2).tolist()[:2], len(a * 2), (a * b).shape)",
            "False [2.0, 2.0] 5000 torch.Size([5000])\n",
        ),
        (
            "print(-(a * 2)[0], (-(a * 2))[0], (a * 2).T[0], ((a + b) @ (a + b)))",
            "tensor(-2.) tensor(-2.) tensor(2.) tensor(20000.)\n",
        ),
        (
            "print(torch.cat([a * 2, b + 3])[[0, -1]], sum([a * 2, b * 3])[0])",
            "tensor([2., 4.]) tensor(5.)\n",
        ),
        ("print('%s' % (a * 2)[0], f'{(a * 2 + 1)[0]}', (a * 2).numpy()[0])", "tensor(2.) 3.0 2.0\n"),
        ("y = (z := a * 2) + 1\na.zero_()\nprint(z[0], y[0])", "tensor(2.) tensor(3.)\n"),
        (
            "print([t[0] for t in map(torch.exp, [a * 0, b * 0])], (a * 2 in [1]) if False else 'no')",
            "[tensor(1.), tensor(1.)] no\n",
        ),
    ] {
        let (out, error) = ran(&format!("{big}{program}\n"));
        assert_eq!((out.as_str(), error.as_str()), (wanted, ""), "{program}");
    }
}

/// Errors come where and when Python would raise them.
#[test]
fn errors_come_in_order() {
    let big = "a = torch.ones(5000)\nb = torch.ones(4999)\n";
    for (program, wanted) in [
        ("a * b + undefined", "The size of tensor a (5000) must match the size of tensor b (4999)"),
        ("(a * 2 + 1) * undefined", "name 'undefined' is not defined"),
        ("(a * 2).sum() + b * a", "The size of tensor a (4999) must match the size of tensor b (5000)"),
        ("a.long() * 2 // 0 + undefined", "ZeroDivisionError"),
        ("~(a * 2)", "~ (operator.invert) is only implemented on integer and Boolean-type tensors"),
    ] {
        let mut host = Recorder::default();
        let _ = Session::new(Settings::default()).run_program(
            "<p>",
            &format!("{big}{program}\n"),
            false,
            &mut host,
        );
        assert!(host.err.contains(wanted), "{program}: {}", host.err);
    }
}

/// A chain needs its inputs and its output, and a reduction of a chain its inputs alone: no intermediate of full size is
/// ever there.
#[test]
fn intermediates_take_no_memory() {
    let megabytes = 4;
    let inputs = "a = torch.ones(1000000)\nb = torch.ones(1000000)\nc = torch.ones(1000000)\n";
    let within = |more: usize, program: &str| {
        let mut host = Recorder::default();
        let settings =
            Settings { max_bytes: (3 + more) * megabytes * 1_000_000 + 500_000, ..Settings::default() };
        let _ = Session::new(settings).run_program("<p>", &format!("{inputs}{program}\n"), false, &mut host);
        (host.out, host.err)
    };
    let done = |text: &str| (text.to_owned(), String::new());
    assert_eq!(within(1, "x = torch.relu(a * b + c - 0.5) * 2\nprint(x[7])"), done("tensor(3.)\n"));
    assert_eq!(
        within(0, "print(((a - b * 3) ** 2).mean(), (a > 0.5).sum())"),
        done("tensor(4.) tensor(1000000)\n")
    );
    assert_eq!(within(0, "a += b * 2 + c\nprint(a[7])"), done("tensor(4.)\n"));
    assert!(within(1, "x = a * b\ny = x + c").1.contains("MemoryError"));
}
