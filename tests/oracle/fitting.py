"""Arguments that fit together for the functions of `torch.nn.functional`, as `fuzz.py` calls them: an image and the weight of
a convolution over it, scores and their classes, windows that lie in what they look at.

A function here takes a `Fit` and gives the arguments in the order of the signature, as `(name, text)`; a text of None is left
out. `FITTING` names the functions by the entry they are for. Every so often a size or a dtype is spoilt, for the errors.
"""

import torch

KINDS = "float32 " * 9 + "float64 float64 float16 bfloat16 int64"
SPOILT = 8  # One tensor in so many does not fit.


class Fit:
    """The tensors of a call, made by the edge that its scene looks at."""

    def __init__(self, scene, make):
        self.scene, self.rng, self.edge, self.make = scene, scene.rng, scene.edge, make
        self.kind = "float32" if self.edge in ("large", "odd") else self.rng.choice(KINDS.split())
        self.spoils = self.rng.random() < 0.3

    def size(self, least=1, most=None):
        if self.edge == "one":
            return least
        return self.rng.randint(least, most or least + 3)

    def batch(self, optional=True):
        """The dims before the channels: one; or none, where a function takes a sample alone."""
        if self.edge == "large":
            return (self.rng.choice([30, 40]),)
        if self.edge == "empty" and self.rng.random() < 0.7:
            return (0,)
        return () if optional and self.rng.random() < 0.2 else (self.size(1, 3),)

    def space(self, count, least=1):
        """The sizes of `count` dims of space."""
        if self.edge == "large":
            return tuple(self.rng.randint(max(least, 4), max(least, 4) + 3) for _ in range(count))
        sizes = [self.size(least, least + 4) for _ in range(count)]
        if count and self.edge == "empty" and self.rng.random() < 0.3:
            sizes[self.rng.randrange(count)] = 0
        return tuple(sizes)

    def tensor(self, shape, kind=None, text=None):
        """The name of a tensor of a shape; `text` makes its elements of their number, in place of what follows no order."""
        rng, kind = self.rng, kind or self.kind
        shape, first = tuple(shape), self.scene.first is None
        if self.edge == "scalar" and first and rng.random() < 0.5:
            shape = ()
        elif self.spoils and rng.randrange(SPOILT) < 2:
            way = rng.random()
            if way < 0.5 and shape:
                at = rng.randrange(len(shape))
                shape = (*shape[:at], shape[at] + 1, *shape[at + 1 :])
            elif way < 0.7:
                shape = shape[1:]
            elif way < 0.85:
                shape = (2, *shape)
            elif text is None:
                kind = rng.choice(KINDS.split())
        if text is not None:
            count = torch.Size(shape).numel()
            whole = text.format(count)
            whole = whole if kind in (None, "as is") else f"{whole}.to(torch.{kind})"
            name = self.scene.name(f"{whole}.view({', '.join(map(str, shape)) or '()'})")
        else:
            edge = self.edge if first else rng.choice(["plain", "plain", "moved", "strided", "expanded"])
            name = self.scene.name(self.make(rng, shape, kind, edge))
        if first:
            self.scene.first = name
        return name

    def maybe(self, text, chance=0.4):
        """The text of an option, in so many of the calls."""
        value = text() if callable(text) else text
        return value if self.rng.random() < chance else None

    def option(self, *texts, chance=0.4):
        return self.rng.choice(texts) if self.rng.random() < chance else None

    def per_dim(self, count, low, high):
        """An int, or one for each dim."""
        if self.rng.random() < 0.5:
            return str(self.rng.randint(low, high))
        return str(tuple(self.rng.randint(low, high) for _ in range(count)))

    def reduction(self):
        return ("reduction", self.option("'none'", "'none'", "'sum'", "'mean'", chance=0.6))

    def chances(self, shape):
        return self.tensor(shape, self.kind if self.kind != "int64" else "float32", "(torch.arange({}) * 7 % 11 / 10)")

    def signs(self, shape):
        return self.tensor(shape, self.rng.choice([self.kind, "int64"]), "(torch.arange({}) * 3 % 5 % 2 * 2 - 1)")

    def classes(self, shape, count, low=0):
        """Classes below `count`; in a spoilt call there may be one above it."""
        most = max(count, 1) + (self.spoils and self.rng.random() < 0.3)
        step = self.rng.choice([1, 3, 5])
        text = f"(torch.arange({{}}) * {step} % {most - low})" + (f" + {low}" if low else "")
        return self.tensor(shape, "as is", f"({text})" if low else text)


def windows(fit, dims, dilation=True):
    """A kernel and how it moves, and the least sizes it needs."""
    kernel = [fit.rng.randint(1, 3) for _ in range(dims)]
    one = fit.rng.random() < 0.5
    if one:
        kernel = kernel[:1] * dims
    spread = fit.rng.randint(1, 2) if dilation and fit.rng.random() < 0.3 else None
    least = [(k - 1) * (spread or 1) + 1 for k in kernel]
    padding = fit.maybe(lambda: str(fit.rng.randint(0, max(min(kernel) // 2, 0))))
    text = str(kernel[0]) if one else str(tuple(kernel))
    return text, fit.maybe(lambda: fit.per_dim(dims, 1, 3)), padding, spread and str(spread), max(least)


def convolution(dims, transposed=False):
    def fit_it(fit):
        groups = fit.rng.choice([1, 1, 1, 2])
        into, out = fit.size(1, 2) * groups, fit.size(1, 2) * groups
        kernel, stride, padding, dilation, least = windows(fit, dims)
        sizes = (int(kernel),) * dims if kernel.isdigit() else eval(kernel)
        x = fit.tensor((*fit.batch(), into, *fit.space(dims, least)))
        shape = (into, out // groups, *sizes) if transposed else (out, into // groups, *sizes)
        weight = fit.tensor(shape)
        bias = fit.maybe(lambda: fit.tensor((out,)))
        if fit.rng.random() < 0.15 and not transposed:
            padding = fit.rng.choice(["'same'", "'valid'"])
        grouped = str(groups) if groups > 1 or fit.rng.random() < 0.1 else None
        if transposed:
            extra = fit.option("1", chance=0.2)
            return [("input", x), ("weight", weight), ("bias", bias), ("stride", stride), ("padding", padding), ("output_padding", extra), ("groups", grouped), ("dilation", dilation)]
        return [("input", x), ("weight", weight), ("bias", bias), ("stride", stride), ("padding", padding), ("dilation", dilation), ("groups", grouped)]

    return fit_it


def max_pool(dims, returns=True):
    def fit_it(fit):
        kernel, stride, padding, dilation, least = windows(fit, dims)
        x = fit.tensor((*fit.batch(), fit.size(1, 3), *fit.space(dims, least)))
        made = [("input", x), ("kernel_size", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation), ("ceil_mode", fit.option("True", "False"))]
        return [*made, ("return_indices", fit.option("True"))] if returns else made

    return fit_it


def avg_pool(dims):
    def fit_it(fit):
        kernel, stride, padding, _, least = windows(fit, dims, dilation=False)
        x = fit.tensor((*fit.batch(), fit.size(1, 3), *fit.space(dims, least)))
        made = [("input", x), ("kernel_size", kernel), ("stride", stride), ("padding", padding), ("ceil_mode", fit.option("True")), ("count_include_pad", fit.option("False"))]
        return made if dims == 1 else [*made, ("divisor_override", fit.option("3", "1", "0", chance=0.2))]

    return fit_it


def lp_pool(dims):
    def fit_it(fit):
        kernel, stride, _, _, least = windows(fit, dims, dilation=False)
        x = fit.tensor((*fit.batch(), fit.size(1, 3), *fit.space(dims, least)))
        power = fit.rng.choice(["2", "2.0", "1", "3", "1.5"])
        return [("input", x), ("norm_type", power), ("kernel_size", kernel), ("stride", stride), ("ceil_mode", fit.option("True"))]

    return fit_it


def adaptive(dims, returns=False):
    def fit_it(fit):
        x = fit.tensor((*fit.batch(), fit.size(1, 3), *fit.space(dims)))
        asked = fit.per_dim(dims, 1, 4)
        if dims > 1 and fit.rng.random() < 0.15:
            asked = str((None, *(2,) * (dims - 1)))
        if fit.spoils and fit.rng.random() < 0.3:
            asked = fit.rng.choice(["0", "-1", "(1, 2, 3, 4)"])
        made = [("input", x), ("output_size", asked)]
        return [*made, ("return_indices", fit.option("True"))] if returns else made

    return fit_it


def unpool(dims):
    def fit_it(fit):
        kernel, space = fit.rng.choice([2, 3]), fit.space(dims, 1)
        shape = (*fit.batch(), fit.size(1, 2), *space)
        numel = torch.Size(tuple(n * kernel for n in space)).numel()
        x = fit.tensor(shape)
        # One place in each window, in the order of the windows: as a pool gives them.
        count = torch.Size(space).numel()
        places = fit.tensor(shape, "as is", f"(torch.arange({{}}) % {max(count, 1)} * {kernel ** dims if fit.rng.random() < 0.9 else numel + 1})")
        size = fit.option(str(tuple(n * kernel for n in space)), str(tuple(n * kernel + 1 for n in space)), str((1, *space)), chance=0.3)
        return [("input", x), ("indices", places), ("kernel_size", str(kernel)), ("stride", fit.option(str(kernel), chance=0.2)), ("padding", fit.option("0", "1", chance=0.1)), ("output_size", size)]

    return fit_it


def per_channel(fit, channels, chance=0.4):
    return fit.maybe(lambda: fit.tensor((channels,)), chance)


def batch_norm(fit):
    channels = fit.size(1, 3)
    x = fit.tensor((*fit.batch(optional=False), channels, *fit.space(fit.rng.randint(0, 2))))
    both = fit.rng.random() < 0.7
    mean, var = (fit.tensor((channels,)), fit.chances((channels,))) if both else ("None", "None")
    weight, bias = per_channel(fit, channels), per_channel(fit, channels)
    return [("input", x), ("running_mean", mean), ("running_var", var), ("weight", weight), ("bias", bias), ("training", fit.option("True", "True", "False", chance=0.2 if both else 0.9)), ("momentum", fit.option("0.3", chance=0.2)), ("eps", fit.option("0.5", chance=0.2))]


def instance_norm(fit):
    channels = fit.size(1, 3)
    x = fit.tensor((*fit.batch(), channels, *fit.space(fit.rng.randint(1, 2), 2)))
    mean, var = (fit.tensor((channels,)), fit.chances((channels,))) if fit.rng.random() < 0.4 else (None, None)
    stats = "False" if mean and fit.rng.random() < 0.5 else None
    return [("input", x), ("running_mean", mean), ("running_var", var), ("weight", per_channel(fit, channels)), ("bias", per_channel(fit, channels)), ("use_input_stats", stats), ("momentum", None), ("eps", fit.option("0.5", chance=0.2))]


def group_norm(fit):
    groups = fit.size(1, 3)
    channels = groups * fit.size(1, 2)
    x = fit.tensor((*fit.batch(optional=False), channels, *fit.space(fit.rng.randint(0, 2))))
    asked = str(groups if not fit.spoils or fit.rng.random() < 0.7 else fit.rng.choice([0, -1, channels + 1]))
    return [("input", x), ("num_groups", asked), ("weight", per_channel(fit, channels)), ("bias", per_channel(fit, channels)), ("eps", fit.option("0.5", chance=0.2))]


def layer_norm(bias=True):
    def fit_it(fit):
        last = fit.space(fit.rng.choice([1, 1, 2]))
        x = fit.tensor((*fit.batch(), *fit.space(fit.rng.randint(0, 1)), *last))
        weight = fit.maybe(lambda: fit.tensor(last))
        shape = str(list(last)) if fit.rng.random() < 0.8 else str(last)
        made = [("input", x), ("normalized_shape", shape), ("weight", weight)]
        return [*made, *([("bias", fit.maybe(lambda: fit.tensor(last)))] if bias else []), ("eps", fit.option("0.5", "0.001", chance=0.2))]

    return fit_it


def local_response_norm(fit):
    x = fit.tensor((*fit.batch(), fit.size(1, 4), *fit.space(fit.rng.randint(1, 2))))
    return [("input", x), ("size", fit.rng.choice(["1", "2", "3", "0"])), ("alpha", fit.option("0.5", "0.01")), ("beta", fit.option("0.5", "1")), ("k", fit.option("2.0", "0.5"))]


def bilinear(fit):
    one, two, out = fit.size(), fit.size(), fit.size(1, 2)
    before = (*fit.batch(), *((fit.size(),) if fit.rng.random() < 0.3 else ()))
    return [("input1", fit.tensor((*before, one))), ("input2", fit.tensor((*before, two))), ("weight", fit.tensor((out, one, two))), ("bias", per_channel(fit, out))]


def linear(fit):
    into, out = fit.size(), fit.size()
    x = fit.tensor((*fit.batch(), *((fit.size(),) if fit.rng.random() < 0.3 else ()), into))
    return [("input", x), ("weight", fit.tensor((out, into))), ("bias", per_channel(fit, out))]


def embedding_bag(fit):
    words, width = fit.size(2, 5), fit.size()
    if fit.rng.random() < 0.5:
        count = 0 if fit.edge == "empty" else fit.size(1, 5)
        places, offsets = fit.classes((count,), words), fit.tensor((2 if count else 1,), "as is", "torch.arange({})")
        shape = (count,)
    else:
        shape = (*fit.batch(optional=False), fit.size(1, 3))
        places, offsets = fit.classes(shape, words), None
    weight = fit.tensor((words, width), "float32" if fit.kind == "int64" else fit.kind)
    mode = fit.option("'sum'", "'sum'", "'max'", "'mean'", chance=0.7)
    each = fit.maybe(lambda: fit.tensor(shape, "float32" if fit.kind == "int64" else fit.kind), 0.6) if mode == "'sum'" else None
    return [("input", places), ("weight", weight), ("offsets", offsets), ("max_norm", None), ("norm_type", None), ("scale_grad_by_freq", None), ("mode", mode), ("sparse", None), ("per_sample_weights", each), ("include_last_offset", fit.option("True", chance=0.15) if offsets else None), ("padding_idx", fit.option("0", "1", "-1", chance=0.2))]


def embedding(fit):
    words, width = fit.size(2, 5), fit.size()
    places = fit.classes((*fit.batch(), *((fit.size(),) if fit.rng.random() < 0.4 else ())), words)
    return [("input", places), ("weight", fit.tensor((words, width))), ("padding_idx", fit.option("0", "-1", "9", chance=0.2))]


def fold(fit):
    kernel, stride, padding, dilation, least = windows(fit, 2)
    sizes = (int(kernel),) * 2 if kernel.isdigit() else eval(kernel)
    image = (least + fit.rng.randint(0, 2), least + fit.rng.randint(0, 2))
    steps = (int(stride),) * 2 if (stride or "1").isdigit() and stride else eval(stride) if stride else (1, 1)
    spread, around = int(dilation or 1), int(padding or 0)
    blocks = torch.Size((n + 2 * around - spread * (k - 1) - 1) // s + 1 for n, k, s in zip(image, sizes, steps)).numel()
    x = fit.tensor((*fit.batch(), sizes[0] * sizes[1] * fit.size(1, 2), blocks))
    return [("input", x), ("output_size", str(image)), ("kernel_size", kernel), ("dilation", dilation), ("padding", padding), ("stride", stride)]


def unfold(fit):
    kernel, stride, padding, dilation, least = windows(fit, 2)
    x = fit.tensor((*fit.batch(), fit.size(1, 2), *fit.space(2, least)))
    return [("input", x), ("kernel_size", kernel), ("dilation", dilation), ("padding", padding), ("stride", stride)]


def affine_grid(fit):
    dims = fit.rng.choice([2, 2, 3])
    batch = fit.size(1, 2)
    theta = fit.tensor((batch, dims, dims + 1))
    size = (batch, fit.size(1, 2), *fit.space(dims))
    return [("theta", theta), ("size", str(size)), ("align_corners", fit.option("True", "False", chance=0.7))]


def grid_sample(fit):
    dims = fit.rng.choice([2, 2, 2, 3])
    batch = 0 if fit.edge == "empty" else fit.size(1, 2)
    x = fit.tensor((batch, fit.size(1, 2), *fit.space(dims)))
    grid = fit.tensor((batch, *fit.space(dims), dims))
    mode = fit.option("'nearest'", "'bilinear'", "'bicubic'", chance=0.6)
    return [("input", x), ("grid", grid), ("mode", mode), ("padding_mode", fit.option("'border'", "'reflection'", "'zeros'", chance=0.6)), ("align_corners", fit.option("True", "False", chance=0.7))]


def interpolate(fit):
    dims = fit.rng.choice([1, 2, 2, 3])
    x = fit.tensor((*fit.batch(optional=False), fit.size(1, 2), *fit.space(dims)))
    sized = fit.rng.random() < 0.5
    size = fit.per_dim(dims, 1, 6) if sized else None
    factor = None if sized else fit.rng.choice(["2", "0.5", "1.5", "1.7", str((2,) * dims), str((1.5,) * dims)])
    smooth = {1: ["'linear'"], 2: ["'bilinear'", "'bicubic'"], 3: ["'trilinear'"]}[dims]
    mode = fit.option(*smooth, *smooth, *smooth, "'nearest'", "'nearest-exact'", "'area'", "'bilinear'", chance=0.8)
    corners = fit.option("True", "False", chance=0.5) if mode in smooth else None
    again = None if sized else fit.option("True", "False", chance=0.15)
    return [("input", x), ("size", size), ("scale_factor", factor), ("mode", mode), ("align_corners", corners), ("recompute_scale_factor", again), ("antialias", fit.option("True", chance=0.15) if dims == 2 and mode in smooth else None)]


def upsample(corners):
    def fit_it(fit):
        dims = 2 if corners else fit.rng.choice([1, 2, 3])
        x = fit.tensor((*fit.batch(optional=False), fit.size(1, 2), *fit.space(dims)))
        sized = fit.rng.random() < 0.5
        return [("input", x), ("size", fit.per_dim(dims, 1, 6) if sized else None), ("scale_factor", None if sized else fit.rng.choice(["2", "3", "2.0", "1.5"]))]

    return fit_it


def pixels(apart):
    def fit_it(fit):
        factor = fit.rng.choice([1, 2, 2, 3])
        channels, high, wide = fit.size(1, 2), *fit.space(2)
        shape = (channels, high * factor, wide * factor) if apart else (channels * factor * factor, high, wide)
        asked = str(factor if fit.rng.random() < 0.9 else fit.rng.choice([0, -1, 5]))
        return [("input", fit.tensor((*fit.batch(), *shape))), ("downscale_factor" if apart else "upscale_factor", asked)]

    return fit_it


def channel_shuffle(fit):
    groups = fit.size(1, 3)
    x = fit.tensor((*fit.batch(optional=False), groups * fit.size(1, 3), *fit.space(fit.rng.randint(1, 2))))
    return [("input", x), ("groups", str(groups if fit.rng.random() < 0.9 else fit.rng.choice([0, -1, 5])))]


def attention(fit):
    before = fit.batch() + ((fit.size(1, 2),) if fit.rng.random() < 0.4 else ())
    queries, keys, width, out = fit.size(), fit.size(), fit.size(), fit.size()
    q, k, v = fit.tensor((*before, queries, width)), fit.tensor((*before, keys, width)), fit.tensor((*before, keys, out))
    mask = fit.option("mask", "bias", chance=0.4)
    if mask == "mask":
        mask = fit.tensor((queries, keys), "bool", "(torch.arange({}) * 3 % 5 < 3)")
    elif mask:
        mask = fit.tensor((queries, keys))
    causal = None if mask and fit.rng.random() < 0.9 else fit.option("True")
    return [("query", q), ("key", k), ("value", v), ("attn_mask", mask), ("dropout_p", None), ("is_causal", causal), ("scale", fit.option("0.5", "1.0", chance=0.3))]


def rows_and_classes(fit):
    """Scores, and how many classes there are: rows, or with dims of space."""
    classes = fit.size(1, 4)
    space = fit.space(fit.rng.choice([0, 0, 1, 2]))
    before = fit.batch(optional=not space)
    return fit.tensor((*before, classes, *space)), (*before, *space), classes, (*before, classes, *space)


def over_classes(smoothing):
    def fit_it(fit):
        x, shape, classes, whole = rows_and_classes(fit)
        target = fit.chances(whole) if smoothing and fit.rng.random() < 0.3 else fit.classes(shape, classes)
        weight = fit.maybe(lambda: fit.tensor((classes,)))
        made = [("input", x), ("target", target), ("weight", weight), ("size_average", None), ("ignore_index", fit.option("0", "1", chance=0.25)), ("reduce", None), fit.reduction()]
        return [*made, ("label_smoothing", fit.option("0.1", "0.5", "1.5", chance=0.3))] if smoothing else made

    return fit_it


def any_shape(fit):
    if fit.edge == "scalar":
        return ()
    return (*fit.batch(), *fit.space(fit.rng.randint(0, 2))) if fit.edge != "large" else (40, 30)


def other(fit, shape):
    """A shape that broadcasts with another: mostly the same."""
    return shape if fit.rng.random() < 0.8 else shape[1:]


def binary(logits):
    def fit_it(fit):
        shape = any_shape(fit)
        x = fit.tensor(shape) if logits or fit.rng.random() < 0.1 else fit.chances(shape)
        target = fit.chances(other(fit, shape) if logits else shape)
        weight = fit.maybe(lambda: fit.tensor(other(fit, shape)), 0.3)
        made = [("input", x), ("target", target), ("weight", weight), ("size_average", None), ("reduce", None), fit.reduction()]
        return [*made, ("pos_weight", fit.maybe(lambda: fit.tensor(shape[-1:]), 0.3))] if logits else made

    return fit_it


def pairs(*options, target="tensor"):
    """A loss of an input and a target of its shape."""

    def fit_it(fit):
        shape = any_shape(fit)
        x = fit.tensor(shape)
        y = getattr(fit, target)(other(fit, shape))
        return [("input", x), ("target", y), ("size_average", None), *((name, fit.option(*texts)) for name, *texts in options), fit.reduction()]

    return fit_it


def gaussian(fit):
    shape = any_shape(fit)
    x, y = fit.tensor(shape), fit.tensor(other(fit, shape))
    var = fit.rng.choice(["2.0", fit.chances(shape), fit.chances((*shape[:-1], 1) if shape else ()), fit.chances(shape[:-1])])
    return [("input", x), ("target", y), ("var", var), ("full", fit.option("True")), ("eps", fit.option("0.5", chance=0.2)), fit.reduction()]


def ranking(fit):
    shape = any_shape(fit)
    return [("input1", fit.tensor(shape)), ("input2", fit.tensor(shape)), ("target", fit.signs(shape)), ("margin", fit.option("0.5", "1", "-0.5")), ("size_average", None), fit.reduction()]


def cosine_embedding(fit):
    rows = fit.batch()
    width = fit.size()
    return [("input1", fit.tensor((*rows, width))), ("input2", fit.tensor((*rows, width))), ("target", fit.signs(rows)), ("margin", fit.option("0.5", "0.1")), ("size_average", None), fit.reduction()]


def multi_margin(fit):
    rows, classes = fit.batch(), fit.size(1, 4)
    x, target = fit.tensor((*rows, classes)), fit.classes(rows, classes)
    return [("input", x), ("target", target), ("p", fit.option("2", "1", "3")), ("margin", fit.option("0.5")), ("weight", per_channel(fit, classes)), ("size_average", None), fit.reduction()]


def multilabel_margin(fit):
    rows, classes = fit.batch(), fit.size(1, 4)
    return [("input", fit.tensor((*rows, classes))), ("target", fit.classes((*rows, classes), classes, low=-1)), ("size_average", None), fit.reduction()]


def multilabel_soft(fit):
    rows, classes = fit.batch(), fit.size(1, 4)
    x, target = fit.tensor((*rows, classes)), fit.chances((*rows, classes))
    return [("input", x), ("target", target), ("weight", per_channel(fit, classes)), ("size_average", None), fit.reduction()]


def triplet(distance):
    def fit_it(fit):
        shape = (*fit.batch(), fit.size(1, 4))
        three = [(name, fit.tensor(shape)) for name in ("anchor", "positive", "negative")]
        margin = ("margin", fit.option("0.5", "2.0", "-1.0"))
        if distance:
            return [*three, ("distance_function", None), margin, ("swap", fit.option("True")), fit.reduction()]
        return [*three, margin, ("p", fit.option("1", "3.0", "0.5")), ("eps", fit.option("0.01", chance=0.2)), ("swap", fit.option("True")), ("size_average", None), fit.reduction()]

    return fit_it


def pairwise(fit):
    shape = (*fit.batch(), fit.size(1, 4))
    return [("x1", fit.tensor(shape)), ("x2", fit.tensor(other(fit, shape))), ("p", fit.option("1", "0.5", "float('inf')", "0", "3.0")), ("eps", fit.option("0.5", chance=0.2)), ("keepdim", fit.option("True"))]


def cosine(fit):
    shape = (*fit.batch(), fit.size(1, 4))
    return [("x1", fit.tensor(shape)), ("x2", fit.tensor(other(fit, shape))), ("dim", fit.option("0", "-1", "2", chance=0.6)), ("eps", fit.option("0.5", chance=0.2))]


def prelu(fit):
    channels = fit.size(1, 4)
    x = fit.tensor((*fit.batch(), channels, *fit.space(fit.rng.randint(0, 1))))
    return [("input", x), ("weight", fit.tensor(fit.rng.choice([(channels,), (1,), ()])))]


def shrink(fit):
    return [("input", fit.tensor(any_shape(fit))), ("lambd", fit.option("1.0", "0", "0.25", "-1.0"))]


def random_drop(fit):
    x = fit.tensor((*fit.batch(), fit.size(1, 3), *fit.space(fit.rng.randint(0, 2))))
    return [("input", x), ("p", fit.option("0.3", "0.0", "1.0", "1.5")), ("training", fit.option("True", "True", "False", chance=0.9))]


def rrelu(fit):
    return [("input", fit.tensor(any_shape(fit))), ("lower", fit.option("0.25", "0.5", chance=0.3)), ("upper", fit.option("0.5", "0.75", chance=0.3)), ("training", fit.option("True"))]


def gumbel(fit):
    return [("logits", fit.tensor((*fit.batch(), fit.size(1, 4)))), ("tau", fit.option("0.5", "2.0")), ("hard", fit.option("True")), ("eps", None), ("dim", fit.option("0", "-1", chance=0.2))]


def fractional(dims, returns=True):
    def fit_it(fit):
        kernel = fit.rng.choice([1, 2, 2])
        space = fit.space(dims, kernel + 1)
        x = fit.tensor((*fit.batch(), fit.size(1, 2), *space))
        sized = fit.rng.random() < 0.6
        size = str(tuple(fit.rng.randint(1, max(n - kernel, 1)) for n in space)) if sized else None
        ratio = None if sized else str(tuple(fit.rng.choice([0.5, 0.4]) for _ in space))
        made = [("input", x), ("kernel_size", str(kernel)), ("output_size", size), ("output_ratio", ratio)]
        return [*made, ("return_indices", fit.option("True"))] if returns else made

    return fit_it


def ctc(fit):
    frames, batch, classes, most = fit.rng.randint(3, 6), fit.size(1, 2), fit.rng.randint(2, 4), fit.rng.randint(1, 2)
    if fit.edge == "large":
        frames, batch = 40, 30
    alone = fit.rng.random() < 0.2
    shape = (frames, classes) if alone else (frames, batch, classes)
    logs = fit.tensor(shape, text="torch.log_softmax((torch.arange({}) * 7 % 11 - 5).float(), 0)")
    batch = 1 if alone else batch
    lengths = [fit.rng.randint(0 if fit.spoils else 1, most) for _ in range(batch)]
    joined = alone or fit.rng.random() < 0.3
    targets = fit.classes((sum(lengths),) if joined else (batch, most), classes, low=1 if classes > 1 else 0)
    counts = [frames - fit.rng.choice([0, 0, 1]) for _ in range(batch)]
    if fit.spoils and fit.rng.random() < 0.4:
        counts[-1] += fit.rng.choice([2, -9])
    return [("log_probs", logs), ("targets", targets), ("input_lengths", str(tuple(counts))), ("target_lengths", str(tuple(lengths))), ("blank", fit.option("0", "9", chance=0.15)), fit.reduction(), ("zero_infinity", fit.option("True"))]


def constant_pad(fit):
    shape = any_shape(fit)
    around = [fit.rng.choice([0, 1, 2, -1]) for _ in range(2 * fit.rng.randint(1, max(len(shape), 1)))]
    return [("input", fit.tensor(shape)), ("pad", str(tuple(around))), ("value", fit.option("1.5", "2"))]


def grid_sampler(fit):
    made = grid_sample(fit)
    return [*made[:2], ("interpolation_mode", fit.rng.choice("012")), ("padding_mode", fit.rng.choice("012")), ("align_corners", fit.rng.choice(["True", "False"]))]


def pad(fit):
    space = fit.rng.choice([1, 1, 2, 3])
    x = fit.tensor((*fit.batch(), fit.size(1, 2), *fit.space(space)))
    mode = fit.option("'reflect'", "'replicate'", "'circular'", chance=0.7)
    around = [fit.rng.choice([0, 1, 1, 2, -1]) for _ in range(2 * space)]
    return [("input", x), ("pad", str(tuple(around))), ("mode", mode), ("value", None if mode else fit.option("1.5", "2"))]


FITTING = {
    **{f"conv{n}d": convolution(n) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": convolution(n, transposed=True) for n in (1, 2, 3)},
    **{f"max_pool{n}d": max_pool(n) for n in (1, 2, 3)},
    **{f"max_pool{n}d_with_indices": max_pool(n, returns=False) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": avg_pool(n) for n in (1, 2, 3)},
    **{f"lp_pool{n}d": lp_pool(n) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": adaptive(n) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": adaptive(n, returns=True) for n in (1, 2, 3)},
    **{f"max_unpool{n}d": unpool(n) for n in (1, 2, 3)},
    "batch_norm": batch_norm, "instance_norm": instance_norm, "group_norm": group_norm, "layer_norm": layer_norm(), "rms_norm": layer_norm(bias=False),
    "local_response_norm": local_response_norm, "bilinear": bilinear, "linear": linear, "embedding_bag": embedding_bag, "embedding": embedding,
    "fold": fold, "affine_grid": affine_grid, "grid_sample": grid_sample, "interpolate": interpolate,
    "upsample_bilinear": upsample(True), "upsample_nearest": upsample(False), "pixel_shuffle": pixels(False), "pixel_unshuffle": pixels(True),
    "channel_shuffle": channel_shuffle, "scaled_dot_product_attention": attention, "pad": pad,
    "cross_entropy": over_classes(True), "nll_loss": over_classes(False), "binary_cross_entropy": binary(False), "binary_cross_entropy_with_logits": binary(True),
    "mse_loss": pairs(), "l1_loss": pairs(), "smooth_l1_loss": pairs(("beta", "0.5", "2.0", "0.0")), "huber_loss": pairs(("delta", "0.5", "2.0")),
    "kl_div": pairs(("log_target", "True"), target="chances"), "poisson_nll_loss": pairs(("log_input", "False"), ("full", "True"), target="chances"),
    "soft_margin_loss": pairs(target="signs"), "hinge_embedding_loss": pairs(("margin", "0.5", "2.0"), target="signs"),
    "gaussian_nll_loss": gaussian, "margin_ranking_loss": ranking, "cosine_embedding_loss": cosine_embedding, "multi_margin_loss": multi_margin,
    "multilabel_margin_loss": multilabel_margin, "multilabel_soft_margin_loss": multilabel_soft, "triplet_margin_loss": triplet(False),
    "triplet_margin_with_distance_loss": triplet(True), "pairwise_distance": pairwise, "cosine_similarity": cosine,
    "prelu": prelu, "hardshrink": shrink, "softshrink": shrink, "rrelu": rrelu, "gumbel_softmax": gumbel,
    **{f"fractional_max_pool{n}d": fractional(n) for n in (2, 3)},
    **{f"fractional_max_pool{n}d_with_indices": fractional(n, returns=False) for n in (2, 3)},
    **{f"adaptive_max_pool{n}d_with_indices": adaptive(n) for n in (1, 2, 3)},
    "ctc_loss": ctc, "constant_pad_nd": constant_pad, "grid_sampler": grid_sampler,
    "alpha_dropout": random_drop, "feature_alpha_dropout": random_drop,
}
