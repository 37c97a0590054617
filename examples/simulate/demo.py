"""A counter whose test is green, what a simulation finds in it within a second, and the same counter mended.

python -m examples.simulate.demo
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(Path(sys.executable).with_name("streamkit"))
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

SCENES = [
    (
        "1. A running total of all orders (examples/simulate/counter.py). Its test is green:",
        "pytest -q examples/simulate/test_counter.py",
        [*PYTEST, "examples/simulate/test_counter.py"],
        0,
    ),
    (
        "2. The same handler under what may happen on AWS: redelivery, crashes, batches of any size…",
        "streamkit simulate examples.simulate.counter:handler --invariant examples.simulate.counter:check",
        [SCRIPT, "simulate", "examples.simulate.counter:handler", "--invariant", "examples.simulate.counter:check"],
        1,
    ),
    (
        "3. Mended: a row for each event, which may be written twice and is there once (examples/simulate/ledger.py):",
        "streamkit simulate examples.simulate.ledger:handler --invariant examples.simulate.ledger:check",
        [SCRIPT, "simulate", "examples.simulate.ledger:handler", "--invariant", "examples.simulate.ledger:check"],
        0,
    ),
]


def main() -> int:
    for text, shown, command, expected in SCENES:
        print(f"\n{text}\n\n$ {shown}", flush=True)
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        print(f"({time.monotonic() - started:.1f} s, exit code {code})", flush=True)
        if code != expected:
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
