"""SEMANTICS §2, §3, §4, §5, §7, §8 and §10 as runs."""

from __future__ import annotations

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

RUNS = [
    *BATCHING,
    *WINDOWS,
    *SHARDING,
    *FAILURES,
    *WAITS,
    *BISECTING,
    *AGES,
    *RECORDS,
    *TUMBLING,
    *FINALS,
    *WINDOWED_FAILURES,
    *COUNTED,
    *RECORDED,
]
