"""Small programs and what CPython 3.11 prints for them, or the exception they end with.

Each row is `{"program", "out", "error": null | [class, message]}`. Programs are self-contained and print nothing that
differs from run to run (no addresses, no sets of strings).
"""

import contextlib
import io
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent / "programs"
sys.path.insert(0, str(HERE))

from tables import FORMATS, METHODS  # noqa: E402

def programs():
    """Every program once, in order."""
    expressions = (HERE / "expressions.txt").read_text().replace("\\\n", "\0").splitlines()
    listed = [f"for v in [{e}]: print(repr(v))".replace("\0", "\\\n") for e in expressions]
    listed += [f"import math\nfor v in [{e}]: print(repr(v))" for e in (HERE / "integers.txt").read_text().splitlines()]
    listed += [f"print({e})" for e in (HERE / "raising.txt").read_text().splitlines()]
    listed += [f"x = {value}\nprint({', '.join(f'f{quoted(spec)}' for spec in specs)}, sep='|')"
               for value, specs in FORMATS]
    listed += [f"x = {value}\n" + "\n".join(f"print(repr({call}), repr(x))" for call in calls)
               for value, calls in METHODS]
    listed += [program.strip("\n") for program in (HERE / "programs.txt").read_text().split("\n---\n")]
    listed += [program.strip("\n") for program in (HERE / "library.txt").read_text().split("\n---\n")]
    for more in ("classes.txt", "language.txt", "modules.txt", "mixed.txt"):
        listed += [program.strip("\n") for program in (HERE / more).read_text().split("\n---\n")]
    return list(dict.fromkeys(listed))


def quoted(spec):
    """`.2f` as the rest of an f-string."""
    return repr("{x" + spec + "}")


def run(program):
    """What a program prints, and the exception it ends with."""
    out = io.StringIO()
    scope = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(program + "\n", "<program>", "exec"), scope)
    except Exception as error:
        return out.getvalue(), [type(error).__name__, str(error)]
    return out.getvalue(), None


def record(path):
    """Writes all rows."""
    rows = []
    for program in programs():
        out, error = run(program)
        rows.append({"program": program, "out": out, "error": error})
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    print(f"{len(rows)} programs")
