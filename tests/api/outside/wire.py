"""HTTP as bytes: what no client library would send, and what comes back."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field
from typing import Self

__all__ = ["Connection", "WireAnswer", "request"]

PATIENCE = 20.0
"""How long an answer may take, in seconds: longer is a hang."""


@dataclass(frozen=True)
class WireAnswer:
    """What came back. ``status`` 0: the connection was closed without a word."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def closes(self) -> bool:
        """Whether nothing can follow on this connection."""
        return self.status == 0 or self.headers.get("connection", "").lower() == "close"


def request(method: str, target: bytes, body: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """Return a request whose frame is sound, whatever it is about."""
    head = [b"%s %s HTTP/1.1" % (method.encode(), target), b"Host: 127.0.0.1"]
    head += [b"%s: %s" % header for header in headers]
    head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class Connection:
    """A connection that is opened again when it was closed. Raises TimeoutError where no answer comes in time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._read = b""

    def ask(self, sent: bytes, *, last: bool = False) -> WireAnswer:
        """Send bytes and return the answer.

        ``last``: nothing more is sent afterwards, and the other side is told so.
        """
        fresh = self._socket is None
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._read = b""
        with contextlib.suppress(OSError):
            # It may be refused before it was sent to its end; the answer is there all the same.
            self._socket.sendall(sent)
            if last:
                self._socket.shutdown(socket.SHUT_WR)
        try:
            answer = self._answer(bodiless=sent.startswith(b"HEAD "))
        except ConnectionError:
            answer = WireAnswer(0)
        if answer.closes or last:
            self.close()
        if answer.status == 0 and not fresh:
            # Closed since the last answer, which is the server's right: this one was not seen by anybody.
            return self.ask(sent, last=last)
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, *, bodiless: bool) -> WireAnswer:
        while b"\r\n\r\n" not in self._read:
            if not self._more():
                return WireAnswer(0)
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        if status == 100:
            return self._answer(bodiless=bodiless)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if bodiless or status in (204, 304):
            body = b""
        elif "content-length" in headers:
            length = int(headers["content-length"])
            while len(self._read) < length and self._more():
                pass
            body, self._read = self._read[:length], self._read[length:]
        else:
            while self._more():
                pass
            body, self._read = self._read, b""
            headers["connection"] = "close"
        return WireAnswer(status, headers, body)

    def _more(self) -> bool:
        assert self._socket is not None
        part = self._socket.recv(65536)
        self._read += part
        return bool(part)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
