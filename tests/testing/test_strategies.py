from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, create_model

from streamkit import AttributeValueError, Change, Insert, Modify, Remove, stream_handler
from streamkit.attributes import deserialize_item
from streamkit.local import LocalRunner
from streamkit.local.sources.sizes import item_size
from streamkit.testing import HypothesisMissingError, UnmakeableError, changes, streams
from tests.compiling.typestrategies import draw_shape
from tests.testing.test_values import TYPES, Customer, Either, Order, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.events import ViewType


@pytest.mark.parametrize("image_type", TYPES)
@settings(max_examples=10)
@given(data=st.data())
def test_every_stream_is_one_that_a_table_could_have(image_type: Any, data: st.DataObject) -> None:
    records = data.draw(streams(image_type, key=key_of(image_type)))
    consistent(records)
    handled = []

    @stream_handler
    def handler(change: Change[image_type]) -> None:
        handled.append(change.meta.sequence_number)

    runner = LocalRunner(handler, records)
    runner.run(fail_fast=True)
    assert handled == [record["dynamodb"]["SequenceNumber"] for record in records]
    assert runner.discarded == []


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_of_whatever_type_their_attributes_are(data: st.DataObject) -> None:
    shape, _ = draw_shape(data.draw)  # type: ignore[arg-type]  # it draws the same
    image_type = create_model("Row", id=(int, ...), value=(shape.annotation, ...))
    try:
        strategy = streams(image_type, min_size=2, max_size=3)
    except UnmakeableError:
        return  # of a validator, or a class, of its own
    consistent(data.draw(strategy))
    change = data.draw(changes(image_type))
    assert isinstance(change.old if isinstance(change, Remove) else change.new, image_type)


def consistent(records: list[dict[str, Any]], key: str | None = None) -> None:
    """Check that the records follow from each other, and each from itself."""
    items: dict[str, Any] = {}
    for record in records:
        data = record["dynamodb"]
        new, old = data.get("NewImage"), data.get("OldImage")
        kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        assert record["eventName"] == kind
        name = repr(data["Keys"])
        assert items.get(name) == old
        assert old != new
        assert data["Keys"].items() <= (new or old).items()
        assert data["SizeBytes"] == item_size(data["Keys"]) + item_size(new) + item_size(old)
        items[name] = new
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))
    times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in records]
    assert times == sorted(times)


def found(strategy: Any, condition: Callable[[Any], bool]) -> Any:
    """Return something that fulfils a condition, as it was found: making it smaller takes long."""
    return find(strategy, condition, settings=settings(max_examples=2000, database=None, phases=[Phase.generate]))


def test_items_are_changed_and_removed_and_come_again() -> None:
    def again(records: list[dict[str, Any]]) -> bool:
        names = [record["eventName"] for record in records]
        return "MODIFY" in names and "REMOVE" in names and "INSERT" in names[names.index("REMOVE") :]

    records = found(streams(Order, distinct_keys=1), again)
    assert len({repr(record["dynamodb"]["Keys"]) for record in records}) == 1


def test_a_failing_stream_is_made_as_small_as_it_can_be() -> None:
    class Row(BaseModel):
        id: int

    smallest = find(
        streams(Row, max_size=4),
        lambda records: any("userIdentity" in record for record in records),
        settings=settings(max_examples=2000, database=None, derandomize=True),
    )
    assert [record["eventName"] for record in smallest] == ["INSERT", "REMOVE"]
    assert deserialize_item(smallest[0]["dynamodb"]["NewImage"])["id"] == 0


@settings(max_examples=10)
@given(st.data(), st.integers(0, 3), st.integers(0, 3), st.integers(1, 3))
def test_a_stream_is_as_long_as_is_asked_and_of_as_many_items(
    data: st.DataObject, least: int, more: int, distinct: int
) -> None:
    records = data.draw(streams(Customer, min_size=least, max_size=least + more, distinct_keys=distinct))
    assert least <= len(records) <= least + more
    assert len({repr(record["dynamodb"]["Keys"]) for record in records}) <= distinct


@pytest.mark.parametrize("image_type", [Order, Customer, Either, dict[str, Any]])
@settings(max_examples=10)
@given(data=st.data())
def test_a_change_is_what_a_handler_gets(image_type: Any, data: st.DataObject) -> None:
    change = data.draw(changes(image_type))
    seen: list[Any] = []

    @stream_handler
    def handler(change: Change[image_type]) -> None:
        seen.append(change)

    handler({"Records": [change.raw]})
    assert seen == [change]
    assert "id" in change.keys  # the keys of an item, not of a dict
    assert change.meta.table_name == "table"


@pytest.mark.parametrize("kind", [Insert, Modify, Remove])
def test_changes_are_of_all_kinds(kind: type[Any]) -> None:
    assert isinstance(found(changes(Order), lambda change: isinstance(change, kind)), kind)


@pytest.mark.parametrize("expired", [True, False])
def test_some_of_the_removals_are_by_time_to_live(expired: bool) -> None:
    change = found(changes(Order), lambda change: isinstance(change, Remove) and change.expired is expired)
    assert (change.meta.user_identity is not None) is expired


@pytest.mark.parametrize(
    ("view_type", "new", "old"),
    [("KEYS_ONLY", False, False), ("NEW_IMAGE", True, False), ("OLD_IMAGE", False, True)],
)
@settings(max_examples=10)
@given(data=st.data())
def test_an_image_that_the_view_type_does_not_carry_is_none(
    view_type: ViewType, new: bool, old: bool, data: st.DataObject
) -> None:
    change = data.draw(changes(Order, view_type=view_type, table="orders"))
    assert change.meta.table_name == "orders"
    if not isinstance(change, Remove):
        assert isinstance(change.new, Order) is new
    if not isinstance(change, Insert):
        assert isinstance(change.old, Order) is old
    records = data.draw(streams(Order, view_type=view_type, max_size=3))
    assert not any("NewImage" in record["dynamodb"] for record in records if not new)
    assert {record["dynamodb"]["StreamViewType"] for record in records} == {view_type}


class Priced(BaseModel):
    id: int
    total: Decimal = Field(ge=0)


IMAGES = st.builds(Priced, id=st.integers(1, 2), total=st.integers(0, 5).map(Decimal))


@settings(max_examples=10)
@given(streams(Priced, images=IMAGES), changes(Priced, images=IMAGES.map(Priced.model_dump)))
def test_images_may_be_the_users_own(records: list[dict[str, Any]], change: Any) -> None:
    consistent(records)
    for record in [*records, change.raw]:
        for name in {"NewImage", "OldImage"} & set(record["dynamodb"]):
            image = Priced.model_validate(deserialize_item(record["dynamodb"][name]))
            assert image.id in (1, 2)
            assert image.total <= 5


def test_images_of_another_type_are_told() -> None:
    @settings(database=None)
    @given(changes(Priced, images=st.just({"id": 1, "total": -1})))
    def check(change: Any) -> None: ...

    with pytest.raises(UnmakeableError, match=r"images= gave {'id': 1, 'total': -1}, and Priced is not what a handler"):
        check()


def test_images_without_the_key_are_told() -> None:
    @settings(database=None)
    @given(streams(Priced, key="order_id", images=IMAGES))
    def check(records: Any) -> None: ...

    with pytest.raises(AttributeValueError, match="lacks the key attribute 'order_id'"):
        check()


def test_a_validator_that_refuses_most_values_takes_small_ones() -> None:
    def small(value: int) -> int:
        assert value in range(10)
        return value

    class Row(BaseModel):
        id: Annotated[int, AfterValidator(small)]
        one: Annotated[int, AfterValidator(small)]
        two: Annotated[int, AfterValidator(small)]

    consistent(found(streams(Row), lambda records: len(records) > 3))


def test_a_type_of_which_there_are_no_values_is_told_when_the_strategy_is_made() -> None:
    class Row(BaseModel):
        id: complex

    for strategy in (changes, streams):
        with pytest.raises(UnmakeableError, match="no values of Row can be made: id: there are no values of the kind"):
            strategy(Row)
        with pytest.raises(UnmakeableError, match="Order has no attribute 'pk'"):
            strategy(Order, key="pk")
        with pytest.raises(UnmakeableError, match="it stands for an image that is not wanted"):
            strategy(None)
    with pytest.raises(ValueError, match="distinct_keys takes a whole number from 1 on, not 0"):
        streams(Order, distinct_keys=0)


def test_without_hypothesis_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for strategy in (changes, streams):
        with pytest.raises(HypothesisMissingError, match=r"pip install 'streamkit-dynamodb\[test\]'"):
            strategy(Order)
