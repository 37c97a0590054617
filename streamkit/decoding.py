"""An image type to the decoder for it.

This is the reference: `attributes` decodes to Python values and pydantic validates them. Whatever is faster may take
its place here, as long as it gives equal values and equal errors.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, MutableMapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError, HandlerDefinitionError

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["Decoder", "accepts_none", "decoder_for", "is_untyped", "problem_of"]

Decoder: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Takes an image in DynamoDB JSON, returns what the handler's type asks for, raises whatever is wrong with it."""

_MAPPINGS = (dict, Mapping, MutableMapping)
_NOT_ITEMS = (str, int, float, bool, bytes, Decimal, list, set, frozenset, tuple)
_SHOWN_PROBLEMS = 5
_SHOWN_INPUT = 80


def is_untyped(image_type: Any) -> bool:
    """Whether the type asks for nothing beyond Python values: ``dict[str, Any]``, ``dict``, ``Any``."""
    if image_type is Any or image_type in _MAPPINGS:
        return True
    return typing.get_origin(image_type) in _MAPPINGS and typing.get_args(image_type) == (str, Any)


def accepts_none(image_type: Any) -> bool:
    """Whether the type is ``X | None``: an image that may be absent."""
    return typing.get_origin(image_type) in (typing.Union, types.UnionType) and type(None) in typing.get_args(
        image_type
    )


def decoder_for(image_type: Any, where: str) -> Decoder | None:
    """Return the decoder for an image type, None where the type is None: such an image is not read at all.

    Raises HandlerDefinitionError, saying ``where``, for a type that no item can have.
    """
    if image_type is None or image_type is type(None):
        return None
    if is_untyped(image_type):
        return deserialize_item
    if image_type in _NOT_ITEMS or typing.get_origin(image_type) in _NOT_ITEMS:
        raise HandlerDefinitionError(f"{where}: an item is never {_shown(image_type)}, it has named attributes; {_FIX}")
    return _validating(image_type, where)


_FIX = (
    "use a pydantic model, a dataclass, a TypedDict, a union of such, dict[str, Any], or None for an image not wanted"
)


def _validating(image_type: Any, where: str) -> Decoder:
    from pydantic import TypeAdapter  # noqa: PLC0415  # an untyped handler does not pay for pydantic
    from pydantic.errors import PydanticUserError  # noqa: PLC0415

    try:
        validate = TypeAdapter(image_type).validate_python
    except (PydanticUserError, TypeError, NameError) as error:
        raise HandlerDefinitionError(f"{where}: pydantic cannot read {_shown(image_type)} ({error}); {_FIX}") from error

    def decode(image: Mapping[str, Any]) -> Any:
        return validate(deserialize_item(image))

    return decode


def problem_of(error: Exception, image: Any) -> str:
    """Say what a decoder's error about ``image`` means, in the terms of the item: path, expected, found."""
    if isinstance(error, AttributeValueError):
        return str(error)
    from pydantic import ValidationError  # noqa: PLC0415  # only where something failed

    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    return _validation_problem(error, deserialize_item(image))


def _validation_problem(error: ValidationError, item: Mapping[str, Any]) -> str:
    problems = error.errors(include_url=False, include_context=False)
    shown = [
        f"{_path_in(item, one['loc']) or 'item'}: {one['msg']}, got {_clipped(one['input'])}"
        for one in problems[:_SHOWN_PROBLEMS]
    ]
    if len(problems) > _SHOWN_PROBLEMS:
        shown.append(f"and {len(problems) - _SHOWN_PROBLEMS} more")
    return f"not a valid {error.title}: " + "; ".join(shown)


def _path_in(item: Any, location: tuple[str | int, ...]) -> str:
    """Return pydantic's location as a path in the item: without the names that it puts in for members of a union."""
    steps = []
    for index, step in enumerate(location):
        if isinstance(item, Mapping) and step not in item and index < len(location) - 1:
            continue
        steps.append(str(step))
        try:
            item = item[step]
        except (KeyError, IndexError, TypeError):
            item = None
    return ".".join(steps)


def _clipped(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_INPUT else f"{text[:_SHOWN_INPUT]}…"


def _shown(image_type: Any) -> str:
    return getattr(image_type, "__name__", None) or str(image_type)
