"""What autograd records, keeps and gives: a walk over its parts."""
import torch

x = torch.ones(5)
w = torch.arange(15.).reshape(5, 3).div(10).requires_grad_()
b = torch.zeros(3, requires_grad=True)
z = x @ w + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor([0., 1., 0.]))
print(z, loss)
print(z.grad_fn.name(), loss.grad_fn.name(), z.requires_grad, w.is_leaf, z.is_leaf)
loss.backward()
print(w.grad)
print(b.grad)
try:
    loss.backward()
except RuntimeError as error:
    print(str(error)[:60])
with torch.no_grad():
    print((x @ w + b).requires_grad)
print((x @ w + b).detach().requires_grad)

# Two parameters, one loss.
a = torch.tensor([2., 3.], requires_grad=True)
c = torch.tensor([6., 4.], requires_grad=True)
q = 3 * a ** 3 - c ** 2
q.backward(gradient=torch.tensor([1., 1.]))
print(9 * a ** 2 == a.grad, -2 * c == c.grad)

# Gradients are added up.
inp = torch.eye(4, 5, requires_grad=True)
out = (inp + 1).pow(2).t()
out.backward(torch.ones_like(out), retain_graph=True)
print(inp.grad)
out.backward(torch.ones_like(out), retain_graph=True)
print(inp.grad)
inp.grad.zero_()
out.backward(torch.ones_like(out))
print(inp.grad)

# The graph.
p = torch.rand(3, requires_grad=True)
q = (p * 2).sin().sum()
node = q.grad_fn
while node is not None:
    print(node.name(), len(node.next_functions))
    node = node.next_functions[0][0] if node.next_functions else None
print([round(v, 6) for v in torch.autograd.grad(q, p)[0].sub(2 * (p * 2).cos()).abs().tolist()])

# Higher derivatives.
t = torch.tensor(1.5, requires_grad=True)
f = t ** 4 + torch.exp(2 * t)
for order in range(1, 4):
    f, = torch.autograd.grad(f, t, create_graph=True)
    print(order, f'{f.item():.3f}')

# What is saved.
m = torch.tensor([1., 2., 3.], requires_grad=True)
n = m.pow(2)
print(n.grad_fn._saved_self.equal(m), n.grad_fn._saved_exponent if hasattr(n.grad_fn, '_saved_exponent') else 2)
e = m.exp()
print(e.grad_fn._saved_result.equal(e))

# Freezing.
net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1))
for parameter in net[0].parameters():
    parameter.requires_grad = False
net(torch.ones(1, 3)).sum().backward()
print([parameter.grad is None for parameter in net.parameters()])

# Changed in place.
v = torch.ones(3, requires_grad=True)
s = v.sigmoid()
s.mul_(2)
try:
    s.sum().backward()
except RuntimeError as error:
    print(str(error).split(';')[0])
leaf = torch.ones(2, requires_grad=True)
try:
    leaf += 1
except RuntimeError as error:
    print(error)
h = torch.ones(2, requires_grad=True)
handle = h.register_hook(lambda g: g * 10)
(h * 3).sum().backward()
handle.remove()
print(h.grad)
k = torch.ones(2, requires_grad=True)
mid = k * 4
mid.retain_grad()
mid.pow(2).sum().backward()
print(mid.grad, k.grad)
print(torch.autograd.functional.jacobian(lambda u: u ** 2 + u.sum(), torch.tensor([1., 2.])))
print(torch.autograd.functional.hessian(lambda u: (u ** 3).prod(), torch.tensor([1., 2.])))
print(torch.autograd.gradcheck(lambda u: (u.sin() * u).sum(), torch.rand(3, dtype=torch.float64, requires_grad=True)))
