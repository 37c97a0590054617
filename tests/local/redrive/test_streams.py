"""Which client is asked for a stream."""

from __future__ import annotations

from typing import Any

import pytest

from streamkit.local.aws import AwsAccess, AwsAccessError
from streamkit.local.redrive.streams import Streams
from tests.local.redrive.documents import batch_of, document
from tests.local.redrive.fakes import FakeStream


class Counting(AwsAccess):
    """Remembers for which region clients were made."""

    made: list[tuple[str | None, str | None]]
    endpoint = "http://127.0.0.1:8000"

    def client(self, service: str, region: str | None = None, *, read_timeout: float = 20.0) -> Any:
        assert (service, read_timeout) == ("dynamodbstreams", 20.0)
        type(self).made.append((self.region, region))
        return FakeStream({}, endpoint_url=type(self).endpoint)


def asked(endpoint: str, *arns: str, region: str | None = None) -> list[tuple[str | None, str | None]]:
    Counting.made, Counting.endpoint = [], endpoint
    streams = Streams(Counting(region=region))
    for arn in arns:
        given = document()
        given["DDBStreamBatchInfo"]["streamArn"] = arn
        assert streams.lanes_known(batch_of(given)) is (endpoint == "http://127.0.0.1:8000")
    streams.close()
    return Counting.made


IRELAND = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/x"


def test_a_region_has_one_client() -> None:
    frankfurt = IRELAND.replace("eu-west-1", "eu-central-1")
    assert asked("http://127.0.0.1:8000", IRELAND, frankfurt, f"{IRELAND}y") == [
        (None, "eu-west-1"),
        (None, "eu-central-1"),
    ]


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_aws_is_asked_in_the_region_of_the_stream_whatever_is_configured(region: str | None) -> None:
    assert asked("https://streams.dynamodb.us-east-1.amazonaws.com", IRELAND, region=region)[-1][0] == "eu-west-1"


def test_a_stream_whose_arn_is_none_is_asked_for_all_the_same() -> None:
    assert asked("http://127.0.0.1:8000", "nonsense") == [(None, "us-east-1")]


def test_dynamodb_locals_stream_is_not_looked_for_on_aws() -> None:
    with pytest.raises(
        AwsAccessError, match="is DynamoDB Local's, and no endpoint is known: give --endpoint-url, or set"
    ):
        asked("https://streams.dynamodb.ddblocal.amazonaws.com", IRELAND.replace("eu-west-1", "ddblocal"))
