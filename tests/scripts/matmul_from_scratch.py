"""A product of matrices in four ways, from three loops to einsum; then comparing them."""
import torch

torch.manual_seed(3)
a = torch.randn(4, 6)
b = torch.randn(6, 3)


def loops(a, b):
    rows, inner = a.shape
    inner_b, cols = b.shape
    assert inner == inner_b
    out = torch.zeros(rows, cols)
    for i in range(rows):
        for j in range(cols):
            for k in range(inner):
                out[i, j] += a[i, k] * b[k, j]
    return out


def elementwise(a, b):
    out = torch.zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = (a[i] * b[:, j]).sum()
    return out


def broadcasting(a, b):
    out = torch.zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        out[i] = (a[i].unsqueeze(-1) * b).sum(0)
    return out


def by_letters(a, b):
    return torch.einsum('ik,kj->ij', a, b)


want = a @ b
print(want)
for way in (loops, elementwise, broadcasting, by_letters):
    print(way.__name__, torch.allclose(way(a, b), want, rtol=1e-3, atol=1e-5))

# What broadcasting does to shapes.
row = torch.tensor([10., 20., 30.])
table = torch.tensor([[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]])
print(table + row)
print(table + row[:, None])
spread = row.expand_as(table)
print(spread, spread.storage().size() if hasattr(spread, 'storage') else 3, spread.stride())
print(row[None].shape, row[:, None].shape, (row[None] * row[:, None]).shape)
print(torch.tensor([[1., 2.]]) > torch.tensor([[0.], [2.]]))
try:
    table + torch.ones(2)
except RuntimeError as error:
    print(error)

# Comparing elementwise, and over all.
a, b = torch.tensor([3., -2., 8.]), torch.tensor([1., 5., 8.])
print(a + b, a < b, (a < b).any(), (a == b).all(), (a + b).mean().item())
print(row[..., None].shape, row.unsqueeze(1).shape, spread.untyped_storage().size())
whole = (torch.arange(12.).reshape(3, 4) - 5, (torch.arange(20.).reshape(4, 5) % 7) - 2)
print([torch.equal(way(*whole), whole[0] @ whole[1]) for way in (loops, elementwise, broadcasting, by_letters)])
