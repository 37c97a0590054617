"""`@tumbling_window`: a typed fold of changes becomes a Lambda handler that aggregates per window (SEMANTICS §5)."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from streamkit.calling import Caller
from streamkit.decoration import (
    check_function,
    check_margin,
    check_policy,
    is_whole_number,
    lambda_handler,
    mapping_settings,
)
from streamkit.errors import HandlerDefinitionError
from streamkit.folding import FOLD_POLICIES, FoldPolicy, WindowOptions, WindowProcessor
from streamkit.settings import INTEGERS, WindowMappingOptions
from streamkit.signature import read_window_signature
from streamkit.states.codec import UNSET, StateCodec
from streamkit.windowevents import read_window_event

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from typing_extensions import Unpack

    from streamkit.errors import DecodeError
    from streamkit.events import Insert, Modify, Remove, Window
    from streamkit.mapping import EventSourceMapping
    from streamkit.responses import WindowResponse
    from streamkit.signature import WindowSignature

    # What may be folded, for type checkers. The parameter's exact form is checked again, in words, at decoration.
    _Taken: TypeAlias = Insert[Any, Any] | Modify[Any, Any, Any] | Remove[Any, Any] | list[Any]

__all__ = ["TumblingWindow", "tumbling_window"]

C = TypeVar("C", bound="_Taken")
K = TypeVar("K")
S = TypeVar("S")
R = TypeVar("R")
P = ParamSpec("P")
Q = ParamSpec("Q")
F_co = TypeVar("F_co", covariant=True)
Key = TypeVar("Key")
State = TypeVar("State")
Invalid = TypeVar("Invalid", bound="Callable[[dict[str, Any], DecodeError], object]")

_OWN = ("seconds", "initial", "by", "migrate", "on_failure", "deadline_margin_ms")
_OPTIONS = (*WindowMappingOptions.__annotations__, *_OWN)


class TumblingWindow(Protocol[F_co, State]):
    """What `tumbling_window` makes: a plain function, the Lambda handler itself, with these attributes."""

    @property
    def __wrapped__(self) -> F_co:
        """The user's own fold, to be called in a unit test."""
        ...

    @property
    def __name__(self) -> str:
        """The fold's name."""
        ...

    @property
    def mapping(self) -> EventSourceMapping:
        """The event source mapping that this handler is made for: what a deployment needs and the local runner uses."""
        ...

    def __call__(self, event: Any, context: Any = None) -> WindowResponse:
        """Handle one invocation, as Lambda calls it.

        Raises EventError if the event is not a DynamoDB stream's, or of a mapping without a window; WindowStateError if
        its state is not one of this handler's; and whatever the final function raises.
        """
        ...

    def invalid(self, function: Invalid) -> Invalid:
        """Register what happens to a record that does not decode: ``(raw record, DecodeError) -> None``.

        If it returns, the record counts as handled and is not folded; if it raises, the record fails. Without one,
        every such record fails like any other. A view type that lacks an image (ViewTypeError) is never passed to it.
        """
        ...

    def final(self, function: Callable[Concatenate[State, Window, Q], R]) -> Callable[Concatenate[State, Window, Q], R]:
        """Register what is called at the end of each window: ``(state, window) -> None``; it may take ``context`` too.

        With ``by=`` the state is a dict of states. If it raises, the invocation fails, and Lambda tries it again and
        holds the shard meanwhile (SEMANTICS §5): it may be called more than once for a window. What it returns is
        dropped.
        """
        ...


class _Decorator(Protocol):
    """Takes the fold: its state comes in as what it returns."""

    @overload
    def __call__(
        self, function: Callable[Concatenate[C, S, P], Coroutine[Any, Any, S]], /
    ) -> TumblingWindow[Callable[Concatenate[C, S, P], Coroutine[Any, Any, S]], S]: ...
    @overload
    def __call__(
        self, function: Callable[Concatenate[C, S, P], S], /
    ) -> TumblingWindow[Callable[Concatenate[C, S, P], S], S]: ...


class _KeyedDecorator(Protocol[Key]):
    """The same with ``by=``: the final function gets a dict."""

    @overload
    def __call__(
        self, function: Callable[Concatenate[C, S, P], Coroutine[Any, Any, S]], /
    ) -> TumblingWindow[Callable[Concatenate[C, S, P], Coroutine[Any, Any, S]], dict[Key, S]]: ...
    @overload
    def __call__(
        self, function: Callable[Concatenate[C, S, P], S], /
    ) -> TumblingWindow[Callable[Concatenate[C, S, P], S], dict[Key, S]]: ...


# By key first: a checker that does not read Unpack (ty, as of 0.0.105) takes by= for one of the mapping's settings.
@overload
def tumbling_window(
    *,
    seconds: int,
    by: Callable[[Any], K],
    initial: object = ...,
    migrate: Callable[[Any], object] | None = None,
    on_failure: FoldPolicy = "stop",
    deadline_margin_ms: int | None = None,
    **mapping: Unpack[WindowMappingOptions],
) -> _KeyedDecorator[K]: ...
@overload
def tumbling_window(
    *,
    seconds: int,
    initial: object = ...,
    migrate: Callable[[Any], object] | None = None,
    on_failure: FoldPolicy = "stop",
    deadline_margin_ms: int | None = None,
    **mapping: Unpack[WindowMappingOptions],
) -> _Decorator: ...
def tumbling_window(  # noqa: PLR0913  # the options of a window; all but the first have defaults
    function: Any = None,
    /,
    *,
    seconds: Any = None,
    by: Callable[[Any], Any] | None = None,
    initial: object = UNSET,
    migrate: Callable[[Any], object] | None = None,
    on_failure: FoldPolicy = "stop",
    deadline_margin_ms: int | None = None,
    **mapping: Unpack[WindowMappingOptions],
) -> Any:
    """Make a Lambda handler of a fold: ``(change, state[, window]) -> state``, called for each change of a window.

    The annotations are the contract: of the first parameter as for `stream_handler` (also ``list[…]``, the whole
    batch), of the second one for the state: a pydantic model, a dataclass, a TypedDict, a dict or anything else that
    can be JSON. Lambda hands the state from one invocation of a window to the next as JSON; it is validated in and
    out, and every value comes back as it was. The fold may also take ``context``, Lambda's, and be ``async``; it is
    called by keyword, and more than once for a change that Lambda delivers again: let it do nothing but compute.

    ``seconds``: the length of a window, 1 to 900 (TumblingWindowInSeconds).

    ``by``: a function of the change that returns its key: each key then has a state of its own, and the final function
    gets a dict of them.

    ``initial``: the first state of a window (of a key), or a function that returns it; by default the type itself,
    called without arguments.

    ``migrate``: a function from a raw state that is not valid, because older code wrote it, to the state; with ``by``
    to the dict of states. Without it such a state is a WindowStateError.

    ``on_failure``: ``"stop"`` at the first failing record, report it, and return the state that is the fold of exactly
    the records before it; that Lambda then takes this state is our reading of its documentation (SEMANTICS §5, U).
    ``"raise"``: the whole invocation fails, and is tried again with the state that it had.

    ``deadline_margin_ms``: see `stream_handler`; not with ``"raise"``.

    ``mapping``: settings of the event source mapping, under AWS's names in snake case. TumblingWindowInSeconds is
    added, and with ``"stop"`` ReportBatchItemFailures. Raises HandlerDefinitionError for a function or an option that
    cannot work, pydantic's ValidationError for a setting that Lambda would refuse.
    """
    if function is not None or seconds is None:
        raise HandlerDefinitionError(
            "tumbling_window needs the length of its windows, in seconds: write @tumbling_window(seconds=60)"
        )
    given = {"by": by, "migrate": migrate, "on_failure": on_failure, "deadline_margin_ms": deadline_margin_ms}

    def decorate(function: Callable[..., object]) -> Any:
        # The decorating frame's names, as pydantic looks them up: models may be local to a function.
        local_names = sys._getframe(1).f_locals  # noqa: SLF001  # the line above
        signature = read_window_signature(function, local_names)
        options = _options(seconds, given, signature)
        where = f"parameter {signature.state!r} of {signature.handler.function_name}()"
        codec = StateCodec(signature.state_type, where, initial=initial, migrate=migrate, keyed=by is not None)
        return _decorated(function, signature, codec, options, mapping)

    return decorate


def _decorated(
    function: Callable[..., object],
    signature: WindowSignature,
    codec: StateCodec,
    options: WindowOptions,
    mapping: Mapping[str, Any],
) -> Any:
    name = signature.handler.function_name
    reporting = {"function_response_types": ["ReportBatchItemFailures"]} if options.on_failure == "stop" else {}
    own = {"tumbling_window_in_seconds": options.seconds, **reporting}
    settings = mapping_settings(mapping, name, "tumbling_window", _OPTIONS, **own)
    caller = Caller(function, signature.handler)
    processor = WindowProcessor(caller, signature, codec, options)

    def handle(event: Any, context: Any = None) -> Any:
        return processor.process(read_window_event(event), context)

    def final(function: Callable[..., object]) -> Callable[..., object]:
        return _register_final(processor, name, function)

    return lambda_handler(function, handle, caller, settings, final=final, _streamkit_options=options)


def _options(seconds: Any, given: Mapping[str, Any], signature: WindowSignature) -> WindowOptions:
    name, whole_batch = signature.handler.function_name, signature.handler.whole_batch
    longest = INTEGERS["tumbling_window_in_seconds"].high
    if not is_whole_number(seconds) or not 1 <= seconds <= longest:
        raise HandlerDefinitionError(
            f"{name}(): seconds takes a whole number from 1 to {longest}, the length of a window, not {seconds!r}"
        )
    for option, takes in (("by", "the change"), ("migrate", "the raw state")):
        if given[option] is not None:
            _check_plain(given[option], f"{name}(): {option}", takes)
    if given["by"] is not None and whole_batch:
        raise HandlerDefinitionError(
            f"{name}(): by= keeps a state per key, so that its fold takes one change at a time: annotate "
            f"{signature.handler.parameter!r} without list[…], or leave by= out"
        )
    on_failure = check_policy(given["on_failure"], FOLD_POLICIES, name)
    margin = given["deadline_margin_ms"]
    if margin is not None and on_failure == "raise":
        raise HandlerDefinitionError(
            f"{name}(): deadline_margin_ms reports the records that are left, and on_failure='raise' reports none: "
            f"leave one of them out"
        )
    return WindowOptions(seconds, on_failure, check_margin(margin, name, whole_batch=whole_batch), given["by"])


def _check_plain(function: Any, where: str, takes: str) -> None:
    check_function(function, where, takes)
    if inspect.iscoroutinefunction(function):
        raise HandlerDefinitionError(f"{where} takes a plain function of {takes}, not an async one: {function!r}")


def _register_final(processor: WindowProcessor, name: str, function: Callable[..., object]) -> Callable[..., object]:
    if processor.final is not None:
        raise HandlerDefinitionError(
            f"{name}() has a final function already: {processor.final!r}; it has one, which may call several"
        )
    takes_context = check_function(function, f"{name}.final", "state", "window", context=True)
    processor.final, processor.final_takes_context = function, takes_context
    return function
