"""boto3's clients of DynamoDB and of its streams, as far as a DynamoTable asks them, over a LocalTable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from streamkit.attributes import deserialize_item, serialize_item
from streamkit.local import LocalTable, SystemClock

FAR = datetime.now(UTC) + timedelta(days=365)


class FakeDynamoDB:
    def __init__(self, endpoint: str = "http://127.0.0.1:8000") -> None:
        self.meta = SimpleNamespace(endpoint_url=endpoint)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.failures: list[Exception] = []
        self.table = LocalTable("none")
        self.deleted = False
        self.closed = False

    def create_table(self, **asked: Any) -> dict[str, Any]:
        self._note("create_table", asked)
        key = tuple(part["AttributeName"] for part in asked["KeySchema"])
        view_type = asked["StreamSpecification"]["StreamViewType"]
        self.table = LocalTable(asked["TableName"], key=key, view_type=view_type, clock=SystemClock())
        return {"TableDescription": {"LatestStreamArn": self.table.stream_arn}}

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=lambda **asked: self._note(name, asked))

    def put_item(self, **asked: Any) -> dict[str, Any]:
        self._note("put_item", asked)
        self.table.put(deserialize_item(asked["Item"]))
        return {}

    def update_item(self, **asked: Any) -> dict[str, Any]:
        self._note("update_item", asked)
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        sets, _, removes = asked.get("UpdateExpression", "").removeprefix("SET ").partition("REMOVE ")
        pairs = [part.strip().split(" = ") for part in sets.split(",") if part.strip()]
        changes = deserialize_item({names[name]: values[value] for name, value in pairs})
        removed = [names[part.strip()] for part in removes.split(",") if part.strip()]
        assert len(pairs) + len(removed) == len(names)
        self.table.update(deserialize_item(asked["Key"]), changes, remove=removed)
        return {}

    def delete_item(self, **asked: Any) -> dict[str, Any]:
        self._note("delete_item", asked)
        self.table.delete(deserialize_item(asked["Key"]))
        return {}

    def scan(self, **asked: Any) -> dict[str, Any]:
        self._note("scan", asked)
        start = asked.get("ExclusiveStartKey", 0)
        page = {"Items": [serialize_item(item, binary="bytes") for item in self.table.items[start : start + 2]]}
        return page if start + 2 >= len(self.table.items) else {**page, "LastEvaluatedKey": start + 2}

    def delete_table(self, **asked: Any) -> dict[str, Any]:
        self._note("delete_table", asked)
        self.deleted = True
        return {}

    def close(self) -> None:
        self.closed = True

    def _note(self, operation: str, asked: dict[str, Any]) -> None:
        self.asked.append((operation, asked))
        if self.failures:
            raise self.failures.pop(0)


class FakeStreams:
    def __init__(self, dynamodb: FakeDynamoDB, endpoint: str = "http://127.0.0.1:8000") -> None:
        self._dynamodb = dynamodb
        self.meta = SimpleNamespace(endpoint_url=endpoint, events=SimpleNamespace(register=lambda *_: None))
        self.empty_answers = 0
        """So many GetRecords find nothing, whatever is there."""
        self.failures: list[Exception] = []
        self.closed = False

    def describe_stream(self, **asked: Any) -> dict[str, Any]:
        table = self._dynamodb.table
        assert asked["StreamArn"] == table.stream_arn
        shards = [
            {
                "ShardId": shard,
                **({"ParentShardId": parent} if (parent := next(iter(table.parents(shard)), "")) else {}),
            }
            for shard in table.shard_ids
        ]
        return {"StreamDescription": {"StreamStatus": "ENABLED", "Shards": shards}}

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        number = asked.get("SequenceNumber")
        start = 0 if number is None else self._dynamodb.table.after(asked["ShardId"], number)
        return {"ShardIterator": f"{asked['ShardId']}/{start}"}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        if self.failures:
            raise self.failures.pop(0)
        if self.empty_answers:
            self.empty_answers -= 1
            return {"Records": [], "NextShardIterator": asked["ShardIterator"]}
        table = self._dynamodb.table
        shard, _, position = asked["ShardIterator"].partition("/")
        numbers = [record.sequence_number for record in table.read(shard, int(position), asked["Limit"], FAR)]
        records = [record for record in table.records if record["dynamodb"]["SequenceNumber"] in numbers]
        end = int(position) + len(records)
        if table.ended(shard, end):
            return {"Records": records}
        return {"Records": records, "NextShardIterator": f"{shard}/{end}"}

    def close(self) -> None:
        self.closed = True


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Something")
