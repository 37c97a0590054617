"""The ASGI application: HTTP to operations and back, with whatever goes wrong answered as AWS answers."""

from __future__ import annotations

import json
import traceback
import uuid
from typing import TYPE_CHECKING

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from streamkit.api.browsers import refuse_browsers
from streamkit.api.calls import Answer, Call, region_of
from streamkit.api.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from streamkit.api.operations import Operation, Operations

__all__ = ["Application"]

_FUNCTIONS_AT_ONCE = 1_000
"""As many as an account runs at once."""


class Application:
    """Answers requests. ``region``: of those that are not signed. ``say`` gets a line for each that changes something.

    ``loopback``: whether it is there for this machine alone.
    """

    def __init__(
        self, operations: Operations, say: Callable[[str], object], *, region: str, loopback: bool = True
    ) -> None:
        self._operations = operations
        self._say = say
        self._region = region
        self._loopback = loopback
        self._functions: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":  # uvicorn is started without lifespan and websockets
            raise RuntimeError(f"the API is HTTP, not {scope['type']}")
        request = Request(scope, receive)
        request_id = str(uuid.uuid4())
        try:
            answer = await self._answered(request, request_id)
        except ClientDisconnect:
            return
        headers = {"x-amzn-RequestId": request_id, **answer.headers}
        await Response(answer.body, answer.status, headers)(scope, receive, send)

    async def _answered(self, request: Request, request_id: str) -> Answer:
        name = request.method
        try:
            headers = {key.lower(): value for key, value in request.headers.items()}
            refuse_browsers(headers, loopback=self._loopback)
            operation, path = self._operations.find(request.method, _raw_path(request.scope))
            name = operation.name
            call = Call(
                request_id=request_id,
                region=region_of(headers.get("authorization"), self._region),
                path=path,
                query=_query(request),
                headers=headers,
                body=await _body(request, operation),
            )
            answer = await self._run(operation, call)
        except Refusal as refusal:
            self._say(f"{name}: {refusal.status} {refusal.kind}: {_one_line(refusal.message)}")
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.kind}
            return Answer(refusal.status, headers, refusal.body())
        except ClientDisconnect:
            raise
        except Exception:  # noqa: BLE001  # our own mistake: the client is told as much, the log shows where
            self._say(f"{name}: streamkit serve itself failed:\n{traceback.format_exc()}")
            body = {"Type": "Service", "message": "streamkit serve itself failed; its log says where"}
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "ServiceException"}
            return Answer(500, headers, json.dumps(body).encode())
        if operation.method != "GET":
            self._say(f"{name}: {answer.status}")
        return answer

    async def _run(self, operation: Operation, call: Call) -> Answer:
        limiter = None
        if operation.runs_function:
            # They take minutes, and must not keep the others from being answered.
            self._functions = self._functions or anyio.CapacityLimiter(_FUNCTIONS_AT_ONCE)
            limiter = self._functions
        # A function may run on when the server ends; what it answers then, nobody gets.
        return await anyio.to_thread.run_sync(
            operation.run, call, limiter=limiter, abandon_on_cancel=operation.runs_function
        )


async def _body(request: Request, operation: Operation) -> bytes:
    """Return the body. Raises Refusal for one that is too large, without reading it to its end."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > operation.most:
            kind = "RequestEntityTooLargeException"
            message = f"Request must be smaller than {operation.most} bytes for the {operation.name} operation"
            raise Refusal(kind, message.replace("the Invoke ", "the InvokeFunction "), 413)
    return bytes(read)


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1").partition("?")[0]


def _query(request: Request) -> Mapping[str, list[str]]:
    return {key: request.query_params.getlist(key) for key in request.query_params}


def _one_line(text: str) -> str:
    """Return what may be a client's own text as one line of a log."""
    return text if text.isprintable() else ascii(text)
