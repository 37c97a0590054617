"""How the function is called: in turn, or side by side."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from streamkit.local import Answer
from streamkit.local.calls import InTurn, SideBySide
from tests.local.builders import Answering

if TYPE_CHECKING:
    from concurrent.futures import Future

LONG = 30.0


class Waiting:
    """An invoker whose calls wait until they are let go."""

    function_name = "waiting"

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.go_on = threading.Event()

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
        self.entered.release()
        assert self.go_on.wait(LONG)
        return Answer(response=request_id)


def test_in_turn_the_answer_is_there_at_once() -> None:
    call = InTurn(Answering(Answer(response=7))).start(b"{}", "r", "arn")
    assert call.done()
    assert call.result() == Answer(response=7)


def test_in_turn_an_interruption_is_the_callers() -> None:
    class Interrupted(Answering):
        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InTurn(Interrupted()).start(b"{}", "r", "arn")


def test_side_by_side_calls_do_not_wait_for_each_other_and_each_answer_rings() -> None:
    invoker, rings = Waiting(), threading.Semaphore(0)
    calls = SideBySide(invoker, rings.release)
    futures = [calls.start(b"{}", str(number), "arn") for number in range(20)]
    for _ in futures:
        assert invoker.entered.acquire(timeout=LONG)
    assert not any(future.done() for future in futures)
    assert not rings.acquire(blocking=False)
    invoker.go_on.set()
    for _ in futures:
        assert rings.acquire(timeout=LONG)
    assert [future.result().response for future in futures] == [str(number) for number in range(20)]
    calls.close()


def test_side_by_side_what_the_invoker_raises_is_raised_by_the_answer() -> None:
    class Broken(Answering):
        def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # noqa: ARG002  # Invoker
            raise OSError("no more processes")

    calls = SideBySide(Broken(), bool)
    with pytest.raises(OSError, match="no more processes"):
        calls.start(b"{}", "r", "arn").result(LONG)
    calls.close()


def test_closing_waits_for_nobody_and_what_is_under_way_is_answered_still() -> None:
    invoker = Waiting()
    calls = SideBySide(invoker, bool)
    future: Future[Answer] = calls.start(b"{}", "r", "arn")
    assert invoker.entered.acquire(timeout=LONG)
    calls.close()
    assert not future.done()
    invoker.go_on.set()
    assert future.result(LONG).response == "r"
