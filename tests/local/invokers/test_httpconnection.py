from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from streamkit.local.invokers.httpconnection import HttpConnection
from streamkit.local.invokers.runtimeapi import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

POST = b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"


class Pair:
    """A connection, and its other side."""

    def __init__(self) -> None:
        accepted, self.other = socket.socketpair()
        self.other.settimeout(30)
        self.connection = HttpConnection(accepted, 100)

    def close(self) -> None:
        self.connection.socket.close()
        self.other.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def test_a_request_is_received_when_all_of_it_is_there(pair: Pair) -> None:
    assert pair.connection.receive() == []
    pair.other.sendall(POST[:10])
    assert pair.connection.receive() == []
    pair.other.sendall(POST[10:])
    (request,) = pair.connection.receive()
    assert bytes(request.body) == b"hi"
    assert not pair.connection.closed


def test_a_reply_is_sent_with_its_length(pair: Pair) -> None:
    pair.connection.reply(Reply(202, b"OK", {"X-Name": "value"}))
    assert pair.other.recv(1000) == b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nX-Name: value\r\n\r\nOK"
    assert not pair.connection.sending


def test_a_large_reply_is_sent_as_the_other_side_takes_it(pair: Pair) -> None:
    body = bytes(range(256)) * 24_000
    pair.connection.reply(Reply(200, body, {}))
    pair.connection.reply(Reply(202, b"", {}))
    assert pair.connection.sending
    got = b""
    while not got.endswith(b"202 Accepted\r\nContent-Length: 0\r\n\r\n"):
        got += pair.other.recv(1_000_000)
        pair.connection.flush()
    assert got.partition(b"\r\n\r\n")[2].startswith(body)
    assert not pair.connection.sending


def test_who_waits_for_a_continue_gets_it(pair: Pair) -> None:
    pair.other.sendall(b"POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert pair.connection.receive() == []
    assert pair.other.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    pair.other.sendall(b"hi")
    assert len(pair.connection.receive()) == 1


def test_what_is_no_request_is_answered_and_ends_the_connection(pair: Pair) -> None:
    pair.other.sendall(b"hello\r\n\r\n")
    assert pair.connection.receive() == []
    assert pair.connection.closed
    head, _, body = pair.other.recv(1000).partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 34\r\nConnection: close"
    assert body == b"no request line of HTTP/1: 'hello'"


def test_it_is_closed_when_the_other_side_closes_it(pair: Pair) -> None:
    pair.other.close()
    assert pair.connection.receive() == []
    assert pair.connection.closed


def test_it_is_closed_when_it_breaks(pair: Pair) -> None:
    pair.connection.socket.close()
    assert pair.connection.receive() == []
    assert pair.connection.closed


def test_what_nobody_takes_any_more_is_dropped(pair: Pair) -> None:
    pair.other.close()
    pair.connection.reply(Reply(200, b"x", {}))
    assert pair.connection.closed
    assert not pair.connection.sending
