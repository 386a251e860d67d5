#!/usr/bin/env python3
"""Writes `src/kernels/math/polynomials.rs`: the polynomials of the elementary functions, with the error each has.

A polynomial is nearly the best one in the weighted maximum norm, found with high precision and rounded coefficient by
coefficient, lowest first: the others are fitted anew to what the rounding left. Needs mpmath.
"""

import argparse
import struct
import sys

from mpmath import mp, mpf

mp.dps = 80

# Of Lawson's algorithm.
ROUNDS = 12


def rounded(value, bits):
    """The nearest float32 or float64."""
    if bits == 64:
        return mpf(float(value))
    return mpf(struct.unpack("<f", struct.pack("<f", float(value)))[0])


def lawson(target, weight, powers, grid):
    """Coefficients of `sum(c * x**p)` with about the least maximum of `|weight * (target - sum)|`.

    Least squares, whose weights grow where the error is large (Lawson's algorithm): unlike an exchange it does not mind
    that without a constant all terms vanish at 0.
    """
    terms = [[w * x**p for p in powers] for w, x in zip(weight, grid)]
    wanted = [w * t for w, t in zip(weight, target)]
    shares = [mpf(1)] * len(grid)
    best, least = None, mp.inf
    for _ in range(ROUNDS):
        columns = [[s * row[i] for s, row in zip(shares, terms)] for i in range(len(powers))]
        plain = list(zip(*terms))
        matrix = mp.matrix([[mp.fdot(column, other) for other in plain] for column in columns])
        found = list(mp.lu_solve(matrix, mp.matrix([mp.fdot(column, wanted) for column in columns])))
        errors = [abs(t - mp.fdot(found, row)) for t, row in zip(wanted, terms)]
        if max(errors) < least:
            best, least = found, max(errors)
        mean = mp.fsum(s * e for s, e in zip(shares, errors)) / mp.fsum(shares)
        if not mean:
            break
        shares = [s * e / mean for s, e in zip(shares, errors)]
    return best


def fit(function, weight, powers, low, high, bits):
    """Rounded coefficients and the error with them."""
    size = 14 * len(powers) + 1
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    grid = [middle - half * mp.cos(mp.pi * k / (size - 1)) for k in range(size)]
    weights = [mpf(weight(x)) for x in grid]
    # Where the error does not count there is nothing to fit (and the functions may divide by zero).
    counts = [w > max(weights) / 10**6 for w in weights]
    grid, weights = ([x for x, c in zip(many, counts) if c] for many in (grid, weights))
    target = [function(x) for x in grid]
    left, done, rest = list(powers), [], list(target)
    while left:
        found = lawson(rest, weights, left, grid)
        chosen = rounded(found[0], bits)
        done.append(chosen)
        power = left.pop(0)
        rest = [t - chosen * x**power for t, x in zip(rest, grid)]
    return done, max(abs(w * t) for w, t in zip(weights, rest))


HEAD = """\
//! The polynomials of the elementary functions, by increasing power. Written by `tests/oracle/polynomials/minimax.py`.

#![allow(clippy::approx_constant, clippy::excessive_precision, reason = "fitted, and rounded to the type they have")]
"""

HALF_LN2 = mp.log(2) / 2 * mpf("1.0001")
ROOT = mp.sqrt(2)
# In float32 the quarter a number lies in is not always the nearest one.
QUARTER = (mp.pi / 4) ** 2 * mpf("1.02")


def after(function, *taken):
    """`(function(x) - taken) / x**n`, where `taken` are the first coefficients, n of them."""

    def rest(x):
        with mp.workdps(mp.dps + 40):
            return (function(x) - sum(c * x**k for k, c in enumerate(taken))) / x ** len(taken)

    return rest


def squared(function):
    return lambda z: function(mp.sqrt(z))


def odd(function):
    """`(function(x) / x - 1) / x**2` by the square of x."""

    def rest(z):
        with mp.workdps(mp.dps + 40):
            x = mp.sqrt(z)
            return (function(x) / x - 1) / z

    return rest


def atanh_tail(z):
    with mp.workdps(mp.dps + 40):
        s = mp.sqrt(z)
        return (mp.log((1 + s) / (1 - s)) / s - 2) / z


def cos_tail(z):
    with mp.workdps(mp.dps + 40):
        return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2


# name: (what it is for, what is approximated, by how much its error counts, terms in float32 and float64, low, high)
POLYNOMIALS = {
    "EXP": (
        "eʳ = 1 + r + r²·EXP(r).",
        after(mp.exp, 1, 1), lambda r: r * r, 5, 11, -HALF_LN2, HALF_LN2,
    ),
    "EXP2": (
        "2ʳ = 1 + r·EXP2(r).",
        lambda r: (mpf(2) ** r - 1) / r, lambda r: abs(r), 6, 12, mpf("-0.5001"), mpf("0.5001"),
    ),
    "EXP2_SHORT": (
        "The same, in float64, for a power of float32 numbers.",
        lambda r: (mpf(2) ** r - 1) / r, lambda r: abs(r), 0, 8, mpf("-0.5001"), mpf("0.5001"),
    ),
    "ATANH": (
        "log((1 + s) / (1 - s)) = 2s + s³·ATANH(s²).",
        atanh_tail, lambda z: z, 4, 7, mpf("1e-9"), ((ROOT - 1) / (ROOT + 1)) ** 2 * mpf("1.001"),
    ),
    "ATANH_SHORT": (
        "The same, in float64, for a power of float32 numbers.",
        atanh_tail, lambda z: z, 0, 5, mpf("1e-9"), ((ROOT - 1) / (ROOT + 1)) ** 2 * mpf("1.001"),
    ),
    "ATANH_LONG": (
        "The same for a power of float64 numbers: 2s + s³·(2/3 + s²·ATANH_LONG(s²)).",
        lambda z: (atanh_tail(z) - mpf(2) / 3) / z,
        lambda z: z * z,
        0,
        8,
        mpf("1e-9"),
        ((ROOT - 1) / (ROOT + 1)) ** 2 * mpf("1.001"),
    ),
    "TANH": (
        "tanh(x) = x + x³·TANH(x²).",
        odd(mp.tanh), lambda z: z, 5, 11, mpf("1e-9"), mpf("0.625") ** 2,
    ),
    "SINH": (
        "sinh(x) = x + x³·SINH(x²) up to 1.",
        odd(mp.sinh), lambda z: z, 4, 8, mpf("1e-9"), mpf("1.0001"),
    ),
    "SIN": (
        "sin(r) = r + r³·SIN(r²).",
        odd(mp.sin), lambda z: z, 4, 7, mpf("1e-9"), QUARTER,
    ),
    "COS": (
        "cos(r) = 1 - r²/2 + r⁴·COS(r²).",
        cos_tail, lambda z: z * z, 4, 7, mpf("1e-9"), QUARTER,
    ),
    "ERF_NEAR": (
        "erf(x) = x + x·ERF_NEAR(x²).",
        lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, lambda z: 1, 7, 12, mpf("1e-9"), 1,
    ),
    "ERF_FAR": (
        "erf(x) = 1 - exp(ERF_FAR(x - 1)) from 1 up to 4 in float32, 6 in float64.",
        lambda t: mp.log(mp.erfc(t + 1)), lambda t: mp.erfc(t + 1), 9, 20, 0, None,
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which ones; all unless told")
    parser.add_argument("--terms", type=int, help="how many coefficients, instead of the usual")
    chosen = parser.parse_args()
    sys.stdout.write(HEAD)
    for name, (meaning, function, weight, short, long, low, high) in POLYNOMIALS.items():
        if chosen.names and name not in chosen.names:
            continue
        for bits, terms in ((32, short), (64, long)):
            terms = chosen.terms or terms
            if not terms:
                continue
            end = high if high is not None else (3 if bits == 32 else 5)
            found, error = fit(function, weight, range(terms), low, end, bits)
            sys.stdout.write(f"\n/// {meaning} The error is 2 to the {float(mp.log(error, 2)):.1f}.\n")
            sys.stdout.write(f"pub(super) const {name}_{bits}: &[f{bits}] = &[\n")
            for c in found:
                sys.stdout.write(f"    {grouped(repr(float(c)) if bits == 64 else mp.nstr(c, 9))},\n")
            sys.stdout.write("];\n")
            sys.stdout.flush()


def grouped(text):
    """A number with its digits in groups of three."""
    mantissa, _, exponent = text.partition("e")
    whole, _, digits = mantissa.partition(".")
    digits = "_".join(digits[k : k + 3] for k in range(0, len(digits), 3))
    return f"{whole}.{digits}" + (f"e{int(exponent)}" if exponent else "")


if __name__ == "__main__":
    main()
