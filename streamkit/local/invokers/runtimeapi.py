"""Lambda's Runtime API as a state machine: what a runtime asks, what it is told, and what becomes of an invocation.

The states, and the answers to what does not fit, are those of AWS's runtime interface emulator.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.inprocess import MAX_RESPONSE_BYTES, ResponseTooLargeError
from streamkit.local.invokers.invoker import Answer
from streamkit.local.invokers.payloads import read_error, read_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamkit.local.invokers.httprequests import Request

__all__ = ["Reply", "RuntimeApi", "Task"]

_State: TypeAlias = Literal["Started", "Ready", "Running", "ResponseSent", "InitError"]

_PATH = re.compile(
    r"/2018-06-01/runtime/(?:(?P<next>invocation/next)|(?P<init>init/error)|invocation/(?P<id>[^/]+)/(?P<what>response|error))"
)
_ERROR_TYPE = "lambda-runtime-function-error-type"


class Reply(NamedTuple):
    """What a request is answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Task:
    """What a runtime gets to do."""

    event: bytes
    request_id: str
    function_arn: str
    deadline_ms: int
    """In milliseconds since 1970."""

    def reply(self) -> Reply:
        """Return it as the answer to ``/invocation/next``."""
        # Made of the request id, so that it is the same in every run; nothing is sent to X-Ray.
        trace = self.request_id.replace("-", "").ljust(24, "0")[-24:]
        return Reply(
            HTTPStatus.OK,
            self.event,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": self.request_id,
                "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
                "Lambda-Runtime-Trace-Id": f"Root=1-00000000-{trace};Sampled=0",
            },
        )


class RuntimeApi:
    """The API as one runtime process sees it, from its start on."""

    def __init__(self) -> None:
        self._state: _State = "Started"
        self._request_id = ""
        self.answer: Answer | None = None
        """What became of the invocation, or of the init; None while that is not known."""

    @property
    def ready(self) -> bool:
        """Whether the runtime waits for an invocation."""
        return self._state == "Ready"

    @property
    def init_failed(self) -> bool:
        """Whether the runtime reported that its init failed: it gets no invocation."""
        return self._state == "InitError"

    def begin(self, task: Task) -> None:
        """Let the runtime have its next invocation: it has asked for it."""
        self._state, self._request_id, self.answer = "Running", task.request_id, None

    def handle(self, request: Request) -> Reply | None:
        """Return the answer to a request; None to the question for the next invocation: it waits for one."""
        match = _PATH.fullmatch(request.path)
        if match is None:
            return Reply(HTTPStatus.NOT_FOUND, b"404 page not found\n", {"Content-Type": "text/plain"})
        if request.method != ("GET" if match["next"] else "POST"):
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"")
        if match["next"]:
            if self._state not in ("Started", "Ready", "ResponseSent"):
                return self._not_now("Ready")
            self._state = "Ready"
            return None
        if match["init"]:
            if self._state != "Started":
                return self._not_now("InitError")
            self._state, self.answer = "InitError", Answer(error=_reported(request))
            return _ACCEPTED
        failed = match["what"] == "error"
        if self._state != "Running":
            return self._not_now("InvocationErrorResponse" if failed else "InvocationResponse")
        if match["id"] != self._request_id:
            return _error(HTTPStatus.BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        return self._finish(request, failed=failed)

    def _finish(self, request: Request, *, failed: bool) -> Reply:
        self._state = "ResponseSent"
        if request.size > MAX_RESPONSE_BYTES:
            error = FunctionError("Function.ResponseSizeTooLarge", str(ResponseTooLargeError(request.size)))
            self.answer = Answer(error=error)
            text = f"Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
            return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge", text)
        # A response that is streamed tells in a header after it that it failed on the way.
        failed = failed or _ERROR_TYPE in request.headers
        self.answer = Answer(error=_reported(request)) if failed else read_response(bytes(request.body))
        return _ACCEPTED

    def _not_now(self, to: str) -> Reply:
        text = f"State transition from {self._state} to {to} failed for runtime. Error: State transition is not allowed"
        return _error(HTTPStatus.FORBIDDEN, "InvalidStateTransition", text)


def _reported(request: Request) -> FunctionError:
    return read_error(bytes(request.body), request.headers.get(_ERROR_TYPE))


def _error(status: HTTPStatus, name: str, text: str) -> Reply:
    return Reply(status, json.dumps({"errorMessage": text, "errorType": name}).encode())


_ACCEPTED = Reply(HTTPStatus.ACCEPTED, b'{"status":"OK"}\n')
