from __future__ import annotations

import json
from typing import Any

import pytest

from streamkit import DecodeError
from streamkit.local import Fact, Journal
from streamkit.local.factjson import fact_json
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    RetryScheduled,
    Warned,
)
from streamkit.observing import RecordFailure
from tests.local.builders import START, Heard, after

READ = RecordsRead(START, "s", ("1", "2"))
CHECKPOINT = Checkpointed(START, "s", "2")


def finished(**members: Any) -> InvocationFinished:
    usual = {
        "at": START,
        "shard_id": "s",
        "request_id": "r",
        "attempt": 1,
        "outcome": "success",
        "why": "w",
        "response": None,
        "error": None,
        "failures": (),
        "handled": 1,
        "sequence_numbers": ("1",),
    }
    return InvocationFinished(**(usual | members))  # type: ignore[arg-type]  # the members are of several types


def parsed(fact: Fact) -> Any:
    line = fact_json(fact)
    assert b"\n" not in line
    return json.loads(line)


def test_a_journal_holds_the_facts_in_order() -> None:
    journal = Journal()
    journal.write(READ)
    journal.write(CHECKPOINT)
    assert list(journal) == [READ, CHECKPOINT]
    assert len(journal) == 2
    assert journal[0] is READ
    assert journal[-1] is CHECKPOINT


def test_listeners_hear_every_fact_from_when_they_come() -> None:
    journal, early, late = Journal(), Heard(), Heard()
    journal.subscribe(early)
    journal.write(READ)
    journal.subscribe(late)
    journal.write(CHECKPOINT)
    assert early.facts == [READ, CHECKPOINT]
    assert late.facts == [CHECKPOINT]


def test_a_fact_is_in_the_journal_when_it_is_heard_of() -> None:
    journal = Journal()
    lengths: list[int] = []

    class Counting:
        def note(self, fact: Fact) -> None:
            assert fact is READ
            lengths.append(len(journal))

    journal.subscribe(Counting())
    journal.write(READ)
    journal.write(READ)
    assert lengths == [1, 2]


def test_a_journal_that_keeps_nothing_still_tells() -> None:
    journal, heard = Journal(keep=False), Heard()
    journal.subscribe(heard)
    journal.write(READ)
    assert heard.facts == [READ]
    assert list(journal) == []
    assert len(journal) == 0


@pytest.mark.parametrize(
    "fact",
    [
        READ,
        CHECKPOINT,
        RetryScheduled(START, "s", "r", after(1.25), "w"),
        RecordsExpired(START, "s", ("1",), "w"),
        Warned(START, "s", "text"),
    ],
)
def test_a_fact_is_one_line_of_json_that_begins_with_its_kind(fact: Fact) -> None:
    entry = parsed(fact)
    assert next(iter(entry)) == "fact"
    assert entry.pop("fact") == type(fact).__name__
    assert entry.pop("at") == "2026-01-01T00:00:00+00:00"
    assert entry.keys() == set(type(fact).__dataclass_fields__) - {"at"}
    assert entry["shard_id"] == "s"


def test_an_event_is_json_inside_the_line_and_not_text() -> None:
    fact = InvocationStarted(START, "s", "r", 1, ("1",), "w", b'{"Records":[{"a":1}]}')
    assert parsed(fact)["event"] == {"Records": [{"a": 1}]}


def test_errors_are_written_with_their_kind() -> None:
    entry = parsed(finished(error=ValueError("bad"), failures=[RecordFailure("7", KeyError("id"))]))
    assert entry["error"] == "ValueError: bad"
    assert entry["failures"] == [{"sequence_number": "7", "error": "KeyError: 'id'"}]


def test_a_discard_is_written_with_the_document_and_what_the_destination_said() -> None:
    entry = parsed(RecordsDiscarded(START, "s", ("1",), {"version": "1.0"}, False, OSError("full")))
    assert entry["record"] == {"version": "1.0"}
    assert entry["delivered"] is False
    assert entry["error"] == "OSError: full"


@pytest.mark.parametrize(
    "response",
    [{"n": [1, 2.5, None, "ä"]}, "text", 2**53, 2**64, -(10**30), {"deep": [10**30]}, "\ud800", {"\udfff": 1}],
)
def test_any_response_of_a_function_can_be_written(response: Any) -> None:
    assert parsed(finished(response=response))["response"] == response


def test_a_line_says_the_same_whatever_the_response() -> None:
    error = DecodeError("no number", sequence_number="7", part="Keys")
    members: dict[str, Any] = {"error": error, "failures": [RecordFailure("7", error)]}
    usual, unusual = (parsed(finished(response=response, **members)) for response in (1, 2**64))
    assert usual | {"response": 2**64} == unusual


def test_an_event_is_json_inside_any_line() -> None:
    started = InvocationStarted(START, "s", "r", 1, ("1",), "w \ud800", b'{"Records":[{"a":"\xc3\xa4"}]}')
    assert parsed(started)["event"] == {"Records": [{"a": "ä"}]}


def test_any_error_of_a_function_can_be_written() -> None:
    assert parsed(finished(error=ValueError("file \udcff")))["error"].startswith("ValueError: file ")


def test_what_json_has_no_form_for_is_written_as_text() -> None:
    assert parsed(finished(response=complex(1, 2)))["response"] == "(1+2j)"
