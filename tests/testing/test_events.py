from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from streamkit import AttributeValueError, Change, Insert, Modify, Remove, stream_handler
from streamkit.events import ViewType
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import ImpossibleEventError, batch, expire, insert, modify, remove

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW_TYPES: tuple[ViewType, ...] = get_args(ViewType)
AT = datetime(2026, 3, 1, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))


class Order(BaseModel):
    id: int
    total: Decimal = Decimal(0)


ONE, TWO = Order(id=1, total=Decimal("9.90")), Order(id=1, total=Decimal(5))


def record_of(event: dict[str, Any]) -> dict[str, Any]:
    (record,) = event["Records"]
    assert isinstance(record, dict)
    return record


def test_an_insertion_is_the_record_that_aws_sends() -> None:
    assert insert(ONE) == {
        "Records": [
            {
                "eventID": "668e060828a1cdfbb3c842c8f849eea4",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1767225600.0,
                    "Keys": {"id": {"N": "1"}},
                    "NewImage": {"id": {"N": "1"}, "total": {"N": "9.9"}},
                    "SequenceNumber": "100000000000000000001",
                    "SizeBytes": 15,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": (
                    "arn:aws:dynamodb:us-east-1:123456789012:table/table/stream/2026-01-01T00:00:00.000"
                ),
            }
        ]
    }


@pytest.mark.parametrize("view_type", VIEW_TYPES)
def test_each_event_is_what_a_table_would_have_led_to(view_type: ViewType) -> None:
    table = LocalTable("orders", key="id", view_type=view_type)
    table.put(ONE, at=AT)
    table.put(TWO, at=AT)
    table.delete(1, at=AT)
    table.put(ONE, at=AT)
    table.expire(1, at=AT)
    events = [
        insert(ONE, view_type=view_type, at=AT, table="orders"),
        modify(ONE, TWO, view_type=view_type, at=AT, table="orders"),
        remove(TWO, view_type=view_type, at=AT, table="orders"),
        insert(ONE, view_type=view_type, at=AT, table="orders"),
        expire(ONE, view_type=view_type, at=AT, table="orders"),
    ]
    assert batch(*events)["Records"] == table.records


NAMES = st.text(min_size=1, max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38) + 1, 10**38 - 1)
    | st.text()
    | st.binary()
    | st.sets(NAMES, min_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=4)
KEYS = st.integers(0, 2) | st.text(min_size=1) | st.binary(min_size=1)


@settings(max_examples=50)
@given(st.sampled_from(VIEW_TYPES), KEYS, KEYS, ITEMS, ITEMS)
def test_whatever_the_items_are(view_type: ViewType, pk: Any, sk: Any, before: Any, after: Any) -> None:
    keys = {"pk": pk, "sk": sk}
    old, new = {**before, **keys}, {**after, **keys}
    table = LocalTable("table", key=("pk", "sk"), view_type=view_type)
    options: dict[str, Any] = {"key": ("pk", "sk"), "view_type": view_type}
    table.put(old)
    events = [insert(old, **options)]
    if table.put(new) is None:
        with pytest.raises(ImpossibleEventError):
            modify(old, new, **options)
    else:
        events.append(modify(old, new, **options))
    table.delete((pk, sk))
    events.append(remove(new, **options))
    assert batch(*events)["Records"] == table.records
    assert [event["Records"][0]["dynamodb"]["SizeBytes"] for event in events] == [
        record["dynamodb"]["SizeBytes"] for record in table.records
    ]


def test_handlers_take_them_without_a_context() -> None:
    seen: list[str] = []

    @stream_handler
    def handler(change: Change[Order]) -> None:
        match change:
            case Insert(new=order):
                seen.append(f"new {order.total}")
            case Modify(old=before, new=after):
                seen.append(f"{before.total} to {after.total}")
            case Remove(old=order):
                seen.append(f"{order.total} {'expired' if change.expired else 'gone'}")

    for event in (insert(ONE), modify(ONE, TWO), remove(TWO), expire(TWO)):
        assert handler(event) == {"batchItemFailures": []}
    assert seen == ["new 9.9", "9.9 to 5", "5 gone", "5 expired"]


def test_powertools_takes_them() -> None:
    event = DynamoDBStreamEvent(batch(insert(ONE), modify(ONE, TWO)))
    first, second = event.records
    assert first.dynamodb is not None
    assert second.dynamodb is not None
    assert first.dynamodb.new_image == {"id": Decimal(1), "total": Decimal("9.9")}
    assert second.dynamodb.old_image == first.dynamodb.new_image


def test_the_runner_takes_their_records() -> None:
    runner = LocalRunner(lambda event, context: None, batch(insert(ONE), insert(Order(id=2)))["Records"])
    runner.run()
    assert [len(invocation.sequence_numbers) for invocation in runner.invocations] == [2]


def test_items_are_models_dataclasses_or_dicts() -> None:
    @dataclass
    class Plain:
        id: int
        total: Decimal

    class Aliased(BaseModel):
        number: int = Field(alias="id")
        total: Decimal

    total = Decimal("9.90")
    for item in (Plain(1, total), Aliased(id=1, total=total), {"id": 1, "total": total}):
        assert insert(item) == insert(ONE)


def test_the_key_is_what_is_named() -> None:
    item = {"pk": "a", "sk": b"b", "total": 1}
    assert record_of(insert(item, key="pk"))["dynamodb"]["Keys"] == {"pk": {"S": "a"}}
    assert record_of(remove(item, key=("pk", "sk")))["dynamodb"]["Keys"] == {"pk": {"S": "a"}, "sk": {"B": "Yg=="}}


def test_the_same_arguments_are_the_same_event_and_never_the_same_object() -> None:
    one, two = insert(ONE), insert(ONE)
    assert one == two
    data = record_of(one)["dynamodb"]
    data["Keys"]["id"]["N"] = "2"
    assert data["NewImage"]["id"] == {"N": "1"}
    assert insert(ONE) == two
    event = batch(two)
    record_of(event)["dynamodb"]["NewImage"].clear()
    assert insert(ONE) == two


def test_a_batch_is_numbered_in_its_order() -> None:
    event = batch(insert(ONE), batch(modify(ONE, TWO), remove(TWO)), insert(ONE))
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]]
    assert numbers == sorted(set(numbers))
    assert len({record["eventID"] for record in event["Records"]}) == 4
    assert [record["eventName"] for record in event["Records"]] == ["INSERT", "MODIFY", "REMOVE", "INSERT"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: modify(ONE, Order(id=2)), r"modify\(\) from the key .*'1'.* to .*'2'.*DynamoDB never changes a key"),
        (lambda: modify(ONE, {"id": Decimal("1.0"), "total": Decimal("9.9")}), "changes nothing.*writes no record"),
        (batch, r"batch\(\) of no events: Lambda sends no event without records"),
        (lambda: batch(insert(ONE), ONE), r"argument 2 of batch\(\) is no event but Order"),
        (lambda: batch({"Records": None}), r"argument 1 of batch\(\) is no event"),
        (lambda: batch({"Records": [], "window": {}}), r"the event of a window.*window_event\(insert"),
        (lambda: batch(insert(ONE), insert(ONE, table="b")), "of one stream.*table/table.*table/b.*the same table="),
        (lambda: batch(insert(ONE), insert(ONE, view_type="KEYS_ONLY")), "NEW_AND_OLD_IMAGES.*KEYS_ONLY.*view_type="),
    ],
)
def test_what_lambda_would_never_send_is_refused_with_the_reason(make: Callable[[], dict[str, Any]], told: str) -> None:
    with pytest.raises(ImpossibleEventError, match=told):
        make()


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: insert(ONE, key="order_id"), AttributeValueError, "lacks the key attribute 'order_id'.*key= says"),
        (lambda: remove({"id": ""}), AttributeValueError, "key attribute 'id' must be non-empty text"),
        (lambda: insert(None), AttributeValueError, "an item is a dict, a pydantic model or a dataclass, not None"),
        (lambda: insert({"id": 1, "x": {"y": set()}}), AttributeValueError, "x.y: DynamoDB has no empty set"),
        (lambda: insert({"id": 1, "x": "x" * 409_600}), AttributeValueError, "DynamoDB stores at most 409600"),
        (lambda: insert(ONE, at=datetime(2026, 1, 1)), ValueError, "at takes a datetime with a time zone"),  # noqa: DTZ001
        (lambda: insert(ONE, view_type="ALL"), ValueError, "view_type takes KEYS_ONLY"),  # type: ignore[arg-type]
        (lambda: insert(ONE, key=()), ValueError, "key takes the name of the partition key"),
    ],
)
def test_what_dynamodb_would_never_store_is_refused(make: Callable[[], Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        make()


def test_times_are_whole_seconds() -> None:
    assert record_of(insert(ONE, at=AT))["dynamodb"]["ApproximateCreationDateTime"] == 1772359200.0
    assert datetime.fromtimestamp(1772359200, UTC) == AT.replace(microsecond=0)
