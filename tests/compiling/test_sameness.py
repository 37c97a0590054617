"""The comparison that the other tests rely on: it sees more than ``==``, and nothing that is not there."""

from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import make_dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from pydantic import AnyUrl, BaseModel, PrivateAttr, SecretStr

from tests.compiling.sameness import mutables, same


class Level(IntEnum):
    LOW = 1


class Model(BaseModel, extra="allow"):
    a: Any = 1
    b: Any = 2
    _kept: list[Any] = PrivateAttr(default_factory=list)


class Other(BaseModel, extra="allow"):
    a: Any = 1
    b: Any = 2


Slotted: Any = make_dataclass("Slotted", ["a"], slots=True)
Data: Any = make_dataclass("Data", ["a"])


# What mypy knows no extra attributes of.
_open: Any = Model


def _private(value: Any) -> Model:
    model = Model()
    model._kept.append(value)
    return model


def _with_more(**more: Any) -> Any:
    data = Data(1)
    vars(data).update(more)
    return data


NAN = float("nan")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
APART: dict[str, tuple[Any, Any]] = {
    "a number and its truth": (1, True),
    "a whole number and its float": (1, 1.0),
    "a float and its decimal": (1.0, Decimal(1)),
    "zero and minus zero": (0.0, -0.0),
    "decimals with other zeros": (Decimal("1.5"), Decimal("1.50")),
    "zero and minus zero as decimals": (Decimal(0), Decimal("-0")),
    "a number and its enum": (1, Level.LOW),
    "a list and a tuple": ([1], (1,)),
    "a set and a frozen one": ({1}, frozenset({1})),
    "sets of other types": ({1}, {True}),
    "a list of other types": ([1, "a"], [True, "a"]),
    "a dict and an ordered one": ({"a": 1}, OrderedDict(a=1)),
    "a dict and one with a default": ({"a": 1}, defaultdict(int, a=1)),
    "a dict and a counter": ({"a": 1}, Counter(a=1)),
    "dicts of another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "dicts with other types of keys": ({1: "a"}, {True: "a"}),
    "queues of other lengths": (deque([1]), deque([1], maxlen=1)),
    "an instant in two zones": (NOON, NOON.astimezone(timezone(timedelta(hours=1)))),
    "an instant with and without a zone": (NOON, NOON.replace(tzinfo=None)),
    "an hour that is there twice": (time(2, fold=0), time(2, fold=1)),
    "models of two classes": (Model(), Other()),
    "models of which one was given its default": (Model(), Model(a=1)),
    "models with other extras": (_open(c=1), _open(c=True)),
    "models with and without extras": (Model(), _open(c=1)),
    "models with other private attributes": (_private(1), _private(True)),
    "dataclasses with other values": (Slotted(1), Slotted(True)),
    "dataclasses with more than fields": (Data(1), _with_more(b=1)),
    "two secrets": (SecretStr("a"), SecretStr("b")),
    "two addresses": (AnyUrl("s3://a"), AnyUrl("s3://b")),
    "text and bytes": ("a", b"a"),
    "None and nothing": (None, ""),
}
EQUAL: dict[str, tuple[Any, Any]] = {
    "what is not a number": (NAN, float("nan")),
    "what is not a number, in a list": ([NAN], [float("nan")]),
    "sets, whatever their order": ({"a", "b", "c"}, {"c", "b", "a"}),
    "models": (_open(a=[1], c={"x"}), _open(a=[1], c={"x"})),
    "dataclasses": (Slotted([1]), Slotted([1])),
    "generators of the same values": (iter([1, 2]), iter([1, 2])),
    "instants": (NOON, NOON.replace()),
    "addresses": (AnyUrl("s3://a"), AnyUrl("s3://a")),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_values_that_can_be_told_apart_are_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same([one], [other])
    assert not same({"a": one}, {"a": other})
    assert not same(Model(a=one), Model(a=other))


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_values_that_cannot_be_told_apart_are_the_same(one: Any, other: Any) -> None:
    assert same(one, other)


def test_what_can_be_changed_is_found_wherever_it_is() -> None:
    one, other, third, fourth = [1], {"a": 2}, {3}, [4]
    model = _private(fourth)
    model.a, model.c = (one,), Data(third)  # type: ignore[attr-defined]  # an extra attribute
    assert {id(part) for part in (one, other, third, fourth)} <= mutables([model, Slotted(other)]).keys()


def test_what_cannot_be_changed_is_nobodys_part() -> None:
    assert not mutables((1, "a", b"a", None, Decimal(1), frozenset({"a"}), Level.LOW, NOON))
