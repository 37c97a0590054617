"""`DynamoTable`: what a `LocalTable` is, over a real table with a real stream, for example of DynamoDB Local."""

from __future__ import annotations

import time
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias, get_args
from urllib.parse import urlsplit

import orjson

from streamkit.attributes import deserialize_item, serialize_item
from streamkit.errors import AttributeValueError, StreamkitError
from streamkit.local.aws import AwsAccess
from streamkit.local.clock import Clock, VirtualClock
from streamkit.local.sources.items import stored_item
from streamkit.local.sources.ondemand import OnDemandStream
from streamkit.local.sources.table import LocalTable
from streamkit.local.streams.client import StreamsClient

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streamkit.attributes import AttributeValue
    from streamkit.events import ViewType
    from streamkit.local.records import StreamRecord

__all__ = ["DynamoTable", "KeyType", "RealTableError"]

KeyType: TypeAlias = Literal["S", "N", "B"]
"""What a key attribute is: text, a number, or bytes."""

_REGION = "us-east-1"
_PATIENCE = 10.0
"""How long a write's record is waited for, in seconds. DynamoDB Local has it when the write has come back."""
_PAUSE = 0.05
_ROLL_OVER_SECONDS = 30.0


class RealTableError(StreamkitError):
    """A real table could not be made or asked, or cannot do what a `LocalTable` can: the text says what to do."""


class DynamoTable:
    """A real table and its stream, made anew, with the face of a `LocalTable`: a runner runs its records.

    ``key``: the key attributes with their types, ``{"id": "N"}`` or ``{"pk": "S", "sk": "S"}``: a real table has to
    know them before the first item comes. ``access``: the endpoint and the credentials, by default what AWS's own
    tools would take; AWS itself is refused. ``control_url``: of a server that rolls shards over when asked to
    (``POST /rollover``). ``dynamodb``, ``streams``: boto3's clients, where they are at hand.

    A write returns when its record was read from the stream: its sequence number, or None where nothing changed and
    there is none. What others write to the table is read together with its own next write.

    DynamoDB dates the records, and DynamoDB Local floors the dates to the minute: the clock, by default a
    `VirtualClock`, starts at the real time, and ``at=`` is refused.

    Raises ValueError for a key that no table has, RealTableError where no server answers, or where it refuses.
    """

    def __init__(  # noqa: PLR0913  # what a table has, and where it is; all but name and key have defaults
        self,
        name: str,
        *,
        key: Mapping[str, KeyType],
        view_type: ViewType = "NEW_AND_OLD_IMAGES",
        clock: Clock | None = None,
        access: AwsAccess | None = None,
        control_url: str | None = None,
        dynamodb: Any = None,
        streams: Any = None,
    ) -> None:
        if not isinstance(key, dict) or not key or any(kind not in get_args(KeyType) for kind in key.values()):
            raise ValueError(
                f"a real table is made with the types of its key attributes, which are S, N or B: "
                f'key={{"id": "N"}}, for example, not key={key!r}'
            )
        self.name = name
        self.clock: Clock = VirtualClock(datetime.now(UTC)) if clock is None else clock
        # Knows what is wrong with an item and whether a write changes one, in the words of a local table.
        self._model = LocalTable(name, key=tuple(key), view_type=view_type, clock=self.clock)
        self.key_names, self.view_type = self._model.key_names, view_type
        self._control_url = control_url
        access = access or AwsAccess()
        self._client = access.client("dynamodb", _REGION) if dynamodb is None else dynamodb
        self._streams = StreamsClient(access, access.client("dynamodbstreams", _REGION) if streams is None else streams)
        self._made = False
        try:
            _check_endpoint(name, self._client.meta.endpoint_url, "AWS_ENDPOINT_URL_DYNAMODB")
            _check_endpoint(name, self._streams.endpoint, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS")
            self.stream_arn = self._make(key)
            self._stream = OnDemandStream(self._streams, self.stream_arn)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def shard_ids(self) -> Sequence[str]:
        """The stream's shards, closed ones included, parents before children."""
        return self._stream.shard_ids

    @property
    def records(self) -> list[dict[str, Any]]:
        """Every record that was read, in Lambda's form."""
        return self._stream.records

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items that are there now, as plain Python values, in an order of DynamoDB's own."""
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            page = self._ask("scan", ConsistentRead=True, **start)
            found += map(deserialize_item, page["Items"])
            if not page.get("LastEvaluatedKey"):
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def put(self, item: Any, at: datetime | None = None) -> str | None:
        """Create or replace an item with PutItem."""
        self._refuse_time(at)
        expected = self._model.put(item) is not None
        stored = stored_item(item)
        self._ask("put_item", Item=_as_sent(stored))
        return self._record_of({name: stored[name] for name in self.key_names}, expected=expected)

    def update(
        self, key: Any, changes: Mapping[str, Any], at: datetime | None = None, *, remove: Iterable[str] = ()
    ) -> str | None:
        """Set the given attributes of an item, and remove those named by ``remove``, with UpdateItem.

        An item that does not exist is created.
        """
        self._refuse_time(at)
        removed = tuple(remove)
        expected = self._model.update(key, changes, remove=removed) is not None
        keys = self._keys_of(key)
        values = {name: value for name, value in stored_item(changes).items() if name not in (*removed, *keys)}
        names = {f"#{place}": name for place, name in enumerate((*values, *removed))}
        placed = {name: place for place, name in names.items()}
        sets = ", ".join(f"{placed[name]} = :{placed[name][1:]}" for name in values)
        removes = ", ".join(placed[name] for name in removed)
        expression = " ".join(f"{verb} {what}" for verb, what in (("SET", sets), ("REMOVE", removes)) if what)
        given = {f":{placed[name][1:]}": value for name, value in _as_sent(values).items()}
        more = {"UpdateExpression": expression, "ExpressionAttributeNames": names, "ExpressionAttributeValues": given}
        self._ask("update_item", Key=_as_sent(keys), **{name: value for name, value in more.items() if value})
        return self._record_of(keys, expected=expected)

    def delete(self, key: Any, at: datetime | None = None) -> str | None:
        """Delete an item with DeleteItem."""
        self._refuse_time(at)
        expected = self._model.delete(key) is not None
        keys = self._keys_of(key)
        self._ask("delete_item", Key=_as_sent(keys))
        return self._record_of(keys, expected=expected)

    def expire(self, key: Any, at: datetime | None = None) -> NoReturn:  # noqa: ARG002  # LocalTable
        """Raise RealTableError: a real table lets an item expire when it sees fit."""
        self._refuse(f"expire({key!r})", "when DynamoDB deletes what expired is its own affair")

    def split(self, shard_id: str) -> NoReturn:
        """Raise RealTableError: no server divides a shard because it was asked to."""
        self._refuse(f"split({shard_id!r})", "DynamoDB alone decides when a shard is divided, and DynamoDB Local never")

    def roll_over(self, shard_id: str) -> str:
        """Close a shard in favour of one child and return the child's id: where there is a ``control_url``.

        All streams of that server roll over. Raises ValueError for a shard that is not there or is closed.
        """
        if self._control_url is None:
            self._refuse(f"roll_over({shard_id!r})", "this server has no control_url that is known")
        self._stream.read_on()
        followed = {parent for known in self.shard_ids for parent in self.parents(known)}
        opened = [known for known in self.shard_ids if known not in followed]
        if shard_id not in opened:
            state = "closed already" if shard_id in followed else "no shard of this stream"
            raise ValueError(f"{shard_id!r} is {state}; open are {', '.join(opened)}")
        request = urllib.request.Request(f"{self._control_url}/rollover", method="POST")  # noqa: S310  # the caller's own
        with urllib.request.urlopen(request, timeout=_ROLL_OVER_SECONDS) as answer:  # noqa: S310  # as above
            answer.read()
        self._stream.read_on()
        child: str = next(known for known in self.shard_ids if shard_id in self.parents(known))
        return child

    def close(self) -> None:
        """Delete the table, and close the connections."""
        try:
            if self._made:
                self._made = False
                self._ask("delete_table")
        finally:
            self._client.close()
            self._streams.close()

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:
        """See `Source`."""
        return self._stream.read(shard_id, position, limit, now)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:
        """See `Source`."""
        return self._stream.next_arrival(shard_id, position, now)

    def latest(self, shard_id: str, now: datetime) -> int:
        """See `Source`."""
        return self._stream.latest(shard_id, now)

    def after(self, shard_id: str, sequence_number: str) -> int:
        """See `Source`."""
        return self._stream.after(shard_id, sequence_number)

    def parents(self, shard_id: str) -> Sequence[str]:
        """See `Source`."""
        return self._stream.parents(shard_id)

    def ended(self, shard_id: str, position: int) -> bool:
        """See `Source`."""
        return self._stream.ended(shard_id, position)

    def _make(self, key: Mapping[str, KeyType]) -> str:
        made = self._ask(
            "create_table",
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in key.items()],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": self.view_type},
        )
        self._made = True
        self._client.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        arn: str = made["TableDescription"]["LatestStreamArn"]
        return arn

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # boto3 is an extra

        where = f"table {self.name!r} at {self._client.meta.endpoint_url}"
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(TableName=self.name, **parameters)
        except ClientError as error:
            told = error.response.get("Error", {})
            refused = AttributeValueError if operation.endswith("_item") else RealTableError
            raise refused(f"{operation} of {where} was refused: {told.get('Code')}: {told.get('Message')}") from None
        except BotoCoreError as error:
            raise RealTableError(
                f"{operation} of {where} failed: {error}. Is DynamoDB Local running there "
                f"(AWS_ENDPOINT_URL_DYNAMODB), and are there credentials (AWS_ACCESS_KEY_ID; any will do for it)?"
            ) from None
        return answer

    def _keys_of(self, key: Any) -> dict[str, AttributeValue]:
        """Return a key that the model has taken as attribute values."""
        parts = key if isinstance(key, tuple) else (key,)
        return stored_item(key if isinstance(key, dict) else dict(zip(self.key_names, parts, strict=True)))

    def _record_of(self, keys: dict[str, AttributeValue], *, expected: bool) -> str | None:
        """Read on until the record of a write of this item is there, and return its sequence number.

        What the stream says counts: where no record is ``expected`` and there is one, it is taken.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            new = self._stream.read_on()
            mine = [record.sequence_number for record in new if orjson.loads(record.json)["dynamodb"]["Keys"] == keys]
            if mine:
                return mine[-1]
            if not expected:
                return None
            if time.monotonic() > until:
                raise RealTableError(
                    f"item {keys!r} of table {self.name!r} was written, and within {_PATIENCE:g} s no record of that "
                    f"came through {self.stream_arn}: was it written by somebody else before?"
                )
            time.sleep(_PAUSE)

    def _refuse_time(self, at: datetime | None) -> None:
        if at is not None:
            self._refuse(f"at={at!r}", "DynamoDB dates the records of a real table itself")

    def _refuse(self, what: str, why: str) -> NoReturn:
        raise RealTableError(f"{what} is for a LocalTable: {why} (table {self.name!r}). Run this test in process")


def _check_endpoint(table: str, url: str, variable: str) -> None:
    """Raise RealTableError for an endpoint that is AWS's own: a test makes no tables there."""
    host = urlsplit(url).hostname or ""
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        raise RealTableError(
            f"table {table!r} would be made on AWS itself, at {url}: start DynamoDB Local and set {variable}, "
            f"for example to http://127.0.0.1:8000"
        )


def _as_sent(item: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """Return an item in boto3's form, whose bytes are no base64."""
    return serialize_item(deserialize_item(item), binary="bytes")
