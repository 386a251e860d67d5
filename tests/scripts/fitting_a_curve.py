"""A polynomial of the fourth degree fitted to a cosine in six ways: arrays, tensors, autograd, a function with a gradient
of its own, a module, an optimizer."""
import math

import numpy as np
import torch

RATE = 1e-7
STEPS = 401


def report(step, loss):
    if step % 200 == 0:
        print(step, f'{loss:.3f}')


print('arrays')
x = np.linspace(-math.pi, math.pi, 500)
y = np.cos(x)
coef = [0.5, 0.1, -0.2, 0.02, 0.01]
for step in range(STEPS):
    guess = coef[0] + coef[1] * x + coef[2] * x ** 2 + coef[3] * x ** 3 + coef[4] * x ** 4
    loss = ((guess - y) ** 2).sum()
    report(step, loss)
    slope = 2.0 * (guess - y)
    coef = [c - RATE * (slope * x ** n).sum() for n, c in enumerate(coef)]
print(' '.join(f'{c:.4f}' for c in coef))

print('tensors')
x = torch.linspace(-math.pi, math.pi, 500)
y = torch.cos(x)
coef = torch.tensor([0.5, 0.1, -0.2, 0.02, 0.01])
powers = torch.stack([x ** n for n in range(5)])
for step in range(STEPS):
    guess = (coef[:, None] * powers).sum(0)
    loss = (guess - y).pow(2).sum().item()
    report(step, loss)
    coef -= RATE * (powers * (2.0 * (guess - y))).sum(1)
print(coef)

print('autograd')
coef = [torch.tensor(c, requires_grad=True) for c in (0.5, 0.1, -0.2, 0.02, 0.01)]
for step in range(STEPS):
    guess = coef[0] + coef[1] * x + coef[2] * x ** 2 + coef[3] * x ** 3 + coef[4] * x ** 4
    loss = (guess - y).pow(2).sum()
    report(step, loss.item())
    loss.backward()
    with torch.no_grad():
        for c in coef:
            c -= RATE * c.grad
            c.grad = None
print(f'{coef[0].item():.4f} {coef[2].item():.4f} {coef[4].item():.4f}')


class Chebyshev2(torch.autograd.Function):
    """2x² - 1, whose slope is 4x."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 2 * x ** 2 - 1

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved_tensors
        return grad_output * 4 * x


print('function')
a, b, c = [torch.full((), v, requires_grad=True) for v in (0.1, -0.4, 0.3)]
for step in range(STEPS):
    guess = a + b * Chebyshev2.apply(c * x)
    loss = (guess - y).pow(2).sum()
    report(step, loss.item())
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c):
            p -= 5e-6 * p.grad
            p.grad = None
print(f'{a.item():.4f} {b.item():.4f} {c.item():.4f}')

print('module')
torch.manual_seed(0)
features = x.unsqueeze(-1).pow(torch.tensor([1, 2, 3, 4])) / torch.tensor([1., 10., 30., 100.])
model = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Flatten(0, 1))
loss_fn = torch.nn.MSELoss(reduction='sum')
for step in range(STEPS):
    loss = loss_fn(model(features), y)
    report(step, loss.item())
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 1e-4 * p.grad
layer = model[0]
print(layer, model)
print(f'{layer.bias.item():.4f}', [f'{w:.4f}' for w in layer.weight[0].tolist()])

print('optimizers')
for name in ('SGD', 'Adam', 'RMSprop', 'AdamW'):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 1), torch.nn.Flatten(0, 1))
    settings = {'lr': 1e-4, 'momentum': 0.5} if name == 'SGD' else {'lr': 1e-2}
    optimizer = getattr(torch.optim, name)(model.parameters(), **settings)
    print(name)
    # Where steps have one length, descent runs back and forth in the end, and every rounding shows.
    for step in range(101 if name == 'RMSprop' else STEPS):
        loss = loss_fn(model(features), y)
        report(step, loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f'{loss.item():.2f}')


class Poly(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(0.2))
        self.b = torch.nn.Parameter(torch.tensor(-0.1))

    def forward(self, x):
        return self.a + self.b * x ** 2

    def string(self):
        return f'y = {self.a.item():.3f} + {self.b.item():.3f} x^2'


model = Poly()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
for step in range(200):
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(model.string(), f'{loss.item():.3f}')
