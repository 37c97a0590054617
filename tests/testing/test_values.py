from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, SecretStr, create_model, model_serializer
from typing_extensions import TypedDict

from streamkit import HandlerDefinitionError, Insert, stream_handler
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import UnmakeableError
from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from streamkit.testing.values import item_maker_of, maker_of
from tests.testing.making.made import seeded


class Status(Enum):
    PLACED = "placed"
    PAID = "paid"


class Line(TypedDict):
    sku: str
    quantity: int


class Order(BaseModel):
    id: int
    status: Status
    total: Decimal = Field(ge=0, decimal_places=2)
    note: str | None = None
    lines: list[Line] = []
    tags: set[str] | None = None


@dataclass
class Customer:
    id: str
    names: list[str] = field(default_factory=list)
    ratio: float = 0.5


class Paid(BaseModel):
    id: int
    kind: Literal["paid"] = "paid"


class Placed(BaseModel):
    id: int
    kind: Literal["placed"] = "placed"


Either = Annotated[Paid | Placed, Field(discriminator="kind")]
TYPES = [Order, Customer, Line, Either, dict[str, Any]]


def key_of(image_type: Any) -> str:
    return "sku" if image_type is Line else "id"


@pytest.mark.parametrize("image_type", TYPES)
@settings(max_examples=20)
@given(data=st.data())
def test_an_image_comes_to_a_handler_as_it_was_put_into_the_table(image_type: Any, data: st.DataObject) -> None:
    seen: list[Any] = []

    @stream_handler
    def handler(change: Insert[image_type]) -> None:
        seen.append(change.new)

    draws = HypothesisDraws(data.draw) if data.draw(st.booleans()) else seeded(data.draw(st.integers(0, 9)))
    image = maker_of(image_type, key_of(image_type))(draws)
    table = LocalTable("orders", key=key_of(image_type))
    table.put(image)
    LocalRunner(handler, table).run(fail_fast=True)
    assert seen == [image]


def test_small_values_are_read_well_and_are_the_same_for_ever() -> None:
    draws = seeded(7)
    make = item_maker_of(Order)
    assert [make(draws) for _ in range(3)] == SMALL


SMALL = [
    {"id": 3, "status": "placed", "total": Decimal("0.0"), "note": "ant", "lines": [], "tags": None},
    {
        "id": 0,
        "status": "placed",
        "total": Decimal("0.01"),
        "lines": [{"sku": "fox", "quantity": 3}, {"sku": "jay", "quantity": 0}],
        "tags": {"bee"},
    },
    {"id": 3, "status": "paid", "total": Decimal(5), "note": "fox"},
]


def test_the_order_of_hashes_has_no_say() -> None:
    code = (
        "from random import Random; from enum import Enum; from pydantic import BaseModel\n"
        "from streamkit.testing.values import RandomDraws, item_maker_of\n"
        "class Order(BaseModel):\n    id: int; tags: set[str]; code: str; kinds: frozenset[bytes]\n"
        "make, draws = item_maker_of(Order), RandomDraws(Random(3))\n"
        "print([{k: sorted(v) if isinstance(v, set) else v for k, v in make(draws).items()} for _ in range(20)])"
    )
    printed = {
        subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_an_item_is_tried_again_until_the_types_own_validators_take_it() -> None:
    def odd(value: int) -> int:
        if value % 2 == 0:
            raise ValueError("even")
        return value

    image_type = create_model("Odd", id=(Annotated[int, AfterValidator(odd)], ...))
    make, draws = item_maker_of(image_type), seeded(0)
    assert {make(draws)["id"] for _ in range(99)} == {1, 3, 5, 7, 9}


def test_a_type_whose_validators_take_nothing_is_told_with_what_they_said() -> None:
    def never(value: int) -> int:
        raise KeyError("no stock")

    image_type = create_model("Never", id=(Annotated[int, AfterValidator(never)], ...))
    with pytest.raises(UnmakeableError, match=r"no values of Never can be made: of 200 items none was valid.*no stock"):
        item_maker_of(image_type)(seeded(0))
    with pytest.raises(UnmakeableError, match="of 3 items none was valid"):
        item_maker_of(image_type, tries=3)(seeded(0))


def test_a_type_without_the_tables_key_is_told_with_what_it_has() -> None:
    make = item_maker_of(Order, "order_id")
    with pytest.raises(UnmakeableError, match=r"Order has no attribute 'order_id'.*it has id, status, total.*key=\("):
        make(seeded(1))
    with pytest.raises(UnmakeableError, match="it has none"):
        item_maker_of(create_model("Empty"))(seeded(1))


def test_a_key_that_is_no_key_is_told() -> None:
    with pytest.raises(UnmakeableError, match="the key attribute 'lines' must be text that is not empty"):
        item_maker_of(Order, "lines")(seeded(1))


def test_the_error_crosses_processes() -> None:
    error = UnmakeableError("no text", "lines[].sku")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (str(again), again.problem, again.path) == ("lines[].sku: no text", "no text", "lines[].sku")


def test_keys_are_never_empty() -> None:
    image_type = create_model("Short", id=(Annotated[str, Field(max_length=1)], ...))

    @settings(max_examples=20)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        assert item_maker_of(image_type, tries=20)(HypothesisDraws(data.draw))["id"] != ""

    check()


@pytest.mark.parametrize(
    ("image_type", "error", "told"),
    [
        (None, UnmakeableError, "no values of None can be made: it stands for an image that is not wanted. Say what"),
        (int, HandlerDefinitionError, "the image type: an item is never int"),
        (create_model("Odd", id=(complex, ...)), UnmakeableError, "no values of Odd can be made: id: there are no"),
    ],
)
def test_a_type_that_no_item_has_is_refused_at_once(image_type: Any, error: type[Exception], told: str) -> None:
    for maker in (item_maker_of, maker_of):
        with pytest.raises(error, match=told):
            maker(image_type)


def test_an_image_that_does_not_come_back_as_it_was_is_told() -> None:
    class Aliased(TypedDict):
        id: int
        note: Annotated[str, Field(alias="Note")]

    with pytest.raises(UnmakeableError, match=r"cannot be written to a table and read again \(not a valid Aliased"):
        maker_of(Aliased)(seeded(0))
    assert set(item_maker_of(Aliased)(seeded(0))) == {"id", "Note"}


def test_and_so_is_one_that_comes_back_as_something_else() -> None:
    class Hidden(BaseModel):
        id: int
        secret: SecretStr

    class Wrapped(BaseModel):
        id: int

        @model_serializer
        def in_another_form(self) -> dict[str, int]:
            return {"id": self.id + 1}

    for image_type in (Hidden, Wrapped):
        with pytest.raises(UnmakeableError, match="comes back from a table as"):
            maker_of(image_type)(seeded(0))


def test_an_image_need_not_be_equal_by_identity_alone() -> None:
    @dataclass(eq=False)
    class Plain:
        id: int

    assert maker_of(Plain)(seeded(0)).id in range(10)
