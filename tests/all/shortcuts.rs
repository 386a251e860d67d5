//! The engine's shorter ways give what the longer ones give: powers, softmax by rows, extrema, in-place ops, threads.

use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// Every line is an expression that must be true.
fn hold(setup: &str, claims: &[&str]) {
    let mut session = Session::new(Settings::default());
    let mut host = Recorder::default();
    let same = "def same(a, b):\n    return bool(((a == b) | (a.isnan() & b.isnan())).all()) and a.shape == b.shape\n\n";
    let outcome = session.run_typed("<test>", &format!("{same}{setup}"), false, &mut host);
    assert_eq!(outcome, Outcome::Done, "{}", host.err);
    for claim in claims {
        let mut host = Recorder::default();
        session.run_typed("<test>", &format!("print({claim})"), false, &mut host);
        assert_eq!(host.out, "True\n", "{claim}\n{}", host.err);
    }
}

/// As PyTorch computes them: by multiplications, divisions and roots. A tensor as exponent has no such way.
#[test]
fn powers() {
    let x = "x = torch.cat([torch.randn(3000) * 20, torch.tensor([1e30, -0.0, 0.0, float('inf'), -float('inf'), float('nan')])])\n\
             h = x.half(); b = x.bfloat16(); d = x.double(); i = torch.arange(-50, 50)\n";
    hold(
        x,
        &[
            "same(x ** 2, x * x)",
            "same(x ** 3, x * x * x)",
            "same(x ** -1, 1 / x)",
            "same(x ** -2.0, 1 / (x * x))",
            "same(x ** 0.5, x.sqrt())",
            "same(x ** -0.5, x.rsqrt())",
            "same(d ** 3, d * d * d)",
            "same(i ** 3, i * i * i)",
            "same(h ** 3, (h.float() * h.float() * h.float()).half())",
            "same(h ** -2, (1 / (h.float() * h.float())).half())",
            "(torch.tensor([-float('inf')], dtype=torch.float16) ** 0.5).item() == float('inf')",
            "same(b ** 2, b * b)",
            "same(x.clone().pow_(3), x * x * x)",
            "same(torch.pow(x, 2), x * x)",
            "same(((x - 1) ** 2).sum(), ((x - 1) * (x - 1)).sum())",
        ],
    );
}

#[test]
fn softmax_by_rows() {
    let setup = "\
m = torch.randn(70, 1500) * 5
m[3, 7] = float('nan'); m[4] = -float('inf'); m[5, 1] = float('inf')
def slow(x):
    e = torch.exp(x - x.max(1, keepdim=True).values)
    return e / e.sum(1, keepdim=True)
def slow_log(x):
    s = x - x.max(1, keepdim=True).values
    return s - torch.log(torch.exp(s).sum(1, keepdim=True))
";
    let claims = &[
        "same(torch.softmax(m, 1), slow(m))",
        "same(torch.log_softmax(m, 1), slow_log(m))",
        "same(torch.softmax(m.double(), 1), slow(m.double()))",
        "same(torch.softmax(m[:, :3].contiguous(), -1), slow(m[:, :3]))",
        "same(torch.softmax(m.reshape(7, 10, 1500), 2), slow(m).reshape(7, 10, 1500))",
    ];
    hold(setup, claims);
}

/// Rows in memory are folded at once; the same rows through a transposed copy one position after the other.
#[test]
fn folds_of_rows_and_columns() {
    let setup = "\
m = torch.randn(300, 2500).round(decimals=1)
m[7, 2400] = float('nan'); m[9, 3] = float('nan')
i = (m.nan_to_num() * 10).to(torch.int32)
t = m.t().contiguous().t()
f = m.nan_to_num()
";
    let claims = &[
        "same(m.max(1).values, t.max(1).values) and same(m.max(1).indices, t.max(1).indices)",
        "same(m.min(1).values, t.min(1).values) and same(m.argmin(1), t.argmin(1))",
        "same(i.max(1).indices, i.t().contiguous().t().max(1).indices)",
        "same(m.amax(0), t.amax(0)) and same(m.amin(0), t.amin(0))",
        "same(i.sum(1), i.t().contiguous().sum(0))",
        "same((m > 0).sum(1), (t > 0).sum(1))",
        "bool((f.sum(1).double() - f.double().sum(1)).abs().max() < 1e-3)",
        "bool((f.sum(0).double() - f.double().sum(0)).abs().max() < 1e-3)",
        "bool((f.var(1) - f.t().contiguous().t().var(1)).abs().max() < 1e-4)",
        "same(m.t().contiguous(), torch.stack([m[:, j] for j in range(2500)]))",
        "same(i.to(torch.int64).t().contiguous().t(), i.to(torch.int64))",
        "same(i.to(torch.int16).t().contiguous().t(), i.to(torch.int16))",
    ];
    hold(setup, claims);
}

/// Broadcast operands are read row by row; spread out they give the same.
#[test]
fn rows_of_broadcast_operands() {
    let setup = "\
m = torch.randn(130, 5000); v = m[3].clone(); w = m[:, :1].clone(); k = torch.randn(3, 1, 700)
full = m.clone()
";
    let claims = &[
        "same(m + v, m + v.expand(130, 5000).contiguous())",
        "same(m * w - v, m * w.expand(130, 5000).contiguous() - v.expand(130, 5000).contiguous())",
        "same(v[:4000] + w, v[:4000].expand(130, 4000).contiguous() + w.expand(130, 4000).contiguous())",
        "same(m[:, :700] + k, m[:, :700].expand(3, 130, 700).contiguous() + k.expand(3, 130, 700).contiguous())",
        "same(m[10:90, 100:4000] + v[100:4000], (m + v)[10:90, 100:4000])",
        "same(full[:, 1:3000].add_(w), m[:, 1:3000] + w)",
        "same(full[:, 3000:], m[:, 3000:])",
    ];
    hold(setup, claims);
}

/// A result that is written into its own operand.
#[test]
fn in_place_without_a_temporary() {
    let setup = "a = torch.randn(50000); b = torch.randn(50000)\ndef fresh():\n    return a.clone()\n";
    let claims = &[
        "same(fresh().add_(b), a + b)",
        "same(fresh().add_(b, alpha=3), torch.add(a, b, alpha=3))",
        "same(fresh().sub_(b).mul_(b), (a - b) * b)",
        "same(fresh().clamp_(-1, 1), a.clamp(-1, 1))",
        "(lambda x: same(x[1:].add_(x[1:]), a[1:] + a[1:]))(fresh())",
        "(lambda x: same(x.add_(x.flip(0)), a + a.flip(0)))(fresh())",
        "(lambda x: same(x.view(100, 500).add_(x.view(100, 500).t().reshape(100, 500)), a.view(100, 500) + a.view(100, 500).t().reshape(100, 500)))(fresh())",
    ];
    hold(setup, claims);
}
