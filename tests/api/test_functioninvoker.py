from __future__ import annotations

import threading

import pytest

from streamkit.api.functioninvoker import Capacity, FunctionInvoker, throttle_reason
from streamkit.local.invokers.invoker import Answer

ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"


class Waiting:
    """A function that tells when it begins, and ends when it is let go."""

    function_name = "orders"

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.running = self.most = 0

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        del event, function_arn
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.release()
        assert self.let_go.acquire(timeout=10)
        self.running -= 1
        return Answer(response=request_id)


def started(invoker: FunctionInvoker, *names: str) -> list[threading.Thread]:
    threads = [threading.Thread(target=invoker.invoke, args=(b"{}", name, ARN), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    return threads


def ended(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_in_this_process_invocations_wait_for_each_other() -> None:
    function = Waiting()
    invoker = FunctionInvoker(function, Capacity(None), one_at_a_time=True)
    threads = started(invoker, "1", "2", "3")
    for _ in threads:
        assert function.begun.acquire(timeout=10)
        function.let_go.release()
    ended(threads)
    assert function.most == 1


def test_elsewhere_they_run_side_by_side() -> None:
    function = Waiting()
    threads = started(FunctionInvoker(function, Capacity(None), one_at_a_time=False), "1", "2")
    assert function.begun.acquire(timeout=10)
    assert function.begun.acquire(timeout=10)
    assert function.running == 2
    function.let_go.release(2)
    ended(threads)


@pytest.mark.parametrize("one_at_a_time", [True, False])
def test_what_is_more_than_the_reserved_concurrency_is_throttled_for_all_versions(one_at_a_time: bool) -> None:
    function, capacity = Waiting(), Capacity(1)
    one, other = (FunctionInvoker(function, capacity, one_at_a_time=one_at_a_time) for _ in range(2))
    threads = started(one, "1")
    assert function.begun.acquire(timeout=10)
    answer = other.invoke(b"{}", "2", ARN)
    assert answer.throttled == "Rate Exceeded: ReservedFunctionConcurrentInvocationLimitExceeded"
    assert throttle_reason(answer) == "ReservedFunctionConcurrentInvocationLimitExceeded"
    function.let_go.release(2)
    ended(threads)
    assert other.invoke(b"{}", "3", ARN).response == "3"


def test_a_reserved_concurrency_of_zero_stops_a_function() -> None:
    assert FunctionInvoker(Waiting(), Capacity(0), one_at_a_time=False).invoke(b"{}", "1", ARN).throttled


class Raising:
    function_name = "orders"

    def __init__(self) -> None:
        self.close_first = False

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        del event, request_id, function_arn
        if self.close_first:
            invoker.close()
        raise RuntimeError("closed")

    def close(self) -> None: ...


raising = Raising()
invoker = FunctionInvoker(raising, Capacity(None), one_at_a_time=False)


def test_an_invoker_that_is_closed_meanwhile_counts_as_a_throttle_and_any_other_error_does_not() -> None:
    with pytest.raises(RuntimeError, match="closed"):
        invoker.invoke(b"{}", "1", ARN)
    raising.close_first = True
    answer = invoker.invoke(b"{}", "1", ARN)
    assert answer.throttled == "the server is being shut down"
    assert throttle_reason(answer) == "ConcurrentInvocationLimitExceeded"
