"""Sentences of Python with the tree CPython 3.11 gives them, and sentences it refuses with its words.

Standard library only; the same seed gives the same file.
"""

import ast
import json
import random
import re
import warnings

from sentences import ACCEPTED, REJECTED

SEED = 20260101
GENERATED = 1700
MUTATED = 260
NAMES = ["a", "b", "c", "x", "y", "z", "foo", "bar", "match", "_", "größe"]
NUMBERS = ["0", "1", "42", "1_000", "0xff", "0o17", "0b101", "1.5", ".5", "5.", "1e10", "1e-5", "2j", "1.5e3j",
           "9223372036854775808", "100000000000000000000000", "0xffffffffffffffffffff"]
STRINGS = ["'a'", '"b"', "''", "'it\\'s'", "r'\\d'", "b'x\\x00'", "'''t\nu'''", "'a' \"b\"", "rb'\\q'", "'\\u00e9\\n'", "'é'"]


class Generator:
    """Random sentences of the grammar, deep only as far as `depth` allows."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def name(self):
        return self.random.choice(NAMES)

    def many(self, make, low=0, high=3):
        return [make() for _ in range(self.random.randint(low, high))]

    # Expressions; `depth` is what is left.

    def atom(self, depth):
        kind = self.random.randrange(16 if depth > 0 else 8)
        if kind < 4:
            return self.name()
        if kind == 4:
            return self.random.choice(NUMBERS)
        if kind == 5:
            return self.random.choice(STRINGS)
        if kind == 6:
            return self.pick("None", "True", "False", "...")
        if kind == 7:
            return self.pick("()", "[]", "{}", self.name())
        depth -= 1
        if kind == 8:
            return "(" + self.pick(self.expression, self.walrus, self.generator, self.tuple)(depth) + ")"
        if kind == 9:
            return "[" + self.pick(self.items, self.generator, self.items)(depth) + "]"
        if kind == 10:
            return "{" + self.pick(self.items, self.generator, self.pairs, self.pairs)(depth) + "}"
        if kind == 11:
            return "{" + f"{self.expression(depth)}: {self.expression(depth)}{self.clauses(depth)}" + "}"
        if kind == 12:
            return self.fstring(depth)
        return self.primary(depth)

    def primary(self, depth):
        text = self.pick(self.name(), self.name(), "(" + self.expression(depth - 1) + ")", "'s'", "[1]")
        for _ in range(self.random.randint(1, 3)):
            text += self.pick(
                lambda: "." + self.name(),
                lambda: "(" + self.arguments(depth - 1) + ")",
                lambda: "[" + self.index(depth - 1) + "]",
            )()
        return text

    def arguments(self, depth):
        if self.chance(10):
            return self.expression(depth) + self.clauses(depth)
        parts = self.many(lambda: self.pick("", "", "", "*") + self.expression(depth), 0, 2)
        names = self.random.sample(NAMES, self.random.randint(0, 2))
        parts += [f"{name}={self.expression(depth)}" for name in names]
        if self.chance(15):
            parts.append("**" + self.expression(depth))
        text = ", ".join(parts)
        return text + "," if parts and self.chance(10) else text

    def index(self, depth):
        def bound():
            return self.expression(depth) if self.chance(50) else ""

        def slice_():
            return bound() + ":" + bound() + (":" + bound() if self.chance(40) else "")

        def one():
            return self.pick(lambda: self.expression(depth), slice_, lambda: "None", lambda: "...")()

        parts = self.many(one, 1, 3)
        return ", ".join(parts) + ("," if self.chance(10) else "")

    def items(self, depth):
        parts = self.many(lambda: self.pick("", "", "", "*") + self.operand(depth), 1, 3)
        return ", ".join(parts) + ("," if self.chance(15) else "")

    def tuple(self, depth):
        return self.items(depth) + ", " + self.expression(depth)

    def pairs(self, depth):
        def pair():
            if self.chance(15):
                return "**" + self.operand(depth)
            return self.expression(depth) + ": " + self.expression(depth)

        return ", ".join(self.many(pair, 1, 3)) + ("," if self.chance(15) else "")

    def generator(self, depth):
        return self.operand(depth) + self.clauses(depth)

    def clauses(self, depth):
        text = ""
        for _ in range(self.random.randint(1, 2)):
            text += f" for {self.target(1)} in {self.operand(depth)}"
            for _ in range(self.random.randint(0, 1)):
                text += f" if {self.operand(depth)}"
        return text

    def walrus(self, depth):
        return f"{self.name()} := {self.expression(depth)}"

    def operand(self, depth):
        if depth <= 0:
            return self.atom(0)
        kind = self.random.randrange(10)
        if kind < 3:
            return self.atom(depth)
        if kind < 7:
            op = self.pick("+", "-", "*", "/", "//", "%", "@", "**", "<<", ">>", "&", "|", "^")
            return f"{self.operand(depth - 1)} {op} {self.operand(depth - 1)}"
        return self.pick("-", "+", "~", "- ") + self.operand(depth - 1)

    def expression(self, depth):
        if depth <= 0:
            return self.atom(0)
        kind = self.random.randrange(20)
        if kind < 6:
            return self.atom(depth)
        if kind < 11:
            return self.operand(depth)
        if kind < 14:
            text = self.operand(depth - 1)
            for _ in range(self.random.randint(1, 3)):
                op = self.pick("<", "<=", ">", ">=", "==", "!=", "is", "is not", "in", "not in")
                text += f" {op} {self.operand(depth - 1)}"
            return text
        if kind < 16:
            op = self.pick(" and ", " or ")
            return op.join(self.many(lambda: self.pick("", "not ") + self.operand(depth - 1), 2, 4))
        if kind < 18:
            return f"{self.operand(depth - 1)} if {self.operand(depth - 1)} else {self.expression(depth - 1)}"
        if kind == 18:
            return "not " + self.operand(depth - 1)
        return f"lambda {self.parameters(depth - 1, False)}: {self.expression(depth - 1)}"

    def fstring(self, depth):
        parts = []
        for _ in range(self.random.randint(1, 3)):
            if self.chance(40):
                parts.append(self.pick("text ", "{{", "}}", "\\n", "é", " "))
            inner = self.pick(self.name(), "a + 1", "f(x)", "x[0]", "d['k']", "a, b", "(lambda: 1)()", "a == b", "a != b")
            field = inner + self.pick("", "", "=", " = ") if inner != "a, b" else inner
            field += self.pick("", "", "!r", "!s", "!a")
            field += self.pick("", "", ":>10", ":.3f", ":{w}", ":{w}.{p}", ":", ":%H:%M")
            parts.append("{" + self.pick("", " ") + field + "}")
        text = self.pick("f", "F", "rf", "fr") + '"' + "".join(parts) + '"'
        return text + self.pick("", "", " 'tail'", ' f"{x}"')

    # Targets and parameters.

    def target(self, depth):
        if depth <= 0:
            return self.name()
        return self.pick(
            self.name,
            lambda: self.name() + "." + self.name(),
            lambda: self.name() + "[" + self.index(0) + "]",
            lambda: self.name() + ", " + self.target(depth - 1),
            lambda: "(" + self.target(depth - 1) + ", *" + self.name() + ")",
            lambda: "[" + self.target(depth - 1) + "]",
            lambda: "*" + self.name() + ", " + self.name(),
            lambda: "(" + self.name() + ")",
        )()

    def parameters(self, depth, annotated):
        names = self.random.sample(NAMES, len(NAMES))
        parts, default = [], False

        def one(may_default):
            text = names.pop()
            if annotated and self.chance(30):
                text += ": " + self.expression(0)
            if may_default:
                text += "=" + self.expression(depth)
            return text

        for _ in range(self.random.randint(0, 3)):
            default = default or self.chance(30)
            parts.append(one(default))
            if "/" not in parts and self.chance(15):
                parts.append("/")
        if self.chance(30):
            parts.append("*" + (names.pop() if self.chance(50) else ""))
            parts += [one(self.chance(50)) for _ in range(self.random.randint(1, 2))]
        if self.chance(20):
            parts.append("**" + names.pop())
        return ", ".join(parts)

    # Statements.

    def simple(self, depth, inside):
        return self.pick(
            lambda: self.expression(depth),
            lambda: self.expression(depth),
            lambda: self.tuple(depth),
            lambda: f"{self.target(2)} = {self.expression(depth)}",
            lambda: f"{self.target(2)} = {self.target(1)} = {self.tuple(depth)}",
            lambda: f"{self.pick(self.name(), 'a.b', 'a[0]')} "
                    f"{self.pick('+=', '-=', '*=', '/=', '//=', '%=', '@=', '**=', '<<=', '>>=', '&=', '|=', '^=')} "
                    f"{self.expression(depth)}",
            lambda: f"{self.pick(self.name(), 'a.b', 'a[0]', '(x)')}: {self.expression(1)}"
                    + self.pick("", " = " + self.expression(depth)),
            lambda: "assert " + self.expression(depth) + self.pick("", ", 'why'"),
            lambda: "del " + self.pick(self.name(), "a.b, c[0]", "(a, b)", "[a, b]", "a,", "(a), (b)"),
            lambda: "pass",
            lambda: "import " + self.pick("torch", "torch.nn as nn", "a.b.c, d as e"),
            lambda: "from " + self.pick("torch import nn", ". import a", "..a.b import c as d, e", "a import (b, c as d,)", "... import x"),
            lambda: "raise" + self.pick("", " " + self.expression(depth), " E from None"),
            lambda: "return" + self.pick("", " " + self.expression(depth), " *a, b") if inside == "def" else "pass",
            lambda: self.pick("yield", "x = yield a", "yield from a", "yield a, b", "return") if inside == "def" else "x",
            lambda: self.pick("break", "continue") if inside == "loop" else "x",
        )()

    def block(self, depth, indent, inside):
        if self.chance(20):
            return " " + "; ".join(self.many(lambda: self.simple(depth, inside), 1, 2)) + self.pick("", ";") + "\n"
        unit = self.pick("    ", "  ", "\t")
        out = self.pick("", "  # comment") + "\n"
        for _ in range(self.random.randint(1, 3)):
            if self.chance(10):
                out += self.pick("\n", "# comment\n", "   \n")
            out += self.statement(depth - 1, indent + unit, inside)
        return out

    def statement(self, depth, indent="", inside=""):
        if depth <= 0 or self.chance(45):
            return indent + self.simple(max(depth, 1), inside) + self.pick("", "", "", ";", "  # c") + "\n"
        e = lambda: self.expression(depth - 1)
        head = self.random.randrange(10)
        loop = "def" if inside == "def" else "loop"
        if head < 2:
            out = f"{indent}if {e()}:" + self.block(depth, indent, inside)
            for _ in range(self.random.randint(0, 2)):
                out += f"{indent}elif {e()}:" + self.block(depth, indent, inside)
            return out + self.orelse(depth, indent, inside)
        if head == 2:
            return f"{indent}while {e()}:" + self.block(depth, indent, loop) + self.orelse(depth, indent, inside)
        if head == 3:
            return (f"{indent}for {self.target(2)} in {self.pick(e(), self.items(1))}:" + self.block(depth, indent, loop)
                    + self.orelse(depth, indent, inside))
        if head < 6:
            out = "".join(f"{indent}@{e()}\n" for _ in range(self.random.choice([0, 0, 1, 2])))
            arrow = self.pick("", "", " -> " + self.expression(1))
            return out + f"{indent}def {self.name()}({self.parameters(1, True)}){arrow}:" + self.block(depth, indent, "def")
        if head == 6:
            bases = self.pick("", "()", "(A)", "(A, B.c, metaclass=M)", "(*bases, **kw)")
            return f"{indent}class {self.name()}{bases}:" + self.block(depth, indent, "")
        if head == 7:
            items = self.pick(e(), e() + " as x", "a as b, c as (d, e)", "(a as b, c)", "(a, b)", "(a, b) as c", "(a as b,)", "a as b.c")
            return f"{indent}with {items}:" + self.block(depth, indent, inside)
        if head == 8:
            out = f"{indent}try:" + self.block(depth, indent, inside)
            kinds = self.random.sample([" E", " (A, B) as e", " E as e"], self.random.randint(0, 2))
            for kind in kinds:
                out += f"{indent}except{kind}:" + self.block(depth, indent, inside)
            if kinds and self.chance(30):
                out += f"{indent}except:" + self.block(depth, indent, inside)
            if kinds:
                out += self.orelse(depth, indent, inside)
            if not kinds or self.chance(40):
                out += f"{indent}finally:" + self.block(depth, indent, inside)
            return out
        body = self.pick("await a", "async for x in y: pass", "async with a as b: pass", "return [i async for i in x]", "x = await f(await g)")
        return f"{indent}async def {self.name()}({self.parameters(1, True)}):\n{indent}    {body}\n"

    def orelse(self, depth, indent, inside):
        return f"{indent}else:" + self.block(depth, indent, inside) if self.chance(30) else ""


def judge(source):
    """The row of a sentence: CPython's tree, or its error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
            compile(source, "<s>", "exec", dont_inherit=True)
        except SyntaxError as error:
            return {"source": source, "error": f"{type(error).__name__}: {error.msg}"}
    # The tree here does not keep the `u` of a string.
    return {"source": source, "dump": re.sub(r", kind='u'", "", ast.dump(tree))}


def mutate(chance, source):
    """The sentence with a token removed, doubled, exchanged or added."""
    tokens = re.findall(r"\w+|\s+|[^\w\s]", source)
    where = chance.randrange(len(tokens))
    other = chance.choice(["(", ")", "]", "=", ":", ",", "*", "in", "if", "else", "for", "1", "x", ".", "lambda", "not", "\n", "'", "def", "1x"])
    kind = chance.randrange(4)
    if kind == 0:
        del tokens[where]
    elif kind == 1:
        tokens.insert(where, tokens[where])
    elif kind == 2:
        tokens[where] = other
    else:
        tokens.insert(where, other)
    return "".join(tokens)


def unsupported(source):
    """What Tenscope does not have, as against what is wrong, and its commands, which Python does not have."""
    return re.search(r"^:|^\s*match\b.*:\s*$|except\s*\*|\\N\{|\\u[dD][89a-fA-F]", source, re.M)


def record(path):
    """Writes one JSON object a line."""
    rows, seen = [], set()

    def keep(row, wanted):
        if wanted in row and row["source"] not in seen:
            seen.add(row["source"])
            rows.append(row)
            return True
        return False

    for source in dict.fromkeys(ACCEPTED):
        assert keep(judge(source), "dump"), source
    for source in dict.fromkeys(REJECTED):
        assert keep(judge(source), "error"), source
    made, generator = 0, Generator(SEED)
    while made < GENERATED:
        source = generator.statement(generator.random.choice([1, 1, 2, 2, 3]))
        if len(source) < 500 and not unsupported(source):
            row = judge(source)
            made += "dump" in row and len(row["dump"]) < 1500 and keep(row, "dump")
    made, chance = 0, random.Random(SEED + 1)
    good = [row["source"] for row in rows if "dump" in row and 0 < len(row["source"]) < 120]
    while made < MUTATED:
        source = mutate(chance, chance.choice(good))
        if not unsupported(source):
            made += keep(judge(source), "error")
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    accepted = sum("dump" in row for row in rows)
    print(f"{path}: {accepted} accepted, {len(rows) - accepted} rejected")
