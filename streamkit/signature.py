"""What a user's function asks for, read once, at decoration: which parameter, which kinds of event, which types."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typing_extensions

from streamkit.errors import HandlerDefinitionError
from streamkit.events import Insert, Modify, Remove, Window
from streamkit.typeforms import members_of, shown, unwrapped

__all__ = [
    "ACCEPTED",
    "EventKind",
    "HandlerSignature",
    "WindowSignature",
    "read_signature",
    "read_window_signature",
    "signature_of",
]

ACCEPTED = (
    "Change[Order], Insert[Order], Modify[Order], Remove[Order] or a union of them, "
    "or list[…] of one of these for the whole batch; Order is a pydantic model, a dataclass, a TypedDict, "
    "a union of such, dict[str, Any] or None"
)

_CONTEXT = "context"
_WINDOW = "window"
_WITH_WINDOW = 3
_EVENT_NAMES = {Insert: "INSERT", Modify: "MODIFY", Remove: "REMOVE"}
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_GATHERED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event that a function takes: its class, and the types of its images and keys."""

    event: type[Any]
    images: Mapping[str, Any]
    """Type by image: ``NewImage`` and ``OldImage``, as far as the kind has them; None stands for not wanted."""
    keys: Any


@dataclass(frozen=True, slots=True)
class HandlerSignature:
    """What a function asks for."""

    function_name: str
    parameter: str
    takes_context: bool
    whole_batch: bool
    is_async: bool
    kinds: Mapping[str, EventKind]
    """By the record's eventName; a name that is missing here is skipped."""


@dataclass(frozen=True, slots=True)
class WindowSignature:
    """What the fold of a window handler asks for."""

    handler: HandlerSignature
    state: str
    """The name of the parameter that takes the state."""
    state_type: Any
    window: str | None
    """The name of the parameter that takes the `Window`, None where there is none."""


def signature_of(handler: Callable[..., object]) -> HandlerSignature | None:
    """Return what the function of a finished handler asks for; None for a handler that streamkit did not make.

    Of a window handler it is what its fold asks for, without the state.
    """
    made: HandlerSignature | None = getattr(handler, "_streamkit_signature", None)
    return made


def read_signature(function: Callable[..., object], local_names: Mapping[str, Any]) -> HandlerSignature:
    """Read what ``function`` asks for; ``local_names`` are the names in scope where it was decorated.

    Raises HandlerDefinitionError, naming the function and what is accepted.
    """
    inner, name = _function(function)
    required, special = _parameters(function, name, _CONTEXT)
    if len(required) != 1:
        raise HandlerDefinitionError(
            f"{name}() must have exactly one parameter without a default (and may have {_CONTEXT!r}, Lambda's), "
            f"it has: {_named(required)}. Annotate that one {ACCEPTED}"
        )
    return _handler_signature(inner, name, required[0], local_names, takes_context=bool(special))


def read_window_signature(function: Callable[..., object], local_names: Mapping[str, Any]) -> WindowSignature:
    """Read what the fold of a window handler asks for: ``(change, state[, window][, context]) -> state``.

    Raises HandlerDefinitionError, naming the function and what is accepted.
    """
    inner, name = _function(function)
    required, special = _parameters(function, name, _CONTEXT, _WINDOW)
    window = _WINDOW if _WINDOW in special else None
    folded = required
    if window is None and len(required) == _WITH_WINDOW:
        *folded, third = required
        window = _window_name(inner, third, name, local_names)
    if len(folded) != _WITH_WINDOW - 1:
        raise HandlerDefinitionError(
            f"{name}() must have two parameters without a default, the change and the state (and may have "
            f"{_WINDOW!r} and {_CONTEXT!r}, Lambda's), it has: {_named(required)}. "
            f"For example: def {inner.__name__}(change: Insert[Order], state: Revenue) -> Revenue"
        )
    change, state = folded
    if state.annotation is state.empty:
        raise HandlerDefinitionError(
            f"parameter {state.name!r} of {name}() has no annotation, which is what says of which type the state is: "
            f"use a pydantic model, a dataclass, a TypedDict, dict[str, Any] or another type that JSON can carry"
        )
    return WindowSignature(
        handler=_handler_signature(inner, name, change, local_names, takes_context=_CONTEXT in special),
        state=state.name,
        state_type=_annotation(inner, state, name, local_names),
        window=window,
    )


def _window_name(
    inner: types.FunctionType, parameter: inspect.Parameter, name: str, local_names: Mapping[str, Any]
) -> str:
    """Return the name of a third parameter, which is the window's if it says so."""
    annotation = parameter.annotation
    if annotation is parameter.empty or Window not in members_of(_annotation(inner, parameter, name, local_names)):
        raise HandlerDefinitionError(
            f"{name}() has a third parameter {parameter.name!r}, and what is passed there is the window: annotate it "
            f"Window, or call it {_CONTEXT!r} to get Lambda's context"
        )
    return parameter.name


def _function(function: Callable[..., object]) -> tuple[types.FunctionType, str]:
    """Return the function behind its decorators, and the name by which errors call it."""
    inner = inspect.unwrap(function)
    if not inspect.isfunction(inner):
        raise HandlerDefinitionError(
            f"{function!r} is not a function: a handler is a def or async def whose parameter is annotated {ACCEPTED}"
        )
    name = f"{inner.__module__}.{inner.__qualname__}"
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        raise HandlerDefinitionError(
            f"{name}() contains yield, so calling it would run none of it: use a plain function"
        )
    return inner, name


def _handler_signature(
    inner: types.FunctionType,
    name: str,
    parameter: inspect.Parameter,
    local_names: Mapping[str, Any],
    *,
    takes_context: bool,
) -> HandlerSignature:
    event_type, whole_batch = _unwrap_batch(_annotation(inner, parameter, name, local_names))
    return HandlerSignature(
        function_name=name,
        parameter=parameter.name,
        takes_context=takes_context,
        whole_batch=whole_batch,
        is_async=inspect.iscoroutinefunction(inner),
        kinds=_kinds(event_type, f"parameter {parameter.name!r} of {name}()"),
    )


def _parameters(function: Callable[..., object], name: str, *special: str) -> tuple[list[inspect.Parameter], list[str]]:
    """Return the parameters that have to be given, without the ``special`` names, and which of those there are."""
    parameters = [one for one in inspect.signature(function).parameters.values() if one.kind not in _GATHERED]
    for one in parameters:
        if one.kind not in _NAMED:
            raise HandlerDefinitionError(
                f"{name}() takes {one.name!r} by position only, but it is called by keyword: remove the '/'"
            )
    required = [one for one in parameters if one.name not in special and one.default is one.empty]
    return required, [one.name for one in parameters if one.name in special]


def _named(parameters: Sequence[inspect.Parameter]) -> str:
    return ", ".join(one.name for one in parameters) or "none"


def _annotation(
    inner: types.FunctionType, parameter: inspect.Parameter, name: str, local_names: Mapping[str, Any]
) -> Any:
    if parameter.annotation is parameter.empty:
        raise HandlerDefinitionError(
            f"parameter {parameter.name!r} of {name}() has no annotation, which is what says which changes it takes: "
            f"use {ACCEPTED}"
        )
    # Only this one is evaluated: the others may name what exists for type checkers alone.
    holder = types.SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        hints = typing_extensions.get_type_hints(holder, inner.__globals__, dict(local_names), include_extras=True)
    except Exception as error:
        raise HandlerDefinitionError(
            f"the annotation {parameter.annotation!r} of parameter {parameter.name!r} of {name}() cannot be evaluated "
            f"({type(error).__name__}: {error}): what it names must exist at run time, above the function, "
            f"not only under TYPE_CHECKING"
        ) from error
    return hints[parameter.name]


def _unwrap_batch(annotation: Any) -> tuple[Any, bool]:
    bare = unwrapped(annotation)
    arguments = typing.get_args(bare)
    if typing.get_origin(bare) in (list, Sequence) and arguments:
        return arguments[0], True
    return bare, False


def _kinds(event_type: Any, where: str) -> dict[str, EventKind]:
    kinds: dict[str, EventKind] = {}
    for member in members_of(event_type):
        event = typing.get_origin(member) or member
        event_name = _EVENT_NAMES.get(event) if isinstance(event, type) else None
        if event_name is None:
            raise HandlerDefinitionError(f"{where} is annotated {shown(member)}: use {ACCEPTED}")
        if event_name in kinds:
            label = event.__name__
            raise HandlerDefinitionError(
                f"{where} names {label} more than once: put the union inside, {label}[A | B] or Change[A | B]"
            )
        kinds[event_name] = _kind(event, typing.get_args(member))
    return kinds


def _kind(event: type[Any], arguments: tuple[Any, ...]) -> EventKind:
    def argument(index: int, default: Any) -> Any:
        given = arguments[index] if index < len(arguments) else default
        return default if isinstance(given, typing_extensions.TypeVar | typing.TypeVar) else given

    first = argument(0, dict[str, Any])
    if event is Insert:
        return EventKind(event, {"NewImage": first}, argument(1, dict[str, Any]))
    if event is Remove:
        return EventKind(event, {"OldImage": first}, argument(1, dict[str, Any]))
    return EventKind(event, {"NewImage": first, "OldImage": argument(1, first)}, argument(2, dict[str, Any]))
