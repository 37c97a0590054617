"""Deployments with one fault each, by the rule that finds it, and sound ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Statement, Unknown
from tests.deployment.checking import app
from tests.deployment.checking.deployments import QUEUE, READ, SEND, SOUND, deployed, filters

if TYPE_CHECKING:
    from streamkit.deployment.found import FoundMapping

__all__ = ["ANYTHING", "FAULTY", "QUIET"]

WINDOW = {**SOUND, "TumblingWindowInSeconds": 60}
ANYTHING = Statement(("*",), (Unknown("a policy that stands elsewhere"),))

FAULTY: list[tuple[str, Any, FoundMapping]] = [
    ("failures-not-reported", app.orders, deployed(FunctionResponseTypes=None)),
    ("failures-not-reported", app.orders, deployed(FunctionResponseTypes=[])),
    ("failures-not-reported", app.revenue, deployed(settings=WINDOW, FunctionResponseTypes=None)),
    # What Lambda does not read, it does not retry: good records are not discarded either.
    (
        "failures-not-reported",
        app.orders,
        deployed(FunctionResponseTypes=None, BisectBatchOnFunctionError=None),
    ),
    ("window-missing", app.revenue, deployed()),
    ("window-missing", app.strict_revenue, deployed(TumblingWindowInSeconds=0)),
    ("window-length", app.revenue, deployed(settings=WINDOW, TumblingWindowInSeconds=300)),
    ("window-unexpected", app.orders, deployed(settings=WINDOW)),
    ("window-with-lanes", app.revenue, deployed(settings=WINDOW, ParallelizationFactor=2)),
    ("window-with-filters", app.revenue, deployed(settings=WINDOW, FilterCriteria=filters('{"eventName":["INSERT"]}'))),
    ("view-type-lacks-image", app.orders, deployed(view_type="KEYS_ONLY")),
    ("view-type-lacks-image", app.orders, deployed(view_type="NEW_IMAGE")),
    ("view-type-lacks-image", app.placed, deployed(view_type="OLD_IMAGE")),
    ("view-type-lacks-image", app.removed, deployed(view_type="NEW_IMAGE")),
    ("view-type-lacks-image", app.moved, deployed(view_type="OLD_IMAGE")),
    ("view-type-lacks-image", app.revenue, deployed(settings=WINDOW, view_type="KEYS_ONLY")),
    ("table-without-stream", app.orders, deployed(view_type=None)),
    ("filter-never-matches", app.placed, deployed(FilterCriteria=filters('{"eventname": ["INSERT"]}'))),
    ("filter-never-matches", app.orders, deployed(FilterCriteria=filters('{"body": {"id": ["1"]}}'))),
    (
        "filter-never-matches",
        app.plain,
        deployed(FilterCriteria=filters('{"eventName": ["REMOVE"], "dynamodb": {"NewImage": {"id": {"S": ["1"]}}}}')),
    ),
    (
        "filter-never-matches",
        app.plain,
        deployed(
            view_type="KEYS_ONLY", FilterCriteria=filters('{"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}}')
        ),
    ),
    (
        "filter-part-never-matches",
        app.placed,
        deployed(FilterCriteria=filters('{"eventName": ["INSERT", "insert"]}')),
    ),
    ("filter-drops-handled", app.orders, deployed(FilterCriteria=filters('{"eventName": ["INSERT", "MODIFY"]}'))),
    ("filter-drops-handled", app.placed, deployed(FilterCriteria=filters('{"eventName": ["REMOVE"]}'))),
    ("poison-record-blocks", app.orders, deployed(MaximumRetryAttempts=None)),
    ("poison-record-blocks", app.orders, deployed(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=604_800)),
    ("poison-record-blocks", app.plain, deployed(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=86_400)),
    (
        "poison-record-blocks",
        app.orders,
        deployed(MaximumRetryAttempts=-1, BisectBatchOnFunctionError=None, DestinationConfig=None),
    ),
    ("good-records-discarded", app.orders, deployed(BisectBatchOnFunctionError=False)),
    ("good-records-discarded", app.isolating, deployed(BisectBatchOnFunctionError=None)),
    ("good-records-discarded", app.batch, deployed(BisectBatchOnFunctionError=None)),
    ("good-records-discarded", app.revenue, deployed(settings=WINDOW, BisectBatchOnFunctionError=None)),
    ("good-records-discarded", app.strict_revenue, deployed(settings=WINDOW, BisectBatchOnFunctionError=None)),
    ("discarded-without-trace", app.orders, deployed(DestinationConfig=None)),
    ("discarded-without-trace", app.orders, deployed(DestinationConfig={"OnFailure": {}})),
    (
        "discarded-without-trace",
        app.orders,
        deployed(DestinationConfig=None, MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=3600),
    ),
    (
        "expired-while-gathered",
        app.orders,
        deployed(MaximumBatchingWindowInSeconds=120, MaximumRecordAgeInSeconds=60),
    ),
    ("timeout-within-margin", app.careful, deployed(timeout=5)),
    ("timeout-within-margin", app.careful, deployed(timeout=None)),
    ("timeout-mostly-margin", app.careful, deployed(timeout=9)),
    ("timeout-for-batch", app.orders, deployed(timeout=3, BatchSize=1000)),
    ("timeout-for-batch", app.quick, deployed(timeout=3, BatchSize=10_000)),
    ("timeout-for-batch", app.batch, deployed(timeout=3, BatchSize=10_000)),
    ("timeout-for-batch", app.plain, deployed(timeout=None, BatchSize=10_000)),
    ("stream-permission-missing", app.orders, deployed(statements=[SEND])),
    ("stream-permission-missing", app.orders, deployed(statements=[Statement(("dynamodb:GetItem",), ("*",)), SEND])),
    ("destination-permission-missing", app.orders, deployed(statements=READ)),
    (
        "destination-permission-missing",
        app.orders,
        deployed(statements=[*READ, Statement(("sqs:SendMessage",), (f"{QUEUE}-2",))]),
    ),
    (
        "destination-permission-missing",
        app.orders,
        deployed(
            DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failed"}},
            statements=[*READ, Statement(("s3:PutObject",), ("arn:aws:s3:::failed/*",))],
        ),
    ),
    (
        "destination-permission-missing",
        app.orders,
        deployed(DestinationConfig={"OnFailure": {"Destination": Unknown("!Ref Failed")}}, statements=READ),
    ),
    (
        "destination-permission-missing",
        app.orders,
        deployed(
            DestinationConfig={
                "OnFailure": {"Destination": Unknown("!Ref Failed", "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:f")}
            },
        ),
    ),
    (
        "destination-permission-missing",
        app.orders,
        deployed(DestinationConfig={"OnFailure": Unknown("!Ref OnFailure")}, statements=READ),
    ),
    ("handler-mismatch", app.orders, deployed(handler="app.other")),
    ("handler-mismatch", app.orders, deployed(handler="src/other.orders")),
    ("setting-differs", app.exact, deployed(StartingPosition="LATEST", BatchSize=100)),
    ("setting-differs", app.exact, deployed()),
    ("setting-differs", app.named, deployed(view_type="NEW_IMAGE")),
    ("mapping-disabled", app.orders, deployed(Enabled=False)),
    ("setting-refused", app.orders, deployed(BatchSize=10_001)),
    ("setting-refused", app.orders, deployed(MaximumRecordAgeInSeconds=30)),
    ("setting-refused", app.orders, deployed(BatchSise=10)),
    ("setting-refused", app.orders, deployed(Frequency="hourly")),
    ("setting-refused", app.orders, deployed(Enabled="yes")),
    ("setting-of-other-source", app.orders, deployed(ScalingConfig={"MaximumConcurrency": 2})),
    ("setting-of-other-source", app.orders, deployed(StartingPositionTimestamp=1_700_000_000)),
    ("starting-position", app.orders, deployed(StartingPosition="AT_TIMESTAMP")),
    ("starting-position", app.orders, deployed(StartingPosition=None)),
    ("filter-pattern", app.orders, deployed(FilterCriteria=filters("eventName = INSERT"))),
    ("filter-pattern", app.orders, deployed(FilterCriteria=filters('{"eventName": "INSERT"}'))),
    ("filter-pattern", app.orders, deployed(FilterCriteria=filters({"eventName": ["INSERT"]}))),
    ("filter-pattern", app.orders, deployed(FilterCriteria=filters(Unknown("!Ref Pattern"), "INSERT"))),
    ("filter-pattern", app.orders, deployed(FilterCriteria={"Filters": "INSERT"})),
    ("filter-pattern", app.orders, deployed(FilterCriteria=["INSERT"])),
    (
        "filters-beyond-quota",
        app.orders,
        deployed(
            FilterCriteria=filters(*(f'{{"dynamodb": {{"Keys": {{"id": {{"S": ["{n}"]}}}}}}}}' for n in range(6)))
        ),
    ),
    ("fifo-destination", app.orders, deployed(DestinationConfig={"OnFailure": {"Destination": f"{QUEUE}.fifo"}})),
]

QUIET: list[tuple[str, Any, FoundMapping]] = [
    ("as it should be", app.orders, deployed()),
    ("a window", app.revenue, deployed(settings=WINDOW)),
    ("a window that reports nothing", app.strict_revenue, deployed(settings=WINDOW, FunctionResponseTypes=None)),
    ("a window that is told for nothing", app.strict_revenue, deployed(settings=WINDOW)),
    ("a plain handler with whatever", app.plain, deployed(BisectBatchOnFunctionError=None, FunctionResponseTypes=None)),
    ("a plain handler that may report", app.plain, deployed()),
    ("a plain handler in windows", app.plain, deployed(settings=WINDOW)),
    ("continue has run what is discarded", app.continuing, deployed(BisectBatchOnFunctionError=None)),
    ("batches of one", app.orders, deployed(BatchSize=1, BisectBatchOnFunctionError=None)),
    ("images that may be absent", app.lenient, deployed(view_type="KEYS_ONLY")),
    ("new images only", app.placed, deployed(view_type="NEW_IMAGE")),
    ("no old image wanted", app.moved, deployed(view_type="NEW_IMAGE")),
    ("a view type that is none", app.orders, deployed(view_type="EVERYTHING")),
    (
        "what a filter keeps away lacks no image",
        app.placed,
        deployed(view_type="NEW_IMAGE", FilterCriteria=filters('{"eventName": ["INSERT"]}')),
    ),
    ("a filter on fields", app.orders, deployed(FilterCriteria=filters('{"awsRegion": ["eu-west-1"]}'))),
    ("an empty FilterCriteria", app.orders, deployed(FilterCriteria={})),
    ("a limit of age", app.orders, deployed(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=3600)),
    (
        "as long gathered as old",
        app.orders,
        deployed(MaximumBatchingWindowInSeconds=60, MaximumRecordAgeInSeconds=60),
    ),
    ("Lambda's own default of time and size", app.orders, deployed(timeout=None, BatchSize=None)),
    ("many records of a fold", app.revenue, deployed(settings=WINDOW, timeout=3, BatchSize=10_000)),
    ("many records at once", app.batch, deployed(timeout=30, BatchSize=10_000)),
    ("one record", app.plain, deployed(timeout=3, BatchSize=1)),
    ("a time-out of twice the margin", app.careful, deployed(timeout=10)),
    ("a role of another template", app.orders, deployed(statements=None)),
    ("a role with a policy of another template", app.orders, deployed(statements=[ANYTHING])),
    ("a destination of another template", app.orders, deployed(DestinationConfig=Unknown("!Ref Destination"))),
    (
        "a role that may send somewhere",
        app.orders,
        deployed(DestinationConfig={"OnFailure": {"Destination": Unknown("!Ref Failed")}}),
    ),
    (
        "ListStreams, wherever it is allowed",
        app.orders,
        deployed(
            statements=[
                SEND,
                Statement(
                    (
                        "dynamodb:DescribeStream",
                        "dynamodb:GetRecords",
                        "dynamodb:GetShardIterator",
                        "dynamodb:ListStreams",
                    ),
                    (str(SOUND["EventSourceArn"]),),
                ),
            ]
        ),
    ),
    ("the settings of the decorator", app.exact, deployed(StartingPosition="LATEST")),
    (
        "the same filters in other words, the same function by its ARN",
        app.named,
        deployed(
            view_type="NEW_IMAGE",
            FunctionName="arn:aws:lambda:eu-west-1:123456789012:function:orders",
            FilterCriteria=filters('{"awsRegion":["eu-west-1"],"eventName":["INSERT"]}'),
        ),
    ),
    (
        "a function that the template does not name",
        app.named,
        deployed(
            view_type="NEW_IMAGE",
            FunctionName=None,
            EventSourceArn=None,
            FilterCriteria=filters('{"awsRegion":["eu-west-1"],"eventName":["INSERT"]}'),
        ),
    ),
    ("disabled, as the decorator says", app.paused, deployed(Enabled=False)),
    ("the handler", app.orders, deployed(handler="app.orders")),
    ("an answer without a position", app.orders, deployed(StartingPosition=None, UUID="a", State="Enabled")),
    ("none of what others have", app.orders, deployed(Topics=[], ScalingConfig={}, SelfManagedEventSource=Unknown(""))),
]
