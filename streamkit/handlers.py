"""`@stream_handler`: a typed function of one change becomes a Lambda handler."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast, overload

from streamkit.deferred import DeferredMapping
from streamkit.errors import HandlerDefinitionError
from streamkit.incoming import records_of
from streamkit.policies import POLICIES, FailurePolicy
from streamkit.processing import BatchProcessor, ProcessingOptions
from streamkit.settingchecks import flaws_of
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
_DEFAULT_DEADLINE_MARGIN_MS = 500
_SET_BY_DECORATOR = ("function_response_types", "tumbling_window_in_seconds")


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
    settings = _mapping_settings(mapping, signature.function_name)
    processing = _processing_options(options, signature.function_name, signature.whole_batch, signature.is_async)
    processor = BatchProcessor(function, signature, processing)

    # The annotations stay this function's own: Powertools' event_parser reads the event's type from them.
    @functools.wraps(function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def handle(event: Any, context: Any = None) -> Any:
        _warn_of_window(event, signature.function_name)
        return processor.process(records_of(event), context)

    handle.__annotations__ = {"event": dict[str, Any], "context": Any, "return": dict[str, Any]}
    vars(handle).update(
        __signature__=inspect.signature(handle, follow_wrapped=False),
        invalid=functools.partial(_register_invalid, processor, signature.function_name),
        mapping=DeferredMapping(settings),
    )
    return handle


def _mapping_settings(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    for option in mapping:
        if option in _SET_BY_DECORATOR:
            by = "@tumbling_window(seconds=…)" if option == "tumbling_window_in_seconds" else "the decorator itself"
            raise HandlerDefinitionError(f"{name}(): {option} is set by {by}, leave it out")
        if option not in MappingOptions.__annotations__:
            raise HandlerDefinitionError(f"{name}(): stream_handler has no option {option!r}{_alternatives(option)}")
    settings = {**mapping, "function_response_types": ["ReportBatchItemFailures"]}
    if flaws_of(settings):
        # The full model raises the error, so that a setting is refused in the same words wherever it stands.
        DeferredMapping(settings).resolve()
    return settings


def _alternatives(option: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  # only to word an error

    known = sorted([*MappingOptions.__annotations__, "on_failure", "concurrency", "deadline_margin_ms"])
    close = get_close_matches(option, known, n=1)
    return f": did you mean {close[0]!r}?" if close else f": it has {', '.join(known)}"


def _processing_options(options: Mapping[str, Any], name: str, whole_batch: bool, is_async: bool) -> ProcessingOptions:
    on_failure, concurrency, margin = options["on_failure"], options["concurrency"], options["deadline_margin_ms"]
    if on_failure not in POLICIES:
        raise HandlerDefinitionError(f"{name}(): on_failure takes {', '.join(map(repr, POLICIES))}, not {on_failure!r}")
    if concurrency is not None:
        if whole_batch or not is_async:
            raise HandlerDefinitionError(
                f"{name}(): concurrency is for async def handlers of single changes, where records can run at once; "
                f"leave it out or make the function one"
            )
        if not _is_whole_number(concurrency) or concurrency < 1:
            raise HandlerDefinitionError(f"{name}(): concurrency takes a whole number from 1 on, not {concurrency!r}")
    if margin is not None:
        if whole_batch:
            raise HandlerDefinitionError(
                f"{name}(): deadline_margin_ms stops between records, and a whole-batch function gets all at once: "
                f"leave it out, watch context.get_remaining_time_in_millis() and raise BatchItemFailure"
            )
        if not _is_whole_number(margin) or margin < 0:
            raise HandlerDefinitionError(f"{name}(): deadline_margin_ms takes milliseconds from 0 on, not {margin!r}")
    return ProcessingOptions(
        on_failure=on_failure,
        concurrency=_DEFAULT_CONCURRENCY if concurrency is None else concurrency,
        deadline_margin_ms=_DEFAULT_DEADLINE_MARGIN_MS if margin is None else margin,
    )


def _is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _register_invalid(processor: BatchProcessor, name: str, function: Invalid) -> Invalid:
    if processor.invalid is not None:
        raise HandlerDefinitionError(f"{name}() has an invalid function already: {processor.invalid!r}")
    try:
        inspect.signature(function).bind({}, None)
    except TypeError as error:
        raise HandlerDefinitionError(
            f"{name}.invalid takes a function of two parameters, (record, error), not {function!r} ({error})"
        ) from None
    processor.invalid = cast("Callable[[dict[str, Any], DecodeError], object]", function)
    return function


def _warn_of_window(event: Any, name: str) -> None:
    if isinstance(event, Mapping) and "isFinalInvokeForWindow" in event:
        from logging import getLogger  # noqa: PLC0415  # not needed in the ordinary case

        getLogger("streamkit").warning(
            "%s is a @stream_handler but its mapping has a tumbling window: Lambda takes a response without state for "
            "a failure (SEMANTICS §5); set TumblingWindowInSeconds to 0 or use a window handler",
            name,
        )
