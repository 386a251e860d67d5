//! The short ways of small tensors give what the general ways give: values, shapes, strides, offsets, errors.

use tenscope::host::Recorder;
use tenscope::session::{Outcome, Session, Settings};

/// Runs a program that must end well.
fn check(text: &str) {
    let mut host = Recorder::default();
    let outcome = Session::new(Settings::default()).run_program("<test>", text, false, &mut host);
    assert_eq!(outcome, Outcome::Done, "{}", host.err);
}

const SAME: &str = "
def same(x, y):
    assert x.dtype == y.dtype and x.shape == y.shape, (x, y)
    assert x.stride() == y.stride() and x.storage_offset() == y.storage_offset(), (x.stride(), y.stride())
    assert torch.equal(x, y), (x, y)
";

#[test]
fn operators_and_products() {
    check(&format!(
        "{SAME}
for dtype in (torch.float32, torch.float64, torch.int64, torch.float16):
    base = torch.arange(24).to(dtype)
    for x in (base, base.reshape(4, 6), base.reshape(4, 6).t(), base.reshape(6, 4)[1:5, 1:3], base[3], base[:0], base.reshape(1, 24)):
        y = x + 1
        same(x + y, torch.add(x, y))
        same(x - y, torch.sub(x, y))
        same(x * y, torch.mul(x, y))
        same(x / y, torch.div(x, y))
        same(x * 3, torch.mul(x, 3))
        same(2 + x, torch.add(x, 2))
        same(x / 2.5, torch.div(x, 2.5))
        z = x.clone()
        before = z._version
        z += y
        assert z._version > before or z.numel() == 0
        same(z, torch.add(x, y).to(dtype))
        z *= 2
        same(z, torch.mul(torch.add(x, y), 2))
    for a, b in ((base.reshape(4, 6), base.reshape(6, 4)), (base.reshape(6, 4).t(), base.reshape(6, 4)), (base[:4].reshape(4, 1), base[:3].reshape(1, 3)), (base[:3].reshape(1, 3), base[:3].reshape(3, 1))):
        same(a @ b, torch.matmul(a, b))
"
    ));
}

#[test]
fn brackets_and_views() {
    check(&format!(
        "{SAME}
x = torch.arange(60.).reshape(3, 4, 5)
for t in (x, x.transpose(0, 2), x[1:, ::2]):
    for i in (-2, -1, 0, 1):
        same(t[i], t[i, ...])
        same(t[i, None, 0], t[i, None, 0, ...])
        same(t[None, i:], t[None, i:, ...])
        same(t[:, i, None], t[:, i, None, ...])
        same(t[i, 1:i, :2], t[i, 1:i, :2, ...])
        same(t[0, i, i], t[0, i, i, ...])
    for n in range(-4, 4):
        same(t.unsqueeze(n), t.unsqueeze(dim=n))
m = torch.arange(12.).reshape(3, 4)
for t in (m, m.t(), m[:, 1:], m[0], m[0, 0]):
    same(t.sum(), torch.sum(t))
    for n in range(-t.ndim, t.ndim):
        same(t.sum(n), t.sum(dim=n))
for wrong in (lambda: x[3], lambda: x[0, -5], lambda: x[0, 0, 0, 0], lambda: x.unsqueeze(4), lambda: m.sum(2)):
    try:
        wrong()
    except IndexError:
        continue
    raise AssertionError('no error')
c = torch.zeros(2, 3)
for i in range(2):
    for j in range(3):
        c[i, j] += i * 3 + j
        c[i, j] = c[i, j] * 2.0
        c[i, j] = 1.0 + c[i, j].item()
same(c, torch.arange(6.).reshape(2, 3) * 2 + 1)
"
    ));
}
