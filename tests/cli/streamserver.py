"""A small DynamoDB with streams that real clients ask over HTTP, on the loopback address: what a test wants happens."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Refusal", "ServedShard", "ServedStream", "StreamServer", "serving"]


class Refusal(Exception):
    """An error that the service answers: AWS's name of it, and a text."""

    def __init__(self, code: str, text: str = "because") -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass
class ServedShard:
    shard_id: str
    parent: str | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False


class ServedStream:
    """A stream of a table."""

    def __init__(self, table: str, label: str, numbers: Iterator[int], shards: int) -> None:
        self.arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/{label}"
        self.status = "ENABLED"
        self._numbers = numbers
        self.shards = [ServedShard(f"shardId-{place:020d}-{place:08x}") for place in range(1, shards + 1)]

    def put(self, *items: dict[str, Any], shard: int = -1) -> list[str]:
        """Write items, in DynamoDB JSON, and return the sequence numbers of their records."""
        written = []
        for item in items:
            number = str(next(self._numbers))
            data = {
                "ApproximateCreationDateTime": int(time.time()),
                "Keys": {"id": item["id"]},
                "NewImage": item,
                "SequenceNumber": number,
                "SizeBytes": 10,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            }
            self.shards[shard].records.append(
                {
                    "eventID": number.zfill(32),
                    "eventName": "INSERT",
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "awsRegion": "us-east-1",
                    "dynamodb": data,
                }
            )
            written.append(number)
        return written

    def fill(self, number: int, shard: int = -1) -> list[str]:
        """Write so many items."""
        return self.put(*({"id": {"S": f"item {index}"}} for index in range(number)), shard=shard)

    def roll_over(self, shard: int = -1) -> None:
        """Close a shard, and open its child."""
        parent = self.shards[shard]
        parent.closed = True
        name = f"shardId-{len(self.shards) + 1:020d}-{len(self.shards) + 1:08x}"
        self.shards.append(ServedShard(name, parent.shard_id))

    def disable(self) -> None:
        """Close every shard; nothing follows."""
        self.status = "DISABLED"
        for shard in self.shards:
            shard.closed = True


class StreamServer:
    """``tables``: the streams of each, those that are not there any more left out.

    ``before``: called with the operation's name before each is answered; it may raise a Refusal.
    """

    def __init__(self) -> None:
        self.tables: dict[str, list[ServedStream]] = {}
        self.asked: list[str] = []
        self.before: Callable[[str], object] = bool
        self.endpoint_url = ""
        self._numbers = count(10**20 + 1)
        self._labels = count(1)
        self._lock = threading.RLock()

    def enable(self, table: str = "orders", shards: int = 1) -> ServedStream:
        """Switch streams on: a new one."""
        stream = ServedStream(table, f"2026-01-01T00:00:{next(self._labels):02d}.000", self._numbers, shards)
        self.tables.setdefault(table, []).append(stream)
        return stream

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer as AWS does. Raises Refusal."""
        with self._lock:
            self.asked.append(operation)
            self.before(operation)
            return _OPERATIONS[operation](self, asked)

    def list_tables(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"TableNames": sorted(self.tables)[: asked.get("Limit", 100)]}

    def describe_table(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["TableName"]
        if name not in self.tables:
            raise Refusal("ResourceNotFoundException", "Cannot do operations on a non-existent table")
        table: dict[str, Any] = {"TableName": name}
        if any(stream.status == "ENABLED" for stream in self.tables[name]):
            table["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        return {"Table": table}

    def list_streams(self, asked: dict[str, Any]) -> dict[str, Any]:
        streams = self.tables.get(asked["TableName"], [])
        return {"Streams": [{"StreamArn": stream.arn, "TableName": asked["TableName"]} for stream in streams]}

    def describe_stream(self, asked: dict[str, Any]) -> dict[str, Any]:
        stream = self._stream(asked["StreamArn"])
        shards = [
            {"ShardId": shard.shard_id} | ({"ParentShardId": shard.parent} if shard.parent else {})
            for shard in stream.shards
        ]
        return {
            "StreamDescription": {
                "StreamArn": stream.arn,
                "StreamStatus": stream.status,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "Shards": shards,
            }
        }

    def shard_iterator(self, asked: dict[str, Any]) -> dict[str, Any]:
        shard = self._shard(asked["StreamArn"], asked["ShardId"])
        place = {"TRIM_HORIZON": 0, "LATEST": len(shard.records)}.get(asked["ShardIteratorType"])
        if place is None:
            after = int(asked["SequenceNumber"])
            place = sum(int(record["dynamodb"]["SequenceNumber"]) <= after for record in shard.records)
        return {"ShardIterator": f"{asked['StreamArn']}|{shard.shard_id}|{place}"}

    def records(self, asked: dict[str, Any]) -> dict[str, Any]:
        stream_arn, shard_id, place = asked["ShardIterator"].split("|")
        shard, first = self._shard(stream_arn, shard_id), int(place)
        records = shard.records[first : first + asked["Limit"]]
        last = first + len(records)
        over = shard.closed and last == len(shard.records)
        more = {} if over else {"NextShardIterator": f"{stream_arn}|{shard_id}|{last}"}
        return {"Records": records} | more

    def _stream(self, stream_arn: str) -> ServedStream:
        for streams in self.tables.values():
            for stream in streams:
                if stream.arn == stream_arn:
                    return stream
        raise Refusal("ResourceNotFoundException", f"Requested resource not found: Stream: {stream_arn} not found")

    def _shard(self, stream_arn: str, shard_id: str) -> ServedShard:
        return next(shard for shard in self._stream(stream_arn).shards if shard.shard_id == shard_id)


_OPERATIONS: dict[str, Callable[[StreamServer, dict[str, Any]], dict[str, Any]]] = {
    "ListTables": StreamServer.list_tables,
    "DescribeTable": StreamServer.describe_table,
    "ListStreams": StreamServer.list_streams,
    "DescribeStream": StreamServer.describe_stream,
    "GetShardIterator": StreamServer.shard_iterator,
    "GetRecords": StreamServer.records,
}


@contextmanager
def serving() -> Iterator[StreamServer]:
    """Give a server with no table yet, which answers at its ``endpoint_url``."""
    model = StreamServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                status, answer = 200, model.answer(operation, asked)
            except Refusal as refusal:
                status, answer = 400, {"__type": f"com.amazonaws.dynamodb#{refusal.code}", "message": refusal.text}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # A connection that a client keeps open is no reason to wait for it.
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """Say nothing: a client that was killed is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        model.endpoint_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
