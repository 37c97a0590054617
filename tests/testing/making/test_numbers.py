from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import pytest
from annotated_types import MultipleOf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from streamkit.testing.values import UnmakeableError
from tests.testing.making.made import FEW, any_of, read, small

Cents = Annotated[Decimal, Field(ge=0, decimal_places=2)]
Narrow = Annotated[Decimal, Field(gt=0, lt=Decimal("0.001"))]
Huge = Annotated[Decimal, Field(ge=10**60)]


@pytest.mark.parametrize(
    ("annotation", "holds"),
    [
        (int, lambda value: value in range(10)),
        (Annotated[int, Field(ge=100, lt=103)], lambda value: value in (100, 101, 102)),
        (Annotated[int, Field(gt=-9, le=-7)], lambda value: value in (-8, -7)),
        (Annotated[int, Field(gt=2, multiple_of=5)], lambda value: value > 2 and value % 5 == 0),
        (float, lambda value: 0 <= value < 10),
        (Annotated[float, Field(gt=0, lt=1)], lambda value: 0 < value < 1),
        (Annotated[float, Field(ge=0, multiple_of=0.5)], lambda value: value % 0.5 == 0),
        (Annotated[float, Field(gt=-1e-200, lt=1e-200)], lambda value: value == 0),
        (Decimal, lambda value: 0 <= value < 10),
        (Cents, lambda value: value >= 0 and value.as_tuple().exponent >= -2),
        (Narrow, lambda value: 0 < value < Decimal("0.001")),
        (Huge, lambda value: value >= 10**60),
        (Annotated[Decimal, Field(max_digits=3)], lambda value: abs(value) < 1000),
        (Annotated[Decimal, Field(max_digits=4, decimal_places=2, ge=90)], lambda value: 90 <= value < 100),
        (Annotated[Decimal, Field(gt=0), MultipleOf(Decimal("0.25"))], lambda value: value % Decimal("0.25") == 0),
        (Fraction, lambda value: 0 <= value < 10),
        (None, lambda value: value is None),
        (bool, lambda value: value in (False, True)),
    ],
)
def test_a_small_number_is_what_its_type_asks_for(annotation: Any, holds: Any) -> None:
    assert all(holds(value) for value in read(annotation))


@pytest.mark.parametrize(
    "annotation",
    [
        int,
        float,
        Decimal,
        Cents,
        Narrow,
        Huge,
        Annotated[int, Field(multiple_of=7)],
        Annotated[float, Field(ge=-1, lt=1e-140)],
        Annotated[Decimal, Field(max_digits=38)],
    ],
)
@settings(max_examples=FEW)
@given(data=st.data())
def test_any_number_is_one_that_dynamodb_holds_and_the_type_takes(annotation: Any, data: st.DataObject) -> None:
    any_of(annotation, data)


def test_small_decimals_have_few_places() -> None:
    assert {value.as_tuple().exponent for value in small(Decimal) if value} == {0, -1, -2}


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (Annotated[int, Field(gt=1, lt=2)], "value: there is no whole number with gt=1, lt=2"),
        (Annotated[float, Field(gt=1, lt=1)], "value: there is no number with gt=1, lt=1"),
        (Annotated[float, Field(ge=1e-200, le=1e-190)], "there is no number with ge=1e-200, le=1e-190"),
        (Annotated[float, Field(ge=-1e-190, lt=0)], "there is no number with ge=-1e-190, lt=0"),
        (Annotated[Decimal, Field(ge=1000, max_digits=3)], "value: there is no number with ge=1000, max_digits=3"),
        (Annotated[int, Field(ge=10**40)], "there is no whole number with ge=1"),
        (complex, "value: there are no values of the kind 'complex' in DynamoDB"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_its_bounds(annotation: Any, told: str) -> None:
    with pytest.raises(UnmakeableError, match=told):
        small(annotation)
