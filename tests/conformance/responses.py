"""SEMANTICS §4: what a function's response means."""

from __future__ import annotations

from typing import Any

from tests.conformance.rules import Grade, ResponseRule


def _failures(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def _success(grade: Grade, says: str, response: Any) -> ResponseRule:
    return ResponseRule(section=4, grade=grade, says=says, response=response, becomes="success")


def _failure(grade: Grade, says: str, response: Any, *, warns: tuple[str, ...] = ()) -> ResponseRule:
    return ResponseRule(
        section=4,
        grade=grade,
        says=says,
        choice="the whole batch fails" if grade == "U" else "",
        response=response,
        becomes="failure",
        warns=warns,
    )


def _partial(grade: Grade, says: str, response: Any, lowest: int) -> ResponseRule:
    return ResponseRule(section=4, grade=grade, says=says, response=response, becomes="partial", lowest=lowest)


RESPONSES = [
    _success("D", "A response of null is success", None),
    _success("D", "An empty object is success", {}),
    _success("O", "An empty list is success", []),
    _success("O", "An empty text is success", ""),
    _success("D", "An empty list of failures is success", {"batchItemFailures": []}),
    _success("D", "A list of failures that is null is success", {"batchItemFailures": None}),
    _success("D", "Other members beside an empty list of failures do not matter", {"batchItemFailures": [], "took": 5}),
    _failure("D", "An empty identifier fails the batch", _failures("")),
    _failure("D", "An identifier that is null fails the batch", _failures(None)),
    _failure("D", "A bad key in the place of itemIdentifier fails the batch", {"batchItemFailures": [{"id": "<2>"}]}),
    _failure("D", "An entry without any key fails the batch", {"batchItemFailures": [{}]}),
    _failure(
        "D",
        "ItemIdentifier in Pascal case is a bad key, and fails the batch",
        {"batchItemFailures": [{"ItemIdentifier": "<2>"}]},
        warns=("'itemIdentifier'", "'ItemIdentifier'"),
    ),
    _failure("D", "An identifier that was not delivered fails the batch", _failures("123")),
    _failure("O", "An identifier that is a number and was not delivered fails the batch", _failures(123)),
    _failure(
        "U",
        "BatchItemFailures in Pascal case is another shape, and fails the batch",
        {"BatchItemFailures": [{"itemIdentifier": "<2>"}]},
        warns=("'batchItemFailures'", "'BatchItemFailures'"),
    ),
    _failure("U", "A valid identifier and then an invalid one fail the batch", _failures("<2>", "123")),
    _failure("U", "An invalid identifier and then a valid one fail the batch", _failures("", "<3>")),
    _failure("U", "An entry that is no object fails the batch", {"batchItemFailures": ["<2>"]}),
    _failure("U", "An entry that is null fails the batch", {"batchItemFailures": [None]}),
    _failure("U", "A list of failures that is text fails the batch", {"batchItemFailures": "<2>"}),
    _failure("U", "A list of failures that is an object fails the batch", {"batchItemFailures": {}}),
    _failure("U", "A list of failures that is false fails the batch", {"batchItemFailures": False}),
    _failure("U", "An object without a list of failures is another shape, and fails the batch", {"statusCode": 200}),
    _failure("U", "A response of text is another shape, and fails the batch", "done"),
    _failure("U", "A response that is a number is another shape, and fails the batch", 0),
    _failure("U", "A response of false is another shape, and fails the batch", False),
    _failure("U", "A list with something in it is another shape, and fails the batch", [{"itemIdentifier": "<2>"}]),
    _partial("D", "Of one identifier the batch goes on from there", _failures("<3>"), 3),
    _partial("D", "Of several identifiers the lowest wins", _failures("<4>", "<2>", "<3>"), 2),
    _partial("O", "An identifier that is there twice counts once", _failures("<2>", "<2>"), 2),
    _partial(
        "O",
        "Other members of an entry do not matter",
        {"batchItemFailures": [{"itemIdentifier": "<4>", "x": 1}]},
        4,
    ),
    _partial("O", "Of the first record's identifier there is no progress", _failures("<1>"), 1),
    _partial("O", "Of the last record's identifier that one is left", _failures("<4>"), 4),
]
