"""What a role allows, asked of IAM through boto3."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.reading.policies import managed_policy, statements_of
from streamkit.local.aws import AwsAccessError, asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["statements_of_role"]

_OF_AWS = ":iam::aws:policy/"


def statements_of_role(arn: str, connect: Callable[[], Any]) -> list[Statement]:
    """Return what the policies of a role allow, those in it and those attached to it.

    ``connect``: returns a client of IAM. What is refused is a statement that may allow anything. Boundaries and the
    organization's policies, which take away, are not looked at.
    """
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # an extra

    name = arn.rpartition("/")[2]
    try:
        with closing(connect()) as client:
            try:
                with asked(f"reading the policies of the role {name}", "IAM read access is needed"):
                    return list(_statements(client, name))
            except ResponseParserError:
                # Lambda's endpoint need not be IAM's, too.
                raise AwsAccessError(f"{client.meta.endpoint_url} does not answer as IAM does") from None
    except AwsAccessError as error:
        return [Statement(("*",), (Unknown(str(error)),))]


def _statements(client: Any, role: str) -> Iterator[Statement]:
    for page in client.get_paginator("list_role_policies").paginate(RoleName=role):
        for policy in page["PolicyNames"]:
            document = client.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            yield from statements_of(document, f"the policy {policy}")
    for page in client.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for policy in page["AttachedPolicies"]:
            yield from _attached(client, policy["PolicyArn"])


def _attached(client: Any, arn: str) -> list[Statement]:
    if _OF_AWS in arn:
        return managed_policy(arn)
    version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return statements_of(document, f"the policy {arn}")
