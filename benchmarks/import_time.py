"""What streamkit adds to a Lambda's cold start: fresh interpreters, compiled bytecode, medians.

    python benchmarks/import_time.py [--runs 15]

The yardstick, run in turn with the others, is ``from pydantic import BaseModel``. The budget is 1.15 times that for
``import streamkit`` and decorating one handler, or one window handler; exit code 1 if it is exceeded.
"""

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import streamkit

BUDGET = 1.15
YARDSTICK = "from pydantic import BaseModel"
HANDLER = "from streamkit import Change, stream_handler\n@stream_handler\ndef handler(change: Change) -> None: ..."
WINDOW = (
    "from streamkit import Change, tumbling_window\n"
    "@tumbling_window(seconds=60)\ndef handler(change: Change, state: dict) -> dict: ..."
)
MODEL = "from pydantic import BaseModel\nclass Order(BaseModel):\n    id: int\n    total: float"
TYPED = (
    f"{MODEL}\nfrom streamkit import Change, stream_handler\n"
    "@stream_handler(batch_size=10)\ndef handler(change: Change[Order]) -> None: ..."
)
FILTERED = (
    f"{MODEL}\nfrom streamkit import Change, criteria, stream_handler, where\n"
    "@stream_handler(batch_size=10, filter_criteria=criteria(where(Order).id == 1))\n"
    "def handler(change: Change[Order]) -> None: ..."
)
# The first image of a type is what it is compiled at.
FIRST = (
    f"{TYPED}\nimage = {{'id': {{'N': '1'}}, 'total': {{'N': '9.99'}}}}\n"
    "data = {'Keys': {'id': image['id']}, 'NewImage': image, 'SequenceNumber': '1'}\n"
    "assert not handler({'Records': [{'eventName': 'INSERT', 'dynamodb': data}]})['batchItemFailures']"
)

SCRIPTS = {
    "python alone": "pass",
    "yardstick: from pydantic import BaseModel": YARDSTICK,
    "import streamkit, decorate an untyped handler": HANDLER,
    "import streamkit, decorate an untyped window handler": WINDOW,
    "a pydantic model alone": MODEL,
    "a pydantic model, streamkit, a handler typed with it": TYPED,
    "the same, with a filter of the model's fields": FILTERED,
    "the handler typed with a model, and its first record": FIRST,
    "the handler typed with a model, with Powertools' Logger": f"{TYPED}\nfrom aws_lambda_powertools import Logger",
}


def measure(runs: int) -> dict[str, float]:
    """Return the median seconds of each script, run in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as folder:
        # Bytecode is written once, to a place of its own: an environment may forbid it (PYTHONDONTWRITEBYTECODE).
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = folder
        environment["PYTHONPATH"] = str(Path(streamkit.__file__).parents[1])
        sys.pycache_prefix = folder
        compileall.compile_dir(str(Path(streamkit.__file__).parent), quiet=2)
        for attempt in range(runs + 1):
            for name, script in SCRIPTS.items():
                started = time.perf_counter()
                subprocess.run([sys.executable, "-c", script], check=True, env=environment)
                if attempt:  # the first round fills the caches
                    seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    medians = measure(parser.parse_args(arguments).runs)
    yardstick = medians["yardstick: from pydantic import BaseModel"]
    for name, median in medians.items():
        print(f"{median * 1000:8.1f} ms  {median / yardstick:5.2f} x  {name}")
    ratios = [
        medians[f"import streamkit, decorate an untyped {kind}"] / yardstick for kind in ("handler", "window handler")
    ]
    shown = ", ".join(f"{ratio:.2f} x" for ratio in ratios)
    print(f"budget {BUDGET} x, measured {shown}: {'kept' if max(ratios) <= BUDGET else 'EXCEEDED'}")
    return 0 if max(ratios) <= BUDGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
