from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import pytest

from streamkit.api.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.api.background import Outcome


@pytest.fixture
def told() -> queue.Queue[str]:
    return queue.Queue()


@pytest.fixture
def made(told: queue.Queue[str]) -> Iterator[Callable[..., Background]]:
    all_made: list[Background] = []

    def make(*waits: float, workers: int = 10, max_age: float = 60) -> Background:
        background = Background(
            told.put, workers=workers, retry_after=waits, throttled_after=(0.001, 0.002), max_age=max_age
        )
        all_made.append(background)
        return background

    yield make
    for one in all_made:
        one.close()


def outcomes(*given: Outcome) -> tuple[Callable[[], Outcome], threading.Event, list[Outcome]]:
    """Return an attempt with these outcomes, what tells of the last one, and those it had."""
    over = threading.Event()
    had: list[Outcome] = []

    def attempt() -> Outcome:
        had.append(given[len(had)])
        if len(had) == len(given):
            over.set()
        return had[-1]

    return attempt, over, had


def test_what_succeeds_is_run_once(made: Callable[..., Background]) -> None:
    attempt, over, had = outcomes("done")
    background = made(0, 0)
    background.submit("it", attempt)
    assert over.wait(10)
    again, over, _ = outcomes("done")
    background.submit("another", again)
    assert over.wait(10)
    assert had == ["done"]


def test_what_fails_is_run_twice_more_and_then_given_up(
    made: Callable[..., Background], told: queue.Queue[str]
) -> None:
    attempt, _, had = outcomes("failed", "failed", "failed")
    made(0.01, 0.02).submit("it", attempt)
    assert told.get(timeout=10) == "it is given up: it failed 3 times"
    assert had == ["failed"] * 3


def test_what_fails_and_then_succeeds_is_done(made: Callable[..., Background], told: queue.Queue[str]) -> None:
    attempt, over, _ = outcomes("failed", "done")
    made(0, 0).submit("it", attempt)
    assert over.wait(10)
    assert told.empty()


def test_what_is_throttled_is_run_again_and_that_is_no_failure(made: Callable[..., Background]) -> None:
    attempt, over, had = outcomes("throttled", "throttled", "failed", "throttled", "failed", "done")
    made(0, 0).submit("it", attempt)
    assert over.wait(10)
    assert len(had) == 6


def test_what_cannot_be_run_for_hours_is_given_up(made: Callable[..., Background], told: queue.Queue[str]) -> None:
    made(0, 0, max_age=0).submit("it", lambda: "throttled")
    assert told.get(timeout=10) == "it is given up: it could not be run for 0 hours"


def test_no_more_run_at_once_than_there_are_workers_and_none_is_forgotten(made: Callable[..., Background]) -> None:
    background, let_go, begun = made(workers=2), threading.Semaphore(0), threading.Semaphore(0)

    def attempt() -> Outcome:
        begun.release()
        assert let_go.acquire(timeout=10)
        return "done"

    for number in range(5):
        background.submit(str(number), attempt)
    assert begun.acquire(timeout=10)
    assert begun.acquire(timeout=10)
    assert not begun.acquire(blocking=False)
    for _ in range(3):
        let_go.release()
        assert begun.acquire(timeout=10)
    let_go.release(2)


def test_what_waits_at_the_end_is_dropped_and_named(made: Callable[..., Background], told: queue.Queue[str]) -> None:
    background, begun, let_go = made(60, 60, workers=1), threading.Event(), threading.Event()

    def attempt() -> Outcome:
        begun.set()
        assert let_go.wait(10)
        return "failed"

    background.submit("first", attempt)
    assert begun.wait(10)
    background.submit("second", attempt)
    background.close()
    assert told.get(timeout=10) == "second is dropped: the server ends"
    let_go.set()
    assert told.get(timeout=10) == "first is dropped: the server ends"
    background.submit("third", attempt)
    assert told.get(timeout=10) == "third is dropped: the server ends"
