"""SEMANTICS §4: what a function's response means."""

from __future__ import annotations

from typing import Any

from tests.conformance.rules import Grade, ResponseRule


def _failures(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def _success(grade: Grade, says: str, response: Any) -> ResponseRule:
    return ResponseRule(section=4, grade=grade, says=says, response=response, becomes="success")


def _failure(grade: Grade, says: str, response: Any) -> ResponseRule:
    return ResponseRule(section=4, grade=grade, says=says, response=response, becomes="failure")


def _partial(grade: Grade, says: str, response: Any, lowest: int) -> ResponseRule:
    return ResponseRule(section=4, grade=grade, says=says, response=response, becomes="partial", lowest=lowest)


RESPONSES = [
    _success("D", "null is success", None),
    _success("D", "an empty object is success", {}),
    _success("O", "an empty list is success", []),
    _success("O", "an empty text is success", ""),
    _success("D", "an empty list of failures is success", {"batchItemFailures": []}),
    _success("D", "a null list of failures is success", {"batchItemFailures": None}),
    _success("D", "other members beside an empty list do not matter", {"batchItemFailures": [], "took": 5}),
    _failure("D", "an empty identifier fails the batch", _failures("")),
    _failure("D", "a null identifier fails the batch", _failures(None)),
    _failure("D", "a bad key for the identifier fails the batch", {"batchItemFailures": [{"id": "<2>"}]}),
    _failure(
        "D", "Pascal case of the identifier's key is a bad key", {"batchItemFailures": [{"ItemIdentifier": "<2>"}]}
    ),
    _failure("D", "an identifier that was not delivered fails the batch", _failures("123")),
    _failure("O", "a number that was not delivered fails the batch", _failures(123)),
    _failure("U", "Pascal case of the list is another shape", {"BatchItemFailures": [{"itemIdentifier": "<2>"}]}),
    _failure("U", "valid and invalid mixed fail the batch", _failures("<2>", "123")),
    _failure("U", "invalid and valid mixed fail the batch", _failures("", "<3>")),
    _failure("U", "an entry that is no object fails the batch", {"batchItemFailures": ["<2>"]}),
    _failure("U", "an entry that is null fails the batch", {"batchItemFailures": [None]}),
    _failure("U", "a list of failures that is text fails the batch", {"batchItemFailures": "<2>"}),
    _failure("U", "a list of failures that is an object fails the batch", {"batchItemFailures": {}}),
    _failure("U", "an object without the list is another shape", {"statusCode": 200}),
    _failure("U", "text is another shape", "done"),
    _failure("U", "a number is another shape", 0),
    _failure("U", "false is another shape", False),
    _failure("U", "a list with something in it is another shape", [{"itemIdentifier": "<2>"}]),
    _partial("D", "one identifier: the batch goes on from there", _failures("<3>"), 3),
    _partial("D", "of several identifiers the lowest wins", _failures("<4>", "<2>", "<3>"), 2),
    _partial("O", "an identifier twice is one", _failures("<2>", "<2>"), 2),
    _partial(
        "O", "other members of an entry do not matter", {"batchItemFailures": [{"itemIdentifier": "<4>", "x": 1}]}, 4
    ),
    _partial("O", "the first record: no progress", _failures("<1>"), 1),
]
