"""Queues, topics and buckets: real ones of moto's server, and ones that refuse."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamkit.local import LocalRunner
from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.destinations.arns import aws_destination
from streamkit.local.destinations.queue import queue_url
from tests.local.builders import Failing, table_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.destinations.bucket import S3Destination
    from streamkit.local.destinations.queue import QueueDestination
    from streamkit.local.destinations.topic import TopicDestination
    from tests.parts.fixtures import MotoServer

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:failed"
BUCKET = "arn:aws:s3:::failed"
ALL = [QUEUE, TOPIC, BUCKET]


def destination_for(arn: str) -> QueueDestination | TopicDestination | S3Destination:
    return aws_destination(arn, AwsAccess())


def failing(arn: str) -> LocalRunner:
    mapping = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": arn}}}
    runner = LocalRunner(Failing({2: None}), table_of(3), mapping, destination=destination_for(arn))
    runner.run()
    return runner


def messages(client: Any) -> list[str]:
    url = client.get_queue_url(QueueName="failed")["QueueUrl"]
    return [one["Body"] for one in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]


def in_region(server: MotoServer, service: str) -> Any:
    return AwsAccess(server.endpoint_url, "eu-west-1").client(service)


def test_a_queue_gets_the_document_as_its_message(moto_server: MotoServer) -> None:
    with closing(in_region(moto_server, "sqs")) as sqs:
        sqs.create_queue(QueueName="failed")
        runner = failing(QUEUE)
        (body,) = messages(sqs)
    assert json.loads(body) == runner.discarded[0]
    assert list(json.loads(body)) == ["requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"]
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 3


def test_a_queue_is_in_the_region_of_its_arn_whatever_is_configured(
    moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    with closing(in_region(moto_server, "sqs")) as sqs:
        sqs.create_queue(QueueName="failed")
        failing(QUEUE)
        assert len(messages(sqs)) == 1


def test_a_topic_gets_it_and_passes_it_on(moto_server: MotoServer) -> None:
    with closing(in_region(moto_server, "sqs")) as sqs, closing(in_region(moto_server, "sns")) as sns:
        sqs.create_queue(QueueName="failed")
        sns.create_topic(Name="failed")
        sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)
        runner = failing(TOPIC)
        (envelope,) = messages(sqs)
    assert json.loads(json.loads(envelope)["Message"]) == runner.discarded[0]


def test_a_bucket_gets_an_object_with_the_event(moto_server: MotoServer) -> None:
    with closing(moto_server.client("s3")) as s3:
        s3.create_bucket(Bucket="failed")
        runner = failing(BUCKET)
        (listed,) = s3.list_objects_v2(Bucket="failed")["Contents"]
        found = s3.get_object(Bucket="failed", Key=listed["Key"])
        document = json.loads(found["Body"].read())
    assert document == runner.discarded[0]
    assert json.loads(document["payload"]) == runner.invocations[0].event
    assert listed["Key"].startswith("aws/lambda/")
    assert found["ContentType"] == "application/octet-stream"


@pytest.mark.parametrize("arn", ALL)
@pytest.mark.usefixtures("moto_server")
def test_one_that_is_not_there_is_told_by_check_and_drops_the_records(arn: str) -> None:
    with pytest.raises(AwsAccessError, match=f"{arn} at http://127.0.0.1:"):
        destination_for(arn).check()
    runner = failing(arn)
    assert (runner.metrics["DroppedEventCount"], runner.metrics["DestinationDeliveryFailures"]) == (3, 1)


@pytest.mark.parametrize("arn", ALL)
def test_one_that_is_there_passes_the_check(arn: str, moto_server: MotoServer) -> None:
    with (
        closing(in_region(moto_server, "sqs")) as sqs,
        closing(in_region(moto_server, "sns")) as sns,
        closing(moto_server.client("s3")) as s3,
    ):
        sqs.create_queue(QueueName="failed")
        sns.create_topic(Name="failed")
        s3.create_bucket(Bucket="failed")
    destination_for(arn).check()


@pytest.mark.parametrize("arn", ALL)
def test_a_server_that_is_not_running_is_told(arn: str, aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(AwsAccessError, match=r"got no answer .* is it running"):
        destination_for(arn).check()


class Denying:
    """A client that may do nothing, and remembers what it was asked."""

    def __init__(self, code: str) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._code = code
        self.meta = type("Meta", (), {"endpoint_url": "https://queues"})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(**parameters: Any) -> Any:
            self.asked.append((name, parameters))
            raise ClientError({"Error": {"Code": self._code, "Message": "not you"}}, name)

        return refuse

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def denying(monkeypatch: pytest.MonkeyPatch) -> Denying:
    client = Denying("AccessDenied")
    monkeypatch.setattr(AwsAccess, "client", lambda *_, **__: client)
    return client


def test_who_may_send_and_not_look_up_sends_all_the_same(denying: Denying) -> None:
    destination = destination_for(QUEUE)
    destination.check()
    with pytest.raises(AwsAccessError, match=r"sending a message to .* sqs:SendMessage is needed"):
        failed_send(destination)
    assert denying.asked[-1][1]["QueueUrl"] == "https://queues/123456789012/failed"


def failed_send(destination: Any) -> None:
    destination.send({"a": 1})


def test_a_queue_is_looked_up_once(denying: Denying) -> None:
    destination = destination_for(QUEUE)
    for _ in range(3):
        with pytest.raises(AwsAccessError):
            failed_send(destination)
    assert [name for name, _ in denying.asked] == ["get_queue_url"] + ["send_message"] * 3


def test_another_refusal_of_the_look_up_is_told() -> None:
    with pytest.raises(AwsAccessError, match="InvalidAddress"):
        queue_url(Denying("InvalidAddress"), QUEUE)


@pytest.mark.parametrize("arn", [TOPIC, BUCKET])
@pytest.mark.usefixtures("denying")
def test_who_may_not_look_may_still_be_allowed_to_write(arn: str) -> None:
    destination_for(arn).check()
