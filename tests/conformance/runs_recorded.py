"""SEMANTICS §10: the runs that were recorded on AWS, invocation by invocation, with the on-failure records in full."""

from __future__ import annotations

from tests.conformance.parts import ALL, BISECT, REPORT, document, retries
from tests.conformance.rules import RunRule

RECORDED = [
    RunRule(
        section=10,
        grade="O",
        says="Recorded: the function raises for record 2, with 2 retries",
        settings={"BatchSize": 4} | retries(2),
        bad={2: None},
        sees={
            "batches": [ALL, ALL, ALL],
            "outcomes": ["failure", "failure", "failure"],
            "attempts": [1, 2, 3],
            "extents": [0, 0, 0],
            "waits": [0.25, 0.5],
            "records": [document(1, 4, 3)],
            "checkpoints": [4],
        },
    ),
    RunRule(
        section=10,
        grade="O",
        says="Recorded: the function raises for record 2, bisecting, with 1 retry",
        settings={"BatchSize": 4} | BISECT | retries(1),
        bad={2: None},
        sees={
            "batches": [ALL, [1, 2], [1], [2], [2], [3, 4]],
            "outcomes": ["failure", "failure", "success", "failure", "failure", "success"],
            "attempts": [1, 1, 1, 1, 2, 1],
            "extents": [0, 1, 2, 3, 3, 4],
            "waits": [0, 0, 0, 0.25, 0],
            "records": [document(2, 2, 2, of="invocation 4")],
            "checkpoints": [1, 2, 4],
        },
    ),
    RunRule(
        section=10,
        grade="O",
        says="Recorded: the function reports record 2, with 1 retry",
        settings={"BatchSize": 4} | REPORT | retries(1),
        bad={2: None},
        how="report",
        sees={
            "batches": [ALL, [2, 3, 4], [2, 3, 4]],
            "outcomes": ["partial", "partial", "partial"],
            "attempts": [1, 1, 2],
            "extents": [0, 1, 1],
            "waits": [0, 0.25],
            "records": [document(2, 4, 2, None, of="invocation 2")],
            "checkpoints": [1, 4],
        },
    ),
    RunRule(
        section=10,
        grade="O",
        says="Recorded: the function reports record 2, but ReportBatchItemFailures is off",
        settings={"BatchSize": 4} | retries(2),
        bad={2: None},
        how="report",
        sees={"batches": [ALL], "outcomes": ["success"], "records": [], "checkpoints": [4], "warnings": 1},
    ),
]
