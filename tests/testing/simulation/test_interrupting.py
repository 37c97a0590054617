from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from streamkit.testing.simulation import Killed, Raises
from streamkit.testing.simulation.interrupting import (
    Interruption,
    SimulatedError,
    SimulatedKill,
    calling_lines,
    entering_lines,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from types import FrameType

done: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


def work(name: str) -> None:
    done.append(name)
    tail = name + "!"
    done.append(tail)


def careful() -> None:
    try:
        work("a")
    except Exception:  # noqa: BLE001  # what a careless author writes
        done.append("caught")


@pytest.mark.parametrize(("line", "left"), [(1, []), (2, []), (3, ["a"]), (4, ["a"]), (5, ["a", "a!"])])
def test_a_kill_leaves_what_was_done_before_its_line_and_nobody_catches_it(line: int, left: list[str]) -> None:
    # careful: `try`, the call; work: three lines. A kill behind the last is none.
    with Interruption(__file__, Killed(line + 1)) as interruption:
        careful()
    assert done == left
    assert (interruption.where is None) == (line == 5)


def test_an_error_comes_at_lines_that_call_something_and_can_be_caught() -> None:
    with Interruption(__file__, Raises(3)) as interruption:
        careful()
    assert done == ["a", "caught"]
    assert interruption.where is not None
    assert interruption.where.endswith("done.append(tail)")
    assert interruption.where.startswith("test_interrupting.py:")


def test_an_error_that_nobody_catches_is_an_exception_of_the_handlers() -> None:
    with pytest.raises(SimulatedError, match=r"simulated at test_interrupting\.py:"), Interruption(__file__, Raises(1)):
        work("a")


def test_the_users_other_modules_count_and_libraries_do_not() -> None:
    with Interruption("elsewhere.py", Killed(2)) as interruption:
        json.dumps({"a": [1]})
        work("a")
    assert interruption.where is not None
    assert done == ["a"]


class Mail:
    def send(self, name: str) -> None:
        work(name)


def test_what_a_service_does_is_one_request_with_all_that_it_calls() -> None:
    services = frozenset({Mail.send.__code__})
    for line in range(1, 9):
        done.clear()
        with Interruption(__file__, Killed(line), services):
            Mail().send("a")
            work("b")
        assert done in (["a", "a!"], ["a", "a!", "b"], ["a", "a!", "b", "b!"])
    assert done == ["a", "a!", "b", "b!"]


def test_a_line_that_calls_nothing_but_pythons_own_functions_is_no_service_that_is_down() -> None:
    with Interruption(__file__, Raises(1)) as interruption:
        count = len("abc")
        count = int(str(count))
        [float(one) for one in (count,)]
    assert interruption.where is None


def test_code_without_its_source_is_not_stopped_at_calls(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("no python (", encoding="utf-8")
    for name in ("broken.py", "missing.py"):
        file = str(tmp_path / name)
        assert calling_lines(file) == frozenset()
        code = compile("done.append('x')", file, "exec")
        with Interruption(file, Raises(1)) as interruption:
            exec(code, {"done": done})  # noqa: S102  # our own text
        assert interruption.where is None
    assert done == ["x", "x"]


def test_the_lines_at_which_a_service_could_be_down_are_those_of_calls(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(
        "x = 1\ny = len('a')\nstore.put(\n    x,\n    int(y),\n)\nprice(x)\nz = [str(x), make()]\n", "utf-8"
    )
    assert calling_lines(str(file)) == {3, 7, 8}


def test_tasks_that_are_killed_are_a_process_that_is_killed() -> None:
    async def works() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(coroutine("a"))
            tasks.create_task(coroutine("b"))

    with Interruption(__file__, Killed(6)) as interruption:
        asyncio.run(works())
    assert interruption.where is not None
    assert len(done) < 4

    with (  # what else there is goes on
        pytest.raises(BaseExceptionGroup, match="two"),
        Interruption(__file__, Killed(1)),
    ):
        raise BaseExceptionGroup("two", [SimulatedKill(), ValueError("another")])


async def coroutine(name: str) -> None:
    await asyncio.sleep(0)
    work(name)


def test_what_was_entered_is_always_left() -> None:
    lock = threading.Lock()

    def locked() -> None:
        with (
            lock,
            contextlib.nullcontext(),
        ):
            done.append("in")

    for line in range(1, 5):
        for fault in (Killed(line), Raises(line)):
            with contextlib.suppress(SimulatedError), Interruption(__file__, fault):
                locked()
            assert not lock.locked()
    assert entering_lines("missing.py") == frozenset()


def test_who_traced_before_traces_again_behind_it() -> None:
    seen: list[str] = []

    def tracer(frame: object, event: str, argument: object) -> None:
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with Interruption(__file__, Killed(1)):
            work("a")
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert seen


def at_no_call() -> Generator[FrameType]:
    frame = sys._getframe()
    yield frame


def test_lines_are_counted_and_the_one_that_is_reached_raises() -> None:
    """Python does not trace its trace functions, so that coverage does not see them run: here they are called."""
    frames = at_no_call()
    here, plain = sys._getframe(), next(frames)
    elsewhere = sys._getframe(1)
    kill = Interruption(__file__, Killed(2))
    assert kill.on_call(elsewhere, "call", None) is None
    assert Interruption(__file__, Killed(2), frozenset({here.f_code})).on_call(here, "call", None) is None
    assert Interruption(__file__, Killed(2), frozenset({work.__code__})).on_call(here, "call", None) is not None
    trace = kill.on_call(here, "call", None)
    trace(here, "return", None)
    trace(here, "line", None)
    with pytest.raises(SimulatedKill):
        trace(here, "line", None)
    assert trace(here, "line", None) == trace

    error = Interruption(__file__, Raises(1))
    error.on_line(plain, "line", None)
    assert error.where is None
    with pytest.raises(SimulatedError):
        error.on_line(here, "line", None)
