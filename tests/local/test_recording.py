from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.recording import Recording
from streamkit.local.records import RecordError
from tests.local.builders import ARN, START, after, full, lambda_record

if TYPE_CHECKING:
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
