"""A long list of records stays where it is, and nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local import LocalRunner
from streamkit.local.records import RecordError
from streamkit.local.sources.heldlog import HELD_FROM, HeldLog, held
from streamkit.local.sources.ingestion import Streams, read_pages
from streamkit.local.sources.recording import Recording
from streamkit.local.sources.sorting import in_order
from tests.local.builders import ARN, START, after, batches, full, lambda_record, succeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.sources.pagedlog import PagedLog

MANY = HELD_FROM + 1


def sized(number: int, *, at: float = 0.0, size: Any = 100, **changes: Any) -> dict[str, Any]:
    record = lambda_record(number, at=at, **changes)
    record["dynamodb"]["SizeBytes"] = size
    return record


def log_of(records: list[dict[str, Any]]) -> HeldLog:
    kept = held(records)
    assert kept is not None
    return kept[0]


def paged(records: list[dict[str, Any]]) -> PagedLog:
    return in_order(read_pages(records, Streams()))[0]


moments = st.lists(st.integers(0, 20) | st.floats(0, 20), min_size=1, max_size=12)
questions = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13), st.integers(-1, 21)), min_size=1, max_size=6)


@given(moments, questions)
def test_a_held_log_answers_as_a_paged_one_does(moments: list[float], questions: list[tuple[int, int, int]]) -> None:
    records = [sized(2 * number, at=at, size=number) for number, at in enumerate(moments, 1)]
    log, reference = log_of(records), paged(records)
    assert len(log) == len(reference)
    assert (log.first_created_at, log.last_created_at) == (reference.first_created_at, reference.last_created_at)
    for position, limit, seconds in questions:
        now = after(seconds)
        assert log.read(position, limit, now) == reference.read(position, limit, now)
        assert log.next_arrival(position, now) == reference.next_arrival(position, now)
        assert log.latest(now) == reference.latest(now)
        assert log.after(full(position)) == reference.after(full(position))


def test_a_held_log_knows_its_stream() -> None:
    kept = held([sized(1), sized(2)])
    assert kept is not None
    assert kept[1] == ARN


def cut(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        for name in path[:-1]:
            record = record[name]
        del record[path[-1]]

    return change


def put(value: Any, *path: str) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        for name in path[:-1]:
            record = record[name]
        record[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "doubt",
    [
        cut("dynamodb"),
        cut("eventSourceARN"),
        cut("dynamodb", "SequenceNumber"),
        cut("dynamodb", "SizeBytes"),
        cut("dynamodb", "ApproximateCreationDateTime"),
        put("aws:sqs", "eventSource"),
        put(ARN.replace("orders", "others"), "eventSourceARN"),
        put({}, "dynamodb", "Keys"),
        put([1], "dynamodb", "Keys"),
        put(7, "dynamodb", "SequenceNumber"),
        put("", "dynamodb", "SequenceNumber"),
        put("seven", "dynamodb", "SequenceNumber"),
        put("\u0667", "dynamodb", "SequenceNumber"),
        put("0" + full(9), "dynamodb", "SequenceNumber"),
        put(full(1), "dynamodb", "SequenceNumber"),
        put("7", "dynamodb", "SequenceNumber"),
        put("100", "dynamodb", "SizeBytes"),
        put(-1, "dynamodb", "SizeBytes"),
        put(True, "dynamodb", "SizeBytes"),
        put(True, "dynamodb", "ApproximateCreationDateTime"),
        put(10**15, "dynamodb", "ApproximateCreationDateTime"),
        put(float("nan"), "dynamodb", "ApproximateCreationDateTime"),
        put({1}, "dynamodb", "NewImage"),
    ],
)
def test_on_any_doubt_the_records_are_not_held(doubt: Callable[[dict[str, Any]], None]) -> None:
    records = [sized(1), sized(2), sized(3)]
    assert held(records) is not None
    doubt(records[1])
    assert held(records) is None


@pytest.mark.parametrize("first", [5, {}, {"eventSourceARN": 5}, (sized(1), "a.json, line 1")])
def test_a_list_whose_first_record_names_no_stream_is_not_held(first: Any) -> None:
    assert held([first, sized(2)]) is None


def test_a_long_list_is_a_recording_like_any_other() -> None:
    records = [sized(number) for number in range(1, MANY + 1)]
    long, copied = Recording(records), Recording(iter(records))
    (shard,) = long.shard_ids
    assert long.stream_arn == copied.stream_arn == ARN
    assert long.names_its_stream
    assert long.reordered == 0
    assert long.read(shard, 0, 2 * MANY, START) == copied.read(shard, 0, 2 * MANY, START)


def test_a_long_list_in_disorder_is_put_in_order() -> None:
    records = [sized(number) for number in range(1, MANY + 1)]
    recording = Recording([*records[1:], records[0]])
    (shard,) = recording.shard_ids
    assert recording.read(shard, 0, 1, START)[0].sequence_number == full(1)
    assert recording.reordered == MANY


def test_a_bad_record_far_behind_is_named_before_anything_runs() -> None:
    records: list[Any] = [sized(number) for number in range(1, MANY + 1)]
    records[-1] = 5
    with pytest.raises(RecordError, match=rf"^record {MANY} is a number"):
        Recording(records)


def test_a_value_far_behind_that_is_no_json_is_named_when_it_is_read() -> None:
    records = [sized(number) for number in range(1, MANY + 1)]
    records[-1]["dynamodb"]["NewImage"] = {"photo": {"B": b"raw"}}
    runner = LocalRunner(succeed, records)
    with pytest.raises(RecordError, match=rf"^record {MANY} is not in Lambda's form.*base64"):
        runner.run()


def emptied(records: list[dict[str, Any]]) -> None:
    records.clear()


def shortened(records: list[dict[str, Any]]) -> None:
    del records[-1]


def sorted_anew(records: list[dict[str, Any]]) -> None:
    records.reverse()


def begun_otherwise(records: list[dict[str, Any]]) -> None:
    records.insert(0, sized(0))


def one_renamed(records: list[dict[str, Any]]) -> None:
    records[0]["dynamodb"]["SequenceNumber"] = full(0)


@pytest.mark.parametrize("change", [emptied, shortened, sorted_anew, begun_otherwise, one_renamed])
def test_a_list_that_is_changed_while_the_runner_runs_is_an_error_and_no_lost_record(
    change: Callable[[list[dict[str, Any]]], None],
) -> None:
    records = [sized(number) for number in range(1, MANY + 1)]
    runner = LocalRunner(succeed, records)
    change(records)
    with pytest.raises(RecordError, match=r"^records 1?0*1 to \d+ are not those.*list\(records\)"):
        runner.run()


def test_a_list_may_grow_while_the_runner_runs() -> None:
    records = [sized(number) for number in range(1, MANY + 1)]
    runner = LocalRunner(succeed, records)
    records.append(sized(MANY + 1))
    runner.run()
    assert sum(map(len, batches(runner))) == MANY
