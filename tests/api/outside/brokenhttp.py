"""Bytes that are no HTTP, or almost."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["broken_http"]


def broken_http(chance: random.Random) -> bytes:
    """Return a request that breaks a rule of HTTP, or ends before its end."""
    path = b"/2015-03-31/event-source-mappings"
    head = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n" % path
    lengths = (b"-1", b"+5", b"0x10", b"5, 5", b"5,6", b"", b"9" * 30, b"five", b"100", b" 5 5")
    choices: tuple[Callable[[], bytes], ...] = (
        lambda: chance.randbytes(chance.randrange(1, 500)) + b"\r\n\r\n",
        lambda: b"GET\r\n\r\n",
        lambda: b"P\xd6ST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path,
        lambda: b"GET %s\r\n\r\n" % path,
        lambda: b"GET %s\xc3\xa9 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path,
        lambda: b"GET %s HTTP/%s\r\nHost: a\r\n\r\n" % (path, chance.choice((b"9.9", b"2.0", b"1.2", b"one", b""))),
        lambda: b"GET  %s  HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path,
        lambda: b"GET %s\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path,
        lambda: b"\r\n" * chance.randrange(1, 50) + b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9,
        lambda: head + b"Content-Length: " + chance.choice(lengths) + b"\r\n\r\n{}",
        lambda: head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        lambda: head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        lambda: (
            head
            + b"Transfer-Encoding: "
            + chance.choice((b"gzip", b"chunked, gzip", b"chunk", b"identity"))
            + b"\r\n\r\n{}"
        ),
        lambda: (
            head
            + b"Transfer-Encoding: chunked\r\n\r\n"
            + chance.choice(
                (b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"2\r\n{}", b"2\r\n{}}\r\n", b"5\r\n{}\r\n0\r\n\r\n")
            )
        ),
        lambda: head + b"No colon here\r\n\r\n",
        lambda: head + b": nameless\r\n\r\n",
        lambda: head + b"Bad Name: x\r\n\r\n",
        lambda: head + b"X: a\x00b\r\nY: \x01\r\n\r\n",
        lambda: head + b" folded: x\r\n y\r\n\r\n",
        lambda: head + b"X: " + b"y" * chance.choice((10_000, 70_000, 100_000)) + b"\r\n\r\n",
        lambda: head + b"X: y\r\n" * chance.choice((200, 12_000)) + b"\r\n",
        lambda: b"GET /" + b"x" * chance.choice((10_000, 100_000)) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        lambda: b"GET %s HTTP/1.1\r\n\r\n" % path,
        lambda: b"GET %s HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" % path,
        lambda: b"GET %s HTTP/1.1\nHost: 127.0.0.1\n\n" % path,
        lambda: head + b"Content-Length: 1000\r\n\r\n{",
        lambda: head[: chance.randrange(1, len(head))],
    )
    return chance.choice(choices)()
