"""Records random programs over the op table: calls made from its signatures, on tensors of all dtypes with edge shapes and
unusual strides, in every form there is (method, function, in place, `out=`, by keyword), and short chains of calls; and
whether what they give shares the storage of what they got.

The table is not listed here: `cargo test --test all table::list_entries` prints it. A call is tried in PyTorch until enough
were found that give something, and a few that raise; what gives different text twice is not recorded.
"""

import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import traceback

import torch
from fitting import FITTING, Fit
from lines import answer

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTING = "cargo test --test all table::list_entries -- --ignored --nocapture".split()
GIVING, RAISING, IN_PLACE, TRIES, MANY, CHAINS = 6, 1, 2, 160, 3000, 300
FITTED = {"giving": 11, "raising": 4}  # Of entries whose arguments fit together (`fitting.py`).
DTYPES = "float32 " * 9 + "float64 float64 int64 int64 int64 bool bool uint8 int8 int16 int32 float16 bfloat16"
PREFIXES = {"torch": "torch", "F": "F", "torch.linalg": "torch.linalg", "torch.special": "torch.special"}
# Options that are about the machine, and arguments that are no data.
LEFT_OUT = set("device layout memory_format pin_memory generator requires_grad non_blocking size_average inputs".split())
# What makes tensors without setting their elements, and what tells addresses.
UNSET = [".empty", ".new_empty", ".new(", "Tensor(", ".resize"]
ADDRESSES = {"data_ptr"}


class Scene:
    """The statements before a call, and the tensors they make."""

    def __init__(self, rng):
        self.rng, self.statements, self.names = rng, [], iter("xabcdefghijklmnopqrstuvwz" * 9)
        self.edge = rng.choice("plain plain scalar empty one moved strided expanded large odd square".split())
        self.first = self.out = None
        self.scope = {"torch": torch, "F": torch.nn.functional}

    def name(self, expression):
        name = next(self.names)
        self.statements.append(f"{name} = {expression}")
        self.scope[name] = eval(expression, self.scope)
        return name

    def value(self, name):
        return self.scope[name]

    def result(self, text):
        """What the call gives, or the exception it raises. It may write to the tensors."""
        try:
            torch.manual_seed(0)
            return eval(text, self.scope)
        except Exception as error:
            return error


def dtype(rng):
    return rng.choice(DTYPES.split())


def numbers(rng, count, kind, low=None):
    """An expression for that many elements that follow no simple order."""
    step, modulus = rng.choice([3, 5, 7]), rng.choice([11, 13, 17])
    shift = rng.randrange(1, modulus) if low is None else -low
    text = f"(torch.arange({count}) * {step} % {modulus}"
    if kind == "bool":
        return f"{text} % 3 == 0)"
    text += f" - {shift})" if shift > 0 and not (kind == "uint8") else ")"
    if kind.startswith(("float", "bfloat")):
        text = f"({text} / {rng.choice([2, 4, 4, 8])})"
        return text if kind == "float32" else f"{text}.to(torch.{kind})"
    return text if kind == "int64" else f"{text}.to(torch.{kind})"


def viewed(text, shape):
    return f"{text}.view({', '.join(map(str, shape)) or '()'})" if len(shape) != 1 else text


def shape_of_edge(rng, edge):
    small = lambda: rng.choice([1, 2, 2, 3, 3, 4])  # noqa: E731
    if edge == "scalar":
        return ()
    if edge == "empty":
        shape = [small() for _ in range(rng.randint(0, 2))]
        shape.insert(rng.randint(0, len(shape)), 0)
        return tuple(shape)
    if edge == "one":
        return (1,) * rng.randint(1, 3)
    if edge == "large":
        return rng.choice([(1200,), (40, 30), (4, 20, 15), (1100, 1)])
    if edge == "square":
        n = rng.choice([1, 2, 3])
        return rng.choice([(n, n), (n, n), (2, n, n)])
    return tuple(small() for _ in range(rng.choice([1, 2, 2, 3, 3, 4])))


def tensor_text(rng, shape, kind, edge, low=None):
    """An expression for a tensor of a shape, laid out as the edge says."""
    count = 1
    for n in shape:
        count *= n
    if edge == "odd" and kind.startswith("float") and 0 < count <= 12:
        odd = ["torch.nan", "torch.inf", "-torch.inf", "-0.0", "0.0", "1e10", "1e-8", "2.5", "-1.5"]
        text = "torch.tensor([" + ", ".join(rng.choice(odd) for _ in range(count)) + "]"
        return viewed(text + ("" if kind == "float32" else f", dtype=torch.{kind}") + ")", shape)
    if edge == "odd" and kind.startswith("int") and 0 < count <= 12:
        limits = torch.iinfo(getattr(torch, kind))
        odd = [limits.min + 1, limits.max, 0, -1, 1, 2, 7]
        text = "torch.tensor([" + ", ".join(str(rng.choice(odd)) for _ in range(count)) + "]"
        return viewed(text + ("" if kind == "int64" else f", dtype=torch.{kind}") + ")", shape)
    if edge == "moved" and len(shape) > 1:
        order = list(range(len(shape)))
        rng.shuffle(order)
        inverse = [order.index(n) for n in range(len(order))]
        return viewed(numbers(rng, count, kind, low), [shape[n] for n in order]) + f".permute({inverse})"
    if edge == "strided" and shape:
        wide = (*shape[:-1], 2 * shape[-1])
        return viewed(numbers(rng, 2 * count, kind, low), wide) + rng.choice(["[..., ::2]", "[..., 1::2]"])
    if edge == "expanded" and shape:
        at = rng.randrange(len(shape))
        narrow = (*shape[:at], 1, *shape[at + 1 :])
        return viewed(numbers(rng, torch.Size(narrow).numel(), kind, low), narrow) + f".expand({', '.join(map(str, shape))})"
    return viewed(numbers(rng, count, kind, low), shape)


def tensor(scene, param):
    """A statement that makes a tensor for a parameter; its name."""
    rng = scene.rng
    name = param["name"]
    if scene.first is None:
        kind = dtype(rng)
        if "mask" in name or name == "condition":
            kind = "bool"
        shape = shape_of_edge(rng, scene.edge)
        scene.first = scene.name(tensor_text(rng, shape, kind, scene.edge))
        return scene.first
    x = scene.value(scene.first)
    shape, kind = tuple(x.shape), str(x.dtype)[6:]
    way = rng.random()
    if way > 0.85 and shape:
        shape = tuple(rng.choice([n, n, 1]) for n in shape)[rng.randrange(len(shape)) :]
    elif way > 0.8:
        shape = ()
    elif way > 0.7:
        shape = shape_of_edge(rng, "plain")
    elif way > 0.6 and len(shape) > 1:
        shape = (*shape[:-2], shape[-1], rng.choice([1, 2, 3]))
    elif way > 0.5 and shape:
        shape = shape[-1:]
    if rng.random() < 0.2:
        kind = dtype(rng)
    low = None
    if any(word in name for word in ("ind", "repeats", "places")) or name in ("target", "weights", "k"):
        if rng.random() < 0.9:
            kind, low = "int64", 0
            most = max(min(x.shape, default=1), 1) + (rng.random() < 0.1)
            count = torch.Size(shape).numel()
            return scene.name(viewed(f"(torch.arange({count}) * {rng.choice([1, 3, 5])} % {most})", shape))
    if "mask" in name or name == "condition":
        kind = "bool" if rng.random() < 0.95 else kind
    if name == "sorted_sequence" or name == "boundaries":
        return scene.name(f"torch.arange({rng.randint(1, 5)}) / 2")
    return scene.name(tensor_text(rng, shape, kind, rng.choice(["plain", "plain", "moved", "strided", "expanded"]), low))


def whole(scene, name):
    rng = scene.rng
    ndim = scene.value(scene.first).dim() if scene.first else 2
    if "dim" in name or name in ("axis", "start", "source", "destination"):
        return rng.randint(-max(ndim, 1), max(ndim, 1) - 1) if rng.random() < 0.95 else rng.randint(-ndim - 2, ndim + 1)
    if name in ("size", "n", "m", "steps", "length", "chunks", "sections", "bins", "minlength", "k", "shape", "N"):
        return rng.choice([0, 1, 1, 2, 2, 3, 4, -1] if rng.random() < 0.3 else [1, 2, 3])
    return rng.choice([0, 0, 1, 1, 2, 3, -1])


def wholes(scene, name):
    rng = scene.rng
    x = scene.value(scene.first) if scene.first else torch.zeros(2, 3)
    ndim = x.dim()
    if name in ("dim", "dims", "source", "destination", "axis"):
        if rng.random() < 0.5:
            order = list(range(ndim))
            rng.shuffle(order)
            return order
        return [whole(scene, "dim") for _ in range(rng.randint(0 if rng.random() < 0.2 else 1, max(ndim, 1)))]
    if name in ("size", "shape", "sizes") and scene.first:
        way = rng.random()
        if way < 0.3:
            return [rng.choice([n, -1]) if n != 1 else rng.choice([1, 2, 3]) for n in x.shape]
        if way < 0.5:
            return [rng.choice([1, 2]), *x.shape]
        if way < 0.8:
            shape = list(x.shape)
            rng.shuffle(shape)
            return [*shape[:-2], -1] if len(shape) > 1 else [*shape, 1]
    return [rng.choice([0, 1, 1, 2, 2, 3]) for _ in range(rng.choice([1, ndim, ndim, 2, 2 * ndim]))]


def argument(scene, param):
    """The text of an argument, or none where nothing fits."""
    rng, name = scene.rng, param["name"]
    kinds = [kind for kind in param["types"] if kind not in ("None", "Any", "Callable", "Generator", "Device")]
    if "Any" in param["types"]:
        if name in ("data", "obj"):
            return rng.choice(["[1, 2]", "[[1.5, 2], [3, 4]]", "3", "True", "[]", "[[True, False]]", "2.5"])
        if name in ("seed",):
            return "3"
        kinds = kinds or ["Tensor", "Int"]
    if not kinds:
        return None
    kind = "Tensor" if scene.first is None and "Tensor" in kinds and rng.random() < 0.9 else rng.choice(kinds)
    if kind == "Tensor":
        return tensor(scene, param)
    if kind == "Scalar":
        return rng.choice(["2", "3", "0", "-1", "1", "0.5", "-1.5", "2.5", "True", "100"])
    if kind == "Float":
        return rng.choice(["0.5", "1.0", "2.0", "0.25", "1", "2", "-0.5", "0.1"])
    if kind == "Int":
        return str(whole(scene, name))
    if kind == "Bool":
        return rng.choice(["True", "False"])
    if kind == "Ints":
        return str(wholes(scene, name) if rng.random() < 0.7 else tuple(wholes(scene, name)))
    if kind == "Tensors":
        many = [tensor(scene, {"name": "tensor"}) for _ in range(rng.choice([1, 2, 2, 3]))]
        return f"[{', '.join(many)}]"
    if kind == "DType":
        return f"torch.{dtype(rng)}"
    if kind == "Str":
        words = {"reduce": "sum prod mean amax amin", "rounding_mode": "floor trunc", "mode": "reduced complete r constant replicate reflect circular",
                 "indexing": "ij xy", "UPLO": "L U", "approximate": "none tanh", "interpolation": "linear lower higher midpoint nearest",
                 "reduction": "mean sum none", "equation": "i,i-> ij,jk->ik ij->ji ...ij->...i ii->i", "p": "fro nuc", "ord": "fro nuc", "side": "left right"}
        return repr(rng.choice(words.get(name, "mean").split()))
    return None


def call(rng, entry, place):
    """A program that calls an entry in a way: the scene and the text of the call, or none."""
    scene = Scene(rng)
    if entry["names"][0] in FITTING:
        # Of what stands twice, the function of `torch` takes its arguments in another order.
        twice = {"batch_norm", "instance_norm", "embedding", "alpha_dropout", "feature_alpha_dropout", "adaptive_max_pool1d"}
        return None if place == "torch" and entry["names"][0] in twice else fitted(scene, entry, place)
    overload = rng.choice(entry["overloads"])
    name = rng.choice(entry["names"]) if rng.random() < 0.2 else entry["names"][0]
    many = [p for p in overload if p["name"] not in LEFT_OUT and p["name"] != "out" and not p["name"].startswith("_")]
    texts, by_name = [], False
    method = place in ("method", "in place", "attribute")
    for at, param in enumerate(many):
        if param["optional"] and rng.random() < (0.6 if at < 3 else 0.75):
            by_name = True
            continue
        if param["variadic"]:
            if by_name:
                continue
            if "Tensor" in param["types"]:
                texts += [tensor(scene, param) for _ in range(rng.choice([1, 2, 2, 3]))]
            else:
                ints = [str(n) for n in wholes(scene, param["name"])]
                texts += [f"[{', '.join(ints)}]"] if rng.random() < 0.4 or not ints else ints
            continue
        text = argument(scene, param)
        if text is None:
            if not param["optional"]:
                return None
            by_name = True
            continue
        if (param["keyword"] or by_name or rng.random() < 0.1) and not (method and at == 0):
            by_name = True
            text = f"{param['name']}={text}"
        texts.append(text)
    if not method:
        if any(p["name"] == "out" and "Tensor" in p["types"] for p in overload) and rng.random() < 0.08:
            kind = dtype(rng) if rng.random() < 0.3 else "float32"
            scene.out = scene.name(f"torch.empty(0, dtype=torch.{kind})")
            texts.append(f"out={scene.out}")
        return scene, f"{PREFIXES[place]}.{name}({', '.join(texts)})"
    if scene.first is None or texts[0] != scene.first:
        return None
    if place == "attribute":
        return scene, f"{texts[0]}.{name}"
    return scene, f"{texts[0]}.{name}{'_' if place == 'in place' else ''}({', '.join(texts[1:])})"


def fitted(scene, entry, place):
    """[`call`] of an entry whose arguments must fit together."""
    if place in ("method", "in place"):
        return None
    texts, by_name = [], False
    for name, text in FITTING[entry["names"][0]](Fit(scene, tensor_text)):
        if text is None:
            by_name = True
        else:
            texts.append(f"{name}={text}" if by_name else text)
    return scene, f"{PREFIXES[place]}.{entry['names'][0]}({', '.join(texts)})"


def shown(scene, text, place, result):
    """The program with an expression at its end that shows what came out, strides too."""
    before = scene.statements
    if isinstance(result, torch.Tensor):
        if any(word in text for word in UNSET):
            return "; ".join([*before, f"y = {text}", "(y.shape, y.stride(), y.dtype)"])
        if place == "in place" or scene.out:
            target = scene.out or scene.first
            return "; ".join([*before, f"_ = {text}", f"({target}, {target}.stride())"])
        return "; ".join([*before, f"y = {text}", "(y, y.stride())"])
    if isinstance(result, (tuple, list)) and result and all(isinstance(t, torch.Tensor) for t in result):
        return "; ".join([*before, f"y = {text}", "(y, [t.stride() for t in y])"])
    return "; ".join([*before, text])


def table():
    listing = subprocess.run(LISTING, cwd=ROOT, capture_output=True, text=True, check=True).stderr
    lines = [line.partition("ENTRY ")[2] for line in listing.splitlines()]
    return [json.loads(line) for line in lines if line]


SHARES = "y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()"


def shares(code):
    """Whether what a call gives is over the storage of its first tensor; none where there is no such question."""
    if not code.endswith("; (y, y.stride())") or "x = " not in code:
        return None
    scope = {"torch": torch, "F": torch.nn.functional, "nn": torch.nn}
    exec(code.rpartition("; ")[0], scope)
    return eval(SHARES, scope) if scope["x"].numel() else None


def row(op, code):
    """The recorded row of a program; none if PyTorch's answer is another each time, or long."""
    first = answer(code)
    steady = first == answer(code) and "0x" not in str(first) and len(str(first)) < 1500
    if not steady:
        return None
    shared = shares(code) if "printed" in first else None
    return {"op": op, **first} if shared is None else {"op": op, **first, "shares": shared}


def cases(rng, entry):
    """Rows for one entry: of each way to call it some that give something, and one that raises."""
    ways = [place for place in entry["places"] if place != "in place"]
    given, raised = collections.defaultdict(list), {}
    seed = "_ = torch.manual_seed(3); " if entry["category"] == "Random" else ""
    for attempt in range(MANY):
        found = sum(len(codes) for key, codes in given.items() if not key[0])
        if attempt > (3 * TRIES if entry["names"][0] in FITTING else TRIES) and found >= GIVING:
            break
        place = "in place" if "in place" in entry["places"] and attempt % 4 == 0 else rng.choice(ways)
        made = call(rng, entry, place)
        if made is None:
            continue
        scene, text = made
        result = scene.result(text)
        code = seed + shown(scene, text, place, result)
        if isinstance(result, Exception):
            # What is no call at all says little of the op.
            if not isinstance(result, (TypeError, AttributeError)):
                raised.setdefault(str(result)[:40], code)
            continue
        given[place == "in place", scene.edge].append(code)
        if attempt > (400 if entry["names"][0] in FITTING else 60) and raised and len([key for key in given if not key[0]]) >= 8:
            break
    plain = [key for key in given if not key[0]]
    rng.shuffle(plain)
    rest = [code for key in plain for code in given[key][1:]]
    rng.shuffle(rest)
    many = FITTED if entry["names"][0] in FITTING else {"giving": GIVING, "raising": RAISING}
    groups = [
        (many["giving"], [given[key][0] for key in plain] + rest),
        (IN_PLACE, [code for key in given if key[0] for code in given[key]]),
        (many["raising"], list(raised.values())),
    ]
    rows = []
    for count, codes in groups:
        found = filter(None, (row(entry["names"][0], code) for code in codes))
        rows += [one for _, one in zip(range(count), found)]
    return rows


def chain(rng, entries):
    """A program of several calls, each on what the one before gave."""
    scene = Scene(rng)
    tensor(scene, {"name": "input"})
    current, length = scene.first, rng.randint(2, 4)
    for _ in range(40):
        if len(scene.statements) > length:
            break
        entry = rng.choice(entries)
        if entry["category"] == "Random":
            continue
        kept = list(scene.statements)
        params = [p for p in rng.choice(entry["overloads"])[1:] if not p["optional"]]
        scene.first = current
        texts = [argument(scene, p) for p in params]
        if None not in texts:
            text = f"{current}.{entry['names'][0]}({', '.join(texts)})"
            if isinstance(scene.result(text), torch.Tensor):
                current = scene.name(text)
                continue
        scene.statements = kept
    made = row("", "; ".join([*scene.statements, f"({current}, {current}.stride())"]))
    return made if made and "printed" in made else None


def isolated(make, seed, *arguments):
    """What a function gives in a process of its own: PyTorch may divide by zero or never end. None if it came to that."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            with os.fdopen(writing, "w") as file:
                json.dump(make(random.Random(seed), *arguments), file)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    return json.loads(text) if os.waitpid(child, 0)[1] == 0 else None


def can_be_called(entry):
    return set(entry["places"]) & {*PREFIXES, "method", "attribute"} and entry["names"][0] not in ADDRESSES


def rows(seed, entries, chains=CHAINS):
    torch.set_num_threads(1)  # A process with threads cannot be forked.
    for entry in entries:
        found = {}
        for n in range(20):
            made = isolated(cases, f"{seed} {entry['names'][0]} {n}", entry) or []
            found.update((row["code"], row) for row in made if row["code"] not in found)
            if len(found) >= GIVING:
                break
        yield from found.values()
    methods = [entry for entry in entries if "method" in entry["places"] and entry["overloads"]]
    made = (isolated(chain, f"{seed} chain {n}", methods) for n in range(chains))
    yield from filter(None, made)


def record(path, only=()):
    """All rows; or, where entries are named, new rows of those, in place of theirs in the file."""
    entries = [entry for entry in table() if can_be_called(entry)]
    kept = []
    if only:
        entries = [entry for entry in entries if entry["names"][0] in only]
        lines = pathlib.Path(path).read_text().splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line)["op"] not in only]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(kept)
        for row in rows(1, entries, 0 if only else CHAINS):
            file.write(json.dumps(row) + "\n")
