"""The socket, the signals, the end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.functionmodel import DEFAULT_TIMEOUT
from streamkit.api.functions import DEFAULT_ACCOUNT
from streamkit.api.server import AddressError, listening_socket, serve
from streamkit.api.service import ServiceOptions
from streamkit.api.starting import ServerSettings, run_server
from streamkit.errors import StreamkitError
from tests.api.serverbuild import LONG, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Asking:
    """What is asked of a server, from another thread, once it is ready; then it gets its signals."""

    def __init__(self, asks: Callable[[int], object], *signals: int) -> None:
        self._asks = asks
        self._signals = signals
        self.port = 0
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def ready(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._asks(self.port)
        except BaseException as error:  # noqa: BLE001  # raised where the test looks
            self.error = error
        for place, number in enumerate(self._signals):
            if place:
                # The one before was seen: two that come at once may be one.
                eventually(lambda: not self._listens())
            os.kill(os.getpid(), number)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def done(self) -> None:
        self._thread.join(LONG)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


@contextmanager
def signals_kept() -> Iterator[None]:
    """Hold that the block leaves the signals as they were."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def get(port: int, path: str = "/") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def served(application: Any, asks: Callable[[int], object], *signals: int) -> Asking:
    asking = Asking(asks, *signals)
    with listening_socket("127.0.0.1", 0) as listening:
        asking.port = listening.getsockname()[1]
        with signals_kept():
            try:
                serve(application, listening, asking.ready)
            finally:
                asking.done()
    return asking


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_from_the_moment_it_is_ready_until_a_signal(number: int) -> None:
    asking = served(hello, lambda port: [get(port, "/a") for _ in range(3)], number)
    with pytest.raises(ConnectionRefusedError):
        get(asking.port)


def test_an_answer_says_nothing_of_what_serves_it() -> None:
    def look(port: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)) as connection:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            assert answer.getheader("Server") is None

    served(hello, look, signal.SIGTERM)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_next_is_answered(sent: bytes) -> None:
    def ask(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
            connection.sendall(sent + b"\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 400")
        assert get(port, "/a") == (200, b"/a")

    served(hello, ask, signal.SIGTERM)


def test_answers_on_a_kept_connection_do_not_wait_for_each_other() -> None:
    with listening_socket("127.0.0.1", 0) as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_waits_for_nobody(second: int) -> None:
    begun = threading.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await receive()
        await receive()

    def ask(port: int) -> None:
        connection = socket.create_connection(("127.0.0.1", port), timeout=LONG)
        connections.append(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert begun.wait(LONG)

    connections: list[socket.socket] = []
    with pytest.raises(KeyboardInterrupt):
        served(endless, ask, signal.SIGTERM, second)
    connections[0].close()


def test_a_signal_before_it_is_ready_ends_it_before_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[int] = []
    with listening_socket("127.0.0.1", 0) as listening, signals_kept():
        # What uvicorn does first of all in its loop.
        monkeypatch.setattr("uvicorn.Config.load", _signalled())
        application: Any = hello
        serve(application, listening, lambda: ready.append(1))
    assert ready == []


def _signalled() -> Callable[[Any], None]:
    import uvicorn  # noqa: PLC0415  # an extra

    load = uvicorn.Config.load

    def loaded(config: Any) -> None:
        load(config)
        os.kill(os.getpid(), signal.SIGTERM)

    return loaded


def test_a_port_that_is_taken_is_told_with_what_helps() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressError) as caught:
            listening_socket("127.0.0.1", port)
    text = str(caught.value)
    assert text.startswith(f"127.0.0.1 port {port} cannot be listened on: ")
    assert text.endswith("; give another --port (0 is any that is free), or end what listens there")


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no such host", 0), ("a" * 64, 0), ("", 0)])
def test_an_address_that_is_none_of_this_machine_s_is_told(host: str, port: int) -> None:
    with pytest.raises(AddressError, match=f"{host} port {port} cannot be listened on: "):
        listening_socket(host, port)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_is_an_address_like_others() -> None:
    try:
        listening = listening_socket("::1", 0)
    except AddressError:
        pytest.skip("this machine has no ::1")
    with listening:
        assert listening.family == socket.AF_INET6


class Started:
    """What `run_server` does with settings until a signal ends it."""

    def __init__(self, **settings: Any) -> None:
        self.said: list[str] = []
        self.addresses: list[str] = []
        self.asked: list[Any] = []
        given = {"functions": ["orders=app:handler"], "in_process": True, **settings}
        self.settings = ServerSettings(**given)

    def run(self, *paths: str) -> Started:
        asking = Asking(lambda port: self.asked.extend(get(port, path) for path in paths), signal.SIGTERM)

        def ready(address: str) -> None:
            self.addresses.append(address)
            asking.port = int(address.rpartition(":")[2])
            asking.ready()

        try:
            run_server(self.settings, lambda _: lambda event, context: None, self.said.append, ready)
        finally:
            if self.addresses:
                asking.done()
        return self


def test_a_server_says_what_it_has_where_it_is_and_that_it_ends() -> None:
    started = Started().run("/2015-03-31/functions/orders/configuration")
    assert started.said == [
        "function orders: app:handler",
        "note: without --state FILE mappings and checkpoints are gone when this ends",
        "ending: what is in flight is finished",
    ]
    (address,) = started.addresses
    assert address.startswith("http://127.0.0.1:")
    ((status, body),) = started.asked
    assert status == 200
    assert f":{DEFAULT_ACCOUNT}:function:orders".encode() in body
    assert f'"Timeout": {DEFAULT_TIMEOUT}'.encode() in body


def test_settings_of_functions_are_passed_on(tmp_path: Path) -> None:
    file = tmp_path / "functions.json"
    file.write_text('[{"FunctionName": "more", "Handler": "app.handler"}]', encoding="utf-8")
    service = ServiceOptions(state=tmp_path / "state.db", loopback=False, region="eu-west-1")
    started = Started(functions_file=str(file), account="000000000001", timeout=77, service=service)
    started.run("/2015-03-31/functions/more/configuration")
    assert started.said[:3] == [
        "function orders: app:handler",
        "function more: app:handler",
        "warning: everybody who reaches 127.0.0.1 can run these functions",
    ]
    assert not [line for line in started.said if "without --state" in line]
    ((_, body),) = started.asked
    assert b'"Timeout": 77' in body
    assert b"arn:aws:lambda:eu-west-1:000000000001:function:more" in body


def test_an_ipv6_address_is_in_brackets() -> None:
    try:
        listening_socket("::1", 0).close()
    except AddressError:
        pytest.skip("this machine has no ::1")
    started = Started(host="::1")
    asking = Asking(lambda _: None, signal.SIGTERM)

    def ready(address: str) -> None:
        started.addresses.append(address)
        asking.ready()

    run_server(started.settings, lambda _: lambda event, context: None, started.said.append, ready)
    asking.done()
    assert started.addresses[0].startswith("http://[::1]:")


def test_a_server_without_functions_is_none() -> None:
    with pytest.raises(StreamkitError, match="no function is named: give --function NAME=MODULE:ATTRIBUTE"):
        Started(functions=[]).run()


def test_a_port_that_is_taken_starts_nothing() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        started = Started(port=taken.getsockname()[1])
        with pytest.raises(AddressError):
            started.run()
    assert started.said == []


def test_an_end_does_not_wait_for_a_function_that_was_invoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamkit.api.server._LAST_ANSWERS", 0)
    begun, let_go, ended = threading.Event(), threading.Event(), threading.Event()

    def handler(event: Any, context: Any) -> None:
        begun.set()
        let_go.wait(LONG)
        ended.set()

    def invoke(port: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)) as connection:
            connection.request("POST", "/2015-03-31/functions/orders/invocations", b"{}")
            assert begun.wait(LONG)

    asking = Asking(invoke, signal.SIGTERM)

    def ready(address: str) -> None:
        asking.port = int(address.rpartition(":")[2])
        asking.ready()

    settings = ServerSettings(functions=["orders=app:handler"], in_process=True)
    before = set(threading.enumerate())
    run_server(settings, lambda _: handler, lambda _: None, ready)
    asking.done()
    assert not ended.is_set()
    let_go.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(LONG)
