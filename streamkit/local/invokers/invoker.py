"""What runs a Lambda function, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.observing import RecordFailure

__all__ = ["Answer", "ConcurrentInvoker", "FunctionTimeoutError", "Invoker"]


class FunctionTimeoutError(Exception):
    """The function did not answer in the time that it has: a failed attempt (SEMANTICS §3)."""

    def __init__(self, seconds: float, where: str = "") -> None:
        super().__init__(f"Task timed out after {seconds:.2f} seconds{where and f' ({where})'}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one invocation."""

    response: Any = None
    error: BaseException | None = None
    """What the function raised, a response that is no JSON included."""
    throttled: str | None = None
    """Why the function was not run, None where it was."""
    failures: Sequence[RecordFailure] = ()
    """The exceptions behind the records that the response reports, where they are known."""
    seconds: float | None = None
    """How long it took, where the invoker knows; else the runner's ``duration`` says."""
    again: str | None = None
    """Why the same event is delivered again although it was answered: at-least-once delivery. None: it is not."""
    log: str = ""
    """What the function wrote to stdout and stderr, where the invoker holds it."""


@runtime_checkable
class Invoker(Protocol):
    """Something that runs a Lambda function."""

    @property
    def function_name(self) -> str:
        """The function's name."""
        ...

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """Run the function with this event, given as JSON, and return what became of it."""
        ...


@runtime_checkable
class ConcurrentInvoker(Invoker, Protocol):
    """An Invoker that runs the function outside of this process, as many times at once as it is asked to.

    On the real clock its ``invoke`` is called from several threads: shards and lanes then run side by side.
    """

    def close(self) -> None:
        """End what is still running, and give back what it took: the invoker is not used again."""
        ...
