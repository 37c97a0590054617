"""Who may use the server, and what it tells whom: it runs functions for whoever reaches it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import QUICKLY, ROOT, Around, Server, eventually, served
from tests.api.outside.wire import Connection, request

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = b"/2015-03-31/event-source-mappings"
INVOKE = b"/2015-03-31/functions/my-function/invocations"
SECRETS = {
    "token": "FwoGZXIvYXdzE-secret-token",
    "signature": "0d15ea5e-secret-signature",
    "item": "0042-4711-secret-item",
    "payload": "1337-secret-payload",
    "key": "wJalr-secret-access-key",
}


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[Connection]:
    with Connection(server.port) as connection:
        yield connection


def raw(method: str, target: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """Return a request with these headers only, and the length of its body."""
    head = [f"{method} ".encode() + target + b" HTTP/1.1", *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "host",
    [b"127.0.0.1", b"127.0.0.1:80", b"localhost:9301", b"LocalHost", b"localhost.:1", b"lambda.localhost", b"[::1]:5"],
)
def test_the_machines_own_names_are_answered(host: bytes, wire: Connection) -> None:
    assert wire.ask(raw("GET", LIST, b"Host: " + host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        b"example.org",
        b"example.org:9301",
        b"localhost.example.org",
        b"127.0.0.1.example.org",
        b"127.0.0.1@example.org",
        b"notlocalhost",
        b"10.0.0.1",
        b"[::2]",
        b"0x7f000001",
        b"127.0.0.1:x",
        b"127.0.0.1, example.org",
    ],
)
def test_a_name_that_leads_here_from_elsewhere_is_refused(host: bytes, wire: Connection, server: Server) -> None:
    before = server.noted()
    for sent in (raw("GET", LIST, b"Host: " + host), raw("POST", INVOKE, b"Host: " + host, body=b'{"Records": []}')):
        answer = wire.ask(sent)
        assert answer.status in (400, 403)
        if answer.status == 403:
            told = json.loads(answer.body)
            assert told["Type"] == "User"
            assert "127.0.0.1, localhost" in told["message"]
            assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"
    assert server.noted() == before


@pytest.mark.parametrize(
    "header",
    [
        b"Origin: https://example.org",
        b"Origin: http://127.0.0.1.example.org",
        b"Origin: null",
        b"Origin: file://",
        b"Origin: ",
        b"Origin: http://localhost@example.org",
        b"Origin: chrome-extension://abcdefgh",
        b"Sec-Fetch-Site: cross-site",
    ],
)
def test_a_web_page_of_another_site_runs_nothing(header: bytes, wire: Connection, server: Server) -> None:
    before = server.noted()
    # A form, and a fetch without a preflight: the kinds that a browser sends without asking first.
    for kind in (b"text/plain", b"application/x-www-form-urlencoded", b"application/json"):
        sent = raw("POST", INVOKE, b"Host: 127.0.0.1", header, b"Content-Type: " + kind, body=b'{"Records": []}')
        answer = wire.ask(sent)
        assert answer.status == 403
        assert json.loads(answer.body)["Type"] == "User"
    assert server.noted() == before


def test_a_page_of_this_machine_may(wire: Connection) -> None:
    for origin in (b"http://localhost:3000", b"http://127.0.0.1", b"https://[::1]:8443"):
        headers = (b"Host: 127.0.0.1", b"Origin: " + origin, b"Sec-Fetch-Site: same-site")
        assert wire.ask(raw("GET", LIST, *headers)).status == 200


def test_no_browser_is_told_that_it_may(wire: Connection) -> None:
    asks = (
        raw("OPTIONS", INVOKE, b"Host: 127.0.0.1", b"Origin: http://localhost", b"Access-Control-Request-Method: POST"),
        raw("GET", LIST, b"Host: 127.0.0.1", b"Origin: http://localhost"),
    )
    for sent, allowed in zip(asks, ((403, 404, 405), (200,)), strict=True):
        answer = wire.ask(sent)
        assert answer.status in allowed
        assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nobody_else_can_reach_it(server: Server) -> None:
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, port = local.split(":")
            if state == "0A" and int(port, 16) == server.port:
                listening.append(address)
    # 127.0.0.1, its bytes turned round.
    assert listening == ["0100007F"]


def test_another_address_is_wanted_explicitly_and_says_what_it_means(around: Around, tmp_path: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104  # what is looked at
    with Server(around, tmp_path, "--host", everywhere, *served("echo")) as server:
        warning = f"everybody who reaches {everywhere} can run these functions"
        eventually(server.log, lambda seen: warning in seen)
        with Connection(server.port) as wire:
            # The names of this machine in its network are not known; its own pages' are.
            assert wire.ask(raw("GET", LIST, b"Host: build.example.org")).status == 200
            headers = (b"Host: build.example.org", b"Origin: https://example.com")
            assert wire.ask(raw("GET", LIST, *headers)).status == 403


def test_no_secret_is_written_down(around: Around, tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    environment = {"AWS_SECRET_ACCESS_KEY": SECRETS["key"]}
    options = (*QUICKLY, "--state", str(state), *served("my-function", "echo"))
    with Server(around, tmp_path, *options, environment=environment) as server, Mappings(server) as mappings:
        mappings.made(around.table("secrets"), MaximumRetryAttempts=0)
        around.put("secrets", 1, note={"S": SECRETS["item"]})
        around.put("secrets", 2, note={"S": SECRETS["item"]}, poison={"S": SECRETS["item"]})
        eventually(lambda: server.numbers("my-function"), lambda seen: seen == [1, 2])
        authorization = (
            b"AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-2/lambda/aws4_request, SignedHeaders=host, "
            b"Signature=" + SECRETS["signature"].encode()
        )
        headers = ((b"Authorization", authorization), (b"X-Amz-Security-Token", SECRETS["token"].encode()))
        payload = json.dumps({"Records": [], "note": SECRETS["payload"]}).encode()
        answers = []
        with Connection(server.port) as wire:
            for method, target, body in (
                ("GET", LIST, b""),
                ("POST", LIST, payload),
                ("PUT", LIST + b"/x", payload[:-1]),
                ("POST", INVOKE, payload),
                ("GET", b"/2015-03-31/functions/my-function", b""),
                ("GET", b"/2015-03-31/functions", b""),
                ("GET", b"/nowhere", b""),
            ):
                answers.append(wire.ask(request(method, target, body, headers)).body)
        server.stop()
        written = server.log().encode() + b"".join(path.read_bytes() for path in tmp_path.glob("state.db*"))
        for name, secret in SECRETS.items():
            assert secret.encode() not in written, name
            assert secret.encode() not in b"".join(answers), name


def test_no_answer_but_a_functions_own_stack_tells_where_things_lie(wire: Connection) -> None:
    answers = [
        wire.ask(request(method, target, body)).body
        for method, target, body in (
            ("GET", b"/", b""),
            ("GET", LIST + b"/%00", b""),
            ("POST", LIST, b"{"),
            ("POST", LIST, b"[]"),
            ("GET", b"/2015-03-31/functions", b""),
            ("GET", b"/2015-03-31/functions/my-function", b""),
            ("POST", b"/2015-03-31/functions/nobody/invocations", b"{}"),
            ("GET", b"/2017-03-31/tags/x", b""),
        )
    ]
    assert all(answers)
    for place in (str(ROOT), str(Path.home()), sys.prefix, "site-packages"):
        assert place.encode() not in b"".join(answers)


@pytest.mark.parametrize(
    ("target", "most"),
    [(LIST, 1_048_576), (LIST + b"/x", 1_048_576), (INVOKE.replace(b"my-function", b"echo"), 6_291_456)],
)
def test_a_body_that_is_too_large_is_refused(target: bytes, most: int, server: Server, wire: Connection) -> None:
    method = "PUT" if target.endswith(b"/x") else "POST"
    answer = wire.ask(request(method, target, b'"' + b"x" * most + b'"'))
    assert answer.status == 413
    assert answer.headers["x-amzn-errortype"] == "RequestEntityTooLargeException"
    assert str(most) in json.loads(answer.body)["message"]
    # And nobody waits for what is only announced.
    began = time.monotonic()
    with Connection(server.port) as other:
        head = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000000000\r\n\r\n" % (method.encode(), target)
        assert other.ask(head + b"x" * (most + 1)).status == 413
    assert time.monotonic() - began < 10


def test_who_sends_slowly_keeps_nobody_waiting_nor_the_server_from_ending(around: Around, tmp_path: Path) -> None:
    with ExitStack() as opened:
        server = opened.enter_context(Server(around, tmp_path, *served("echo")))
        for number in range(200):
            slow = opened.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            slow.sendall(
                (b"", b"GET ", b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{" % LIST)[number % 3]
            )
        with Connection(server.port) as wire:
            began = time.monotonic()
            for _ in range(20):
                assert wire.ask(request("GET", LIST)).status == 200
            assert time.monotonic() - began < 10
        began = time.monotonic()
        assert server.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began < 15


def test_a_log_that_nobody_reads_costs_nothing(around: Around, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        server = Server(around, tmp_path, *QUICKLY, *served("my-function", "echo"), log=write)
    finally:
        os.close(write)
    with server, Mappings(server) as mappings:
        mappings.made(around.table("unheard"), MaximumRetryAttempts=0)
        # The first is told of when it is discarded; a refusal and an invocation are told of too.
        around.put("unheard", 1, poison={"S": "yes"})
        eventually(server.numbers, len)
        around.put("unheard", 2)
        eventually(server.numbers, lambda seen: seen[-1] == 2)
        with Connection(server.port) as wire:
            assert wire.ask(request("GET", b"/nowhere")).status == 404
            echo = b"/2015-03-31/functions/echo/invocations"
            assert wire.ask(request("POST", echo, b"{}")).status == 200
        assert server.stop() == 0
