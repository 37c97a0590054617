"""``streamkit serve`` as a command: its options, what it refuses, how it ends."""

from __future__ import annotations

import builtins
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api import starting
from streamkit.cli import serve as command
from tests.api.serverbuild import eventually
from tests.cli.liveproject import LiveProject, lines_until
from tests.cli.streamserver import StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

LONG = 60.0
APP = """
import os
import time
from pathlib import Path

def handler(event, context):
    print("handled", len(event["Records"]), flush=True)

def endless(event, context):
    Path("begun").write_text("", encoding="utf-8")
    time.sleep(3600)
"""


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    with serving() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, aws_environment: pytest.MonkeyPatch, server: StreamServer) -> LiveProject:
    made = LiveProject(tmp_path, aws_environment, server)
    made.app(APP)
    return made


def options(project: LiveProject, *more: str, handler: str = "handler") -> tuple[str, ...]:
    return "serve", "--port", "0", "--invoker", "in-process", "--function", f"orders={project.module}:{handler}", *more


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> list[starting.ServerSettings]:
    """What the server is started with: it is not."""
    found: list[starting.ServerSettings] = []
    monkeypatch.setattr(starting, "run_server", lambda given, *_: found.append(given))
    return found


def test_it_says_where_it_is_and_ends_with_sigterm(project: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Queue[Any] = Queue()

    def ask(address: str) -> None:
        url = f"{address}/2015-03-31/functions/orders/configuration"
        with urllib.request.urlopen(url, timeout=LONG) as answer:  # noqa: S310  # our own
            asked.put(json.loads(answer.read()))
        os.kill(os.getpid(), signal.SIGTERM)

    shown = command._ready

    def ready(address: str) -> None:
        shown(address)
        threading.Thread(target=ask, args=(address,), daemon=True).start()

    monkeypatch.setattr(command, "_ready", ready)
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    result = project.call(*options(project))
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert line.startswith("streamkit serve: listening on http://127.0.0.1:")
    assert result.stderr.splitlines() == [
        f"function orders: {project.module}:handler",
        "note: without --state FILE mappings and checkpoints are gone when this ends",
        "ending: what is in flight is finished",
    ]
    assert asked.get(timeout=LONG)["FunctionArn"] == "arn:aws:lambda:eu-west-3:123456789012:function:orders"


def test_every_option_reaches_the_server(project: LiveProject, settings: list[starting.ServerSettings]) -> None:
    more = {
        "--functions": "functions.json",
        "--state": "state.db",
        "--timeout": "9",
        "--account-id": "000000000001",
        "--region": "eu-west-1",
        "--transition-seconds": "0.5",
        "--poll-interval": "0.1",
        "--window-close-delay": "3",
        "--host": "::1",
    }
    flat = [word for option in more.items() for word in option]
    assert project.call(*options(project, "--function", "other=b:c", *flat)).exit_code == 0
    (given,) = settings
    assert (given.port, given.host, given.in_process) == (0, "::1", True)
    assert given.functions == (f"orders={project.module}:handler", "other=b:c")
    assert (given.functions_file, given.timeout, given.account) == ("functions.json", 9, "000000000001")
    service = given.service
    assert (service.region, service.state, service.transition_seconds) == ("eu-west-1", "state.db", 0.5)
    assert (service.poll_interval, service.window_close_delay, service.loopback) == (0.1, 3.0, True)


def test_without_options_it_is_as_the_help_says(
    project: LiveProject, settings: list[starting.ServerSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert project.call("serve").exit_code == 0
    (given,) = settings
    assert (given.port, given.host, given.in_process, given.timeout, given.account) == (
        9301,
        "127.0.0.1",
        False,
        None,
        None,
    )
    assert (given.service.region, given.service.state, given.service.transition_seconds) == ("us-east-1", None, 1.0)


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "us-east-1"),
    ],
)
def test_the_region_is_the_environment_s(
    project: LiveProject,
    settings: list[starting.ServerSettings],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    region: str,
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    project.call("serve")
    assert settings[0].service.region == region


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  # what a user may ask for
        ("build", False),
    ],
)
def test_other_addresses_than_this_machine_s_are_known_as_such(
    project: LiveProject, settings: list[starting.ServerSettings], host: str, loopback: bool
) -> None:
    project.call("serve", "--host", host)
    assert settings[0].service.loopback is loopback


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ("--region", "US EAST"),
            "Error: 'US EAST' is no region: expected one like us-east-1, in --region or AWS_REGION\n",
        ),
        (("--poll-interval", "0"), "Error: --poll-interval takes seconds above 0, up to 60, not 0.0\n"),
        (("--poll-interval", "nan"), "Error: --poll-interval takes seconds above 0, up to 60, not nan\n"),
        (("--window-close-delay", "-1"), "Error: --window-close-delay takes seconds from 0 to 86400, not -1.0\n"),
        (("--transition-seconds", "nan"), "Error: --transition-seconds takes seconds from 0 to 600, not nan\n"),
        (("--transition-seconds", "601"), "Error: --transition-seconds takes seconds from 0 to 600, not 601.0\n"),
        (("--port", "65536"), "Invalid value for '--port'"),
        (("--timeout", "901"), "Invalid value for '--timeout'"),
        (("--invoker", "docker"), "Invalid value for '--invoker'"),
        (("--account-id", "1"), "Error: an account is a number of 12 digits, as 123456789012, not '1'\n"),
        (("--function", "orders"), "NAME=MODULE:ATTRIBUTE"),
        (("--functions", "missing.json"), "missing.json"),
        (("--state", "missing/state.db"), "Error: the state file missing/state.db cannot be used: unable to open"),
        (("--host", "192.0.2.1"), "Error: 192.0.2.1 port 0 cannot be listened on: "),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_served(
    project: LiveProject, given: tuple[str, ...], message: str
) -> None:
    assert message in project.refusal(*options(project, *given))


def test_a_server_needs_a_function(project: LiveProject) -> None:
    assert project.refusal("serve", "--port", "0").startswith(
        "Error: no function is named: give --function NAME=MODULE:ATTRIBUTE (orders=app:handler), or --functions FILE"
    )


def test_a_function_that_cannot_be_imported_is_told_as_by_run(project: LiveProject) -> None:
    assert "no_such_module" in project.refusal("serve", "--port", "0", "--function", "orders=no_such_module:handler")


def test_a_port_that_is_taken_is_told(project: LiveProject) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        told = project.refusal(*options(project)[:2], port, *options(project)[3:])
    assert told.startswith(f"Error: 127.0.0.1 port {port} cannot be listened on: ")


def test_without_the_extra_it_is_told_how_to_get_it(project: LiveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "streamkit.api":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert project.refusal("serve") == (
        "Error: streamkit serve needs uvicorn, which is not installed: pip install 'streamkit-dynamodb[api]'\n"
    )


def ended(
    project: LiveProject, monkeypatch: pytest.MonkeyPatch, run: Callable[..., object]
) -> tuple[Result, list[int]]:
    """Return what the command did, and with which codes it would have ended the process at once."""
    codes: list[int] = []
    monkeypatch.setattr(starting, "run_server", run)
    monkeypatch.setattr(command, "_LAST_THREADS", 0.01)
    monkeypatch.setattr(os, "_exit", codes.append)
    return project.call("serve"), codes


def test_a_second_signal_says_what_becomes_of_what_was_in_flight(
    project: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    result, codes = ended(project, monkeypatch, interrupted)
    assert (result.exit_code, codes) == (130, [])
    assert result.stderr == "stopped at once: what was in flight is delivered again, where there is a state file\n"


def test_a_function_that_runs_on_does_not_keep_the_process(
    project: LiveProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    threads: list[threading.Thread] = []

    def run(*_: Any) -> None:
        threads.append(threading.Thread(target=let_go.wait, args=(LONG,)))
        threads[0].start()

    result, codes = ended(project, monkeypatch, run)
    assert (result.exit_code, codes) == (0, [0])
    let_go.set()
    threads[0].join(LONG)


class Gone(io.StringIO):
    """What nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)

    def flush(self) -> None:
        raise BrokenPipeError


def test_that_nobody_reads_the_log_any_more_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    let_go = threading.Event()
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(command, "_LAST_THREADS", 0.01)
    before = set(threading.enumerate())
    thread = threading.Thread(target=let_go.wait, args=(LONG,))
    thread.start()
    for stream in (Gone(), closed):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            command._say("a line")
            with pytest.raises(SystemExit):
                command._leave(0, before)
    assert codes == [0, 0]
    let_go.set()
    thread.join(LONG)


def test_a_process_ends_with_its_second_signal_though_a_function_in_it_does_not(
    project: LiveProject, server: StreamServer
) -> None:
    stream = server.enable()
    stream.fill(1)
    with project.started(*options(project, "--transition-seconds", "0", handler="endless")) as process:
        address = lines_until(process.stdout, "streamkit serve: listening on ")[-1].split()[-1]
        body = {"FunctionName": "orders", "EventSourceArn": stream.arn, "StartingPosition": "TRIM_HORIZON"}
        request = urllib.request.Request(  # noqa: S310  # our own
            f"{address}/2015-03-31/event-source-mappings", json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=LONG) as answer:  # noqa: S310  # as above
            assert answer.status == 202
        eventually((project.folder / "begun").exists)
        process.send_signal(signal.SIGINT)
        lines_until(process.stderr, "ending: what is in flight is finished")
        process.send_signal(signal.SIGINT)
        try:
            _, stderr = process.communicate(timeout=LONG)
        except subprocess.TimeoutExpired:
            pytest.fail("it does not end")
    assert process.returncode == 130
    assert stderr == "stopped at once: what was in flight is delivered again, where there is a state file\n"
