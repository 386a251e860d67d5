"""Records views and indexing: random calls on tensors with unusual strides, what they give (shape, strides, offset and,
for copies, the values) and the first line of what they raise.

The base is `[shape, stride, offset]` over a storage of 1000 ints that hold their own places.
"""

import json
import random

import torch

STORAGE = torch.arange(1000)
NOWHERE = 4  # One call in so many takes arguments from a range that is mostly wrong.


def base(rng):
    ndim = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])
    shape = [rng.choice([0, 1, 1, 2, 2, 3, 4, 6] if rng.random() < 0.15 else [1, 2, 3, 4]) for _ in range(ndim)]
    order = list(range(ndim))
    if rng.random() < 0.5:
        rng.shuffle(order)
    strides, step = [0] * ndim, rng.choice([1, 1, 1, 2])
    for dim in order[::-1]:
        strides[dim] = step
        step *= max(shape[dim], 1) if rng.random() < 0.9 else max(shape[dim], 1) + 1
    if ndim and rng.random() < 0.15:
        strides[rng.randrange(ndim)] = 0
    offset = rng.choice([0, 0, 0, 1, 2, 5])
    return STORAGE.as_strided(shape, strides, offset)


def dim(rng, x):
    n = max(x.dim(), 1)
    return rng.randint(-n - 2, n + 1) if rng.randrange(NOWHERE) == 0 else rng.randint(-n, n - 1)


def dims(rng, x, count):
    return [dim(rng, x) for _ in range(count)]


def factors(rng, numel):
    """Sizes with a product of `numel`, sometimes with a -1, sometimes spoilt."""
    sizes, rest = [], numel
    while rest > 1:
        size = rng.choice([d for d in range(2, rest + 1) if rest % d == 0])
        sizes.append(size)
        rest //= size
    for _ in range(rng.choice([0, 0, 1, 2])):
        sizes.insert(rng.randint(0, len(sizes)), 1)
    if numel == 0:
        sizes.insert(rng.randint(0, len(sizes)), 0)
        sizes.insert(rng.randint(0, len(sizes)), rng.choice([1, 2, 3]))
    if sizes and rng.random() < 0.3:
        sizes[rng.randrange(len(sizes))] = -1
    if sizes and rng.randrange(NOWHERE * 2) == 0:
        sizes[rng.randrange(len(sizes))] = rng.choice([-2, -1, 0, 1, 5])
    return sizes


def call(rng, x):
    name = rng.choice(
        "unsqueeze squeeze squeeze_dims view view view reshape flatten unflatten permute transpose t T mT movedim narrow select"
        " slice diagonal unfold as_strided expand expand view_dtype view_dtype index index index index index index".split()
    )
    n, small = x.dim(), lambda low=-4, high=6: rng.randint(low, high)
    maybe = lambda: rng.choice([None, small()])
    if name in ("unsqueeze", "squeeze_dims"):
        return [name, dim(rng, x)] if name == "unsqueeze" else [name, dims(rng, x, rng.choice([0, 1, 1, 2]))]
    if name in ("squeeze", "t", "T", "mT"):
        return [name]
    if name in ("view", "reshape"):
        return [name, factors(rng, x.numel())]
    if name == "flatten":
        return [name, dim(rng, x), dim(rng, x)]
    if name == "unflatten":
        d = dim(rng, x)
        size = x.shape[d] if -n <= d < n else 4
        return [name, d, factors(rng, size) or [1]]
    if name == "permute":
        order = list(range(n))
        rng.shuffle(order)
        order = [d - n if rng.random() < 0.2 else d for d in order]
        return [name, dims(rng, x, rng.choice([n, n, n + 1])) if rng.randrange(NOWHERE) == 0 else order]
    if name == "transpose":
        return [name, dim(rng, x), dim(rng, x)]
    if name == "movedim":
        count = rng.choice([1, 1, 2])
        return [name, dims(rng, x, count), dims(rng, x, count if rng.random() < 0.9 else 1)]
    if name == "narrow":
        return [name, dim(rng, x), small(), small(-1, 4)]
    if name == "select":
        return [name, dim(rng, x), small(-3, 3)]
    if name == "slice":
        return [name, dim(rng, x), maybe(), maybe(), rng.choice([None, 1, 2, 3, 0, -1])]
    if name == "diagonal":
        return [name, small(-3, 3), dim(rng, x), dim(rng, x)]
    if name == "unfold":
        return [name, dim(rng, x), small(-1, 4), small(0, 3)]
    if name == "as_strided":
        count = rng.choice([0, 1, 2, 3])
        sizes = [small(0, 4) for _ in range(count)]
        steps = [rng.choice([0, 1, 2, 5, 40, 150, 300, -1]) for _ in range(count if rng.random() < 0.9 else 1)]
        return [name, sizes, steps, rng.choice([None, 0, 3, 990, 1000, -1])]
    if name == "expand":
        sizes = [rng.choice([-1, s, s if s != 1 else 3]) for s in x.shape]
        if rng.randrange(NOWHERE) == 0 and sizes:
            sizes[rng.randrange(len(sizes))] = rng.choice([0, 2, 5, -2])
        sizes = [rng.choice([2, 1, 3, 0, -1] if rng.random() < 0.2 else [2, 3]) for _ in range(rng.choice([0, 0, 1, 2]))] + sizes
        return [name, sizes[1:] if rng.random() < 0.1 else sizes]
    if name == "view_dtype":
        return [name, rng.choice(["bool", "uint8", "int16", "int32", "int64"]), rng.choice(["uint8", "int16", "float32", "float64", "bool"])]
    return [name, [item(rng, x) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, n]))], rng.random() < 0.7]


def item(rng, x):
    kind = rng.choice(["int", "int", "slice", "slice", "slice", "none", "...", "list", "list", "mask", "bool"])
    small = lambda: rng.randint(-3, 3) if rng.random() < 0.85 else rng.randint(-9, 9)
    if kind == "int":
        return {"int": rng.randint(-1, 0) if rng.random() < 0.6 else small()}
    if kind == "slice":
        return {"slice": [rng.choice([None, None, small()]), rng.choice([None, None, small()]), rng.choice([None, None, 1, 2, 3, 0, -1] if rng.random() < 0.2 else [None, 1, 2])]}
    if kind == "list":
        shape = rng.choice([[], [1], [2], [2], [2], [3], [0], [2, 2], [1, 2], [2, 1]])
        count = 1
        for size in shape:
            count *= size
        return {"array": shape, "values": [0 if rng.random() < 0.6 else rng.randint(-2, 2) for _ in range(count)]}
    if kind == "mask":
        start = rng.randint(0, max(x.dim() - 1, 0))
        shape = list(x.shape[start : start + rng.choice([0, 1, 1, 2])])
        if rng.random() < 0.1:
            shape = shape + [2]
        count = 1
        for size in shape:
            count *= size
        return {"mask": shape, "values": [rng.random() < 0.6 for _ in range(count)]}
    if kind == "bool":
        return {"bool": rng.random() < 0.7}
    return {"none": True} if kind == "none" else {"...": True}


def native(given):
    if "int" in given:
        return given["int"]
    if "slice" in given:
        return slice(*given["slice"])
    if "array" in given:
        return torch.tensor(given["values"], dtype=torch.int64).reshape(given["array"])
    if "mask" in given:
        return torch.tensor(given["values"], dtype=torch.bool).reshape(given["mask"])
    return given["bool"] if "bool" in given else None if "none" in given else ...


def run(x, name, *arguments):
    if name == "squeeze_dims":
        return x.squeeze(tuple(arguments[0]))
    if name in ("T", "mT"):
        return getattr(x, name)
    if name in ("view", "reshape", "expand", "permute"):
        return getattr(x, name)(tuple(arguments[0]))
    if name == "movedim":
        return x.movedim(tuple(arguments[0]), tuple(arguments[1]))
    if name == "slice":
        if x.dim() == 0:
            raise KeyError
        return x[(slice(None),) * (arguments[0] % x.dim()) + (slice(*arguments[1:]),)]
    if name == "as_strided":
        return x.as_strided(arguments[0], arguments[1], *([] if arguments[2] is None else [arguments[2]]))
    if name == "view_dtype":
        old, new = (getattr(torch, dtype) for dtype in arguments)
        return torch.zeros(1000, dtype=old).as_strided(x.shape, x.stride(), x.storage_offset()).view(new)
    if name == "index":
        items = [native(given) for given in arguments[0]]
        return x[tuple(items) if arguments[1] or len(items) != 1 else items[0]]
    return getattr(x, name)(*arguments)


def case(rng):
    x = base(rng)
    asked = call(rng, x)
    row = {"base": [list(x.shape), list(x.stride()), x.storage_offset()], "call": asked}
    try:
        result = run(x, *asked)
    except KeyError:
        return None
    except Exception as error:
        lines = [line for line in str(error).split("\n") if not line.startswith("Exception raised from")]
        message = "\n".join(lines[:2]) if lines[0].startswith("unflatten got") else lines[0]
        return row | {"error": f"{type(error).__name__}: {message}"}
    shape = list(result.shape)
    if asked[0] != "view_dtype" and result.untyped_storage().data_ptr() != STORAGE.untyped_storage().data_ptr():
        return row | {"values": [shape, result.flatten().tolist()]}
    return row | {"view": [shape, list(result.stride()), result.storage_offset()]}


def record(out, count=900, seed=8):
    rng = random.Random(seed)
    seen = set()
    with open(out, "w") as file:
        while len(seen) < count:
            row = case(rng)
            line = json.dumps(row)
            if row is not None and line not in seen:
                seen.add(line)
                file.write(line + "\n")
