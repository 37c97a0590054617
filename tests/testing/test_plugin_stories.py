"""What a failed test shows of its runs, and a failed assertion about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

APP = """
from streamkit import Change, stream_handler

@stream_handler(batch_size=3, maximum_retry_attempts=0)
def handler(change: Change) -> None:
    if change.keys["id"] == 2:
        raise ValueError("no stock")

def run(runner, table):
    for number in (1, 2, 3):
        table.put({"id": number})
    runner.run()
"""

STORY = [
    "3 records read, 1 handled, 2 discarded; 2 calls; +0s is 2026-01-01T00:00:00Z",
    "call 1  +0s      INSERT id=1, id=2, id=3",
    "                 reported INSERT id=2, the 2nd of 3: ValueError: no stock (app.py:6)",
    "call 2  +0s      INSERT id=2, id=3 ?INSERT id=2 is the lowest number in batchItemFailures (SEMANTICS §3)?",
    "                 reported INSERT id=2, the 1st of 2: ValueError: no stock (app.py:6)",
    "        +0s      lost: INSERT id=2, id=3, discarded after 1 attempt; last cause: ValueError: no stock",
]


def ran(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(app=APP, test_it=test)
    return pytester.runpytest_inprocess("--show-capture=all", *options)


def test_a_test_that_failed_tells_the_story_of_its_runner(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
        from app import handler, run

        def test_it(local_table, local_runner):
            table = local_table("orders")
            runner = local_runner(handler, table)
            run(runner, table)
            assert runner.discarded == []
        """,
    )
    result.stdout.fnmatch_lines(
        [
            "E  *assert 1 on-failure record == ??",
            "E  *INSERT id=2, id=3, discarded after 1 attempt; last cause: ValueError: no stock",
            "*- streamkit: local_runner(handler) on orders, seed 0 -*",
            *STORY,
            "the same run again: pytest test_it.py::test_it --streamkit-seed=0",
        ],
    )


def test_a_runner_made_by_hand_has_its_story_too_wherever_the_test_has_it(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
        import pytest
        from app import handler, run
        from streamkit.local import LocalRunner, LocalTable

        @pytest.fixture
        def made():
            table = LocalTable("fixtures")
            return LocalRunner(handler, table)

        def test_fixture(made):
            assert made.invocations

        def check(given):
            assert not given.discarded

        def test_helper():
            table = LocalTable("helpers")
            run(mine := LocalRunner(handler, table), table)
            check(mine)

        class TestMethod:
            def setup_method(self):
                self.table = LocalTable("methods")
                self.runner = LocalRunner(handler, self.table)

            def test_it(self):
                run(self.runner, self.table)
                assert self.runner.invocations == []

        def test_passes():
            table = LocalTable("passing")
            run(LocalRunner(handler, table), table)
        """,
    )
    result.assert_outcomes(passed=1, failed=3)
    output = result.stdout.str()
    for table in ("fixtures", "helpers", "methods"):
        assert output.count(f"streamkit: LocalRunner(handler) on {table}, seed 0") == 1
    assert "passing" not in output
    assert output.count("3 records read, 1 handled, 2 discarded") == 2


def test_a_test_without_a_run_shows_what_pytest_shows(pytester: pytest.Pytester) -> None:
    result = ran(pytester, "def test_it(local_table):\n    local_table('orders')\n    assert [1] == []\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*- streamkit: *")
    result.stdout.fnmatch_lines(["E  *assert ?1? == ??"])


def test_a_failure_while_the_test_is_taken_down_has_the_story_too(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
        import pytest
        from app import handler, run

        @pytest.fixture
        def checked(local_table, local_runner):
            table = local_table("orders")
            runner = local_runner(handler, table)
            yield runner, table
            assert runner.discarded == []

        def test_it(checked):
            run(*checked)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*- streamkit: local_runner(handler) on orders, seed 0 -*", *STORY])


def test_the_runs_of_a_test_are_let_go_of_when_it_is_over(pytester: pytest.Pytester) -> None:
    # Of a handler that does not fail: its log would hold the traceback, and with that everything.
    result = ran(
        pytester,
        """
        import gc
        import weakref

        import pytest
        from app import run

        runners = []

        @pytest.mark.parametrize("number", range(2))
        def test_it(local_table, local_runner, number):
            table = local_table("orders")
            runner = local_runner(lambda event, context: None, table)
            run(runner, table)
            runners.append(weakref.ref(runner))

        def test_none_is_left():
            gc.collect()
            assert [runner() for runner in runners] == [None, None]
        """,
    )
    result.assert_outcomes(passed=3)


def test_sequence_numbers_that_are_others_are_told_by_their_records(pytester: pytest.Pytester) -> None:
    result = ran(
        pytester,
        """
        from app import handler, run

        def test_it(local_table, local_runner):
            table = local_table("orders")
            runner = local_runner(handler, table)
            first, second = table.put({"id": 1}), table.put({"id": 3})
            runner.run()
            assert [invocation.sequence_numbers for invocation in runner.invocations] == [[first], [second]]
        """,
    )
    result.stdout.fnmatch_lines(
        [
            "E  *assert left == right, by the names of the records (+ left, - right):",
            "E  *- INSERT id=1",
            "E  *- INSERT id=3",
            "E  *+ INSERT id=1, INSERT id=3",
        ]
    )
