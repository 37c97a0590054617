"""Conditions on the fields of an image type: which pattern each becomes, and what is refused."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

import pytest
from pydantic import BaseModel

from streamkit import (
    EventSourceMapping,
    Insert,
    any_of,
    anything_but,
    criteria,
    equals_ignore_case,
    exists,
    one_of,
    prefix,
    present,
    stream_handler,
    suffix,
    where,
)
from streamkit.filterlint import never_matches
from streamkit.filters import matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit import Condition


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    city: str
    zip: str | None = None


class Line(BaseModel):
    sku: str
    qty: int
    gift: bool = False


class Order(BaseModel):
    id: int
    status: str
    total: Decimal
    weight: float = 0.0
    paid: bool = False
    note: str | None = None
    color: Color = Color.RED
    size: Literal["S", "M"] = "S"
    code: int | str = 0
    placed_at: datetime
    due: date | None = None
    took: timedelta = timedelta(0)
    ref: UUID
    photo: bytes = b""
    address: Address
    billing: Address | None = None
    tags: list[str] = []
    labels: set[str] = set()
    sizes: set[int] = set()
    parts: frozenset[bytes] = frozenset()
    lines: list[Line] = []
    pair: tuple[int, str] = (0, "")
    extra: dict[str, Decimal] = {}
    anything: Any = None
    things: set[Any] = set()
    flags: set[bool] = set()


class Key(BaseModel):
    id: int


order: Any = where(Order)  # Any, since most of what is tried below is refused by type checkers
old: Any = where(Order, "OldImage")
PLACED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
THERE, ABSENT = {"exists": True}, {"exists": False}


def patterns_of(*conditions: Any) -> list[Any]:
    made = criteria(*conditions)
    assert never_matches(made) == []
    assert EventSourceMapping(filter_criteria=made).filter_criteria == made
    return [json.loads(one["Pattern"]) for one in made["Filters"]]


def new(**attributes: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": attributes}}


def missing(**attributes: Any) -> dict[str, Any]:
    return {"eventName": ["INSERT", "MODIFY"], **new(**attributes)}


CONDITIONS: dict[str, tuple[Any, Any]] = {
    "text": (order.status == "PAID", new(status={"S": ["PAID"]})),
    "empty text": (order.status == "", new(status={"S": [""]})),
    "another text": (order.status != "PAID", new(status={"S": [{"anything-but": ["PAID"]}]})),
    "the other way around": ("PAID" == order.status, new(status={"S": ["PAID"]})),  # noqa: SIM300  # that is the case
    "an int": (order.id == 7, new(id={"N": ["7"]})),
    "a negative int": (order.id == -7, new(id={"N": ["-7"]})),
    "another int": (order.id != 7, new(id={"N": [{"anything-but": ["7"]}]})),
    "a Decimal, as DynamoDB writes it": (order.total == Decimal("9.990"), new(total={"N": ["9.99"]})),
    "a Decimal with an exponent": (order.total == Decimal("1E+2"), new(total={"N": ["100"]})),
    "a Decimal of zero": (order.total == Decimal("-0.00"), new(total={"N": ["0"]})),
    "an int for a Decimal": (order.total == 10, new(total={"N": ["10"]})),
    "a float": (order.weight == 0.1, new(weight={"N": ["0.1"]})),
    "a bool alone": (order.paid, new(paid={"BOOL": [True]})),
    "a bool": (order.paid == False, new(paid={"BOOL": [False]})),  # noqa: E712  # that is the case
    "a bool, and ruff": (one_of(order.paid, False), new(paid={"BOOL": [False]})),
    "another bool": (order.paid != True, new(paid={"BOOL": [False]})),  # noqa: E712  # that is the case
    "either bool": (one_of(order.paid, True, False), new(paid={"BOOL": [True, False]})),
    "an Enum": (order.color == Color.BLUE, new(color={"S": ["blue"]})),
    "an Enum by its value": (order.color == "blue", new(color={"S": ["blue"]})),
    "a Literal": (order.size == "M", new(size={"S": ["M"]})),
    "a datetime": (order.placed_at == PLACED, new(placed_at={"S": ["2026-01-02T03:04:05Z"]})),
    "a datetime as it is stored": (order.placed_at == "2026-01-02", new(placed_at={"S": ["2026-01-02"]})),
    "a date": (order.due == date(2026, 1, 2), new(due={"S": ["2026-01-02"]})),
    "a timedelta": (order.took == timedelta(hours=1), new(took={"S": ["PT1H"]})),
    "a UUID": (order.ref == UUID(int=1), new(ref={"S": ["00000000-0000-0000-0000-000000000001"]})),
    "bytes": (order.photo == b"\x00\x01", new(photo={"B": ["AAE="]})),
    "one of a union": (order.code == 5, new(code={"N": ["5"]})),
    "another one of a union": (order.code == "5", new(code={"S": ["5"]})),
    "not one of a union": (
        order.code != 5,
        {"$or": [new(code={"N": [{"anything-but": ["5"]}]}), new(code={"S": [THERE]})]},
    ),
    "what may be null": (order.note == "x", new(note={"S": ["x"]})),
    "null": (order.note == None, new(note={"NULL": [True]})),  # noqa: E711  # that is the case
    "null or a text": (
        one_of(order.note, None, "x"),
        {"$or": [new(note={"NULL": [True]}), new(note={"S": ["x"]})]},
    ),
    "no null": (order.note != None, new(note={"S": [THERE]})),  # noqa: E711  # that is the case
    "another text, and no null": (order.note != "x", new(note={"S": [{"anything-but": ["x"]}]})),
    "there": (exists(order.note), new(note={"S": [THERE]})),
    "not there": (~exists(order.note), missing(note={"S": [ABSENT]})),
    "not there, in words": (exists(order.note, there=False), missing(note={"S": [ABSENT]})),
    "there again": (~~exists(order.note), new(note={"S": [THERE]})),
    "not there in the old image": (
        ~exists(old.note),
        {"eventName": ["MODIFY", "REMOVE"], "dynamodb": {"OldImage": {"note": {"S": [ABSENT]}}}},
    ),
    "of several types, not there": (~exists(order.code), missing(code={"N": [ABSENT], "S": [ABSENT]})),
    "a number that is there": (exists(order.total), new(total={"N": [THERE]})),
    "a prefix": (order.status.startswith("PA"), new(status={"S": [{"prefix": "PA"}]})),
    "a suffix": (order.status.endswith("ID"), new(status={"S": [{"suffix": "ID"}]})),
    "prefixes": (order.status.startswith(("A", "B")), new(status={"S": [{"prefix": "A"}, {"prefix": "B"}]})),
    "the prefix of what may be null": (prefix(order.note, "x"), new(note={"S": [{"prefix": "x"}]})),
    "the suffix of what may be null": (suffix(order.note, "x"), new(note={"S": [{"suffix": "x"}]})),
    "a month": (prefix(order.placed_at, "2026-01"), new(placed_at={"S": [{"prefix": "2026-01"}]})),
    "any case": (equals_ignore_case(order.status, "paid"), new(status={"S": [{"equals-ignore-case": "paid"}]})),
    "one of some": (one_of(order.status, "A", "B", "A"), new(status={"S": ["A", "B"]})),
    "none of some": (anything_but(order.status, "A", "B"), new(status={"S": [{"anything-but": ["A", "B"]}]})),
    "none of some numbers": (anything_but(order.id, 1, 2), new(id={"N": [{"anything-but": ["1", "2"]}]})),
    "a field of a model inside": (order.address.city == "Rome", new(address={"M": {"city": {"S": ["Rome"]}}})),
    "a field of a model that may be missing": (
        present(order.billing).city == "Rome",
        new(billing={"M": {"city": {"S": ["Rome"]}}}),
    ),
    "a value of a dict": (order.extra["vat"] == Decimal("0.2"), new(extra={"M": {"vat": {"N": ["0.2"]}}})),
    "an element of a list": (any_of(order.tags) == "gift", new(tags={"L": {"S": ["gift"]}})),
    "an element of a list by prefix": (any_of(order.tags).startswith("g"), new(tags={"L": {"S": [{"prefix": "g"}]}})),
    "another element of a list": (any_of(order.tags) != "gift", new(tags={"L": {"S": [{"anything-but": ["gift"]}]}})),
    "an empty list": (~exists(any_of(order.tags)), missing(tags={"L": {"S": [ABSENT]}})),
    "a field of an element": (any_of(order.lines).gift, new(lines={"L": {"M": {"gift": {"BOOL": [True]}}}})),
    "two fields of one element": (
        (any_of(order.lines).sku == "A") & (any_of(order.lines).qty == 2),
        new(lines={"L": {"M": {"sku": {"S": ["A"]}, "qty": {"N": ["2"]}}}}),
    ),
    "an element of a set of text": (any_of(order.labels) == "x", new(labels={"SS": ["x"]})),
    "an element of a set of numbers": (any_of(order.sizes) == 5, new(sizes={"NS": ["5"]})),
    "an element of a set of bytes": (any_of(order.parts) == b"\x00", new(parts={"BS": ["AA=="]})),
    "a number in a tuple": (any_of(order.pair) == 5, new(pair={"L": {"N": ["5"]}})),
    "anything, as what it is compared with": (order.anything == 5, new(anything={"N": ["5"]})),
    "anything else": (order.anything != 5, new(anything={"N": [{"anything-but": ["5"]}]})),
    "anything null": (order.anything == None, new(anything={"NULL": [True]})),  # noqa: E711  # that is the case
    "anything by prefix": (order.anything.startswith("x"), new(anything={"S": [{"prefix": "x"}]})),
    "a value in anything": (order.anything["x"] == "y", new(anything={"M": {"x": {"S": ["y"]}}})),
    "an element of anything": (
        any_of(order.anything) == "y",
        {"$or": [new(anything={"L": {"S": ["y"]}}), new(anything={"SS": ["y"]})]},
    ),
    "a bool in anything, which no set holds": (
        any_of(order.anything) == True,  # noqa: E712  # that is the case
        new(anything={"L": {"BOOL": [True]}}),
    ),
    "a number in a set of anything": (any_of(order.things) == 5, new(things={"NS": ["5"]})),
    "the old image": (old.status == "PAID", {"dynamodb": {"OldImage": {"status": {"S": ["PAID"]}}}}),
    "the keys": (where(Key, "Keys").id == 5, {"dynamodb": {"Keys": {"id": {"N": ["5"]}}}}),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_this_pattern(name: str) -> None:
    condition, pattern = CONDITIONS[name]
    assert patterns_of(condition) == [pattern]


def test_the_filters_go_into_a_handler_and_a_matcher() -> None:
    @stream_handler(filter_criteria=criteria(where(Order).status == "PAID"))
    def handler(change: Insert[Order]) -> None: ...

    taken = matcher(handler.mapping.filter_criteria)
    assert taken({"dynamodb": {"NewImage": {"status": {"S": "PAID"}}}})
    assert not taken({"dynamodb": {"NewImage": {"status": {"S": "OPEN"}}}})
    assert not taken({"dynamodb": {"OldImage": {"status": {"S": "PAID"}}}})


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "an unknown field": (
        lambda: order.totl,
        AttributeError,
        "where(Order).totl: Order has no field 'totl': it has id, ",
    ),
    "an unknown field inside": (lambda: order.address.street, AttributeError, "Address has no field 'street'"),
    "a method of the model": (lambda: order.model_dump, AttributeError, "Order has no field 'model_dump'"),
    "another method of text": (lambda: order.status.lower, AttributeError, "the beginning (startswith) or end"),
    "a position": (lambda: order.tags[0], TypeError, "any_of(where(Order).tags) is one of its elements, whichever"),
    "a slice": (lambda: order.status[:2], TypeError, "Lambda's patterns know no positions"),
    "a field of a list": (lambda: order.lines.sku, AttributeError, "the fields of an element are those of any_of("),
    "a key of a list": (lambda: order.lines["sku"], AttributeError, "the fields of an element are those of any_of("),
    "a field of a dict": (lambda: order.extra.vat, AttributeError, "what a dict holds is where(Order).extra[…]"),
    "a value of another type": (
        lambda: order.status == 5,
        TypeError,
        "where(Order).status is stored as text, and 5 as a number: no record can match",
    ),
    "a text for a number": (lambda: order.total == "9", TypeError, "is stored as a number, and '9' as text"),
    "null for what never is": (lambda: order.status == None, TypeError, "and None as null"),  # noqa: E711  # as above
    "a value of neither type": (lambda: order.code == b"", TypeError, "is stored as a number or text, and b''"),
    "no member of an Enum": (
        lambda: order.color == "pink",
        ValueError,
        "is never 'pink': its type allows 'red', 'blue'",
    ),
    "none of a Literal": (lambda: order.size == "L", ValueError, "its type allows 'S', 'M'"),
    "what cannot be stored": (lambda: order.total == Decimal("NaN"), ValueError, "cannot be stored there"),
    "a map as a whole": (
        lambda: order.address == Address(city="x"),
        TypeError,
        "compare the fields of a map one by one",
    ),
    "a list as a whole": (
        lambda: order.tags == ["x"],
        TypeError,
        "elements of a list or a set with any_of(where(Order)",
    ),
    "a set as a whole": (
        lambda: order.labels == {"x"},
        TypeError,
        "elements of a list or a set with any_of(where(Order)",
    ),
    "another field": (lambda: order.status == order.note, TypeError, "Lambda's patterns compare with constants"),
    "a condition": (lambda: order.status == (order.id == 1), TypeError, "Lambda's patterns compare with constants"),
    "neither bool": (lambda: anything_but(order.paid, True, False), ValueError, "is true of no record"),
    "more": (lambda: order.total > 5, TypeError, "numbers of an item are text in the event"),
    "more or as much": (lambda: order.total >= 5, TypeError, "cannot be compared by <, <=, > or >="),
    "less": (lambda: order.total < 5, TypeError, "one_of()"),
    "between": (lambda: 1 < order.total < 5, TypeError, "cannot be compared by <, <=, > or >="),
    "in": (lambda: order.status in ("A", "B"), TypeError, "one_of() is for several values"),
    "an element by in": (lambda: "x" in order.tags, TypeError, "write any_of(where(Order).tags) == …"),
    "a loop": (lambda: list(order.tags), TypeError, "has no elements now"),
    "a length": (lambda: len(order.tags), TypeError, "has no elements now"),
    "not": (lambda: not order.paid, TypeError, "write one_of(where(Order).paid, False) in place of not"),
    "a bool turned around": (lambda: ~order.paid, TypeError, "write one_of(where(Order).paid, False)"),
    "and": (lambda: order.paid and order.status == "x", TypeError, "join conditions with & and |"),
    "a field that is no bool, alone": (lambda: criteria(order.status), TypeError, "alone is no condition"),
    "a field that is no bool, joined": (lambda: order.paid & order.status, TypeError, "alone is no condition"),
    "whether a map is there": (lambda: exists(order.address), TypeError, "Ask for a field of a map that is always set"),
    "whether a list is there": (lambda: exists(order.tags), TypeError, "for any_of() a list or a set"),
    "whether anything is there": (lambda: exists(order.anything), TypeError, "where the type is not known compare"),
    "whether anything is not null": (lambda: order.anything != None, TypeError, "exists looks at a single"),  # noqa: E711
    "neither there nor not": (lambda: exists(order.note, cast("Any", 1)), TypeError, "takes True or False"),
    "the prefix of a number": (lambda: prefix(order.total, "9"), TypeError, "is not stored as text"),
    "a prefix that is no text": (lambda: prefix(order.status, cast("Any", 5)), TypeError, "prefix takes text, not 5"),
    "a prefix with a position": (lambda: order.status.startswith("A", 1), TypeError, "takes no positions"),
    "the prefix of a value": (lambda: prefix("PAID", "PA"), TypeError, "prefix takes a field, such as where(Order)"),
    "an element of a text": (
        lambda: any_of(order.status),
        TypeError,
        "where(Order).status is neither a list nor a set",
    ),
    "one of none": (lambda: cast("Any", one_of)(order.status), TypeError, "one_of takes a field and one value or more"),
    "none of none": (lambda: cast("Any", anything_but)(order.status), TypeError, "anything_but takes a field and one"),
    "two elements of a list": (
        lambda: (any_of(order.tags) == "a") & (any_of(order.tags) == "b"),
        ValueError,
        "two things of the elements at dynamodb.NewImage.tags.L.S",
    ),
    "two elements of a set": (
        lambda: (any_of(order.labels) == "a") & (any_of(order.labels) == "b"),
        ValueError,
        "two things of the elements at dynamodb.NewImage.labels.SS",
    ),
    "a bool in a set": (lambda: any_of(order.flags) == True, TypeError, "is stored as no single value"),  # noqa: E712
    "an operator as an attribute": (lambda: order.extra["$or"], ValueError, "that is an operator in a pattern"),
    "an image that is none": (lambda: where(Order, cast("Any", "newImage")), ValueError, "NewImage, OldImage, Keys"),
    "a bool as a key": (
        lambda: where(Line, "Keys").gift & order.paid,
        ValueError,
        "dynamodb.Keys.gift: a key attribute",
    ),
    "a map as a key": (
        lambda: where(Order, "Keys").address.city == "x",
        ValueError,
        "a key attribute is text, a number",
    ),
    "no type of an item": (lambda: where(int), TypeError, "where(int): an item is never int"),
    "a list of items": (lambda: where(list[Order]), TypeError, "an item is never list["),
    "no type": (lambda: where(cast("Any", 5)), TypeError, "where(5): "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_said_is_refused_in_words(name: str) -> None:
    attempt, kind, text = REFUSED[name]
    with pytest.raises(kind, match=re.escape(text)):
        attempt()


def test_a_field_shows_what_it_is_and_can_be_looked_at_by_tools() -> None:
    assert repr(where(Order)) == "where(Order)"
    assert repr(old.address.city) == "where(Order, 'OldImage').address.city"
    assert repr(order.extra["vat"]) == "where(Order).extra['vat']"
    assert repr(any_of(order.lines).sku) == "any_of(where(Order).lines).sku"
    assert not hasattr(order, "__deepcopy__")
    assert not hasattr(order, "totl")
    with pytest.raises(TypeError, match="unhashable"):
        hash(order)
    assert repr(copy.copy(order.status)) == "where(Order).status"


def test_a_bool_field_joins_on_either_side() -> None:
    paid, gift = new(paid={"BOOL": [True]}), {"id": {"N": ["1"]}}
    one: Condition = order.id == 1
    assert patterns_of(order.paid & one) == patterns_of(one & order.paid) == [new(paid={"BOOL": [True]}, **gift)]
    assert patterns_of(order.paid | one) == [{"$or": [paid, new(**gift)]}]
    assert patterns_of(one | order.paid) == [{"$or": [new(**gift), paid]}]
    assert patterns_of(order.paid & order.paid) == patterns_of(order.paid | order.paid) == [paid]


@pytest.mark.parametrize("join", [lambda a, b: a & b, lambda a, b: a | b])
def test_a_real_bool_is_refused_on_either_side(join: Callable[[Any, Any], Any]) -> None:
    for one, other in ((True, order.paid), (order.paid, False), (order.id == 1, True), (False, order.id == 1)):
        with pytest.raises(TypeError, match=r"takes conditions, not (True|False): Python has worked it out already"):
            join(one, other)
