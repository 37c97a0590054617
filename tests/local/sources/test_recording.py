from __future__ import annotations

import tracemalloc
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import RecordError, parse_record
from streamkit.local.sources import ingestion, sorting
from streamkit.local.sources.recording import Recording
from streamkit.local.sources.spool import Spool
from tests.local.builders import ARN, START, after, full, lambda_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.local import Source


def numbers(recording: Recording) -> list[str]:
    (shard_id,) = recording.shard_ids
    return [record.sequence_number for record in recording.read(shard_id, 0, 100, after(10**6))]


def test_a_recording_is_a_source_of_one_shard() -> None:
    recording: Source = Recording([lambda_record(1), lambda_record(2, at=5)])
    (shard,) = recording.shard_ids
    assert recording.stream_arn == ARN
    assert recording.latest(shard, START) == 1
    assert recording.next_arrival(shard, 1, START) == after(5)
    assert [record.sequence_number for record in recording.read(shard, 0, 1, after(5))] == [full(1)]


def test_records_are_put_in_the_order_of_their_numbers() -> None:
    recording = Recording([lambda_record(3), lambda_record(1), lambda_record(2), lambda_record(4)])
    assert numbers(recording) == [full(1), full(2), full(3), full(4)]
    assert recording.reordered == 3
    assert len(recording) == 4


def test_numbers_are_compared_as_integers() -> None:
    records = [lambda_record(1), lambda_record(2)]
    records[0]["dynamodb"]["SequenceNumber"] = "9"
    records[1]["dynamodb"]["SequenceNumber"] = "10"
    recording = Recording(reversed(records))
    assert numbers(recording) == ["9", "10"]
    assert Recording(records).reordered == 0


def test_a_number_that_comes_twice_is_refused_with_both_places() -> None:
    with pytest.raises(RecordError) as caught:
        Recording([(lambda_record(1), "a.json, line 1"), (lambda_record(1), "b.json, line 9")])
    text = str(caught.value)
    assert text.startswith("b.json, line 9")
    assert "a.json, line 1" in text
    assert full(1) in text


def test_records_of_two_streams_are_refused_with_where_each_is() -> None:
    other = ARN.replace("orders", "users")
    with pytest.raises(RecordError) as caught:
        Recording([lambda_record(1), lambda_record(2, eventSourceARN=other)])
    text = str(caught.value)
    assert "2 streams" in text
    assert f"record 1 is from {ARN}" in text
    assert f"record 2 from {other}" in text


def test_records_with_and_without_a_stream_are_of_two() -> None:
    with pytest.raises(RecordError, match="record 2 from none"):
        Recording([lambda_record(1), lambda_record(2, eventSourceARN=None)])


@pytest.mark.parametrize("arn", [None, ""])
def test_a_recording_that_names_no_stream_gets_an_arn(arn: Any) -> None:
    assert Recording([lambda_record(1, eventSourceARN=arn)]).stream_arn.startswith("arn:aws:dynamodb:")
    assert Recording([]).stream_arn.startswith("arn:aws:dynamodb:")


def test_a_bad_record_is_named_by_its_place() -> None:
    with pytest.raises(RecordError, match=r"^record 2 is a number"):
        Recording([lambda_record(1), 5])


def test_a_recording_knows_when_it_begins_and_ends() -> None:
    recording = Recording([lambda_record(1, at=None), lambda_record(2, at=60), lambda_record(3, at=30)])
    assert recording.first_created_at == after(60)
    assert recording.last_created_at == after(60)
    assert Recording([lambda_record(1, at=None)]).first_created_at is None
    assert Recording([]).last_created_at is None


def test_a_recording_says_neither_that_its_shard_was_closed_nor_that_it_has_parents() -> None:
    recording: Source = Recording([lambda_record(1), lambda_record(2, at=60)])
    (shard,) = recording.shard_ids
    assert not any(recording.ended(shard, position) for position in (0, 1, 2, 3))
    assert list(recording.parents(shard)) == []


def test_a_recording_finds_the_position_behind_a_number() -> None:
    recording: Source = Recording([lambda_record(number) for number in (2, 4)])
    (shard,) = recording.shard_ids
    assert [recording.after(shard, full(number)) for number in (1, 2, 3, 4, 5)] == [0, 1, 1, 2, 2]


def test_a_number_that_comes_again_pages_later_is_refused_with_both_places() -> None:
    records = [lambda_record(number) for number in range(2_000)]
    with pytest.raises(RecordError, match=f"^record 2001 has the SequenceNumber {full(7)} that record 8 has already"):
        Recording([*records, lambda_record(7)])


def test_records_with_and_without_a_place_may_come_in_turn() -> None:
    with pytest.raises(RecordError, match=r"^record 2 has the SequenceNumber \d+ that a.json has already"):
        Recording([(lambda_record(1), "a.json"), lambda_record(1)])


@pytest.mark.parametrize("arn", [["x"], 5])
def test_a_stream_that_is_no_text_is_named_as_it_is(arn: Any) -> None:
    assert Recording([lambda_record(1, eventSourceARN=arn)] * 1).stream_arn == str(arn)
    with pytest.raises(RecordError, match="record 2 from arn"):
        Recording([lambda_record(1, eventSourceARN=arn), lambda_record(2)])


@given(st.permutations(range(40)), st.integers(0, 41), st.integers(0, 41))
def test_any_order_gives_the_records_of_the_sorted_list(order: list[int], position: int, limit: int) -> None:
    records = [lambda_record(number, at=None, extra="x" * number) for number in range(40)]
    recording = Recording(records[number] for number in order)
    expected = [parse_record(record, "") for record in records][position : position + limit]
    assert list(recording.read("", position, limit, START)) == expected
    assert recording.reordered == sum(index != number for index, number in enumerate(order))


def counting(count: int) -> Iterator[dict[str, Any]]:
    return (lambda_record(number, at=number) for number in range(count))


def backwards(count: int) -> Iterator[dict[str, Any]]:
    return (lambda_record(number, at=number) for number in range(count, 0, -1))


def large(count: int) -> Iterator[dict[str, Any]]:
    return (lambda_record(number, text="x" * 100_000) for number in range(count // 50))


@pytest.mark.parametrize("records", [counting, backwards, large])
def test_the_memory_that_a_recording_takes_does_not_grow_with_it(monkeypatch: pytest.MonkeyPatch, records: Any) -> None:
    monkeypatch.setattr(sorting, "Spool", partial(Spool, 1_000))
    # Small pages, so that there are more of them than are merged at a time.
    for module in (ingestion, sorting):
        monkeypatch.setattr(module, "PAGE_RECORDS", 50)
        monkeypatch.setattr(module, "PAGE_BYTES", 100_000)

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            recording = Recording(records(count))
            position = 0
            while page := recording.read("", position, 10, after(10**6)):
                position += len(page)
            assert position == len(recording) > 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1_000)  # imports, caches
    assert peak(5_000) < 1.5 * peak(1_000)
