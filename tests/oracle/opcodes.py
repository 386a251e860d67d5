"""Records what PyTorch's elementwise ops give, in float32 and float64, at ordinary and at odd places."""

import json
import math

import torch
import torch.nn.functional as F

UNARY = {
    **{
        name: getattr(torch, name)
        for name in (
            "abs exp exp2 expm1 log log2 log10 log1p sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh "
            "tanh asinh acosh atanh sigmoid erf erfc erfinv lgamma digamma floor ceil round trunc frac sign neg sinc "
            "deg2rad rad2deg isnan isinf isfinite signbit logit relu"
        ).split()
    },
    **{name: getattr(F, name) for name in "gelu silu selu mish hardsigmoid hardswish relu6 logsigmoid".split()},
}
BINARY = {
    name: getattr(torch, name)
    for name in (
        "add sub mul div remainder fmod floor_divide pow atan2 hypot logaddexp fmax fmin maximum minimum copysign xlogy "
        "heaviside eq ne lt le gt ge logical_and logical_or logical_xor"
    ).split()
}
INTS = {
    name: getattr(torch, name)
    for name in (
        "add sub mul remainder fmod floor_divide pow maximum minimum bitwise_and bitwise_or bitwise_xor "
        "bitwise_left_shift bitwise_right_shift eq lt"
    ).split()
}
PLACES = [-200.0, -3.7, -2.5, -1.0, -0.5, -0.1, -0.0, 0.0, 0.1, 0.3, 0.5, 0.9, 1.0, 1.5, 2.0, 2.5, 3.7, 10.5, 25.0, 100.0]
PLACES += [math.inf, -math.inf, math.nan]
LEFT = [7.0, -7.0, 7.0, -7.0, 5.5, -0.0, 0.0, 1e30, math.inf, math.nan, 3.0, -3.0, 1.0, 0.0, 2.0]
RIGHT = [3.0, 3.0, -3.0, -3.0, 0.5, 3.0, -3.0, 7.0, 2.0, 1.0, math.inf, math.inf, math.nan, 0.0, 0.5]
DTYPES = ["uint8", "int8", "int16", "int32", "int64"]


def written(tensor):
    return [str(value) if isinstance(value, float) and not math.isfinite(value) else value for value in tensor.tolist()]


def record(path):
    with open(path, "w", encoding="utf-8") as file:

        def row(name, dtype, *operands):
            function = {1: UNARY, 2: INTS if "int" in dtype else BINARY}[len(operands)][name]
            line = {"op": name, "dtype": dtype, "operands": [written(x) for x in operands]}
            line["result"] = written(function(*operands))
            file.write(json.dumps(line) + "\n")

        for dtype in ["float32", "float64"]:
            make = lambda values: torch.tensor(values, dtype=getattr(torch, dtype))  # noqa: E731
            for name in UNARY:
                # The vectorised float32 gelu of PyTorch gives nan at +inf, its float64 one inf.
                row(name, dtype, make([x for x in PLACES if name != "gelu" or not math.isinf(x)]))
            for name in BINARY:
                row(name, dtype, make(LEFT), make(RIGHT))
                row(name, dtype, make(RIGHT), make(LEFT))
        for dtype in DTYPES:
            limits = torch.iinfo(getattr(torch, dtype))
            left = [7, limits.min, limits.max, 5, 0, limits.min, 1, limits.max, 3, 100]
            right = [3, 1, limits.max, 2, 5, limits.max, 7, 2, 40, 3]
            if limits.min < 0:
                left += [-7, 7, -7, limits.min, -1, 1, 2]
                right += [3, -3, -3, -1, -3, -1, -2]
            make = lambda values: torch.tensor(values, dtype=getattr(torch, dtype))  # noqa: E731
            for name in INTS:
                row(name, dtype, make(left), make(right))
