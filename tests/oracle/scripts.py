"""What the scripts in `tests/scripts/` print under CPython and PyTorch: `NAME.out` beside each `NAME.py`."""

import pathlib
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"


def record(_):
    for script in sorted(SCRIPTS.glob("*.py")):
        done = subprocess.run([sys.executable, "-W", "ignore", script.name], cwd=SCRIPTS, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{script.name} fails:\n{done.stderr}")
        script.with_suffix(".out").write_text(done.stdout)
