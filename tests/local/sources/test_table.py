from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from streamkit.errors import AttributeValueError
from streamkit.local import LocalTable, Source, SystemClock, VirtualClock
from tests.local.builders import START, after

if TYPE_CHECKING:
    from collections.abc import Callable


class Order(BaseModel):
    id: int
    status: str


def names(table: LocalTable) -> list[str]:
    return [record["eventName"] for record in table.records]


def test_writes_become_records_in_the_order_of_the_writes() -> None:
    table = LocalTable("orders", shards=3)
    made = [table.put({"id": n % 3, "n": n}) for n in range(9)]
    assert [record["dynamodb"]["SequenceNumber"] for record in table.records] == made
    assert [int(n) for n in made if n] == sorted(int(n) for n in made if n)


def test_put_update_delete_and_expire_make_the_four_kinds_of_records() -> None:
    table = LocalTable("orders")
    table.put({"id": 1, "status": "placed", "note": "x"})
    table.update(1, {"status": "paid"})
    table.put({"id": 1, "status": "sent"})
    table.delete(1)
    table.put({"id": 2})
    table.expire(2)
    assert names(table) == ["INSERT", "MODIFY", "MODIFY", "REMOVE", "INSERT", "REMOVE"]
    updated, replaced, deleted = (record["dynamodb"] for record in table.records[1:4])
    assert updated["NewImage"] == {"id": {"N": "1"}, "status": {"S": "paid"}, "note": {"S": "x"}}
    assert replaced["OldImage"] == updated["NewImage"]
    assert replaced["NewImage"] == {"id": {"N": "1"}, "status": {"S": "sent"}}
    assert deleted["OldImage"] == replaced["NewImage"]
    assert ["userIdentity" in record for record in table.records] == [False] * 5 + [True]


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.put({"status": "placed", "id": 1, "total": Decimal("9.90")}),
        lambda table: table.put({"id": 1.0, "status": "placed", "total": 9.9}),
        lambda table: table.update(1, {"status": "placed"}),
        lambda table: table.update(1, {}, remove=["missing"]),
        lambda table: table.delete(2),
        lambda table: table.expire(2),
    ],
)
def test_a_write_that_changes_nothing_makes_no_record(write: Callable[[LocalTable], str | None]) -> None:
    table = LocalTable("orders")
    table.put({"id": 1, "status": "placed", "total": Decimal("9.9")})
    assert write(table) is None
    assert names(table) == ["INSERT"]


def test_an_update_of_an_absent_item_creates_it() -> None:
    table = LocalTable("orders")
    table.update(1, {"status": "placed"})
    table.update(2, {})
    assert names(table) == ["INSERT", "INSERT"]
    assert table.records[0]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "status": {"S": "placed"}}
    assert table.records[1]["dynamodb"]["NewImage"] == {"id": {"N": "2"}}


def test_an_update_can_remove_attributes() -> None:
    table = LocalTable("orders")
    table.put({"id": 1, "a": 1, "b": 2})
    table.update(1, {"a": 3}, remove=["b"])
    assert table.records[-1]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "a": {"N": "3"}}


def test_an_update_cannot_change_or_remove_the_key() -> None:
    table = LocalTable("orders")
    table.put({"id": 1, "a": 1})
    with pytest.raises(AttributeValueError, match="an update cannot change the key"):
        table.update(1, {"id": 2})
    with pytest.raises(AttributeValueError, match="'id'"):
        table.update(1, {}, remove=["id"])
    assert names(table) == ["INSERT"]
    table.update(1, {"id": 1, "a": 2})
    assert names(table) == ["INSERT", "MODIFY"]


def test_items_may_be_models() -> None:
    table = LocalTable("orders")
    table.put(Order(id=1, status="placed"))
    assert table.records[0]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "status": {"S": "placed"}}


@pytest.mark.parametrize("key", ["a", ("a",), {"id": "a"}])
def test_a_key_is_a_value_a_tuple_or_a_dict(key: Any) -> None:
    table = LocalTable("orders")
    table.put({"id": "a"})
    table.delete(key)
    assert names(table) == ["INSERT", "REMOVE"]


@pytest.mark.parametrize("key", [("a", 1), {"pk": "a", "sk": 1}, {"sk": 1, "pk": "a"}])
def test_a_key_of_two_is_a_tuple_or_a_dict(key: Any) -> None:
    table = LocalTable("orders", key=("pk", "sk"))
    table.put({"sk": 1, "pk": "a", "v": 1})
    table.put({"sk": 2, "pk": "a", "v": 1})
    table.delete(key)
    assert table.records[-1]["dynamodb"]["Keys"] == {"pk": {"S": "a"}, "sk": {"N": "1"}}
    assert list(table.records[-1]["dynamodb"]["Keys"]) == ["pk", "sk"]


@pytest.mark.parametrize(
    ("names", "key", "help_text"),
    [
        ("id", ("a", "b"), "pass its value"),
        ("id", {"pk": "a"}, "pass its value"),
        (("pk", "sk"), "a", "pass a tuple of their values"),
        (("pk", "sk"), {"pk": "a"}, "pass a tuple of their values"),
    ],
)
def test_a_key_that_does_not_fit_is_refused_with_the_tables_key(names: Any, key: Any, help_text: str) -> None:
    with pytest.raises(AttributeValueError) as caught:
        LocalTable("orders", key=names).delete(key)
    text = str(caught.value)
    assert "'orders'" in text
    assert repr(key) in text
    assert help_text in text
    assert ("pk and sk" if isinstance(names, tuple) else "is id") in text


@pytest.mark.parametrize("value", ["", b"", True, None, ["a"]])
def test_a_key_attribute_is_text_a_number_or_bytes(value: Any) -> None:
    with pytest.raises(AttributeValueError, match="'id' must be non-empty text, a number or bytes"):
        LocalTable("orders").put({"id": value})


def test_an_item_needs_its_key() -> None:
    with pytest.raises(AttributeValueError, match="lacks the key attribute 'sk' of table 'orders'"):
        LocalTable("orders", key=("pk", "sk")).put({"pk": "a"})


def test_an_item_of_more_than_400_kb_is_refused_and_leaves_no_trace() -> None:
    table = LocalTable("orders")
    largest = 400 * 1024 - len("id") - len("1") - 1 - len("data")
    table.put({"id": 1, "data": "x" * largest})
    with pytest.raises(AttributeValueError, match="409601 bytes"):
        table.put({"id": 2, "data": "x" * (largest + 1)})
    assert names(table) == ["INSERT"]
    assert table.delete(2) is None


@pytest.mark.parametrize("key", [(), ("a", "b", "c")])
def test_a_table_has_one_or_two_key_attributes(key: Any) -> None:
    with pytest.raises(ValueError, match="partition key") as caught:
        LocalTable("orders", key=key)
    assert repr(key) in str(caught.value)


def test_an_unknown_view_type_is_refused_with_the_known_ones() -> None:
    view: Any = "NEW"
    with pytest.raises(ValueError, match="KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, not 'NEW'"):
        LocalTable("orders", view_type=view)


@pytest.mark.parametrize("shards", [0, -1, "2", 1.5, True])
def test_a_stream_has_a_shard(shards: Any) -> None:
    with pytest.raises(ValueError, match=f"from 1 on, not {shards!r}"):
        LocalTable("orders", shards=shards)


def test_the_items_are_those_that_are_there_now() -> None:
    table = LocalTable("orders")
    for number in (1, 2, 3):
        table.put({"id": number, "tags": {"a"}, "data": b"x"})
    table.update(1, {"total": "9.99"})
    table.delete(2)
    table.expire(3)
    table.put({"id": 2})
    assert table.items == [{"id": 1, "tags": {"a"}, "data": b"x", "total": "9.99"}, {"id": 2}]


def test_a_table_shows_its_name_and_its_key() -> None:
    assert repr(LocalTable("orders")) == "LocalTable('orders', key='id')"
    assert repr(LocalTable("orders", key=("pk", "sk"))) == "LocalTable('orders', key=('pk', 'sk'))"


def test_a_record_is_dated_by_the_clock_in_whole_seconds() -> None:
    clock = VirtualClock(START.replace(microsecond=999_999))
    table = LocalTable("orders", clock=clock)
    table.put({"id": 1})
    clock.sleep_until(after(61.5))
    table.put({"id": 2})
    dates = [record["dynamodb"]["ApproximateCreationDateTime"] for record in table.records]
    assert dates == [START.timestamp(), START.timestamp() + 61]
    assert all(isinstance(moment, float) for moment in dates)


def test_a_record_may_be_dated_otherwise_by_every_write() -> None:
    table = LocalTable("orders")
    there = datetime(2026, 1, 1, 9, tzinfo=UTC)
    table.put({"id": 1}, at=there)
    table.update(1, {"a": 1}, at=there)
    table.delete(1, at=there)
    table.put({"id": 1}, there)
    table.expire(1, there)
    assert {record["dynamodb"]["ApproximateCreationDateTime"] for record in table.records} == {there.timestamp()}


def test_a_date_without_a_zone_is_refused_and_nothing_is_written() -> None:
    table = LocalTable("orders")
    with pytest.raises(ValueError, match="tzinfo=UTC"):
        table.put({"id": 1}, at=datetime(2026, 1, 1))  # noqa: DTZ001  # it is the one that is refused
    assert table.records == []
    assert table.put({"id": 1}) is not None


def test_a_table_has_a_virtual_clock_or_the_one_it_is_given() -> None:
    assert isinstance(LocalTable("orders").clock, VirtualClock)
    clock = SystemClock()
    assert LocalTable("orders", clock=clock).clock is clock


def test_the_streams_arn_names_the_table_and_when_it_was_made() -> None:
    table = LocalTable("orders", clock=VirtualClock(datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)))
    assert table.stream_arn == "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-03-04T05:06:07.000"


def test_records_given_out_are_copies() -> None:
    table = LocalTable("orders")
    table.put({"id": 1})
    table.records[0]["dynamodb"].clear()
    assert table.records[0]["dynamodb"]["Keys"] == {"id": {"N": "1"}}


def test_a_table_is_a_source_whose_shards_hold_every_record_once() -> None:
    table = LocalTable("orders", shards=3)
    for number in range(30):
        table.put({"id": number})
    table.put({"id": 30}, at=START + timedelta(minutes=1))
    source: Source = table
    assert len(source.shard_ids) == 3
    held = [record.sequence_number for shard in source.shard_ids for record in source.read(shard, 0, 99, after(60))]
    assert sorted(held) == [record["dynamodb"]["SequenceNumber"] for record in table.records]
    assert all(source.read(shard, 0, 99, START) for shard in source.shard_ids)
    assert sum(source.latest(shard, START) for shard in source.shard_ids) == 30
    late = [source.next_arrival(shard, source.latest(shard, START), START) for shard in source.shard_ids]
    assert [when for when in late if when is not None] == [after(60)]


def test_tables_of_the_same_writes_have_the_same_stream() -> None:
    tables = [LocalTable("orders", shards=2) for _ in range(2)]
    for table in tables:
        table.put({"id": 1, "tags": {"b", "a", "c"}})
        table.put({"id": 2})
    assert tables[0].records == tables[1].records
    assert tables[0].shard_ids == tables[1].shard_ids


keys = st.integers(0, 5) | st.sampled_from("abcdef") | st.binary(min_size=1, max_size=2)
writes = st.lists(st.tuples(st.sampled_from(["put", "update", "delete", "expire"]), keys, st.integers(0, 2)))


@given(writes, st.integers(1, 4))
def test_the_stream_tells_the_tables_whole_story(writes: list[tuple[str, Any, int]], shards: int) -> None:
    table, model = LocalTable("orders", shards=shards), dict[Any, int]()
    for write, key, value in writes:
        before = dict(model)
        if write in ("put", "update"):
            model[key] = value
            number = table.put({"id": key, "v": value}) if write == "put" else table.update(key, {"v": value})
        else:
            model.pop(key, None)
            number = table.delete(key) if write == "delete" else table.expire(key)
        assert (number is None) == (model == before)
    images: dict[str, Any] = {}
    for record in table.records:
        data = record["dynamodb"]
        assert images.get(str(data["Keys"])) == data.get("OldImage")
        images[str(data["Keys"])] = data.get("NewImage")
    assert sorted(image["v"]["N"] for image in images.values() if image) == sorted(map(str, model.values()))
    homes: dict[str, set[str]] = {}
    for shard in table.shard_ids:
        for stored in table.read(shard, 0, 10**6, START):
            homes.setdefault(str(orjson.loads(stored.json)["dynamodb"]["Keys"]), set()).add(shard)
    assert all(len(shards) == 1 for shards in homes.values())
