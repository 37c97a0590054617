"""The fidelity page, made from the rules: `python -m tests.conformance.fidelity` writes docs/fidelity.md."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.filters import FILTERS
from tests.conformance.live import LIVE
from tests.conformance.refusals import REFUSALS
from tests.conformance.responses import RESPONSES
from tests.conformance.runs_age import AGES
from tests.conformance.runs_batching import BATCHING
from tests.conformance.runs_bisect import BISECTING
from tests.conformance.runs_failures import FAILURES
from tests.conformance.runs_finals import FINALS
from tests.conformance.runs_metrics import COUNTED
from tests.conformance.runs_recorded import RECORDED
from tests.conformance.runs_records import RECORDS
from tests.conformance.runs_shards import SHARDING
from tests.conformance.runs_tumbling import TUMBLING
from tests.conformance.runs_waits import WAITS
from tests.conformance.runs_windowed_failures import WINDOWED_FAILURES
from tests.conformance.runs_windows import WINDOWS
from tests.conformance.writes import WRITES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conformance.rules import Rule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fidelity.md"

TABLES: dict[str, Sequence[Rule]] = {
    "refusals": REFUSALS,
    "runs_batching": BATCHING,
    "runs_windows": WINDOWS,
    "runs_shards": SHARDING,
    "runs_failures": FAILURES,
    "runs_waits": WAITS,
    "runs_bisect": BISECTING,
    "runs_age": AGES,
    "runs_records": RECORDS,
    "runs_tumbling": TUMBLING,
    "runs_finals": FINALS,
    "runs_windowed_failures": WINDOWED_FAILURES,
    "responses": RESPONSES,
    "filters": FILTERS,
    "writes": WRITES,
    "live": LIVE,
    "runs_metrics": COUNTED,
    "runs_recorded": RECORDED,
}
"""The rules by the module in which they stand."""

SECTIONS = {
    1: "Settings: what is refused, and disabling",
    2: "Polling, batching, order",
    3: "Failures",
    4: "ReportBatchItemFailures",
    5: "Tumbling windows",
    6: "Filters",
    7: "The stream",
    8: "Metrics",
    9: "Permissions",
    10: "Recorded runs",
}

GRADES = {
    "D": "written in AWS's documentation",
    "O": "observed on AWS in public recordings",
    "I": "inferred",
    "U": "unknown: our choice",
    "C": "contradictory sources: our choice",
}

INTRODUCTION = """\
# Fidelity

What the local runner does, rule by rule, how well each rule is known, and the test that pins it. This page is made from
the rules' data under `tests/conformance` (`python -m tests.conformance.fidelity`), and a test fails when it differs.
[SEMANTICS](semantics.md) is their full text; the sections below have its numbers.
"""

LIMITS = """\
## Where the runner knowingly differs

- **When a tumbling window closes** (`window_close_delay`): AWS says "up to 2 minutes" after its end; here it is always
  two minutes (I). A backlog is read to its end before that counts (I).
- **A late record** joins the window that is open, whichever it is (U); where none is open it opens its own again (U).
- **A state of a tumbling window** is too large from 1,048,577 bytes of compact JSON in UTF-8 on (I). One with a number
  that JSON lacks (NaN) fails its invocation (U). What is left of a batch when the state has grown so much that the
  event would be over 6 MB is divided (U).
- **The age of a final invocation** counts from when it became due, for MaximumRecordAge and for the 24 hours (U).
- **TumblingWindowInSeconds while a window is open**: another length leaves it as it is; 0 closes it at once (U).
- **A window while the mapping is disabled** stays open, with its state (U); so it does when a run is killed, where
  `checkpoints=` keeps it, and its final invocation is then due anew (U).
- **Time-outs** (`timeout=`, with `duration=`): the handler runs to its end here, and its answer is dropped. Lambda
  stops it in the middle of its work.
- **Polls** are free: a shard that was not polled for a quarter of a second is polled at the moment when a record
  becomes readable, where Lambda finds it up to a quarter of a second later. Nothing is polled ahead for a lane that is
  busy (U).
- **A live stream** (`streamkit tail`) is polled four times a second where it has nothing new, and read on at once while
  it has; up to 20,000 records or 16 MB of a shard are read ahead of the function. Lambda polls at a base rate (D) and
  how far it reads ahead is not known (U). A throttled or absent endpoint is asked again until it answers (I).
- **Functions in processes of their own** (`--invoker awslambdaric`): memory is that of the processes, looked at 20
  times a second, and there is no limit of CPU; on Lambda CPU grows with memory (D).
- **Records without a creation time**, as in AWS's old samples, age from when they are read (U).
- **A lane that is held up** (ParallelizationFactor above 1): the others go on until 10,000 records, or one full batch
  for each lane if that is more, lie above the checkpoint (U).
- **Lambda's API** (`streamkit serve`): Creating, Updating and the like last until the mapping has done what was asked,
  and at least `--transition-seconds`; how long they last on AWS is not documented (U). A mapping that starts at LATEST
  has its position when it is made, also if it is made disabled (U). The deletion of a mapping finishes what is in
  flight first (U). What AWS says to a body that is no JSON, or has members of a wrong type, is not recorded (U). A
  function named without a region is there in every region.
- **An update while a batch is being tried**: the batch stays and follows the new limits from its next attempt on; what
  was read and is in no batch yet is filtered and divided anew; another ParallelizationFactor waits until every batch
  that is being tried is done (U).
- **A restart** (`checkpoints=`) begins the attempts of the batch in flight again from the first (U).
- **SizeBytes** follows SEMANTICS §7; DynamoDB Local counts up to one byte more for a number with a fraction.
"""


def page() -> str:
    """Return the page's text."""
    counts: Counter[str] = Counter(rule.grade for rules in TABLES.values() for rule in rules)
    legend = [f"| **{grade}** | {meaning} | {counts[grade]} |" for grade, meaning in GRADES.items()]
    parts = [INTRODUCTION, "\n".join(["| grade | | rules |", "|---|---|--:|", *legend]) + "\n", LIMITS]
    parts += [_section(number, title) for number, title in SECTIONS.items()]
    return "\n".join(parts)


def _section(number: int, title: str) -> str:
    rows = [
        f"| {_cell(rule.says)} | {rule.grade} | {_cell(rule.choice)} | {_cell(rule.setting)} | "
        f"[{module}](../tests/conformance/{module}.py) |"
        for module, rules in TABLES.items()
        for rule in rules
        if rule.section == number
    ]
    head = ["| rule | grade | our choice | changed by | pinned by |", "|---|---|---|---|---|"]
    return "\n".join([f"## §{number} {title}\n", *head, *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
