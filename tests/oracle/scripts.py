"""Runs every script of `tests/scripts` under PyTorch and keeps what it prints beside it: `NAME.py`, `NAME.out`.

The test compares exactly, so a script prints whole numbers, or floats at few enough digits that the order of a sum
does not show.
"""

import pathlib
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"


def record(_path):
    for script in sorted(SCRIPTS.glob("*.py")):
        run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{script.name} fails:\n{run.stderr}")
        script.with_suffix(".out").write_text(run.stdout)
