"""HTTP requests out of the bytes of a connection: what a runtime client sends, and nothing more of HTTP.

The standard library's server takes some 110 µs to read a head, where an invocation with its two heads takes 300 µs in
all, and refuses a line over 64 kB, where awslambdaric sends a failure's cause as one header of up to 1 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["BadRequestError", "Request", "RequestReader"]

MAX_HEAD_BYTES = 2 * 1_048_576
"""The longest head that is read: awslambdaric's cause of a failure is up to 1 MB of it."""

_MAX_LINE_BYTES = 8192
"""The longest line between the chunks of a body."""


class BadRequestError(Exception):
    """What a connection brought is no request; nothing more can be read from it. ``status``: how it is answered."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(slots=True)
class Request:
    """A request. ``headers``: by their names in lower case, those after a chunked body included."""

    method: str
    path: str
    headers: dict[str, str]
    keep_alive: bool = True
    body: bytearray = field(default_factory=bytearray)
    """Empty where it is longer than the reader's limit."""
    size: int = 0
    """How long the body is."""


class RequestReader:
    """Takes in bytes as they come, and gives out requests. ``max_body``: of a longer body only the size is kept."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._buffer = bytearray()
        self._searched = 0
        self._requests = self._read()
        self.wants_continue = False
        """Whether the client waits for "100 Continue" before it sends a body; who sends that sets it back."""

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that are complete with these bytes. Raises BadRequestError."""
        self._buffer += data
        done = []
        while (request := next(self._requests)) is not None:
            done.append(request)
        return done

    def _read(self) -> Generator[Request | None]:
        """Yield each request, and None whenever more bytes are needed."""
        while True:
            # Empty lines before a request are to be overlooked (RFC 9112, section 2.2).
            while not (head := (yield from self._until(b"\r\n\r\n", MAX_HEAD_BYTES)).strip(b"\r\n")):
                pass
            request, length = _request_of(head.decode("latin-1"))
            self.wants_continue = request.headers.get("expect", "").lower() == "100-continue"
            if length is None:
                yield from self._chunks(request)
            else:
                yield from self._body(request, length)
            self.wants_continue = False
            yield request

    def _until(self, end: bytes, most: int) -> Generator[None, None, bytes]:
        """Return what comes before ``end``, and drop both."""
        while (at := self._buffer.find(end, self._searched)) < 0:
            if len(self._buffer) > most:
                raise BadRequestError(431, f"it has more than {most} bytes before the end of a line or head")
            self._searched = max(0, len(self._buffer) - len(end))
            yield
        taken = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        self._searched = 0
        return taken

    def _body(self, request: Request, length: int) -> Generator[None]:
        request.size += length
        kept = request.size <= self._max_body
        if not kept:
            request.body.clear()
        while length:
            taken = min(length, len(self._buffer))
            if kept:
                request.body += self._buffer[:taken]
            del self._buffer[:taken]
            length -= taken
            if length:
                yield

    def _chunks(self, request: Request) -> Generator[None]:
        while True:
            line = yield from self._until(b"\r\n", _MAX_LINE_BYTES)
            size = line.partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                raise BadRequestError(400, f"no size of a chunk: {size!r:.80}") from None
            if length == 0:
                break
            yield from self._body(request, length)
            if (yield from self._until(b"\r\n", _MAX_LINE_BYTES)):
                raise BadRequestError(400, "a chunk is longer than it says")
        while line := (yield from self._until(b"\r\n", MAX_HEAD_BYTES)):
            request.headers |= _headers([line.decode("latin-1")])


def _request_of(head: str) -> tuple[Request, int | None]:
    """Return the request of a head, and how long its body is: None where it comes in chunks."""
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004  # method, target, version
        raise BadRequestError(400, f"no request line of HTTP/1: {first!r:.200}")
    method, target, version = words
    headers = _headers(lines)
    connection = headers.get("connection", "").lower()
    keep_alive = connection == "keep-alive" if version == "HTTP/1.0" else connection != "close"
    request = Request(method, target.partition("?")[0], headers, keep_alive)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return request, None
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequestError(400, f"no Content-Length: {length!r:.80}")
    return request, int(length)


def _headers(lines: list[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError(400, f"no header: {line!r:.200}")
        headers[name.strip().lower()] = value.strip()
    return headers
