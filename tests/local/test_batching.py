from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.batching import MAX_PAYLOAD_BYTES, event_json, first_batch
from tests.local.builders import stream_record


def test_a_batch_takes_what_is_there() -> None:
    assert first_batch([stream_record(1), stream_record(2)], 3) == (2, False, "no more records were there")


def test_a_batch_takes_batch_size_records_and_no_more() -> None:
    records = [stream_record(number) for number in range(5)]
    assert first_batch(records, 3) == (3, True, "BatchSize reached")
    assert first_batch(records, 5) == (5, True, "BatchSize reached")


def test_an_event_of_exactly_6_mb_is_sent_and_one_byte_more_is_not() -> None:
    around = len(event_json([stream_record(1, json=b""), stream_record(2, json=b"")]))
    half = (MAX_PAYLOAD_BYTES - around) // 2
    first = stream_record(1, json=b"x" * (MAX_PAYLOAD_BYTES - around - half))
    second, larger = (stream_record(2, json=b"x" * size) for size in (half, half + 1))
    assert len(event_json([first, second])) == MAX_PAYLOAD_BYTES == 6 * 1024 * 1024
    assert first_batch([first, second], 10) == (2, False, "no more records were there")
    batch = first_batch([first, larger], 10)
    assert (batch.size, batch.full) == (1, True)
    assert "6 MB" in batch.limit


def test_a_single_record_is_always_taken() -> None:
    assert first_batch([stream_record(1, json=b"x" * (MAX_PAYLOAD_BYTES + 1)), stream_record(2)], 10)[0] == 1


def test_an_event_is_its_records() -> None:
    assert orjson.loads(event_json([stream_record(1), stream_record(2)])) == {"Records": [{"n": 1}, {"n": 2}]}
    assert orjson.loads(event_json([])) == {"Records": []}


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=6), st.integers(1, 7))
def test_a_batch_is_as_large_as_it_may_be_and_no_larger(sizes: list[int], batch_size: int) -> None:
    records = [stream_record(number, json=b"x" * size) for number, size in enumerate(sizes)]
    count, full, _ = first_batch(records, batch_size)
    assert 1 <= count <= min(batch_size, len(records))
    assert count == 1 or len(event_json(records[:count])) <= MAX_PAYLOAD_BYTES
    assert full is (count == batch_size or count < len(records))
    assert count == min(batch_size, len(records)) or len(event_json(records[: count + 1])) > MAX_PAYLOAD_BYTES
