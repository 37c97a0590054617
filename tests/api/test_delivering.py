"""Where on-failure records go."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.delivering import CurrentDestination, NowhereError
from streamkit.local.aws import AwsAccess
from streamkit.local.destinations.destination import DestinationError

if TYPE_CHECKING:
    from tests.parts.fixtures import MotoServer

RECORD: Any = {"version": "1.0", "requestContext": {"requestId": "1"}}
BUCKET = "arn:aws:s3:::failed"


class Where:
    arn: str | None = None


@pytest.fixture
def where() -> Where:
    return Where()


@pytest.fixture
def destination(where: Where) -> CurrentDestination:
    return CurrentDestination(lambda: where.arn, AwsAccess())


def test_a_mapping_without_one_has_nowhere_to_send_to(destination: CurrentDestination) -> None:
    with pytest.raises(NowhereError, match="the mapping has no on-failure destination"):
        destination.send(RECORD)
    with pytest.raises(NowhereError, match="the mapping has no on-failure destination"):
        destination.put("key", RECORD)


def test_it_follows_the_mapping_from_queue_to_topic_to_bucket(
    moto_server: MotoServer, where: Where, destination: CurrentDestination
) -> None:
    with (
        closing(moto_server.client("sqs")) as sqs,
        closing(moto_server.client("sns")) as sns,
        closing(moto_server.client("s3")) as s3,
    ):
        url = sqs.create_queue(QueueName="failed")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        where.arn = queue
        for _ in range(2):
            destination.send(RECORD)
        assert json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"]) == RECORD
        with pytest.raises(DestinationError, match="is no bucket"):
            destination.put("key", RECORD)

        where.arn = sns.create_topic(Name="failed")["TopicArn"]
        sns.subscribe(TopicArn=where.arn, Protocol="sqs", Endpoint=queue)
        sqs.purge_queue(QueueUrl=url)
        destination.send(RECORD)
        told = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
        assert json.loads(told["Message"]) == RECORD

        s3.create_bucket(Bucket="failed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        where.arn = BUCKET
        destination.put("some/key", RECORD)
        assert json.loads(s3.get_object(Bucket="failed", Key="some/key")["Body"].read()) == RECORD
        with pytest.raises(DestinationError, match="is a bucket, which takes objects"):
            destination.send(RECORD)
