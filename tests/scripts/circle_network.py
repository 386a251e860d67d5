"""Points inside and outside of a circle: a network of two layers, its losses by plain descent and by a module."""
import torch
from torch import nn

torch.manual_seed(1)
X = torch.rand(200, 2) * 4 - 2
Y = ((X ** 2).sum(1, keepdim=True) < 2).float()
w1 = (torch.randn(2, 16) * 0.5).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16, 1) * 0.25).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)
for step in range(301):
    h = torch.tanh(X @ w1 + b1)
    q = torch.sigmoid(h @ w2 + b2)
    loss = ((q - Y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for v in (w1, b1, w2, b2):
            v -= 2.0 * v.grad
            v.grad = None
    if step % 100 == 0:
        print(step, f'{loss.item():.4f}')

# Fifty layers: what the deviation becomes, by the scale of the weights.
for name, scale, act in [('naive', 1.0, lambda a: a), ('hundredth', 0.01, lambda a: a),
                         ('xavier', (1 / 100) ** 0.5, torch.tanh), ('kaiming', (2 / 100) ** 0.5, torch.relu)]:
    torch.manual_seed(0)
    a = torch.randn(50, 100)
    seen = []
    for layer in range(50):
        a = act(a @ (torch.randn(100, 100) * scale))
        if layer in (0, 9, 49):
            seen.append(f'{a.std().item():.2g}')
    print(name, seen)

torch.manual_seed(2)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
nn.init.kaiming_normal_(net[0].weight, nonlinearity='relu')
nn.init.zeros_(net[0].bias)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loss_fn = nn.BCEWithLogitsLoss()
for step in range(201):
    loss = loss_fn(net(X), Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(step, f'{loss.item():.3f}')
net.eval()
with torch.no_grad():
    right = ((net(X) > 0).float() == Y).float().mean()
print(f'{right.item():.2f}')
