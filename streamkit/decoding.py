"""An image type to the decoder for it.

The reference is plain: `attributes` decodes to Python values and pydantic validates them. Where the type allows it
(`compiling`), pydantic reads DynamoDB JSON directly instead, at some six tenths of the cost. The compiled decoder may
only give what the reference would give: whenever it raises anything, the reference decides, and its error is the
user's.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.attributes import deserialize_item
from streamkit.errors import AttributeValueError, HandlerDefinitionError
from streamkit.typeforms import members_of, shown, unwrapped

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["Decoder", "accepts_none", "adapter_for", "decoder_for", "is_untyped", "problem_of"]

Decoder: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""Takes an image in DynamoDB JSON, returns what the handler's type asks for, raises whatever is wrong with it."""

_MAPPINGS = (dict, Mapping, MutableMapping)
# Where the types live that stand for one value, or for a list of them: an item has named attributes.
_VALUE_MODULES = ("builtins", "datetime", "decimal", "uuid")


def is_untyped(image_type: Any) -> bool:
    """Whether the type asks for nothing beyond Python values: ``dict[str, Any]``, ``dict``, ``Any``."""
    # Not looked through Annotated, nor through an alias that may hide one: its validators are pydantic's to call.
    if image_type is Any or image_type in _MAPPINGS:
        return True
    return typing.get_origin(image_type) in _MAPPINGS and typing.get_args(image_type) == (str, Any)


def accepts_none(image_type: Any) -> bool:
    """Whether the type is ``X | None``: an image that may be absent."""
    members = members_of(image_type)
    return len(members) > 1 and type(None) in members


def decoder_for(image_type: Any, where: str) -> Decoder | None:
    """Return the decoder for an image type, None where the type is None: such an image is not read at all.

    Raises HandlerDefinitionError, saying ``where``, for a type that no item can have.
    """
    if unwrapped(image_type) in (None, type(None)):
        return None
    if is_untyped(image_type):
        return deserialize_item
    return _validating(image_type, adapter_for(image_type, where), where)


def _is_value(member: Any) -> bool:
    """Whether a type is that of one value, or of a list, set or tuple, none of which an item can be."""
    origin = typing.get_origin(member) or member
    if origin is typing.Literal:
        return True
    if not isinstance(origin, type) or origin in (*_MAPPINGS, type(None), object):
        return False
    return origin.__module__ in _VALUE_MODULES


_FIX = (
    "use a pydantic model, a dataclass, a TypedDict, a union of such, dict[str, Any], or None for an image not wanted"
)


def adapter_for(image_type: Any, where: str) -> TypeAdapter[Any]:
    """Return pydantic's adapter of a type that is to be validated.

    Raises HandlerDefinitionError, saying ``where``, for a type that no item can have or that pydantic cannot read.
    """
    from pydantic import TypeAdapter  # noqa: PLC0415  # an untyped handler does not pay for pydantic
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # as above

    for member in members_of(image_type):
        if _is_value(member):
            raise HandlerDefinitionError(
                f"{where}: an item is never {shown(image_type)}, it has named attributes; {_FIX}"
            )
    try:
        return TypeAdapter(image_type)
    except (PydanticUserError, TypeError, NameError) as error:
        raise HandlerDefinitionError(f"{where}: pydantic cannot read {shown(image_type)} ({error}); {_FIX}") from error


def _validating(image_type: Any, adapter: TypeAdapter[Any], where: str) -> Decoder:
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # as above

    def reference(image: Mapping[str, Any]) -> Any:
        values = deserialize_item(image)
        try:
            return adapter.validate_python(values)
        except PydanticUserError as error:  # a model that names a class which does not exist even now
            raise HandlerDefinitionError(f"{where}: pydantic cannot read {shown(image_type)} ({error})") from error

    return _compiled_or(reference, adapter)


def _compiled_or(reference: Decoder, adapter: TypeAdapter[Any]) -> Decoder:
    """Return the decoder that compiles its type at the first image: by then every class that it names exists."""
    compiled: Decoder | None = None
    certain = False

    def compile_now() -> Decoder:
        nonlocal compiled, certain
        from pydantic.errors import PydanticUserError  # noqa: PLC0415  # it is there, see above

        from streamkit.compiling.decoder import compiled_decoder  # noqa: PLC0415  # at the first image, not at import

        try:
            compiled = compiled_decoder(adapter.core_schema).decode
        except PydanticUserError:
            raise  # a class is missing, which may be there at the next image
        except Exception:  # noqa: BLE001  # whatever a compiler stumbles over, the reference reads
            compiled, certain = reference, True
        return compiled

    def decode(image: Mapping[str, Any]) -> Any:
        try:
            return (compiled or compile_now())(image)
        except Exception:
            if certain:
                raise
        return reference(image)

    return decode


def problem_of(error: Exception, image: Any) -> str:
    """Say what a decoder's error about ``image`` means, in the terms of the item: path, expected, found."""
    if isinstance(error, AttributeValueError):
        return str(error)
    from pydantic import ValidationError  # noqa: PLC0415  # only where something failed

    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {error}"
    from streamkit.validations import validation_problem  # noqa: PLC0415  # as above

    return f"not a valid {error.title}: {validation_problem(error, deserialize_item(image), 'item')}"
