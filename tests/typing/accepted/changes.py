"""Of a change, checkers know which images it has, and of which type."""

# pyright: strict

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, assert_never, assert_type

from streamkit import Change, Insert, Modify, RecordMeta, Remove, Window
from streamkit.events import UserIdentity, ViewType
from tests.typing.models import Customer, Entity, Gift, Key, Order, Point, Row

Image = TypeVar("Image")


def each_case_of_a_match_has_its_images(change: Change[Order] = Insert(Order(id=1))) -> None:
    match change:
        case Insert(new=order):
            assert_type(order, Order)
        case Modify(new=after, old=before):
            assert_type((after, before), tuple[Order, Order])
        case Remove(old=order):
            assert_type(order, Order)
        case _:
            assert_never(change)


def images_may_be_matched_by_position_the_new_one_first(
    change: Change[Order] = Modify(Order(id=1, total=Decimal(2)), Order(id=1)),
) -> None:
    match change:
        case Modify(after, before):
            assert_type((after, before), tuple[Order, Order])
            assert after.total > before.total
        case Insert(order) | Remove(order):
            assert_type(order, Order)


def each_branch_of_isinstance_has_its_images(change: Change[Order] = Remove(Order(id=1))) -> None:
    if isinstance(change, Insert):
        assert_type(change.new, Order)
    elif isinstance(change, Modify):
        assert_type((change.new, change.old), tuple[Order, Order])
    else:
        assert_type(change, Remove[Order])
        assert_type(change.old, Order)


def a_match_over_fewer_kinds_is_exhaustive_with_these(
    change: Insert[Order] | Remove[Order] = Remove(Order(id=1)),
) -> None:
    match change:
        case Insert():
            assert_type(change.new, Order)
        case Remove():
            assert_type(change.old, Order)
        case _:
            assert_never(change)


def a_match_that_returns_in_each_case_needs_no_default(change: Change[Order] = Insert(Order(id=1))) -> Order:
    match change:
        case Insert(new=order) | Modify(new=order):
            return order
        case Remove(old=order):
            return order


def of_a_stream_without_old_images_the_old_one_is_none(
    change: Insert[Order] | Modify[Order, None] | Remove[None] = Modify(Order(id=1), None),
) -> None:
    match change:
        case Insert():
            assert_type(change.new, Order)
        case Modify():
            assert_type((change.new, change.old), tuple[Order, None])
        case Remove():
            assert_type(change.old, None)


def of_a_stream_without_images_there_are_keys(
    change: Insert[None, Key] = Insert(None, keys=Key(id=1)),
) -> None:
    assert_type(change.new, None)
    assert_type(change.keys["id"], int)


def the_old_image_is_of_the_new_ones_type_unless_another_is_named(
    change: Modify[Order] = Modify(Order(id=1), Order(id=1)),
    renamed: Modify[Order, Row] = Modify(Order(id=1), Row(id=1)),
) -> None:
    assert_type(change, Modify[Order, Order, dict[str, Any]])
    assert_type(renamed.old["id"], int)


def an_image_that_may_be_missing_is_narrowed_like_any_optional(
    change: Modify[Order, Order | None] = Modify(Order(id=1), None),
) -> None:
    if change.old is None:
        assert_type(change.old, None)
    else:
        assert_type(change.old, Order)


def an_untyped_image_is_a_dict(change: Change = Insert({"id": 1})) -> None:
    if isinstance(change, Insert):
        assert_type(change.new, dict[str, Any])


def a_dataclass_and_a_typed_dict_are_images(
    point: Insert[Point] = Insert(Point(1)), row: Remove[Row] = Remove(Row(id=1))
) -> None:
    assert_type(point.new.x, int)
    assert_type(row.old["id"], int)


def a_table_may_hold_several_entities(change: Change[Entity] = Insert(Order(id=1))) -> None:
    match change:
        case Insert(new=Order(total=total)):
            assert_type(total, Decimal)
        case Insert(new=Customer() as customer):
            assert_type(customer, Customer)
        case _:
            pass


def keys_are_a_dict_unless_a_type_is_named(
    change: Insert[Order] = Insert(Order(id=1), keys={"id": Decimal(1)}),
    typed: Remove[Order, Key] = Remove(Order(id=1), keys=Key(id=1)),
) -> None:
    assert_type(change.keys, dict[str, Any])
    assert_type(typed.keys, Key)


def only_a_modification_can_be_compared(change: Modify[Order] = Modify(Order(id=2), Order(id=1))) -> None:
    assert_type(change.changed(), bool)
    assert_type(change.changed("id", "total"), bool)
    assert_type(change.diff(), dict[str, tuple[Any, Any]])


def an_event_made_by_hand_is_of_its_images_type() -> None:
    assert_type(Insert(Order(id=1)), Insert[Order])
    assert_type(Modify(Order(id=1), None), Modify[Order, None])
    assert_type(Remove(Row(id=1)), Remove[Row])
    assert_type(Insert(Order(id=1), keys=Key(id=1)), Insert[Order, Key])
    assert_type(Insert({"id": 1}, raw={"eventName": "INSERT"}).raw, dict[str, Any])


def a_change_of_a_subclass_is_a_change_of_its_base() -> None:
    gifts: list[Change[Gift]] = [Insert(Gift(id=1)), Remove(Gift(id=1))]

    def ids(changes: Iterable[Change[Order]]) -> list[int]:
        return [a_match_that_returns_in_each_case_needs_no_default(change).id for change in changes]

    assert ids(gifts) == [1, 1]


def a_function_may_be_generic_in_the_image(
    change: Insert[Order] | Modify[Order] = Insert(Order(id=1)),
) -> None:
    def newest(change: Insert[Image] | Modify[Image]) -> Image:
        return change.new

    assert_type(newest(change), Order)


def what_is_known_of_a_record_is_typed() -> None:
    data = {"SequenceNumber": "100", "SizeBytes": 3, "StreamViewType": "KEYS_ONLY"}
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
    raw = {"eventID": "1", "awsRegion": "eu-west-1", "eventSourceARN": arn, "dynamodb": data}
    change = Remove(Order(id=1), raw=raw)
    assert_type(change.meta, RecordMeta)
    assert_type(change.expired, bool)
    assert_type(change.meta.event_id, str)
    assert_type(change.meta.sequence_number, str)
    assert_type(change.meta.created_at, datetime | None)
    assert_type(change.meta.size_bytes, int)
    assert_type(change.meta.view_type, ViewType)
    assert_type(change.meta.region, str)
    assert_type(change.meta.stream_arn, str)
    assert_type(change.meta.table_name, str)
    assert_type(change.meta.user_identity, UserIdentity | None)


def a_window_has_a_beginning_and_an_end(
    window: Window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
) -> None:
    assert_type((window.start, window.end), tuple[datetime, datetime])
    assert_type(window.shard_id, str)
    assert_type((window.is_final, window.terminated_early), tuple[bool, bool])
