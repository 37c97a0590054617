"""What the type of a state says: how its values are written, of which classes they are, and which is the first."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from typing_extensions import is_typeddict

from streamkit.decoding import accepts_none, is_untyped
from streamkit.errors import HandlerDefinitionError
from streamkit.states.forms import Form, UntypedForm
from streamkit.typeforms import members_of, shown, unwrapped

__all__ = ["FIX", "classes_of", "default_of", "form_of"]

FIX = "pass initial=, the first value of a window's state or a function that returns it"
"""What to do about a type without a first value."""

_CONTAINERS = (dict, list, set, frozenset, tuple)


def form_of(state_type: Any, where: str) -> Form:
    """Return how values of a type are written and read. Raises HandlerDefinitionError, saying ``where``."""
    if is_untyped(state_type) or (typing.get_origin(state_type) is dict and is_untyped(typing.get_args(state_type)[1])):
        return UntypedForm()
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # an untyped state does not pay for pydantic

    from streamkit.states.typed import TypedForm  # noqa: PLC0415  # as above

    try:
        form = TypedForm(state_type)
    except (PydanticUserError, TypeError, NameError, AttributeError) as error:
        raise HandlerDefinitionError(
            f"{where}: pydantic cannot read {shown(state_type)} ({error}); use a pydantic model, a dataclass, a "
            "TypedDict, or a dict"
        ) from error
    if form.plan.excluded:
        raise HandlerDefinitionError(
            f"{where}: {', '.join(form.plan.excluded)} of {shown(state_type)} would be lost between two invocations; "
            "a field of a state cannot have exclude=True, nor a dataclass' field init=False"
        )
    return form


def classes_of(state_type: Any) -> tuple[type, ...]:
    """Return the classes that a state must be an instance of one of, none where the type does not name them all."""
    found = [_class_of(member) for member in members_of(state_type)]
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else ()


def _class_of(member: Any) -> type | None:
    if member in (None, type(None)):
        return type(None)
    if member is not Any and is_untyped(member):
        return dict
    origin = typing.get_origin(member) or member
    if origin in _CONTAINERS or dataclasses.is_dataclass(origin) or hasattr(origin, "__pydantic_validator__"):
        return typing.cast("type", origin)
    return None


def default_of(state_type: Any, where: str) -> Callable[[], Any]:
    """Return what makes the first value of a type. Raises HandlerDefinitionError, saying ``where``, if it has none."""
    bare = unwrapped(state_type)
    origin = typing.get_origin(bare) or bare
    if accepts_none(state_type):
        return lambda: None
    if origin in (Any, Mapping, MutableMapping) or is_typeddict(origin):
        return dict
    if isinstance(origin, type) and len(members_of(bare)) == 1:
        return origin
    raise HandlerDefinitionError(f"{where}: {shown(state_type)} has no first value of its own; {FIX}")
