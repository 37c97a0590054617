"""On-failure records in queues of moto's server, and in scripted ones."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.redrive.places import queue as queue_module
from streamkit.local.redrive.places.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamkit.local.redrive.places.place import Entry
    from tests.parts.fixtures import MotoServer

ARN = "arn:aws:sqs:us-east-1:123456789012:failed"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "_WAIT", 0)


@pytest.fixture
def sqs(moto_server: MotoServer) -> Iterator[Any]:
    with closing(AwsAccess(moto_server.endpoint_url, "us-east-1").client("sqs")) as client:
        client.create_queue(QueueName="failed")
        yield client


def url(client: Any) -> str:
    found: str = client.get_queue_url(QueueName="failed")["QueueUrl"]
    return found


def send(client: Any, count: int) -> None:
    for number in range(count):
        client.send_message(QueueUrl=url(client), MessageBody=str(number))


def visible(client: Any) -> int:
    names = ["ApproximateNumberOfMessages"]
    answer = client.get_queue_attributes(QueueUrl=url(client), AttributeNames=names)
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def bodies(entries: Sequence[Sequence[Entry]]) -> list[int]:
    return sorted(int(entry.content) for group in entries for entry in group)


def test_every_message_comes_once_whatever_one_call_brings(sqs: Any) -> None:
    send(sqs, 25)
    with closing(Queue(ARN, AwsAccess())) as queue:
        assert bodies(list(queue.entries())) == list(range(25))


def test_a_large_queue_comes_in_groups(sqs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "_TOGETHER", 20)
    send(sqs, 25)
    with closing(Queue(ARN, AwsAccess())) as queue:
        groups = list(queue.entries())
    assert [len(group) for group in groups] == [20, 5]
    assert bodies(groups) == list(range(25))


def test_an_empty_queue_has_none(sqs: Any) -> None:
    with closing(Queue(ARN, AwsAccess())) as queue:
        assert list(queue.entries()) == []
    assert visible(sqs) == 0


def test_nobody_else_gets_what_is_being_redriven_and_what_stays_is_there_again_at_the_end(sqs: Any) -> None:
    send(sqs, 3)
    queue = Queue(ARN, AwsAccess())
    (group,) = queue.entries()
    assert visible(sqs) == 0
    assert queue.hold(group[0])
    queue.remove(group[0])
    queue.close()
    assert visible(sqs) == 2


def test_a_message_that_is_deleted_meanwhile_is_no_trouble(sqs: Any) -> None:
    send(sqs, 2)
    queue = Queue(ARN, AwsAccess())
    (group,) = queue.entries()
    sqs.purge_queue(QueueUrl=url(sqs))
    queue.remove(group[0])
    queue.close()
    assert visible(sqs) == 0


def test_a_message_that_waited_long_is_hidden_anew_and_one_that_is_gone_is_not_run(sqs: Any) -> None:
    send(sqs, 2)
    clock = [0.0]
    queue = Queue(ARN, AwsAccess(), now=lambda: clock[0])
    (group,) = queue.entries()
    clock[0] = 400.0
    assert queue.hold(group[0])
    assert queue.hold(group[0])
    sqs.purge_queue(QueueUrl=url(sqs))
    assert not queue.hold(group[1])
    queue.close()


def test_a_queue_that_is_not_there_is_told(moto_server: MotoServer) -> None:  # it is the server
    with closing(Queue(ARN, AwsAccess())) as queue, pytest.raises(AwsAccessError, match="NonExistentQueue"):
        next(queue.entries())


def test_what_may_not_be_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(["a"])
    client.refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DeleteMessage")
    queue = scripted(client, monkeypatch)
    ((entry,),) = queue.entries()
    with pytest.raises(AwsAccessError, match=r"deleting message a from .*: sqs:DeleteMessage is needed"):
        queue.remove(entry)


class Meta:
    endpoint_url = "http://127.0.0.1:9"


class Scripted:
    """A client that gives these answers to receive calls, then nothing; an exception is raised."""

    meta = Meta

    def __init__(self, *answers: Sequence[str] | Exception) -> None:
        self._answers = list(answers)
        self.hidden: list[tuple[str, int]] = []
        self.refusal: Exception | None = None
        self._count = 0

    def get_queue_url(self, **_: Any) -> dict[str, Any]:
        return {"QueueUrl": "url"}

    def receive_message(self, **_: Any) -> dict[str, Any]:
        answer = self._answers.pop(0) if self._answers else ()
        if isinstance(answer, Exception):
            raise answer
        self._count += 1
        return {
            "Messages": [{"MessageId": one, "ReceiptHandle": f"{one}-{self._count}", "Body": one} for one in answer]
        }

    def change_message_visibility(self, **given: Any) -> None:
        self.hidden.append((given["ReceiptHandle"], given["VisibilityTimeout"]))
        if self.refusal is not None:
            raise self.refusal

    def delete_message(self, **_: Any) -> None:
        if self.refusal is not None:
            raise self.refusal

    def close(self) -> None:
        """Nothing is open."""


NO_ANSWER = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


def scripted(client: Scripted, monkeypatch: pytest.MonkeyPatch, clock: list[float] | None = None) -> Queue:
    monkeypatch.setattr(AwsAccess, "client", lambda *_, **__: client)
    times = clock or [0.0]
    return Queue(ARN, AwsAccess(), now=lambda: times[0])


def test_a_message_that_comes_again_is_not_run_again_and_given_back_by_its_newest_handle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Scripted(*[[f"{group}"] for group in range(100)], ["0", "new"], ["0"])
    queue = scripted(client, monkeypatch)
    assert [len(group) for group in queue.entries()] == [100, 1]
    queue.close()
    assert ("0-102", 0) in client.hidden
    assert len(client.hidden) == 101


def test_only_messages_that_were_seen_are_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(*[[f"{group}"] for group in range(100)], ["0"])
    assert [len(group) for group in scripted(client, monkeypatch).entries()] == [100]


def test_a_queue_that_goes_away_in_the_middle_ends_it_and_close_does_not_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Scripted(["a"], NO_ANSWER)
    client.refusal = NO_ANSWER
    queue = scripted(client, monkeypatch)
    with pytest.raises(AwsAccessError, match=r"receiving messages from .* got no answer"):
        list(queue.entries())
    queue.close()
    assert client.hidden == [("a-1", 0)]


def test_a_queue_that_does_not_answer_a_renewal_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    client, clock = Scripted(["a"]), [0.0]
    queue = scripted(client, monkeypatch, clock)
    ((entry,),) = queue.entries()
    clock[0] = 301.0
    client.refusal = NO_ANSWER
    with pytest.raises(AwsAccessError, match="got no answer"):
        queue.hold(entry)
    client.refusal = ClientError({"Error": {"Code": "ReceiptHandleIsInvalid"}}, "X")
    assert not queue.hold(entry)


def test_what_may_not_be_received_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ReceiveMessage")
    with pytest.raises(AwsAccessError, match="sqs:ReceiveMessage is needed"):
        next(scripted(Scripted(denied), monkeypatch).entries())


def test_half_characters_in_a_message_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    ((entry,),) = scripted(Scripted(["\ud800"]), monkeypatch).entries()
    assert entry.content.decode(errors="surrogatepass") == "\ud800"
