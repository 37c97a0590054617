"""`@stream_handler`: a typed function of one change becomes a Lambda handler."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, overload

from streamkit.calling import Caller, logger
from streamkit.decoration import check_margin, check_policy, is_whole_number, lambda_handler, mapping_settings
from streamkit.errors import HandlerDefinitionError
from streamkit.incoming import records_of
from streamkit.policies import POLICIES, FailurePolicy
from streamkit.processing import BatchProcessor, ProcessingOptions
from streamkit.settings import MappingOptions
from streamkit.signature import read_signature

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from streamkit.errors import DecodeError
    from streamkit.events import Insert, Modify, Remove
    from streamkit.mapping import EventSourceMapping
    from streamkit.responses import BatchResponse

__all__ = ["StreamHandler", "stream_handler"]

if TYPE_CHECKING:
    # What may be decorated, for type checkers. The parameter's exact form is checked again, in words, at decoration.
    _Taken: TypeAlias = (
        Callable[[Insert[Any, Any]], object]
        | Callable[[Modify[Any, Any, Any]], object]
        | Callable[[Remove[Any, Any]], object]
        | Callable[[list[Any]], object]
        | Callable[[Insert[Any, Any], Any], object]
        | Callable[[Modify[Any, Any, Any], Any], object]
        | Callable[[Remove[Any, Any], Any], object]
        | Callable[[list[Any], Any], object]
    )

F = TypeVar("F", bound="_Taken")
F_co = TypeVar("F_co", bound="_Taken", covariant=True)
Invalid = TypeVar("Invalid", bound="Callable[[dict[str, Any], DecodeError], object]")

_DEFAULT_CONCURRENCY = 10
_OPTIONS = (*MappingOptions.__annotations__, "on_failure", "concurrency", "deadline_margin_ms")


class StreamHandler(Protocol[F_co]):
    """What `stream_handler` makes: a plain function, the Lambda handler itself, with these attributes."""

    @property
    def __wrapped__(self) -> F_co:
        """The user's own function, to be called in a unit test."""
        ...

    @property
    def __name__(self) -> str:
        """The user's function's name."""
        ...

    @property
    def mapping(self) -> EventSourceMapping:
        """The event source mapping that this handler is made for: what a deployment needs and the local runner uses."""
        ...

    def __call__(self, event: Any, context: Any = None) -> BatchResponse:
        """Handle one invocation, as Lambda calls it.

        Raises EventError if the event is not a DynamoDB stream's.
        """
        ...

    def invalid(self, function: Invalid) -> Invalid:
        """Register what happens to a record that does not decode: ``(raw record, DecodeError) -> None``.

        If it returns, the record counts as handled; if it raises, the record fails. Without one, every such record
        fails like any other. A view type that lacks an image (ViewTypeError) is never passed to it.
        """
        ...


@overload
def stream_handler(function: F, /) -> StreamHandler[F]: ...
@overload
def stream_handler(
    *,
    on_failure: FailurePolicy = "stop",
    concurrency: int | None = None,
    deadline_margin_ms: int | None = None,
    **mapping: Unpack[MappingOptions],
) -> Callable[[F], StreamHandler[F]]: ...
def stream_handler(
    function: Callable[..., object] | None = None,
    /,
    *,
    on_failure: FailurePolicy = "stop",
    concurrency: int | None = None,
    deadline_margin_ms: int | None = None,
    **mapping: Unpack[MappingOptions],
) -> Any:
    """Make a Lambda handler of a function that takes one change, or a list of them.

    The function's annotation is the contract: only the kinds of event that it names are passed, each image decoded
    to the type that it names. It may also take ``context``, Lambda's. It is called by keyword.

    ``on_failure``: ``"stop"`` at the first failing record (order is kept and nothing runs twice needlessly),
    ``"isolate"`` its item and go on with others, or ``"continue"`` with every record. In each case Lambda is told the
    lowest failed record and retries from it on (SEMANTICS §3).

    ``concurrency``: of an ``async def``, how many records run at once (default 10); one item's always run in order.

    ``deadline_margin_ms``: below so many milliseconds left of the function's time no further record is started and
    Lambda is told the next one, so that progress is kept (default 500; 0 turns it off). Not for whole batches.

    ``mapping``: settings of the event source mapping, under AWS's names in snake case. ReportBatchItemFailures is
    added. Raises HandlerDefinitionError for a function or an option that cannot work, pydantic's ValidationError for
    a setting that Lambda would refuse.
    """
    options = {"on_failure": on_failure, "concurrency": concurrency, "deadline_margin_ms": deadline_margin_ms}

    # The decorating frame's names, as pydantic looks them up: models may be local to a function.
    if function is not None:
        return _decorated(function, sys._getframe(1).f_locals, options, mapping)  # noqa: SLF001  # the line above

    def decorate(function: Callable[..., object]) -> Any:
        return _decorated(function, sys._getframe(1).f_locals, options, mapping)  # noqa: SLF001  # as above

    return decorate


def _decorated(
    function: Callable[..., object],
    local_names: Mapping[str, Any],
    options: Mapping[str, Any],
    mapping: Mapping[str, Any],
) -> Any:
    signature = read_signature(function, local_names)
    name = signature.function_name
    reporting = ["ReportBatchItemFailures"]
    settings = mapping_settings(mapping, name, "stream_handler", _OPTIONS, function_response_types=reporting)
    caller = Caller(function, signature)
    checked = _processing_options(options, name, signature.whole_batch, signature.is_async)
    processor = BatchProcessor(caller, checked)

    def handle(event: Any, context: Any = None) -> Any:
        _warn_of_window(event, name)
        return processor.process(records_of(event), context)

    return lambda_handler(function, handle, caller, settings, _streamkit_options=checked)


def _processing_options(options: Mapping[str, Any], name: str, whole_batch: bool, is_async: bool) -> ProcessingOptions:
    concurrency = options["concurrency"]
    if concurrency is not None:
        if whole_batch or not is_async:
            raise HandlerDefinitionError(
                f"{name}(): concurrency is for async def handlers of single changes, where records can run at once; "
                f"leave it out or make the function one"
            )
        if not is_whole_number(concurrency) or concurrency < 1:
            raise HandlerDefinitionError(f"{name}(): concurrency takes a whole number from 1 on, not {concurrency!r}")
    return ProcessingOptions(
        on_failure=check_policy(options["on_failure"], POLICIES, name),
        concurrency=_DEFAULT_CONCURRENCY if concurrency is None else concurrency,
        deadline_margin_ms=check_margin(options["deadline_margin_ms"], name, whole_batch=whole_batch),
    )


def _warn_of_window(event: Any, name: str) -> None:
    if isinstance(event, Mapping) and "isFinalInvokeForWindow" in event:
        logger().warning(
            "%s is a @stream_handler but its mapping has a tumbling window: Lambda takes a response without state for "
            "a failure (SEMANTICS §5); set TumblingWindowInSeconds to 0 or use @tumbling_window",
            name,
        )
