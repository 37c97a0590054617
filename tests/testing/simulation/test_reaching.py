from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass, field
from typing import Any

from streamkit import Insert, stream_handler
from streamkit.testing.simulation.reaching import methods_of, own_function, places_in, reach_of
from tests.testing.simulation import outside
from tests.testing.simulation.outside import number_of_rows, store

mine: dict[str, int] = {}
constant = 5


@dataclass
class Row:
    numbers: list[int] = field(default_factory=list)

    def first(self) -> int:
        return constant


def names_read(function: Any) -> set[str]:
    return {place.name for place in reach_of([own_function(function)]).places}


def test_the_users_own_function_is_found_under_decorators_methods_and_partials() -> None:
    def inner(event: object, context: object, more: int = 0) -> None: ...

    @functools.wraps(inner)
    def outer(*arguments: Any) -> None: ...

    class Handler:
        def __call__(self, event: object, context: object) -> None: ...

        def method(self, event: object, context: object) -> None: ...

    @stream_handler
    def handler(change: Insert) -> None: ...

    assert own_function(outer) is inner
    assert own_function(functools.partial(outer, {})) is inner
    assert own_function(Handler().method) is Handler.method
    assert own_function(Handler()) is Handler.__call__
    assert own_function(handler) is handler.__wrapped__
    assert own_function(len) is None


def test_a_name_of_the_module_is_read() -> None:
    def check() -> None:
        assert mine == {}
        assert constant > 0

    assert names_read(check) == {"mine", "constant"}


def test_a_variable_around_a_function_is_read_if_there_is_one_yet() -> None:
    around: list[int] = []

    def check() -> None:
        assert around == []
        assert later

    assert names_read(check) == {"around"}
    later = [1]
    assert names_read(check) == {"around", "later"}


def test_what_inner_functions_and_comprehensions_read_is_read() -> None:
    def check() -> None:
        def inner() -> int:
            return mine["a"]

        assert [inner() for _ in range(2)] == [constant, constant]

    assert names_read(check) == {"mine", "constant"}


def test_names_of_a_module_of_the_users_are_read_and_of_a_library_not() -> None:
    def check() -> None:
        assert len(outside.rows) < outside.limit
        assert math.pi > len(json.decoder.__all__)

    assert names_read(check) == {"rows", "limit"}


def test_what_the_users_functions_and_methods_read_is_read() -> None:
    def check() -> None:
        assert number_of_rows() == 0
        assert store.count() == 0

    assert names_read(check) == {"rows", "store", "hidden"}


def test_functions_that_call_each_other_come_to_an_end() -> None:
    def one() -> None:
        two()
        assert mine == {}

    def two() -> None:
        one()

    assert names_read(one) == {"mine"}


def test_a_function_can_reach_its_module_and_what_is_around_it() -> None:
    around = 1

    def function() -> int:
        return around

    own = own_function(function)
    assert own is not None
    places = {place.name: place for place in places_in(own)}
    assert {"mine", "constant", "around"} <= set(places)
    assert not {name for name in places if name.startswith("__")}
    assert "Row" not in places
    places["around"].put(2)
    assert function() == 2
    assert places["around"].get() == 2
    assert len({place.id for place in places.values()}) == len(places)


def test_what_generated_methods_read_is_nobodys() -> None:
    rows = Row()

    def check() -> None:
        assert rows == Row([])

    assert names_read(check) == {"rows", "constant"}


def test_the_functions_that_are_reached_are_the_users_own() -> None:
    def check() -> None:
        assert number_of_rows() == len(json.dumps({}))
        assert store.count()

    functions = reach_of([own_function(check), None]).functions
    assert {one.__name__ for one in functions} == {"check", "number_of_rows", "count"}


def test_methods_are_those_of_objects_and_of_what_they_hold() -> None:
    class Holder:
        def __init__(self, held: object) -> None:
            self.held = held

    codes = {Row.first.__code__, outside.Store.count.__code__}
    for held in ([Row(), store], (Row(), store), {"a": Row(), "b": store}):
        assert codes <= methods_of([held])
    assert methods_of([Holder(store)]) == {outside.Store.count.__code__, Holder.__init__.__code__}
    assert methods_of([1, None, "a"]) == frozenset()
