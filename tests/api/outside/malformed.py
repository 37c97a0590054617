"""Requests that are wrong in some way, as chance has it.

None of them may change anything: those about the mapping that there is always hold something that must be refused, and
those that would make another name a stream that there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.api.outside.brokenhttp import broken_http
from tests.api.outside.oddities import GONE, ODD_NUMBERS, ODD_TEXTS, broken_json, fitting, mutated, odd, text_of
from tests.api.outside.wire import request

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

__all__ = ["Malformed", "Target", "malformed"]

_MAPPINGS = "/2015-03-31/event-source-mappings"
_FUNCTIONS = "/2015-03-31/functions"
_TAGS = "/2017-03-31/tags"
_UNKNOWN = "00000000-0000-4000-8000-000000000000"
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO", "get")
_PATHS = (
    "/",
    "//",
    "/2015-03-31",
    "/2015-03-31/event-source-mapping",
    "/2015-03-32/event-source-mappings",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/../../etc/passwd",
    "/2015-03-31/../2015-03-31/event-source-mappings/x",
    "/2015-03-31/functions//invocations",
    "/2015-03-31/functions/%/invocations",
    "/2015-03-31/functions/echo/invocations/extra",
    "/2017-03-31/tags/",
    "*",
    "http://example.org/2015-03-31/event-source-mappings/x",
    "/2020-04-22/code-signing-configs",
    "/\x7f",
)
_ODD_HEADERS = (
    (b"Content-Type", b"text/plain"),
    (b"Content-Type", b"application/x-www-form-urlencoded"),
    (b"Content-Type", b"multipart/form-data; boundary=" + b"-" * 80),
    (b"Content-Type", b"application/json; charset=utf-16"),
    (b"Content-Type", b"\xff\xfe"),
    (b"Content-Encoding", b"gzip"),
    (b"Accept", b"image/png"),
    (b"Accept-Encoding", b"*;q=0"),
    (b"Authorization", b"AWS4-HMAC-SHA256"),
    (b"Authorization", b"AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=, Signature="),
    (b"Authorization", b"AWS4-HMAC-SHA256 Credential=A/20260101/" + b"\xe9" * 40 + b"/lambda/aws4_request"),
    (b"Authorization", b"AWS4-HMAC-SHA256 Credential=A/20260101/../../x/lambda/aws4_request"),
    (b"Authorization", b"Basic " + b"x" * 5_000),
    (b"X-Amz-Date", b"yesterday"),
    (b"X-Amz-Security-Token", b"\x80" * 200),
    (b"X-Amz-Invocation-Type", b"Sometimes"),
    (b"X-Amz-Invocation-Type", b"\xff"),
    (b"X-Amz-Log-Type", b"Everything"),
    (b"X-Amz-Client-Context", b"not base64 at all"),
    (b"X-Amz-Client-Context", b"e30="),
    (b"X-Amz-Target", b"AWSLambda.CreateEventSourceMapping"),
    (b"X-HTTP-Method-Override", b"DELETE"),
    (b"X-Forwarded-For", b"203.0.113.1"),
    (b"Range", b"bytes=0-"),
    (b"If-Match", b"*"),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade, HTTP2-Settings"),
    (b"Expect", b"the unexpected"),
    (b"Cookie", b"a=b; " * 500),
)


@dataclass(frozen=True)
class Target:
    """The mapping that must not be harmed."""

    uuid: str
    arn: str
    stream: str
    function: str
    shapes: Mapping[str, Any]
    """AWS's own description of what its operations take, by their names."""


@dataclass(frozen=True)
class Malformed:
    """What is sent. ``framed``: whether it is sound as HTTP, so that the API is to answer as AWS's does."""

    kind: str
    sent: bytes
    framed: bool


def malformed(chance: random.Random, target: Target) -> Malformed:
    """Return a request. Each kind comes about as often as the others."""
    kind, make = chance.choice(list(_MAKERS.items()))
    made = make(chance, target)
    sent = made if isinstance(made, bytes) else request(made[0], made[1], made[2], _headers(chance))
    return Malformed(kind, sent, not isinstance(made, bytes))


def _headers(chance: random.Random) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(chance.sample(_ODD_HEADERS, chance.choice((0, 0, 0, 1, 2))))


def _create(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    valid = {
        **fitting(chance, target.shapes["CreateEventSourceMapping"]),
        # There, with a mapping already; or, less often since to look for it takes a while, not there.
        "EventSourceArn": GONE if chance.random() < 0.05 else target.stream,
        "FunctionName": target.function,
        "StartingPosition": chance.choice(("LATEST", "TRIM_HORIZON")),
    }
    return "POST", _MAPPINGS.encode(), text_of(chance, mutated(chance, valid))


def _update(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    body = mutated(chance, fitting(chance, target.shapes["UpdateEventSourceMapping"]))
    refused = chance.choice(('"BatchSize": 0', '"MaximumRetryAttempts": "x"', '"FunctionName": "nobody"'))
    sent = text_of(chance, body, refused=refused) if isinstance(body, dict) else text_of(chance, body)
    return "PUT", f"{_MAPPINGS}/{target.uuid}".encode(), sent


def _bad_uuid(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    texts = (_UNKNOWN, f"{target.uuid}x", target.uuid[:-1], target.uuid.replace("-", ""), *ODD_TEXTS[1:])
    path = f"{_MAPPINGS}/{quote(chance.choice(texts), safe=chance.choice(('', '/:')), errors='replace')}"
    return chance.choice(("GET", "PUT", "DELETE")), path.encode(), chance.choice((b"", b"{}", b'{"BatchSize": 7}'))


def _bad_body(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    method, path = chance.choice(
        (
            ("POST", _MAPPINGS),
            ("POST", f"{_TAGS}/{quote(target.arn, safe='')}"),
            ("POST", f"{_FUNCTIONS}/echo/invocations"),
        )
    )
    return method, path.encode(), broken_json(chance)


def _tags(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    arn = quote(chance.choice((target.arn, target.arn[:-1], "arn:aws:s3:::bucket", "x", "%")), safe=":/")
    if chance.random() < 0.3:
        keys = "&".join(f"tagKeys={quote(text, errors='replace')}" for text in chance.sample(ODD_TEXTS, 3))
        return "DELETE", f"{_TAGS}/{arn}?{chance.choice((keys, '', 'tagKeys', '&&=&'))}".encode(), b""
    tags = {"Tags": {**_odd_tags(chance), "refused": chance.choice(([], {}, 1, "v" * 300))}}
    body: Any = chance.choice((tags, {"Tags": [tags]}, {"tags": {}}, {"Tags": None}, {}))
    return "POST", f"{_TAGS}/{arn}".encode(), text_of(chance, body)


def _odd_tags(chance: random.Random) -> dict[str, Any]:
    return {chance.choice(ODD_TEXTS): odd(chance, 2) for _ in range(chance.randint(0, 60))}


def _query(chance: random.Random, _target: Target) -> tuple[str, bytes, bytes]:
    names = ("MaxItems", "Marker", "EventSourceArn", "FunctionName", "Qualifier", "FunctionVersion", "nothing", "")
    pairs = [
        f"{chance.choice(names)}={quote(chance.choice((*ODD_TEXTS, *map(str, ODD_NUMBERS[:7]))), errors='replace')}"
        for _ in range(chance.randint(1, 4))
    ]
    query = "&".join(pairs) + chance.choice(("", "", "&%zz", "&%00", "&=&=", ";", "&MaxItems=%ff"))
    path = chance.choice((_MAPPINGS, _FUNCTIONS, f"{_FUNCTIONS}/echo", f"{_FUNCTIONS}/echo/versions"))
    return "GET", f"{path}?{query}".encode(), b""


def _elsewhere(chance: random.Random, target: Target) -> tuple[str, bytes, bytes]:
    path = chance.choice((*_PATHS, _MAPPINGS, _FUNCTIONS, f"{_FUNCTIONS}/echo", _TAGS, f"{_MAPPINGS}/{_UNKNOWN}"))
    wrong = chance.choice(("", "", "%", "%zz", "%u0041", "%00", "%ff", "%c0%af", "/", "//", ";x=y", "#f"))
    method = chance.choice(_METHODS)
    if (method, path, wrong.strip("/")) == ("POST", _MAPPINGS, ""):
        method = "PATCH"
    return method, (path + wrong).encode("latin-1"), chance.choice((b"", b"{}"))


def _functions(chance: random.Random, _target: Target) -> tuple[str, bytes, bytes]:
    name = quote(chance.choice(("echo", "nobody", "echo:gone", *ODD_TEXTS[1:])), safe="", errors="replace")
    path = f"{_FUNCTIONS}/{name}/" + chance.choice(
        ("invocations", "configuration", "aliases", "aliases/%00", "versions")
    )
    body = text_of(chance, odd(chance))
    return ("POST" if path.endswith("invocations") else "GET"), path.encode(), body


_MAKERS: dict[str, Callable[[random.Random, Target], tuple[str, bytes, bytes] | bytes]] = {
    "a create with odd members": _create,
    "an update with odd members": _update,
    "an odd UUID": _bad_uuid,
    "a body that is no JSON": _bad_body,
    "odd tags": _tags,
    "an odd query": _query,
    "another path or method": _elsewhere,
    "an odd function": _functions,
    "no HTTP": lambda chance, _: broken_http(chance),
}
