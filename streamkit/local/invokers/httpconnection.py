"""One connection of a runtime client. It never waits, so that one thread can look after all that a process does."""

from __future__ import annotations

from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING

from streamkit.local.invokers.httprequests import BadRequestError, RequestReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from socket import socket

    from streamkit.local.invokers.httprequests import Request
    from streamkit.local.invokers.runtimeapi import Reply

__all__ = ["HttpConnection"]

_READ_BYTES = 65_536
"""More would be mapped into memory and out again for each read, which takes longer than to read."""

_PACKED_BYTES = 262_144
"""Up to here a copy costs less than a second write."""

_PHRASES = {int(status): status.phrase for status in HTTPStatus}


class HttpConnection:
    """A connection that was accepted. ``max_body``: see `RequestReader`."""

    def __init__(self, accepted: socket, max_body: int) -> None:
        self.socket = accepted
        self.closed = False
        """Whether it is of no more use: the client closed it, or sent something that cannot be read."""
        self.last = False
        """Whether the client sends no other request on it."""
        self.watched_to_send = False
        """Whether its owner waits until the socket takes more."""
        self._reader = RequestReader(max_body)
        self._unsent: deque[memoryview] = deque()
        accepted.setblocking(False)

    @property
    def sending(self) -> bool:
        """Whether something is still to be sent: call `flush` when the socket takes more."""
        return bool(self._unsent)

    def receive(self) -> list[Request]:
        """Return the requests that are complete with what has come."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return []
        try:
            requests = self._reader.feed(data)
        except BadRequestError as error:
            self._send(error.status, {"Connection": "close"}, str(error).encode())
            self.closed = True
            return []
        if self._reader.wants_continue:
            self._reader.wants_continue = False
            self._unsent.append(memoryview(b"HTTP/1.1 100 Continue\r\n\r\n"))
            self.flush()
        return requests

    def reply(self, reply: Reply) -> None:
        """Answer a request; what the socket does not take now is sent by `flush`."""
        self._send(reply.status, reply.headers, reply.body)

    def flush(self) -> None:
        """Send what the socket takes."""
        try:
            while self._unsent:
                sent = self.socket.send(self._unsent[0])
                if sent == len(self._unsent[0]):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = self._unsent[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent.clear()
            self.closed = True

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        text = f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
        head = text.encode("latin-1", errors="replace")
        # One packet for what is small: two would wait for each other.
        if len(body) <= _PACKED_BYTES:
            self._unsent.append(memoryview(head + body))
        else:
            self._unsent += (memoryview(head), memoryview(body))
        self.flush()
