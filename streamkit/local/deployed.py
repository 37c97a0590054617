"""What is deployed, asked through boto3: a mapping, its function and its stream."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import FoundFunction, FoundTable, Place, TemplateError, Unknown
from streamkit.deployment.reading.answers import answered
from streamkit.local.aws import AwsAccessError, asked, is_aws
from streamkit.local.rolepolicies import statements_of_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamkit.deployment.found import FoundMapping
    from streamkit.local.aws import AwsAccess

__all__ = ["read_deployed"]


def read_deployed(uuid: str, access: AwsAccess) -> FoundMapping:
    """Ask Lambda for a mapping and, where that is allowed, for its function, what its role allows, and the view type.

    ``access``: where Lambda is. DynamoDB Streams and IAM are asked where the environment says, else there, too.

    What is refused is an `Unknown` with the reason. Raises AwsAccessError where the mapping itself cannot be had,
    TemplateError where it is none on a DynamoDB stream.
    """
    with closing(access.client("lambda")) as client:
        with asked(
            f"reading the mapping {uuid} at {client.meta.endpoint_url}",
            "aws lambda list-event-source-mappings names those that there are; lambda:GetEventSourceMapping is needed",
        ):
            answer = client.get_event_source_mapping(UUID=uuid)
        function = _function(client, str(answer.get("FunctionArn", "")), access)
        region = client.meta.region_name
    found = answered({"UUID": uuid, **answer}, str(answer.get("EventSourceMappingArn") or _arn(answer, uuid)))
    if not found:
        raise TemplateError(f"the mapping {uuid} is on {answer.get('EventSourceArn')}, which is no DynamoDB stream")
    return replace(found[0], function=function, table=_table(str(answer["EventSourceArn"]), access, region))


def _arn(answer: Mapping[str, Any], uuid: str) -> str:
    """Return the mapping's ARN where an emulator does not answer it."""
    owner = str(answer.get("FunctionArn", "")).partition(":function:")[0]
    return f"{owner or 'arn:aws:lambda'}:event-source-mapping:{uuid}"


def _function(client: Any, arn: str, access: AwsAccess) -> FoundFunction:
    region = client.meta.region_name
    place = Place(arn, "")
    name = arn.partition(":function:")[2]
    try:
        with asked(f"reading the function {arn}", "lambda:GetFunctionConfiguration is needed"):
            answer = client.get_function_configuration(FunctionName=arn)
    except AwsAccessError as error:
        unknown = Unknown(str(error))
        return FoundFunction(name, place, handler=unknown, timeout=unknown, function_name=name)
    return FoundFunction(
        name,
        place,
        handler=answer.get("Handler"),
        timeout=answer.get("Timeout"),
        statements=statements_of_role(str(answer.get("Role", "")), lambda: _client("iam", access, region)),
        function_name=name,
    )


def _table(arn: str, access: AwsAccess, region: str) -> FoundTable:
    name = arn.partition("/")[2].partition("/")[0]
    place = Place(arn, "")
    try:
        with (
            closing(_client("dynamodbstreams", access, region)) as client,
            asked(f"reading the stream {arn} at {client.meta.endpoint_url}", "dynamodb:DescribeStream is needed"),
        ):
            description = client.describe_stream(StreamArn=arn, Limit=1)["StreamDescription"]
    except AwsAccessError as error:
        return FoundTable(name, place, Unknown(str(error)))
    return FoundTable(name, place, description["StreamViewType"])


def _client(service: str, access: AwsAccess, region: str) -> Any:
    """Return a client of another service than Lambda: never AWS itself where Lambda is elsewhere."""
    configured = replace(access, endpoint_url=None).client(service, region)
    if access.endpoint_url is None or not is_aws(configured.meta.endpoint_url):
        return configured
    configured.close()
    return access.client(service, region)
