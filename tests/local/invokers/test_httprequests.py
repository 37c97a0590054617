from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.invokers.httprequests import MAX_HEAD_BYTES, BadRequestError, Request, RequestReader

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 1000


def read(data: bytes, cuts: Sequence[int] = (), max_body: int = MOST) -> list[Request]:
    """Read the bytes in pieces, cut where it is said."""
    reader, requests, begin = RequestReader(max_body), [], 0
    for end in [*sorted(cuts), len(data)]:
        requests += reader.feed(data[begin:end])
        begin = end
    return requests


def only(data: bytes, max_body: int = MOST) -> Request:
    (request,) = read(data, max_body=max_body)
    return request


def test_a_request_has_its_method_path_headers_and_body() -> None:
    request = only(b"POST /a/b?c=d HTTP/1.1\r\nContent-Length: 5\r\nX-Error-Type:  Bad \r\n\r\nhello")
    assert (request.method, request.path, bytes(request.body), request.size) == ("POST", "/a/b", b"hello", 5)
    assert request.headers == {"content-length": "5", "x-error-type": "Bad"}


def test_one_without_a_length_has_no_body() -> None:
    request = only(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (bytes(request.body), request.size) == (b"", 0)


def test_a_body_in_chunks_is_put_together_and_what_follows_it_are_headers() -> None:
    request = only(
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\nA;extension=1\r\n, big worl\r\n1\r\nd\r\n0\r\nX-Error: late\r\n\r\n"
    )
    assert (bytes(request.body), request.size) == (b"hello, big world", 16)
    assert request.headers == {"transfer-encoding": "chunked", "x-error": "late"}


@pytest.mark.parametrize("size", [10, 11])
@pytest.mark.parametrize("chunked", [False, True])
def test_of_a_body_over_the_limit_only_the_size_is_kept(size: int, chunked: bool) -> None:
    head = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    body = b"4\r\nxxxx\r\n%x\r\n" % (size - 4) + b"x" * (size - 4) + b"\r\n0\r\n\r\n" if chunked else b"x" * size
    request = only(b"POST / HTTP/1.1\r\n" + head + b"\r\n\r\n" + body, max_body=10)
    assert request.size == size
    assert bytes(request.body) == (b"x" * 10 if size == 10 else b"")


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: keep-alive\r\n", True),
        ("1.1", "Connection: Close\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: Keep-Alive\r\n", True),
    ],
)
def test_a_connection_is_kept_as_its_version_and_header_say(version: str, connection: str, kept: bool) -> None:
    assert only(f"GET / HTTP/{version}\r\n{connection}\r\n".encode()).keep_alive is kept


def test_empty_lines_before_a_request_are_overlooked() -> None:
    for lines in (b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"):
        assert [one.path for one in read(lines + b"GET /a HTTP/1.1\r\n\r\n" + lines + b"GET /b HTTP/1.1\r\n\r\n")] == [
            "/a",
            "/b",
        ]


def test_who_expects_a_continue_waits_for_it_until_the_body_is_there() -> None:
    reader = RequestReader(MOST)
    assert reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n") == []
    assert reader.wants_continue
    assert len(reader.feed(b"ab")) == 1
    assert not reader.wants_continue


@pytest.mark.parametrize(
    ("data", "status", "problem"),
    [
        (b"hello\r\n\r\n", 400, "no request line of HTTP/1: 'hello'"),
        (b"GET / HTTP/2\r\n\r\n", 400, "no request line of HTTP/1: 'GET / HTTP/2'"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "no header: 'no colon'"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "no Content-Length: '-1'"),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", 400, "no Content-Length: '²'"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400, "no size of a chunk: b'x'"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400, "a chunk is longer than it says"),
        (b"G" * (MAX_HEAD_BYTES + 1), 431, "it has more than 2097152 bytes before the end of a line or head"),
    ],
)
def test_what_is_no_request_is_refused_with_a_status(data: bytes, status: int, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        read(data)
    assert (caught.value.status, str(caught.value)) == (status, problem)


def test_a_header_of_a_megabyte_is_read_as_awslambdaric_sends_one() -> None:
    cause = "c" * 1_048_575
    assert only(f"POST / HTTP/1.1\r\nX-Cause: {cause}\r\n\r\n".encode()).headers["x-cause"] == cause


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, str, bytes, str]:
    """Return the bytes of a request, and its path, body and a header's value."""
    path = "/" + draw(st.text("abc/", max_size=5))
    body = draw(st.binary(max_size=30))
    value = draw(st.text("xyz:", max_size=5))
    head = f"POST {path} HTTP/1.1\r\nX-Value: {value}\r\n"
    if not draw(st.booleans()):
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, path, body, value
    chunks = []
    left = body
    while left:
        size = draw(st.integers(1, len(left)))
        chunks.append(b"%x\r\n" % size + left[:size] + b"\r\n")
        left = left[size:]
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + b"".join(chunks) + b"0\r\n\r\n", path, body, value


@given(st.lists(requests(), min_size=1, max_size=4), st.data())
def test_however_the_bytes_are_cut_the_requests_are_the_same(
    sent: list[tuple[bytes, str, bytes, str]], data: st.DataObject
) -> None:
    told = b"".join(draw[0] + data.draw(st.sampled_from([b"", b"\r\n", b"\r\n\r\n"])) for draw in sent)
    cuts = data.draw(st.lists(st.integers(0, len(told)), max_size=20))
    got = read(told, cuts)
    assert [(one.path, bytes(one.body), one.headers["x-value"]) for one in got] == [one[1:] for one in sent]
    assert [one.size for one in got] == [len(one[2]) for one in sent]
