#!/usr/bin/env python3
"""Times the same statement in Tenscope, NumPy, PyTorch, opt_einsum and numexpr, alternating in one run; prints the ratios.

    python3 benches/compare.py [--bin target/release/tenscope] [--python PYTHON] [--group NAME ..] [--row TEXT]
                               [--threads N] [--rounds N] [--json FILE]

Every engine is one process for the whole run, which is told a program at a time. A row is a statement that leaves its
result in `r`; it is timed in batches of some 40 ms, in one engine after the other, several rounds, and the best batch
counts. Before that the results are compared (their sums, their magnitudes, and a sum in which each place has its weight):
an engine that differs from Tenscope is said to, and is not timed in that row. A ratio is the best of the others over
Tenscope: above 1, Tenscope is ahead. `--python` names an interpreter with the other libraries; what is not installed
there is said to be missing. `--threads N` holds for all engines.

A group is a function below that yields rows, marked `@group("name")`; nothing else knows of it.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

ENGINES = ("numpy", "torch", "opt_einsum", "numexpr")
GROUPS = {}


@dataclass
class Row:
    """A statement in each engine; one that is None there is not timed there."""

    name: str
    torch: str | None
    numpy: str | None = None
    numexpr: str | None = None
    setup: str = ""  # for Tenscope and PyTorch
    numpy_setup: str = ""  # for the others, which take NumPy's arrays
    elements: int = 1  # how many elements a run touches
    tolerance: float = 1e-4  # of the compared sums, relative to the sum of magnitudes
    moves: int = 0  # bytes that have to be read and written, for the comparison with a copy
    opt_einsum: str | None = None
    tenscope: str | None = None  # where it is not PyTorch's statement
    note: str | None = None  # an expression whose value in each engine is printed below the row
    times: dict = field(default_factory=dict)


def group(name):
    """Adds a function that yields rows to the groups."""

    def add(rows):
        GROUPS[name] = rows
        return rows

    return add


def vectors(n):
    pairs = [("a", 1000), ("b", 777), ("c", 555)]
    torch = "".join(f"{v} = (torch.arange({n}) % {k}).float() / {k}\n" for v, k in pairs)
    numpy = "".join(f"{v} = (np.arange({n}) % {k}).astype(np.float32) / np.float32({k})\n" for v, k in pairs)
    return torch, numpy


@group("small")
def small():
    setup = "s = torch.ones(2, 2)\nt = torch.arange(12.).reshape(3, 4)\n"
    numpy_setup = "s = np.ones((2, 2), np.float32)\nt = np.arange(12, dtype=np.float32).reshape(3, 4)\n"
    rows = [
        ("s + s", "s + s"),
        ("s.unsqueeze(0)", "s[None]"),
        ("t[0, 1]", "t[0, 1]"),
        ("t[:, None]", "t[:, None]"),
        ("t.sum(0)", "t.sum(0)"),
        ("s @ s", "s @ s"),
        ("torch.einsum('ij,jk->ik', s, s)", "np.einsum('ij,jk->ik', s, s)"),
    ]
    for torch, numpy in rows:
        yield Row(torch, torch, numpy, None, setup, numpy_setup, 100)


SIZES = (10_000, 1_000_000, 10_000_000)


@group("elementwise")
def elementwise():
    rows = [
        ("a + b", "a + b", "ne.evaluate('a + b')", 12),
        ("torch.exp(a)", "np.exp(a)", "ne.evaluate('exp(a)')", 8),
        ("torch.tanh(a)", "np.tanh(a)", "ne.evaluate('tanh(a)')", 8),
        ("torch.where(a > b, a, c)", "np.where(a > b, a, c)", "ne.evaluate('where(a > b, a, c)')", 16),
        ("a > 0.5", "a > 0.5", "ne.evaluate('a > 0.5')", 5),
        ("a.add_(b)", "np.add(a, b, out=a)", "ne.evaluate('a + b', out=a)", 12),
        ("a.sum()", "a.sum()", "ne.evaluate('sum(a)')", 4),
        ("a.max()", "a.max()", "ne.evaluate('max(a)')", 4),
    ]
    for n in SIZES:
        setup, numpy_setup = vectors(n)
        for torch, numpy, numexpr, moves in rows:
            yield Row(f"{torch}, {n}", torch, numpy, numexpr, setup, numpy_setup, n, moves=moves * n)


LOOPS = """
def product(a, b):
    c = torch.zeros(5, 10)
    for i in range(5):
        for j in range(10):
            for k in range(784):
                c[i,j] += a[i,k] * b[k,j]
    return c
def squares():
    s = 0
    for i in range(1000000):
        s += i * i
    return s
def add(a, b):
    return a + b
def calls():
    s = 0
    for i in range(1000000):
        s = add(s, i)
    return s
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
a = torch.arange(3920.).reshape(5, 784) / 3920
b = torch.arange(7840.).reshape(784, 10) / 7840
"""


@group("loops")
def loops():
    """The language itself, beside CPython with PyTorch."""
    rows = ("product(a, b)", "squares()", "calls()", "fib(22)", "sum([i % 7 for i in range(300000)])")
    for statement in rows:
        yield Row(statement, statement, setup=LOOPS, elements=1_000_000)


@group("chains")
def chains():
    rows = [
        ("a * b + c", "a * b + c", "ne.evaluate('a * b + c')", 16),
        (
            "torch.relu(a * b + c - 0.5) * 2",
            "np.maximum(a * b + c - np.float32(0.5), 0) * 2",
            "ne.evaluate('where(a * b + c > 0.5, a * b + c - 0.5, 0) * 2')",
            16,
        ),
        ("1 / (1 + torch.exp(-(a * b)))", "1 / (1 + np.exp(-(a * b)))", "ne.evaluate('1 / (1 + exp(-(a * b)))')", 12),
        ("((a - b) ** 2).mean()", "((a - b) ** 2).mean()", "ne.evaluate('sum((a - b) ** 2)') / a.size", 8),
        ("(a > 0.5).sum()", "(a > 0.5).sum()", None, 4),
    ]
    for n in SIZES:
        setup, numpy_setup = vectors(n)
        for torch, numpy, numexpr, moves in rows:
            yield Row(f"{torch}, {n}", torch, numpy, numexpr, setup, numpy_setup, n, moves=moves * n)


@group("matrix")
def matrix():
    softmax = "(lambda e: e / e.sum(1, keepdims=True))(np.exp(m - m.max(1, keepdims=True)))"
    rows = [
        ("m + v", "m + v", 8),
        ("m + w", "m + w", 8),
        ("v + w", "v + w", 4),
        ("m + m.t()", "m + m.T", 12),
        ("m.t().contiguous()", "m.T.copy()", 8),
        ("m.sum(0)", "m.sum(0)", 4),
        ("m.sum(1)", "m.sum(1)", 4),
        ("m.var(1)", "m.var(1, ddof=1)", 4),
        ("m.max(1).values", "m.max(1)", 4),
        ("m.argmax(1)", "m.argmax(1)", 4),
        (
            "(m - m.mean(1, keepdim=True)) / m.std(1, keepdim=True)",
            "(m - m.mean(1, keepdims=True)) / m.std(1, keepdims=True, ddof=1)",
            12,
        ),
        ("torch.softmax(m, 1)", softmax, 8),
        ("m.cumsum(1)", "m.cumsum(1)", 8),
        ("torch.cat([m, m], 1)", "np.concatenate([m, m], 1)", 12),
    ]
    for k in (300, 3000):
        n = k * k
        setup = f"m = (torch.arange({n}) % 1000).float().reshape({k}, {k}) / 1000\nv = m[0].clone()\nw = v[:, None]\n"
        numpy_setup = (
            f"m = ((np.arange({n}) % 1000).astype(np.float32) / np.float32(1000)).reshape({k}, {k})\n"
            "v = m[0].copy()\nw = v[:, None]\n"
        )
        for torch, numpy, moves in rows:
            yield Row(f"{torch}, {k}", torch, numpy, None, setup, numpy_setup, n, moves=moves * n)


PYTHON_WORKER = r"""
import json, sys, time
name, threads = sys.argv[1], int(sys.argv[2])
try:
    import numpy as np
    if name == "torch":
        import torch
        if threads: torch.set_num_threads(threads)
    if name == "numexpr":
        import numexpr as ne
        if threads: ne.set_num_threads(threads)
    if name == "opt_einsum":
        import opt_einsum as oe
except ImportError as error:
    print(json.dumps(str(error)), flush=True)
    sys.exit()
print(json.dumps(None), flush=True)
space = None
for line in sys.stdin:
    task = json.loads(line)
    try:
        if "program" in task:
            space = {"time": time, "np": np}
            if name == "torch": space["torch"] = torch
            if name == "numexpr": space["ne"] = ne
            if name == "opt_einsum": space["oe"] = oe
            exec(task["program"], space)
        answer = eval(task["ask"], space)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
"""


class Peer:
    """An engine in a Python process of its own."""

    def __init__(self, name, python, threads):
        env = dict(os.environ)
        if threads:
            for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
                env[variable] = str(threads)
        argv = [python, "-c", PYTHON_WORKER, name, str(threads or 0)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.missing = json.loads(self.process.stdout.readline() or '"it does not start"')

    def ask(self, ask, program=None):
        task = {"ask": ask} if program is None else {"ask": ask, "program": program}
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or '"it has ended"')

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Tenscope:
    """Tenscope, told statements through a pipe."""

    def __init__(self, binary, threads):
        argv = [binary, *(["--threads", str(threads)] if threads else []), "-"]
        self.argv = argv
        self.missing = None if os.path.exists(binary) else f"there is no {binary}"
        self.process = None
        self.start()

    def start(self):
        if self.missing is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            self.process = subprocess.Popen(self.argv, text=True, **pipes)

    def ask(self, ask, program=None):
        text = "" if program is None else ":reset\nimport time\nimport torch\n" + program + "\n"
        try:
            self.process.stdin.write(text + f"print({ask})\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline().strip()
            return json.loads(line.replace("(", "[").replace(")", "]"))
        except (ValueError, OSError):
            # An error ends the session; the next row begins a new one.
            self.process.kill()
            self.start()
            return line if "line" in locals() and line else "it has ended"

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


@group("selection")
def selection():
    """What must not be quadratic, nor read more than it shows, on 10 million elements, or a million."""
    rows = [
        (10**6, "x.sort().values", "np.sort(x)"),
        (10**6, "i.sort().values", "np.sort(i)"),
        (10**6, "x.argsort()", "np.argsort(x)"),
        (10**6, "i.unique()", "np.unique(i)"),
        (10**6, "x.topk(100).values", "np.partition(x, -100)[-100:]"),
        (10**6, "x.median()", "np.median(x)"),
        (10**6, "x.kthvalue(1000).values", "np.partition(x, 999)[999]"),
        (10**6, "torch.searchsorted(s, x)", "np.searchsorted(s, x)"),
        (10**6, "x.gather(0, i)", "np.take(x, i)"),
        (10**6, "z.scatter_add(0, i, x)", None),
        (10**6, "z.index_put_((i,), x)", None),
        (10**6, "i.bincount()", "np.bincount(i)"),
        (10**6, "x.histc(100)", "np.histogram(x, 100)[0]"),
        (10**6, "torch.cat(p)", "np.concatenate(p)"),
        (10**7, "x[x > 0.5]", "x[x > 0.5]"),
        (10**7, "(x > 0.5).nonzero()", "np.argwhere(x > 0.5)"),
        # Printing reads what it shows; the texts differ, so an element is compared.
        (10**8, "(str(x), x[12345])[1]", "(str(x), x[12345])[1]"),
    ]
    for n, torch, numpy in rows:
        x = f"(torch.arange({n}) * 7919 % 1000003).float() / 1000003"
        places = f"torch.arange({n}) * 31 % {n}"
        more = f"i = {places}\ns = x.sort().values\nz = torch.zeros({n})\np = list(x.split(1000))\n"
        arrays = "i = i.numpy()\ns = s.numpy()\nz = z.numpy()\np = [q.numpy() for q in p]\n"
        setup = f"x = {x}\n" + (more if n == 10**6 else "")
        numpy_setup = f"import torch\n{setup}x = x.numpy()\n" + (arrays if n == 10**6 else "")
        yield Row(f"{torch} of {n:,}", torch, numpy, None, setup, numpy_setup, n)


def program(setup, statement):
    indented = statement.replace("\n", "\n        ")
    return (
        f"{setup}\ndef batch(runs):\n    begin = time.perf_counter()\n    for _ in range(runs):\n"
        f"        r = {indented}\n    return time.perf_counter() - begin\n\ndef once():\n    r = {indented}\n    return r\n"
    )


SUMS = {
    "torch": "(lambda x: (float(x.sum()), float(x.abs().sum()), float((x * ((torch.arange(x.numel()) % 101).double() / 101)).sum())))"
    "(torch.as_tensor(once()).double().flatten())",
    "numpy": "(lambda x: (float(x.sum()), float(np.abs(x).sum()), float((x * (np.arange(x.size) % 101 / 101)).sum())))"
    "(np.asarray(once(), dtype=np.float64).ravel())",
}

# Seconds of a batch, and how many runs it has.
BATCH, RUNS = 0.04, (1, 50_000)

# How long nothing runs before a batch, in seconds: the threads of OpenBLAS and OpenMP look for work for up to 30 ms after
# they have had some, and would take a core from whoever comes next.
SETTLED = 0.1


def agree(row, engine, ours, theirs):
    """Whether an engine's sums are Tenscope's, as far as its arithmetic allows."""
    if not (isinstance(ours, list) and isinstance(theirs, list)):
        return False
    scale = max(1.0, abs(theirs[1]))
    return all(abs(x - y) <= row.tolerance * scale for x, y in zip(ours, theirs))


def measure(row, tenscope, peers, rounds):
    """Compares the results, then times batches in one engine after the other. Gives what went wrong, and the notes."""
    engines = {"tenscope": (tenscope, row.tenscope or row.torch, row.setup)}
    for name, peer in peers.items():
        statement = getattr(row, name)
        if peer.missing is None and statement is not None:
            engines[name] = (peer, statement, row.setup if name == "torch" else row.numpy_setup)
    sums, wrong, notes, runs = {}, [], [], {}
    for name, (engine, statement, setup) in engines.items():
        ask = SUMS["torch" if name in ("tenscope", "torch") else "numpy"]
        sums[name] = engine.ask(ask, program(setup, statement))
        if not isinstance(sums[name], list):
            wrong.append(f"{name}: {sums[name]}")
        elif name != "tenscope" and not agree(row, name, sums["tenscope"], sums[name]):
            wrong.append(f"{name} gives {sums[name][0]:.9g}, tenscope {sums['tenscope']}")
            sums[name] = "differs"
        else:
            engine.ask("batch(1)")  # may plan, start threads, or touch memory for the first time
            seconds = engine.ask("batch(1)")
            runs[name] = int(min(max(BATCH / seconds, RUNS[0]), RUNS[1])) if isinstance(seconds, float) else 1
            if row.note:
                notes.append(f"{name}: {engine.ask(row.note)}")
    if not isinstance(sums["tenscope"], list):
        return wrong, notes
    for _ in range(rounds):
        for name in runs:
            time.sleep(SETTLED)
            seconds = engines[name][0].ask(f"batch({runs[name]})")
            if isinstance(seconds, float):
                row.times[name] = min(row.times.get(name, math.inf), seconds / runs[name])
    return wrong, notes


def human(seconds):
    for unit, size in (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def bandwidth(peers):
    """Bytes a second that a copy of 40 MB reads and writes, by NumPy."""
    peer = next((peer for peer in peers.values() if peer.missing is None), None)
    if peer is None:
        return None
    setup = "x = np.ones(10_000_000, np.float32)\ny = np.empty_like(x)\n"
    peer.ask("0", program(setup, "np.copyto(y, x)"))
    seconds = min(peer.ask("batch(5)") for _ in range(7)) / 5
    return 80e6 / seconds


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def operands(shapes, dtype):
    """Programs that make positive numbers of these shapes in x0, x1, ..: for PyTorch, for NumPy."""
    torch = numpy = ""
    for n, shape in enumerate(shapes):
        numbers = f"(torch.arange({math.prod(shape)}) * 7919 % {97 + n})"
        numbers = f"{numbers}.float() / {97 + n}" if dtype == "float32" else numbers
        torch += f"x{n} = ({numbers}).reshape({', '.join(map(str, shape))})\n"
        numpy += f"x{n} = x{n}.numpy()\n"
    return torch, f"import torch\n{torch}{numpy}"


@group("einsum")
def einsum():
    """The equations of `einsum.json`, which `cargo bench --bench einsum` runs in the engine alone."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "einsum.json"), encoding="utf-8") as file:
        suite = json.load(file)
    for case in suite:
        setup, numpy_setup = operands(case["shapes"], case["dtype"])
        equation, names = case["equation"], ", ".join(f"x{n}" for n in range(len(case["shapes"])))
        ours = f"torch.einsum('{equation}', {names})"
        # PyTorch and NumPy read 52 letters; and NumPy, alone or under opt_einsum, loops for seconds, or hours, in some rows.
        few = equation.isascii()
        numpy = few and "numpy" not in case.get("without", [])
        yield Row(
            case["name"],
            ours if few else None,
            f"np.einsum('{equation}', {names}, optimize=True)" if numpy else None,
            None,
            setup,
            numpy_setup,
            tolerance=1e-3,
            opt_einsum=f"oe.contract('{equation}', {names})" if "opt_einsum" not in case.get("without", []) else None,
            tenscope=ours,
        )


PLANNING = """
ends = [end // 3 for end in range(3 * {n})]
state = 12345
for at in range(len(ends) - 1, 0, -1):
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    other = (state >> 33) % (at + 1)
    ends[at], ends[other] = ends[other], ends[at]
terms = [[] for _ in range({n})]
for bond in range(len(ends) // 2):
    if ends[2 * bond] != ends[2 * bond + 1]:
        terms[ends[2 * bond]].append(bond)
        terms[ends[2 * bond + 1]].append(bond)
letters = [chr(c) for c in range(0x4e00, 0x4e00 + len(ends) // 2)]
equation = ",".join(["".join([letters[bond] for bond in term]) for term in terms]) + "->"
shapes = [tuple([2 for _ in term]) for term in terms]
count = [0]
costs = []
def renewed():
    # Spaces change nothing, but make it an equation that nobody has planned before.
    count[0] += 1
    return equation + " " * count[0]
"""


@group("planning")
def planning():
    """Planning alone: random networks in which each tensor shares a bond of two with three others."""
    for n in (100, 1000):
        ours = (
            "tensors = [torch.ones(shape) for shape in shapes]\n"
            "def plan():\n"
            "    report = einsum_path(renewed(), *tensors)[1]\n"
            "    costs.append(float(report.split('Optimized FLOP count:')[1].split()[0]))\n"
            "    return torch.ones(1)\n"
        )
        theirs = (
            "def plan():\n"
            "    costs.append(float(oe.contract_path(renewed(), *shapes, shapes=True)[1].opt_cost))\n"
            "    return np.ones(1)\n"
        )
        setup = PLANNING.format(n=n)
        yield Row(
            f"a network of {n} tensors",
            None,
            setup=setup + ours,
            numpy_setup=setup + theirs,
            opt_einsum="plan()",
            tenscope="plan()",
            note="min(costs)",
        )


@group("backprop")
def backprop():
    """A step of training: forward, backward, descent; with tensors, and with modules and an optimizer."""
    for inner, hidden, outer, batch in ((784, 128, 10, 64), (2, 16, 2, 32)):
        setup = (
            f"x = ((torch.arange({batch * inner}) % 83).float() / 83 - 0.5).reshape({batch}, {inner})\n"
            f"y = torch.arange({batch}) % {outer}\n"
            f"w1 = (((torch.arange({inner * hidden}) % 89).float() / 89 - 0.5) / {inner**0.5}).reshape({inner}, {hidden})\n"
            f"w2 = (((torch.arange({hidden * outer}) % 79).float() / 79 - 0.5) / {hidden**0.5}).reshape({hidden}, {outer})\n"
            f"params = [w1.requires_grad_(), torch.zeros({hidden}, requires_grad=True)]\n"
            f"params += [w2.requires_grad_(), torch.zeros({outer}, requires_grad=True)]\n"
            "def step():\n"
            "    w1, b1, w2, b2 = params\n"
            "    loss = torch.nn.functional.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, y)\n"
            "    loss.backward()\n"
            "    with torch.no_grad():\n"
            "        for p in params:\n"
            "            p -= 0.01 * p.grad\n"
            "            p.grad = None\n"
            "    return loss.detach()\n"
        )
        yield Row(f"tensors {inner}-{hidden}-{outer}, batch {batch}", "step()", None, None, setup, "", 1000, 0.1)
    for sizes, batch in (((784, 128, 10), 64), ((2, 16, 16, 1), 32)):
        layers = ", nn.ReLU(), ".join(f"nn.Linear({i}, {o})" for i, o in zip(sizes, sizes[1:]))
        setup = (
            "from torch import nn\n"
            "_ = torch.manual_seed(0)\n"
            f"x = torch.randn({batch}, {sizes[0]})\n"
            f"y = torch.randn({batch}, {sizes[-1]}) * 0.1\n"
            f"net = nn.Sequential({layers})\n"
            "opt = torch.optim.SGD(net.parameters(), lr=0.001)\n"
            "loss_of = nn.MSELoss()\n"
            "def step():\n"
            "    opt.zero_grad()\n"
            "    loss = loss_of(net(x), y)\n"
            "    loss.backward()\n"
            "    opt.step()\n"
            "    return loss.detach()\n"
        )
        name = "-".join(str(size) for size in sizes)
        yield Row(f"modules {name}, batch {batch}", "step()", None, None, setup, "", 1000, 0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", default="target/release/tenscope")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--group", action="append", choices=sorted(GROUPS))
    parser.add_argument("--row", default="", help="only the rows whose name contains this")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    args = parser.parse_args()
    tenscope = Tenscope(args.bin, args.threads)
    if tenscope.missing:
        sys.exit(f"{tenscope.missing}; build it, or name it with --bin")
    peers = {name: Peer(name, args.python, args.threads) for name in ENGINES}
    for name, peer in peers.items():
        if peer.missing:
            print(f"{name} is missing: {peer.missing}")
    speed = bandwidth(peers)
    if speed:
        print(f"a copy of 40 MB reads and writes {speed / 1e9:.1f} GB/s")
    report = []
    for name in args.group or list(GROUPS):
        ratios = []
        print(f"\n{name:44}  tenscope" + "".join(f"{peer:>11}" for peer in ENGINES) + "   ratio  of a copy's speed")
        for row in GROUPS[name]():
            if args.row not in row.name:
                continue
            wrong, notes = measure(row, tenscope, peers, args.rounds)
            ours, others = row.times.get("tenscope"), [row.times[n] for n in ENGINES if n in row.times]
            ratio = min(others) / ours if ours and others else None
            times = "".join(f"{human(row.times[n]) if n in row.times else '-':>11}" for n in ("tenscope", *ENGINES))
            line = f"{row.name:44}{times}" + (f"{ratio:8.2f}" if ratio else f"{'-':>8}")
            if ours and row.moves and speed and row.elements >= 1_000_000:
                line += f"  {row.moves / ours / speed:4.0%}"
            line += "".join(f"\n    differs: {text}" for text in wrong) + "".join(f"\n    {text}" for text in notes)
            print(line, flush=True)
            report.append({"group": name, "row": row.name, "seconds": row.times, "ratio": ratio, "wrong": wrong, "notes": notes})
            if ratio:
                ratios.append(ratio)
        if ratios:
            ahead = sum(ratio >= 1 for ratio in ratios)
            print(f"{name}: geometric mean {mean(ratios):.2f}, lowest {min(ratios):.2f}, ahead in {ahead} of {len(ratios)}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"bandwidth": speed, "rows": report, "time": time.strftime("%Y-%m-%d")}, file, indent=1)
    for engine in (tenscope, *peers.values()):
        engine.close()


main()
