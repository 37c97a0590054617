"""`Insert`, `Modify`, `Remove`: what they hold, how two images are compared, where a record came from."""

import copy
import json
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import core_schema
from typing_extensions import TypedDict

from streamkit import AttributeValueError, Change, Insert, Modify, RecordMeta, Remove
from streamkit.decoding import decoder_for
from tests.build import STREAM_ARN, record

SAMPLE: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "aws-sample-event.json").read_text())[
    "Records"
]
WINDOW_SAMPLE: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "aws-sample-window-event.json").read_text()
)["Records"]

TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class Address(BaseModel):
    city: str


class Order(BaseModel):
    id: int
    status: str = "placed"
    address: Address | None = None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int


@dataclass
class Plain:
    id: int
    status: str = "placed"


@dataclass(slots=True)
class Slotted:
    id: int
    status: str = "placed"


class Typed(TypedDict, total=False):
    id: int
    status: str


class Custom:
    """Neither a model nor a dataclass, but pydantic can make one: an attrs class, say."""

    def __init__(self, status: str) -> None:
        self.status = status

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda image: cls(image["status"]))


# --- images, keys, raw ---------------------------------------------------------------------------------------------


def describe(change: Change) -> tuple[Any, ...]:
    match change:
        case Insert(new):
            return "insert", new
        case Modify(new, old):
            return "modify", new, old
        case Remove(old):
            return "remove", old


def test_match_takes_each_kind_apart_by_position() -> None:
    assert describe(Insert({"a": 1})) == ("insert", {"a": 1})
    assert describe(Modify({"a": 2}, {"a": 1})) == ("modify", {"a": 2}, {"a": 1})
    assert describe(Remove({"a": 1})) == ("remove", {"a": 1})


def test_match_takes_each_kind_apart_by_name() -> None:
    match Modify({"a": 2}, {"a": 1}):
        case Modify(old=before, new=after):
            assert (before, after) == ({"a": 1}, {"a": 2})


def test_each_kind_has_only_the_images_that_its_event_has() -> None:
    assert not hasattr(Insert({}), "old")
    assert not hasattr(Remove({}), "new")
    assert (Modify("new", "old").new, Modify("new", "old").old) == ("new", "old")
    assert (Insert("new").new, Remove("old").old) == ("new", "old")


@pytest.mark.parametrize("change", [Insert(Order(id=1)), Modify(Order(id=1), Order(id=2)), Remove(Order(id=1))])
@pytest.mark.parametrize("name", ["new", "old", "keys", "raw", "meta"])
def test_nothing_of_an_event_can_be_replaced(change: Any, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(change, name, Order(id=3))


def test_raw_is_the_very_record_that_lambda_sent_under_powertools_name_too() -> None:
    for change in (
        Insert[Any]({}, raw=SAMPLE[0]),
        Modify[Any]({}, {}, raw=SAMPLE[0]),
        Remove[Any]({}, raw=SAMPLE[0]),
    ):
        assert change.raw is SAMPLE[0]
        assert change.raw_event is SAMPLE[0]


def test_keys_are_read_from_the_record_when_first_asked_for() -> None:
    raw = copy.deepcopy(SAMPLE[0])
    raw["dynamodb"]["Keys"] = {"Id": {"N": "101"}, "data": {"B": "AQI="}}
    change: Insert = Insert({}, raw=raw)
    first = change.keys
    raw["dynamodb"]["Keys"] = {}
    assert first == {"Id": Decimal(101), "data": b"\x01\x02"}
    assert change.keys is first


def test_keys_that_were_given_win_over_the_records() -> None:
    assert Insert({}, keys={"id": 1}, raw=SAMPLE[0]).keys == {"id": 1}
    assert Modify({}, {}, keys={"id": 2}).keys == {"id": 2}
    assert Remove({}, keys={"id": 3}).keys == {"id": 3}


def test_keys_that_are_no_dynamodb_json_say_where() -> None:
    raw = record(1, Keys={"id": {"X": "1"}})
    with pytest.raises(AttributeValueError, match=r"^id: unknown attribute type 'X'"):
        Insert({}, raw=raw).keys  # noqa: B018  # the property is what raises


@pytest.mark.parametrize(
    ("change", "kind"), [(Insert({}), "Insert"), (Modify({}, {}), "Modify"), (Remove({}), "Remove")]
)
@pytest.mark.parametrize("name", ["raw", "raw_event", "meta", "keys"])
def test_an_event_made_by_hand_says_what_it_was_made_without(change: Any, kind: str, name: str) -> None:
    with pytest.raises(LookupError, match=rf"this {kind} was made without a record.*pass raw=.*or keys="):
        getattr(change, name)


def test_meta_is_made_once() -> None:
    change: Insert = Insert({}, raw=SAMPLE[0])
    assert change.meta is change.meta
    assert change.meta == RecordMeta(SAMPLE[0])


def test_only_a_deletion_by_the_service_has_expired() -> None:
    assert Remove({}, raw={**record(1, "REMOVE"), "userIdentity": TTL}).expired is True
    assert Remove({}, raw=record(1, "REMOVE")).expired is False
    assert Remove({}, raw={**record(1, "REMOVE"), "userIdentity": {**TTL, "principalId": "someone"}}).expired is False


# --- equality and text ---------------------------------------------------------------------------------------------


def test_events_are_equal_by_what_they_hold() -> None:
    assert Insert(Order(id=1)) == Insert(Order(id=1))
    assert Modify({"a": 1}, {"a": 2}, keys={"id": 1}) == Modify({"a": 1}, {"a": 2}, keys={"id": 1})
    assert Remove({}, raw=SAMPLE[2]) == Remove({}, raw=copy.deepcopy(SAMPLE[2]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Insert({"a": 1}), Insert({"a": 2})),
        (Insert({"a": 1}), Remove({"a": 1})),
        (Modify({"a": 1}, {"a": 2}), Modify({"a": 2}, {"a": 1})),
        (Modify({"a": 1}, {"a": 2}), Insert({"a": 1})),
        (Insert({}, keys={"id": 1}), Insert({}, keys={"id": 2})),
        (Insert({}, keys={"id": 1}), Insert({})),
        (Insert({}, raw=SAMPLE[0]), Insert({}, raw=SAMPLE[1])),
        (Insert({}, raw=SAMPLE[0]), Insert({})),
        (Insert({}), {}),
        (RecordMeta(SAMPLE[0]), RecordMeta(SAMPLE[1])),
        (RecordMeta(SAMPLE[0]), SAMPLE[0]),
    ],
)
def test_events_that_differ_in_anything_are_not_equal(one: Any, other: Any) -> None:
    assert one != other
    assert other != one


@pytest.mark.parametrize("thing", [Insert({}), Modify({}, {}), Remove({}), RecordMeta(SAMPLE[0])])
def test_what_another_kind_of_object_says_of_equality_is_left_to_it(thing: object) -> None:
    assert thing == ANY


def test_whether_the_keys_were_looked_at_makes_no_difference() -> None:
    looked_at: Insert = Insert({}, raw=SAMPLE[0])
    assert looked_at.keys == {"Id": 101}
    assert looked_at == Insert({}, raw=SAMPLE[0])


@pytest.mark.parametrize("thing", [Insert({}), Modify({}, {}), Remove({}), RecordMeta(SAMPLE[0])])
def test_what_is_equal_by_value_and_holds_dicts_has_no_hash(thing: object) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(thing)


def test_the_text_of_an_event_shows_its_images_and_keys() -> None:
    assert repr(Insert({"a": 1})) == "Insert(new={'a': 1}, keys=None)"
    assert repr(Modify({"a": 2}, {"a": 1}, keys={"id": 1})) == "Modify(new={'a': 2}, old={'a': 1}, keys={'id': 1})"
    assert repr(Remove({"a": 1}, raw=SAMPLE[2])) == "Remove(old={'a': 1}, keys={'Id': Decimal('101')})"
    assert repr(RecordMeta({"eventID": "1"})) == "RecordMeta({'eventID': '1'})"


@pytest.mark.parametrize(
    "raw", [{"eventID": "1"}, {"dynamodb": {}}, {"dynamodb": {"Keys": None}}, {"dynamodb": {"Keys": {"id": {"X": 1}}}}]
)
def test_an_event_whose_record_has_no_sound_keys_can_still_be_printed_and_compared(raw: dict[str, Any]) -> None:
    assert repr(Insert({"a": 1}, raw=raw)).startswith("Insert(new={'a': 1}")
    assert Insert({"a": 1}, raw=raw) == Insert({"a": 1}, raw=copy.deepcopy(raw))


@pytest.mark.parametrize(
    "change", [Insert(Order(id=1), raw=SAMPLE[0]), Modify({}, {"a": 1}, keys={"id": 1}), Remove({}, raw=SAMPLE[2])]
)
def test_events_can_be_copied_and_sent_to_other_processes(change: Any) -> None:
    assert copy.deepcopy(change) == change
    assert pickle.loads(pickle.dumps(change)) == change  # noqa: S301  # our own bytes


# --- where a record came from --------------------------------------------------------------------------------------


def test_meta_reads_awss_sample() -> None:
    meta = RecordMeta(SAMPLE[0])
    assert meta.event_id == "1"
    assert meta.sequence_number == "111"
    assert meta.created_at is None
    assert meta.size_bytes == 26
    assert meta.view_type == "NEW_AND_OLD_IMAGES"
    assert meta.region == "us-west-2"
    assert meta.stream_arn == "arn:aws:dynamodb:us-west-2:111122223333:table/TestTable/stream/2015-05-11T21:21:33.291"
    assert meta.table_name == "TestTable"
    assert meta.user_identity is None


def test_the_creation_time_is_aware_and_in_utc() -> None:
    created = RecordMeta(record(1)).created_at
    assert created == datetime(2026, 1, 1, tzinfo=UTC)
    assert created is not None
    assert created.tzinfo is UTC


def test_a_creation_time_at_the_epoch_is_a_time() -> None:
    raw = record(1, ApproximateCreationDateTime=0)
    assert RecordMeta(raw).created_at == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arn", "name"), [(STREAM_ARN, "orders"), ("arn:aws-cn:dynamodb:cn-north-1:1:table/a.b-c_d", "a.b-c_d")]
)
def test_the_tables_name_is_that_of_the_streams_arn(arn: str, name: str) -> None:
    assert RecordMeta({"eventSourceARN": arn}).table_name == name


def test_an_arn_without_a_table_is_refused_with_the_form_of_one() -> None:
    with pytest.raises(ValueError, match=r"^eventSourceARN 'stream-ARN' names no table: expected arn:aws:dynamodb:"):
        RecordMeta(WINDOW_SAMPLE[0]).table_name  # noqa: B018  # the property is what raises


def test_the_user_identity_is_under_awss_names() -> None:
    assert RecordMeta({**record(1), "userIdentity": TTL}).user_identity == TTL


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("event_id", "eventID"),
        ("sequence_number", "SequenceNumber"),
        ("size_bytes", "SizeBytes"),
        ("view_type", "StreamViewType"),
        ("region", "awsRegion"),
        ("stream_arn", "eventSourceARN"),
        ("table_name", "eventSourceARN"),
    ],
)
def test_what_a_record_lacks_is_named(name: str, member: str) -> None:
    with pytest.raises(KeyError, match=member):
        getattr(RecordMeta({"dynamodb": {}}), name)


# --- what changed --------------------------------------------------------------------------------------------------

PAIRS = [
    pytest.param({"id": 1, "status": "placed"}, {"id": 1, "status": "paid"}, id="dict"),
    pytest.param(Order(id=1), Order(id=1, status="paid"), id="model"),
    pytest.param(
        Open.model_validate({"id": 1, "status": "placed"}),
        Open.model_validate({"id": 1, "status": "paid"}),
        id="model with extras",
    ),
    pytest.param(Plain(1), Plain(1, "paid"), id="dataclass"),
    pytest.param(Slotted(1), Slotted(1, "paid"), id="dataclass with slots"),
    pytest.param(Typed(id=1, status="placed"), Typed(id=1, status="paid"), id="TypedDict"),
    pytest.param(Custom("placed"), Custom("paid"), id="class of any kind"),
    pytest.param(Plain(1), Order(id=1, status="paid"), id="union: the type itself changed"),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_kind_of_image_says_which_fields_changed_and_how(before: Any, after: Any) -> None:
    change: Modify[Any, Any] = Modify(after, before)
    assert change.diff().items() >= {"status": ("placed", "paid")}.items()
    assert change.changed()
    assert change.changed("status")
    if not isinstance(before, Custom):
        assert "id" not in change.diff()
        assert not change.changed("id")
        assert change.changed("id", "status")


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_equal_images_have_not_changed(before: Any, after: Any) -> None:
    for image in (before, after):
        same: Modify[Any, Any] = Modify(image, copy.deepcopy(image))
        assert same.diff() == {}
        assert not same.changed()
        assert not same.changed("status")


def test_a_nested_model_is_one_field() -> None:
    before, after = (Order(id=1, address=Address(city=city)) for city in ("Bern", "Chur"))
    assert Modify(after, before).diff() == {"address": (Address(city="Bern"), Address(city="Chur"))}


def test_a_field_that_appears_or_disappears_has_changed() -> None:
    appeared = Modify({"a": 1, "b": 2}, {"a": 1})
    assert appeared.diff() == {"b": (None, 2)}
    assert appeared.changed("b")
    disappeared = Modify({"a": 1}, {"a": 1, "b": 2})
    assert disappeared.diff() == {"b": (2, None)}
    assert disappeared.changed("b")


def test_an_extra_field_that_appears_has_changed() -> None:
    change = Modify(Open.model_validate({"id": 1, "note": "x"}), Open(id=1))
    assert change.diff() == {"note": (None, "x")}
    assert change.changed("note")


def test_a_null_is_something_else_than_an_absent_attribute() -> None:
    change: Modify = Modify({"a": None}, {})
    assert change.changed("a")
    assert change.diff() == {"a": (None, None)}


@pytest.mark.parametrize(
    ("old", "new"),
    [(Decimal(1), True), (False, Decimal(0)), ([Decimal(1)], [True]), ({"deep": False}, {"deep": Decimal(0)})],
)
def test_a_number_that_becomes_a_truth_value_has_changed_although_python_calls_them_equal(old: Any, new: Any) -> None:
    change = Modify({"flag": new}, {"flag": old})
    assert change.changed("flag")
    assert change.diff() == {"flag": (old, new)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": 1, "b": None}, {"a": 1}),
        ({"a": None}, {"b": None}),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ([1, 1], [1]),
        ([{"a": [1]}], [{"a": [2]}]),
        ({"a": 1}, ["a", 1]),
        ([], {}),
        ({"a"}, {"a", "b"}),
        (b"a", "a"),
    ],
)
def test_a_difference_deep_inside_is_a_change_and_equal_structures_are_none(old: Any, new: Any) -> None:
    assert Modify({"deep": new}, {"deep": old}).diff() == {"deep": (old, new)}
    for same in (old, new):
        assert not Modify({"deep": same}, {"deep": copy.deepcopy(same)}).changed()


def test_numbers_that_are_spelled_differently_are_the_same_to_dynamodb() -> None:
    assert not Modify({"n": Decimal("1.0")}, {"n": Decimal(1)}).changed()


def test_a_name_that_a_model_does_not_have_is_refused_with_those_that_it_has() -> None:
    change = Modify(Order(id=1), Order(id=1))
    with pytest.raises(AttributeError, match=r"^Order has no field 'staus' to compare: it has address, id, status$"):
        change.changed("status", "staus")


def test_a_name_that_only_one_side_of_a_union_has_is_known() -> None:
    change: Modify[Any, Any] = Modify(Plain(1), Custom("placed"))
    assert change.changed("id")
    with pytest.raises(AttributeError, match=r"^Plain has no field 'address' to compare: it has id, status$"):
        change.changed("address")


@pytest.mark.parametrize(("new", "old"), [({"a": 1}, {"a": 2}), ({"a": 1}, Plain(1)), (Plain(1), {"a": 1})])
def test_any_name_may_be_asked_of_a_dict_since_items_have_no_fixed_attributes(new: Any, old: Any) -> None:
    change: Modify[Any, Any] = Modify(new, old)
    assert not change.changed("absent from both")


@pytest.mark.parametrize(("new", "old", "side"), [(None, {"a": 1}, "new"), ({"a": 1}, None, "old")])
def test_without_both_images_there_is_nothing_to_compare(new: Any, old: Any, side: str) -> None:
    change: Modify[Any, Any] = Modify(new, old)
    for compare in (change.diff, change.changed, lambda: change.changed("a")):
        with pytest.raises(LookupError, match=rf"no {side} image.*Modify\[New, Old\].*NEW_AND_OLD_IMAGES"):
            compare()


def test_extras_of_a_dataclass_that_allows_them_are_compared_like_a_models() -> None:
    @dataclass
    class Loose:
        __pydantic_config__ = ConfigDict(extra="allow")
        id: int

    decode = decoder_for(Loose, "test")
    assert decode is not None
    change = Modify(decode({"id": {"N": "1"}, "note": {"S": "b"}}), decode({"id": {"N": "1"}, "note": {"S": "a"}}))
    assert change.changed("note")
    assert change.diff() == {"note": ("a", "b")}


def test_only_fields_are_compared_and_not_what_an_object_keeps_besides() -> None:
    @dataclass
    class Keeping:
        id: int

        def __post_init__(self) -> None:
            self._kept = object()

        @cached_property
        def label(self) -> str:
            return f"order {self.id}"

    before, after = Keeping(1), Keeping(1)
    assert after.label == "order 1"
    assert Modify(after, before).diff() == {}
    assert not Modify(after, before).changed()


IMAGES = st.dictionaries(
    st.sampled_from("abcd"), st.none() | st.text(max_size=1) | st.integers(2, 3).map(Decimal), max_size=4
)


@given(new=IMAGES, old=IMAGES)
def test_changed_and_diff_agree(new: dict[str, Any], old: dict[str, Any]) -> None:
    change = Modify(new, old)
    assert {name for name in "abcd" if change.changed(name)} == set(change.diff())
    assert change.changed() == bool(change.diff()) == (new != old)
    assert change.changed(*"abcd") == change.changed()


@given(new=IMAGES, old=IMAGES)
def test_diff_turns_around_with_its_images(new: dict[str, Any], old: dict[str, Any]) -> None:
    there, back = Modify(new, old).diff(), Modify(old, new).diff()
    assert {name: (after, before) for name, (before, after) in there.items()} == back


@given(new=IMAGES, old=IMAGES)
def test_diff_holds_all_that_it_takes_to_get_from_the_old_image_to_the_new(
    new: dict[str, Any], old: dict[str, Any]
) -> None:
    patched = {name: value for name, value in old.items() if name in new}
    patched |= {name: after for name, (_, after) in Modify(new, old).diff().items() if name in new}
    assert patched == new
