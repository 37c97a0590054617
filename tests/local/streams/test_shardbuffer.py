"""What is read ahead of the function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.recordlist import Records
from streamkit.local.streams.shardbuffer import ShardBuffer
from tests.local.builders import short, stream_record


def page(first: int, count: int, size: int = 1) -> Records:
    return Records.of([stream_record(first + n, json=b"x" * size) for n in range(count)])


def test_an_empty_buffer_has_nothing_and_is_not_full() -> None:
    buffer = ShardBuffer()
    buffer.add(Records())
    assert (buffer.end, buffer.full, len(buffer.fetch(0, 10))) == (0, False, 0)


def test_what_was_let_go_is_not_held_any_more() -> None:
    buffer = ShardBuffer()
    buffer.add(page(1, 2))
    buffer.add(page(3, 2))
    assert [short(number) for number in buffer.fetch(2, 10).numbers] == [3, 4]
    with pytest.raises(LookupError, match="position 1 of a live stream was let go; the oldest that is held is 2"):
        buffer.fetch(1, 10)


def test_it_is_full_of_many_records_until_a_page_of_them_was_fetched() -> None:
    buffer = ShardBuffer()
    for number in range(20):
        assert not buffer.full
        buffer.add(page(1000 * number, 1000))
    assert buffer.full
    assert not buffer.let_go(999)
    assert buffer.let_go(1000)
    assert not buffer.full


def test_it_is_full_of_large_records_until_they_were_fetched_even_if_nothing_came_behind_them() -> None:
    """DynamoDB Local gives more than 1 MB at once."""
    buffer = ShardBuffer()
    buffer.add(page(1, 17, 2**20))
    assert buffer.full
    assert not buffer.let_go(16)
    assert buffer.let_go(17)
    assert not buffer.full


@given(sizes=st.lists(st.integers(1, 7), max_size=8), limits=st.lists(st.integers(1, 9), min_size=1))
def test_whatever_the_pages_and_the_limits_everything_is_fetched_once_and_in_order(
    sizes: list[int], limits: list[int]
) -> None:
    buffer, position, fetched = ShardBuffer(), 0, list[int]()
    for size in sizes:
        buffer.add(page(buffer.end, size))
    turn = 0
    while position < buffer.end:
        records = buffer.fetch(position, limits[turn % len(limits)])
        assert 1 <= len(records) <= limits[turn % len(limits)]
        fetched += [short(number) for number in records.numbers]
        position, turn = position + len(records), turn + 1
    assert fetched == list(range(sum(sizes)))
    assert not buffer.let_go(position)
    assert not buffer._pages
    assert buffer._bytes == 0
