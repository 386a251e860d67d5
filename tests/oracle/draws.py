"""Records random numbers, to the last bit, and the errors of the functions that make them."""

from lines import write

SEEDS = [0, 123, 2**40 + 7]
SIZES = ["0", "1", "15", "16", "17", "100", "3, 5", "4, 8", "2, 3, 7"]
FLOATS = ["torch.float32", "torch.float64", "torch.float16", "torch.bfloat16"]
INTS = ["torch.uint8", "torch.int8", "torch.int16", "torch.int32", "torch.int64"]

FILLS = [
    "uniform_()", "uniform_(-1.3, 2.7)", "normal_()", "normal_(2, 3)", "exponential_()", "exponential_(0.3)",
    "cauchy_()", "cauchy_(1, 2.5)", "log_normal_()", "log_normal_(0.5, 0.25)", "geometric_(0.2)", "bernoulli_()",
    "bernoulli_(0.9)", "random_()", "random_(7)", "random_(-3, 100)",
]

PLACES = [
    "torch.zeros(5, 4).t()", "torch.zeros(6, 8)[:, ::2]", "torch.zeros(40)[3:23]", "torch.zeros(2, 3, 4).permute(2, 0, 1)",
    "torch.zeros(3, 1, 4, dtype=torch.float64).transpose(0, 2)", "torch.tensor(0.)", "torch.zeros(20, 3)[2:, 1]",
]

OTHERS = [
    "torch.randint(10, (5,))", "torch.randint(-4, 9, (2, 3))", "torch.randint(0, 2**28, (4,))", "torch.randint(0, 2**28 - 1, (4,))",
    "torch.randint(0, 2**40, (4,))", "torch.randint(-2**62, 2**62, (3,))", "torch.randint(3, (4,), dtype=torch.float32)",
    "torch.randint(0, 2, (6,), dtype=torch.bool)", "torch.randint(0, 200, (6,), dtype=torch.uint8)", "torch.randperm(0)",
    "torch.randperm(1)", "torch.randperm(2)", "torch.randperm(17)", "torch.randperm(100)", "torch.randperm(9, dtype=torch.int32)",
    "torch.randperm(6, dtype=torch.float32)", "torch.rand_like(torch.zeros(4, 3).t())", "torch.randn_like(torch.zeros(5, 4).t())",
    "torch.randn_like(torch.zeros(20, dtype=torch.float64))", "torch.rand_like(torch.zeros(3), dtype=torch.float64)",
    "torch.randint_like(torch.zeros(4, dtype=torch.int32), 50)", "torch.randint_like(torch.zeros(4), -3, 4)",
    "torch.normal(torch.arange(5.), torch.arange(5.) + 0.5)", "torch.normal(torch.arange(20.), 2.0)",
    "torch.normal(1.5, torch.arange(1., 5.))", "torch.normal(torch.zeros(3, 1), torch.ones(4))", "torch.normal(-1., 4., (2, 10))",
    "torch.bernoulli(torch.linspace(0, 1, 9))", "torch.bernoulli(torch.linspace(0, 1, 9, dtype=torch.float64))",
    "torch.zeros(3, 4).bernoulli_(torch.tensor([0.1, 0.5, 0.9, 1.0]))", "torch.zeros(4, 3).t().bernoulli_(torch.linspace(0, 1, 12).reshape(3, 4))",
    "torch.zeros(6, dtype=torch.int64).bernoulli_(0.5)", "torch.bernoulli(torch.zeros(5), 0.4)",
    "torch.multinomial(torch.tensor([1., 2., 3., 4.]), 1)", "torch.multinomial(torch.tensor([1., 2., 3., 4.]), 3)",
    "torch.multinomial(torch.tensor([1., 2., 3., 4.]), 10, replacement=True)", "torch.multinomial(torch.rand(3, 6), 4)",
    "torch.multinomial(torch.rand(3, 6, dtype=torch.float64), 8, True)", "torch.multinomial(torch.rand(6, 3).t(), 2)",
    "torch.multinomial(torch.tensor([0., 1., 0., 2.]), 2)", "torch.multinomial(torch.rand(2, 300), 5, True)",
    "F.dropout(torch.arange(12.))", "F.dropout(torch.arange(12.).reshape(4, 3).t(), 0.2)", "F.dropout(torch.ones(5, dtype=torch.float64), 0.9)",
    "F.dropout(torch.ones(4), 1.0)", "torch.dropout(torch.ones(6), 0.3, True)", "F.dropout1d(torch.ones(2, 4, 2), 0.4)",
    "F.dropout2d(torch.ones(2, 3, 2, 2), 0.4)", "nn.init.trunc_normal_(torch.empty(8), 0.5, 2.0, -1.0, 1.5)",
    "nn.init.uniform_(torch.empty(4), -2, 3)", "nn.init.normal_(torch.empty(4), 1, 0.1)", "nn.init.xavier_uniform_(torch.empty(3, 4), gain=2.0)",
    "nn.init.xavier_normal_(torch.empty(4, 6))", "nn.init.kaiming_uniform_(torch.empty(4, 2, 3, 3))",
    "nn.init.kaiming_normal_(torch.empty(3, 7), mode='fan_out', nonlinearity='relu')", "nn.init.kaiming_uniform_(torch.empty(3, 2), nonlinearity='tanh')",
    "[torch.randn(3), torch.rand(2), torch.randn(2), torch.randn(17), torch.randn(1)][-1]",
]

OBJECTS = [
    "torch.Generator().initial_seed()", "torch.Generator().manual_seed(5).initial_seed()", "torch.rand(3, generator=torch.Generator())",
    "g = torch.Generator().manual_seed(3); torch.manual_seed(1); a = torch.randn(2, generator=g); torch.rand(2)",
    "g = torch.Generator().manual_seed(3); a = torch.rand(700, generator=g); s = g.get_state(); b = torch.randn(3, generator=g); g.set_state(s).initial_seed(); torch.equal(b, torch.randn(3, generator=g))",
    "g = torch.Generator().manual_seed(9); a = torch.randn(3, generator=g); g.get_state().sum()", "torch.manual_seed(4); torch.get_rng_state()[:40].tolist()",
    "torch.manual_seed(4); a = torch.randn(3); torch.get_rng_state()[-48:].tolist()", "torch.initial_seed() == torch.default_generator.initial_seed()",
    "torch.manual_seed(7) == torch.default_generator", "torch.random.manual_seed(3); torch.random.initial_seed()", "torch.manual_seed(11); g = torch.default_generator; torch.rand(2, generator=g)",
    "g = torch.Generator().manual_seed(1); torch.zeros(3).uniform_(generator=g)", "g = torch.Generator().manual_seed(1); torch.randperm(5, generator=g)",
    "g = torch.Generator().manual_seed(1); torch.multinomial(torch.ones(5), 3, generator=g)", "g = torch.Generator().manual_seed(1); h = g.clone_state(); torch.rand(2, generator=h)",
    "torch.Generator(device='cpu').device", "torch.manual_seed(2.7); torch.initial_seed()", "torch.manual_seed('12'); torch.initial_seed()", "torch.manual_seed(torch.tensor(3)); torch.rand(2)",
    "torch.manual_seed(-3); torch.rand(2)",
]

ERRORS = [
    "torch.manual_seed('a')", "torch.Generator().manual_seed(1.5)", "torch.rand(-1)", "torch.rand(2, dtype=torch.int64)", "torch.randn(2, dtype=torch.int64)",
    "torch.randint(3, 3, (2,))", "torch.randint(5, 3, (2,))", "torch.randint(0, 300, (2,), dtype=torch.uint8)", "torch.randint(-3, 2, (2,), dtype=torch.uint8)",
    "torch.randint(10)", "torch.randint(10, 3)", "torch.randint(0.0, 10, (3,))", "torch.randperm(-1)", "torch.randperm(300, dtype=torch.uint8)",
    "torch.randperm(3, dtype=torch.bool)", "torch.empty(3, dtype=torch.int64).uniform_()", "torch.empty(3).uniform_(2, 1)", "torch.empty(3).normal_(0, -1)",
    "torch.normal(0., -1., (3,))", "torch.normal(torch.zeros(2), torch.tensor([-1., 1]))", "torch.empty(3).exponential_(-1)", "torch.empty(3, dtype=torch.int64).exponential_()",
    "torch.empty(3).bernoulli_(2)", "torch.bernoulli(torch.tensor([2.]))", "torch.bernoulli(torch.tensor([1]))", "torch.empty(3).geometric_(0)", "torch.empty(3).log_normal_(0, 0)",
    "torch.empty(3).cauchy_(0, 0)", "torch.empty(3).random_(3, 3)", "torch.empty(1).expand(3).uniform_()", "torch.multinomial(torch.ones(3), 5)", "torch.multinomial(torch.ones(3), 0)",
    "torch.multinomial(torch.tensor([1, 2]), 1)", "torch.multinomial(torch.tensor([-1., 2]), 1)", "torch.multinomial(torch.zeros(2), 1)", "torch.multinomial(torch.zeros(2), 3, True)",
    "torch.multinomial(torch.ones(2, 2, 2), 1)", "torch.normal(torch.zeros(2), torch.ones(3))", "torch.normal(0., 1.)", "torch.rand_like(torch.tensor([1]))",
    "F.dropout(torch.ones(4), 2.)", "F.dropout(torch.ones(4, dtype=torch.int64))", "torch.Generator().set_state(torch.zeros(3))", "torch.Generator().set_state(torch.zeros(3, dtype=torch.uint8))",
    "nn.init.xavier_uniform_(torch.empty(3))", "nn.init.kaiming_normal_(torch.empty(3, 4), mode='x')", "nn.init.calculate_gain('softmax')", "nn.init.calculate_gain('relu')",
    "nn.init.calculate_gain('leaky_relu', 0.2)", "torch.ones(2, requires_grad=True).uniform_()", "nn.init.zeros_(torch.ones(2, requires_grad=True))",
]


def codes():
    seeded = []
    for dtype in FLOATS:
        seeded += [f"torch.{name}({size}, dtype={dtype})" for name in ("rand", "randn") for size in SIZES]
    for fill in FILLS:
        dtypes = FLOATS + (INTS + ["torch.bool"] if fill.startswith(("random_", "bernoulli_")) else INTS if fill.startswith("geometric") else [])
        seeded += [f"torch.zeros(18, dtype={dtype}).{fill}" for dtype in dtypes]
        seeded += [f"{place}.{fill}" for place in PLACES]
    seeded += OTHERS
    for number, code in enumerate(seeded):
        seed = SEEDS[number % len(SEEDS)]
        tail = "" if code.endswith("[-1]") else ".tolist()"
        yield f"torch.manual_seed({seed}); {code}{tail}"
    for code in OTHERS:
        yield f"torch.manual_seed(5); x = {code}; x.dtype, x.shape, x.stride()"
    yield from OBJECTS
    yield from ERRORS


def record(out):
    write(out, codes())
