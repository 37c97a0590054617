"""A server's mappings in this process: streams in memory, functions that remember, and what waits for what they do."""

from __future__ import annotations

import time
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import pytest

from streamkit.api.functiondefinitions import function_option
from streamkit.api.functions import Functions
from streamkit.api.mappedstream import Surroundings
from streamkit.api.mappings import Mappings
from streamkit.api.refusals import Refusal
from streamkit.api.store import MappingStore
from streamkit.local.aws import AwsAccess
from streamkit.local.streams import livestream
from tests.local.streams import fakestream
from tests.local.streams.fakestream import FakeStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "ACCOUNT",
    "LONG",
    "REGION",
    "FakeAccess",
    "Handler",
    "Served",
    "Streams",
    "eventually",
    "hurried",
    "refused",
    "stream_arn",
]

T = TypeVar("T")

ACCOUNT = "123456789012"
REGION = "us-east-2"
LONG = 30.0
"""Seconds that something may take on a busy machine."""
FOREVER = 3600.0


def stream_arn(table: str = "orders") -> str:
    return fakestream.ARN.replace("table/orders", f"table/{table}")


def eventually(look: Callable[[], T], wanted: Callable[[T], object] = bool) -> T:
    """Return what is seen as soon as it is as wanted; what threads do is told by nothing else than looking."""
    deadline = time.monotonic() + LONG
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"it never came; last seen was {seen!r}"
        time.sleep(0.002)
    return seen


def refused(call: Callable[[], object]) -> tuple[str, int, str]:
    """Return the type, status and text of a refusal."""
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.kind, caught.value.status, caught.value.message


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for seconds where a stream is away, or has no shard that follows yet."""
    monkeypatch.setattr(livestream, "_DISCOVER_CHILDREN", 0.005)
    monkeypatch.setattr(livestream, "_LONGEST_WAIT", 0.005)
    monkeypatch.setattr("streamkit.api.mappedstream._LONGEST_WAIT", 0.005)


class Streams:
    """boto3's client of several streams, each in memory: `FakeStream` knows one ARN only."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(endpoint_url=fakestream.ENDPOINT, events=SimpleNamespace(register=lambda *_: None))
        self.by_arn: dict[str, FakeStream] = {}
        self.trouble: Exception | None = None
        """What every call raises."""

    def open(self, table: str = "orders", count: int = 0) -> FakeStream:
        """Switch a table's stream on, with one shard."""
        stream = self.by_arn[stream_arn(table)] = FakeStream()
        stream.shard("shard-1", count=count)
        return stream

    def describe_stream(self, **asked: Any) -> dict[str, Any]:
        return self._of(asked).describe_stream(**asked)

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        arn = asked["StreamArn"]
        return _named(arn, "ShardIterator", self._of(asked).get_shard_iterator(**asked))

    def get_records(self, **asked: Any) -> dict[str, Any]:
        arn, _, asked["ShardIterator"] = asked["ShardIterator"].rpartition("|")
        self._raise()
        return _named(arn, "NextShardIterator", self.by_arn[arn].get_records(**asked))

    def close(self) -> None: ...

    def _of(self, asked: dict[str, Any]) -> FakeStream:
        self._raise()
        stream = self.by_arn.get(asked["StreamArn"])
        if stream is None:
            raise FakeStream.refusal("ResourceNotFoundException", "Requested resource not found")
        asked["StreamArn"] = fakestream.ARN
        return stream

    def _raise(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def _named(arn: str, member: str, answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {member: f"{arn}|{answer[member]}"} if member in answer else answer


class FakeAccess(AwsAccess):
    """Leads to streams in memory, whatever the region, and for everything else where the environment does."""

    def __init__(self, streams: Any) -> None:
        super().__init__()
        object.__setattr__(self, "_streams", streams)

    def in_region(self, region: str) -> AwsAccess:
        del region
        return self

    def client(self, service: str, region: str | None = None, *, read_timeout: float = 20.0) -> Any:
        # A stream in memory is in no region, and answers at once.
        if service == "dynamodbstreams":
            return object.__getattribute__(self, "_streams")
        return super().client(service, region, read_timeout=read_timeout)


class Handler:
    """A function that remembers which records it got, under which ARN, and does in each call what a test wants."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.during: Callable[[list[str]], Any] = lambda _: None
        """Called with the numbers of each batch, before it is remembered; what it returns is the answer."""

    def __call__(self, event: Any, context: Any) -> Any:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        answer = self.during(numbers)
        self.calls.append((context.invoked_function_arn, numbers))
        return answer

    @property
    def batches(self) -> list[list[str]]:
        return [numbers for _, numbers in self.calls]

    @property
    def numbers(self) -> list[str]:
        return [number for _, numbers in self.calls for number in numbers]

    def under(self, arn: str) -> list[str]:
        """Return the numbers that came under a function's ARN."""
        return [number for called, numbers in self.calls if called == arn for number in numbers]


class Served:
    """Mappings, with what a server has around them. `restart` ends them and begins anew with the same state file.

    ``transition``: seconds that states last; `FOREVER` lets none come to its end.
    """

    def __init__(self, folder: Path, names: Sequence[str] = ("orders", "other", "orders:live")) -> None:
        self.path = folder / "state.db"
        self.streams = Streams()
        self.access: AwsAccess = FakeAccess(self.streams)
        self.handler = Handler()
        self.code: Callable[..., Any] = self.handler
        """What every function runs."""
        self.said: list[str] = []
        self.grace = LONG
        self._names = names
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, transition: float = 0.0) -> None:
        self._stack = ExitStack()
        definitions = [function_option(f"{name}=app:{name.partition(':')[2] or 'handler'}") for name in self._names]
        functions = Functions(definitions, lambda _: self.code, in_process=True)
        self._stack.callback(functions.close)
        self.store = MappingStore(self.path)
        self._stack.callback(self.store.close)
        surroundings = Surroundings(
            invoker=functions.routed(),
            access=self.access,
            checkpoints=self.path,
            say=self.said.append,
            poll_interval=0.002,
            window_close_delay=0.0,
        )
        self.mappings = Mappings(functions, self.store, surroundings, account=ACCOUNT, transition_seconds=transition)
        self._stack.callback(lambda: self.mappings.close(self.grace))

    def end(self) -> None:
        self._stack.close()

    def restart(self, transition: float = 0.0) -> None:
        self.end()
        self.start(transition)

    def create(self, function: str = "orders", table: str = "orders", **settings: Any) -> dict[str, Any]:
        body = {
            "FunctionName": function,
            "EventSourceArn": stream_arn(table),
            "StartingPosition": "TRIM_HORIZON",
            **settings,
        }
        return self.mappings.create(body, REGION, str)

    def created(self, function: str = "orders", table: str = "orders", **settings: Any) -> str:
        """Create a mapping, wait until that is done, and return its UUID."""
        made: str = self.create(function, table, **settings)["UUID"]
        self.settled(made)
        return made

    def update(self, uuid: str, **settings: Any) -> dict[str, Any]:
        return self.mappings.update(uuid, settings, REGION, str)

    def updated(self, uuid: str, **settings: Any) -> dict[str, Any]:
        """Update a mapping, wait until that is done, and return it."""
        self.update(uuid, **settings)
        return self.settled(uuid)

    def settled(self, uuid: str) -> dict[str, Any]:
        return eventually(lambda: self.mappings.get(uuid), lambda seen: seen["State"] in ("Enabled", "Disabled"))

    def deleted(self, uuid: str) -> None:
        """Delete a mapping, and wait until that is done."""
        self.mappings.delete(uuid)
        self.gone(uuid)

    def gone(self, uuid: str) -> None:
        eventually(lambda: uuid not in self.listed())

    def state(self, uuid: str) -> str:
        state: str = self.mappings.get(uuid)["State"]
        return state

    def listed(self, **asked: str) -> list[str]:
        return [one["UUID"] for one in self.mappings.list(**asked)["EventSourceMappings"]]

    def handled(self, numbers: Sequence[str]) -> None:
        """Wait until these were handled, each at least once."""
        eventually(lambda: self.handler.numbers, lambda seen: set(numbers) <= set(seen))


@pytest.fixture
def served(tmp_path: Path, hurried: None) -> Iterator[Served]:
    """Mappings with the functions orders, orders:live and other, and the stream of the table orders."""
    with Served(tmp_path) as served:
        served.streams.open()
        yield served


def without(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
