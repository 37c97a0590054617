"""``@pytest.mark.simulate(handler)``: the test is the invariant."""

from __future__ import annotations

import re

import pytest

APP = """
from pydantic import BaseModel
from streamkit import Change, Insert, stream_handler

class Order(BaseModel):
    id: int

seen = set()
counted = {"orders": 0}

@stream_handler
def right(change: Insert[Order]) -> None:
    seen.add(change.new.id)

@stream_handler
def wrong(change: Insert[Order]) -> None:
    counted["orders"] += 1
"""


def ran(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(app=APP, test_it=f"import pytest\nfrom app import counted, right, seen, wrong\n{test}")
    return pytester.runpytest_inprocess("--strict-markers", "-W", "error", *options)


RIGHT = """
def test_plain():
    pass

@pytest.mark.simulate(right, schedules=5)
def test_every_order_is_seen(table):
    assert len(seen) == len({record["dynamodb"]["Keys"]["id"]["N"] for record in table.records})

@pytest.mark.simulate(handler=right, schedules=5)
class TestClass:
    @pytest.mark.parametrize("limit", [1000, 2000])
    def test_method(self, limit, runner, tmp_path, table):
        assert tmp_path.exists()
        assert len(runner.invocations) < limit
        assert len(seen) <= len(table.records)

    @pytest.mark.simulate(schedules=7)
    def test_without_either(self, tmp_path):
        assert tmp_path.exists()
"""


def test_a_handler_that_is_right_passes_and_the_tests_names_are_what_they_are(pytester: pytest.Pytester) -> None:
    result = ran(pytester, RIGHT, "-v", "-rP")
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_plain PASSED*",
            "test_it.py::test_every_order_is_seen PASSED*",
            "test_it.py::TestClass::test_method?1000? PASSED*",
            "test_it.py::TestClass::test_method?2000? PASSED*",
            "test_it.py::TestClass::test_without_either PASSED*",
            "the invariant held after each of 5 schedules: *",
            "the invariant held after each of 7 schedules: *",
        ]
    )


WRONG = """
@pytest.mark.simulate(wrong, schedules=50)
def test_every_order_is_counted_once(table):
    assert counted["orders"] == len({record["dynamodb"]["SequenceNumber"] for record in table.records})
"""


def test_one_that_is_wrong_fails_with_the_schedule_and_the_command_that_has_it_again(
    pytester: pytest.Pytester,
) -> None:
    result = ran(pytester, WRONG)
    result.assert_outcomes(failed=1)
    output = result.stdout.str()
    found = re.search(r"pytest test_it\.py::test_every_order_is_counted_once --streamkit-seed=(\d+)\n", output)
    assert found is not None
    result.stdout.fnmatch_lines(
        [
            f"*(seed {found[1]})*",
            "*with replay(*",
            "*call 1 *INSERT id=*",
            "*- streamkit: the same schedule again -*",
            "FAILED test_it.py::test_every_order_is_counted_once - *",
        ]
    )
    # Neither of the plugin nor of the simulation.
    assert "simulating.py" not in output
    assert "simulated.py" not in output
    assert "direct cause" not in output
    again = pytester.runpytest_inprocess(f"--streamkit-seed={found[1]}")
    again.stdout.fnmatch_lines([f"*schedule 1 of 50 (seed {found[1]})*"])


def test_the_runs_own_seed_is_the_first_one(pytester: pytest.Pytester) -> None:
    test = """
    @pytest.mark.simulate(right, schedules=5)
    def test_it(table):
        assert table.records == []
    """
    result = ran(pytester, test.replace("\n    ", "\n"), "--streamkit-seed=12")
    result.stdout.fnmatch_lines(["*schedule 1 of 5 (seed 12)*"])


@pytest.mark.parametrize(
    ("test", "says"),
    [
        (
            "@pytest.mark.simulate\ndef test_it(table): pass",
            "@pytest.mark.simulate takes one handler, not 0: @pytest.mark.simulate(handler=handler, schedules=200)*",
        ),
        (
            "@pytest.mark.simulate(right, scheduls=1)\ndef test_it(table): pass",
            "@pytest.mark.simulate knows no scheduls: *",
        ),
        (
            "@pytest.mark.simulate(right, schedules=1)\nasync def test_it(table): pass",
            "@pytest.mark.simulate makes the test an invariant, which is a plain function: without async",
        ),
        (
            (
                "import unittest\nclass TestIt(unittest.TestCase):\n"
                "    @pytest.mark.simulate(right, schedules=1)\n    def test_it(self): pass"
            ),
            "@pytest.mark.simulate is for test functions and for methods of plain classes: *",
        ),
    ],
)
def test_a_test_that_would_not_be_simulated_is_an_error_in_words_alone(
    test: str, says: str, pytester: pytest.Pytester
) -> None:
    result = ran(pytester, test)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([says])
    result.stdout.no_fnmatch_line("*simulated.py*")


def test_what_cannot_be_simulated_fails_in_words_alone(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        "@pytest.mark.simulate(lambda event, context: None, schedules=1)\ndef test_it(table): pass",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["@pytest.mark.simulate: * does not say what its items are: give items=*"])
    result.stdout.no_fnmatch_line("*simulating.py*")


def test_a_mark_with_nothing_but_a_handler_which_pytest_takes_for_the_decorated_one_says_what_to_write(
    pytester: pytest.Pytester,
) -> None:
    result = ran(pytester, "@pytest.mark.simulate(right)\ndef test_it(table): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*EventError: this handler takes DynamoDB stream events, * not <function test_it *",
            "*- streamkit: @pytest.mark.simulate(handler) -*",
            "*Write @pytest.mark.simulate(handler=handler), or @pytest.mark.simulate(handler, schedules=1000)",
        ]
    )


def test_a_handler_that_does_not_mind_being_called_so_does_not_let_its_test_vanish(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
def plain(event, context=None):
    return None

@pytest.mark.simulate(plain)
def test_it(table):
    pass
""",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["plain: pytest takes a mark that is given a function and nothing else *"])


def test_other_marks_of_functions_are_none_of_its_business(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
@pytest.mark.usefixtures("tmp_path")
def helper():
    pass

@pytest.mark.skip
def test_it():
    pass
""",
    )
    result.assert_outcomes(skipped=1)
