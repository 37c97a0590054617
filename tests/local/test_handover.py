"""Work that one thread hands over to another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest

from streamkit.local.handover import HandOver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 30.0


class Taker:
    """A thread that takes what is handed over whenever the bell rings, until it is let go."""

    def __init__(self) -> None:
        self.bell = threading.Event()
        self.hand_over = HandOver(self.bell.set)
        self.let_go = threading.Event()
        self.began = threading.Event()
        self.raised: BaseException | None = None
        self.thread = threading.Thread(target=self._take)

    def _take(self) -> None:
        try:
            with self.hand_over.taken():
                self.began.set()
                while not self.let_go.is_set():
                    assert self.bell.wait(LONG)
                    self.bell.clear()
                    self.hand_over.take()
        except BaseException as error:  # noqa: BLE001  # looked at by the test
            self.raised = error

    def end(self) -> None:
        self.let_go.set()
        self.bell.set()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


@pytest.fixture
def taker() -> Iterator[Taker]:
    made = Taker()
    made.thread.start()
    assert made.began.wait(LONG)
    yield made
    made.end()


def where(into: list[int]) -> Callable[[], None]:
    return lambda: into.append(threading.get_ident())


def test_it_is_done_in_the_thread_that_takes_it_before_do_returns(taker: Taker) -> None:
    done: list[int] = []
    for count in range(1, 4):
        taker.hand_over.do(where(done))
        assert done == [taker.thread.ident] * count


def test_what_it_raises_is_raised_where_it_comes_from_and_the_taker_goes_on(taker: Taker) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        taker.hand_over.do(fail)
    done: list[int] = []
    taker.hand_over.do(where(done))
    assert done == [taker.thread.ident]


def test_ctrl_c_in_it_ends_the_taker_too(taker: Taker) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taker.hand_over.do(interrupt)
    taker.thread.join(LONG)
    assert isinstance(taker.raised, KeyboardInterrupt)


def test_where_nobody_takes_it_it_is_done_at_once() -> None:
    done: list[int] = []
    rung: list[int] = []
    hand_over = HandOver(lambda: rung.append(1))
    hand_over.do(where(done))
    with hand_over.taken():
        # In the taker's own thread, too: it could never take it.
        hand_over.do(where(done))
    hand_over.do(where(done))
    assert done == [threading.get_ident()] * 3
    assert rung == []


def test_what_waits_when_the_taker_ends_is_done() -> None:
    taker = Taker()
    # Nobody tells it.
    taker.hand_over = HandOver(bool)
    taker.thread.start()
    assert taker.began.wait(LONG)
    done: list[int] = []
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(taker.hand_over.do, where(done)) for _ in range(4)]
        taker.end()
        for one in waiting:
            one.result(LONG)
    assert len(done) == 4


def test_many_threads_at_once_are_each_served_once_and_each_in_its_own_order(taker: Taker) -> None:
    done: list[tuple[int, int]] = []

    def hand(name: int) -> None:
        for number in range(50):
            taker.hand_over.do(partial(done.append, (name, number)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(hand, range(8)))
    assert sorted(done) == [(name, number) for name in range(8) for number in range(50)]
    for name in range(8):
        assert [number for one, number in done if one == name] == list(range(50))
