"""One process and its Runtime API, with a runtime client that misbehaves as it is told."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.invokers import sandbox
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import FunctionTimeoutError
from tests.local.invokers.runtimeclient import ARN, EVENT, invoke, runtime_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PID = "str(os.getpid()).encode()"


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    gc.collect()
    files, threads, children = held()
    yield
    gc.collect()
    after = held()
    # Other tests' servers may close something meanwhile.
    assert after[0] <= files
    assert after[1] <= threads
    assert after[2] <= children


def held() -> tuple[int, int, set[str]]:
    """Return how many files and threads this process has, and its children, zombies included."""
    files = len(list(Path("/proc/self/fd").iterdir()))
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return files, threading.active_count(), {pid for task in tasks for pid in task.read_text(encoding="ascii").split()}


def gone(pid: int) -> bool:
    """Wait for the end of a process, of anyone's; return whether it came."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], 30)[0])
    finally:
        os.close(fd)


def failure(answer: Any) -> tuple[str, str]:
    assert isinstance(answer.error, FunctionError)
    return answer.error.error_type, answer.error.message


def ended(how: str, number: int = 1) -> tuple[str, str]:
    return "Runtime.ExitError", f"RequestId: request-{number} Error: Runtime exited {how}"


def test_one_process_runs_invocation_after_invocation() -> None:
    with runtime_of(f"while True: respond(take(), {PID})") as runtime:
        pids = {invoke(runtime, number).response for number in range(5)}
    assert len(pids) == 1
    assert gone(pids.pop())


def test_what_the_runtime_gets_is_what_lambda_sends() -> None:
    code = """
status, headers, body = ask("GET", API + "invocation/next")
wanted = "aws-request-id", "invoked-function-arn", "deadline-ms"
print(status, body, headers["content-type"], *(headers["lambda-runtime-" + name] for name in wanted))
left = int(headers["lambda-runtime-deadline-ms"]) / 1000 - time.time()
respond("request-1", b"true" if 20 < left < 30 else b"false")
take()
"""
    with runtime_of(code) as runtime:
        answer = invoke(runtime)
    assert answer.response is True
    words = answer.log.split()
    assert words[:5] == ["200", repr(EVENT), "application/json", "request-1", ARN]


def test_a_client_may_use_a_connection_for_each_request() -> None:
    code = """
def once(*request):
    with connect() as on:
        answer = ask(*request, b"", "Connection: close", on=on)
        assert on.recv(1) == b""
        return answer
for number in range(2):
    id = once("GET", API + "invocation/next")[1]["lambda-runtime-aws-request-id"]
    with connect() as on:
        ask("POST", f"{API}invocation/{id}/response", b"7", on=on)
take()
"""
    with runtime_of(code) as runtime:
        assert [invoke(runtime, number).response for number in (1, 2)] == [7, 7]


def test_a_response_may_come_in_chunks_after_a_continue() -> None:
    code = """
id = take()
line.sendall(f"POST {API}invocation/{id}/response HTTP/1.1\\r\\nExpect: 100-continue\\r\\n"
             "Transfer-Encoding: chunked\\r\\n\\r\\n".encode())
assert answer(line)[0] == 100
line.sendall(b"2\\r\\n[1\\r\\n")
line.sendall(b"3\\r\\n,2]\\r\\n0\\r\\n\\r\\n")
assert answer(line)[0] == 202
take()
"""
    with runtime_of(code) as runtime:
        assert invoke(runtime).response == [1, 2]


def test_whatever_else_is_asked_is_answered_and_the_invocation_goes_on() -> None:
    code = """
print(respond("none", b"1")[0])
id = take()
print(ask("GET", API + "other")[0], ask("GET", API + "invocation/next")[0], respond("other", b"1")[0])
print(ask("POST", API + "init/error", b"{}")[0])
other = connect()
other.sendall(b"nonsense\\r\\n\\r\\n")
print(answer(other)[0], other.recv(1))
half = connect()
half.sendall(b"POST /x HTTP/1.1\\r\\nContent-Le")
print(respond(id, b"1")[0], respond(id, b"2")[0])
take()
"""
    with runtime_of(code) as runtime:
        answer = invoke(runtime)
    assert answer.response == 1
    assert answer.log == "403\n404 403 400\n403\n400 b''\n202 403\n"


def test_a_process_that_ends_after_its_response_has_answered_and_the_next_one_is_new() -> None:
    with runtime_of(f"respond(take(), {PID}); print('bye'); sys.exit(4)") as runtime:
        first, second = invoke(runtime, 1), invoke(runtime, 2)
    assert (first.error, first.log) == (None, "bye\n")
    assert (second.error, second.log) == (None, "bye\n")
    assert first.response != second.response


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("take(); os._exit(0)", "without providing a reason"),
        ("take(); sys.exit(3)", "with error: exit status 3"),
        ("take(); os.kill(os.getpid(), 9)", "with error: signal: killed"),
        ("os._exit(5)", "with error: exit status 5"),
        (
            "id = take(); send('POST', f'{API}invocation/{id}/response', b'1', 'X-More: ' + 'x' * 99)\nos._exit(0)",
            None,
        ),
        (
            "send('POST', f'{API}invocation/{take()}/response', b'', 'Transfer-Encoding: chunked'); os._exit(0)",
            "without providing a reason",
        ),
    ],
)
@pytest.mark.parametrize("tells", [True, False])
def test_a_process_that_ends_is_told_in_lambdas_words_unless_it_has_answered(
    code: str, how: str | None, tells: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not tells:
        monkeypatch.delattr(os, "pidfd_open")
    with runtime_of(f"print('up')\n{code}") as runtime:
        for number in (1, 2):
            answer = invoke(runtime, number)
            if how is None:
                assert (answer.response, answer.error) == (1, None)
            else:
                assert failure(answer) == ended(how, number)
            assert answer.log == "up\n"


def test_what_a_process_sent_last_counts_where_its_end_is_seen_with_it() -> None:
    process = sandbox.Sandbox([sys.executable, "-c", ""], ".", {})
    try:
        process._serve_until(lambda: process._ended, 30)
    finally:
        process.close()
    assert not process.lives


def test_what_is_left_to_serve_is_served_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[float] = []

    def always_more(seconds: float) -> bool:
        served.append(seconds)
        return True

    process = sandbox.Sandbox([sys.executable, "-c", ""], ".", {})
    try:
        monkeypatch.setattr(process, "_serve", always_more)
        process._serve_the_rest()
    finally:
        process.close()
    assert served == [0] * sandbox._LAST_READS


def test_a_function_that_takes_too_long_is_killed_with_all_it_started_and_the_next_one_is_new(tmp_path: Path) -> None:
    code = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
id = take()
child = os.fork()
if not child:
    time.sleep(1000)
daemon = os.fork()
if not daemon:
    os.setsid()
    time.sleep(1000)
print(os.getpid(), child, daemon)
while True: pass
"""
    with runtime_of(code, timeout=0.3) as runtime:
        for number in (1, 2):
            answer = invoke(runtime, number)
            assert isinstance(answer.error, FunctionTimeoutError)
            assert str(answer.error) == "Task timed out after 0.30 seconds"
            pids = [int(pid) for pid in answer.log.split()]
            assert len(pids) == 3
            assert all(map(gone, pids))


def test_an_init_that_takes_too_long_is_told_as_one() -> None:
    with runtime_of("print('init')\ntime.sleep(1000)", init_timeout=0.3) as runtime:
        answer = invoke(runtime)
    assert str(answer.error) == "Task timed out after 0.30 seconds (in its init: it asked for no invocation)"
    assert answer.log == "init\n"


@pytest.mark.parametrize("end", ["sys.exit(1)", "time.sleep(1000)"])
def test_an_init_that_fails_is_the_answer_and_the_next_invocation_tries_again(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_LAST_WORDS", 0.3)
    code = """
ask("POST", API + "init/error", b'{"errorType":"Runtime.ImportModuleError","errorMessage":"no app","stackTrace":["x"]}')
print("after")
"""
    with runtime_of(code + end) as runtime:
        for number in (1, 2):
            answer = invoke(runtime, number)
            assert failure(answer) == ("Runtime.ImportModuleError", "no app")
            assert answer.error.stack_trace == ("x",)
            assert answer.log == "after\n"


def test_what_a_process_does_between_invocations_is_looked_at_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_LAST_READS", 1)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"""
respond(take(), b"1")
send("GET", API + "invocation/next")
more = connect()
open({str(fifo)!r}, "w").close()
answer(line)
respond("request-2", b"2")
take()
"""
    with runtime_of(code) as runtime:
        assert invoke(runtime, 1).response == 1
        fifo.read_text(encoding="utf-8")
        assert invoke(runtime, 2).response == 2


def test_a_client_that_gives_up_asking_and_asks_again_gets_its_invocation(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"""
respond(take(), b"1")
given_up = connect()
send("GET", API + "invocation/next", on=given_up)
given_up.close()
send("GET", API + "invocation/next")
open({str(fifo)!r}, "w").close()
answer(line)
respond("request-2", b"2")
take()
"""
    with runtime_of(code) as runtime:
        assert invoke(runtime, 1).response == 1
        fifo.read_text(encoding="utf-8")
        assert invoke(runtime, 2).response == 2


def test_a_process_that_ends_between_invocations_is_replaced_and_its_last_words_are_told(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"""
respond(take(), {PID})
send("GET", API + "invocation/next")
open({str(fifo)!r}).close()
print("gone for good")
"""
    with runtime_of(code) as runtime:
        first = invoke(runtime, 1)
        fifo.write_text("", encoding="utf-8")
        assert gone(first.response)
        second = invoke(runtime, 2)
    assert first.response != second.response
    assert (first.log, second.log) == ("", "gone for good\n")


@pytest.mark.parametrize(("reads", "least"), [(32, 60_000), (1, 0)])
def test_what_a_process_leaves_behind_is_read_but_not_for_ever(
    reads: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_LISTENS_AFTER", 30.0)
    monkeypatch.setattr(sandbox, "_LAST_READS", reads)
    with runtime_of("take(); os.write(1, b'x' * 60_000); sys.exit(1)") as runtime:
        answer = invoke(runtime)
    assert failure(answer) == ended("with error: exit status 1")
    assert least <= len(answer.log) <= 60_000


def test_what_is_written_belongs_to_the_invocation_that_it_was_written_in() -> None:
    code = """
print("init")
for number in (1, 2, 3):
    id = take()
    os.write(1, b"out %d\\n" % number)
    os.write(2, b"err %d\\n" % number)
    respond(id, b"1")
    os.write(1, b"after %d\\n" % number)
take()
"""
    with runtime_of(code) as runtime:
        logs = [invoke(runtime, number).log for number in (1, 2, 3)]
    assert logs == [f"{'init' + chr(10) if n == 1 else ''}out {n}\nerr {n}\nafter {n}\n" for n in (1, 2, 3)]


def test_ten_megabytes_of_output_are_told_in_full_also_of_one_that_is_killed() -> None:
    code = """
id = take()
for _ in range(160):
    os.write(1, b"x" * 65536)
if id == "request-2":
    os.kill(os.getpid(), 9)
respond(id, b"1")
take()
"""
    with runtime_of(code) as runtime:
        first = invoke(runtime, 1)
    with runtime_of(code) as runtime:
        second = invoke(runtime, 2)
    assert first.response == 1
    assert failure(second) == ended("with error: signal: killed", 2)
    assert first.log == second.log == "x" * 160 * 65536


def test_output_that_is_no_text_and_outputs_that_are_closed_are_no_trouble() -> None:
    code = """
id = take()
os.write(1, b"\\xff\\x00\\n")
os.close(1)
os.close(2)
time.sleep(0.05)
respond(id, b"1")
respond(take(), b"2")
take()
"""
    with runtime_of(code) as runtime:
        first, second = invoke(runtime, 1), invoke(runtime, 2)
    assert (first.response, first.log) == (1, "\\xff\x00\n")
    assert (second.response, second.log) == (2, "")


def test_an_event_of_six_megabytes_goes_in_while_the_function_writes_more_than_a_pipe_holds() -> None:
    code = """
send("GET", API + "invocation/next")
os.write(1, b"x" * 1_000_000)
status, headers, body = answer(line)
respond("request-1", str(len(body)).encode())
take()
"""
    with runtime_of(code) as runtime:
        answer = invoke(runtime, event=b'"' + b"e" * 6_291_454 + b'"')
    assert answer.response == 6_291_456
    assert len(answer.log) == 1_000_000


@pytest.mark.parametrize(("size", "status"), [(6_291_556, 202), (6_291_557, 413)])
def test_a_response_has_lambdas_limit(size: int, status: int) -> None:
    code = f"""
print(respond(take(), b'"' + b"r" * {size - 2} + b'"')[0])
take()
"""
    with runtime_of(code) as runtime:
        answer = invoke(runtime)
    assert answer.log == f"{status}\n"
    if status == 202:
        assert answer.response == "r" * (size - 2)
    else:
        assert failure(answer) == (
            "Function.ResponseSizeTooLarge",
            "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).",
        )


def test_a_function_that_holds_more_than_its_memory_is_killed_and_told_why() -> None:
    code = """
id = take()
if not os.fork():
    held = b"x" * 400_000_000
    time.sleep(1000)
time.sleep(1000)
"""
    with runtime_of(code, memory_mb=256) as runtime:
        answer = invoke(runtime)
    assert failure(answer) == ended("with error: signal: killed")
    assert answer.log.startswith("[streamkit: killed, it held ")
    assert answer.log.endswith(" MB of memory, of 256]\n")


def test_a_function_within_its_memory_is_not_disturbed() -> None:
    with runtime_of("id = take(); time.sleep(0.2); respond(id, b'1'); take()", memory_mb=256) as runtime:
        assert invoke(runtime).response == 1


@pytest.fixture
def ctrl_c_raises() -> Iterator[None]:
    """Let SIGINT be KeyboardInterrupt, also where these tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_raises")
def test_ctrl_c_ends_the_process_and_the_next_invocation_has_another() -> None:
    code = f"""
id = take()
if id == "request-1":
    os.kill(os.getppid(), 2)
    time.sleep(1000)
respond(id, {PID})
take()
"""
    with runtime_of(code) as runtime:
        with pytest.raises(KeyboardInterrupt):
            invoke(runtime, 1)
        assert invoke(runtime, 2).error is None


def test_close_ends_an_invocation_of_another_thread_which_counts_as_not_run(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    runtime = runtime_of(f"take(); open({str(fifo)!r}, 'w').close(); time.sleep(1000)")
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(invoke(runtime)))
    thread.start()
    fifo.read_text(encoding="utf-8")
    runtime.close()
    thread.join()
    (answer,) = answers
    assert (answer.error, answer.throttled) == (None, "the LambdaRuntime was closed during the invocation")
    runtime.close()
    with pytest.raises(RuntimeError, match="this LambdaRuntime is closed: make another one"):
        invoke(runtime)


def test_close_in_a_signal_handler_ends_the_invocation_of_its_own_thread() -> None:
    runtime = runtime_of(f"take(); os.kill(os.getppid(), {int(signal.SIGUSR1)}); time.sleep(1000)")
    before = signal.signal(signal.SIGUSR1, lambda *_: runtime.close())
    try:
        assert invoke(runtime).throttled == "the LambdaRuntime was closed during the invocation"
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_one_that_is_forgotten_ends_its_processes() -> None:
    runtime = runtime_of(f"respond(take(), {PID}); take()")
    pid = invoke(runtime).response
    del runtime
    gc.collect()
    assert gone(pid)


def test_a_connection_that_is_gone_before_it_is_accepted_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with runtime_of("respond(take(), b'1'); take()") as runtime:
        real, calls = socket.socket.accept, []

        def accept(listener: Any) -> Any:
            calls.append(listener)
            if len(calls) == 1:
                raise ConnectionAbortedError
            return real(listener)

        monkeypatch.setattr(socket.socket, "accept", accept)
        assert invoke(runtime).response == 1
    assert len(calls) == 2
