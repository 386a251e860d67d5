# A product of matrices by loops, by rows, by broadcasting and by einsum.
import torch

left = torch.arange(12.0).reshape(3, 4) - 5
right = (torch.arange(20.0).reshape(4, 5) % 7) - 2


def by_loops(a, b):
    rows, inner = a.shape
    inner_too, columns = b.shape
    assert inner == inner_too
    out = torch.zeros(rows, columns)
    for r in range(rows):
        for c in range(columns):
            for k in range(inner):
                out[r, c] += a[r, k] * b[k, c]
    return out


def by_elements(a, b):
    out = torch.zeros(a.shape[0], b.shape[1])
    for r in range(a.shape[0]):
        for c in range(b.shape[1]):
            out[r, c] = (a[r, :] * b[:, c]).sum()
    return out


def by_broadcasting(a, b):
    out = torch.zeros(a.shape[0], b.shape[1])
    for r in range(a.shape[0]):
        out[r] = (a[r].unsqueeze(-1) * b).sum(dim=0)
    return out


def by_einsum(a, b):
    return torch.einsum("rk,kc->rc", a, b)


wanted = left @ right
print(wanted)
for way in (by_loops, by_elements, by_broadcasting, by_einsum):
    print(f"{way.__name__:>16}", torch.equal(way(left, right), wanted))

# Elementwise and broadcasting.
a = torch.tensor([3.0, -2.0, 8.0])
b = torch.tensor([1.0, 5.0, 8.0])
print(a + b, a < b, (a < b).any(), (a == b).all(), (a + b).mean().item())
m = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
row = torch.tensor([10.0, 20, 30])
wide = row.expand_as(m)
print(wide, wide.stride(), wide.untyped_storage().size())
print(row[:, None] + m, row.unsqueeze(1).shape, row[None, :].shape, row[..., None].shape)
try:
    m + torch.ones(2, 3)
except RuntimeError as e:
    print(e)
