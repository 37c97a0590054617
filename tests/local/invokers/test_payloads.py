from __future__ import annotations

import json
import math
from typing import Any

import pytest

from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.payloads import read_error, read_response


def test_a_response_is_read_as_json() -> None:
    assert read_response(b'{"a":[1,null]}').response == {"a": [1, None]}


def test_nothing_at_all_is_none() -> None:
    answer = read_response(b"")
    assert (answer.response, answer.error) == (None, None)


def test_nan_is_read_as_pythons_runtime_sends_it_and_half_characters_too() -> None:
    assert math.isnan(read_response(b"NaN").response)
    assert read_response(b'"\\ud800"').response == "\ud800"


@pytest.mark.parametrize("payload", [b"{", b"<html>", b"\xff\xfe\xfd", b"[" * 100_000])
def test_what_is_no_json_is_a_failure_that_shows_it(payload: bytes) -> None:
    error = read_response(payload).error
    assert isinstance(error, FunctionError)
    assert error.error_type == "Runtime.InvalidResponse"
    assert error.message.startswith("the response is no JSON (")
    assert repr(payload[:20])[2:-1] in error.message
    assert len(error.message) < 1000


def told(payload: Any, name: str | None = None) -> tuple[str, str, tuple[str, ...]]:
    error = read_error(payload if isinstance(payload, bytes) else json.dumps(payload).encode(), name)
    return error.error_type, error.message, error.stack_trace


def test_an_error_has_its_type_message_and_stack_trace() -> None:
    assert told({"errorType": "A", "errorMessage": "m", "stackTrace": ["x", "y"]}, "B") == ("A", "m", ("x", "y"))


def test_nodes_trace_is_a_stack_trace() -> None:
    assert told({"errorType": "A", "errorMessage": "m", "trace": ["x"]}) == ("A", "m", ("x",))


def test_lines_of_a_stack_trace_that_are_no_text_are_shown_as_json() -> None:
    assert told({"errorType": "A", "errorMessage": "m", "stackTrace": [["f.py", 3]]}) == ("A", "m", ('["f.py", 3]',))


@pytest.mark.parametrize(
    ("payload", "name", "error"),
    [
        (b"", "Unhandled", ("Unhandled", "", ())),
        (b"oops \xff", None, ("Runtime.Unknown", "oops \\xff", ())),
        (b"[" * 100_000, None, ("Runtime.Unknown", "[" * 100_000, ())),
        ([1], "Unhandled", ("Unhandled", "[1]", ())),
        ({"errorMessage": None, "stackTrace": "x"}, "Unhandled", ("Unhandled", "", ())),
        ({"errorType": 7, "errorMessage": 8}, None, ("7", "8", ())),
    ],
)
def test_an_error_of_another_form_is_told_as_far_as_it_can_be(payload: Any, name: str | None, error: Any) -> None:
    assert told(payload, name) == error
