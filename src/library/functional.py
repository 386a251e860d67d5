"""torch.autograd.functional: derivatives of functions as tensors."""

import torch


def _tensors(value):
    return (value,) if isinstance(value, torch.Tensor) else tuple(value)


def _apart(inputs):
    return tuple(x.detach().clone().requires_grad_() for x in inputs)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """Every element of the outputs differentiated by every element of the inputs."""
    single = isinstance(inputs, torch.Tensor)
    own = _tensors(inputs) if create_graph else _apart(_tensors(inputs))
    with torch.enable_grad():
        results = func(*own)
        alone = isinstance(results, torch.Tensor)
        whole = []
        for out in _tensors(results):
            rows = [[] for x in own]
            for j in range(out.numel()):
                seed = torch.zeros(out.numel(), dtype=out.dtype)
                seed[j] = 1
                seed = seed.reshape(out.shape)
                grads = (None,) * len(own)
                if out.requires_grad:
                    grads = torch.autograd.grad(
                        out, own, seed, retain_graph=True, create_graph=create_graph, allow_unused=True
                    )
                for row, x, grad in zip(rows, own, grads):
                    row.append(torch.zeros_like(x) if grad is None else grad)
            parts = tuple(torch.stack(row).reshape(tuple(out.shape) + tuple(x.shape)) for row, x in zip(rows, own))
            whole.append(parts[0] if single else parts)
    return whole[0] if alone else tuple(whole)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"):
    """The second derivatives of a function whose value is one number."""
    single = isinstance(inputs, torch.Tensor)
    own = _tensors(inputs) if create_graph else _apart(_tensors(inputs))

    def slopes(*args):
        out = func(*args)
        return torch.autograd.grad(out, args, create_graph=True, allow_unused=True, materialize_grads=True)

    whole = jacobian(slopes, own, create_graph=create_graph)
    return whole[0][0] if single else whole


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """The outputs, and a vector times the Jacobian."""
    single = isinstance(inputs, torch.Tensor)
    own = _tensors(inputs) if create_graph else _apart(_tensors(inputs))
    with torch.enable_grad():
        out = func(*own)
        seeds = None if v is None else _tensors(v)
        grads = torch.autograd.grad(
            _tensors(out), own, seeds, create_graph=create_graph, allow_unused=True, materialize_grads=True
        )
    result = out if create_graph else out.detach() if isinstance(out, torch.Tensor) else out
    return result, grads[0] if single else grads


def _seeds(v, like):
    return tuple(torch.ones_like(x) for x in like) if v is None else _tensors(v)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """The outputs, and the Jacobian times a vector: by a gradient of a gradient."""
    own = _apart(_tensors(inputs))
    with torch.enable_grad():
        out = func(*own)
        outs = _tensors(out)
        dummies = tuple(torch.zeros_like(o).requires_grad_() for o in outs)
        slopes = torch.autograd.grad(
            outs, own, dummies, create_graph=True, allow_unused=True, materialize_grads=True
        )
        known = [(slope, seed) for slope, seed in zip(slopes, _seeds(v, own)) if slope.requires_grad]
        grads = tuple(torch.zeros_like(o) for o in outs)
        if known:
            grads = torch.autograd.grad(
                [slope for slope, _ in known], dummies, [seed for _, seed in known],
                create_graph=create_graph, allow_unused=True, materialize_grads=True
            )
    alone = isinstance(out, torch.Tensor)
    result = tuple(outs if create_graph else [o.detach() for o in outs])
    return (result[0], grads[0]) if alone else (result, grads)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """The value of a function, and its second derivatives times a vector."""
    single = isinstance(inputs, torch.Tensor)
    own = _apart(_tensors(inputs))
    with torch.enable_grad():
        out = func(*own)
        slopes = torch.autograd.grad(out, own, create_graph=True, allow_unused=True, materialize_grads=True)
        known = [(slope, seed) for slope, seed in zip(slopes, _seeds(v, own)) if slope.requires_grad]
        grads = tuple(torch.zeros_like(x) for x in own)
        if known:
            grads = torch.autograd.grad(
                [slope for slope, _ in known], own, [seed for _, seed in known],
                create_graph=create_graph, allow_unused=True, materialize_grads=True
            )
    return out if create_graph else out.detach(), grads[0] if single else grads


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """The value of a function, and a vector times its second derivatives, which are symmetric."""
    return hvp(func, inputs, v, create_graph, strict)
