"""The settings of a function in processes of its own, and how its processes are shared among threads."""

from __future__ import annotations

import errno
import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import Invoker
from streamkit.local.invokers import lambdaruntime, memory
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import Answer, ConcurrentInvoker
from streamkit.local.invokers.lambdaruntime import LambdaRuntime, RuntimeUnavailableError
from streamkit.local.invokers.sandboxes import Sandboxes
from tests.local.invokers.runtimeclient import ARN, invoke, runtime_of

if TYPE_CHECKING:
    from collections.abc import Sequence

PYTHON: Sequence[str] = [sys.executable, "-c", "pass"]
ANSWERING = "while True: respond(take(), str(os.getpid()).encode())"


def test_it_is_an_invoker_of_several_at_once() -> None:
    with LambdaRuntime("app.handler", command=PYTHON) as runtime:
        assert isinstance(runtime, Invoker)
        assert isinstance(runtime, ConcurrentInvoker)


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        ("app.handler", "handler"),
        ("shop/orders.receive", "receive"),
        ("orders.app:on_change", "on_change"),
        ("", "handler"),
    ],
)
def test_its_name_is_what_stands_last_in_the_handlers(handler: str, name: str) -> None:
    with LambdaRuntime(handler, command=PYTHON) as runtime:
        assert runtime.function_name == name


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"timeout": 0}, "timeout takes seconds above 0, up to Lambda's 900, not 0"),
        ({"timeout": 900.1}, "timeout takes seconds above 0, up to Lambda's 900, not 900.1"),
        ({"timeout": float("nan")}, "timeout takes seconds above 0, up to Lambda's 900, not nan"),
        ({"init_timeout": -1.0}, "init_timeout takes seconds above 0, up to Lambda's 900, not -1.0"),
        ({"concurrency": 0}, "concurrency takes a whole number from 1 on, or None for no limit, not 0"),
        ({"concurrency": True}, "concurrency takes a whole number from 1 on, or None for no limit, not True"),
        ({"memory_mb": 127}, "memory_mb takes 128 to 10240 MB, as Lambda's MemorySize, not 127"),
        ({"memory_mb": 128.0}, "memory_mb takes 128 to 10240 MB, as Lambda's MemorySize, not 128.0"),
        ({"cwd": "/no/such"}, "cwd takes the function's folder; there is no folder /no/such"),
        ({"command": "python app.py"}, "command takes a program and its arguments as a list, not 'python app.py'"),
        ({"command": []}, "command takes a program and its arguments as a list, not []"),
    ],
)
def test_a_setting_that_no_function_has_is_refused(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is compared in full
        LambdaRuntime("app.handler", **settings)
    assert str(caught.value) == why


@pytest.mark.parametrize("handler", ["app", "app.", ".handler", "app:", ":handler", "", "app:not a name", "app.py/x"])
def test_a_handler_that_python_cannot_look_up_is_refused(handler: str) -> None:
    with pytest.raises(ValueError, match=r"a handler is named like app\.handler or app:handler, not "):
        LambdaRuntime(handler)


def test_an_attribute_of_an_attribute_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="give it a name of its own in the module app"):
        LambdaRuntime("app:orders.handler")


def test_a_command_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for program in ("no-such-program", "./no-such-program", "/no/such/program"):
        with pytest.raises(RuntimeUnavailableError) as caught:
            LambdaRuntime("app.handler", command=[program], cwd=tmp_path)
        assert str(caught.value) == f"the command {program!r} is not there, or cannot be run, as seen from {tmp_path}"


def test_a_program_is_looked_for_as_the_function_sees_it(tmp_path: Path) -> None:
    program = tmp_path / "run"
    program.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    for command, env in ((["./run"], {}), (["run"], {"PATH": str(tmp_path)})):
        with LambdaRuntime("app.handler", command=command, cwd=tmp_path, env=env) as runtime:
            assert str(invoke(runtime).error) == "RequestId: request-1 Error: Runtime exited with error: exit status 3"


def test_a_program_that_the_system_cannot_run_fails_the_invocation(tmp_path: Path) -> None:
    program = tmp_path / "run"
    program.write_bytes(b"neither a script nor a program")
    program.chmod(0o755)
    with LambdaRuntime("app.handler", command=["./run"], cwd=tmp_path) as runtime:
        error = invoke(runtime).error
        assert isinstance(error, FunctionError)
        assert error.error_type == "Runtime.InvalidEntrypoint"
        assert str(error) == f"RequestId: request-1 Error: fork/exec {program}: exec format error"
        assert invoke(runtime).error is not None


def test_a_process_that_the_system_has_no_room_for_is_a_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(lambdaruntime, "Sandbox", refuse)
    with LambdaRuntime("app.handler", command=PYTHON, concurrency=1) as runtime:
        for _ in range(2):
            assert invoke(runtime).throttled == "no process could be started: [Errno 24] Too many open files"


def test_without_awslambdaric_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambdaruntime, "find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match="pip install awslambdaric"):
        LambdaRuntime("app.handler")


def test_memory_that_cannot_be_watched_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    with pytest.raises(RuntimeUnavailableError, match="memory_mb=128 cannot be honoured: this system has no /proc"):
        LambdaRuntime("app.handler", memory_mb=128)


def test_a_system_without_process_groups_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "killpg")
    with pytest.raises(RuntimeUnavailableError, match="need a POSIX system"):
        LambdaRuntime("app.handler")


def test_every_invocation_at_the_same_time_has_a_process_of_its_own(tmp_path: Path) -> None:
    # Each opens one end of a fifo and waits for the other: neither goes on alone.
    os.mkfifo(tmp_path / "fifo")
    code = f"""
id = take()
open({str(tmp_path / "fifo")!r}, "w" if id == "request-1" else "r").close()
respond(id, str(os.getpid()).encode())
take()
"""
    with runtime_of(code) as runtime, ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda number: invoke(runtime, number), [1, 2]))
    assert all(answer.error is None for answer in answers)
    assert answers[0].response != answers[1].response


def test_what_is_more_at_once_than_its_concurrency_is_throttled(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")
    os.mkfifo(tmp_path / "go on")
    code = f"""
id = take()
open({str(tmp_path / "begun")!r}, "w").close()
open({str(tmp_path / "go on")!r}).close()
respond(id, b"1")
take()
"""
    with runtime_of(code, concurrency=1) as runtime, ThreadPoolExecutor(1) as threads:
        first = threads.submit(invoke, runtime, 1)
        (tmp_path / "begun").read_text(encoding="utf-8")
        refused = invoke(runtime, 2)
        (tmp_path / "go on").write_text("", encoding="utf-8")
        assert first.result().response == 1
    assert refused == Answer(throttled="Rate Exceeded: ReservedFunctionConcurrentInvocationLimitExceeded")


def test_200_invocations_over_8_threads_each_get_their_own_answer() -> None:
    code = """
while True:
    status, headers, body = ask("GET", API + "invocation/next")
    respond(headers["lambda-runtime-aws-request-id"], body)
"""
    with runtime_of(code) as runtime, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: invoke(runtime, number, b"%d" % number), range(200)))
    assert [answer.response for answer in answers] == list(range(200))


def test_the_process_that_was_used_last_is_used_again() -> None:
    code = "while True: respond(take(), str(os.getpid()).encode())"
    with runtime_of(code) as runtime, ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: invoke(runtime, number), range(20)))
        pids = [invoke(runtime, number).response for number in range(5)]
    assert len(set(pids)) == 1


class Fake:
    """In the place of a sandbox."""

    pid = 2**22 + 1
    usable = lives = True

    def __init__(self) -> None:
        self.killed = self.closed = False

    def kill(self) -> None:
        self.killed = True

    def close(self) -> None:
        self.closed = True

    def say(self, text: str) -> None:
        raise AssertionError(text)


def test_a_process_that_starts_while_everything_is_closed_is_ended() -> None:
    fake, starting, go_on = Fake(), threading.Event(), threading.Event()

    def start(function_arn: str) -> Any:
        starting.set()
        go_on.wait()
        return fake

    sandboxes = Sandboxes(start, None)

    def use() -> None:
        taken = sandboxes.take(ARN)
        assert taken is not None
        sandboxes.give_back(taken)

    user = threading.Thread(target=use)
    user.start()
    starting.wait()
    closer = threading.Thread(target=sandboxes.close)
    closer.start()
    while not sandboxes.is_closed():
        pass
    go_on.set()
    user.join()
    closer.join()
    assert fake.killed
    assert fake.closed


def test_a_fork_of_this_process_leaves_the_processes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with runtime_of(ANSWERING) as runtime:
        pid = invoke(runtime).response
        with monkeypatch.context() as fork:
            fork.setattr(os, "getpid", lambda: 1)
            runtime.close()
        assert invoke(runtime).response == pid


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program that prints the number of a function's process."""
    preamble = f"import os\nfrom tests.local.invokers.runtimeclient import *\nANSWERING = {ANSWERING!r}\n"
    root = Path(__file__).parents[3]
    return subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", preamble + code], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )


def ends(pid: int) -> bool:
    """Wait until a process has ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(fd):
        return bool(select.select([fd], [], [], 30)[0])


def test_nothing_outlives_a_program_that_just_ends() -> None:
    done = run("runtime = runtime_of(ANSWERING)\nprint(invoke(runtime).response)")
    assert (done.returncode, done.stderr) == (0, "")
    assert ends(int(done.stdout))


def test_nothing_outlives_a_program_that_is_killed_not_even_a_function_that_loops(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    looping = f"""
take()
with open({str(told)!r}, "w") as file:
    file.write(str(os.getpid()))
os.kill(os.getppid(), 9)
while True: pass
"""
    assert run(f"invoke(runtime_of({looping!r}))").returncode == -signal.SIGKILL
    assert ends(int(told.read_text(encoding="utf-8")))
