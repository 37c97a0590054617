from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.recordlist import Records
from streamkit.local.records import RecordError, StreamRecord
from streamkit.local.sources import sorting
from streamkit.local.sources.origins import Origins
from streamkit.local.sources.pagedlog import PAGE_BYTES, PAGE_RECORDS, PagedLog
from streamkit.local.sources.sorting import in_order
from tests.local.builders import START

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamkit.local.sources.spool import Spool


def pages(
    numbers: Sequence[str], length: int, *, named: bool = False, json: bytes = b"{}"
) -> Iterator[tuple[Records, Origins]]:
    for first in range(0, len(numbers), length):
        page = numbers[first : first + length]
        indexes = range(first, first + len(page))
        places = [f"line {index}" if named else None for index in indexes]
        yield Records.of([StreamRecord(number, START, json, 5) for number in page]), Origins(indexes, places)


def numbers_in(log: PagedLog) -> list[str]:
    return [record.sequence_number for record in log.read(0, len(log), START)]


def duplicate(numbers: Sequence[str], length: int, *, named: bool = False) -> str:
    with pytest.raises(RecordError) as caught:
        in_order(pages(numbers, length, named=named))
    return str(caught.value)


# Some with leading zeros, and of several lengths: text and integers differ in order.
unique = st.lists(st.integers(0, 2_000), unique=True, max_size=60).map(lambda ns: [f"{n:0{1 + n % 5}}" for n in ns])


@given(unique, st.integers(1, 5), st.booleans())
def test_records_come_out_in_the_order_of_the_integers(numbers: list[str], length: int, named: bool) -> None:
    log, reordered = in_order(pages(numbers, length, named=named))
    ordered = sorted(numbers, key=int)
    assert numbers_in(log) == ordered
    assert reordered == sum(before != after for before, after in zip(numbers, ordered, strict=True))


@given(unique.filter(bool), st.data(), st.integers(1, 5), st.booleans())
def test_a_number_that_comes_twice_is_found_wherever_it_stands(
    numbers: list[str], data: st.DataObject, length: int, named: bool
) -> None:
    first, number = data.draw(st.sampled_from(list(enumerate(numbers))))
    second = data.draw(st.integers(first + 1, len(numbers)))
    again = "0" + number
    numbers = [*numbers[:second], again, *numbers[second:]]
    at_first, at_second = (f"line {at}" if named else f"record {at + 1}" for at in (first, second))
    assert duplicate(numbers, length, named=named) == (
        f"{at_second} has the SequenceNumber {again} that {at_first} has already: "
        f"a stream holds each number once; remove one of them"
    )


def test_records_in_order_are_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_merged", None)
    log, reordered = in_order(pages(["9", "10", "11", "100"], 1))
    assert numbers_in(log) == ["9", "10", "11", "100"]
    assert reordered == 0


def test_nothing_is_in_order() -> None:
    log, reordered = in_order([])
    assert (len(log), reordered) == (0, 0)


def test_no_more_than_a_few_runs_are_merged_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    merged, widths = sorting._merged, []

    def counted(runs: Sequence[PagedLog], spool: Spool) -> tuple[PagedLog, int]:
        widths.append(len(runs))
        return merged(runs, spool)

    monkeypatch.setattr(sorting, "_merged", counted)
    numbers = [str(number) for number in range(300, 0, -1)]
    log, reordered = in_order(pages(numbers, 1))
    assert numbers_in(log) == numbers[::-1]
    assert reordered == 300
    assert max(widths) == 16
    assert len(widths) == 19 + 2 + 1


def test_sorted_records_are_in_pages_of_a_bounded_number(page_lengths: list[int]) -> None:
    in_order(pages([str(number) for number in range(2 * PAGE_RECORDS + 2, 0, -1)], PAGE_RECORDS))
    assert page_lengths[-3:] == [PAGE_RECORDS, PAGE_RECORDS, 2]


def test_large_records_are_in_pages_of_a_bounded_size(page_lengths: list[int]) -> None:
    log, _ = in_order(pages(["5", "4", "3", "2", "1"], 1, json=b"x" * (PAGE_BYTES // 2)))
    assert page_lengths[5:] == [2, 2, 1]
    assert numbers_in(log) == ["1", "2", "3", "4", "5"]


@pytest.fixture
def page_lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records each page that is written has."""
    append, lengths = PagedLog.append, list[int]()

    def counted(log: PagedLog, records: Records, origins: Origins) -> None:
        lengths.append(len(records))
        append(log, records, origins)

    monkeypatch.setattr(PagedLog, "append", counted)
    return lengths
