"""SEMANTICS §5: failures inside a tumbling window, and what becomes of its state."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.parts import ALL, BISECT, SQS, age, document, exhausted, retries, too_old, window
from tests.conformance.rules import Grade, RunRule
from tests.local.builders import REPORTING, tumbling

ONE = {"BatchSize": 1}


def _refused(grade: Grade, says: str, response: Any, choice: str = "", **settings: Any) -> RunRule:
    """Return the rule that this response fails the invocation."""
    return RunRule(
        section=5,
        grade=grade,
        says=says,
        choice=choice,
        settings=tumbling(10) | retries(0) | settings,
        answers=(response, {"state": {}}),
        sees={
            "batches": [ALL, []],
            "outcomes": ["failure", "success"],
            "finals": [{}],
            "discarded": [exhausted(1, 4, 1, None)],
        },
    )


_NO_OBJECTS: tuple[Any, ...] = (None, [], "text", 7, True)
_NO_OBJECT = "the state in the event is an object too"

RESPONSES = [
    _refused("D", "A response without state fails the invocation", {}),
    _refused("D", "A function that returns nothing fails its invocation", None),
    _refused("D", "A response with batchItemFailures and no state fails", {"batchItemFailures": []}, **REPORTING),
    *(
        _refused("U", f"A state that is {json.dumps(state)} fails the invocation", {"state": state}, _NO_OBJECT)
        for state in _NO_OBJECTS
    ),
    _refused(
        "U",
        "A response with BatchItemFailures, as in old AWS samples, fails the invocation",
        {"state": {"n": 1}, "BatchItemFailures": []},
        "a wrong key, as without a window",
        **REPORTING,
    ),
    RunRule(
        section=5,
        grade="I",
        says="A response with a state and without batchItemFailures is a success, with ReportBatchItemFailures too",
        choice="as AWS's own sample leaves it out; null is one too",
        settings=tumbling(10) | ONE | REPORTING,
        records=2,
        answers=({"state": {"seen": [1]}}, {"state": {"seen": [1, 2]}, "batchItemFailures": None}, {"state": {}}),
        sees={"outcomes": ["success"] * 3, "states": [{}, [1], [1, 2]]},
    ),
]

STATES = [
    RunRule(
        section=5,
        grade="I",
        says="A failed invocation is retried with the state that it got",
        choice="a state counts only when its records do",
        settings=tumbling(10) | ONE,
        tallies=True,
        records=3,
        bad={2: 2},
        sees={"batches": [[1], [2], [2], [2], [3], []], "states": [{}, [1], [1], [1], [1, 2], [1, 2, 3]]},
    ),
    RunRule(
        section=5,
        grade="U",
        says="The state of a partial failure that advances the checkpoint is adopted",
        choice="the rest of the batch gets it",
        settings=tumbling(10) | REPORTING,
        tallies=True,
        bad={3: 1},
        how="report",
        sees={"batches": [ALL, [3, 4], []], "states": [{}, [1, 2], ALL]},
    ),
    RunRule(
        section=5,
        grade="U",
        says="The state of a partial failure that does not advance the checkpoint is dropped",
        choice="the retry gets the state that the attempt got",
        settings=tumbling(10) | REPORTING,
        tallies=True,
        bad={1: 1},
        how="report",
        sees={"batches": [ALL, ALL, []], "states": [{}, {}, ALL]},
    ),
    RunRule(
        section=5,
        grade="I",
        says="The halves of a batch are invoked one after the other, and the state is handed on",
        choice="they stay in the window of the batch",
        settings=tumbling(10) | BISECT,
        tallies=True,
        bad={3: 2},
        sees={
            "batches": [ALL, [1, 2], [3, 4], [3], [4], []],
            "states": [{}, {}, [1, 2], [1, 2], [1, 2, 3], ALL],
        },
    ),
    RunRule(
        section=5,
        grade="I",
        says="Records that are given up leave the state as it is",
        choice="the window goes on without them",
        settings=tumbling(10) | ONE | retries(0) | SQS,
        tallies=True,
        records=3,
        bad={2: None},
        sees={
            "states": [{}, [1], [1], [1, 3]],
            "records": [document(2, 2, 1, of="invocation 2", function="tallying", in_window=(0, 10))],
        },
    ),
    RunRule(
        section=5,
        grade="I",
        says="Records that become too old in a window leave the state as it is",
        choice="their on-failure record names the window",
        settings=tumbling(900) | ONE | age(60),
        tallies=True,
        at=(0, 10, 100),
        bad={2: None},
        duration=(0, 61),
        sees={
            "batches": [[1], [2], [3], []],
            "states": [{}, [1], [1], [1, 3]],
            "discarded": [too_old(2, 2, 1)],
            "records": [
                document(
                    2,
                    2,
                    1,
                    of="invocation 2",
                    condition="RecordAgeExceeded",
                    arrivals=("2026-01-01T00:00:10Z",) * 2,
                    function="tallying",
                    in_window=(0, 900),
                )
            ],
        },
    ),
]

LARGE_EVENTS = [
    RunRule(
        section=5,
        grade="U",
        says="The rest of a batch is divided where the event, with the state as it is now, would be over 6 MB",
        choice="each part is an extent of its own; as many records as fit go first",
        settings=tumbling(900) | REPORTING | window(10),
        tallies=True,
        records=16,
        padding=390_000,
        bad={2: 1},
        how="report",
        grows={1: 1_000_000},
        sees={"sizes": [16, 13, 2, 0], "attempts": [1, 1, 1, 1], "state bytes": [2, 1_000_000, 43, 49]},
    ),
    RunRule(
        section=5,
        grade="I",
        says="An invocation whose response is larger than Lambda takes has failed, however its window would end",
        choice="6,291,556 bytes, as Lambda's own error says",
        settings=tumbling(10) | retries(0),
        tallies=True,
        records=1,
        grows={1: 7_000_000},
        sees={"errors": ["ResponseTooLargeError", "NoneType"], "finals": [{}]},
    ),
]

_FAULTS: dict[str, tuple[str, Any]] = {
    "throttle": ("A throttled invocation", "throttle"),
    "service_error": ("An invocation that met a service error", "service_error"),
    "timeout": ("An invocation that timed out", "timeout"),
    "crash": ("An invocation whose function crashed when its work was done", "crash"),
    "duplicate": ("An invocation whose answer was lost, and that is made again,", "duplicate"),
}

FAULTS = [
    RunRule(
        section=5,
        grade="I",
        says=f"{what} changes no state",
        choice="an answer that does not arrive has none",
        settings=tumbling(10) | ONE,
        tallies=True,
        records=3,
        faults={2: fault},
        sees={"batches": [[1], [2], [2], [3], []], "states": [{}, [1], [1], [1, 2], [1, 2, 3]]},
    )
    for what, fault in _FAULTS.values()
]

WINDOWED_FAILURES = [*RESPONSES, *STATES, *LARGE_EVENTS, *FAULTS]
