"""A network of two layers whose gradients are written by hand: first kept in an attribute of each tensor, then in classes,
then as functions of autograd, then left to autograd. All four print the same numbers."""
import torch
from torch import nn

torch.manual_seed(11)
x = torch.randn(40, 10)
y = torch.randn(40, 1) * 0.5 + x[:, :1]
hidden = 5
w1 = torch.randn(10, hidden) * (2 / 10) ** 0.5
b1 = torch.zeros(hidden)
w2 = torch.randn(hidden, 1) * (1 / hidden) ** 0.5
b2 = torch.zeros(1)
print(x.mean(), x.std())
first = x @ w1 + b1
print(first.mean(), first.std(), first.clamp_min(0.).std())


# Gradients in an attribute.
def lin(inp, w, b):
    return inp @ w + b


def relu(inp):
    return inp.clamp_min(0.)


def mse(out, target):
    return (out.squeeze(-1) - target.squeeze(-1)).pow(2).mean()


def mse_grad(out, target):
    out.g = (2. * (out.squeeze(-1) - target.squeeze(-1)) / out.shape[0]).unsqueeze(-1)


def relu_grad(inp, out):
    inp.g = (inp > 0).float() * out.g


def lin_grad(inp, out, w, b):
    inp.g = out.g @ w.t()
    w.g = inp.t() @ out.g
    b.g = out.g.sum(0)


def forward_and_backward(inp, target):
    l1 = lin(inp, w1, b1)
    l2 = relu(l1)
    out = lin(l2, w2, b2)
    loss = mse(out, target)
    mse_grad(out, target)
    lin_grad(l2, out, w2, b2)
    relu_grad(l1, l2)
    lin_grad(inp, l1, w1, b1)
    return loss


print('loss', forward_and_backward(x, y))
by_hand = [t.g.clone() for t in (w1, b1, w2, b2, x)]
print(w1.g[0], b1.g, w2.g.t(), b2.g)

# The same left to autograd.
ours = [t.clone().requires_grad_() for t in (w1, b1, w2, b2, x)]
v1, c1, v2, c2, xx = ours
loss = mse(lin(relu(lin(xx, v1, c1)), v2, c2), y)
print(loss)
loss.backward()
for hand, auto in zip(by_hand, ours):
    print(torch.allclose(hand, auto.grad, atol=1e-6), tuple(auto.grad.shape))


# Layers as classes.
class Layer:
    def __call__(self, *args):
        self.args = args
        self.out = self.forward(*args)
        return self.out

    def forward(self, *args):
        raise NotImplementedError('a layer has to say what it computes')

    def backward(self):
        self.bwd(self.out, *self.args)

    def bwd(self, out, *args):
        raise NotImplementedError


class Relu(Layer):
    def forward(self, inp):
        return inp.clamp_min(0.) - 0.5

    def bwd(self, out, inp):
        inp.g = (inp > 0).float() * out.g


class Lin(Layer):
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, inp):
        return inp @ self.w + self.b

    def bwd(self, out, inp):
        inp.g = out.g @ self.w.t()
        self.w.g = inp.t() @ out.g
        self.b.g = out.g.sum(0)


class Mse(Layer):
    def forward(self, inp, target):
        return (inp.squeeze() - target.squeeze()).pow(2).mean()

    def bwd(self, out, inp, target):
        inp.g = 2 * (inp.squeeze() - target.squeeze()).unsqueeze(-1) / target.shape[0]


class Model:
    def __init__(self, w1, b1, w2, b2):
        self.layers = [Lin(w1, b1), Relu(), Lin(w2, b2)]
        self.loss = Mse()

    def __call__(self, inp, target):
        for layer in self.layers:
            inp = layer(inp)
        return self.loss(inp, target)

    def backward(self):
        self.loss.backward()
        for layer in reversed(self.layers):
            layer.backward()


model = Model(w1, b1, w2, b2)
print('classes', model(x, y))
model.backward()
print(w1.g[0], b1.g)
try:
    Layer()(x)
except NotImplementedError as error:
    print('NotImplementedError:', error)


# As a function of autograd.
class ShiftedRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, i):
        ctx.save_for_backward(i)
        return i.clamp_min(0.) - 0.5

    @staticmethod
    def backward(ctx, grad):
        i, = ctx.saved_tensors
        return grad * (i > 0).float()


leaves = [t.clone().requires_grad_() for t in (w1, b1, w2, b2)]
v1, c1, v2, c2 = leaves
act = ShiftedRelu.apply(x @ v1 + c1)
print(act.grad_fn.name(), act.requires_grad)
loss = (act @ v2 + c2).squeeze(-1).sub(y.squeeze(-1)).pow(2).mean()
loss.backward()
print('function', loss.item() == model.loss.out.item() or abs(loss.item() - model.loss.out.item()) < 1e-6)
print(torch.allclose(v1.grad, w1.g, atol=1e-6), torch.allclose(c1.grad, b1.g, atol=1e-6))


# As modules.
class Linear(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in) * (2 / n_in) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, inp):
        return inp @ self.weight.t() + self.bias


class Net(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.layers = nn.Sequential(Linear(n_in, n_hidden), nn.ReLU(), Linear(n_hidden, n_out))
        self.loss = nn.MSELoss()

    def forward(self, inp, target):
        return self.loss(self.layers(inp).squeeze(-1), target.squeeze(-1))


torch.manual_seed(5)
net = Net(10, hidden, 1)
print(net)
print([(name, tuple(p.shape)) for name, p in net.named_parameters()])
for step in range(4):
    loss = net(x, y)
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p -= 0.1 * p.grad
    net.zero_grad()
    print(step, f'{loss.item():.4f}')
