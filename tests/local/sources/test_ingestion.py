from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import RecordError, StreamRecord, parse_record
from streamkit.local.sources import ingestion
from streamkit.local.sources.ingestion import Streams, read_pages
from streamkit.local.sources.pagedlog import PAGE_BYTES, PAGE_RECORDS
from streamkit.local.sources.recording import Recording
from tests.local.builders import full, lambda_record

if TYPE_CHECKING:
    from collections.abc import Iterator


class Text(str):
    __slots__ = ()


class Number(IntEnum):
    SEVEN = 7


# What a field may hold by mistake, by malice, or as Python's own variant of what it should.
HOSTILE = st.sampled_from(
    [
        *(None, True, False, 0, -0.0, 1.5, -1, 7, 2**70, 10**400, 1767225600000, float("nan"), float("inf")),
        *("", "7", "07", "1" * 5_000, "١٢", "-1", " 1", "1\n", "²", "\ud800", b"7", Text("8"), Number.SEVEN),
        *([], {}, {"a": 1}, [1], {"id": {"S": "a"}}, OrderedDict(id={"S": "a"}), {1: 2}, {"B": b"raw"}, {1, 2}),
        *(datetime(2026, 1, 1, tzinfo=UTC), object(), "aws:dynamodb", "aws:sqs"),
    ]
)
TOP = ("dynamodb", "eventSource", "eventSourceARN", "extra")
DATA = ("SequenceNumber", "ApproximateCreationDateTime", "Keys", "SizeBytes", "NewImage")

valid = st.builds(
    lambda number, at, size, image: lambda_record(number, at=at) | {"dynamodb": data_of(number, at, size, image)},
    st.integers(0, 10**30),
    st.none() | st.integers(0, 3) | st.floats(0, 10**6),
    st.none() | st.integers(0, 400_000),
    st.none() | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


def data_of(number: int, at: float | None, size: int | None, image: Any) -> dict[str, Any]:
    data: dict[str, Any] = lambda_record(number, at=at)["dynamodb"]
    optional = {"SizeBytes": size, "NewImage": image}
    return data | {name: value for name, value in optional.items() if value is not None}


@st.composite
def near_valid(draw: st.DrawFn) -> Any:
    record = draw(valid)
    for _ in range(draw(st.integers(1, 2))):
        place, name = draw(st.sampled_from([*((record, name) for name in TOP), *((None, name) for name in DATA)]))
        target = record.get("dynamodb") if place is None else place
        if isinstance(target, dict):
            if draw(st.booleans()):
                target[name] = draw(HOSTILE)
            else:
                target.pop(name, None)
    return OrderedDict(record) if draw(st.integers(0, 9)) == 0 else record


def read(raws: list[Any]) -> list[StreamRecord]:
    return [record for page, _ in read_pages(raws, Streams()) for record in page]


def one_by_one(raws: list[Any]) -> list[StreamRecord]:
    return [parse_record(raw, f"record {number}") for number, raw in enumerate(raws, 1)]


def result(reader: Any, raws: list[Any]) -> Any:
    """Return what is read, or the error's text."""
    try:
        return reader(raws)
    except RecordError as error:
        return str(error)


@given(st.lists(valid, max_size=8))
def test_valid_records_are_those_of_parse_record(raws: list[Any]) -> None:
    assert read(raws) == one_by_one(raws)


@given(st.lists(valid | near_valid(), max_size=4))
def test_all_records_give_what_parse_record_gives_errors_included(raws: list[Any]) -> None:
    assert result(read, raws) == result(one_by_one, raws)


@given(st.lists(valid, max_size=2), st.lists(valid, max_size=2), HOSTILE)
def test_what_is_no_record_is_refused_as_parse_record_does(before: list[Any], after: list[Any], raw: Any) -> None:
    raws = [*before, raw, *after]
    assert result(read, raws) == result(one_by_one, raws)


def test_a_plain_record_needs_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "parse_record", None)
    plain = lambda_record(1)
    plain["dynamodb"]["SizeBytes"] = 26
    timeless = lambda_record(2, at=None)
    timeless["dynamodb"]["SizeBytes"] = 26
    assert [record.sequence_number for record in read([plain, timeless])] == [full(1), full(2)]


def test_records_are_read_one_by_one_and_let_go() -> None:
    alive = 0

    class Counted(dict[str, Any]):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def counted() -> Iterator[Any]:
        nonlocal alive
        for number in range(600):
            assert alive <= 1
            alive += 1
            yield Counted(lambda_record(number))

    assert len(Recording(counted())) == 600


def sized(count: int, size: int) -> list[int]:
    raws = (lambda_record(number, text="x" * size) for number in range(count))
    return [len(page) for page, _ in read_pages(raws, Streams())]


def test_pages_are_bounded_by_number_and_by_size() -> None:
    assert sized(2 * PAGE_RECORDS + 1, 1) == [PAGE_RECORDS, PAGE_RECORDS, 1]
    assert sized(3, PAGE_BYTES) == [1, 1, 1]
    assert sized(7, PAGE_BYTES // 3) == [3, 3, 1]
    assert sized(0, 0) == []


def test_where_records_stood_is_kept() -> None:
    raws = [lambda_record(1), (lambda_record(2), "line 7"), lambda_record(3)]
    ((_, origins),) = read_pages(raws, Streams())
    assert list(origins.indexes) == [0, 1, 2]
    assert list(origins.places) == [None, "line 7", None]
    with pytest.raises(RecordError, match=r"^line 9 is a number"):
        list(read_pages([*raws, (4, "line 9")], Streams()))
    with pytest.raises(RecordError, match=r"^record 252 is a number"):
        list(read_pages([*(lambda_record(number) for number in range(251)), 4], Streams()))
