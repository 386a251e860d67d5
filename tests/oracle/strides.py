"""Records the strides of results: of elementwise ops with one to three operands, of copies that keep the memory order,
and of indexing with tensors.

An operand is `[shape, stride, offset]` over a storage that is large enough.
"""

import json
import random

import torch


def operand(rng, wanted=None):
    """A tensor with unusual strides; `wanted` is a shape it has to broadcast with."""
    ndim = rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 5])
    if wanted is None:
        shape = [rng.choice([0, 1, 1, 2, 3, 4] if rng.random() < 0.3 else [1, 2, 3, 4]) for _ in range(ndim)]
    else:
        shape = [1 if rng.random() < 0.2 else size for size in wanted]
        shape = shape[rng.choice([0, 0, 0, 0, 1, 2]) :]
    order = list(range(len(shape)))
    if rng.random() < 0.8:
        rng.shuffle(order)
    base = [shape[dim] for dim in order]
    wide = [size * rng.choice([1, 1, 1, 1, 2]) if rng.random() < 0.3 else size for size in base]
    x = torch.empty(wide, device="meta").as_strided(base, torch.empty(wide, device="meta").stride())
    back = [order.index(dim) for dim in range(len(shape))]
    x = x.permute(back) if shape else x
    if rng.random() < 0.2 and len(shape) > 0:
        dim = rng.randrange(len(shape))
        if shape[dim] == 1:
            sizes = list(shape)
            sizes[dim] = wanted[dim - len(shape)] if wanted else rng.choice([2, 3])
            x = x.expand(sizes)
    if rng.random() < 0.1 and x.dim() > 1:
        x = x.diagonal(0, 0, 1)
        if wanted is not None:
            return operand(rng, wanted)
    return x


def real(x):
    reach = 1 + sum((n - 1) * s for n, s in zip(x.shape, x.stride())) if x.numel() else 1
    return torch.zeros(max(reach, 1)).as_strided(x.shape, x.stride())


def described(x):
    return [list(x.shape), list(x.stride())]


def elementwise(rng):
    first = operand(rng)
    operands = [first]
    for _ in range(rng.choice([0, 0, 1, 1, 1, 2])):
        operands.append(operand(rng, list(first.shape)) if rng.random() < 0.8 else first)
    if rng.random() < 0.1:
        operands.append(torch.empty((), device="meta"))
    rng.shuffle(operands)
    operands = operands[:3]
    try:
        inputs = [real(x) for x in operands]
        result = {1: torch.exp, 2: torch.add, 3: torch.addcmul}[len(inputs)](*inputs)
    except RuntimeError:
        return elementwise(rng)
    return {"kind": "elementwise", "operands": [described(x) for x in inputs], "result": described(result)}


def copy(rng):
    x = real(operand(rng))
    return {"kind": "copy", "operands": [described(x)], "result": described(x.clone()), "dense": torch.empty_like(x).is_contiguous()}


def gather(rng):
    x = real(operand(rng))
    dims = [dim for dim in range(x.dim()) if rng.random() < 0.5 and x.shape[dim] > 0] or [0]
    if x.shape[dims[0]] == 0:
        return gather(rng)
    shape = [rng.choice([1, 2, 3]) for _ in range(rng.choice([1, 1, 2]))]
    index, indices = [], []
    for dim in range(x.dim()):
        if dim in dims:
            own = shape if rng.random() < 0.7 else shape[-1:]
            i = torch.zeros(own, dtype=torch.int64)
            if len(own) == 2 and rng.random() < 0.4:
                i = torch.zeros(own[::-1], dtype=torch.int64).t()
            index.append(i)
            indices.append([dim, *described(i)])
        else:
            index.append(slice(None))
    return {"kind": "gather", "operands": [described(x)], "indices": indices, "result": described(x[tuple(index)])}


def record(out, count=400, seed=5):
    rng = random.Random(seed)
    seen = set()
    with open(out, "w") as file:
        while len(seen) < count:
            line = json.dumps(rng.choice([elementwise, elementwise, copy, gather])(rng))
            if line not in seen:
                seen.add(line)
                file.write(line + "\n")
