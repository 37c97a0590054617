from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic_core import core_schema

from streamkit.testing.values import UnmakeableError, item_maker_of
from tests.testing.making.made import FEW, any_of, read, seeded, small


class Point(NamedTuple):
    x: int
    y: str = "here"


class Corner(BaseModel):
    model_config = ConfigDict(frozen=True)
    x: int


class Called:
    """A named tuple as pydantic saw it before 2.14."""

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> core_schema.CoreSchema:
        arguments = [
            core_schema.arguments_parameter("x", core_schema.int_schema()),
            core_schema.arguments_parameter("y", core_schema.str_schema()),
        ]
        return core_schema.call_schema(core_schema.arguments_schema(arguments), Point)


TYPES: list[tuple[Any, Any]] = [
    (list[int], lambda value: len(value) <= 2),
    (list, lambda value: len(value) <= 2),
    (Annotated[list[str], Field(min_length=3, max_length=3)], lambda value: len(value) == 3),
    (deque[int], lambda value: len(value) <= 2),
    (Sequence[int], lambda value: len(value) <= 2),
    (Iterable[int], lambda value: len(list(value)) <= 2),
    (set[int], lambda value: 1 <= len(value) <= 3),
    (set, lambda value: 1 <= len(value) <= 3),
    (frozenset[bytes], lambda value: 1 <= len(value) <= 3),
    (set[bool], lambda value: value <= {False, True}),
    (set[tuple[int, str]], lambda value: 1 <= len(value) <= 3),
    (set[Corner], lambda value: 1 <= len(value) <= 3),
    (set[Decimal], lambda value: all(isinstance(one, Decimal) for one in value)),
    (Annotated[set[int], Field(min_length=3)], lambda value: len(value) >= 3),
    (tuple[int, str], lambda value: len(value) == 2),
    (tuple[int, ...], lambda value: len(value) <= 2),
    (Annotated[tuple[int, ...], Field(min_length=4, max_length=4)], lambda value: len(value) == 4),
    (Point, lambda value: isinstance(value, Point)),
    (Called, lambda value: isinstance(value, Point)),
    (dict[str, int], lambda value: len(value) <= 2),
    (dict, lambda value: len(value) <= 2),
    (dict[Any, int], lambda value: all(isinstance(name, str) for name in value)),
    (dict[int, str], lambda value: all(isinstance(name, int) for name in value)),
    (dict[bool, str], lambda value: all(isinstance(name, bool) for name in value)),
    (dict[bytes, str], lambda value: all(isinstance(name, bytes) for name in value)),
    (Annotated[dict[str, int], Field(min_length=1, max_length=1)], lambda value: len(value) == 1),
    (Mapping[str, int], lambda value: len(value) <= 2),
    (OrderedDict[str, int], lambda value: isinstance(value, OrderedDict)),
    (defaultdict[str, int], lambda value: isinstance(value, defaultdict)),
    (Counter[str], lambda value: isinstance(value, Counter)),
]


@pytest.mark.parametrize(("annotation", "holds"), TYPES)
def test_a_small_container_is_what_its_type_asks_for(annotation: Any, holds: Any) -> None:
    assert all(holds(value) for value in read(annotation))


@pytest.mark.parametrize("annotation", [annotation for annotation, _ in TYPES[::2]])
@settings(max_examples=FEW)
@given(data=st.data())
def test_any_container_is_one_that_the_type_takes(annotation: Any, data: st.DataObject) -> None:
    any_of(annotation, data)


def test_sets_are_dynamodbs_where_it_has_such_sets() -> None:
    assert all(type(value) is set for kind in (int, str, bytes, Decimal) for value in small(set[kind]))  # type: ignore[valid-type]  # a type all the same
    assert all(type(value) is list for value in small(set[bool]))


def test_a_map_at_the_top_has_the_keys_of_the_table() -> None:
    draws = seeded(0)
    for image_type in (dict[str, Any], dict[str, int], RootModel[dict[str, int]], Any):
        items = [item_maker_of(image_type, ("pk", "sk"))(draws) for _ in range(20)]
        assert all(type(item["pk"]) is int and type(item["sk"]) is int for item in items)
    bounded = Annotated[dict[str, int], Field(min_length=2, max_length=3)]
    assert {len(item_maker_of(bounded)(draws)) for _ in range(30)} == {2, 3}


@pytest.mark.parametrize("annotation", [list[int], set[int], dict[str, int], tuple[int, ...]])
def test_a_container_that_cannot_be_is_told(annotation: Any) -> None:
    impossible = Annotated[annotation, Field(min_length=3, max_length=2)]
    with pytest.raises(UnmakeableError, match=r"value: there is no .* of 3 elements or more and 2 or fewer"):
        small(impossible)
