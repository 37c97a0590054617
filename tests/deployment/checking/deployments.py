"""What is deployed, made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.check import check_mappings
from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place, Statement, Unknown
from tests.build import STREAM_ARN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.deployment.checking.finding import Finding, Report

__all__ = ["QUEUE", "READ", "SOUND", "check", "deployed", "filters", "finding", "found_by"]

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
READ = (
    Statement(
        ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"), ("*",)
    ),
)
SEND = Statement(("sqs:SendMessage",), (QUEUE,))
TEMPLATE = "template.yaml"

SOUND: dict[str, Any] = {
    "EventSourceArn": STREAM_ARN,
    "FunctionName": "orders",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 10,
    "MaximumRetryAttempts": 3,
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
}
"""Settings that fit a ``@stream_handler``."""


def filters(*patterns: Any) -> dict[str, Any]:
    """Return FilterCriteria of these patterns."""
    return {"Filters": [{"Pattern": pattern} for pattern in patterns]}


def deployed(
    *,
    settings: dict[str, Any] | None = None,
    handler: Any = None,
    timeout: Any = 30,
    statements: Sequence[Statement] | None = (*READ, SEND),
    view_type: Any = "NEW_AND_OLD_IMAGES",
    file: str = TEMPLATE,
    **changed: Any,
) -> FoundMapping:
    """Return a sound mapping with these settings changed; None takes one away."""
    whole = {**(SOUND if settings is None else settings), **changed}
    return FoundMapping(
        "Orders.Stream",
        Place(file, "Resources.Orders.Properties.Events.Stream", 10),
        {name: value for name, value in whole.items() if value is not None},
        function=FoundFunction(
            "Orders",
            Place(file, "Resources.Orders", 5),
            handler=handler or Unknown("!Ref Handler"),
            timeout=timeout,
            statements=statements,
        ),
        table=FoundTable("Table", Place(file, "Resources.Table", 2), view_type=view_type),
        places={"BatchSize": Place(file, "Resources.Orders.Properties.Events.Stream.Properties.BatchSize", 12)},
    )


def check(handler: Any, found: FoundMapping, **options: Any) -> Report:
    """Check one mapping against a handler of `app`."""
    return check_mappings(handler, [found], name=f"app:{getattr(handler, '__name__', 'object')}", **options)


def found_by(handler: Any, found: FoundMapping) -> list[str]:
    """Return the rules that found something."""
    return [finding.rule for finding in check(handler, found).findings]


def finding(handler: Any, found: FoundMapping) -> Finding:
    """Return the only finding."""
    (one,) = check(handler, found).findings
    return one
