"""Where an exception was raised, in a few characters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamkit.local import FunctionError, LocalRunner, LocalTable
from streamkit.local.places import place_of


def here(error: BaseException) -> str:
    """Return the line of this file in which an exception was raised."""
    assert error.__traceback__ is not None
    return f"{Path(__file__).name}:{error.__traceback__.tb_lineno}"


def test_a_users_own_error_has_its_file_and_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        1 / 0  # noqa: B018  # it raises
    assert place_of(caught.value) == here(caught.value)


def test_of_an_error_in_a_library_it_is_the_line_that_called_it() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{")
    assert place_of(caught.value) == here(caught.value)


def test_of_a_handlers_error_it_is_the_handlers_line_and_not_the_runners() -> None:
    def handler(event: object, context: object) -> None:
        raise ValueError("bad")

    table = LocalTable("orders")
    table.put({"id": 1})
    runner = LocalRunner(handler, table)
    runner.advance(seconds=0)
    (error,) = [invocation.error for invocation in runner.invocations]
    assert error is not None
    line = handler.__code__.co_firstlineno + 1
    assert place_of(error) == f"{Path(__file__).name}:{line}"


def test_an_error_that_was_never_raised_or_comes_from_streamkit_alone_has_none() -> None:
    assert place_of(ValueError("made")) == ""
    with pytest.raises(ValueError, match="view_type") as caught:
        LocalTable("orders", view_type="ALL")  # type: ignore[arg-type]  # that is the point
    error = caught.value.with_traceback(caught.tb.tb_next)
    assert place_of(error) == ""


def test_of_an_installed_project_it_is_the_library_that_raised() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{")
    # Without the test's own frame all that is left are Python's.
    assert place_of(caught.value.with_traceback(caught.tb.tb_next)).startswith("decoder.py:")


def test_an_error_of_another_process_has_the_place_that_it_sent() -> None:
    trace = [
        '  File "/var/task/app.py", line 14, in handler\n    raise ValueError\n',
        '  File "/var/task/stock.py", line 3, in take\n',
    ]
    assert place_of(FunctionError("ValueError", "no stock", trace)) == "stock.py:3"
    assert place_of(FunctionError("ValueError", "no stock", ["odd"])) == ""
