"""The bell that wakes who follows a live stream."""

from __future__ import annotations

import signal
import threading
import time

from streamkit.local.bell import Bell


def test_it_stays_rung_until_it_is_silenced() -> None:
    bell = Bell()
    heard = [bell.rung]
    bell.ring()
    bell.ring()
    bell.wait(60)
    heard.append(bell.rung)
    bell.silence()
    heard.append(bell.rung)
    assert heard == [False, True, False]


def test_who_waits_is_woken_from_another_thread() -> None:
    bell = Bell()
    thread = threading.Thread(target=bell.ring)
    thread.start()
    began = time.monotonic()
    bell.wait(60)
    thread.join()
    assert time.monotonic() - began < 30


def test_nobody_waits_longer_than_he_wants() -> None:
    bell = Bell()
    bell.wait(0.001)
    assert not bell.rung


def test_a_signal_may_ring_it_whatever_the_thread_does_with_it_at_that_moment() -> None:
    """A threading.Event hangs here, within a second or so."""
    bell, signals, most = Bell(), 0, 2_000

    def handler(number: int, frame: object) -> None:
        nonlocal signals
        signals += 1
        bell.ring()

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        deadline = time.monotonic() + 30
        while signals < most and time.monotonic() < deadline:
            bell.silence()
            bell.wait(0.0001)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert signals


def test_rings_that_nobody_waits_for_do_not_pile_up() -> None:
    bell = Bell()
    for _ in range(1000):
        bell.ring()
    assert bell._rung.qsize() == 1
