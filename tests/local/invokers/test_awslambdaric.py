"""Functions under AWS's own runtime client for Python: nothing here is an imitation."""

from __future__ import annotations

import json
import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import FunctionTimeoutError
from streamkit.local.invokers.lambdaruntime import LambdaRuntime
from streamkit.local.journal import InvocationFinished, InvocationStarted, RecordsDiscarded
from streamkit.local.sources.recording import Recording
from tests.local.invokers.runtimeclient import ARN, invoke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("awslambdaric", reason="needs awslambdaric, which is for Linux: pip install awslambdaric")

ROOT = Path(__file__).parents[3]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Callable[..., LambdaRuntime]]:
    """Return what makes a function out of the code of its module."""
    made: list[LambdaRuntime] = []

    def make(code: str, handler: str = "app.handler", **settings: Any) -> LambdaRuntime:
        (tmp_path / "app.py").write_text(dedent(code), encoding="utf-8")
        made.append(LambdaRuntime(handler, cwd=tmp_path, **{"timeout": 30.0, "init_timeout": 60.0, **settings}))
        return made[-1]

    yield make
    for runtime in made:
        runtime.close()


def failure(answer: Any) -> tuple[str, str]:
    assert isinstance(answer.error, FunctionError)
    return answer.error.error_type, answer.error.message


def test_a_handler_gets_its_event_and_lambdas_context(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        import os
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            names = "AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "AWS_REGION", "TZ", "_HANDLER", "TABLE"
            return [event, context.aws_request_id, context.invoked_function_arn, context.function_name,
                    context.memory_limit_in_mb, 20_000 < left <= 30_000, {name: os.environ[name] for name in names}]
        """,
        env={"TABLE": "orders", "AWS_REGION": "eu-north-1"},
        memory_mb=512,
    )
    answer = runtime.invoke(b'{"Records":[{"n":1}]}', "request-1", ARN)
    assert answer.error is None
    *rest, variables = answer.response
    assert rest == [{"Records": [{"n": 1}]}, "request-1", ARN, "orders", "512", True]
    assert variables == {
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "LAMBDA_TASK_ROOT": str(Path(variables["LAMBDA_TASK_ROOT"])),
        "AWS_REGION": "eu-north-1",
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
        "TABLE": "orders",
    }
    assert (Path(variables["LAMBDA_TASK_ROOT"]) / "app.py").exists()


def test_what_a_handler_raises_is_its_error_with_the_stack_trace(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app("def handler(event, context):\n    raise ValueError('no table')", "app:handler")
    for number in (1, 2):
        answer = invoke(runtime, number)
        assert failure(answer) == ("ValueError", "no table")
        (frame,) = answer.error.stack_trace
        assert "line 2, in handler" in frame
        assert "[ERROR] ValueError: no table" in answer.log


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        ("import no_such", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'no_such'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
        ("print('init')\n1 / 0", "ZeroDivisionError", "division by zero"),
    ],
)  # fmt: skip
def test_an_init_that_fails_fails_the_invocation_and_is_tried_again(
    app: Callable[..., LambdaRuntime], code: str, error: str, message: str
) -> None:
    runtime = app(code)
    for number in (1, 2):
        answer = invoke(runtime, number)
        assert failure(answer)[0] == error
        assert failure(answer)[1].startswith(message)
        assert f"[ERROR] {error}" in answer.log
        assert ("init\n" in answer.log) == ("print" in code)
    # What is put right works from the next invocation on.
    app("def handler(event, context): return 'right'")
    assert invoke(runtime).response == "right"


def test_an_init_error_has_a_stack_trace(app: Callable[..., LambdaRuntime]) -> None:
    error = invoke(app("1 / 0")).error
    assert any("app.py" in line for line in error.stack_trace)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("sys.exit(1)", "with error: exit status 1"),
        ("sys.exit()", "without providing a reason"),
        ("os._exit(7)", "with error: exit status 7"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "with error: signal: segmentation fault"),
        ("os.abort()", "with error: signal: aborted"),
    ],
)
def test_a_process_that_ends_is_told_in_lambdas_words(app: Callable[..., LambdaRuntime], code: str, how: str) -> None:
    runtime = app(f"import os, signal, sys\ndef handler(event, context):\n    print('before')\n    {code}")
    for number in (1, 2):
        answer = invoke(runtime, number)
        assert failure(answer) == ("Runtime.ExitError", f"RequestId: request-{number} Error: Runtime exited {how}")
        assert answer.log == "before\n"


def test_a_handler_that_loops_is_killed_and_the_next_invocation_has_a_new_process(
    app: Callable[..., LambdaRuntime],
) -> None:
    runtime = app(
        """
        def handler(event, context):
            print("looping", event["loop"])
            while event["loop"]: pass
            return "well"
        """,
        timeout=0.5,
    )
    answer = runtime.invoke(b'{"loop":true}', "request-1", ARN)
    assert isinstance(answer.error, FunctionTimeoutError)
    assert str(answer.error) == "Task timed out after 0.50 seconds"
    assert answer.log == "looping True\n"
    assert runtime.invoke(b'{"loop":false}', "request-2", ARN).response == "well"


def test_a_handler_that_takes_more_memory_than_it_has_is_killed(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        import time
        def handler(event, context):
            held = bytearray(b"x" * 300_000_000)
            time.sleep(1000)
        """,
        memory_mb=256,
    )
    answer = invoke(runtime)
    assert failure(answer)[1] == "RequestId: request-1 Error: Runtime exited with error: signal: killed"
    assert "MB of memory, of 256]" in answer.log


def test_responses_come_back_as_lambdas_json_has_them(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        from decimal import Decimal
        values = [None, {1: Decimal("1.50")}, float("nan"), "\\ud800", "é", {1, 2}]
        def handler(event, context): return values[event]
        """
    )
    answers = [runtime.invoke(b"%d" % number, f"request-{number}", ARN) for number in range(6)]
    assert [answer.response for answer in answers[:2]] == [None, {"1": 1.5}]
    assert math.isnan(answers[2].response)
    assert [answer.response for answer in answers[3:5]] == ["\ud800", "é"]
    assert failure(answers[5])[0] == "Runtime.MarshalError"


@pytest.mark.parametrize("size", [6_291_556, 6_291_557])
def test_a_response_of_six_megabytes_comes_back_and_a_larger_one_fails_as_on_lambda(
    app: Callable[..., LambdaRuntime], size: int
) -> None:
    answer = invoke(app(f"def handler(event, context): return 'x' * {size - 2}"))
    if size == 6_291_556:
        assert len(answer.response) == size - 2
    else:
        assert failure(answer) == (
            "Function.ResponseSizeTooLarge",
            f"Response payload size ({size} bytes) exceeded maximum allowed payload size (6291556 bytes).",
        )


def test_what_a_function_prints_and_logs_is_told_per_invocation(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        import logging, subprocess, sys
        print("init")
        def handler(event, context):
            print("out", event)
            print("err", event, file=sys.stderr)
            logging.warning("logged %s", event)
            subprocess.run(["echo", "child"])
        """
    )
    first, second = (runtime.invoke(b"%d" % number, f"request-{number}", ARN).log for number in (1, 2))
    assert first.startswith("init\nout 1\nerr 1\n[WARNING]\t")
    assert first.endswith("\trequest-1\tlogged 1\nchild\n")
    assert second.startswith("out 2\nerr 2\n")


def test_threads_that_go_on_after_the_response_are_no_trouble(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        import threading
        go_on, printed = threading.Event(), threading.Event()
        def late():
            go_on.wait()
            print("late")
            printed.set()
        def handler(event, context):
            if event == 1:
                threading.Thread(target=late, daemon=True).start()
            else:
                go_on.set()
                printed.wait()
            return event
        """
    )
    answers = [runtime.invoke(b"%d" % number, f"request-{number}", ARN) for number in (1, 2)]
    assert [(answer.response, answer.log) for answer in answers] == [(1, ""), (2, "late\n")]


def test_the_coverage_of_the_tests_themselves_does_no_harm(
    app: Callable[..., LambdaRuntime], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("PYTHONINSPECT", "1")
    answer = invoke(app("import os\ndef handler(event, context): return 'COVERAGE_PROCESS_START' in os.environ"))
    assert (answer.response, answer.log) == (False, "")


def test_a_warm_process_keeps_what_its_module_holds(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app("calls = []\ndef handler(event, context):\n    calls.append(1)\n    return len(calls)")
    assert [invoke(runtime, number).response for number in (1, 2, 3)] == [1, 2, 3]


def test_two_invocations_really_run_at_once(app: Callable[..., LambdaRuntime], tmp_path: Path) -> None:
    # Each end of a fifo waits for the other.
    os.mkfifo(tmp_path / "fifo")
    runtime = app(
        f"""
        import os
        def handler(event, context):
            open({str(tmp_path / "fifo")!r}, event).close()
            return os.getpid()
        """
    )
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda mode: runtime.invoke(json.dumps(mode).encode(), mode, ARN), ["r", "w"]))
    assert len({answer.response for answer in answers}) == 2


def story(runner: LocalRunner) -> list[Any]:
    """Return what happened, without what is another process' own: exceptions."""
    told: list[Any] = []
    for fact in runner.journal:
        match fact:
            case InvocationStarted():
                told.append(("started", fact.at, fact.request_id, fact.attempt, fact.sequence_numbers, fact.lane))
            case InvocationFinished():
                told.append(("finished", fact.at, fact.outcome, fact.response, fact.handled))
            case RecordsDiscarded():
                told.append(("discarded", fact.at, fact.record))
    return told


def test_the_example_tells_the_same_story_as_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    from examples.orders.app import handler  # noqa: PLC0415  # found from there

    events = (ROOT / "examples/orders/events.jsonl").read_text(encoding="utf-8").splitlines()[:1500]
    recording = [json.loads(line) for line in events]
    inside = LocalRunner(handler, Recording(recording), handler.mapping)
    inside.run()
    with LambdaRuntime("examples.orders.app:handler") as runtime:
        outside = LocalRunner(runtime, Recording(recording), handler.mapping)
        outside.run()
    told = story(inside)
    assert sum(fact[0] == "discarded" for fact in told) > 0
    assert story(outside) == told


def test_a_window_is_folded_as_in_process(app: Callable[..., LambdaRuntime]) -> None:
    runtime = app(
        """
        from streamkit import Change, tumbling_window
        @tumbling_window(seconds=60, initial={"n": 0})
        def handler(change: Change, state: dict) -> dict:
            return {"n": state["n"] + 1}
        @handler.final
        def told(state, window):
            print("window of", state["n"])
        """
    )
    table = LocalTable("orders", key="id")
    for number in range(5):
        table.put({"id": number})
    runner = LocalRunner(
        runtime, table, {"TumblingWindowInSeconds": 60, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    )
    runner.run()
    assert [call.outcome for call in runner.invocations] == ["success", "success"]
    assert "window of 5" in runner.invocations[-1].log
