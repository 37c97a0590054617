"""A raw record to the event that a handler asks for, or to the error that says why not."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable  # noqa: TC003  # annotations are evaluated in these tests
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator
from typing_extensions import TypedDict

from streamkit import (
    AttributeValueError,
    Change,
    DecodeError,
    HandlerDefinitionError,
    Insert,
    Modify,
    Remove,
    ViewTypeError,
)
from streamkit.reading import EventReader, sequence_number_of
from streamkit.signature import read_signature
from tests.build import record

SAMPLE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "aws-sample-event.json").read_text())[
    "Records"
]
VIEW_TYPES = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]


class Message(BaseModel):
    Id: int
    Message: str


class Order(BaseModel):
    id: int
    status: str = "placed"


@dataclass
class Key:
    id: int


class Status(TypedDict):
    status: str


def reader_of(function: Callable[..., object], **local_names: Any) -> EventReader:
    return EventReader(read_signature(function, local_names))


def on_any(change: Change) -> None: ...
def on_message(change: Change[Message]) -> None: ...
def on_order(change: Change[Order]) -> None: ...
def on_insert(change: Insert[Order]) -> None: ...
def on_new_only(change: Modify[Order, None]) -> None: ...
def on_old_only(change: Modify[None, Order] | Remove[Order]) -> None: ...
def on_optional(change: Modify[Order, Order | None]) -> None: ...
def on_keys_alone(change: Change[None]) -> None: ...
def on_typed_keys(change: Insert[None, Key]) -> None: ...
def on_optional_keys(change: Insert[None, Key | None]) -> None: ...


# --- what is read --------------------------------------------------------------------------------------------------


def test_awss_sample_reads_as_typed_events() -> None:
    reader = reader_of(on_message)
    new, changed = Message(Id=101, Message="New item!"), Message(Id=101, Message="This item has changed")
    assert [reader.read(raw) for raw in SAMPLE] == [
        Insert(new, raw=SAMPLE[0]),
        Modify(changed, new, raw=SAMPLE[1]),
        Remove(changed, raw=SAMPLE[2]),
    ]


def test_awss_sample_reads_as_untyped_events() -> None:
    reader = reader_of(on_any)
    new, changed = (
        {"Id": Decimal(101), "Message": "New item!"},
        {"Id": Decimal(101), "Message": "This item has changed"},
    )
    events = [reader.read(raw) for raw in SAMPLE]
    assert events == [
        Insert(new, raw=SAMPLE[0]),
        Modify(changed, new, raw=SAMPLE[1]),
        Remove(changed, raw=SAMPLE[2]),
    ]
    assert [event.keys for event in events] == [{"Id": Decimal(101)}] * 3


def test_the_event_holds_the_very_record() -> None:
    raw = record(1)
    assert reader_of(on_order).read(raw).raw is raw


def test_a_kind_that_was_not_asked_for_is_skipped_unread() -> None:
    reader = reader_of(on_insert)
    assert reader.read(record(1)) == Insert(Order(id=1), raw=record(1))
    assert reader.read(record(2, "MODIFY", NewImage="broken")) is None
    assert reader.read(record(3, "REMOVE", OldImage=None)) is None


def test_an_image_that_was_not_asked_for_is_not_read() -> None:
    new_only = reader_of(on_new_only).read(record(1, "MODIFY", OldImage="broken"))
    assert (new_only.new, new_only.old) == (Order(id=1), None)
    reader = reader_of(on_old_only)
    old_only = reader.read(record(1, "MODIFY", NewImage="broken"))
    assert (old_only.new, old_only.old) == (None, Order(id=1))
    assert reader.read(record(1)) is None


def test_each_image_may_have_a_type_of_its_own() -> None:
    def handler(change: Modify[Order, Status]) -> None: ...

    event = reader_of(handler).read(record(1, "MODIFY", new={"status": {"S": "b"}}, old={"status": {"S": "a"}}))
    assert event.new == Order(id=1, status="b")
    assert event.old == {"status": "a"}


def test_types_local_to_a_function_are_read() -> None:
    class Card(BaseModel):
        kind: Literal["card"]

    class Cash(BaseModel):
        kind: Literal["cash"]

    payment = Annotated[Card | Cash, Field(discriminator="kind")]

    def handler(change: Insert[payment]) -> None: ...

    reader = reader_of(handler, payment=payment)
    assert [reader.read(record(1, new={"kind": {"S": kind}})).new for kind in ("card", "cash")] == [
        Card(kind="card"),
        Cash(kind="cash"),
    ]


def test_untyped_keys_are_read_only_when_asked_for() -> None:
    event = reader_of(on_order).read(record(1, Keys={"id": {"X": 1}}))
    with pytest.raises(AttributeValueError, match="unknown attribute type 'X'"):
        event.keys  # noqa: B018  # the property is what raises


def test_typed_keys_are_read_with_the_images() -> None:
    assert reader_of(on_typed_keys).read(record(7)).keys == Key(7)
    with pytest.raises(DecodeError, match=r"^record 7, Keys: not a valid Key: id: Input should be a valid integer"):
        reader_of(on_typed_keys).read(record(7, Keys={"id": {"S": "x"}}))


def test_keys_that_a_record_lacks_fail_it_where_they_have_a_type() -> None:
    with pytest.raises(DecodeError, match=r"^record 7, Keys: the record carries none, although") as caught:
        reader_of(on_typed_keys).read(record(7, Keys=None, view_type="KEYS_ONLY"))
    assert not isinstance(caught.value, ViewTypeError)
    assert caught.value.part == "Keys"


# --- view types ----------------------------------------------------------------------------------------------------

CARRIED = {
    "KEYS_ONLY": set(),
    "NEW_IMAGE": {"NewImage"},
    "OLD_IMAGE": {"OldImage"},
    "NEW_AND_OLD_IMAGES": {"NewImage", "OldImage"},
}
HAS = {"INSERT": ["NewImage"], "MODIFY": ["NewImage", "OldImage"], "REMOVE": ["OldImage"]}
KINDS = {"INSERT": "Insert", "MODIFY": "Modify", "REMOVE": "Remove"}
ENOUGH = {
    "NewImage": "NEW_IMAGE or NEW_AND_OLD_IMAGES",
    "OldImage": "OLD_IMAGE or NEW_AND_OLD_IMAGES",
}


def record_of_view(name: str, view_type: str) -> dict[str, Any]:
    """Return a record as a stream of this view type carries it."""
    raw = record(5, name, view_type=view_type)
    raw["dynamodb"] = {
        member: value
        for member, value in raw["dynamodb"].items()
        if not member.endswith("Image") or member in CARRIED[view_type]
    }
    return raw


@pytest.mark.parametrize("view_type", VIEW_TYPES)
@pytest.mark.parametrize("name", HAS)
def test_an_image_that_the_view_type_does_not_carry_is_one_clear_error(name: str, view_type: str) -> None:
    reader = reader_of(on_order)
    missing = [image for image in HAS[name] if image not in CARRIED[view_type]]
    if not missing:
        assert reader.read(record_of_view(name, view_type)) is not None
        return
    with pytest.raises(ViewTypeError) as caught:
        reader.read(record_of_view(name, view_type))
    assert str(caught.value) == (
        f"record 5, {missing[0]}: the stream's view type {view_type} does not carry it, "
        f"but parameter 'change' of {__name__}.on_order() asks for Order there: "
        f"write None for it ({KINDS[name]}[…]), or set the table's StreamViewType to {ENOUGH[missing[0]]}"
    )
    assert caught.value.part == missing[0]
    assert caught.value.sequence_number == "5"


@pytest.mark.parametrize("view_type", VIEW_TYPES)
@pytest.mark.parametrize("name", HAS)
def test_who_asks_for_no_image_reads_every_view_type(name: str, view_type: str) -> None:
    event = reader_of(on_keys_alone).read(record_of_view(name, view_type))
    assert type(event).__name__ == KINDS[name]
    assert event.keys == {"id": 5}
    assert {getattr(event, image, None) for image in ("new", "old")} == {None}


def test_an_image_that_may_be_of_several_types_is_asked_for_by_their_names() -> None:
    class Item(BaseModel):
        kind: Literal["item"]

    class Parcel(BaseModel):
        kind: Literal["parcel"]

    union = Annotated[Item | Parcel, Field(discriminator="kind")]

    def handler(change: Insert[union]) -> None: ...

    with pytest.raises(ViewTypeError, match=r"asks for \S*Item \| \S*Parcel there"):
        reader_of(handler, union=union).read(record_of_view("INSERT", "KEYS_ONLY"))


def test_an_untyped_handler_needs_its_images_too() -> None:
    with pytest.raises(ViewTypeError, match="view type KEYS_ONLY does not carry it"):
        reader_of(on_any).read(record_of_view("INSERT", "KEYS_ONLY"))


def test_an_optional_image_is_none_where_the_view_type_does_not_carry_it() -> None:
    event = reader_of(on_optional).read(record_of_view("MODIFY", "NEW_IMAGE"))
    assert (event.new, event.old) == (Order(id=5), None)
    full = reader_of(on_optional).read(record_of_view("MODIFY", "NEW_AND_OLD_IMAGES"))
    assert full.old == Order(id=5)


def test_an_image_that_is_optional_behind_annotated_is_none_too() -> None:
    def handler(change: Insert[Annotated[Order | None, "may be absent"]]) -> None: ...

    assert reader_of(handler).read(record_of_view("INSERT", "KEYS_ONLY")).new is None


def test_optional_keys_are_none_where_a_record_lacks_them() -> None:
    reader = reader_of(on_optional_keys)
    assert reader.read(record(5)).keys == Key(5)
    raw = record(5)
    del raw["dynamodb"]["Keys"]
    assert reader.read(raw).new is None


@pytest.mark.parametrize("view_type", ["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "SOMETHING_NEW", None])
def test_an_image_that_is_missing_against_the_view_type_is_the_records_own_fault(view_type: str | None) -> None:
    raw = record(5)
    del raw["dynamodb"]["NewImage"]
    raw["dynamodb"]["StreamViewType"] = view_type
    with pytest.raises(DecodeError) as caught:
        reader_of(on_insert).read(raw)
    assert not isinstance(caught.value, ViewTypeError)
    assert str(caught.value) == (
        f"record 5, NewImage: the record carries none, although its StreamViewType is {view_type}"
    )


def test_an_image_that_is_null_is_missing() -> None:
    with pytest.raises(DecodeError, match="the record carries none"):
        reader_of(on_insert).read(record(5, NewImage=None))


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "part", "message", "cause"),
    [
        (
            record(5, new={"id": {"S": "x"}}),
            "NewImage",
            "record 5, NewImage: not a valid Order: id: Input should be a valid integer",
            ValidationError,
        ),
        (
            record(5, "REMOVE", old={"status": {"BOOL": True}}),
            "OldImage",
            "record 5, OldImage: not a valid Order: status: Input should be a valid string",
            ValidationError,
        ),
        (
            record(5, new={"note": {"N": "x"}}),
            "NewImage",
            "record 5, NewImage: note: N must hold a number as text",
            AttributeValueError,
        ),
        (
            record(5, "MODIFY", OldImage="text"),
            "OldImage",
            "record 5, OldImage: expected a map of attribute values, not 'text'",
            AttributeValueError,
        ),
    ],
)
def test_an_image_that_does_not_decode_says_which_record_which_part_and_why(
    raw: dict[str, Any], part: str, message: str, cause: type[Exception]
) -> None:
    with pytest.raises(DecodeError) as caught:
        reader_of(on_order).read(raw)
    assert str(caught.value).startswith(message)
    assert f"record 5, {part}: {caught.value.problem}" == str(caught.value)
    assert (caught.value.sequence_number, caught.value.part) == ("5", part)
    assert isinstance(caught.value.__cause__, cause)
    assert isinstance(caught.value, ValueError)


def test_a_users_validator_that_crashes_fails_only_its_record() -> None:
    class Crashing(BaseModel):
        id: int

        @field_validator("id")
        @classmethod
        def _crash(cls, value: int) -> int:
            return 1 // (value - 5)

    def handler(change: Insert[Crashing]) -> None: ...

    reader = reader_of(handler, Crashing=Crashing)
    with pytest.raises(DecodeError, match=r"^record 5, NewImage: ZeroDivisionError: ") as caught:
        reader.read(record(5))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert reader.read(record(6)).new.id == 1


def test_an_image_is_at_fault_even_in_a_record_without_a_sequence_number() -> None:
    raw = record(5, new={"id": {"S": "x"}})
    del raw["dynamodb"]["SequenceNumber"]
    with pytest.raises(DecodeError, match=r"^record \(without SequenceNumber\), NewImage: ") as caught:
        reader_of(on_order).read(raw)
    assert caught.value.sequence_number is None


@pytest.mark.parametrize(
    "raw",
    [None, "text", 7, [], {}, {"eventName": "INSERT"}, {"dynamodb": None}, {"dynamodb": [1]}, {"body": "x" * 999}],
)
def test_what_is_no_stream_record_is_refused_as_a_whole(raw: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        reader_of(on_order).read(raw)
    assert str(caught.value).startswith(f"record (without SequenceNumber), record: {raw!r:.100}")
    assert str(caught.value).endswith(' is not a stream record: it has no "dynamodb" object')
    assert len(str(caught.value)) < 250
    assert (caught.value.sequence_number, caught.value.part) == (None, "record")


@pytest.mark.parametrize("name", ["insert", "CREATE", "", None, 7])
def test_an_event_name_that_dynamodb_does_not_have_is_refused_with_those_that_it_has(name: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        reader_of(on_order).read({**record(5), "eventName": name})
    assert str(caught.value) == f"record 5, record: eventName is {name!r}: expected INSERT, MODIFY, REMOVE"
    assert (caught.value.sequence_number, caught.value.part) == ("5", "record")


@pytest.mark.parametrize(
    ("image_type", "where"),
    [
        (Insert[int], "Insert's NewImage: an item is never int"),
        (Modify[Order, list[Order]], "Modify's OldImage: an item is never list"),
        (Remove[str], "Remove's OldImage: an item is never str"),
        (Insert[Order, int], "Insert's Keys: an item is never int"),
    ],
)
def test_a_type_that_no_item_can_have_is_refused_when_the_handler_is_defined(image_type: Any, where: str) -> None:
    def handler(change: image_type) -> None: ...

    signature = read_signature(handler, {"image_type": image_type})
    with pytest.raises(HandlerDefinitionError) as caught:
        EventReader(signature)
    assert str(caught.value).startswith(f"parameter 'change' of {signature.function_name}(), {where}")


@pytest.mark.parametrize(
    "raw", [record(5, new={"id": {"S": "x"}}), record_of_view("INSERT", "KEYS_ONLY"), {"dynamodb": None}]
)
def test_an_error_survives_the_way_to_another_process(raw: dict[str, Any]) -> None:
    with pytest.raises(DecodeError) as caught:
        reader_of(on_order).read(raw)
    error, again = caught.value, pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert (again.problem, again.sequence_number, again.part) == (error.problem, error.sequence_number, error.part)


# --- sequence numbers ----------------------------------------------------------------------------------------------


def test_a_sequence_number_is_the_records_own() -> None:
    assert [sequence_number_of(raw) for raw in SAMPLE] == ["111", "222", "333"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        {},
        {"dynamodb": None},
        {"dynamodb": []},
        {"dynamodb": {}},
        {"dynamodb": {"SequenceNumber": ""}},
        {"dynamodb": {"SequenceNumber": None}},
        {"dynamodb": {"SequenceNumber": 111}},
    ],
)
def test_without_a_sequence_number_as_text_there_is_nothing_to_report(raw: Any) -> None:
    assert sequence_number_of(raw) is None
