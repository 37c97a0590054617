"""When a shard is polled, and what a poll brings (SEMANTICS §2)."""

from __future__ import annotations

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.journal import RecordsRead
from tests.filterstrategies import criteria_of
from tests.local.builders import START, Failing, after, batches, seconds, succeed, table_of


def polls(runner: LocalRunner) -> list[tuple[float, int]]:
    """Return when each poll was that brought records, and how many."""
    facts = [fact for fact in runner.journal if isinstance(fact, RecordsRead)]
    return [((fact.at - START).total_seconds(), len(fact.sequence_numbers)) for fact in facts]


def big_table(count: int, size: int) -> LocalTable:
    """Return a table of so many items of ``size`` bytes, keys and names included, and counted twice by SizeBytes."""
    table = LocalTable("orders", view_type="NEW_IMAGE")
    for number in range(10, 10 + count):
        # The key is id and two digits: 4 bytes. It counts as key and in the image, whose text has a name of one byte.
        table.put({"id": number, "t": "x" * (size - 9)})
    return table


def test_a_poll_brings_a_thousand_records_at_the_most_and_the_next_comes_a_quarter_of_a_second_later() -> None:
    runner = LocalRunner(succeed, table_of(2500), {"BatchSize": 1000})
    runner.run()
    assert polls(runner) == [(0, 1000), (0.25, 1000), (0.5, 500)]
    assert seconds(runner) == [0, 0.25, 0.5]
    assert runner.metrics["PolledEventCount"] == 2500


@pytest.mark.parametrize(
    ("size", "first"), [(1024 * 512, 2), (1024 * 512 + 1, 1), (1024 * 256, 4), (1024 * 256 + 1, 3)]
)
def test_a_poll_brings_a_megabyte_at_the_most_by_sizebytes(size: int, first: int) -> None:
    table = LocalTable("orders", view_type="KEYS_ONLY")
    (shard,) = table.shard_ids
    for number in range(10):
        table.put({"id": number})
    log = table._shards.all[shard].log
    log._records[:] = [record._replace(size=size) for record in log._records]
    runner = LocalRunner(succeed, table)
    runner.advance(seconds=0)
    assert polls(runner) == [(0, first)]


def test_real_records_count_with_their_sizebytes() -> None:
    table = big_table(9, 262_144)
    assert {record["dynamodb"]["SizeBytes"] for record in table.records} == {262_144}
    runner = LocalRunner(succeed, table)
    runner.run()
    assert polls(runner) == [(0, 4), (0.25, 4), (0.5, 1)]


def test_a_poll_brings_a_record_however_large_it_is() -> None:
    table = table_of(3)
    log = table._shards.all[table.shard_ids[0]].log
    log._records[:] = [record._replace(size=2 * 1_048_576) for record in log._records]
    runner = LocalRunner(succeed, table)
    runner.run()
    assert polls(runner) == [(0, 1), (0.25, 1), (0.5, 1)]


def test_every_shard_is_polled_at_its_own_times() -> None:
    table = LocalTable("orders", shards=2, shard_of=lambda key: int(key["id"]) % 2)
    for number in range(2400):
        table.put({"id": number})
    runner = LocalRunner(succeed, table, {"BatchSize": 10_000})
    runner.run()
    assert polls(runner) == [(0, 1000), (0, 1000), (0.25, 200), (0.25, 200)]


def test_records_that_come_soon_after_a_poll_wait_for_the_next() -> None:
    table = table_of(1)
    runner = LocalRunner(succeed, table)
    runner.advance(seconds=0.1)
    table.put({"id": 2})
    runner.advance(seconds=0.1)
    table.put({"id": 3})
    runner.run()
    assert polls(runner) == [(0, 1), (0.25, 2)]
    assert batches(runner) == [[1], [2, 3]]


def test_records_that_come_long_after_a_poll_are_read_at_once() -> None:
    table = table_of(1)
    table.put({"id": 2}, at=after(7))
    runner = LocalRunner(succeed, table)
    runner.run()
    assert polls(runner) == [(0, 1), (7, 1)]


def test_nothing_is_polled_while_the_lane_is_busy_or_waits_for_a_retry() -> None:
    table = table_of(1)
    runner = LocalRunner(Failing({1: 8}), table, duration=2)
    runner.advance(seconds=1)
    table.put({"id": 2})
    runner.advance(seconds=30)
    assert polls(runner) == [(0, 1)]
    runner.run()
    assert batches(runner)[-1] == [2]
    assert polls(runner)[1:] == [(seconds(runner)[-1], 1)]


def test_nothing_is_polled_while_a_batch_is_waiting() -> None:
    table = table_of(30)
    runner = LocalRunner(succeed, table, {"BatchSize": 10}, duration=1)
    runner.advance(seconds=0.5)
    table.put({"id": 31})
    runner.run()
    assert polls(runner) == [(0, 30), (3, 1)]


def test_a_poll_tops_up_what_is_waiting_to_a_whole_batch() -> None:
    table = table_of(15)
    runner = LocalRunner(succeed, table, {"BatchSize": 10}, duration=1)
    runner.advance(seconds=0.5)
    for number in range(16, 26):
        table.put({"id": number})
    runner.run()
    assert [len(batch) for batch in batches(runner)] == [10, 10, 5]
    assert polls(runner) == [(0, 15), (1, 10)]


def test_what_is_waiting_goes_without_a_poll_that_is_not_due_yet() -> None:
    runner = LocalRunner(succeed, table_of(1500), {"BatchSize": 600})
    runner.run()
    # At 0 a second poll is not due: 400 go alone.
    assert [len(batch) for batch in batches(runner)] == [600, 400, 500]
    assert seconds(runner) == [0, 0, 0.25]


def test_a_batch_of_more_than_a_page_needs_a_window_and_several_polls() -> None:
    settings = {"BatchSize": 2500, "MaximumBatchingWindowInSeconds": 10}
    runner = LocalRunner(succeed, table_of(3000), settings)
    runner.run()
    assert [len(batch) for batch in batches(runner)] == [2500, 500]
    assert polls(runner) == [(0, 1000), (0.25, 1000), (0.5, 1000)]
    assert seconds(runner) == [0.5, 10.5]


def test_without_a_window_a_page_goes_as_it_comes() -> None:
    runner = LocalRunner(succeed, table_of(2500), {"BatchSize": 2500})
    runner.run()
    assert [len(batch) for batch in batches(runner)] == [1000, 1000, 500]


def test_records_come_in_during_a_window_a_poll_at_a_time() -> None:
    table = LocalTable("orders")
    for number in range(20):
        table.put({"id": number}, at=after(number))
    runner = LocalRunner(succeed, table, {"MaximumBatchingWindowInSeconds": 8})
    runner.run()
    assert polls(runner) == [(number, 1) for number in range(20)]
    assert seconds(runner) == [8, 16, 24]
    assert [len(batch) for batch in batches(runner)] == [9, 8, 3]


def test_a_record_that_comes_as_the_window_ends_goes_with_it() -> None:
    table = table_of(1)
    table.put({"id": 2}, at=after(5))
    runner = LocalRunner(succeed, table, {"MaximumBatchingWindowInSeconds": 5})
    runner.run()
    assert batches(runner) == [[1, 2]]
    assert seconds(runner) == [5]


def test_a_window_without_records_invokes_nothing_and_the_next_one_begins() -> None:
    table = LocalTable("orders")
    table.put({"id": 1}, at=after(23))
    runner = LocalRunner(succeed, table, {"MaximumBatchingWindowInSeconds": 10})
    runner.run()
    assert seconds(runner) == [30]


def test_what_a_filter_leaves_out_is_polled_and_starts_no_window() -> None:
    table = table_of(3)
    table.put({"id": 1, "v": 2}, at=after(4))
    settings = {"FilterCriteria": criteria_of({"eventName": ["MODIFY"]}), "MaximumBatchingWindowInSeconds": 3}
    runner = LocalRunner(succeed, table, settings)
    runner.run()
    assert batches(runner) == [[4]]
    assert seconds(runner) == [6]
    assert (runner.metrics["PolledEventCount"], runner.metrics["FilteredOutEventCount"]) == (4, 3)


def test_pages_of_which_a_filter_leaves_nothing_are_polled_through() -> None:
    table = table_of(3000)
    table.update(1, {"v": 2})
    runner = LocalRunner(succeed, table, {"FilterCriteria": criteria_of({"eventName": ["MODIFY"]})})
    runner.run()
    assert polls(runner) == [(0, 1000), (0.25, 1000), (0.5, 1000), (0.75, 1)]
    assert batches(runner) == [[3001]]


def test_a_batch_after_filters_is_gathered_from_several_pages() -> None:
    table = LocalTable("orders")
    for number in range(4000):
        table.put({"id": number // 2, "v": number})
    settings = {"FilterCriteria": criteria_of({"eventName": ["MODIFY"]}), "MaximumBatchingWindowInSeconds": 60}
    runner = LocalRunner(succeed, table, settings | {"BatchSize": 1500})
    runner.run()
    assert [len(batch) for batch in batches(runner)] == [1500, 500]
    assert seconds(runner)[0] == 0.5


def test_an_empty_stream_is_not_polled_on_record() -> None:
    runner = LocalRunner(succeed, LocalTable("orders"))
    runner.advance(hours=1)
    assert polls(runner) == []
    assert len(runner.journal) == 0
