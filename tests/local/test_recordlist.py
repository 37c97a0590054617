from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.recordlist import Records
from streamkit.local.records import StreamRecord
from tests.local.builders import START, after, stream_record

lists = st.lists(
    st.builds(
        StreamRecord,
        st.integers(0, 99).map(str),
        st.none() | st.integers(0, 9).map(after),
        st.binary(max_size=3),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=8,
)


@given(lists)
def test_they_are_the_records_that_they_were_made_of(records: list[StreamRecord]) -> None:
    made = Records.of(records)
    assert list(made) == records
    assert all(type(record) is StreamRecord and len(record) == len(StreamRecord._fields) for record in made)
    assert len(made) == len(records)
    assert bool(made) is bool(records)
    assert [made[index] for index in range(-len(records), len(records))] == records * 2
    assert made.numbers == tuple(record.sequence_number for record in records)
    assert Records.of(made) is made


@given(lists, st.integers(-10, 10), st.integers(-10, 10))
def test_a_part_of_them_is_that_part_of_the_list(records: list[StreamRecord], start: int, stop: int) -> None:
    assert list(Records.of(records)[start:stop]) == records[start:stop]


@given(lists, lists)
def test_two_together_are_the_two_lists_together(first: list[StreamRecord], second: list[StreamRecord]) -> None:
    both = Records.of(first) + second
    assert list(both) == first + second
    assert both == Records.of(first + second)
    assert hash(both) == hash(Records.of(first + second))


@given(lists, st.data())
def test_those_at_some_places_are_those(records: list[StreamRecord], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(range(len(records))))) if records else []
    assert list(Records.of(records).at(places)) == [records[place] for place in places]


@given(lists)
def test_only_those_without_a_time_get_one(records: list[StreamRecord]) -> None:
    dated = Records.of(records).dated(START)
    assert list(dated) == [record._replace(created_at=record.created_at or START) for record in records]


def test_records_with_times_stay_what_they_are() -> None:
    records = Records.of([stream_record(1)])
    assert records.dated(after(5)) is records


def test_they_are_equal_to_their_like_only() -> None:
    records = [stream_record(1)]
    assert Records.of(records) != records
    assert Records.of(records) != Records.of([records[0]._replace(depth=1)])
    assert Records() == Records.of([])


def test_a_place_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        Records()[0]


def test_they_are_shown_by_their_numbers() -> None:
    assert repr(Records.of([StreamRecord("7", None, b""), StreamRecord("8", None, b"")])) == "Records(7, 8)"
