"""The user's own functions: how they are given a record, and what becomes of it when they fail."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from streamkit.errors import DecodeError, StreamkitError, ViewTypeError
from streamkit.observing import observe_failure
from streamkit.reading import EventReader, sequence_number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.responses import BatchItemFailure
    from streamkit.signature import HandlerSignature

__all__ = ["Caller", "asynchronous", "fails_record", "index_of", "logger", "out_of_time", "reportable", "settled"]


class Caller:
    """One handler's function, and its ``invalid`` function where it has one."""

    def __init__(self, function: Callable[..., object], signature: HandlerSignature) -> None:
        self.invalid: Callable[[dict[str, Any], DecodeError], object] | None = None
        self.signature = signature
        self._function = function
        self._parameter = signature.parameter
        self._read = EventReader(signature).read

    def read(self, record: Any) -> tuple[Any, object]:
        """Return a record's event, None where it is skipped or quarantined, and what the user's invalid() returned."""
        try:
            return self._read(record), None
        except ViewTypeError:
            raise
        except DecodeError as error:
            if self.invalid is None:
                raise
            return None, self.invalid(record, error)

    def call(self, argument: Any, context: Any, /, **more: Any) -> object:
        """Call the function; what it returns may be an awaitable that is still to run."""
        # By keyword, so that Powertools' idempotent_function finds its data_keyword_argument.
        more[self._parameter] = argument
        if self.signature.takes_context:
            more["context"] = context
        return self._function(**more)

    def fail(self, record: Any, error: BaseException) -> None:
        """Tell the log, and whoever observes, that a record failed."""
        number = sequence_number_of(record)
        observe_failure(number, error)
        logger().error(
            "%s failed on record %s (%s): %s: %s",
            self.signature.function_name,
            number,
            record.get("eventName") if isinstance(record, dict) else "no record",
            type(error).__name__,
            error,
            exc_info=error,
        )

    def stop_for_time(self, index: int, margin_ms: int) -> None:
        """Tell the log that no record from ``index`` on is started."""
        logger().warning(
            "%s stops before record %d of its batch: less than %d ms are left of the function's time",
            self.signature.function_name,
            index + 1,
            margin_ms,
        )


def settled(result: object) -> Any:
    """Return a result; an awaitable is run to its end, so that no coroutine is ever reported as success unseen."""
    return asynchronous().run_awaitable(result) if inspect.isawaitable(result) else result


def fails_record(error: BaseException) -> bool:
    """Whether what the user's code raised fails the record, and not the process: a cancelled task does."""
    asyncio = sys.modules.get("asyncio")  # without it nothing can be cancelled
    return isinstance(error, Exception) or (asyncio is not None and isinstance(error, asyncio.CancelledError))


def reportable(record: Any) -> str:
    """Return the number by which Lambda is told that a record failed; StreamkitError if it has none."""
    number = sequence_number_of(record)
    if number is None:
        raise StreamkitError(
            f"a record failed that has no SequenceNumber to report, so the whole batch fails: {record!r:.200}"
        )
    return number


def index_of(failure: BatchItemFailure, delivered: Sequence[tuple[int, Any]], signature: HandlerSignature) -> int:
    """Return the place of the change that a whole-batch function says it failed at; StreamkitError if it has none."""
    for index, change in delivered:
        if change is failure.change or change.raw is failure.change.raw:
            return index
    raise StreamkitError(
        f"{signature.function_name}() raised BatchItemFailure for a change that is not in its batch, so the whole "
        f"batch fails: pass one of the changes that it was given"
    ) from failure


def out_of_time(context: Any, margin_ms: int) -> bool:
    """Whether less than this is left of the function's time, as Lambda's context tells."""
    if context is None:
        return False
    ask: Callable[[], Any] | None = getattr(context, "get_remaining_time_in_millis", None)
    remaining = ask() if callable(ask) else None
    # A test's context may be None, or a mock that answers with a mock.
    return isinstance(remaining, int | float) and remaining < margin_ms


def asynchronous() -> Any:
    """Return the module that runs coroutines."""
    from streamkit import asynchronous as module  # noqa: PLC0415  # asyncio takes as long to import as all the rest

    return module


def logger() -> Any:
    """Return streamkit's logger."""
    import logging  # noqa: PLC0415  # not needed while nothing fails

    return logging.getLogger("streamkit")
