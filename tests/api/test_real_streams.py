"""Mappings on AWS's own DynamoDB Local: what a stream in memory might do otherwise."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.aws import AwsAccess
from tests.api.serverbuild import Served, eventually, hurried, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal

__all__ = ["hurried"]


class Table:
    """The table orders, with a stream."""

    def __init__(self, client: Any) -> None:
        self._client = client
        made = client.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.arn: str = made["TableDescription"]["LatestStreamArn"]

    def put(self, *numbers: int) -> None:
        for number in numbers:
            self._client.put_item(TableName="orders", Item={"id": {"N": str(number)}})

    def delete(self) -> None:
        self._client.delete_table(TableName="orders")


@pytest.fixture
def table(dynamodb: DynamoDBLocal) -> Iterator[Table]:
    with closing(dynamodb.client("dynamodb")) as client:
        yield Table(client)


@pytest.fixture
def served(tmp_path: Path, hurried: None, table: Table) -> Iterator[Served]:
    made = Served(tmp_path)
    made.access = AwsAccess()
    with made:
        yield made


def count(served: Served, wanted: int) -> None:
    eventually(lambda: len(served.handler.numbers), lambda seen: seen >= wanted)


def test_nothing_is_lost_or_comes_twice_over_updates_a_pause_and_a_restart(served: Served, table: Table) -> None:
    table.put(*range(5))
    made = served.created(EventSourceArn=table.arn, BatchSize=2)
    table.put(*range(5, 10))
    served.updated(made, BatchSize=3)
    count(served, 10)
    served.updated(made, Enabled=False)
    table.put(*range(10, 15))
    served.restart()
    assert len(served.handler.numbers) == 10
    served.updated(made, Enabled=True)
    count(served, 15)
    eventually(lambda: served.mappings.get(made)["LastProcessingResult"], lambda seen: seen == "OK")
    served.restart()
    table.put(15)
    count(served, 16)
    assert len(set(served.handler.numbers)) == len(served.handler.numbers) == 16


def test_a_table_that_is_deleted_leaves_its_mapping_enabled_until_that_is_deleted_too(
    served: Served, table: Table
) -> None:
    made = served.created(EventSourceArn=table.arn)
    table.put(1)
    count(served, 1)
    table.delete()
    eventually(lambda: [line for line in served.said if "it waits to be deleted" in line])
    assert served.state(made) == "Enabled"
    served.deleted(made)
    gone = table.arn.replace("table/orders", "table/customers")
    assert refused(lambda: served.create(EventSourceArn=gone))[2] == f"Stream not found: {gone}"


def test_latest_begins_when_the_mapping_is_enabled(served: Served, table: Table) -> None:
    table.put(1, 2)
    served.created(EventSourceArn=table.arn, StartingPosition="LATEST")
    table.put(3, 4)
    count(served, 2)
    assert len(served.handler.numbers) == 2
