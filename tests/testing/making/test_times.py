from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, FutureDate, FutureDatetime, NaiveDatetime, PastDate, PastDatetime
from pydantic_core import core_schema

from streamkit.testing.values import UnmakeableError
from tests.testing.making.made import FEW, any_of, read, small

YEAR = datetime(2030, 1, 1, tzinfo=UTC)
Elsewhere = Annotated[datetime, Field(gt=YEAR, lt=YEAR + timedelta(microseconds=3))]


class InDelhi:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        return core_schema.datetime_schema(tz_constraint=19_800)


class AwareTime:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        return core_schema.time_schema(tz_constraint="aware")


TYPES: list[tuple[Any, Any]] = [
    (date, lambda value: value.year == 2026),
    (datetime, lambda value: value.tzinfo is not None and value.year == 2026),
    (AwareDatetime, lambda value: value.tzinfo is not None),
    (NaiveDatetime, lambda value: value.tzinfo is None),
    (InDelhi, lambda value: value.utcoffset() == timedelta(hours=5, minutes=30)),
    (PastDate, lambda value: value.year in (2019, 2020)),
    (FutureDate, lambda value: value.year == 2200),
    (PastDatetime, lambda value: value.year == 2019),
    (FutureDatetime, lambda value: value.year == 2200),
    (Annotated[date, Field(ge=date(2030, 1, 1), lt=date(2030, 1, 3))], lambda value: value.year == 2030),
    (Annotated[datetime, Field(ge=YEAR, le=YEAR + timedelta(days=1))], lambda value: value.year == 2030),
    (Annotated[datetime, Field(gt=datetime(2030, 1, 1))], lambda value: value.tzinfo is None),  # noqa: DTZ001  # naive
    (Elsewhere, lambda value: value.microsecond in (1, 2)),
    (time, lambda value: value.hour == 0 and value.second == 0),
    (Annotated[time, Field(gt=time(8), le=time(9))], lambda value: value.hour in (8, 9)),
    (AwareTime, lambda value: value.tzinfo is not None),
    (timedelta, lambda value: timedelta(0) <= value < timedelta(seconds=10)),
    (Annotated[timedelta, Field(ge=timedelta(days=2))], lambda value: value.days == 2),
]


@pytest.mark.parametrize(("annotation", "holds"), TYPES)
def test_a_small_time_is_what_its_type_asks_for(annotation: Any, holds: Any) -> None:
    assert all(holds(value) for value in read(annotation))


@pytest.mark.parametrize("annotation", [annotation for annotation, _ in TYPES])
@settings(max_examples=FEW)
@given(data=st.data())
def test_any_time_is_one_that_the_type_takes(annotation: Any, data: st.DataObject) -> None:
    any_of(annotation, data)


def test_times_are_written_as_pydantic_writes_them() -> None:
    assert small(datetime, count=1) == ["2026-01-01T00:00:07Z"]
    assert small(date, count=1) == ["2026-01-08"]
    assert small(time, count=1) == ["00:07:00"]
    assert small(timedelta, count=1) == ["PT7S"]


def test_a_zone_that_is_not_utc_is_kept() -> None:
    assert timezone(timedelta(hours=5, minutes=30)) == read(InDelhi)[0].tzinfo


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (Annotated[date, Field(gt=date(2030, 1, 1), lt=date(2030, 1, 2))], "no date with gt=2030-01-01, lt=2030-01-02"),
        (Annotated[timedelta, Field(ge=timedelta(1), le=timedelta(0))], "there is no timedelta with ge=1 day"),
    ],
)
def test_a_time_that_cannot_be_is_told_with_its_bounds(annotation: Any, told: str) -> None:
    with pytest.raises(UnmakeableError, match=told):
        small(annotation)
