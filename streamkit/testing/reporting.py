"""What a failed test is told of the runners in it: their stories, and how the same run is had again."""

from __future__ import annotations

import sys
from traceback import walk_tb
from typing import TYPE_CHECKING

from streamkit.local.runner import LocalRunner
from streamkit.local.story import named, story
from streamkit.local.texts import described
from streamkit.testing.marking import MarkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType, TracebackType
    from typing import Any

    import pytest

    from streamkit.testing.bench import Bench

__all__ = ["report_failure", "runners_around", "runners_behind", "sections"]


def sections(
    made: Iterable[LocalRunner], others: Iterable[LocalRunner], again: str, told: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield a title and a text for each runner.

    ``made``: those of the fixture; ``others``: those that a test made by hand. ``again``: the command that runs the
    test again, without a seed. ``told``: what the failure says by itself; a story that is in it is not told again.
    """
    known = list(made)
    for runner in known:
        title, text = _told("local_runner", runner)
        yield title, f"{text}\nthe same run again: {again} --streamkit-seed={runner.seed}"
    for runner in others:
        if all(runner is not one for one in known):
            known.append(runner)
            title, text = _told("LocalRunner", runner)
            if text not in told:
                yield title, text


def _told(maker: str, runner: LocalRunner) -> tuple[str, str]:
    try:
        return f"streamkit: {maker}{named(runner)}", story(runner)
    except Exception as error:  # noqa: BLE001  # a journal may be the user's own: the report of the failure goes on
        return f"streamkit: {maker}", f"its story cannot be told: {described(error)}"


def report_failure(
    report: pytest.TestReport,
    failure: pytest.ExceptionInfo[BaseException],
    bench: Bench | None,
    fixtures: Mapping[str, Any],
    again: str,
) -> None:
    """Add to the report of a failed test what is known of its runners, or of the schedule that a simulation found."""
    error = failure.value
    if isinstance(error, MarkError):
        _tell_alone(report, failure)
        return
    if "streamkit.testing.simulation" in sys.modules:  # else none can have failed
        from streamkit.testing.simulation import SimulationFailedError  # noqa: PLC0415  # as above

        if isinstance(error, SimulationFailedError):
            _tell_alone(report, failure)
            report.sections.append(("streamkit: the same schedule again", f"{again} --streamkit-seed={error.seed}"))
            return
    made = [] if bench is None else bench.runners
    notes = "\n".join(getattr(error, "__notes__", ()))
    report.sections.extend(sections(made, runners_behind(failure.tb, fixtures), again, notes))


def _tell_alone(report: pytest.TestReport, failure: pytest.ExceptionInfo[BaseException]) -> None:
    """Let an exception's text be all that is told: a traceback would lead through what is ours."""
    report.longrepr = told = failure.getrepr(style="value", chain=False)
    if told.reprcrash is not None:  # pytest's summary has this line of it
        told.reprcrash.message = str(failure.value).partition("\n")[0]


def runners_behind(traceback: TracebackType | None, fixtures: Mapping[str, Any]) -> Iterator[LocalRunner]:
    """Yield the runners among a test's fixtures and in the variables of the functions that an exception passed."""
    yield from _runners_in(fixtures.values())
    for frame, _ in walk_tb(traceback):
        yield from _runners_in_frame(frame)


def runners_around(frame: FrameType | None) -> Iterator[LocalRunner]:
    """Yield the runners in the variables of a function and of those that called it."""
    while frame is not None:
        yield from _runners_in_frame(frame)
        frame = frame.f_back


def _runners_in_frame(frame: FrameType) -> Iterator[LocalRunner]:
    if frame.f_code is LocalRunner.__init__.__code__:  # what raised is what it was given: it is no runner yet
        return
    values = frame.f_locals
    yield from _runners_in(values.values())
    # A test that is a method may have made it in its setup_method.
    yield from _runners_in(getattr(values.get("self"), "__dict__", {}).values())


def _runners_in(values: Iterable[Any]) -> Iterator[LocalRunner]:
    # type() and no isinstance: a mock, or a proxy, among a test's variables is not to be asked anything.
    return (value for value in values if issubclass(type(value), LocalRunner))
