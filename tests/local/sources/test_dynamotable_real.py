"""A DynamoTable over AWS's own DynamoDB Local, beside the LocalTable that it stands in for."""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.errors import AttributeValueError
from streamkit.local import LocalRunner, LocalTable
from streamkit.local.sources.dynamotable import DynamoTable

if TYPE_CHECKING:
    from tests.parts.dynamodblocal import DynamoDBLocal


def written(table: LocalTable | DynamoTable) -> list[bool]:
    """Write all that there is to write, and return which of it made records."""
    return [
        number is not None
        for number in (
            table.put(
                {"id": 1, "total": "9.90", "tags": {"b", "a"}, "raw": b"\x00\xff", "lines": [{"n": Decimal("1.50E+1")}]}
            ),
            table.put({"lines": [{"n": 15}], "tags": {"a", "b"}, "id": 1.0, "raw": b"\x00\xff", "total": "9.90"}),
            table.update(1, {"total": "8", "none": None, "yes": True}, remove=["tags"]),
            table.update(1, {"total": "8"}),
            table.update(1, {}, remove=["tags"]),
            table.update(2, {}),
            table.update(2, {}),
            table.update({"id": 3}, {"size": 10**37}),
            table.delete(1),
            table.delete(1),
            table.put({"id": 1}),
        )
    ]


def test_a_real_table_makes_the_records_that_a_local_table_makes(every_dynamodb: DynamoDBLocal) -> None:
    local = LocalTable("orders")
    with DynamoTable("orders", key={"id": "N"}) as real:
        assert written(real) == written(local)
        assert sorted(real.items, key=itemgetter("id")) == sorted(local.items, key=itemgetter("id"))
        assert [compared(record) for record in real.records] == [compared(record) for record in local.records]


def compared(record: dict[str, Any]) -> dict[str, Any]:
    """Return what does not depend on where and when a record was made."""
    data = {
        name: value
        for name, value in record["dynamodb"].items()
        if name not in ("SequenceNumber", "ApproximateCreationDateTime")
    }
    for image in ("NewImage", "OldImage"):
        if "tags" in data.get(image, {}):
            data[image]["tags"]["SS"].sort()
    return {"eventName": record["eventName"], "eventVersion": record["eventVersion"], "dynamodb": data}


def test_a_real_shard_rolls_over_and_its_child_waits(dynamodb: DynamoDBLocal) -> None:
    with DynamoTable("orders", key={"id": "N"}, control_url=dynamodb.control_url) as table:
        first = table.put({"id": 1})
        (parent,) = table.shard_ids
        child = table.roll_over(parent)
        second = table.put({"id": 2})
        runner = LocalRunner(lambda event, context: None, table)
        runner.run()
        assert [(one.shard_id, one.sequence_numbers) for one in runner.invocations] == [
            (parent, [first]),
            (child, [second]),
        ]


def test_a_key_of_another_type_is_refused_by_the_real_table(dynamodb: DynamoDBLocal) -> None:
    with (
        DynamoTable("orders", key={"id": "N"}) as table,
        pytest.raises(AttributeValueError, match=r"put_item of table 'orders' at .* Type mismatch for key"),
    ):
        table.put({"id": "one"})
