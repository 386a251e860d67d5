#!/usr/bin/env python3
"""Runs the examples of the op table in PyTorch and shows those that print something else there.

    cargo test --test all table::list_examples -- --ignored --nocapture 2>&1 | python3 tests/oracle/examples.py
"""
import ast
import contextlib
import io
import json
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F

warnings.simplefilter("ignore")


def typed(code):
    """What a prompt prints: the repr of every expression that is not None."""
    scope = {"torch": torch, "np": np, "F": F}
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for statement in ast.parse(code).body:
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "<example>", "eval"), scope)
                if value is not None:
                    print(repr(value))
            else:
                exec(compile(ast.Module([statement], []), "<example>", "exec"), scope)
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    return out.getvalue().rstrip("\n")


count = wrong = 0
for line in sys.stdin:
    _, mark, rest = line.partition("EXAMPLE ")
    if not mark:
        continue
    example = json.loads(rest)
    count += 1
    try:
        printed = typed(example["code"])
    except Exception as error:
        printed = f"{type(error).__name__}: {error}"
    if printed != example["printed"]:
        wrong += 1
        print(f"{example['entry']}: {example['code']}\n--- the table says\n{example['printed']}\n--- PyTorch prints\n{printed}\n")
print(f"{count} examples, {wrong} differ")
sys.exit(wrong > 0)
