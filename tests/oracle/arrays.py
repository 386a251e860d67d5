"""NumPy arrays as NumPy shows them: attributes, views with negative strides, arithmetic, reductions, numbers, printing."""

import json
import warnings

import numpy
import torch

warnings.simplefilter("ignore")

SETUP = """import numpy as np
import torch
a = np.arange(12).reshape(3, 4)
f = np.arange(6.0).reshape(2, 3) / 4
s = np.array([3, 1, 2, 3])
m = np.array([True, False, True, True])
h = np.array([1.5, -2.25, 0.5], dtype=np.float32)
i = np.array([-2, 5, 7], dtype=np.int32)
"""

# Expressions, each on a line or separated by `; `; a line with `|` is one program.
CASES = """
# Attributes.
a.shape; a.ndim; a.size; a.dtype; a.dtype.name; a.dtype.itemsize; a.itemsize; a.nbytes; f.itemsize; h.nbytes; i.dtype; len(a); type(a)
a.strides; a.T.strides; f.strides; h.strides; a[::-1].strides; a[:, ::-2].strides; a[1:, ::2].strides; a[None].strides
a.flags; a[:, ::2].flags; a.T.flags; a[0].flags; s.flags; np.broadcast_to(s, (2, 4)).flags
a.flags.c_contiguous; a.flags['C_CONTIGUOUS']; a.flags['F_CONTIGUOUS']; a.T.flags.f_contiguous; a.T.flags.owndata; s.flags.owndata; s.flags.writeable; s.flags['WRITEABLE']; s.flags.aligned; a.flags.contiguous; s.flags.fnc; s.flags.forc; s.flags['OWNDATA']; s.flags.num
s.base; a.T.base is a.base; s[1:].base is s; a[0].base.shape; s[1:][1:].base is s; s.copy().base
sorted(s.__array_interface__); s.__array_interface__['shape']; a.__array_interface__['typestr']; a.__array_interface__['strides']; a.T.__array_interface__['strides']; a.__array_interface__['version']; a.__array_interface__['descr']; h.__array_interface__['typestr']; m.__array_interface__['typestr']; i.__array_interface__['typestr']; s.__array_interface__['data'][1]
a.__array_interface__['data'][0] - a[1:].__array_interface__['data'][0]
s.data.nbytes; s.data.shape; s.data.format; s.data.strides; s.data.itemsize; s.data.ndim; s.data.readonly; f.data.format; h.data.format
# Negative steps are views.
a[::-1]; a[:, ::-1]; s[::-1]; s[::-2]; s[3:0:-1]; s[-1::-1]; f[::-1, ::-1]; a[::-1].T; a[::-1][0]; a[::-1] + 1; a[::-1].sum(); a[::-1].copy().strides; a[::-1].reshape(-1); a[::-1].flags.owndata; a[::-1].base is a.base
r = s[::-1] | r[0] = 9 | s
r = a[:, ::-1] | r[0] = -1 | a
torch.from_numpy(s[::-1]); torch.from_numpy(s[::-1].copy()); torch.as_tensor(a[::-1]); torch.tensor(s[::-1])
# Numbers.
s[0]; f[0, 1]; h[0]; i[1]; m[0]; a.sum(); f.sum(); f.mean(); a.mean(); a.max(); m.any(); m.all(); a.argmax(); h.sum(); h.mean(); i.sum(); i.prod(); f.std(); f.var(); a.min(); s[-1]; m.sum(); np.float64(3); np.float32(1.5); np.int64(7); np.int32(7); np.bool_(True); np.float64(0.1) + 1; np.int64(3) * 2; np.int64(3) / 2; s[0] + 1; s[0] * 1.5; f[0, 1] ** 2; -s[0]; s[0] == 3; f[1, 2] > 1; abs(i[0]); s[0].item(); f.sum().item(); float(f[0, 1]); int(s[0]); str(s[0]); str(f[0, 1]); str(m[0]); type(s[0]); type(f.sum()); s[0].dtype; f[0, 1].shape; round(f[0, 1], 1); bool(s[0]); f"{f[0, 1]:.3f}"; f"{s[0]}"; [1, 2, 3][s[1]]; s[0] + s[1]; h[0] + 1; h[0] * 2.0; i[0] + 1; np.pi; np.e
# Arithmetic.
a / 2; a // 5; a % 5; a ** 2; -a; abs(i); a + 1.5; a * a; f * 2; f + a[0, :3]; a @ a.T; 2 - s; 1 / (f + 1); i * 2; h * 2; h + 1.5; h / 2; s + m; m * 2; a - a.mean(axis=0); s << 1; s & 1; s | 4; s ^ 3; ~s; ~m; s // 2; divmod(s, 2)
np.array([1, 2, 3]) + np.array([[1], [2]]); i + s[:3]; h + f[0]; h * i; np.array([200], dtype=np.uint8) + np.array([100], dtype=np.uint8); np.array([1], dtype=np.int8) + 1; np.array([1], dtype=np.int16) * 1.5
a > 5; a == 3; a != 3; a <= 2; (a > 2) & (a < 7); (a > 2) | (a < 1); m & ~m; f >= 0.5; s == s
b = a.copy() | b += 1 | b
b = a.copy() | b *= 2 | b
b = f.copy() | b /= 2 | b
b = a.copy() | b[0] = 9 | b
b = a.copy() | b[b > 5] = 0 | b
b = a.copy() | b[:, 1] += 10 | b
b = s.copy() | b /= 2
a + s[:3]
a @ a
# Indexing.
a[0]; a[1, 2]; a[-1]; a[1:]; a[:, 1]; a[1:, ::2]; a[a > 5]; a[[0, 2]]; a[[0, 2], [1, 3]]; a[:, None].shape; a[..., 0]; s[m]; s[[True, False, True, False]]; a[np.array([0, 1])]; a[5]; a[:, 9]; a[0, 0, 0]; s['x']
# Reductions.
a.sum(axis=0); a.sum(axis=1); a.sum(axis=1, keepdims=True); a.sum(axis=(0, 1)); a.sum(0); a.sum(axis=-1); a.mean(axis=0); a.max(axis=0); a.min(axis=1); a.prod(axis=0); a.std(axis=0); a.var(axis=1); a.std(ddof=1); f.var(ddof=1); a.any(axis=0); a.all(axis=1); a.argmax(axis=1); a.argmin(axis=0); a.argmin(); a.cumsum(); a.cumsum(axis=0); s.cumprod(); s.argsort(); np.sum(a); np.sum(a, axis=0); np.mean(f); np.mean(a, axis=1); np.max(a); np.min(a, axis=0); np.std(f); np.var(f); np.prod(s); np.median(s); np.median(a, axis=0); np.any(m); np.all(m); np.argmax(s); np.argmin(s); np.cumsum(a); np.cumsum(a, axis=1); np.cumprod(s); np.count_nonzero(m); np.percentile(s, 50); np.quantile(s, 0.25); np.amax(a); np.amin(a); np.ptp(s); np.nansum(np.array([1.0, np.nan])); np.nanmean(np.array([1.0, np.nan])); np.nanmax(np.array([1.0, np.nan])); np.average(s); h.sum(dtype=np.float64); m.mean(); i.mean()
# Conversion and shape.
a.astype(float); a.astype(np.float32); a.astype('int32'); a.astype(bool); f.astype(int); a.astype(np.int8).dtype; s.astype(str); a.reshape(2, 6); a.reshape(2, -1); a.reshape((4, 3)); a.reshape(5, 2); a.ravel(); a.flatten(); a.copy(); a.tolist(); f.tolist(); a.T; a.transpose(); a.transpose(1, 0); np.transpose(a); a.swapaxes(0, 1); a.squeeze().shape; np.squeeze(a[None]).shape; np.expand_dims(s, 0); np.expand_dims(s, 1).shape; np.moveaxis(np.zeros((2, 3, 4)), 0, -1).shape; np.reshape(a, (6, 2)); np.ravel(f); s.repeat(2); np.repeat(s, 2); np.tile(s, 2); np.tile(s, (2, 1)); np.flip(s); np.flip(a, 0); np.fliplr(a); np.flipud(a); np.rot90(f); np.roll(s, 1); np.roll(a, 1, axis=1); s.item(0); a.item(5); a.fill; np.atleast_2d(s); np.swapaxes(a, 0, 1).shape; np.broadcast_to(s, (2, 4)); np.ascontiguousarray(a.T).flags.c_contiguous; s.tobytes(); s.view(np.float64).dtype
# Creation.
np.zeros(3); np.zeros((2, 3)); np.zeros((2, 2), dtype=int); np.ones((2, 2)); np.ones(2, dtype=np.float32); np.full((2, 2), 7); np.full(2, 0.5); np.eye(2); np.eye(2, 3); np.eye(3, k=1); np.identity(2); np.arange(5); np.arange(1, 3, 0.5); np.arange(5, 0, -2); np.arange(3.0); np.linspace(0, 1, 5); np.linspace(0, 1, 4, endpoint=False); np.logspace(0, 2, 3); np.zeros_like(a); np.ones_like(f); np.full_like(a, 3); np.empty((0, 3)); np.empty(2).shape; np.array(5); np.array(5.0); np.array([]); np.array([[1, 2], [3, 4]]); np.array([1, 2.5]); np.array([True, False]); np.array([1, 2], dtype=float); np.array(a) is a; np.asarray(a) is a; np.array((1, 2)); np.array([a[0], a[1]]); np.diag(s); np.diag(a); np.tri(3); np.tril(a); np.triu(a); np.vander(np.array([1, 2, 3])); np.meshgrid(np.arange(2), np.arange(3)); np.indices((2, 2)); np.ones_like(a, dtype=float); np.zeros_like([1, 2]); np.geomspace(1, 100, 3)
# Joining.
np.stack([s, s]); np.stack([s, s], axis=1); np.concatenate([s, s]); np.concatenate([a, a], axis=1); np.concatenate((s, [9])); np.vstack([s, s]); np.hstack([s, s]); np.hstack([a, a]); np.column_stack([s, s]); np.dstack([s, s]).shape; np.append(s, 4); np.append(s, [4, 5]); np.split(s, 2); np.split(a, 3)[1]; np.array_split(s, 3); np.hsplit(a, 2)[0]; np.vsplit(a, 3)[0]; np.insert(s, 1, 9); np.delete(s, 1); np.block([s, s]); np.pad(s, 1)
# Functions.
np.sqrt(f); np.exp(f); np.log(f + 1); np.log2(f + 1); np.log10(f + 1); np.log1p(f); np.expm1(f); np.sin(f); np.cos(f); np.tan(f); np.arctan(f); np.tanh(f); np.sinh(f); np.abs(i); np.absolute(i); np.sign(i); np.square(s); np.power(s, 2); np.maximum(s, 2); np.minimum(s, 2); np.clip(a, 2, 5); a.clip(2, 5); np.round(f, 1); f.round(1); np.floor(f); np.ceil(f); np.rint(f); np.trunc(f); np.fabs(h); np.reciprocal(f + 1); np.negative(s); np.add(s, 1); np.subtract(s, 1); np.multiply(s, 2); np.divide(s, 2); np.mod(s, 2); np.floor_divide(s, 2); np.remainder(s, 2); np.hypot(s, s); np.arctan2(s, s); np.sqrt(s); np.sqrt(4); np.sqrt(2.0); np.exp(1); np.abs(-3); np.sin(0); np.maximum(1, 2); np.sqrt(h); np.exp(i); np.deg2rad(180.0); np.degrees(np.pi); np.cbrt(f)
np.where(a > 5, a, -1); np.where(m); np.where(m, 1.5, s); np.nonzero(s); np.argwhere(m); np.isnan(np.array([1, np.nan])); np.isinf(f); np.isfinite(f); np.isclose(f, f); np.allclose(f, f); np.array_equal(a, a); np.equal(s, 3); np.greater(s, 2); np.less(s, 2); np.logical_and(m, ~m); np.logical_or(m, ~m); np.logical_not(m); np.nan_to_num(np.array([np.nan, 1.0])); np.sort(s); np.sort(a[::-1], axis=0); np.argsort(s); np.unique(s); np.unique(s, return_counts=True); np.unique(s, return_index=True); np.searchsorted(np.array([1, 3, 5]), 4); np.searchsorted(np.array([1, 3, 5]), [0, 3]); np.digitize(s, np.array([1, 3])); np.bincount(s); np.diff(s); np.diff(a, axis=0); np.gradient(f[0]); np.interp(2.5, [1, 2, 3], [10, 20, 30]); np.histogram(s, bins=2); np.cov(f); np.corrcoef(f); np.trapezoid(f[0]); np.convolve(s, [1, 1]); np.cross([1, 0, 0], [0, 1, 0]); np.isin(s, [1, 2]); np.take(s, [0, 2]); np.choose; np.in1d
np.dot(a, a.T); np.dot([1, 2], [3, 4]); np.dot(s, s); a.dot(s); s.dot(s); np.matmul(a, a.T); np.matmul(a, s); np.inner(s, s); np.outer([1, 2], [3, 4]); np.trace(a); a.trace(); np.vdot(s, s); np.tensordot(a, a, axes=([1], [1])); np.kron([1, 2], [1, 10]); np.einsum('ij,kj->ik', a, a); np.einsum('ij->j', f); np.einsum('ii', np.eye(3)); np.einsum('i,i', s, s); np.linalg.norm(np.array([3.0, 4.0])); np.linalg.norm(f, axis=1); np.linalg.inv(np.array([[2.0, 0.0], [0.0, 4.0]])); np.linalg.det(np.array([[2.0, 0.0], [0.0, 4.0]])); np.linalg.solve(np.eye(2), np.ones(2)); np.linalg.matrix_rank(np.eye(3)); np.linalg.matrix_power(np.array([[1, 1], [0, 1]]), 3)
# Printing.
print(a); print(f); print(s); print(h); print(m); print(np.array(5)); print(np.array([])); print(a[0]); print(np.zeros((2, 2, 2))); print(np.zeros((0, 3)))
str(a); str(f); str(h); str(m); str(np.zeros(3)); str(np.array(2.5))
np.arange(2000); np.arange(2000.0); np.arange(3000).reshape(30, 100); np.zeros((1, 2, 3)); np.array([1.5, 2.25, 1e10]); np.array([1e-5, 1.0]); np.array([np.nan, np.inf, -np.inf]); np.array([0.1, 0.25, 100.0]); np.array([1e20, 1.0]); np.array([1e-10]); np.array([123456.789, 0.001]); np.array([1.0, 2.0], dtype=np.float32); np.array([0.1], dtype=np.float32); np.array([1 / 3]); np.array([-1, 10, 100]); np.array([[1.0, -2.5], [3.25, 4.0]]); np.linspace(0, 1, 30); np.arange(40); np.array([[True, False], [False, True]]); np.array([1], dtype=np.uint8); np.zeros((3, 0)); np.array([1e16]); np.array([1e15, 2.0]); np.array([0.0001]); np.array([0.00001])
# With tensors.
t = torch.arange(3.0) | n = t.numpy() | n[0] = 7 | t
n = np.arange(3.0) | t = torch.from_numpy(n) | t[1] = 5 | n
torch.tensor(a).dtype; torch.tensor(f).dtype; torch.from_numpy(h).dtype; torch.as_tensor(f); torch.ones(2).numpy(); torch.ones(2).numpy().dtype; torch.arange(3).numpy(); np.asarray(torch.ones(2)); np.array(torch.ones(2)); torch.from_numpy(a).stride(); torch.tensor(s[0]); torch.tensor(f.sum()); torch.from_numpy(m); torch.ones(2, requires_grad=True).numpy(); torch.from_numpy([1, 2])
"""


def programs():
    for line in CASES.strip().splitlines():
        if line.startswith("#"):
            continue
        if " | " in line and "; " not in line and "=" in line.split(" | ")[0]:
            yield line.split(" | ")
        else:
            yield from ([code.strip()] for code in line.split("; "))


def answer(parts):
    names = {}
    exec(SETUP, names)
    shown = []
    names["print"] = lambda *items: shown.append(" ".join(map(str, items)))
    try:
        for part in parts[:-1]:
            exec(part, names)
        try:
            value = eval(compile(parts[-1], "", "eval"), names)
        except SyntaxError:
            exec(parts[-1], names)
            value = None
        if value is not None:
            shown.append(repr(value))
        return {"out": "\n".join(shown)}
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        return {"error": f"{type(error).__name__}: {first}"}


def record(path):
    assert numpy.__version__ >= "2"
    with open(path, "w") as out:
        out.write(json.dumps({"setup": SETUP}) + "\n")
        for parts in programs():
            row = {"code": "; ".join(parts), **answer(parts)}
            if "0x" not in str(row) and "<built-in" not in str(row) and "<function" not in str(row):
                out.write(json.dumps(row) + "\n")
