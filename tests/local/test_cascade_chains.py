"""Chains of invocations over several tables, shards and lanes: each counts as one (see `test_cascade`)."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit import Change, Insert, stream_handler
from streamkit.local import CascadeError, LocalRunner, LocalTable, advance_together, run_together
from tests.local.builders import table_of


def ping_pong(limit: int) -> tuple[LocalRunner, LocalRunner]:
    ping, pong = LocalTable("ping"), LocalTable("pong")

    def ping_handler(event: Any, context: Any) -> None:
        pong.put({"id": len(pong.records)})

    def pong_handler(event: Any, context: Any) -> None:
        ping.put({"id": len(ping.records)})

    ping.put({"id": 0})
    return (
        LocalRunner(ping_handler, ping, cascade_limit=limit),
        LocalRunner(pong_handler, pong, clock=ping.clock, cascade_limit=limit),
    )


def test_two_tables_that_write_to_each_other_are_stopped_after_as_many_invocations_of_both() -> None:
    ping, pong = ping_pong(7)
    with pytest.raises(CascadeError, match="pong_handler writes to table 'pong'"):
        run_together(ping, pong)
    assert (len(ping.invocations), len(pong.invocations)) == (4, 3)


def test_two_tables_that_write_to_each_other_are_stopped_while_time_is_stepped_through() -> None:
    ping, pong = ping_pong(40)
    with pytest.raises(CascadeError):
        advance_together(ping, pong, minutes=5)
    assert len(ping.invocations) + len(pong.invocations) == 40


def test_a_chain_over_several_shards_is_one_chain() -> None:
    table = table_of(1, shards=3, shard_of=lambda key: int(key["id"]) % 3)

    @stream_handler
    def handler(change: Insert) -> None:
        table.put({"id": change.new["id"] + 1})

    runner = LocalRunner(handler, table, cascade_limit=9)
    with pytest.raises(CascadeError):
        runner.run()
    assert len(runner.invocations) == 9
    assert len({invocation.shard_id for invocation in runner.invocations}) == 3


def test_lanes_count_each_chain_by_itself() -> None:
    table = table_of(8)

    @stream_handler(batch_size=1, parallelization_factor=4)
    def handler(change: Change) -> None:
        table.update(change.keys["id"], {"seen": True})

    runner = LocalRunner(handler, table, cascade_limit=2)
    runner.run()
    assert len(runner.invocations) == 16
