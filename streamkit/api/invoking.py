"""Invoke: a function run at somebody's request, as Lambda's API answers it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from streamkit.api.background import RETRY_AFTER, Background
from streamkit.api.functioninvoker import throttle_reason
from streamkit.api.functionnames import parse_function_name, with_qualifier
from streamkit.api.functionoutput import output_kept
from streamkit.api.invocationerror import error_body, error_log
from streamkit.api.invocationlog import Ran, log_tail
from streamkit.api.refusals import Refusal, constraint, invalid_parameter, validation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamkit.api.background import Outcome
    from streamkit.api.functionmodel import ResolvedFunction
    from streamkit.api.functions import Functions

__all__ = ["MAX_EVENT_BYTES", "MAX_PAYLOAD_BYTES", "Invocations", "InvokeAnswer", "InvokeRequest"]

MAX_PAYLOAD_BYTES = 6_291_456
"""The largest payload of a synchronous invocation."""

MAX_EVENT_BYTES = 1_048_576
"""The largest payload of an asynchronous one."""

_TYPES = ("Event", "RequestResponse", "DryRun")
_LOG_TYPES = ("None", "Tail")


@dataclass(frozen=True, slots=True)
class InvokeRequest:
    """What a request says. None: the header or the parameter is not given."""

    region: str
    function_name: str
    payload: bytes = b""
    qualifier: str | None = None
    invocation_type: str | None = None
    """X-Amz-Invocation-Type; RequestResponse by default."""
    log_type: str | None = None
    """X-Amz-Log-Type."""
    client_context: str | None = None
    """X-Amz-Client-Context."""
    tenant_id: str | None = None
    """X-Amz-Tenant-Id."""
    durable_execution_name: str | None = None
    """X-Amz-Durable-Execution-Name."""


class InvokeAnswer(NamedTuple):
    """What is answered."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


@dataclass(slots=True)
class Invocations:
    """Runs functions at request. Its methods may be called from several threads.

    ``show`` gets what a function wrote in a process of its own, and what Lambda or its runtime writes of a failure; a
    function in this process prints by itself. ``told`` gets what became of asynchronous invocations that failed.
    ``retry_after``: when those are tried again, in seconds.
    """

    functions: Functions
    show: Callable[[str], None]
    told: Callable[[str], None]
    retry_after: Sequence[float] = RETRY_AFTER
    _background: Background = field(init=False)

    def __post_init__(self) -> None:
        self._background = Background(self.told, retry_after=self.retry_after)

    def invoke(self, request: InvokeRequest, request_id: str) -> InvokeAnswer:
        """Answer a request; a function that fails is an answer too. ``request_id``: the UUID of the request.

        Raises Refusal for what Lambda does not run at all.
        """
        kind = request.invocation_type or "RequestResponse"
        _check_headers(request, kind)
        named = parse_function_name(request.function_name)
        function = self.functions.resolve(named, request.region, with_qualifier(named, request.qualifier))
        payload = _checked_payload(request.payload, MAX_EVENT_BYTES if kind == "Event" else MAX_PAYLOAD_BYTES)
        if kind == "DryRun":
            return InvokeAnswer(204)
        if kind == "Event":
            self._background.submit(
                f"the asynchronous invocation {request_id} of {function.name}",
                lambda: self._attempt(function, payload, request_id),
            )
            return InvokeAnswer(202)
        ran = self._run(function, payload, request_id)
        if ran.answer.throttled is not None:
            message = "Rate Exceeded." if "Rate Exceeded" in ran.answer.throttled else ran.answer.throttled
            raise Refusal("TooManyRequestsException", message, 429, Reason=throttle_reason(ran.answer))
        headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": function.version.number}
        if request.log_type == "Tail":
            headers["X-Amz-Log-Result"] = log_tail(ran)
        if ran.answer.error is not None:
            headers["X-Amz-Function-Error"] = "Unhandled"
            return InvokeAnswer(200, headers, error_body(ran.answer.error, request_id))
        return InvokeAnswer(200, headers, _json(ran.answer.response))

    def close(self) -> None:
        """Drop the asynchronous invocations that wait, and say so."""
        self._background.close()

    def _run(self, function: ResolvedFunction, payload: bytes, request_id: str) -> Ran:
        started = time.monotonic()
        with output_kept() as printed:
            answer = function.invoker.invoke(payload, request_id, function.arn)
        seconds = time.monotonic() - started
        log = answer.log + ("" if answer.error is None else error_log(answer.error, request_id))
        if log:
            self.show(log)
        return Ran(function, request_id, answer, printed.take() + log, seconds)

    def _attempt(self, function: ResolvedFunction, payload: bytes, request_id: str) -> Outcome:
        answer = self._run(function, payload, request_id).answer
        if answer.throttled is not None:
            return "throttled"
        if answer.error is None:
            return "done"
        failed = error_body(answer.error, request_id).decode()
        self.told(f"the asynchronous invocation {request_id} of {function.name} failed: {failed}")
        return "failed"


def _check_headers(request: InvokeRequest, kind: str) -> None:
    """Raise Refusal for what no request can say, and for what a function here would not get."""
    problems = [
        constraint(value, member, f"satisfy enum value set: [{', '.join(allowed)}]")
        for member, value, allowed in (("invocationType", kind, _TYPES), ("logType", request.log_type, _LOG_TYPES))
        if value is not None and value not in allowed
    ]
    if problems:
        raise validation(*problems)
    for name, value in (
        ("ClientContext", request.client_context),
        ("TenantId", request.tenant_id),
        ("DurableExecutionName", request.durable_execution_name),
    ):
        if value is not None:
            raise invalid_parameter(f"{name} is not passed on by streamkit serve: leave it out.")


def _checked_payload(payload: bytes, most: int) -> bytes:
    """Return the event; nothing at all is an empty object. Raises Refusal for one too large, and for no JSON."""
    if len(payload) > most:
        # It is also what the API's model calls RequestTooLargeException; this is the name that AWS sends.
        raise Refusal(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {most} bytes for the InvokeFunction operation",
            413,
        )
    if not payload:
        return b"{}"
    try:
        # Numbers are not looked at: Python refuses to read integers of thousands of digits.
        json.loads(payload.decode(), parse_constant=_no_constant, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        ) from None
    return payload


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _json(response: object) -> bytes:
    text = json.dumps(response, ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON has only escaped
        return json.dumps(response).encode()
