# Twenty-one well-known functions from arange, where and broadcasting alone.
import torch

arange, where = torch.arange, torch.where


def ones(n):
    return where(arange(n) >= 0, 1, 0)


def total(a):
    return ones(a.shape[0]) @ a


def outer(a, b):
    return a[:, None] * b[None, :]


def identity(n):
    return where(arange(n)[:, None] == arange(n), 1, 0)


def upper(n):
    return where(arange(n)[:, None] <= arange(n), 1, 0)


def running(a):
    return a @ upper(a.shape[0])


def steps(a):
    n = a.shape[0]
    return a - where(arange(n) > 0, a[arange(n) - 1], 0)


def stacked(a, b):
    return where(arange(2)[:, None] == 0, a, b)


def rolled(a):
    n = a.shape[0]
    return a[(arange(n) + 1) % n]


def flipped(a):
    n = a.shape[0]
    return a[n - 1 - arange(n)]


def counted(values, n):
    return ones(values.shape[0]) @ where(values[:, None] == arange(n), 1, 0)


def masked(rows, lengths):
    return where(arange(rows.shape[1]) < lengths[:, None], rows, 0)


def repeated(a, n):
    return ones(n)[:, None] * a


def buckets(values, edges):
    return where(values[:, None] >= edges, 1, 0) @ ones(edges.shape[0])


def diagonal(a):
    n = arange(a.shape[0])
    return a[n, n]


def compressed(chosen, values):
    n = arange(values.shape[0])
    place = where(chosen, running(where(chosen, 1, 0)) - 1, -1)
    return values @ where(place[:, None] == n, 1, 0)


def padded(a, n):
    return a @ where(arange(a.shape[0])[:, None] == arange(n), 1, 0)


def scattered(values, places, n):
    return values @ where(places[:, None] == arange(n), 1, 0)


def flattened(a):
    rows, columns = a.shape
    n = arange(rows * columns)
    return a[n // columns, n % columns]


def spaced(first, last, n):
    return first + (last - first) * arange(n) / where(arange(1) < n - 1, n - 1, 1)


def step(values, at_zero):
    return where(values > 0, 1, where(values == 0, at_zero, 0))


a, b = torch.tensor([3, 1, 4, 1, 5]), torch.tensor([2, 7, 1, 8, 2])
for f in (total, running, steps, rolled, flipped):
    print(f.__name__, f(a))
print(ones(4), outer(a, b), identity(3), upper(3), stacked(a, b), repeated(a, 2), sep="\n")
print(counted(torch.tensor([1, 3, 3, 0]), 5), buckets(a, torch.tensor([2, 4])))
print(masked(arange(12).reshape(3, 4), torch.tensor([1, 4, 2])))
square = arange(9).reshape(3, 3) + 1
print(diagonal(square), flattened(square), flattened(square[:, :2]))
print(compressed(a > 2, a), compressed(a > 9, a), padded(a, 7), padded(a, 3))
print(scattered(a, torch.tensor([0, 2, 0, 1, 2]), 4), spaced(-1.0, 1.0, 5), spaced(3.0, 4.0, 1))
print(step(torch.tensor([-1.5, 0.0, 2.0]), torch.tensor([9, 8, 7])))

# Each is what the library has under another name.
v = torch.tensor([5, 2, 7, 1])
assert torch.equal(running(v), v.cumsum(0)) and torch.equal(flipped(v), v.flip(0))
assert torch.equal(rolled(v), v.roll(-1)) and torch.equal(upper(4), torch.ones(4, 4, dtype=torch.int64).triu())
assert torch.equal(diagonal(square), square.diag()) and torch.equal(flattened(square), square.flatten())
assert torch.allclose(spaced(0.0, 3.0, 7), torch.linspace(0.0, 3.0, 7))
assert torch.equal(counted(v, 8), torch.bincount(v, minlength=8))
assert torch.equal(buckets(v, torch.tensor([2, 5])), torch.bucketize(v, torch.tensor([2, 5]), right=True))
