"""An image type to its decoder: which types an item can have, what each of them makes of an image."""

import dataclasses
import sys
import typing
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NotRequired, Optional, Self, TypeVar, Union
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from streamkit import AttributeValueError, HandlerDefinitionError
from streamkit.attributes import serialize_item
from streamkit.compiling.decoder import compiled_decoder
from streamkit.decoding import Decoder, accepts_none, decoder_for, is_untyped, problem_of

T = TypeVar("T")


class Line(BaseModel):
    sku: str
    quantity: int


class Order(BaseModel):
    id: int
    status: str = "placed"
    total: Decimal = Decimal(0)
    lines: list[Line] = []
    tags: set[str] = set()
    note: str | None = None


class Aliased(BaseModel):
    order_id: int = Field(alias="orderId")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int


class Card(BaseModel):
    kind: Literal["card"]
    number: str


class Cash(BaseModel):
    kind: Literal["cash"]
    paid: Decimal


Payment = Annotated[Card | Cash, Field(discriminator="kind")]


@dataclass
class Address:
    city: str


@dataclass(frozen=True, slots=True)
class Customer:
    id: int
    address: Address
    since: datetime | None = None


class Event(TypedDict):
    id: UUID
    weight: NotRequired[float]


class Page(BaseModel, Generic[T]):
    number: int
    content: T


Anything = TypeAliasType("Anything", dict[str, Any])
AnOrder = TypeAliasType("AnOrder", Order)
Boxed = TypeAliasType("Boxed", Page[T], type_params=(T,))


def decode(image_type: Any, image: Mapping[str, Any]) -> Any:
    decoder = decoder_for(image_type, "parameter 'change' of handler()")
    assert decoder is not None
    return decoder(image)


# --- which types are what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "image_type",
    [
        Any,
        dict,
        dict[str, Any],
        Mapping,
        Mapping[str, Any],
        MutableMapping,
        MutableMapping[str, Any],
        typing.Dict[str, Any],  # noqa: UP006  # what older code says
    ],
)
def test_a_type_that_asks_for_nothing_beyond_python_values_gets_them_as_they_are(image_type: Any) -> None:
    assert is_untyped(image_type)
    image = {"id": {"N": "1.50"}, "data": {"B": "AQI="}, "tags": {"SS": ["a"]}, "none": {"NULL": True}}
    decoded = decode(image_type, image)
    assert decoded == {"id": Decimal("1.50"), "data": b"\x01\x02", "tags": {"a"}, "none": None}
    assert type(decoded) is dict


@pytest.mark.parametrize("image_type", [Order, Customer, Event, None, dict[str, int], dict[int, Any], Order | None])
def test_a_type_that_asks_for_more_is_validated(image_type: Any) -> None:
    assert not is_untyped(image_type)


@pytest.mark.parametrize(
    "image_type",
    [
        Order | None,
        None | Order,
        Optional[Order],  # noqa: UP045  # the older spelling makes another kind of object
        Union[Order, Customer, None],
        dict[str, Any] | None,
        Annotated[Order | None, "may be absent"],
        TypeAliasType("MaybeOrder", Order | None),
        Union[Customer, TypeAliasType("MaybeOrder", Order | None)],
    ],
)
def test_a_union_with_none_accepts_none_however_it_is_spelled(image_type: Any) -> None:
    assert accepts_none(image_type)


@pytest.mark.parametrize(
    "image_type", [Order, Order | Customer, None, type(None), dict[str, Any], Any, Payment, AnOrder]
)
def test_other_types_do_not_accept_none(image_type: Any) -> None:
    assert not accepts_none(image_type)


@pytest.mark.parametrize("image_type", [None, type(None)])
def test_none_is_an_image_that_is_not_read(image_type: Any) -> None:
    assert decoder_for(image_type, "here") is None


@pytest.mark.parametrize(
    ("image_type", "shown"),
    [
        (str, "str"),
        (int, "int"),
        (float, "float"),
        (bool, "bool"),
        (bytes, "bytes"),
        (Decimal, "Decimal"),
        (list, "list"),
        (list[Order], "list"),
        (set[str], "set"),
        (frozenset, "frozenset"),
        (tuple[int, str], "tuple"),
    ],
)
def test_a_type_that_no_item_can_have_is_refused_with_what_is_allowed(image_type: Any, shown: str) -> None:
    with pytest.raises(HandlerDefinitionError) as caught:
        decoder_for(image_type, "parameter 'change' of handler(), Insert's NewImage")
    given, _, fix = str(caught.value).partition(", it has named attributes; ")
    assert given.startswith(f"parameter 'change' of handler(), Insert's NewImage: an item is never {shown}")
    assert fix == (
        "use a pydantic model, a dataclass, a TypedDict, a union of such, dict[str, Any], or None for an image not "
        "wanted"
    )


@pytest.mark.parametrize(
    "image_type",
    [
        int | None,
        int | str,
        Annotated[int, Field(gt=0)],
        Annotated[list[Order], "a list"],
        TypeAliasType("Number", int),
        datetime,
        UUID,
        Literal["card"],
    ],
)
def test_a_type_that_no_item_can_have_is_refused_however_it_is_wrapped(image_type: Any) -> None:
    with pytest.raises(HandlerDefinitionError, match=r"^here: an item is never .*it has named attributes"):
        decoder_for(image_type, "here")


def test_a_class_that_pydantic_cannot_read_is_refused_with_what_is_allowed() -> None:
    class Opaque:
        pass

    with pytest.raises(
        HandlerDefinitionError, match=r"(?s)^here: pydantic cannot read Opaque \(.*use a pydantic model"
    ):
        decoder_for(Opaque, "here")


def test_a_union_without_its_discriminator_is_refused_at_once() -> None:
    with pytest.raises(HandlerDefinitionError, match=r"(?s)^here: pydantic cannot read .*kind"):
        decoder_for(Annotated[Card | Line, Field(discriminator="kind")], "here")


def test_a_typed_dict_from_typing_is_read_where_pydantic_can_and_else_told_the_one_to_use_instead() -> None:
    class Old(typing.TypedDict):
        id: int

    if sys.version_info >= (3, 12):
        decode = decoder_for(Old, "here")
        assert decode is not None
        assert decode({"id": {"N": "1"}}) == {"id": 1}
    else:
        with pytest.raises(HandlerDefinitionError, match=r"pydantic cannot read Old \(.*typing_extensions\.TypedDict"):
            decoder_for(Old, "here")


class Early(BaseModel):
    late: "Late"


@dataclass
class EarlyData:
    late: "Late"


# Made before Late exists, as the decorator of a handler that stands above it would.
EARLY_DECODERS = [decoder_for(Early, "here"), decoder_for(EarlyData, "here")]


class Late(BaseModel):
    id: int


@pytest.mark.parametrize(
    ("decoder", "value"), [(EARLY_DECODERS[0], Early(late=Late(id=1))), (EARLY_DECODERS[1], EarlyData(Late(id=1)))]
)
def test_a_type_may_name_what_is_defined_further_down_its_module(decoder: Decoder, value: Any) -> None:
    assert decoder({"late": {"M": {"id": {"N": "1"}}}}) == value


class Unfinished(BaseModel):
    line: "NowhereDefined"  # type: ignore[name-defined]  # noqa: F821  # the point of the test


def test_a_model_that_names_what_never_comes_to_exist_says_so_of_itself() -> None:
    with pytest.raises(HandlerDefinitionError, match=r"pydantic cannot read Unfinished \(.*not fully defined"):
        decode(Unfinished, {"line": {"S": "x"}})


# --- what each type makes of an image ------------------------------------------------------------------------------


def test_a_model_takes_every_dynamodb_type() -> None:
    class Everything(BaseModel):
        text: str
        whole: int
        exact: Decimal
        rough: float
        data: bytes
        truth: bool
        nothing: None
        nested: Line
        lines: list[Line]
        texts: set[str]
        numbers: frozenset[int]
        blobs: set[bytes]
        moment: datetime
        uuid: UUID
        mixed: dict[str, int | str]

    decoded = decode(
        Everything,
        {
            "text": {"S": "x"},
            "whole": {"N": "3"},
            "exact": {"N": "1234567890123456789012345678901234567.8"},
            "rough": {"N": "0.1"},
            "data": {"B": "AQI="},
            "truth": {"BOOL": True},
            "nothing": {"NULL": True},
            "nested": {"M": {"sku": {"S": "a"}, "quantity": {"N": "1"}}},
            "lines": {"L": [{"M": {"sku": {"S": "b"}, "quantity": {"N": "2"}}}]},
            "texts": {"SS": ["x", "y"]},
            "numbers": {"NS": ["1", "2"]},
            "blobs": {"BS": ["AQ=="]},
            "moment": {"S": "2026-01-01T00:00:00Z"},
            "uuid": {"S": "14e0db71-5d35-4eb5-b481-8945cf9d10c2"},
            "mixed": {"M": {"a": {"N": "1"}, "b": {"S": "two"}}},
        },
    )
    assert decoded == Everything(
        text="x",
        whole=3,
        exact=Decimal("1234567890123456789012345678901234567.8"),
        rough=0.1,
        data=b"\x01\x02",
        truth=True,
        nothing=None,
        nested=Line(sku="a", quantity=1),
        lines=[Line(sku="b", quantity=2)],
        texts={"x", "y"},
        numbers=frozenset({1, 2}),
        blobs={b"\x01"},
        moment=datetime(2026, 1, 1, tzinfo=UTC),
        uuid=UUID("14e0db71-5d35-4eb5-b481-8945cf9d10c2"),
        mixed={"a": 1, "b": "two"},
    )
    assert type(decoded.whole) is int
    assert str(decoded.exact) == "1234567890123456789012345678901234567.8"


@pytest.mark.parametrize(
    ("image_type", "image", "value"),
    [
        pytest.param(Order, {"id": {"N": "1"}}, Order(id=1), id="absent attributes take their default"),
        pytest.param(
            Order, {"id": {"N": "1"}, "extra": {"S": "x"}}, Order(id=1), id="unknown attributes are left aside"
        ),
        pytest.param(Order, {"id": {"N": "1"}, "note": {"NULL": True}}, Order(id=1, note=None), id="NULL is None"),
        pytest.param(Aliased, {"orderId": {"N": "1"}}, Aliased(orderId=1), id="aliases name the attribute"),
        pytest.param(
            Open, {"id": {"N": "1"}, "x": {"N": "2"}}, Open.model_validate({"id": 1, "x": Decimal(2)}), id="extras"
        ),
        pytest.param(
            Payment, {"kind": {"S": "card"}, "number": {"S": "4"}}, Card(kind="card", number="4"), id="discriminated 1"
        ),
        pytest.param(Payment, {"kind": {"S": "cash"}, "paid": {"N": "5"}}, Cash(kind="cash", paid=Decimal(5)), id="2"),
        pytest.param(Card | Order, {"id": {"N": "1"}}, Order(id=1), id="plain union"),
        pytest.param(
            Customer,
            {"id": {"N": "1"}, "address": {"M": {"city": {"S": "Bern"}}}},
            Customer(1, Address("Bern")),
            id="nested dataclass",
        ),
        pytest.param(
            Event,
            {"id": {"S": "14e0db71-5d35-4eb5-b481-8945cf9d10c2"}, "weight": {"N": "1.5"}},
            {"id": UUID("14e0db71-5d35-4eb5-b481-8945cf9d10c2"), "weight": 1.5},
            id="TypedDict",
        ),
        pytest.param(
            Page[Order],
            {"number": {"N": "1"}, "content": {"M": {"id": {"N": "2"}}}},
            Page[Order](number=1, content=Order(id=2)),
            id="generic",
        ),
        pytest.param(AnOrder, {"id": {"N": "1"}}, Order(id=1), id="alias"),
        pytest.param(
            Boxed[Order],
            {"number": {"N": "1"}, "content": {"M": {"id": {"N": "2"}}}},
            Page[Order](number=1, content=Order(id=2)),
            id="generic alias",
        ),
        pytest.param(Anything, {"id": {"N": "1"}}, {"id": Decimal(1)}, id="alias of a dict"),
        pytest.param(Annotated[Order, "the table's"], {"id": {"N": "1"}}, Order(id=1), id="Annotated"),
        pytest.param(Order | None, {"id": {"N": "1"}}, Order(id=1), id="optional"),
        pytest.param(dict[str, Any] | None, {"id": {"N": "1"}}, {"id": Decimal(1)}, id="optional dict"),
        pytest.param(dict[str, int], {"a": {"N": "1"}}, {"a": 1}, id="dict of one type"),
        pytest.param(dict[str, Any], {}, {}, id="an empty image is an image"),
    ],
)
def test_an_image_becomes_what_the_type_says(image_type: Any, image: dict[str, Any], value: Any) -> None:
    decoded = decode(image_type, image)
    assert decoded == value
    assert type(decoded) is type(value)


def cleaned(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}


@pytest.mark.parametrize(
    "image_type",
    [
        Annotated[dict[str, Any], AfterValidator(cleaned)],
        TypeAliasType("Cleaned", Annotated[dict[str, Any], AfterValidator(cleaned)]),
        Annotated[Any, AfterValidator(cleaned)],
    ],
)
def test_a_validator_in_annotated_is_called_for_untyped_images_too(image_type: Any) -> None:
    assert decode(image_type, {"id": {"N": "1"}, "note": {"NULL": True}}) == {"id": Decimal(1)}


def test_types_local_to_a_function_are_types_like_any_other() -> None:
    class Local(BaseModel):
        id: int

    assert decode(Local, {"id": {"N": "1"}}) == Local(id=1)


ORDERS = st.builds(
    Order,
    id=st.integers(-(10**9), 10**9),
    status=st.text(max_size=5),
    total=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6),
    lines=st.lists(st.builds(Line, sku=st.text(max_size=3), quantity=st.integers(0, 100)), max_size=3),
    tags=st.sets(st.text(max_size=3), min_size=1, max_size=3),
    note=st.none() | st.text(max_size=3),
)


@given(order=ORDERS)
def test_a_model_that_was_stored_is_read_back_equal(order: Order) -> None:
    assert decode(Order, serialize_item(order.model_dump())) == order


@given(customer=st.builds(Customer, id=st.integers(0, 9), address=st.builds(Address, city=st.text()), since=st.none()))
def test_a_dataclass_that_was_stored_is_read_back_equal(customer: Customer) -> None:
    assert decode(Customer, serialize_item(dataclasses.asdict(customer))) == customer


# --- what is wrong with an image -----------------------------------------------------------------------------------


def problem(image_type: Any, image: Any) -> str:
    with pytest.raises((AttributeValueError, ValidationError)) as caught:
        decode(image_type, image)
    return problem_of(caught.value, image)


def test_a_broken_image_is_a_problem_of_its_attribute_values() -> None:
    assert problem(Order, {"lines": {"L": [{"Q": 1}]}}) == (
        "lines.0: unknown attribute type 'Q': DynamoDB has S, N, B, BOOL, NULL, L, M, SS, NS, BS"
    )
    assert problem(Order, "text") == "expected a map of attribute values, not 'text'"


def test_a_value_of_the_wrong_type_says_the_model_the_path_the_expectation_and_the_value() -> None:
    image = {
        "id": {"N": "1"},
        "lines": {"L": [{"M": {"sku": {"S": "a"}, "quantity": {"S": "many"}}}]},
    }
    text = problem(Order, image)
    assert text.startswith("not a valid Order: lines.0.quantity: Input should be a valid integer")
    assert text.endswith("got 'many'")
    assert "http" not in text


def test_a_number_with_a_fraction_is_no_whole_number() -> None:
    assert "id: Input should be a valid integer" in problem(Order, {"id": {"N": "1.5"}})


def test_a_missing_attribute_is_named() -> None:
    assert problem(Line, {"sku": {"S": "a"}}) == "not a valid Line: quantity: Field required, got {'sku': 'a'}"


def test_all_problems_of_an_image_are_told_up_to_five() -> None:
    class Five(BaseModel):
        a: int
        b: int
        c: int
        d: int
        e: int

    class Seven(Five):
        f: int
        g: int

    five = problem(Five, {name: {"S": name} for name in "abcde"})
    assert five.count("got '") == 5
    assert "more" not in five
    seven = problem(Seven, {name: {"S": name} for name in "abcdefg"})
    assert seven.count("got '") == 5
    assert "; e: " in seven
    assert "f: " not in seven
    assert seven.endswith("; and 2 more")


@pytest.mark.parametrize(("length", "clipped"), [(78, False), (79, True), (10_000, True)])
def test_a_long_value_is_clipped(length: int, clipped: bool) -> None:
    text = problem(Order, {"id": {"S": "x" * length}})
    assert text.endswith("…" if clipped else "x'")
    assert len(text) < 250


def test_a_problem_of_the_item_as_a_whole_is_called_that() -> None:
    class Picky(BaseModel):
        id: int

        @field_validator("id")
        @classmethod
        def _odd(cls, value: int) -> int:
            if value % 2 == 0:
                raise ValueError("must be odd")
            return value

    assert problem(Picky, {"id": {"N": "2"}}) == "not a valid Picky: id: Value error, must be odd, got Decimal('2')"
    text = problem(Payment, {"kind": {"S": "cheque"}})
    assert ": item: Input tag 'cheque'" in text
    assert "'card', 'cash'" in text


class Basket(BaseModel):
    payments: list[Payment] = []
    payment: Card | Cash | None = None
    size: int | bool = 0
    sizes: dict[str, list[int] | int] = {}
    tags: set[int] = set()


CARD_WITHOUT_NUMBER = {"M": {"kind": {"S": "card"}, "number": {"N": "4"}}}


@pytest.mark.parametrize(
    ("image_type", "image", "paths"),
    [
        (Payment, {"kind": {"S": "card"}, "number": {"N": "4"}}, ["number"]),
        (Payment, {"kind": {"S": "card"}}, ["number"]),
        (Basket, {"payments": {"L": [CARD_WITHOUT_NUMBER]}}, ["payments.0.number"]),
        (Basket, {"payments": {"L": [{"M": {"kind": {"S": "cash"}}}]}}, ["payments.0.paid"]),
        (Basket, {"payment": CARD_WITHOUT_NUMBER}, ["payment.number", "payment.kind", "payment.paid"]),
        (Basket, {"size": {"S": "big"}}, ["size", "size"]),
        (Basket, {"sizes": {"M": {"a": {"L": [{"S": "x"}]}}}}, ["sizes.a.0", "sizes.a"]),
        (Basket, {"sizes": {"M": {"a": {"S": "x"}}}}, ["sizes.a", "sizes.a"]),
        (dict[str, int], {"a": {"S": "x"}}, ["a"]),
    ],
)
def test_a_path_leads_through_the_item_and_never_through_the_members_of_a_union(
    image_type: Any, image: dict[str, Any], paths: list[str]
) -> None:
    _, _, problems = problem(image_type, image).partition(": ")
    assert [one.partition(": ")[0] for one in problems.split("; ")] == paths


def test_an_element_of_a_set_is_a_problem_of_that_set() -> None:
    _, _, problems = problem(Basket, {"tags": {"SS": ["x"]}}).partition(": ")
    assert problems.startswith("tags")


def test_a_check_of_one_member_of_a_union_as_a_whole_is_a_problem_of_the_item() -> None:
    class Paid(BaseModel):
        kind: Literal["paid"]

        @model_validator(mode="after")
        def _never(self) -> Self:
            raise ValueError("not today")

    wanted = Annotated[Paid | Card, Field(discriminator="kind")]
    assert ": item: Value error, not today" in problem(wanted, {"kind": {"S": "paid"}})


def test_any_other_error_is_told_with_its_type() -> None:
    class Crashing(BaseModel):
        id: int

        @field_validator("id")
        @classmethod
        def _crash(cls, value: int) -> int:
            return value // 0

    with pytest.raises(ZeroDivisionError) as caught:
        decode(Crashing, {"id": {"N": "1"}})
    assert problem_of(caught.value, {"id": {"N": "1"}}).startswith("ZeroDivisionError: ")


# --- compiled, or not ----------------------------------------------------------------------------------------------


def reader_of(image_type: Any) -> Decoder:
    decoder = decoder_for(image_type, "here")
    assert decoder is not None
    return decoder


def test_a_type_that_is_not_compiled_is_validated_once_even_if_it_fails() -> None:
    seen: list[Any] = []

    class Looking(BaseModel):
        id: int

        @model_validator(mode="before")
        @classmethod
        def _look(cls, value: Any) -> Any:
            seen.append(value)
            return value

    read = reader_of(Looking)
    with pytest.raises(ValidationError):
        read({"id": {"S": "x"}})
    assert seen == [{"id": "x"}]


def test_an_image_that_the_compiled_decoder_doubts_is_read_by_the_reference() -> None:
    read = reader_of(Line)
    assert read({"sku": {"S": "a"}, "quantity": {"N": "1e1"}}) == Line(sku="a", quantity=10)
    with pytest.raises(AttributeValueError) as refused:
        read({"sku": {"S": "a"}, "quantity": {"N": "1_0"}})
    assert refused.value.__context__ is None


def test_a_type_is_compiled_once_at_its_first_image(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []

    def counted(schema: Any) -> Any:
        compiled.append(schema)
        return compiled_decoder(schema)

    monkeypatch.setattr("streamkit.compiling.decoder.compiled_decoder", counted)
    read = reader_of(Line)
    assert not compiled
    for _ in range(3):
        assert read({"sku": {"S": "a"}, "quantity": {"N": "1"}}) == Line(sku="a", quantity=1)
    assert len(compiled) == 1


def test_a_class_that_is_completed_after_the_first_image_is_read_from_then_on() -> None:
    class Late(BaseModel):
        part: "Part"  # type: ignore[name-defined]  # noqa: F821  # it is made below

    read = reader_of(Late)
    image = {"part": {"M": {"sku": {"S": "a"}, "quantity": {"N": "1"}}}}
    with pytest.raises(HandlerDefinitionError, match="pydantic cannot read Late"):
        read(image)
    Late.model_rebuild(_types_namespace={"Part": Line})
    assert read(image) == Late.model_construct(part=Line(sku="a", quantity=1))


def test_a_compiler_that_stumbles_leaves_the_type_to_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_schema: Any) -> Any:
        raise RuntimeError("an internal of pydantic has moved")

    monkeypatch.setattr("streamkit.compiling.decoder.compiled_decoder", stumble)
    assert reader_of(Line)({"sku": {"S": "a"}, "quantity": {"N": "1"}}) == Line(sku="a", quantity=1)
