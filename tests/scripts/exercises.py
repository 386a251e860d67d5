# Small exercises on arrays: making, slicing, masking, broadcasting, ordering.
import torch

print(torch.zeros(10).index_fill_(0, torch.tensor(4), 1.0))
print(torch.arange(10, 20).flip(0))
print(torch.arange(9).reshape(3, 3), torch.nonzero(torch.tensor([1, 2, 0, 0, 4, 0])).flatten())
print(torch.eye(3), torch.diag(1 + torch.arange(4), -1))

board = torch.zeros(8, 8, dtype=torch.int64)
board[1::2, ::2] = 1
board[::2, 1::2] = 1
print(board, board.sum().item())
tiled = torch.tensor([[0, 1], [1, 0]]).repeat(2, 3)
print(tiled)

border = torch.ones(4, 5)
border[1:-1, 1:-1] = 0
print(border)
print(torch.nn.functional.pad(torch.ones(2, 2), (1, 1, 1, 1)))

z = torch.arange(11)
z[(3 < z) & (z < 8)] *= -1
print(z, z[z < 0], torch.where(z < 0, 0, z))
x = torch.tensor([4.0, 1.0, 3.0, 2.0])
print((x - x.mean()) / x.std(), (x - x.min()) / (x.max() - x.min()))
x[x.argmax()] = 0
print(x, x.sort(), x.argsort(descending=True))

a, b = torch.arange(3), torch.arange(4)
print(a[:, None] + b, a[:, None] * b, (a[:, None] == b).int())
print(1.0 / (a[:, None] - (b + 0.5)))
points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
gaps = points[:, None] - points[None]
print(gaps.pow(2).sum(-1).sqrt(), torch.cdist(points, points))
print(torch.hypot(points[:, 0], points[:, 1]), torch.atan2(points[:, 1], points[:, 0]))

table = torch.tensor([[3, 1, 2], [9, 7, 8], [6, 4, 5]])
print(table[table[:, 1].argsort()], table.sort(1).values, table[[0, 2]])
table[[0, 1]] = table[[1, 0]]
print(table, table.sum(0), table.sum(1, keepdim=True), table.max(1), table.min().item())
print(table - table.double().mean(1, keepdim=True))
print((table == table.amax()).nonzero(), table.flatten()[[0, 4, 8]], table.trace())

values = torch.tensor([1, 1, 2, 3, 3, 3, 5])
print(values.unique(return_counts=True), torch.bincount(values), values.mode())
print((values[1:] != values[:-1]).nonzero().flatten() + 1, values.diff(), values.cumsum(0))
window = torch.arange(10.0).unfold(0, 3, 1)
print(window, window.mean(1))
blocks = torch.arange(16.0).reshape(2, 2, 2, 2).sum((1, 3))
print(blocks, torch.arange(16.0).reshape(4, 4).reshape(2, 2, 2, 2).sum((1, 3)))

counts = torch.zeros(6, dtype=torch.int64)
counts.index_add_(0, torch.tensor([1, 2, 2, 5]), torch.ones(4, dtype=torch.int64))
print(counts, torch.outer(torch.arange(1, 4), torch.arange(1, 4)), torch.tensor([1, 2]).repeat_interleave(2))
left, right = torch.tensor([1, 2, 3, 2, 5]), torch.tensor([7, 2, 10, 2, 5])
print((left == right).nonzero().flatten(), left[torch.isin(left, right)], left[~torch.isin(left, right)])
print(torch.stack([left, right], 1), torch.cat([left, right])[::2], torch.vstack([left, right]).T.shape)
print(torch.tensor([1.0, float("nan"), 2.0]).isnan().any().item(), torch.tensor([1.5, float("nan")]).nan_to_num())
print(torch.linspace(0, 1, 12)[1:-1], torch.logspace(0, 2, 3), torch.full((2, 2), 7.5))
life = torch.tensor([[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]])
around = sum(life.roll((i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0))
print(((around == 3) | (life == 1) & (around == 2)).int())
game = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
print(torch.linalg.solve(game, torch.tensor([5.0, 11.0])), torch.linalg.det(game), torch.linalg.inv(game))
