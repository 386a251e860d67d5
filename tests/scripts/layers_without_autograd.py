# Two linear layers and a squared error, whose gradients are worked out by hand and stored in `.g`.
import torch

x = (torch.arange(24.0).reshape(6, 4) % 5) - 2
y = torch.arange(6.0) % 3
w1 = ((torch.arange(12.0).reshape(4, 3) * 7) % 5) - 2
b1 = torch.tensor([1.0, 0.0, -1.0])
w2 = torch.tensor([[1.0], [-2.0], [3.0]])
b2 = torch.zeros(1)


def linear(inp, w, b):
    return inp @ w + b


def linear_grad(inp, out, w, b):
    inp.g = out.g @ w.t()
    w.g = inp.t() @ out.g
    b.g = out.g.sum(0)


def relu(t):
    return t.clamp_min(0.0)


def squared_error(out, target):
    return (out.squeeze(-1) - target).pow(2).mean()


def forward_and_backward(inp, target):
    hidden = linear(inp, w1, b1)
    active = relu(hidden)
    out = linear(active, w2, b2)
    loss = squared_error(out, target)
    out.g = 2.0 * (out.squeeze(-1) - target).unsqueeze(-1) / inp.shape[0]
    linear_grad(active, out, w2, b2)
    hidden.g = (hidden > 0).float() * active.g
    linear_grad(inp, hidden, w1, b1)
    return loss


print(f"{forward_and_backward(x, y).item():.4f}")
kept = [t.g.clone() for t in (w1, b1, w2, b2, x)]
for g in kept:
    print(g.shape, [f"{v:.3f}" for v in g.flatten().tolist()])
print(hasattr(w1, "g"), hasattr(w1.clone(), "g"), hasattr(w1[0], "g"))


class Step:
    def __call__(self, *args):
        self.args = args
        self.out = self.forward(*args)
        return self.out

    def forward(self, *args):
        raise NotImplementedError("forward")

    def backward(self):
        self.bwd(self.out, *self.args)


class Relu(Step):
    def forward(self, inp):
        return inp.clamp_min(0.0)

    def bwd(self, out, inp):
        inp.g = (inp > 0).float() * out.g


class Linear(Step):
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, inp):
        return inp @ self.w + self.b

    def bwd(self, out, inp):
        inp.g = out.g @ self.w.t()
        self.w.g = inp.t() @ out.g
        self.b.g = out.g.sum(0)


class Error(Step):
    def forward(self, inp, target):
        return (inp.squeeze(-1) - target).pow(2).mean()

    def bwd(self, out, inp, target):
        inp.g = 2.0 * (inp.squeeze(-1) - target).unsqueeze(-1) / target.shape[0]


class Model:
    def __init__(self):
        self.layers = [Linear(w1, b1), Relu(), Linear(w2, b2)]
        self.loss = Error()

    def __call__(self, inp, target):
        for layer in self.layers:
            inp = layer(inp)
        return self.loss(inp, target)

    def backward(self):
        self.loss.backward()
        for layer in reversed(self.layers):
            layer.backward()


model = Model()
print(f"{model(x, y).item():.4f}")
model.backward()
print([torch.allclose(t.g, g) for t, g in zip((w1, b1, w2, b2, x), kept)])
try:
    Step()(x)
except NotImplementedError as e:
    print(type(e).__name__, e)
