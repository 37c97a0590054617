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
from streamkit.events import Insert, Modify, Remove
from streamkit.typeforms import members_of, shown, unwrapped

__all__ = ["EventKind", "HandlerSignature", "read_signature"]

ACCEPTED = (
    "Change[Order], Insert[Order], Modify[Order], Remove[Order] or a union of them, "
    "or list[…] of one of these for the whole batch; Order is a pydantic model, a dataclass, a TypedDict, "
    "a union of such, dict[str, Any] or None"
)

_CONTEXT = "context"
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


def read_signature(function: Callable[..., object], local_names: Mapping[str, Any]) -> HandlerSignature:
    """Read what ``function`` asks for; ``local_names`` are the names in scope where it was decorated.

    Raises HandlerDefinitionError, naming the function and what is accepted.
    """
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
    parameter, takes_context = _parameters(function, name)
    annotation = _annotation(inner, parameter, name, local_names)
    event_type, whole_batch = _unwrap_batch(annotation)
    return HandlerSignature(
        function_name=name,
        parameter=parameter.name,
        takes_context=takes_context,
        whole_batch=whole_batch,
        is_async=inspect.iscoroutinefunction(inner),
        kinds=_kinds(event_type, f"parameter {parameter.name!r} of {name}()"),
    )


def _parameters(function: Callable[..., object], name: str) -> tuple[inspect.Parameter, bool]:
    parameters = [one for one in inspect.signature(function).parameters.values() if one.kind not in _GATHERED]
    takes_context = any(one.name == _CONTEXT for one in parameters)
    required = [one for one in parameters if one.name != _CONTEXT and one.default is one.empty]
    if len(required) != 1:
        given = ", ".join(one.name for one in required) or "none"
        raise HandlerDefinitionError(
            f"{name}() must have exactly one parameter without a default (and may have {_CONTEXT!r}, Lambda's), "
            f"it has: {given}. Annotate that one {ACCEPTED}"
        )
    for one in parameters:
        if one.kind not in _NAMED:
            raise HandlerDefinitionError(
                f"{name}() takes {one.name!r} by position only, but it is called by keyword: remove the '/'"
            )
    return required[0], takes_context


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
