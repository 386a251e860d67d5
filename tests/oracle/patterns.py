"""einops on random patterns, right and wrong: shapes, strides, what is a view, values, and the whole text of errors."""

import json
import random
import warnings

warnings.simplefilter("ignore")

SETUP = """import torch
import numpy as np
import einops
from einops import rearrange, reduce, repeat, parse_shape, pack, unpack
def show(out, x):
    if isinstance(out, np.ndarray):
        return (out.shape, str(out.dtype).split('.')[-1], out.flatten().tolist())
    shares = out.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    return (tuple(out.shape), out.stride(), str(out.dtype), shares, out.flatten().tolist())
"""

NAMES = ["a", "b", "c", "h", "w", "batch", "time", "ch", "x1", "d"]

FIXED = """
parse_shape(torch.zeros(2, 3, 5), 'a b c'); parse_shape(torch.zeros(2, 3, 5), 'a _ _'); parse_shape(torch.zeros(2, 3, 5), '... c')
parse_shape(torch.zeros(2, 3, 5), 'a ...'); parse_shape(torch.zeros(2, 3, 5), 'a b'); parse_shape(torch.zeros(2, 3, 5), 'a b c d ...')
parse_shape(torch.zeros(2, 3, 5), 'a 3 c'); parse_shape(torch.zeros(2, 3, 5), 'a 4 c'); parse_shape(torch.zeros(2, 1, 5), 'a 1 c')
parse_shape(torch.zeros(2, 3, 5), 'a () c'); parse_shape(torch.zeros(2, 3, 5), '(a b) c'); parse_shape(np.zeros((2, 3)), 'a b c')
parse_shape(torch.zeros(2, 3), 'a a'); parse_shape(torch.zeros(2, 3), 'a _b'); parse_shape(3, 'a')
einops.asnumpy(torch.arange(3)); einops.asnumpy(np.arange(3)); einops.asnumpy([1])
pack([torch.zeros(2), torch.ones(3)], '*'); pack([torch.tensor(1.), torch.ones(2)], '*'); pack([torch.ones(2, 3, 1), torch.zeros(2, 1)], 'a * b')
pack([torch.zeros(2, 3)], 'a b c *'); pack([torch.zeros(2, 3)], 'a b'); pack([torch.zeros(2, 3)], 'a a *'); pack([torch.zeros(2, 3)], 'a_ *')
pack([np.zeros((2, 3)), np.zeros(2)], 'a *'); pack([], 'a *'); pack([torch.zeros(2), torch.zeros(3)], 'a *'); pack([torch.zeros(2, 3)], 'a * *')
unpack(torch.arange(12).reshape(2, 6), [(2,), (4,)], 'a *'); unpack(torch.arange(12).reshape(2, 6), [(2, 2), (-1,)], 'a *')
unpack(torch.arange(12).reshape(2, 6), [(), (5,)], 'a *'); unpack(torch.arange(12).reshape(2, 6), [(-1,), (-1,)], 'a *')
unpack(torch.arange(12).reshape(2, 6), [(4,), (4,)], 'a *'); unpack(torch.arange(12).reshape(2, 6), [[4], [1]], 'a *'); unpack(torch.arange(6), [(6,)], 'a *')
unpack(torch.arange(12).reshape(2, 6), [(-1, 2), (2,)], 'a *'); unpack(torch.arange(12).reshape(2, 6), [(4, -1), (3,)], 'a *')
unpack(torch.arange(12).reshape(2, 6), torch.Size([2]), 'a *'); unpack(torch.arange(12).reshape(6, 2), [(1,), (2,), (-1,), (2,)], '* a')
einops.einsum(torch.ones(2, 3), torch.ones(3, 4), 'i j, j k -> i k'); einops.einsum(torch.ones(2, 2), 'i i ->'); einops.einsum(torch.ones(2, 3), 'b ... -> ... b')
einops.einsum(torch.ones(2, 3), 'row col -> col row'); einops.einsum(np.ones((2, 3)), np.ones(3), 'row col, col -> row'); einops.einsum(torch.ones(2), 'i')
einops.einsum(torch.ones(2, 3), 'i j -> i k'); einops.einsum(torch.ones(2, 3), '(i j) -> i j'); einops.einsum(torch.ones(2, 1), 'i 1 -> i'); einops.einsum('i -> i')
einops.einsum(torch.ones(2), torch.ones(2)); einops.einsum(torch.ones(2, 3), 'i 3 -> i'); einops.einsum(torch.ones(2, 3), '_ j -> j')
rearrange(torch.ones(2), 'a -> a -> a'); rearrange(torch.ones(2), 'a'); rearrange([], 'a -> a'); rearrange([1, 2], 'a -> a'); rearrange(3, 'a -> a')
rearrange((torch.ones(2), torch.ones(2)), 'a b -> b a'); rearrange([torch.ones(2), torch.ones(3)], 'a b -> b a'); rearrange(torch.ones(2), 5)
rearrange(torch.ones(2)); rearrange(torch.ones(2), 'a -> a', 3); reduce(torch.ones(2), 'a ->'); rearrange(tensor=torch.ones(2, 1), pattern='a b -> b a')
reduce(torch.arange(6.).reshape(2, 3), 'a b -> b', torch.logsumexp); reduce(torch.arange(6.).reshape(2, 3), 'a b -> a', lambda x, dims: x.amax(dims) * 2)
reduce(torch.arange(4), 'a -> ', 'mean'); reduce(torch.ones(2, 3), 'a b -> b a', 'rearrange'); reduce(torch.ones(2, 3), 'a b -> a b 2', 'repeat')
reduce(torch.tensor([[True, False], [True, True]]), 'a b -> a', 'all'); reduce(torch.tensor([[1, 0], [0, 0]]), 'a b -> b', 'any'); reduce(torch.ones(0, 3), 'a b -> b', 'sum')
repeat(torch.tensor(5), '-> 3'); repeat(torch.tensor(5), '-> n', n=2); repeat(torch.tensor(5), ' -> 1 () 2'); rearrange(torch.zeros(0, 4), 'a (b c) -> c b a', b=2)
rearrange(torch.ones(3, 4), 'a 0 -> a'); rearrange(torch.ones(3, 4), 'a . b -> a b'); rearrange(torch.ones(3, 4), 'a (b -> a b'); rearrange(torch.ones(3, 4), 'a b) -> a b')
rearrange(torch.ones(3, 4), 'a-b -> b a'); rearrange(torch.ones(3, 4), 'a b -> b a', c_=3); rearrange(torch.ones(3, 4), 'a b -> b a', b=4.0)
"""


def side(groups):
    return " ".join(g if isinstance(g, str) else "(" + " ".join(g) + ")" for g in groups)


def grouped(rng, axes):
    out = []
    while axes:
        n = rng.choice([1, 1, 1, 2, 3])
        take, axes = axes[:n], axes[n:]
        out.append(take[0] if n == 1 and rng.random() < 0.8 else take)
        if rng.random() < 0.12:
            out.append(rng.choice(["1", "()"]))
    return out


def case(rng):
    """A call with a pattern; one in four is wrong somewhere."""
    names = rng.sample(NAMES, rng.randint(1, 4))
    sizes = {name: rng.choice([1, 2, 2, 3]) for name in names}
    left = grouped(rng, names[:])
    shape, lengths = [], {}
    for group in left:
        axes = [group] if isinstance(group, str) else group
        axes = [a for a in axes if a in sizes]
        n = 1
        for a in axes:
            n *= sizes[a]
        shape.append(n)
        unknown = axes[:]
        rng.shuffle(unknown)
        lengths.update({a: sizes[a] for a in unknown[1:]})
    text_left = side(left)
    ellipsis = rng.random() < 0.3
    if ellipsis:
        at = rng.randint(0, len(left))
        extra = [rng.choice([1, 2, 3]) for _ in range(rng.randint(0, 2))]
        shape[at:at] = extra
        parts = left[:at] + ["..."] + left[at:]
        text_left = side(parts)
    op = rng.choice(["rearrange", "rearrange", "reduce", "repeat"])
    right = names[:]
    if ellipsis and (op != "reduce" or rng.random() < 0.6):
        right.append("...")
    rng.shuffle(right)
    if op == "reduce":
        right = right[: rng.randint(0, len(right))]
    if op == "repeat":
        for _ in range(rng.randint(0, 2)):
            new = rng.choice(["2", "3", "n", "m"])
            if new.isdigit() or new not in right:
                right.insert(rng.randint(0, len(right)), new)
                if not new.isdigit():
                    lengths[new] = rng.randint(1, 3)
    text_right = side(grouped(rng, right))
    if rng.random() < 0.25:
        fault = rng.randint(0, 6)
        if fault == 0 and lengths:
            del lengths[rng.choice(list(lengths))]
        elif fault == 1:
            lengths[rng.choice(names)] = rng.randint(1, 5)
        elif fault == 2:
            shape.append(2)
        elif fault == 3:
            text_right += " " + rng.choice(NAMES)
        elif fault == 4:
            text_left += " " + rng.choice(NAMES)
        elif fault == 5:
            lengths["zz"] = 2
        else:
            text_left = text_left.replace(" ", rng.choice(["  ", ",", " _ ", "( ", ") ", " .. "]), 1)
    count = 1
    for n in shape:
        count *= n
    if count > 120:
        return case(rng)
    kind = rng.choice(["int64", "int64", "float32", "float64"])
    x = f"torch.arange({count}, dtype=torch.{kind}).reshape({shape})"
    if rng.random() < 0.2 and len(shape) > 1:
        x = f"torch.arange({count}, dtype=torch.{kind}).reshape({shape[::-1]}).permute({list(range(len(shape)))[::-1]})"
    numpy_array = rng.random() < 0.15
    if numpy_array:
        x = f"({x}).numpy()"
    listed = rng.random() < 0.1 and len(shape) > numpy_array and shape[0] > 0
    given = "".join(f", {k}={v}" for k, v in lengths.items())
    rest = ""
    if op == "reduce":
        # NumPy's full reductions are numbers rather than arrays.
        rest = f", {rng.choice(['min', 'max', 'sum', 'mean', 'prod', 'any', 'all'])!r}"
        if numpy_array and text_right.strip() == "":
            return case(rng)
    pad = rng.choice(["", " ", "  "])
    arg = "list(x)" if listed else "x"
    return f"x = {x}; show({op}({arg}, '{text_left}{pad}->{pad}{text_right}'{rest}{given}), x)"


def result(code):
    names = {}
    exec(SETUP, names)
    *first, last = code.split("; ")
    try:
        for line in first:
            exec(line, names)
        value = eval(last, names)
        return {"out": repr(value)}
    except Exception as error:  
        return {"error": f"{type(error).__name__}: {error}"}


def record(path):
    rng = random.Random(5)
    codes = [code.strip() for line in FIXED.strip().splitlines() for code in line.split("; ") if code.strip()]
    codes += [case(rng) for _ in range(700)]
    with open(path, "w") as out:
        out.write(json.dumps({"setup": SETUP}) + "\n")
        for code in codes:
            out.write(json.dumps({"code": code} | result(code)) + "\n")
