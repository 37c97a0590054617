"""A runtime client as small as can be, for tests that want one to misbehave."""

from __future__ import annotations

import sys
from textwrap import dedent
from typing import Any

from streamkit.local.invokers.lambdaruntime import LambdaRuntime

__all__ = ["ARN", "EVENT", "invoke", "runtime_of"]

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
EVENT = b'{"Records":[]}'

_CLIENT = """
import os, socket, sys, time

host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
API = "/2018-06-01/runtime/"

def connect():
    return socket.create_connection((host, int(port)))

line = connect()

def answer(on):
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        more = on.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\\r\\n\\r\\n")
    first, *lines = head.decode().split("\\r\\n")
    headers = dict(one.lower().split(": ", 1) for one in lines)
    while len(body) < int(headers.get("content-length", 0)):
        body += on.recv(65536)
    return int(first.split()[1]), headers, body

def send(method, path, body=b"", *headers, on=line):
    lines = [f"{method} {path} HTTP/1.1", f"Content-Length: {len(body)}", *headers, "", ""]
    on.sendall("\\r\\n".join(lines).encode() + body)

def ask(*request, on=line):
    send(*request, on=on)
    return answer(on)

def take():
    status, headers, body = ask("GET", API + "invocation/next")
    return headers["lambda-runtime-aws-request-id"]

def respond(id, body):
    return ask("POST", f"{API}invocation/{id}/response", body)

"""


def runtime_of(code: str, **settings: Any) -> LambdaRuntime:
    """Return a function under this runtime client; ``code`` is what it does."""
    command = [sys.executable, "-S", "-E", "-u", "-c", _CLIENT + dedent(code)]
    return LambdaRuntime("app.handler", command=command, **{"timeout": 30.0, "init_timeout": 30.0, **settings})


def invoke(runtime: LambdaRuntime, number: int = 1, event: bytes = EVENT) -> Any:
    """Run an invocation and return its answer."""
    return runtime.invoke(event, f"request-{number}", ARN)
