from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import UUID1, UUID4, AnyUrl, BaseModel, ConfigDict, Field, HttpUrl, Json, PostgresDsn, StringConstraints

from streamkit.testing.values import UnmakeableError
from tests.testing.making.made import FEW, any_of, read, small


class Colour(Enum):
    RED = "red"
    TWO = 2
    NOTHING = object()


class Unstorable(Enum):
    NOTHING = object()


class Shouted(BaseModel):
    model_config = ConfigDict(str_to_upper=True, str_min_length=5, str_max_length=6)
    name: str


@pytest.mark.parametrize(
    ("annotation", "holds"),
    [
        (str, str.isalpha),
        (Annotated[str, Field(min_length=20)], lambda value: len(value) == 20),
        (Annotated[str, StringConstraints(max_length=2)], lambda value: len(value) == 2),
        (Annotated[str, StringConstraints(to_lower=True)], str.islower),
        (Annotated[str, StringConstraints(to_upper=True)], str.isupper),
        (Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{4}$")], lambda value: value[3] == "-" and len(value) == 8),
        (Shouted, lambda value: value.name.isupper() and len(value.name) in (5, 6)),
        (bytes, lambda value: 1 <= len(value) <= 3),
        (Annotated[bytes, Field(min_length=5, max_length=5)], lambda value: len(value) == 5),
        (UUID, lambda value: value.version == 4),
        (UUID1, lambda value: value.version == 1),
        (AnyUrl, lambda value: value.scheme == "https"),
        (HttpUrl, lambda value: value.host == "example.com"),
        (PostgresDsn, lambda value: value.scheme.startswith("postgres")),
        (Literal["a", 1, True] | None, lambda value: value in ("a", 1, None, True)),
        (Colour, lambda value: value in (Colour.RED, Colour.TWO)),
        (Json[list[int]], lambda value: all(type(element) is int for element in value)),
        (Json, lambda value: True),
    ],
)
def test_small_text_is_what_its_type_asks_for(annotation: Any, holds: Any) -> None:
    assert all(holds(value) for value in read(annotation))


@pytest.mark.parametrize("annotation", [str, bytes, UUID4, HttpUrl, Shouted, Colour, Json[dict[str, int]]])
@settings(max_examples=FEW)
@given(data=st.data())
def test_any_text_is_one_that_dynamodb_holds_and_the_type_takes(annotation: Any, data: st.DataObject) -> None:
    any_of(annotation, data)


def test_one_of_a_few_values_is_as_a_person_would_write_it() -> None:
    assert {repr(value) for value in small(Literal["a", 1])} == {"'a'", "1"}
    assert {repr(value) for value in small(Colour)} == {"'red'", "2"}

    class Rate(Enum):
        HALF = Decimal("0.5")

    assert {repr(value) for value in small(Rate)} == {"Decimal('0.5')"}


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (Annotated[str, Field(min_length=3, max_length=2)], "value: there is no text of 3 characters or more and 2"),
        (Annotated[bytes, Field(min_length=3, max_length=2)], "value: there are no 3 bytes or more and 2 or fewer"),
        (Unstorable, "value: DynamoDB can hold none of its values"),
    ],
)
def test_text_that_cannot_be_is_told(annotation: Any, told: str) -> None:
    with pytest.raises(UnmakeableError, match=told):
        small(annotation)
