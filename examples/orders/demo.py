"""`make demo`: the two commands of the order desk, and what there is to see."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(Path(sys.executable).with_name("streamkit"))

DAY = ["--events", "examples/orders/events.jsonl"]

SCENES = [
    (
        """1. A day at the order desk, brought to `handler` record by record as it happened. One order is poison (its
   total is the text '12,50'): each of its 4 records is retried twice and then discarded, as Lambda would.""",
        ["examples.orders.app:handler", *DAY],
        1,
    ),
    (
        """2. The same day as a backlog, in full batches of 100. Lambda gives up whole batches: with each poison record
   it loses the good ones behind it.""",
        ["examples.orders.app:handler", *DAY, "--backlog"],
        1,
    ),
    (
        """3. `careful_handler` puts poison aside (@careful_handler.invalid), and nothing is lost.""",
        ["examples.orders.app:careful_handler", *DAY, "--backlog"],
        0,
    ),
]


def main() -> int:
    for text, arguments, expected in SCENES:
        print(f"\n{text}\n\n$ streamkit run {' '.join(arguments)}", flush=True)
        code = subprocess.run([SCRIPT, "run", *arguments], cwd=ROOT, check=False).returncode
        meaning = "every record was handled" if code == 0 else "not every record was handled"
        print(f"exit code {code}: {meaning}", flush=True)
        if code != expected:
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
