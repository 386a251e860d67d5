"""Records the right values of elementary functions in float64, correctly rounded, computed by mpmath with more digits than that takes."""

import json
import math
import random
import struct

from mpmath import mp, mpf

mp.dps = 60

FUNCTIONS = {
    "exp": mp.exp,
    "exp2": lambda x: mpf(2) ** x,
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "erf": mp.erf,
}
# Where each is asked: the ranges between the logarithms of magnitudes, of both signs or of one.
RANGES = {
    "exp": (-20, 9.6, 2), "exp2": (-20, 10.1, 2), "expm1": (-40, 9.6, 2), "log": (-1074, 1023.9, 1), "log2": (-1074, 1023.9, 1),
    "log10": (-1074, 1023.9, 1), "log1p": (-60, 1023, 1), "sin": (-40, 40, 2), "cos": (-40, 40, 2), "tan": (-40, 40, 2),
    "sinh": (-40, 9.6, 2), "cosh": (-20, 9.6, 2), "tanh": (-40, 5, 2), "sigmoid": (-20, 9.7, 2), "erf": (-40, 2.7, 2),
}  # fmt: skip


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", float(value)))[0]


def places(name, count, rng):
    low, high, signs = RANGES[name]
    for n in range(count):
        x = 2.0 ** rng.uniform(low, high) if n % 2 else 2.0 ** rng.uniform(max(low, -3), min(high, 4))
        if name.startswith("log") and n % 3 == 0:
            x = (0.0 if name == "log1p" else 1.0) + rng.choice([-1, 1]) * 2.0 ** rng.uniform(-52, -1)
        if name in ("sin", "cos", "tan") and n % 3 == 0:
            # The floats next to multiples of a quarter.
            x = float(mp.pi / 2 * rng.randrange(1, 600_000))
        yield -x if signs == 2 and rng.random() < 0.5 else x


def rounded(value):
    """The nearest float64 of an mpf, also where it is subnormal or too large."""
    if not value:
        return 0.0
    with mp.workdps(60):
        if abs(value) >= mpf(2) ** 1024 * (1 - mpf(2) ** -54):
            return math.copysign(math.inf, value)
        exponent = max(int(mp.floor(mp.log(abs(value), 2))), -1022) - 52
        return float(math.ldexp(int(mp.nint(mp.ldexp(value, -exponent))), exponent))


def lines(count, seed=1):
    rng = random.Random(seed)
    for name, function in FUNCTIONS.items():
        at = list(places(name, count, rng))
        # Large and small arguments need digits of their own.
        with mp.workdps(400 if name == "log1p" else 60):
            values = [rounded(function(mpf(x))) for x in at]
        yield {"op": name, "at": [f"{bits(x):016x}" for x in at], "is": [f"{bits(y):016x}" for y in values]}
    pairs = []
    while len(pairs) < count:
        x, y = 2.0 ** rng.uniform(-30, 30), rng.choice([-1, 1]) * 2.0 ** rng.uniform(-10, 8)
        if len(pairs) % 3 == 0:
            x, y = 1 + rng.choice([-1, 1]) * 2.0 ** rng.uniform(-40, -1), y * 2.0 ** rng.uniform(0, 10)
        if abs(math.log2(x) * y) < 1080:
            pairs.append((x, y))
    values = [rounded(mpf(x) ** mpf(y)) for x, y in pairs]
    yield {
        "op": "pow",
        "at": [f"{bits(x):016x}" for x, _ in pairs],
        "to": [f"{bits(y):016x}" for _, y in pairs],
        "is": [f"{bits(z):016x}" for z in values],
    }


def record(path, count=200):
    with open(path, "w", encoding="utf-8") as file:
        for line in lines(count):
            file.write(json.dumps(line) + "\n")
