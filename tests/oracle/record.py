#!/usr/bin/env python3
"""Records what the originals do, for the tests to compare with: `record.py --print --strides ...`.

Each option names a script beside this one, whose `record(path)` writes `tests/data/NAME.jsonl`. They need the original
they record (PyTorch 2.15 on a CPU, or CPython) and are run by hand; the tests only read what was recorded.
"""

import argparse
import importlib.util
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
PARTS = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("record", "lines", "fitting"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for part in PARTS:
        parser.add_argument(f"--{part}", action="store_true", help=f"record {part}.jsonl")
    parser.add_argument("--only", nargs="+", default=[], help="of --fuzz: these entries alone")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "data", help="where to write")
    chosen = parser.parse_args()
    sys.path.insert(0, str(HERE))
    chosen.out.mkdir(exist_ok=True)
    for part in PARTS:
        if getattr(chosen, part):
            # A script named like a module of the standard library must not be mistaken for it.
            spec = importlib.util.spec_from_file_location(f"recorder_{part}", HERE / f"{part}.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            more = {"only": chosen.only} if chosen.only else {}
            module.record(chosen.out / f"{part}.jsonl", **more)


if __name__ == "__main__":
    main()
