"""Policy documents of IAM to statements, and the managed policies of AWS that matter to a mapping."""

from __future__ import annotations

from typing import Any

from streamkit.deployment.found import Statement, Unknown
from streamkit.deployment.reading.forms import form_of

__all__ = ["anything", "managed_policy", "statements_of"]

_READ_STREAM = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
_MANAGED: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "AdministratorAccess": ((("*",), "*"),),
    "AmazonDynamoDBFullAccess": ((("dynamodb:*",), "*"),),
    "AmazonDynamoDBFullAccess_v2": ((("dynamodb:*",), "*"),),
    "AmazonS3FullAccess": ((("s3:*",), "*"),),
    "AmazonSNSFullAccess": ((("sns:*",), "*"),),
    "AmazonSQSFullAccess": ((("sqs:*",), "*"),),
    "AWSLambdaBasicExecutionRole": (),
    "AWSLambdaDynamoDBExecutionRole": ((_READ_STREAM, "*"),),
    "AWSLambdaExecute": ((("s3:PutObject",), "arn:aws:s3:::*"),),
    "AWSLambdaInvocation-DynamoDB": ((_READ_STREAM, "*"),),
    "AWSLambdaKinesisExecutionRole": (),
    "AWSLambdaSQSQueueExecutionRole": (),
    "AWSLambdaVPCAccessExecutionRole": (),
    "AWSXRayDaemonWriteAccess": (),
    "AWSXrayWriteOnlyAccess": (),
    "CloudWatchLambdaInsightsExecutionRolePolicy": (),
}
"""What AWS's own policies allow of what a mapping needs (SEMANTICS §9), and those of a function's life that allow
nothing of it. Of all others nothing is known."""

_OF_AWS = ":iam::aws:policy/"


def anything(text: str) -> Statement:
    """Return what a policy allows that cannot be read: anything or nothing."""
    return Statement(("*",), (Unknown(text),))


def managed_policy(arn: str | Unknown) -> list[Statement]:
    """Return what a managed policy allows, by its ARN or by its name alone."""
    form = form_of(arn)
    name = form.rpartition("/")[2]
    if name not in _MANAGED or (form.startswith("arn:") and _OF_AWS not in form):
        return [anything(f"what {arn} allows")]
    return [Statement(actions, (resource,)) for actions, resource in _MANAGED[name]]


def statements_of(document: Any, where: str) -> list[Statement]:
    """Return the statements of a policy document, evaluated; what cannot be read of it as `anything`.

    ``where`` says whose policy it is.
    """
    if not isinstance(document, dict):
        return [anything(f"what {where} allows: {document}")]
    listed = document.get("Statement", document.get("statement"))
    return [_statement(one, where) for one in (listed if isinstance(listed, list) else [listed])]


def _statement(statement: Any, where: str) -> Statement:
    if not isinstance(statement, dict):
        return anything(f"what {where} allows: {statement}")
    effect = statement.get("Effect", "Allow")
    actions, resources = _texts(statement.get("Action")), _texts(statement.get("Resource"))
    if effect not in ("Allow", "Deny"):
        return anything(f"what {where} allows: Effect {effect}")
    if "NotAction" in statement or any(isinstance(one, Unknown) for one in actions):
        return Statement(("*",), (Unknown(f"what {where} says of actions"),), effect)
    if statement.get("Condition"):
        resources = [Unknown(f"what {where} allows under a condition")]
    elif "NotResource" in statement:
        resources = [Unknown(f"what {where} says by NotResource")]
    return Statement(tuple(map(str, actions)), tuple(resources), effect)


def _texts(value: Any) -> list[str | Unknown]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [one if isinstance(one, str | Unknown) else Unknown(str(one)) for one in listed]
