from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streamkit.errors import AttributeValueError
from streamkit.local.sources.tablerecords import TableRecords

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_stream_of_a_table_is_named_by_the_time_at_which_it_was_opened() -> None:
    records = TableRecords.of("orders", ("pk", "sk"), "KEYS_ONLY", START)
    assert records.key_names == ("pk", "sk")
    assert records.stream_arn.endswith(":table/orders/stream/2026-01-01T00:00:00.000")


@pytest.mark.parametrize("image", ["new", "old"])
def test_neither_image_may_be_larger_than_an_item(image: str) -> None:
    records = TableRecords.of("orders", "id", "KEYS_ONLY", START)
    images: dict[str, Any] = {"new": {"id": {"N": "1"}}, "old": None, image: {"id": {"S": "x" * 409_600}}}
    with pytest.raises(AttributeValueError, match="an item of 409602 bytes: DynamoDB stores at most 409600"):
        records.record(1, keys={"id": {"N": "1"}}, created=START, **images)


def test_a_missing_key_is_told_with_how_to_name_another() -> None:
    records = TableRecords.of("orders", "id", "KEYS_ONLY", START)
    with pytest.raises(AttributeValueError, match=r"lacks the key attribute 'id' of table 'orders'.*; key= says which"):
        records.keys_in({"order_id": {"N": "1"}})


def test_the_identity_of_time_to_live_is_no_object_that_records_share() -> None:
    records = TableRecords.of("orders", "id", "KEYS_ONLY", START)
    item = {"id": {"N": "1"}}
    one, two = (records.record(place, keys=item, new=None, old=item, created=START, expired=True) for place in (1, 2))
    assert one["userIdentity"] == two["userIdentity"]
    assert one["userIdentity"] is not two["userIdentity"]
