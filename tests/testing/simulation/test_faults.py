from __future__ import annotations

from typing import Any

import pytest

from streamkit.testing.simulation import Killed, Raises, Slow
from streamkit.testing.simulation.faults import checked_faults, counts


def test_a_plan_is_a_dict_of_calls_and_faults() -> None:
    plan = {1: "duplicate", 2: "cold_start", 3: Killed(1), 4: Raises(2), 5: Slow(30)}
    assert checked_faults(plan) == plan


@pytest.mark.parametrize(
    ("plan", "error", "text"),
    [
        (["crash"], TypeError, r"faults are a plan like \{1: \"duplicate\", 2: Killed\(3\)\}, not \['crash'\]"),
        ({0: "crash"}, ValueError, "counted from 1; 0 is none"),
        ({True: "crash"}, ValueError, "counted from 1; True is none"),
        ({2: "fire"}, ValueError, r"call 2 has the fault 'fire': there are throttle, .*, set_order, Killed\(line\)"),
    ],
)
def test_another_plan_is_refused(plan: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        checked_faults(plan)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (lambda: Killed(0), "Killed takes which line it is, counted from 1, not 0"),
        (lambda: Raises(True), "Raises takes which line it is, counted from 1, not True"),
        (lambda: Slow(901), "Slow takes whole seconds from 1 to Lambda's 900, not 901"),
        (lambda: Slow(0), "not 0"),
    ],
)
def test_a_fault_with_a_number_out_of_range_is_refused(fault: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        fault()


def test_what_counts_as_an_attempt_is_what_lets_the_function_fail() -> None:
    failing = ["timeout", "crash", Killed(1), Raises(1)]
    assert all(map(counts, failing))  # type: ignore[arg-type]  # a list of several types
    assert not any(map(counts, ["throttle", "service_error", "duplicate", "cold_start", Slow(1)]))  # type: ignore[arg-type]  # as above
