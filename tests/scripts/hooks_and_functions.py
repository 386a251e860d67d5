"""Hooks of tensors and nodes, functions with gradients of their own, and derivatives of functions."""
import torch
x = torch.ones(2, requires_grad=True)
y = x * 2
z = (y * 3).sum()
h = y.grad_fn.register_hook(lambda gi, go: print('post', gi, go))
h2 = y.grad_fn.register_prehook(lambda go: (go[0] * 10,))
acc = y.grad_fn.next_functions[0][0]
print(acc.name(), acc.variable is x)
acc.register_hook(lambda gi, go: print('acc post', gi, go))
acc.register_prehook(lambda go: print('acc pre', go))
y.register_hook(lambda g: print('tensor', g))
z.backward(retain_graph=True)
print(x.grad)
h.remove()
h2.remove()
z.backward()
print(x.grad)
a = torch.ones(2, requires_grad=True)
b = a * 1
b.grad_fn.register_hook(lambda gi, go: (gi[0] * 5, None))
try:
    b.sum().backward()
except RuntimeError as e:
    print(e)
a = torch.ones(2, requires_grad=True)
b = a.exp()
b.grad_fn.register_hook(lambda gi, go: (gi[0] * 5,))
b.sum().backward()
print(a.grad)
u = torch.ones(2, requires_grad=True)
u.register_post_accumulate_grad_hook(lambda p: print('after', p.grad))
(u * 3).sum().backward()
class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(a)
        ctx.mark_non_differentiable(b + 0)
        return a * 2, a * 3
    @staticmethod
    def backward(ctx, g1, g2):
        print(ctx.needs_input_grad, g1, g2)
        return g1 * 2, None
a = torch.ones(2, requires_grad=True)
o1, o2 = F.apply(a, torch.ones(2))
o1.sum().backward()
print(a.grad, o1.grad_fn.name())
from torch.autograd.function import once_differentiable
class G(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a ** 2
    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        a, = ctx.saved_tensors
        return g * 2 * a
a = torch.tensor(3., requires_grad=True)
d, = torch.autograd.grad(G.apply(a), a, create_graph=True)
print(d)
try:
    d.backward()
except RuntimeError as e:
    print(e)
class H(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        a.add_(1)
        ctx.mark_dirty(a)
        return a
    @staticmethod
    def backward(ctx, g):
        return g * 7
a = torch.ones(2, requires_grad=True)
b = a * 1
c = H.apply(b)
print(c is b, c)
c.sum().backward()
print(a.grad)
class K(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        i = a.argsort()
        ctx.mark_non_differentiable(i)
        ctx.n = 3
        return a * 2, i
    @staticmethod
    def backward(ctx, g, gi):
        return g * ctx.n
o, i = K.apply(torch.ones(2, requires_grad=True))
print(o.requires_grad, i.requires_grad, o)
class S(torch.autograd.Function):
    @staticmethod
    def forward(a, b):
        return a * b
    @staticmethod
    def setup_context(ctx, inputs, output):
        a, b = inputs
        ctx.save_for_backward(a, b)
    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        return g * b, g * a
p = torch.tensor([2., 3.], requires_grad=True); q = torch.tensor([5., 7.], requires_grad=True)
S.apply(p, q).sum().backward()
print(p.grad, q.grad)
from torch.autograd.functional import jacobian, hessian, vjp, jvp, hvp, vhp
print(jacobian(lambda a, b: a * b, (p.detach(), q.detach())))
print(hessian(lambda a: (a ** 3).sum(), p.detach()))
print(vjp(lambda a: a ** 2, p.detach(), torch.ones(2)))
print(jvp(lambda a: a ** 2, p.detach(), torch.ones(2)))
print(hvp(lambda a: (a ** 3).sum(), p.detach(), torch.ones(2)))
print(vhp(lambda a: (a ** 3).sum(), p.detach(), torch.ones(2)))
