"""DynamoDB Streams through boto3: answers, and what its refusals mean."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from botocore.exceptions import ReadTimeoutError

from streamkit.local.aws import AwsAccess
from streamkit.local.streams.client import (
    IteratorExpiredError,
    StreamAskError,
    StreamGoneError,
    StreamsClient,
    TrimmedError,
    UnavailableError,
)
from tests.local.streams.fakestream import ARN, ENDPOINT, FakeStream

if TYPE_CHECKING:
    from collections.abc import Iterator


def client_of(fake: FakeStream) -> StreamsClient:
    return StreamsClient(AwsAccess(), fake)


def test_it_reads_a_shard_from_an_iterator_on() -> None:
    fake = FakeStream()
    fake.shard("a", count=3)
    client = client_of(fake)
    page = client.records(client.iterator(ARN, "a", "AFTER_SEQUENCE_NUMBER", "100"), ARN, 1)
    assert page.records.numbers == ("101",)
    assert page.next_iterator is not None
    fake.roll_over("a")
    page = client.records(page.next_iterator, ARN)
    assert page.records.numbers == ("102",)
    assert page.next_iterator is None


def test_the_streams_of_a_table_are_asked_for_page_by_page() -> None:
    fake = FakeStream()
    fake.tables["orders"] = [f"{ARN}{number}" for number in range(3)]
    assert [stream["StreamArn"] for stream in client_of(fake).streams_of("orders")] == fake.tables["orders"]
    assert client_of(fake).streams_of("other") == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredIteratorException", IteratorExpiredError),
        ("TrimmedDataAccessException", TrimmedError),
        ("ResourceNotFoundException", StreamGoneError),
        ("LimitExceededException", UnavailableError),
        ("ThrottlingException", UnavailableError),
        ("InternalServerError", UnavailableError),
        ("ExpiredTokenException", UnavailableError),
    ],
)
def test_a_refusal_is_told_by_its_code(code: str, kind: type[StreamAskError]) -> None:
    fake = FakeStream()
    fake.troubles.append(fake.refusal(code, "the message"))
    with pytest.raises(StreamAskError, match=f"^{code}: the message$") as raised:
        client_of(fake).describe(ARN)
    assert type(raised.value) is kind


def test_a_server_that_is_not_there_is_unavailable() -> None:
    fake = FakeStream()
    fake.away = True
    with pytest.raises(UnavailableError, match=f'EndpointConnectionError: Could not connect .* "{ENDPOINT}"'):
        client_of(fake).describe(ARN)
    fake.away = False
    fake.troubles.append(ReadTimeoutError(endpoint_url=ENDPOINT))
    with pytest.raises(UnavailableError, match="ReadTimeoutError: Read timeout on"):
        client_of(fake).describe(ARN)


def test_a_client_that_tells_no_endpoint_will_do() -> None:
    class Bare:
        closed = False

        def close(self) -> None:
            self.closed = True

    bare = Bare()
    client = StreamsClient(AwsAccess(), bare)
    assert client.endpoint == "the endpoint"
    client.close()
    assert bare.closed


class Scripted(HTTPServer):
    """A server that gives prepared answers, each a status and a body; the last one again and again."""

    answers: list[tuple[int, bytes]]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answers = self.server.answers  # type: ignore[attr-defined]  # a Scripted
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    for name, value in {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    made = Scripted(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def real(server: Scripted) -> Iterator[StreamsClient]:
    """A client with boto3 in it."""
    client = StreamsClient(AwsAccess(f"http://127.0.0.1:{server.server_port}", "eu-west-1"))
    yield client
    client.close()


WIRE = {
    "eventID": "c4ca4238a0b923820dcc509a6f75849b",
    "eventName": "INSERT",
    "dynamodb": {
        "ApproximateCreationDateTime": 1789650450,
        "Keys": {"id": {"B": "AP8="}},
        "SequenceNumber": "7",
        "SizeBytes": 4,
        "StreamViewType": "KEYS_ONLY",
    },
}


def test_records_are_taken_from_the_wire_as_they_were_sent(server: Scripted, real: StreamsClient) -> None:
    server.answers = [(200, orjson.dumps({"Records": [WIRE], "NextShardIterator": "next"}))]
    page = real.records("it", ARN)
    record = orjson.loads(page.records.jsons[0])
    assert record["dynamodb"]["Keys"] == {"id": {"B": "AP8="}}
    assert record["dynamodb"]["ApproximateCreationDateTime"] == 1789650450
    assert page.next_iterator == "next"
    assert real.endpoint == f"http://127.0.0.1:{server.server_port}"


def test_a_refusal_over_the_wire_is_told_by_its_code(server: Scripted, real: StreamsClient) -> None:
    refused = {"__type": "com.amazonaws.dynamodb.v20120810#ExpiredIteratorException", "message": "too old"}
    server.answers = [(400, orjson.dumps(refused))]
    with pytest.raises(IteratorExpiredError, match="ExpiredIteratorException: too old"):
        real.records("it", ARN)


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"{}", b'{"NextShardIterator":"n"}'])
def test_an_answer_without_records_is_no_end_of_a_shard(server: Scripted, real: StreamsClient, body: bytes) -> None:
    """Taken for one, everything behind it would be left out."""
    server.answers = [(200, body)]
    with pytest.raises(UnavailableError):
        real.records("it", ARN)


def test_a_page_of_a_proxy_is_unavailable(server: Scripted, real: StreamsClient) -> None:
    server.answers = [(502, b"<html>bad gateway</html>")]
    with pytest.raises(UnavailableError, match="502"):
        real.records("it", ARN)
