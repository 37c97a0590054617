"""A function that runs elsewhere: on AWS, or on anything that has Lambda's API."""

from __future__ import annotations

import base64
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from streamkit.local.aws import AwsAccess
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError
from streamkit.local.invokers.payloads import read_error, read_response

__all__ = ["RemoteFunction"]

_NO_LOG = "None"

_MARGIN = 5.0
"""How much longer than the function's Timeout an answer is waited for, in seconds: the way, and a cold start."""


class RemoteFunction:
    """An invoker that calls a function through Lambda's API, synchronously, as a mapping does.

    ``function``: its name or ARN, with or without qualifier. ``access``: where it is and who asks. ``timeout``: the
    function's Timeout in seconds, as far as it is known: what answers later counts as timed out.

    What keeps the function from being run at all is a throttle (SEMANTICS §3, class 1): AWS's own "too many requests",
    a service that is not there or has an error of its own, missing rights, an unknown function. Such an invocation is
    tried again, and says why it has to be.

    A request id of its own goes with each call, the endpoint's: ``context.aws_request_id`` is not the journal's.
    `Answer.seconds` stays None, as with `LambdaRuntime`. Threads may call `invoke` at the same time.

    Raises AwsAccessError where boto3 is not installed or no region is known, ValueError for an empty name.
    """

    def __init__(self, function: str, *, access: AwsAccess | None = None, timeout: float = MAX_TIMEOUT) -> None:
        if not function:
            raise ValueError("function takes the name or the ARN of a function; it is empty")
        if type(timeout) not in (int, float) or not 0 < timeout <= MAX_TIMEOUT:
            raise ValueError(f"timeout takes seconds above 0, up to Lambda's {MAX_TIMEOUT:g}, not {timeout!r}")
        parts = function.split(":")
        region = parts[3] if function.startswith("arn:") and len(parts) > 3 else None  # noqa: PLR2004  # arn:aws:lambda:region
        self._timeout = timeout
        self._client = (access or AwsAccess()).client("lambda", region, read_timeout=timeout + _MARGIN)
        self._function = function
        self._log_type = "Tail"
        self.function_name: str = function
        """The name or the ARN."""

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:  # Lambda has its own
        """See `Invoker`."""
        from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError  # noqa: PLC0415  # an extra

        log_type = self._log_type
        try:
            told = self._client.invoke(FunctionName=self._function, Payload=event, LogType=log_type)
            payload: bytes = told["Payload"].read()
        except ReadTimeoutError:
            return Answer(error=FunctionTimeoutError(self._timeout, f"{self._function} has not answered"))
        except ClientError as error:
            if log_type != _NO_LOG and _refuses_logs(error.response):
                self._log_type = _NO_LOG
                return self.invoke(event, request_id, function_arn)
            return Answer(throttled=str(error))
        except BotoCoreError as error:
            return Answer(throttled=f"{self._function} cannot be called: {error}")
        log = base64.b64decode(told.get("LogResult", "")).decode(errors="backslashreplace")
        failed: str | None = told.get("FunctionError")
        answer = read_response(payload) if failed is None else Answer(error=read_error(payload, failed))
        return replace(answer, log=log)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _refuses_logs(response: dict[str, Any]) -> bool:
    """Whether an endpoint says that it has no logs to send: ``sam local start-lambda`` answers 501 "log-type: Tail"."""
    text = response.get("Error", {}).get("Message", "").lower().replace("-", "")
    return response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTPStatus.NOT_IMPLEMENTED or "logtype" in text
