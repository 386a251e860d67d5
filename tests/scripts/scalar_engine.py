"""Backpropagation over single numbers: a value knows its children and how to hand its gradient on to them."""
import math
import random

import torch


class Number:
    def __init__(self, data, children=(), op=''):
        self.data = data
        self.grad = 0.0
        self.children = set(children)
        self.op = op
        self.push = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data + other.data, (self, other), '+')

        def push():
            self.grad += out.grad
            other.grad += out.grad

        out.push = push
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data * other.data, (self, other), '*')

        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.push = push
        return out

    def __pow__(self, power):
        assert isinstance(power, (int, float))
        out = Number(self.data ** power, (self,), f'**{power}')

        def push():
            self.grad += power * self.data ** (power - 1) * out.grad

        out.push = push
        return out

    def relu(self):
        out = Number(self.data if self.data > 0 else 0.0, (self,), 'relu')

        def push():
            self.grad += (out.data > 0) * out.grad

        out.push = push
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Number(t, (self,), 'tanh')

        def push():
            self.grad += (1 - t * t) * out.grad

        out.push = push
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return (-self) + other

    def __truediv__(self, other):
        return self * other ** -1

    def __rtruediv__(self, other):
        return other * self ** -1

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for child in v.children:
                    visit(child)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.push()

    def __repr__(self):
        return f'Number({self.data:.4f}, grad={self.grad:.4f})'


def expression(a, b):
    c = a + b
    d = a * b + b ** 3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e ** 2
    g = f / 2.0
    g = g + 10.0 / f
    return g


a, b = Number(-4.0), Number(2.0)
g = expression(a, b)
g.backward()
print(f'{g.data:.4f}', a, b)
ta = torch.tensor(-4.0, dtype=torch.float64, requires_grad=True)
tb = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
tg = expression(ta, tb)
tg.backward()
print(f'{tg.item():.4f} {ta.grad.item():.4f} {tb.grad.item():.4f}')
print(abs(a.grad - ta.grad.item()) < 1e-6, abs(b.grad - tb.grad.item()) < 1e-6)


class Neuron:
    def __init__(self, n, linear=False):
        self.w = [Number(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Number(0.0)
        self.linear = linear

    def __call__(self, x):
        act = sum((w * v for w, v in zip(self.w, x)), self.b)
        return act if self.linear else act.tanh()

    def parameters(self):
        return self.w + [self.b]


class Layer:
    def __init__(self, n_in, n_out, **settings):
        self.neurons = [Neuron(n_in, **settings) for _ in range(n_out)]

    def __call__(self, x):
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


class Network:
    def __init__(self, sizes):
        pairs = list(zip(sizes, sizes[1:]))
        self.layers = [Layer(i, o, linear=n == len(pairs) - 1) for n, (i, o) in enumerate(pairs)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


random.seed(42)
points = [(math.cos(t / 3), math.sin(t / 3)) for t in range(12)]
labels = [1.0 if x * y > 0 else -1.0 for x, y in points]
net = Network([2, 6, 1])
print(len(net.parameters()), 'parameters')
for step in range(31):
    scores = [net(p) for p in points]
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    total = data_loss + 1e-4 * sum((p * p for p in net.parameters()))
    for p in net.parameters():
        p.grad = 0.0
    total.backward()
    rate = 1.0 - 0.9 * step / 60
    for p in net.parameters():
        p.data -= rate * p.grad
    right = sum((score.data > 0) == (label > 0) for score, label in zip(scores, labels))
    if step % 10 == 0:
        print(f'step {step} loss {total.data:.5f}, {right}/{len(points)} right')
