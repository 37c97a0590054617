"""What a failed test is told of its runners."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest

from streamkit.local import Journal, LocalRunner
from streamkit.local.story import story
from streamkit.testing import SimulationFailedError
from streamkit.testing.reporting import report_failure, runners_around, runners_behind, sections
from tests.local.builders import succeed, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def ran(**options: Any) -> LocalRunner:
    runner = LocalRunner(succeed, table_of(1), **options)
    runner.run()
    return runner


def fails_with(runner: LocalRunner) -> None:
    assert len(runner.discarded) == 1


class Holder:
    def __init__(self, runner: LocalRunner) -> None:
        self.runner = runner

    def fail(self) -> None:
        raise ValueError("as asked")


def test_each_runner_has_its_story_and_the_fixtures_the_command_that_has_it_again() -> None:
    mine, other = ran(seed=7), ran(seed=8)
    assert list(sections([mine], [mine, other, other], "pytest test_it.py::test")) == [
        (
            "streamkit: local_runner(succeed) on orders, seed 7",
            f"{story(mine)}\nthe same run again: pytest test_it.py::test --streamkit-seed=7",
        ),
        ("streamkit: LocalRunner(succeed) on orders, seed 8", story(other)),
    ]


def test_a_story_that_the_failure_tells_by_itself_is_not_told_again() -> None:
    runner = ran()
    assert list(sections([], [runner], "pytest", f"what happened:\n{story(runner)}")) == []


def test_a_story_that_cannot_be_told_says_so() -> None:
    class Lost(Journal):
        def __iter__(self) -> Iterator[Any]:
            raise OSError("the disk is gone")

    ((_, text),) = sections([], [ran(journal=Lost())], "pytest")
    assert text == "its story cannot be told: OSError: the disk is gone"


def test_what_was_refused_as_a_runner_is_none() -> None:
    with pytest.raises(TypeError, match="a destination has send") as caught:
        LocalRunner(succeed, table_of(1), destination=object())  # type: ignore[arg-type]  # that is the point
    assert list(runners_behind(caught.tb, {})) == []


def test_a_runner_of_ones_own_kind_that_is_only_half_made_does_not_hide_the_failure() -> None:
    class Mine(LocalRunner):
        def __init__(self) -> None:
            raise RuntimeError("not today")

    with pytest.raises(RuntimeError) as caught:
        Mine()
    ((title, text),) = sections([], runners_behind(caught.tb, {}), "pytest")
    assert title == "streamkit: LocalRunner"
    assert text.startswith("its story cannot be told: AttributeError: ")


def failure_of(run: Callable[[], object]) -> pytest.ExceptionInfo[BaseException]:
    with pytest.raises(BaseException) as caught:  # noqa: PT011  # each test knows which
        run()
    return caught


def report() -> Any:
    return SimpleNamespace(longrepr="a long traceback", sections=[])


@pytest.mark.parametrize("hidden", [False, True])
def test_a_failed_simulation_is_told_by_its_own_text(hidden: bool) -> None:
    def simulation() -> None:
        __tracebackhide__ = hidden
        raise SimulationFailedError("the schedule\nand its story", seed=7, test="") from ValueError("the cause")

    failed = report()
    caught = failure_of(simulation)
    # Of what was called alone: the frame that called it is not hidden.
    failure = pytest.ExceptionInfo.from_exception(caught.value.with_traceback(caught.tb.tb_next))
    report_failure(failed, failure, None, {}, "pytest test_it.py::test")
    assert str(failed.longrepr).splitlines()[:2] == ["the schedule", "and its story"]
    assert "the cause" not in str(failed.longrepr)
    assert failed.sections == [
        ("streamkit: the same schedule again", "pytest test_it.py::test --streamkit-seed=7"),
    ]
    crash = failed.longrepr.reprcrash
    assert (None if crash is None else crash.message) == (None if hidden else "the schedule")


def test_where_nothing_was_simulated_nothing_of_a_simulation_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "streamkit.testing.simulation", raising=False)
    failed = report()
    runner = ran()
    report_failure(failed, failure_of(lambda: fails_with(runner)), None, {"runner": runner}, "pytest")
    assert failed.longrepr == "a long traceback"
    assert [title for title, _ in failed.sections] == ["streamkit: LocalRunner(succeed) on orders, seed 0"]
    assert "streamkit.testing.simulation" not in sys.modules


def test_the_runners_behind_a_failure_are_those_of_the_functions_that_it_passed() -> None:
    runner, fixture = ran(), ran()
    with pytest.raises(AssertionError) as caught:
        fails_with(runner)
    found = list(runners_behind(caught.tb, {"mine": fixture, "tmp_path": "/tmp"}))  # noqa: S108  # a value like any other
    assert found[0] is fixture
    assert any(one is runner for one in found)


def test_a_runner_of_a_tests_own_object_is_found() -> None:
    def fail_there(holder: Holder) -> None:
        holder.fail()

    with pytest.raises(ValueError, match="as asked") as caught:
        fail_there(Holder(ran()))
    assert caught.tb.tb_next is not None
    assert len(list(runners_behind(caught.tb.tb_next, {}))) == 1
    assert list(runners_behind(None, {})) == []


def test_what_only_pretends_to_be_a_runner_is_not_asked() -> None:
    mock = MagicMock(spec=LocalRunner)
    with pytest.raises(ValueError, match="as asked") as caught:
        Holder(mock).fail()
    assert list(runners_behind(caught.tb, {"mock": mock, "odd": SimpleNamespace()})) == []


def test_the_runners_around_are_those_of_the_callers() -> None:
    runner = ran()

    def inner() -> list[LocalRunner]:
        return list(runners_around(sys._getframe()))

    assert [one for one in inner() if one is runner]
