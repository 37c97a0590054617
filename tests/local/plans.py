"""Random runs on a LocalTable: writes, splits and updates in between, handlers that fail on purpose."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import ValidationError

from streamkit import EventSourceMapping
from streamkit.local import LocalRunner, LocalTable
from streamkit.local.invokers.faults import Fault, Faults
from streamkit.local.records import parse_record
from streamkit.local.routing import Router
from tests.filterstrategies import criteria_of
from tests.local.builders import BUCKET, QUEUE, Failing, Tallying, after, lambda_record

ITEMS = 6
CLOSE_DELAY = 120


@dataclass
class Run:
    """A run that can be made again. ``steps`` happen one after the other, ``inside`` at calls of the handler."""

    mapping: dict[str, Any]
    shards: int
    steps: list[tuple[str, Any]]
    inside: dict[int, tuple[str, Any]]
    bad: dict[int, int | None]
    reporting: bool
    durations: list[float]
    seed: int
    faults: Faults | None = None

    def make(self) -> tuple[LocalTable, LocalRunner]:
        """Make the run, to its end."""
        self.version = self.calls = 0
        self.table = LocalTable("orders", shards=self.shards)
        self.failing = self._failing()
        takes = self.durations
        self.runner = LocalRunner(
            self._handle,
            self.table,
            self.mapping,
            seed=self.seed,
            duration=lambda event: takes[_hash(event, takes)],
            timeout=60,
            faults=self.faults,
            window_close_delay=CLOSE_DELAY,
        )
        for name, value in self.steps:
            self._do(name, value)
        self._finish()
        return self.table, self.runner

    def _failing(self) -> Failing:
        return Failing(self.bad, report=self.reporting)

    def _finish(self) -> None:
        self.runner.enable()
        self.runner.run()
        if not self.runner.mapping.enabled:
            self._finish()  # its handler disabled it

    def _handle(self, event: Any, context: Any) -> Any:
        self.calls += 1
        if self.calls in self.inside:
            self._do(*self.inside[self.calls])
        return self.failing(event, context)

    def _do(self, name: str, value: Any) -> None:
        match name:
            case "put":
                item, at = value
                self.version += 1
                self.table.put({"id": item, "v": self.version}, at=None if at is None else after(at))
            case "delete":
                self.table.delete(value)
            case "advance":
                self.runner.advance(seconds=value)
            case "update":
                self._update(value)
            case _:
                open_shards = [one for one in self.table.shard_ids if not self.table.ended(one, 10**6)]
                getattr(self.table, name)(open_shards[value % len(open_shards)])

    def _update(self, changes: dict[str, Any]) -> None:
        self.runner.update(changes)


@dataclass
class WindowedRun(Run):
    """The same with tumbling windows. What Lambda would refuse together with them is not updated.

    The handler reports only where the mapping reads it: else its state had not what counts as handled.
    """

    bad_finals: int = 0
    grows: dict[int, int] = field(default_factory=dict)

    def _failing(self) -> Tallying:
        report = self.reporting and bool(self.mapping["FunctionResponseTypes"])
        return Tallying(self.bad, report=report, bad_finals=self.bad_finals, grows=self.grows)

    def _update(self, changes: dict[str, Any]) -> None:
        with contextlib.suppress(ValidationError):
            self.runner.update(changes)


def _hash(event: dict[str, Any], choices: list[float]) -> int:
    records = event["Records"]
    if not records:
        return len(event["window"]["start"].rstrip("0:Z")) % len(choices)
    return int(records[0]["dynamodb"]["SequenceNumber"]) % len(choices)


def laned_table(*lanes: int, of: int, **settings: Any) -> LocalTable:
    """Return a table whose n-th record belongs to the n-th of these lanes, each record to an item of its own."""
    table = LocalTable("orders", **settings)
    for lane in lanes:
        table.put({"id": item_in(lane, of, table)})
    return table


def item_in(lane: int, of: int, table: LocalTable) -> int:
    """Return the number of an item that the table does not have and that belongs to this lane."""
    router = Router(EventSourceMapping(parallelization_factor=of))
    number = 1000 * len(table.records)
    while True:
        number += 1
        record = lambda_record(1)
        record["dynamodb"]["Keys"] = {"id": {"N": str(number)}}
        if router.divide([parse_record(record, "it")])[0][lane]:
            return number


FILTERS = st.sampled_from(
    [criteria_of({"eventName": names}) for names in (["INSERT"], ["MODIFY"], ["INSERT", "MODIFY"], ["REMOVE"])]
)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "BatchSize": st.integers(1, 6),
    "MaximumRetryAttempts": st.integers(0, 3),
    "MaximumRecordAgeInSeconds": st.sampled_from([-1, 60, 3600]),
    "MaximumBatchingWindowInSeconds": st.sampled_from([0, 0, 1, 45]),
    "ParallelizationFactor": st.integers(1, 4),
    "BisectBatchOnFunctionError": st.booleans(),
    "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
}
UPDATES = st.fixed_dictionaries(
    {}, optional={**SETTINGS, "FilterCriteria": FILTERS | st.just({}), "Enabled": st.booleans()}
)
MAPPINGS = st.fixed_dictionaries(
    SETTINGS,
    optional={
        "FilterCriteria": FILTERS,
        "Enabled": st.booleans(),
        "DestinationConfig": st.just(QUEUE),
    },
)
TIMES = st.none() | st.sampled_from([-100_000, -86_400, -60, 0, 1, 90, 5000])
PUTS = st.tuples(st.just("put"), st.tuples(st.integers(0, ITEMS), st.none() | TIMES))
SPLITS = st.tuples(st.sampled_from(["split", "roll_over"]), st.integers(0, 9))
CHANGES = st.tuples(st.just("update"), UPDATES)
DELETES = st.tuples(st.just("delete"), st.integers(0, ITEMS))
ADVANCES = st.tuples(st.just("advance"), st.sampled_from([0, 0.1, 1, 2, 5, 40, 100, 4000]))
BURSTS = st.lists(PUTS, min_size=3, max_size=12)
LATER = st.tuples(ADVANCES, st.lists(PUTS | DELETES | SPLITS | CHANGES, min_size=1, max_size=3))
STEPS = st.builds(
    lambda burst, later: burst + [step for wait, steps in later for step in (wait, *steps)],
    BURSTS,
    st.lists(LATER, max_size=5),
)
RUNS = st.builds(
    Run,
    mapping=MAPPINGS,
    shards=st.integers(1, 2),
    steps=STEPS,
    inside=st.dictionaries(st.integers(1, 8), SPLITS | CHANGES | PUTS, max_size=2),
    bad=st.dictionaries(st.integers(1, 15), st.none() | st.integers(1, 4), max_size=5),
    reporting=st.booleans(),
    durations=st.lists(st.sampled_from([0.2, 3, 30, 0]), min_size=1, max_size=3),
    seed=st.integers(0, 5),
    faults=st.none() | st.dictionaries(st.integers(1, 12), st.sampled_from(get_args(Fault)), max_size=5),
)
"""Any run: with all settings, random streams, splits, updates and failures."""

WINDOWED: dict[str, st.SearchStrategy[Any]] = {
    name: SETTINGS[name] for name in SETTINGS if name != "ParallelizationFactor"
} | {"TumblingWindowInSeconds": st.sampled_from([10, 10, 5, 60, 900])}
_SIZES = st.sampled_from([1_048_576, 1_048_577, 2_000_000])
_WINDOWED_CHANGES = st.tuples(
    st.just("update"),
    st.fixed_dictionaries(
        {},
        optional={
            **{name: SETTINGS[name] for name in SETTINGS if name != "FunctionResponseTypes"},
            "FilterCriteria": FILTERS | st.just({}),
            "Enabled": st.booleans(),
            "TumblingWindowInSeconds": st.sampled_from([0, 0, 5, 10, 60]),
        },
    ),
)
_WINDOWED_PUTS = st.tuples(
    st.just("put"),
    st.tuples(
        st.integers(0, ITEMS),
        st.none() | st.sampled_from([-100_000, -86_400, -500, -60, -12, -3, 0, 1, 4, 9, 10, 11, 25, 90, 130, 5000]),
    ),
)
WINDOWED_RUNS = st.builds(
    WindowedRun,
    mapping=st.fixed_dictionaries(
        WINDOWED, optional={"Enabled": st.booleans(), "DestinationConfig": st.sampled_from([QUEUE, BUCKET])}
    ),
    shards=st.integers(1, 2),
    steps=st.builds(
        lambda burst, later: burst + [step for wait, steps in later for step in (wait, *steps)],
        st.lists(_WINDOWED_PUTS, min_size=2, max_size=12),
        st.lists(
            st.tuples(
                ADVANCES, st.lists(_WINDOWED_PUTS | DELETES | SPLITS | _WINDOWED_CHANGES, min_size=1, max_size=3)
            ),
            max_size=5,
        ),
    ),
    inside=st.dictionaries(st.integers(1, 8), SPLITS | _WINDOWED_CHANGES | _WINDOWED_PUTS, max_size=2),
    bad=st.dictionaries(st.integers(1, 15), st.none() | st.integers(1, 4), max_size=4),
    bad_finals=st.integers(0, 6),
    grows=st.dictionaries(st.integers(1, 15), _SIZES, max_size=1),
    reporting=st.booleans(),
    durations=st.lists(st.sampled_from([0.2, 3, 30, 0]), min_size=1, max_size=3),
    seed=st.integers(0, 5),
    faults=st.none() | st.dictionaries(st.integers(1, 12), st.sampled_from(get_args(Fault)), max_size=5),
)
"""Any run of a mapping that begins with a tumbling window."""
