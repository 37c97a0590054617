"""Runs the tables of runs: each row is a rule of SEMANTICS that the local runner must keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.batching import MAX_PAYLOAD_BYTES, event_json
from streamkit.local.records import parse_record
from tests.conformance.running import Run
from tests.conformance.runs import RUNS
from tests.conformance.views import CHECKS, VIEWS, check
from tests.local.builders import batches

if TYPE_CHECKING:
    from tests.conformance.rules import RunRule


@pytest.mark.parametrize("rule", RUNS, ids=str)
def test_what_a_run_is_like(rule: RunRule) -> None:
    assert rule.sees
    run = Run(rule)
    for name, expected in rule.sees.items():
        check(run, name, expected)


def test_every_view_is_looked_at() -> None:
    assert {name for rule in RUNS for name in rule.sees} == {*VIEWS, *CHECKS}


def test_an_event_is_cut_at_6_mb() -> None:
    """§2 D: invoke when the payload reaches 6 MB (6,291,456 bytes of JSON)."""
    table = LocalTable("orders", view_type="NEW_IMAGE")
    for number in range(40):
        table.put({"id": number, "data": "x" * 390_000})
    mapping = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 10}
    runner = LocalRunner(lambda event, context: None, table, mapping)
    runner.run()
    sizes = [len(batch) for batch in batches(runner)]
    assert sum(sizes) == 40
    events = [fact["Records"] for fact in (invocation.event for invocation in runner.invocations)]
    for index, records in enumerate(events):
        parsed = [parse_record(record, "record") for record in records]
        assert len(event_json(parsed)) <= MAX_PAYLOAD_BYTES
        if index + 1 < len(events):
            following = parse_record(events[index + 1][0], "record")
            assert len(event_json([*parsed, following])) > MAX_PAYLOAD_BYTES
