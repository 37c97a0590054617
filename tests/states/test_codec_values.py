"""Every value of every type of state survives its way to Lambda and back."""

import contextlib
import json
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.errors import WindowStateError
from streamkit.states.codec import StateCodec
from streamkit.states.diffs import difference
from streamkit.states.losslessjson import is_unicode
from tests.states.runtimejson import runtime_copies
from tests.states.statetypes import (
    A,
    Aliased,
    B,
    Basket,
    Box,
    Cat,
    Color,
    Computed,
    Dog,
    Everything,
    Frozen,
    Ids,
    Level,
    Line,
    Loose,
    Odd,
    Open,
    Outer,
    Page,
    Pets,
    Point,
    Rare,
    Revenue,
    Serialized,
    Simple,
    Slotted,
    Strict,
    Tree,
    Unions,
)

texts = st.text(st.characters(), max_size=5) | st.sampled_from(
    ["", "$5", "$value", "$decimal", "null", "NaN", "\ud800"]
)
ints = st.integers() | st.integers(2**62, 2**66)
floats = st.floats()
decimals = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from([Decimal("1.50"), Decimal("1E+9")])
zones = st.sampled_from(
    [None, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=1), "CET"), ZoneInfo("Europe/Berlin")]
) | st.builds(lambda seconds: timezone(timedelta(seconds=seconds)), st.integers(-82_800, 82_800))
datetimes = st.builds(
    lambda at, zone, fold: at.replace(tzinfo=zone, fold=fold), st.datetimes(), zones, st.integers(0, 1)
)
revenues = st.builds(Revenue, orders=ints, total=decimals)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def dicts(keys: st.SearchStrategy[Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Any, Any]]:
    return st.dictionaries(keys, values, max_size=3)


anything = st.recursive(
    st.none() | st.booleans() | ints | floats | texts | decimals | datetimes | st.dates() | st.uuids() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | dicts(texts, inner) | dicts(ints, inner) | st.tuples(inner, inner),
    max_leaves=8,
)
everythings = st.builds(
    Everything,
    text=texts,
    count=ints,
    weight=floats,
    on=st.booleans(),
    at=some(datetimes),
    day=some(st.dates()),
    hour=some(st.times()),
    span=st.timedeltas(),
    id=some(st.uuids()),
    names=st.sets(texts, max_size=4),
    marks=st.frozensets(decimals, max_size=3),
    pair=st.tuples(ints, texts),
    many=st.lists(decimals, max_size=3).map(tuple),
    by_number=dicts(ints, revenues),
    by_name=dicts(texts, revenues),
    listed=st.lists(revenues, max_size=3),
    color=st.sampled_from(Color),
    level=some(st.sampled_from(Level)),
    data=st.binary(),
)
simples = st.builds(
    Simple,
    text=texts,
    count=ints,
    weight=some(floats),
    on=st.booleans(),
    total=some(decimals),
    at=some(datetimes),
    id=some(st.uuids()),
    names=st.sets(texts, max_size=4),
    nested=dicts(texts, revenues),
    numbers=dicts(ints, st.lists(ints, max_size=3)),
    color=some(st.sampled_from(Color)),
    kind=st.sampled_from(["a", "b"]),
)
lines = st.builds(Line, sku=texts, price=decimals)
trees: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Tree, value=ints), lambda inner: st.builds(Tree, value=ints, children=st.lists(inner, max_size=3))
)
either = st.builds(A, value=ints) | st.builds(B, value=ints)
rares = st.builds(
    Rare,
    queue=st.lists(ints, max_size=3),
    counts=dicts(texts, ints),
    by_day=dicts(st.dates(), ints),
    by_color=dicts(st.sampled_from(Color), ints),
    by_pair=dicts(st.tuples(ints, texts), ints),
    odd=st.sampled_from(Odd),
    point=st.builds(Point, x=ints, y=decimals),
)

CASES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "a model of all kinds of fields": (Everything, everythings),
    "a model of simple fields": (Simple, simples),
    "a dataclass": (Basket, st.builds(Basket, st.lists(lines, max_size=3), st.sets(texts, max_size=3), some(texts))),
    "a frozen dataclass with slots": (Slotted, st.builds(Slotted, some(datetimes), st.timedeltas())),
    "a TypedDict": (
        Page,
        st.fixed_dictionaries({}, optional={"number": ints, "total": decimals, "inner": dicts(texts, revenues)}),
    ),
    "a model with a union told apart by a field": (
        Pets,
        st.builds(Pets, pets=st.lists(st.builds(Cat, lives=ints) | st.builds(Dog, name=texts), max_size=3)),
    ),
    "a model with a union that nothing tells apart": (
        Unions,
        st.builds(
            Unions,
            same=either,
            listed=st.lists(either, max_size=3),
            number=ints | floats | decimals | texts,
            when=some(st.dates() | datetimes | texts),
        ),
    ),
    "a model with members of any type": (
        Loose,
        st.builds(Loose, anything=anything, by_name=dicts(texts, anything), thing=anything),
    ),
    "a model with aliases": (
        Aliased,
        st.builds(lambda number, sku: Aliased.model_validate({"orderId": number, "SKU": sku}), ints, texts),
    ),
    "a strict model": (
        Strict,
        st.builds(
            Strict,
            total=decimals,
            at=some(datetimes),
            names=st.sets(texts, max_size=3),
            inner=some(revenues),
            by_number=dicts(ints, decimals),
        ),
    ),
    "a frozen model": (Frozen, st.builds(Frozen, count=ints, names=st.frozensets(texts, max_size=3))),
    "a model with a computed field": (Computed, st.builds(Computed, a=ints)),
    "a model that keeps extras": (
        Outer,
        st.builds(
            lambda extras: Outer(inner=Open.model_validate({**extras, "a": 1})),
            dicts(texts.filter(lambda name: name != "a" and is_unicode(name)), anything),
        ),
    ),
    "a recursive model": (Tree, trees),
    "a generic model": (Box[Decimal], st.builds(Box[Decimal], content=some(decimals))),
    "a model with a serializer and its validator": (Serialized, st.builds(Serialized, total=decimals)),
    "a root model": (Ids, st.builds(Ids, dicts(texts, st.lists(ints, max_size=3)))),
    "a model of rare fields": (Rare, rares),
    "a named tuple": (Point, st.builds(Point, ints, decimals)),
    "an integer": (int, ints),
    "a float": (float, floats),
    "a text": (str, texts),
    "bytes": (bytes, st.binary()),
    "a decimal": (Decimal, decimals),
    "a model or None": (Revenue | None, some(revenues)),
    "a list of models": (list[Revenue], st.lists(revenues, max_size=3)),
    "a set of numbers": (set[int], st.sets(ints, max_size=4)),
    "a dict of sets": (dict[str, set[int]], dicts(texts, st.sets(ints, max_size=4))),
    "a dict of any keys": (dict[Decimal, int], dicts(decimals, ints)),
    "a dict of models by number": (dict[int, Revenue], dicts(ints, revenues)),
    "a dict of anything": (dict[str, Any], dicts(texts, anything)),
    "a dict": (dict, dicts(texts | ints, anything)),
    "anything": (Any, anything),
}


def runtime_copy(value: Any) -> Any:
    """Return what Lambda makes of a state."""
    first, *others = runtime_copies(value)
    assert others == [first] * len(others)
    return first


CODECS = {name: StateCodec(state_type, name) for name, (state_type, _) in CASES.items()}
KEYED = {name: StateCodec(state_type, name, keyed=True) for name, (state_type, _) in CASES.items()}
keys = st.recursive(
    texts | ints | st.booleans() | st.none() | decimals | st.uuids() | st.dates() | datetimes | st.binary(),
    lambda inner: st.lists(inner, max_size=2).map(tuple),
    max_leaves=3,
)


@pytest.mark.parametrize("name", CASES)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=50)
@given(data=st.data())
def test_a_state_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    codec, state = CODECS[name], data.draw(CASES[name][1])
    encoded = codec.encode(state)
    assert isinstance(encoded.value, dict)
    assert encoded.value == json.loads(encoded.json)
    assert encoded.json == codec.encode(state).json
    assert difference(codec.decode(runtime_copy(encoded.value)), state) is None
    restored = codec.restore(codec.snapshot(state))
    assert difference(restored, state) is None


@pytest.mark.parametrize("name", CASES)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=25)
@given(data=st.data())
def test_states_by_key_come_back_as_they_were(name: str, data: st.DataObject) -> None:
    codec, states = KEYED[name], data.draw(dicts(keys, CASES[name][1]))
    encoded = codec.encode(states)
    assert encoded.value == json.loads(encoded.json)
    assert difference(codec.decode(runtime_copy(encoded.value)), states) is None


raws = st.recursive(
    st.none() | st.booleans() | ints | floats | texts,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        dicts(texts, inner),
        dicts(
            st.sampled_from(["1", "01", "text", "count", "inner", "a", "value", "children", "lines", "$object"]), inner
        ),
        st.dictionaries(st.sampled_from(["$decimal", "$set", "$dict", "$object", "$value"]), inner, max_size=1),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", CASES)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=50)
@given(raw=raws)
def test_whatever_lambda_carries_is_read_or_refused(name: str, raw: Any) -> None:
    for codec in (CODECS[name], KEYED[name]):
        with contextlib.suppress(WindowStateError):  # and nothing else
            codec.decode(raw)
