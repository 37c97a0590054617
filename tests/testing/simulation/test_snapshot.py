from __future__ import annotations

import json
import sqlite3
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from streamkit.testing.simulation.snapshot import Snapshot, SnapshotError
from streamkit.testing.simulation.variables import Global


@dataclass
class Ledger:
    rows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Slots:
    rows: list[str]


@dataclass(frozen=True, slots=True)
class Frozen:
    rows: list[str]


class OneSlot:
    __slots__ = "rows"  # noqa: PLC0205  # a single name is allowed

    def __init__(self) -> None:
        self.rows = ["a"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneSlot) and other.rows == self.rows


class Settings(BaseModel):
    names: list[str] = []


class Plain:
    def __init__(self) -> None:
        self.rows: dict[str, int] = {"a": 1}


def strictly(*objects: Any) -> Snapshot:
    return Snapshot((), objects, untouched=(), only_data=False)


def spoil(value: Any) -> None:
    match value:
        case dict():
            value.clear()
            value["spoiled"] = []
        case set():
            value.add("spoiled")
        case list() | deque():
            value.append("spoiled")
        case bytearray():
            value.extend(b"spoiled")
        case _:
            spoil(value.rows if hasattr(value, "rows") else value.names)
            getattr(value, "__dict__", {})["more"] = 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"a": [1, {2}]},
        lambda: [1, [2]],
        lambda: {1, 2},
        lambda: deque([1, 2], maxlen=4),
        lambda: bytearray(b"ab"),
        lambda: Counter("aab"),
        lambda: OrderedDict(b=1, a=2),
        lambda: defaultdict(list, a=[1]),
        lambda: Ledger(["a"]),
        lambda: Settings(names=["a"]),
        lambda: Slots(["a"]),
        lambda: Frozen(["a"]),
        OneSlot,
    ],
)
def test_an_object_that_was_changed_is_what_it_was_and_still_itself(make: Any) -> None:
    value, before = make(), make()
    snapshot = strictly(value)
    for _ in range(2):
        spoil(value)
        assert value != before
        snapshot.restore()
        assert value == before
    if isinstance(value, deque):
        assert value.maxlen == 4


@given(
    st.recursive(
        st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=6
    )
)
def test_whatever_is_in_a_container_is_brought_back(content: Any) -> None:
    held = {"content": content}
    snapshot, before = strictly(held), repr(held)
    held["content"] = None
    held["more"] = 1
    snapshot.restore()
    assert repr(held) == before


def test_objects_that_hold_each_other_go_on_to() -> None:
    rows = ["a"]
    ledger = {"rows": rows}
    rows_of_nobody = {"also": rows}
    snapshot = strictly(ledger, rows, rows_of_nobody)
    ledger["rows"] = []
    rows.append("b")
    snapshot.restore()
    assert ledger["rows"] is rows
    assert rows_of_nobody["also"] is rows
    assert rows == ["a"]


def test_what_is_in_a_tuple_is_brought_back_too() -> None:
    rows: list[int] = []
    snapshot = strictly((1, (rows, "x")))
    rows.append(1)
    snapshot.restore()
    assert rows == []


def test_an_object_with_a_dict_of_its_own_is_brought_back() -> None:
    plain = Plain()
    snapshot = strictly(plain)
    plain.rows["b"] = 2
    plain.rows = {}
    snapshot.restore()
    assert plain.rows == {"a": 1}


def test_names_are_bound_to_what_they_were() -> None:
    module: dict[str, Any] = {"count": 0, "limit": Decimal(1), "none": None}
    snapshot = Snapshot([Global(module, name) for name in module], untouched=(), only_data=False)
    module.update(count=5, limit=None, none=1)
    snapshot.restore()
    assert module == {"count": 0, "limit": Decimal(1), "none": None}


def test_what_is_untouched_is_neither_copied_nor_brought_back_wherever_it_is() -> None:
    store: list[int] = []
    services = {"store": store}
    snapshot = Snapshot((), [services, store], untouched={id(store)}, only_data=True)
    store.append(1)
    services.clear()
    snapshot.restore()
    assert services["store"] is store
    assert store == [1]


def test_objects_within_objects_are_brought_back_and_stay_themselves() -> None:
    rows = ["a"]
    ledger = Ledger(rows)
    shelf = {"ledgers": (ledger, {"more": [ledger]})}
    snapshot = strictly(shelf)
    rows.append("b")
    ledger.rows = []
    shelf.clear()
    snapshot.restore()
    assert shelf["ledgers"][0] is ledger
    assert shelf["ledgers"][1] == {"more": [ledger]}
    assert ledger.rows is rows
    assert rows == ["a"]


def test_objects_that_hold_themselves_come_to_an_end() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    snapshot = strictly(loop)
    loop.clear()
    snapshot.restore()
    assert loop[1] is loop
    assert len(loop) == 2


def test_what_has_changed_is_named() -> None:
    module: dict[str, Any] = {"rows": [["a"]], "limit": 1, "same": {}, "gone": 5}
    snapshot = Snapshot([Global(module, name) for name in module], untouched=(), only_data=True)
    assert snapshot.changed() == []
    module["rows"][0].append("b")
    module["limit"] = 2
    del module["gone"]
    assert snapshot.changed() == ["gone", "limit", "rows"]
    snapshot.restore()
    assert module == {"rows": [["a"]], "limit": 1, "same": {}, "gone": 5}


def test_what_does_not_show_its_content_is_refused_wherever_it_is() -> None:
    connection = sqlite3.connect(":memory:")
    for value in (connection, {"db": [connection]}):
        with pytest.raises(SnapshotError, match=r"the sqlite3\.Connection object does not show what it contains"):
            strictly(value)
    connection.close()


def test_where_only_data_counts_it_is_left_alone() -> None:
    rows: list[Any] = [1, iter([1])]
    snapshot = Snapshot((), [rows, json.JSONDecoder()], untouched=(), only_data=True)
    rows.append(2)
    snapshot.restore()
    assert len(rows) == 2
