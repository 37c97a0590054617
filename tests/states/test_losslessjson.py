"""Python values as JSON and back: exactly, or not at all."""

import json
import math
import re
import sys
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from streamkit.states.diffs import difference
from streamkit.states.losslessjson import (
    LosslessError,
    Tag,
    compact,
    from_json,
    has_tag,
    is_unicode,
    loaded,
    may_have_tag,
    natural_json,
    to_json,
)
from streamkit.validations import clipped

BERLIN = ZoneInfo("Europe/Berlin")


class Color(Enum):
    RED = "red"


class Name(str, Enum):  # noqa: UP042  # what older code has
    ANN = "ann"


class Number(IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


class Pair(NamedTuple):
    a: int
    b: int


def is_nan(value: Any) -> bool:
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, float) and math.isnan(value)


zones = st.one_of(
    st.none(),
    st.just(UTC),
    st.sampled_from([BERLIN, ZoneInfo("America/New_York")]),
    st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))),
    st.just(timezone(timedelta(hours=1), "CET")),
)
datetimes = st.builds(
    lambda when, zone, fold: when.replace(tzinfo=zone, fold=fold), st.datetimes(), zones, st.integers(0, 1)
)
FLOAT = re.compile(r"\d(\.|e-?\d)")
texts = st.text(st.characters()) | st.sampled_from(["$value", "$decimal", "$", "null", "NaN", "\ud800", "\\u0041"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**62, max_value=2**70),
    st.floats(),
    texts,
    st.binary(),
    st.decimals(),
    st.sampled_from([Decimal("1.50"), Decimal("1E+5"), Decimal("-0"), Decimal("sNaN12"), -0.0]),
    datetimes,
    st.dates(),
    st.builds(lambda at, fold: at.replace(fold=fold), st.times(), st.integers(0, 1)),
    st.timedeltas(),
    st.uuids(),
)
hashables = st.recursive(
    scalars.filter(lambda value: not is_nan(value)),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(texts, inner, max_size=4),
        st.dictionaries(hashables, inner, max_size=3),
        st.sets(hashables, max_size=3),
    ),
    max_leaves=20,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(texts, inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["$decimal", "$set", "$dict", "$bytes", "$datetime", "$time", "$tuple", "$int", "$text"]),
            inner,
            max_size=1,
        ),
    ),
    max_leaves=20,
)


def is_same(one: Any, other: Any) -> bool:
    return difference(one, other) is None


def again(value: Any) -> Any:
    return from_json(json.loads(json.dumps(to_json(value), ensure_ascii=False).encode()))


@given(values)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    assert is_same(again(value), value)


@given(values)
def test_the_text_is_that_of_the_json_types_and_can_be_read_again(value: Any) -> None:
    written = to_json(value)
    text = json.dumps(written, separators=(",", ":"), ensure_ascii=False)
    # A float has several spellings, and which one orjson takes depends on its version.
    assert compact(written).decode() == text or FLOAT.search(text)
    assert is_same(loaded(compact(written)), written)


@given(values)
def test_what_is_json_as_it_stands_is_written_so_by_either_way(value: Any) -> None:
    natural = natural_json(value)
    if natural is None:
        return
    assert natural == compact(to_json(value))
    assert is_same(to_json(value), value)


@given(json_values)
def test_json_of_any_kind_is_read_or_refused(value: Any) -> None:
    try:
        read = from_json(value)
    except LosslessError:
        assert has_tag(value)
    else:
        assert has_tag(value) or is_same(read, value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.50"), {"$decimal": "1.50"}),
        ({3: "three"}, {"$dict": [[3, "three"]]}),
        ({"b", "a"}, {"$set": ["a", "b"]}),
        (frozenset({1}), {"$frozenset": [1]}),
        ((1, "a"), {"$tuple": [1, "a"]}),
        (b"\xff", {"$bytes": "/w=="}),
        (float("-inf"), {"$float": "-inf"}),
        (2**64, {"$int": "18446744073709551616"}),
        (2**64 - 1, 2**64 - 1),
        (-(2**63), -(2**63)),
        ("\ud800", {"$text": "\\ud800"}),
        (date(2026, 1, 2), {"$date": "2026-01-02"}),
        (time(1, 2), {"$time": "01:02:00"}),
        (timedelta(days=-1, seconds=3), {"$timedelta": [-1, 3, 0]}),
        (UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
        (datetime(2026, 1, 2, tzinfo=UTC), {"$datetime": "2026-01-02T00:00:00+00:00"}),
        (datetime(2026, 1, 2, tzinfo=BERLIN), {"$datetime": ["2026-01-02T00:00:00", "Europe/Berlin", 0]}),
        (datetime(2026, 1, 2, fold=1), {"$datetime": ["2026-01-02T00:00:00", None, 1]}),  # noqa: DTZ001  # naive ones too
        ({"count": 3, "of": [1.5, None, True]}, {"count": 3, "of": [1.5, None, True]}),
        ({"$decimal": "1"}, {"$dict": [["$decimal", "1"]]}),
        ({"$new": 1}, {"$dict": [["$new", 1]]}),
        ({"$null": 1}, {"$null": 1}),
        ({"$decimal": "1", "b": 2}, {"$decimal": "1", "b": 2}),
    ],
)
def test_a_value_is_written_as_readably_as_it_can_be(value: Any, written: Any) -> None:
    assert to_json(value) == written
    assert is_same(again(value), value)


def test_an_integer_of_more_digits_than_python_reads_comes_back() -> None:
    assert again(10**5000) == 10**5000
    assert again(-(10**5000)) == -(10**5000)


def test_a_fixed_offset_of_pydantic_comes_back_as_the_same_offset() -> None:
    when = TypeAdapter(datetime).validate_json('"2026-01-02T00:00:00+01:30"')
    assert again(when) == when
    assert again(when).utcoffset() == timedelta(hours=1, minutes=30)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Color.RED,
        Name.ANN,
        Number.ONE,
        Text("a"),
        Pair(1, 2),
        OrderedDict(a=1),
        Path(),
        1j,
        bytearray(b"a"),
        int,
    ],
)
def test_a_value_that_would_come_back_as_another_is_refused_with_its_path(value: Any) -> None:
    assert natural_json({"a": value}) is None
    with pytest.raises(LosslessError, match=r"^a\.1\.b: a value of the class \w+ has no exact form in JSON"):
        to_json({"a": [0, {"b": value}]})


@pytest.mark.parametrize("key", [Name.ANN, Text("a"), Number.ONE, Pair(1, 2)])
def test_a_key_that_would_come_back_as_another_is_refused(key: Any) -> None:
    assert natural_json({key: 1}) is None
    with pytest.raises(LosslessError, match="no exact form"):
        to_json({key: 1})


class Odd(tzinfo):
    def utcoffset(self, _at: datetime | None) -> timedelta:
        return timedelta(hours=1)

    def dst(self, _at: datetime | None) -> None:
        return None

    def tzname(self, _at: datetime | None) -> str:
        return "odd"


def test_a_time_zone_that_cannot_be_found_again_is_refused() -> None:
    with pytest.raises(LosslessError, match=r"^at: .*class Odd"):
        to_json({"at": datetime(2026, 1, 2, tzinfo=Odd())})
    path = next(Path(one) for one in sys.modules["zoneinfo"].TZPATH if Path(one, "UTC").exists())
    with (path / "UTC").open("rb") as file, pytest.raises(LosslessError, match="ZoneInfo without a key"):
        to_json(datetime(2026, 1, 2, tzinfo=ZoneInfo.from_file(file)))


def test_a_value_inside_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    assert natural_json(value) is None
    with pytest.raises(LosslessError, match="inside itself"):
        to_json(value)


def test_json_nested_too_deep_is_refused() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(LosslessError, match="too deep"):
        from_json(value)
    while value != 1:  # or Python would free it by a recursion as deep
        value = value.pop()


def test_what_is_deeper_than_orjson_goes_is_written_all_the_same() -> None:
    value: Any = 1
    for _ in range(300):
        value = {"a": value}
    assert natural_json(value) is None
    assert loaded(compact(to_json(value))) == value
    assert from_json(value) == value


@pytest.mark.parametrize(
    "raw",
    [
        {"$decimal": "x"},
        {"$decimal": 1},
        {"$int": "1.5"},
        {"$int": 3},
        {"$float": None},
        {"$set": 3},
        {"$set": [[]]},
        {"$set": [1, 1]},
        {"$set": [1, True]},
        {"$dict": [["a", 1], ["a", 2]]},
        {"$dict": ["ab"]},
        {"$dict": [[[], 1]]},
        {"$dict": [["a"]]},
        {"$tuple": "ab"},
        {"$bytes": "?"},
        {"$text": "ä"},
        {"$datetime": "yesterday"},
        {"$datetime": ["2026-01-01", "Nowhere/City", 0]},
        {"$datetime": ["2026-01-01", "../etc/passwd", 0]},
        {"$datetime": ["2026-01-01", None, 7]},
        {"$datetime": [1]},
        {"$time": None},
        {"$date": "2026-02-30"},
        {"$timedelta": [10**30, 0, 0]},
        {"$timedelta": "P1D"},
        {"$uuid": "1"},
        {"$later": 1},
    ],
)
def test_a_tag_over_what_it_cannot_hold_is_refused_with_its_path(raw: Any) -> None:
    assert may_have_tag(compact(raw))
    with pytest.raises(LosslessError, match=r"^a\.0: \$\w+ (cannot hold|is not a tag of this version)"):
        from_json({"a": [raw]})


def test_a_long_problem_is_cut() -> None:
    with pytest.raises(LosslessError, match="…") as caught:
        from_json({"$decimal": "x" * 1000})
    assert len(str(caught.value)) < 250


@given(st.permutations(["ab", "b", "ä", Decimal(1), 1.5, (1,), None]))
def test_sets_are_written_in_one_order(members: list[Any]) -> None:
    backwards = members[::-1]
    assert to_json(set(members)) == to_json(set(backwards))


def test_a_caller_may_have_tags_of_its_own() -> None:
    written = to_json({"a": Color.RED}, lambda value: Tag("$color", value.value))
    assert written == {"a": {"$color": "red"}}
    assert from_json(written, {"$color": Color}) == {"a": Color.RED}
    with pytest.raises(LosslessError, match=r"^a: \$color cannot hold 'blue'"):
        from_json({"a": {"$color": "blue"}}, {"$color": Color})


def test_halves_of_surrogate_pairs_are_no_unicode() -> None:
    assert is_unicode("a")
    assert is_unicode("ä€😀")
    assert not is_unicode("\udc00")


@pytest.mark.parametrize("value", [1, "a", None, [], {}, [1.5, None], {"a": {"b": [None]}}, {"a": [1.5, {"b": None}]}])
def test_json_as_it_stands_stays_as_it_is(value: Any) -> None:
    assert natural_json(value) == compact(value)
    assert is_same(from_json(value), value)


@pytest.mark.parametrize(
    "value",
    [float("nan"), [float("inf"), None], {"a": {"b": [float("nan")]}}, (1,), [(1,)], {"a": {"b": (1,)}}, {1: 2}],
)
def test_what_orjson_would_write_as_something_else_is_not_json_as_it_stands(value: Any) -> None:
    assert natural_json(value) is None


def test_what_is_read_can_be_changed_without_a_change_of_what_was_read() -> None:
    raw: Any = {"a": {"x": {"n": 1}}, "b": [[1]], "c": {"y": {"n": [1]}}}
    read = from_json(raw)
    read["a"]["x"]["n"] = read["b"][0][0] = read["c"]["y"]["n"][0] = 2
    assert raw == {"a": {"x": {"n": 1}}, "b": [[1]], "c": {"y": {"n": [1]}}}


def test_a_value_that_cannot_be_shown_is_told_of_by_its_class() -> None:
    assert clipped(10**5000) == "a int"
    assert clipped("a") == "'a'"
