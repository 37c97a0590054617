"""The range of a failed batch, read from a stream in whatever pages, with whatever goes wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.redrive.document import NotOnFailureRecordError
from streamkit.local.redrive.extent import ExtentGoneError, Fetched
from streamkit.local.redrive.streams import Streams
from streamkit.local.sources.recording import Recording
from streamkit.local.streams.client import UnavailableError
from tests.local.builders import ARN, full, lambda_record, short
from tests.local.redrive.documents import SHARD, batch_of, document
from tests.local.redrive.fakes import FakeAccess, FakeStream, refusal

TEN = {SHARD: [lambda_record(number, item=str(number)) for number in range(1, 11)]}
LIMITED = refusal("LimitExceededException")
EXPIRED = refusal("ExpiredIteratorException")
TRIMMED = refusal("TrimmedDataAccessException")
DAY = ": a stream keeps records for 24 hours, these until 2026-01-02T00:00:00Z to 2026-01-02T00:00:02Z"


def fetched(stream: FakeStream, given: dict[str, Any], slept: list[float] | None = None) -> Fetched:
    streams = Streams(FakeAccess(stream), sleep=(slept if slept is not None else []).append)
    try:
        return streams.fetch(batch_of(given))
    finally:
        streams.close()
        assert stream.closed


def numbers(found: Fetched) -> list[int]:
    return [short(number) for number in found.records.numbers]


@pytest.mark.parametrize(("first", "last"), [(1, 1), (3, 6), (1, 10), (10, 10)])
@pytest.mark.parametrize("page", [1, 3, 1000])
@pytest.mark.parametrize("empty", [0, 2])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_range_is_read_with_both_its_ends_whatever_the_pages(
    first: int, last: int, page: int, empty: int, is_open: bool
) -> None:
    stream = FakeStream(TEN, page=page, empty=empty, is_open=is_open)
    found = fetched(stream, document(first, last))
    assert numbers(found) == list(range(first, last + 1))
    assert found.gone == ""


def test_no_more_is_read_than_the_range() -> None:
    stream = FakeStream(TEN, page=2)
    fetched(stream, document(3, 5))
    assert [name for name, *_ in stream.calls] == ["get_shard_iterator", "get_records", "get_records"]


def test_sequence_numbers_are_compared_as_integers() -> None:
    records = [lambda_record(1) for _ in range(3)]
    for record, number in zip(records, ("9" * 21, "1" + "0" * 21, "1" + "0" * 21 + "1"), strict=True):
        record["dynamodb"]["SequenceNumber"] = number
    given = document()
    given["DDBStreamBatchInfo"] |= {"startSequenceNumber": "9" * 21, "endSequenceNumber": "1" + "0" * 21}
    assert fetched(FakeStream({SHARD: records}), given).records.numbers == ("9" * 21, "1" + "0" * 21)


def test_a_throttled_stream_is_asked_again_after_a_while() -> None:
    slept: list[float] = []
    stream = FakeStream(TEN, page=2, errors=[LIMITED, LIMITED, None, None, LIMITED])
    assert numbers(fetched(stream, document(1, 5), slept)) == [1, 2, 3, 4, 5]
    assert slept == [0.25, 0.5, 0.25]


def test_a_stream_that_stays_throttled_is_given_up() -> None:
    slept: list[float] = []
    with pytest.raises(UnavailableError, match=rf"the stream {ARN} cannot be read: LimitExceededException: because"):
        fetched(FakeStream(TEN, errors=[LIMITED] * 100), document(), slept)
    assert slept == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_who_is_not_let_in_is_not_kept_waiting() -> None:
    slept: list[float] = []
    with pytest.raises(UnavailableError, match="AccessDeniedException"):
        fetched(FakeStream(TEN, errors=[refusal("AccessDeniedException")]), document(), slept)
    assert slept == []


def test_a_stream_that_cannot_be_asked_is_not_asked_again() -> None:
    stream = FakeStream(TEN, errors=[refusal("AccessDeniedException")])
    streams = Streams(FakeAccess(stream))
    for _ in range(3):
        with pytest.raises(UnavailableError, match="AccessDeniedException"):
            streams.fetch(batch_of(document()))
    assert len(stream.calls) == 1
    streams.close()


def test_a_place_that_no_stream_has_is_no_fault_of_the_stream() -> None:
    stream = FakeStream(TEN, errors=[refusal("ValidationException")])
    streams = Streams(FakeAccess(stream))
    with pytest.raises(NotOnFailureRecordError, match="it points to a place that no stream has: ValidationException"):
        streams.fetch(batch_of(document()))
    assert len(streams.fetch(batch_of(document())).records) == 3
    streams.close()


def test_an_iterator_that_expires_is_replaced_and_nothing_is_read_twice() -> None:
    stream = FakeStream(TEN, page=2, errors=[None, EXPIRED, None, None, EXPIRED])
    assert numbers(fetched(stream, document(2, 7))) == [2, 3, 4, 5, 6, 7]
    kinds = [call[1:] for call in stream.calls if call[0] == "get_shard_iterator"]
    assert kinds == [("AT_SEQUENCE_NUMBER", full(2))] * 2 + [("AFTER_SEQUENCE_NUMBER", full(3))]


def test_iterators_that_expire_again_and_again_are_given_up() -> None:
    with pytest.raises(UnavailableError, match="no iterator of the shard is good for long"):
        fetched(FakeStream(TEN, errors=[None, EXPIRED] * 10), document())


def test_a_start_that_is_trimmed_leaves_the_rest_and_says_since_when() -> None:
    found = fetched(FakeStream(TEN, page=2, trimmed=4), document(3, 7))
    assert numbers(found) == [5, 6, 7]
    assert found.gone == f"what lies before {full(5)} is trimmed{DAY}"


def test_records_that_are_trimmed_while_they_are_read_are_missed() -> None:
    stream = FakeStream(TEN, page=2, errors=[None, None, TRIMMED])
    found = fetched(stream, document(1, 6))
    assert numbers(found) == [1, 2, 3, 4, 5, 6]
    assert [call[1] for call in stream.calls if call[0] == "get_shard_iterator"] == [
        "AT_SEQUENCE_NUMBER",
        "TRIM_HORIZON",
    ]


def test_a_range_that_is_trimmed_as_a_whole_is_gone() -> None:
    with pytest.raises(ExtentGoneError) as caught:
        fetched(FakeStream(TEN, trimmed=6), document(2, 5))
    assert str(caught.value) == f"every record from {full(2)} to {full(5)} is trimmed{DAY}"


def test_a_shard_that_answers_trimmed_to_everything_has_nothing_left() -> None:
    with pytest.raises(ExtentGoneError, match=r"every record .* is trimmed"):
        fetched(FakeStream(TEN, errors=[None, TRIMMED] * 10), document(2, 5))


def test_what_arrived_at_one_time_or_at_a_time_that_is_not_known_is_told_so() -> None:
    given = document(2, 2)
    given["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"] = "2026-01-01T00:00:00Z"
    with pytest.raises(ExtentGoneError, match=r"these until 2026-01-02T00:00:00Z$"):
        fetched(FakeStream(TEN, trimmed=6), given)
    del given["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"]
    with pytest.raises(ExtentGoneError, match=r"is trimmed: a stream keeps records for 24 hours$"):
        fetched(FakeStream(TEN, trimmed=6), given)


def test_a_shard_that_is_gone_is_told_from_a_stream_that_is() -> None:
    stream = FakeStream({"another": []})
    with pytest.raises(ExtentGoneError) as caught:
        fetched(stream, document())
    assert str(caught.value) == f"the stream has no shard {SHARD} any more: what was in it is trimmed{DAY}"
    stream.gone = True
    with pytest.raises(ExtentGoneError, match=rf"there is no stream {ARN} there: its table was deleted"):
        fetched(stream, document())


def test_the_shard_of_a_recording_is_said_to_be_none() -> None:
    given = document()
    given["DDBStreamBatchInfo"]["shardId"] = Recording([lambda_record(1)]).shard_ids[0]
    with pytest.raises(
        ExtentGoneError, match="a recording does not know its records' shards, and what it loses can only"
    ):
        fetched(FakeStream(TEN), given)


def test_a_shard_that_is_gone_is_told_even_where_the_stream_does_not_say_any_more() -> None:
    stream = FakeStream({"another": []}, errors=[None, refusal("AccessDeniedException")])
    with pytest.raises(ExtentGoneError, match="the stream has no shard"):
        fetched(stream, document())


def test_a_shard_that_goes_while_it_is_read_leaves_what_was_read() -> None:
    stream = FakeStream(TEN, page=2, errors=[None, None, refusal("ResourceNotFoundException")])
    found = fetched(stream, document(1, 5))
    assert numbers(found) == [1, 2]
    assert found.gone == f"nothing behind {full(2)} was found, and it ends at {full(5)}"


@pytest.mark.parametrize("is_open", [True, False])
def test_an_end_that_is_not_there_ends_the_search(is_open: bool) -> None:
    stream = FakeStream(TEN, is_open=is_open)
    found = fetched(stream, document(9, 12))
    assert numbers(found) == [9, 10]
    assert found.gone == f"nothing behind {full(10)} was found, and it ends at {full(12)}"
    assert len(stream.calls) == (302 if is_open else 2)


def test_a_range_that_never_was_is_told() -> None:
    with pytest.raises(ExtentGoneError, match=f"has no record from {full(20)} to {full(22)} any more, or never had"):
        fetched(FakeStream(TEN, is_open=False), document(20, 22))


ERRORS = st.lists(st.sampled_from([None, LIMITED, EXPIRED, None]), max_size=5)


@given(
    size=st.integers(1, 30),
    page=st.integers(1, 12),
    empty=st.integers(0, 3),
    is_open=st.booleans(),
    trimmed=st.integers(0, 30),
    errors=ERRORS,
    data=st.data(),
)
def test_what_is_left_of_a_range_is_read_once_and_in_order(  # noqa: PLR0917  # Hypothesis gives each by name
    size: int, page: int, empty: int, is_open: bool, trimmed: int, errors: list[Exception | None], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, size))
    last = data.draw(st.integers(first, size))
    shards = {SHARD: [lambda_record(number) for number in range(1, size + 1)]}
    stream = FakeStream(shards, page=page, empty=empty, is_open=is_open, trimmed=min(trimmed, size), errors=errors)
    left = [number for number in range(first, last + 1) if number > trimmed]
    if not left:
        with pytest.raises(ExtentGoneError):
            fetched(stream, document(first, last))
        return
    found = fetched(stream, document(first, last))
    assert numbers(found) == left
    assert bool(found.gone) == (left[0] != first)
