"""An error of a function elsewhere."""

from __future__ import annotations

import traceback

from streamkit.local.invokers.functionerror import FunctionError


def test_its_traceback_shows_where_in_the_function_it_was_raised() -> None:
    error = FunctionError("ValueError", "no table", ['  File "app.py", line 7, in handler\n', "    fail()\n"])
    shown = "".join(traceback.format_exception(error))
    assert 'In the function:\n  File "app.py", line 7, in handler\n    fail()' in shown
    assert str(error) == "no table"


def test_without_a_stack_trace_there_is_nothing_to_add() -> None:
    assert not hasattr(FunctionError("Runtime.ExitError", "signal: killed"), "__notes__")
