"""Records how PyTorch prints tensors: random values of every dtype, shapes, strides and print options.

Each line holds a tensor as the bits of its elements (or, for large ones, as a formula), the options, and the text.
"""

import json
import random

import torch

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def shape(rng, limit):
    while True:
        dims = [rng.choice([0, 1, 1, 2, 3, 4, 5, 7, 8, 20, 30]) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4]))]
        if rng.random() < 0.9:
            dims = [max(d, 1) for d in dims]
        count = 1
        for d in dims:
            count *= d
        if count <= limit:
            return dims, count


def value(rng, kind):
    """A number of one of the kinds that PyTorch writes differently."""
    if kind == "integral":
        return float(rng.randint(-20, 20))
    if kind == "large":
        return float(rng.choice([-1, 1]) * rng.randint(0, 10 ** rng.randint(1, 12)))
    if kind == "wide":
        return rng.choice([-1, 1]) * 10 ** rng.uniform(-8, 8)
    if kind == "tiny":
        return rng.uniform(-1, 1) * 10 ** rng.randint(-7, -3)
    if kind == "edge":
        return rng.choice([1e-4, 0.99994, 0.99995, 1000.0, 1000.5, 1e8, 1.0, 0.5, 9999.99999, 2.5, 0.00005, 1e5, 1e-45, 3.0e38])
    return rng.uniform(-10, 10)


def case(rng):
    name = rng.choice(DTYPES + ["float32"] * 8 + ["int64"] * 2)
    dtype = getattr(torch, name)
    row = {"dtype": name}
    if rng.random() < 0.12:
        dims = rng.choice([[1001], [2000], [40, 40], [7, 200], [200, 6], [5, 9, 30], [11, 3, 40], [8, 8, 8, 8], [2, 2, 400], [1200, 1], [1, 1200]])
        count = 1
        for d in dims:
            count *= d
        mul, add, mod, div = rng.randint(1, 999), rng.randint(-500, 500), rng.choice([7, 100, 5003]), rng.choice([1, 1, 4, 3, 1000])
        row |= {"shape": dims, "formula": [mul, add, mod, div]}
        flat = torch.tensor([((i * mul + add) % mod) / div for i in range(count)], dtype=torch.float64).to(dtype)
    else:
        dims, count = shape(rng, 120)
        row["shape"] = dims
        if dtype == torch.bool:
            flat = torch.tensor([rng.random() < 0.5 for _ in range(count)], dtype=dtype)
        elif not dtype.is_floating_point:
            info = torch.iinfo(dtype)
            bits = rng.randint(1, info.bits - 1)
            flat = torch.tensor([max(info.min, min(info.max, rng.randint(-(2**bits), 2**bits))) for _ in range(count)], dtype=dtype)
        else:
            kind = rng.choice(["integral", "large", "wide", "tiny", "plain", "plain", "edge"])
            values = [value(rng, kind) for _ in range(count)]
            for special in rng.choice([[], [], [0.0], [-0.0], [float("nan")], [float("inf"), float("-inf")], [0.0, float("nan"), float("inf")]]):
                if count and rng.random() < 0.9:
                    values[rng.randrange(count)] = special
            if rng.random() < 0.05:
                values = [rng.choice([0.0, -0.0, float("nan"), float("inf"), float("-inf")]) for _ in values]
            flat = torch.tensor(values, dtype=torch.float64).to(dtype)
        row["bits"] = flat.view(BITS[flat.element_size()]).tolist() if dtype != torch.bool else flat.to(torch.uint8).tolist()
    x = flat.reshape(dims)
    if len(dims) > 1 and rng.random() < 0.2:
        x = x.transpose(0, -1)
        row["transposed"] = True
    if dtype.is_floating_point and rng.random() < 0.08:
        x = x.detach().requires_grad_()
        row["extra"] = "requires_grad=True"
        if rng.random() < 0.5:
            x = x.view_as(x)
            row["extra"] = "grad_fn=<" + type(x.grad_fn).__name__ + ">"
    options = {}
    if rng.random() < 0.25:
        for key, choices in {"precision": [0, 1, 2, 6, 10], "threshold": [0, 5, 100], "edgeitems": [0, 1, 2, 5], "linewidth": [20, 40, 79, 100, 120, 200], "sci_mode": [True, False]}.items():
            if rng.random() < 0.35:
                options[key] = rng.choice(choices)
    torch.set_printoptions(profile="default", **options)
    row["options"] = options
    row["text"] = repr(x)
    return row


def record(out, count=400, seed=20):
    rng = random.Random(seed)
    with open(out, "w") as file:
        for _ in range(count):
            file.write(json.dumps(case(rng)) + "\n")
    torch.set_printoptions(profile="default")
