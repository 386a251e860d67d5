# Functions of NumPy in terms of torch's, which keep arrays arrays. Methods of arrays are `_array_NAME`.
import torch
import math as _math


def _a(x):
    return asarray(x)


def _axis(axis):
    return tuple(axis) if isinstance(axis, list) else axis


def _float(a):
    return a if a.dtype.kind == "f" else a.astype(float64)


def _given(result, out):
    if out is None:
        return result
    out[...] = result
    return out


def _reduce(function, a, axis, keepdims):
    if axis is None:
        axis = tuple(range(a.ndim))
    return function(a, _axis(axis), keepdim=keepdims)


def sum(a, axis=None, dtype=None, out=None, keepdims=False):
    a = _a(a)
    if dtype is not None:
        a = a.astype(dtype)
    return _given(_reduce(torch.sum, a, axis, keepdims), out)


def mean(a, axis=None, dtype=None, out=None, keepdims=False):
    a = _float(_a(a))
    if dtype is not None:
        a = a.astype(dtype)
    return _given(_reduce(torch.mean, a, axis, keepdims), out)


def var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    a = _float(_a(a))
    if axis is None:
        axis = tuple(range(a.ndim))
    return _given(torch.var(a, _axis(axis), correction=ddof, keepdim=keepdims), out)


def std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    return _given(sqrt(var(a, axis, dtype, None, ddof, keepdims)), out)


def amax(a, axis=None, out=None, keepdims=False):
    return _given(_reduce(torch.amax, _a(a), axis, keepdims), out)


def amin(a, axis=None, out=None, keepdims=False):
    return _given(_reduce(torch.amin, _a(a), axis, keepdims), out)


def max(a, axis=None, out=None, keepdims=False):
    return amax(a, axis, out, keepdims)


def min(a, axis=None, out=None, keepdims=False):
    return amin(a, axis, out, keepdims)


def ptp(a, axis=None):
    return amax(a, axis) - amin(a, axis)


def prod(a, axis=None, dtype=None, out=None, keepdims=False):
    a = _a(a)
    if axis is None:
        return torch.prod(a)
    return torch.prod(a, axis, keepdim=keepdims)


def any(a, axis=None, out=None, keepdims=False):
    return _reduce(torch.any, _a(a).astype(bool_), axis, keepdims)


def all(a, axis=None, out=None, keepdims=False):
    return _reduce(torch.all, _a(a).astype(bool_), axis, keepdims)


def argmax(a, axis=None, out=None, keepdims=False):
    return torch.argmax(_a(a), axis, keepdim=keepdims)


def argmin(a, axis=None, out=None, keepdims=False):
    return torch.argmin(_a(a), axis, keepdim=keepdims)


def cumsum(a, axis=None):
    a = _a(a)
    return torch.cumsum(a.reshape(-1), 0) if axis is None else torch.cumsum(a, axis)


def cumprod(a, axis=None):
    a = _a(a)
    return torch.cumprod(a.reshape(-1), 0) if axis is None else torch.cumprod(a, axis)


def median(a, axis=None, keepdims=False):
    return quantile(a, 0.5, axis, keepdims=keepdims)


def quantile(a, q, axis=None, keepdims=False):
    a, q = _float(_a(a)), asarray(q, float64)
    return torch.quantile(a, q.astype(a.dtype), axis, keepdim=keepdims)


def percentile(a, q, axis=None, keepdims=False):
    return quantile(a, asarray(q, float64) / 100, axis, keepdims)


def count_nonzero(a, axis=None):
    result = torch.count_nonzero(_a(a), axis)
    return result


def nansum(a, axis=None, keepdims=False):
    a = _a(a)
    return sum(where(isnan(a), 0, a), axis, keepdims=keepdims)


def nanmean(a, axis=None, keepdims=False):
    a = _float(_a(a))
    return nansum(a, axis, keepdims) / sum(~isnan(a), axis, keepdims=keepdims)


def nanmax(a, axis=None, keepdims=False):
    a = _float(_a(a))
    return amax(where(isnan(a), -inf, a), axis, keepdims=keepdims)


def nanmin(a, axis=None, keepdims=False):
    a = _float(_a(a))
    return amin(where(isnan(a), inf, a), axis, keepdims=keepdims)


def average(a, axis=None, weights=None):
    if weights is None:
        return mean(a, axis)
    weights = _a(weights)
    return sum(_a(a) * weights, axis) / sum(weights, axis)


def copy(a):
    return torch.clone(_a(a)).contiguous()


def reshape(a, shape, order="C"):
    a = _a(a)
    try:
        return torch.reshape(a, shape if isinstance(shape, (tuple, list)) else (shape,))
    except RuntimeError:
        sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
        text = ",".join([str(n) for n in sizes]) + ("," if len(sizes) == 1 else "")
        raise ValueError(f"cannot reshape array of size {a.size} into shape ({text})") from None


def ravel(a):
    return torch.ravel(_a(a))


def transpose(a, axes=None):
    a = _a(a)
    return torch.permute(a, tuple(axes) if axes is not None else tuple(range(a.ndim))[::-1])


def squeeze(a, axis=None):
    a = _a(a)
    result = torch.squeeze(a) if axis is None else torch.squeeze(a, axis)
    return a if result.ndim == a.ndim else result


def moveaxis(a, source, destination):
    return torch.movedim(_a(a), source, destination)


def swapaxes(a, axis1, axis2):
    return torch.transpose(_a(a), axis1, axis2)


def repeat(a, repeats, axis=None):
    a = _a(a)
    repeats = repeats if isinstance(repeats, int) else torch.tensor(repeats)
    return torch.repeat_interleave(a.reshape(-1), repeats) if axis is None else torch.repeat_interleave(a, repeats, axis)


def tile(a, reps):
    return torch.tile(_a(a), reps if isinstance(reps, (tuple, list)) else (reps,))


def flip(m, axis=None):
    m = _a(m)
    axes = tuple(range(m.ndim)) if axis is None else (axis if isinstance(axis, (tuple, list)) else (axis,))
    axes = [n % m.ndim for n in axes]
    return m[tuple([slice(None, None, -1) if n in axes else slice(None) for n in range(m.ndim)])]


def fliplr(m):
    return flip(m, 1)


def flipud(m):
    return flip(m, 0)


def rot90(m, k=1, axes=(0, 1)):
    return torch.rot90(_a(m), k, axes)


def roll(a, shift, axis=None):
    return torch.roll(_a(a), shift) if axis is None else torch.roll(_a(a), shift, axis)


def atleast_1d(a):
    return torch.atleast_1d(_a(a))


def atleast_2d(a):
    return torch.atleast_2d(_a(a))


def ascontiguousarray(a):
    return _a(a).contiguous()


def identity(n, dtype=float64):
    return eye(n, dtype=dtype)


def linspace(start, stop, num=50, endpoint=True, dtype=None):
    if endpoint:
        values = asarray(torch.linspace(float(start), float(stop), num, dtype=torch.float64))
    else:
        values = arange(num) * ((stop - start) / num) + float(start)
    return values if dtype is None else values.astype(dtype)


def logspace(start, stop, num=50, base=10.0):
    return base ** linspace(start, stop, num)


def geomspace(start, stop, num=50):
    values = logspace(_math.log10(start), _math.log10(stop), num)
    if num > 0:
        values[0] = start
    if num > 1:
        values[-1] = stop
    return values


def zeros_like(a, dtype=None):
    a = _a(a)
    return zeros(a.shape, a.dtype if dtype is None else dtype)


def ones_like(a, dtype=None):
    a = _a(a)
    return ones(a.shape, a.dtype if dtype is None else dtype)


def empty_like(a, dtype=None):
    return zeros_like(a, dtype)


def full_like(a, fill_value, dtype=None):
    a = _a(a)
    return full(a.shape, fill_value, a.dtype if dtype is None else dtype)


def diag(v, k=0):
    v = _a(v)
    return copy(torch.diag(v, k))


def tri(N, M=None, k=0, dtype=float64):
    return torch.tril(ones((N, N if M is None else M), dtype), k)


def tril(m, k=0):
    return torch.tril(_a(m), k)


def triu(m, k=0):
    return torch.triu(_a(m), k)


def vander(x, N=None, increasing=False):
    x = _a(x)
    powers = arange(len(x) if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1])


def meshgrid(*xi, indexing="xy"):
    return torch.meshgrid(*[_a(x) for x in xi], indexing=indexing)


def indices(dimensions):
    return stack(torch.meshgrid(*[arange(n) for n in dimensions], indexing="ij"))


def _rows(arrays):
    return [torch.atleast_2d(_a(a)) for a in arrays]


def vstack(tup):
    return concatenate(_rows(tup))


def hstack(tup):
    arrays = [torch.atleast_1d(_a(a)) for a in tup]
    return concatenate(arrays, 0 if arrays[0].ndim == 1 else 1)


def column_stack(tup):
    return concatenate([a[:, None] if a.ndim < 2 else a for a in [_a(a) for a in tup]], 1)


def dstack(tup):
    return torch.dstack([_a(a) for a in tup])


def append(arr, values, axis=None):
    arr, values = _a(arr), _a(values)
    if axis is None:
        return concatenate([arr.reshape(-1), values.reshape(-1)])
    return concatenate([arr, values], axis)


def array_split(a, sections, axis=0):
    return list(torch.tensor_split(_a(a), sections if isinstance(sections, int) else tuple(sections), axis))


def split(a, sections, axis=0):
    a = _a(a)
    if isinstance(sections, int) and a.shape[axis] % sections != 0:
        raise ValueError("array split does not result in an equal division")
    return array_split(a, sections, axis)


def hsplit(a, sections):
    a = _a(a)
    return split(a, sections, 0 if a.ndim == 1 else 1)


def vsplit(a, sections):
    return split(a, sections, 0)


def insert(arr, obj, values, axis=None):
    arr = _a(arr).reshape(-1) if axis is None else _a(arr)
    axis = 0 if axis is None else axis
    values = _a(values).astype(arr.dtype)
    size = arr.shape[axis]
    obj = obj % (size + 1)
    if values.ndim < arr.ndim:
        values = torch.unsqueeze(values, axis)
    before, after = torch.tensor_split(arr, (obj,), axis)
    return concatenate([before, values, after], axis)


def delete(arr, obj, axis=None):
    arr = _a(arr).reshape(-1) if axis is None else _a(arr)
    axis = 0 if axis is None else axis
    gone = [n % arr.shape[axis] for n in ([obj] if isinstance(obj, int) else obj)]
    return take(arr, [n for n in range(arr.shape[axis]) if n not in gone], axis)


def take(a, indices, axis=None):
    a = _a(a)
    if axis is None:
        return a.reshape(-1)[asarray(indices)]
    return torch.index_select(a, axis, torch.tensor(indices))


def pad(array, pad_width, mode="constant", constant_values=0):
    array = _a(array)
    if isinstance(pad_width, int):
        pad_width = [(pad_width, pad_width)] * array.ndim
    elif isinstance(pad_width[0], int):
        pad_width = [tuple(pad_width)] * array.ndim
    sizes = []
    for before, after in reversed(list(pad_width)):
        sizes.extend([before, after])
    if mode != "constant":
        raise NotImplementedError("np.pad: modes other than 'constant' are missing; torch.nn.functional.pad has them")
    return torch.nn.functional.pad(array, sizes, value=constant_values)


def _unary(function, x):
    return function(_a(x)) if isinstance(x, (int, float, bool, list, tuple)) else function(x)


def _number(x):
    x = _a(x)
    return x[()] if x.ndim == 0 else x


def sqrt(x):
    return torch.sqrt(_number(x))


def exp(x):
    return torch.exp(_number(x))


def exp2(x):
    return torch.exp2(_number(x))


def expm1(x):
    return torch.expm1(_number(x))


def log(x):
    return torch.log(_number(x))


def log2(x):
    return torch.log2(_number(x))


def log10(x):
    return torch.log10(_number(x))


def log1p(x):
    return torch.log1p(_number(x))


def sin(x):
    return torch.sin(_number(x))


def cos(x):
    return torch.cos(_number(x))


def tan(x):
    return torch.tan(_number(x))


def arcsin(x):
    return torch.asin(_number(x))


def arccos(x):
    return torch.acos(_number(x))


def arctan(x):
    return torch.atan(_number(x))


def sinh(x):
    return torch.sinh(_number(x))


def cosh(x):
    return torch.cosh(_number(x))


def tanh(x):
    return torch.tanh(_number(x))


def abs(x):
    return torch.abs(_number(x))


def absolute(x):
    return torch.abs(_number(x))


def fabs(x):
    return torch.abs(_float(_number(x)))


def sign(x):
    return torch.sign(_number(x))


def negative(x):
    return -_number(x)


def square(x):
    x = _number(x)
    return x * x


def cbrt(x):
    x = _float(_number(x))
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def reciprocal(x):
    return 1 / _number(x)


def floor(x):
    return torch.floor(_number(x))


def ceil(x):
    return torch.ceil(_number(x))


def trunc(x):
    return torch.trunc(_number(x))


def rint(x):
    return torch.round(_float(_number(x)))


def round(a, decimals=0):
    a = _number(a)
    return torch.round(a, decimals=decimals) if a.dtype.kind == "f" else a


def around(a, decimals=0):
    return round(a, decimals)


def deg2rad(x):
    return torch.deg2rad(_number(x))


def radians(x):
    return torch.deg2rad(_number(x))


def rad2deg(x):
    return torch.rad2deg(_number(x))


def degrees(x):
    return torch.rad2deg(_number(x))


def isnan(x):
    return torch.isnan(_number(x))


def isinf(x):
    return torch.isinf(_number(x))


def isfinite(x):
    return torch.isfinite(_number(x))


def logical_not(x):
    return torch.logical_not(_number(x))


def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    return torch.nan_to_num(_number(x), nan, posinf, neginf)


def _pair(x, y):
    return _number(x), y if isinstance(y, (int, float, bool)) else _number(y)


def add(x1, x2):
    return _number(x1) + (x2 if isinstance(x2, (int, float)) else _number(x2))


def subtract(x1, x2):
    return _number(x1) - (x2 if isinstance(x2, (int, float)) else _number(x2))


def multiply(x1, x2):
    return _number(x1) * (x2 if isinstance(x2, (int, float)) else _number(x2))


def divide(x1, x2):
    return _number(x1) / (x2 if isinstance(x2, (int, float)) else _number(x2))


def true_divide(x1, x2):
    return divide(x1, x2)


def floor_divide(x1, x2):
    return _number(x1) // (x2 if isinstance(x2, (int, float)) else _number(x2))


def mod(x1, x2):
    return _number(x1) % (x2 if isinstance(x2, (int, float)) else _number(x2))


def remainder(x1, x2):
    return mod(x1, x2)


def power(x1, x2):
    return _number(x1) ** (x2 if isinstance(x2, (int, float)) else _number(x2))


def _both(function, x1, x2):
    x1, x2 = _number(x1), _number(x2)
    return function(x1, x2)


def maximum(x1, x2):
    return _both(torch.maximum, x1, x2)


def minimum(x1, x2):
    return _both(torch.minimum, x1, x2)


def hypot(x1, x2):
    return torch.hypot(_float(_number(x1)), _float(_number(x2)))


def arctan2(x1, x2):
    return torch.atan2(_float(_number(x1)), _float(_number(x2)))


def equal(x1, x2):
    return _number(x1) == x2


def not_equal(x1, x2):
    return _number(x1) != x2


def greater(x1, x2):
    return _number(x1) > x2


def greater_equal(x1, x2):
    return _number(x1) >= x2


def less(x1, x2):
    return _number(x1) < x2


def less_equal(x1, x2):
    return _number(x1) <= x2


def logical_and(x1, x2):
    return _both(torch.logical_and, x1, x2)


def logical_or(x1, x2):
    return _both(torch.logical_or, x1, x2)


def logical_xor(x1, x2):
    return _both(torch.logical_xor, x1, x2)


def clip(a, a_min=None, a_max=None):
    return torch.clamp(_number(a), a_min, a_max)


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    a, b = _float(_number(a)), _float(_number(b))
    return torch.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    return True if all(isclose(a, b, rtol, atol, equal_nan)) else False


def array_equal(a1, a2):
    a1, a2 = _a(a1), _a(a2)
    return True if a1.shape == a2.shape and all(a1 == a2) else False


def where(condition, x=None, y=None):
    condition = _a(condition)
    if x is None:
        return nonzero(condition)
    if condition.dtype != bool_:
        condition = condition != 0
    x = x if isinstance(x, (int, float)) else _a(x)
    y = y if isinstance(y, (int, float)) else _a(y)
    if isinstance(x, (int, float)) and isinstance(y, (int, float)):
        x = _a(x)
    return torch.where(condition, x, y)


def nonzero(a):
    return tuple([_a(t) for t in torch.nonzero(_a(a), as_tuple=True)])


def argwhere(a):
    return _a(torch.argwhere(_a(a)))


def sort(a, axis=-1):
    return torch.sort(_a(a), axis, stable=True)[0]


def argsort(a, axis=-1):
    return torch.argsort(_a(a), axis, stable=True)


def unique(ar, return_index=False, return_inverse=False, return_counts=False):
    ar = _a(ar).reshape(-1)
    values, inverse, counts = torch.unique(ar, return_inverse=True, return_counts=True)
    given = [values]
    if return_index:
        first = torch.argsort(inverse, stable=True)
        starts = torch.cumsum(counts, 0) - counts
        given.append(first[starts])
    if return_inverse:
        given.append(inverse)
    if return_counts:
        given.append(counts)
    return given[0] if len(given) == 1 else tuple(given)


def searchsorted(a, v, side="left"):
    a, v = _a(a), _number(v)
    return torch.searchsorted(a, v, right=side == "right")


def digitize(x, bins, right=False):
    return searchsorted(bins, x, "left" if right else "right")


def bincount(x, weights=None, minlength=0):
    return torch.bincount(_a(x), weights, minlength)


def diff(a, n=1, axis=-1):
    return torch.diff(_a(a), n, axis)


def gradient(f, spacing=1.0):
    f = _float(_a(f))
    parts = torch.gradient(f, spacing=float(spacing))
    return parts[0] if f.ndim == 1 else tuple(parts)


def interp(x, xp, fp):
    x, xp, fp = _float(_number(x)), _float(_a(xp)), _float(_a(fp))
    at = clip(searchsorted(xp, x, "right") - 1, 0, len(xp) - 2)
    share = clip((x - xp[at]) / (xp[at + 1] - xp[at]), 0.0, 1.0)
    return fp[at] + share * (fp[at + 1] - fp[at])


def histogram(a, bins=10, range=None):
    a = _float(_a(a)).reshape(-1)
    if isinstance(bins, int):
        low, high = (float(amin(a)), float(amax(a))) if range is None else range
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = linspace(low, high, bins + 1)
    else:
        edges = _float(_a(bins))
    a = a[(a >= edges[0]) & (a <= edges[-1])]
    at = clip(searchsorted(edges, a, "right") - 1, 0, len(edges) - 2)
    return torch.bincount(at, minlength=len(edges) - 1), edges


def block(arrays):
    if isinstance(arrays[0], list):
        return vstack([hstack(row) for row in arrays])
    return hstack(arrays)


def cov(m):
    return torch.cov(_float(_a(m)))


def corrcoef(x):
    return torch.corrcoef(_float(_a(x)))


def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = _float(_a(y))
    return torch.trapezoid(y, dx=dx, dim=axis) if x is None else torch.trapezoid(y, _float(_a(x)), dim=axis)


def convolve(a, v, mode="full"):
    a, v = _a(a), _a(v)
    wide = (_float(a)[:, None] * _float(v)[None, :])
    full_size = len(a) + len(v) - 1
    places = arange(len(a))[:, None] + arange(len(v))[None, :]
    result = zeros(full_size).index_add(0, places.reshape(-1), wide.reshape(-1))
    if a.dtype.kind != "f" and v.dtype.kind != "f":
        result = result.astype(int64)
    if mode == "same":
        start = (len(v) - 1) // 2
        return result[start:start + len(a)]
    if mode == "valid":
        return result[len(v) - 1:len(a)]
    return result


def cross(a, b):
    return torch.linalg.cross(_a(a), _a(b))


def isin(element, test_elements):
    return torch.isin(_a(element), _a(test_elements))


def dot(a, b):
    a, b = _number(a), _number(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.shape[-1] != b.shape[max(b.ndim - 2, 0)]:
        left, right = (str(x.shape).replace(" ", "") for x in (a, b))
        raise ValueError(f"shapes {left} and {right} not aligned: {a.shape[-1]} (dim {a.ndim - 1}) != {b.shape[max(b.ndim - 2, 0)]} (dim {max(b.ndim - 2, 0)})")
    if b.ndim <= 2:
        return matmul(a, b)
    return torch.tensordot(a, b, ([a.ndim - 1], [b.ndim - 2]))


def matmul(a, b):
    a, b = _a(a), _a(b)
    return torch.matmul(*_alike(a, b))


def _alike(a, b):
    if a.dtype == b.dtype:
        return a, b
    kind = (zeros(1, a.dtype) + zeros(1, b.dtype)).dtype
    return a.astype(kind), b.astype(kind)


def inner(a, b):
    return torch.inner(*_alike(_a(a), _a(b)))


def outer(a, b):
    return torch.outer(*_alike(_a(a).reshape(-1), _a(b).reshape(-1)))


def vdot(a, b):
    return torch.dot(*_alike(_a(a).reshape(-1), _a(b).reshape(-1)))


def trace(a):
    return sum(torch.diagonal(_a(a)))


def tensordot(a, b, axes=2):
    return torch.tensordot(_a(a), _a(b), axes)


def kron(a, b):
    return torch.kron(_a(a), _a(b))


def _array_copy(a, order="C"):
    return copy(a)


def _array_sum(a, axis=None, dtype=None, out=None, keepdims=False):
    return sum(a, axis, dtype, out, keepdims)


def _array_mean(a, axis=None, dtype=None, out=None, keepdims=False):
    return mean(a, axis, dtype, out, keepdims)


def _array_std(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    return std(a, axis, dtype, out, ddof, keepdims)


def _array_var(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False):
    return var(a, axis, dtype, out, ddof, keepdims)


def _array_max(a, axis=None, out=None, keepdims=False):
    return amax(a, axis, out, keepdims)


def _array_min(a, axis=None, out=None, keepdims=False):
    return amin(a, axis, out, keepdims)


def _array_prod(a, axis=None, dtype=None, out=None, keepdims=False):
    return prod(a, axis, dtype, out, keepdims)


def _array_any(a, axis=None, out=None, keepdims=False):
    return any(a, axis, out, keepdims)


def _array_all(a, axis=None, out=None, keepdims=False):
    return all(a, axis, out, keepdims)


def _array_argmax(a, axis=None, out=None, keepdims=False):
    return argmax(a, axis, out, keepdims)


def _array_argmin(a, axis=None, out=None, keepdims=False):
    return argmin(a, axis, out, keepdims)


def _array_cumsum(a, axis=None):
    return cumsum(a, axis)


def _array_cumprod(a, axis=None):
    return cumprod(a, axis)


def _array_reshape(a, *shape, order="C"):
    return reshape(a, shape[0] if len(shape) == 1 else shape)


def _array_transpose(a, *axes):
    if len(axes) == 1 and isinstance(axes[0], (tuple, list)):
        axes = axes[0]
    return transpose(a, axes if len(axes) > 0 else None)


def _array_repeat(a, repeats, axis=None):
    return repeat(a, repeats, axis)


def _array_round(a, decimals=0):
    return round(a, decimals)


def _array_clip(a, min=None, max=None):
    return clip(a, min, max)


def _array_dot(a, b):
    return dot(a, b)


def _array_tobytes(a, order="C"):
    raise NotImplementedError("tobytes: there are no bytes here; a.copy().view(np.uint8).tolist() gives them as numbers")


def _array_view(a, dtype=None):
    return a[...] if dtype is None else torch.Tensor.view(a, dtype)


def _array_trace(a):
    return trace(a)


def _array_argsort(a, axis=-1):
    return argsort(a, axis)


def _array_sort(a, axis=-1):
    a[...] = sort(a, axis)


def _array_nonzero(a):
    return nonzero(a)


def _array_take(a, indices, axis=None):
    return take(a, indices, axis)


def _array_fill(a, value):
    a[...] = value


def _array_item(a, *index):
    if len(index) == 0:
        if a.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return a.reshape(-1).tolist()[0]
    return a.reshape(-1).tolist()[index[0]] if len(index) == 1 else a[index].tolist()


def _array_flatten(a, order="C"):
    return copy(a).reshape(-1)
