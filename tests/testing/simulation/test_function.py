from __future__ import annotations

import json
from typing import Any

import pytest

from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.testing.simulation import Killed, Raises, Slow
from streamkit.testing.simulation.function import SimulatedFunction
from streamkit.testing.simulation.memory import Memory, World
from streamkit.testing.simulation.setorder import reordered
from tests.build import event, record

seen: list[str] = []
answers: list[Any] = []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    seen.clear()
    answers.clear()


def handler(event: Any, context: Any) -> Any:
    seen.append("start")
    answer = answers.pop(0) if answers else None
    if isinstance(answer, Exception):
        raise answer
    seen.append("end")
    return answer


class Losing(Memory):
    def __init__(self) -> None:
        super().__init__(None, World(lambda: None, None, ()))

    def lose(self) -> list[str]:
        seen.append("cold")
        return ["buffer", "seen"]


def function(faults: Any = None, *, file: str | None = __file__) -> SimulatedFunction:
    return SimulatedFunction(InProcessInvoker(handler), faults or {}, Losing(), file, timeout=3.0)


def call(one: SimulatedFunction, *records: Any) -> Any:
    return one.invoke(json.dumps(event(*(records or (record(1),)))).encode(), "request", "arn:aws:lambda:x")


def test_without_faults_it_is_the_function() -> None:
    one = function()
    answers.append({"batchItemFailures": []})
    assert call(one).response == {"batchItemFailures": []}
    assert (one.function_name, one.calls, one.records, one.happened) == ("handler", 1, 1, {})


@pytest.mark.parametrize(
    ("fault", "left", "error"),
    [
        ("throttle", [], None),
        ("timeout", [], "FunctionTimeoutError"),
        ("crash", ["start", "end"], "FunctionCrashedError"),
        (Killed(2), ["start"], "FunctionCrashedError"),
        (Raises(2), ["start"], "SimulatedError"),
        ("cold_start", ["cold", "start", "end"], None),
        (Slow(30), ["start", "end"], None),
    ],
)
def test_a_fault_happens_at_its_call_and_is_told(fault: Any, left: list[str], error: str | None) -> None:
    one = function({2: fault})
    call(one)
    seen.clear()
    answer = call(one)
    assert seen == left
    assert (type(answer.error).__name__ if answer.error else None) == error
    assert list(one.happened) == [2]
    assert sum(one.kinds.values()) == 1
    assert answer.seconds == (30.0 if isinstance(fault, Slow) else 3.0 if fault == "timeout" else None)


def test_what_happened_says_where() -> None:
    one = function({1: Killed(2), 2: Raises(1), 3: Slow(1), 4: "duplicate"})
    for _ in range(4):
        call(one)
    assert one.happened[1].startswith("killed before test_function.py:")
    assert one.happened[1].endswith("answer = answers.pop(0) if answers else None")
    assert one.happened[2].startswith("an error instead of test_function.py:")
    assert one.happened[3] == "took 1 s"
    assert one.happened[4].startswith("duplicate: the function did its work and answered, ")


def test_what_a_new_process_has_lost_is_told() -> None:
    one = function({1: "crash", 2: "duplicate", 5: "cold_start"})
    for _ in range(5):
        call(one)
    new = "the process is a new one, and has lost buffer, seen (what outlives a process belongs into world=)"
    assert [text.endswith(f"; {new}") for text in one.happened.values()] == [False, True, True]
    assert list(one.happened) == [1, 2, 5]


def test_sets_come_in_another_order_where_there_are_any() -> None:
    tags = {"L": [{"M": {"tags": {"SS": ["a", "b"]}}}, {"NS": ["1"]}, {"S": "x"}]}
    one = function({1: "set_order", 2: "set_order"})
    call(one, record(1))
    call(one, record(2, new={"tags": tags}))
    assert list(one.happened) == [2]
    sent = json.dumps(event(record(2, "MODIFY", new={"tags": tags}, old={"b": {"BS": ["eA==", "eQ=="]}}))).encode()
    other = reordered(sent)
    assert other is not None
    images = json.loads(other)["Records"][0]["dynamodb"]
    assert images["NewImage"]["tags"]["L"][0] == {"M": {"tags": {"SS": ["b", "a"]}}}
    assert images["OldImage"]["b"] == {"BS": ["eQ==", "eA=="]}
    assert json.loads(reordered(other) or b"") == json.loads(sent)


@pytest.mark.parametrize("fault", ["timeout", "crash", Killed(1)])
def test_a_process_that_died_is_a_new_one_at_the_next_call_and_only_then(fault: Any) -> None:
    one = function({1: fault})
    call(one)
    seen.clear()
    call(one)
    call(one)
    assert seen == ["cold", "start", "end", "start", "end"]


def test_a_line_that_is_not_reached_is_no_fault() -> None:
    one = function({1: Killed(99), 2: Raises(99)})
    assert call(one).error is None
    assert call(one).error is None
    assert one.happened == {}


def test_a_function_without_a_file_cannot_be_stopped_in_it() -> None:
    one = function({1: Killed(1)}, file=None)
    assert call(one).error is None
    assert one.happened == {}


def test_which_fault_it_was_is_known_of_the_last_call_of_a_request() -> None:
    one = function({1: "crash"})
    call(one)
    assert one.fault_of("request") == "crash"
    call(one)
    assert one.fault_of("request") is None
    assert one.fault_of("another") is None
