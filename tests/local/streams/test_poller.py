"""A few threads that do many things again and again."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamkit.local.streams.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 30.0
"""Longer than any of this takes: waited for only where a test fails."""


@contextmanager
def poller(threads: int = 16) -> Iterator[Poller]:
    made = Poller(threads)
    try:
        yield made
    finally:
        made.close(LONG)
        assert not any(thread.is_alive() for thread in made._threads)


class Job:
    """A job that counts how often it was done. ``delays``: what it returns, then None."""

    def __init__(self, *delays: float | None) -> None:
        self._delays = list(delays)
        self.times: list[float] = []
        self._changed = threading.Condition()

    def __call__(self) -> float | None:
        with self._changed:
            self.times.append(time.monotonic())
            self._changed.notify_all()
            return self._delays.pop(0) if self._delays else None

    def wait(self, count: int = 1) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.times) >= count, LONG), f"done {len(self.times)} times"


class Held:
    """A job that takes as long as it is held. ``entered`` is set while it is done."""

    def __init__(self, delay: float | None = None) -> None:
        self._delay = delay
        self.entered = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.at_once = self.most = 0

    def __call__(self) -> float | None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.entered.release()
        assert self.go_on.acquire(timeout=LONG)
        self.at_once -= 1
        return self._delay


def test_a_job_is_done_again_after_as_long_as_it_says_and_then_when_it_is_asked_for() -> None:
    with poller() as polls:
        job = Job(0.02, 0.0)
        polls.add("a", job)
        job.wait(3)
        assert job.times[1] - job.times[0] >= 0.02
        polls.soon("a")
        job.wait(4)


def test_a_job_may_be_due_later() -> None:
    with poller() as polls:
        job, began = Job(), time.monotonic()
        polls.add("a", job, 0.03)
        job.wait()
        assert job.times[0] - began >= 0.03


def test_a_job_that_is_asked_for_earlier_is_done_earlier_and_once() -> None:
    with poller() as polls:
        job, marker = Job(), Job()
        polls.add("a", job, 3600)
        polls.soon("a", 0.01)
        job.wait()
        polls.add("b", marker, 0.01)
        marker.wait()
        assert len(job.times) == 1


def test_a_job_that_is_due_already_is_not_put_off() -> None:
    with poller() as polls:
        job = Job()
        polls.add("a", job, 0.01)
        polls.soon("a", 3600)
        job.wait()


def test_jobs_do_not_wait_for_each_other() -> None:
    with poller() as polls:
        jobs = [Held() for _ in range(10)]
        for number, job in enumerate(jobs):
            polls.add(number, job)
        for job in jobs:
            assert job.entered.acquire(timeout=LONG)
        for job in jobs:
            job.go_on.release()


def test_what_is_due_later_is_done_although_every_thread_that_was_there_is_busy_then() -> None:
    with poller() as polls:
        first, second, later = Held(), Held(), Job()
        for name, job in (("first", first), ("second", second), ("later", later)):
            polls.add(name, job, 0.02)
        assert first.entered.acquire(timeout=LONG)
        assert second.entered.acquire(timeout=LONG)
        later.wait()
        first.go_on.release()
        second.go_on.release()


def test_two_jobs_that_one_idle_thread_is_woken_for_are_done_at_once() -> None:
    with poller() as polls:
        one = Job()
        polls.add("idle", one)
        one.wait()
        jobs = [Held(), Held()]
        with polls._changed:  # both are asked for before the thread wakes up
            for number, job in enumerate(jobs):
                polls._jobs[number] = job
                polls._put(number, time.monotonic())
                polls._wake()
        for job in jobs:
            assert job.entered.acquire(timeout=LONG)
        for job in jobs:
            job.go_on.release()


def test_a_few_threads_serve_many_jobs_in_turn() -> None:
    with poller(threads=2) as polls:
        jobs = [Job(0.0, 0.0) for _ in range(50)]
        for number, job in enumerate(jobs):
            polls.add(number, job)
        for job in jobs:
            job.wait(3)
        assert len(polls._threads) <= 2


def test_a_job_is_never_done_twice_at_once() -> None:
    with poller() as polls:
        job, marker = Held(), Job()
        polls.add("a", job)
        assert job.entered.acquire(timeout=LONG)
        polls.soon("a")
        polls.add("b", marker)
        marker.wait()  # others find out what is due meanwhile
        job.go_on.release()
        assert job.entered.acquire(timeout=LONG), "what it was asked for meanwhile is not forgotten"
        job.go_on.release()
        assert job.most == 1


def test_a_job_that_was_asked_for_while_it_was_done_does_not_wait_for_its_own_time() -> None:
    with poller() as polls:
        job = Held(delay=3600)
        polls.add("a", job)
        assert job.entered.acquire(timeout=LONG)
        polls.soon("a")
        job.go_on.release()
        assert job.entered.acquire(timeout=LONG)
        job.go_on.release()


def test_nothing_begins_after_it_was_closed() -> None:
    polls, job = Poller(), Job()
    polls.close(LONG)
    polls.add("a", job)
    assert polls._threads == []
    assert job.times == []


def test_closing_waits_for_what_is_under_way_but_not_for_ever() -> None:
    polls, job = Poller(), Held()
    polls.add("a", job)
    assert job.entered.acquire(timeout=LONG)
    polls.close(0.01)
    assert any(thread.is_alive() for thread in polls._threads)
    job.go_on.release()
    polls.close(LONG)
    assert not any(thread.is_alive() for thread in polls._threads)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_raises_is_not_done_again() -> None:
    def wrong() -> float:
        raise ValueError("wrong")

    with poller() as polls:
        job: Callable[[], float] = wrong
        polls.add("a", job)
        marker = Job()
        polls.add("b", marker)
        marker.wait()
