"""pydantic's validator of a rewritten schema.

pydantic takes a class' own validator wherever a schema names the class, whatever else the schema says about it: a
rewritten one would be ignored in silence. From 2.13 on it can be told not to. Before, it leaves alone classes that are
not complete, so they are made to seem so for as long as it takes to build a validator.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from inspect import signature
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.compiling.readings import CoreSchema

__all__ = ["validate_by"]

_CAN_BE_TOLD = "_use_prebuilt" in signature(SchemaValidator).parameters
_building = Lock()


def validate_by(schema: CoreSchema) -> Callable[[Any], Any]:
    """Return the validation that does what the schema says, also where it names classes."""
    build: Any = SchemaValidator
    if _CAN_BE_TOLD:
        validate: Callable[[Any], Any] = build(schema, _use_prebuilt=False).validate_python
        return validate
    with _building, ExitStack() as seeming:
        for cls in _classes(schema, set()):
            seeming.enter_context(_incomplete(cls))
        return build(schema).validate_python  # type: ignore[no-any-return]  # it is built by a name without types


@contextmanager
def _incomplete(cls: type) -> Iterator[None]:
    if not vars(cls).get("__pydantic_complete__"):
        yield
        return
    cls.__pydantic_complete__ = False  # type: ignore[attr-defined]  # it is there, see above
    try:
        yield
    finally:
        cls.__pydantic_complete__ = True  # type: ignore[attr-defined]  # as above


def _classes(schema: Any, found: set[type]) -> set[type]:
    """Return all classes that schemas within a schema are of."""
    if isinstance(schema, Mapping):
        cls = schema.get("cls")
        if isinstance(cls, type):
            found.add(cls)
        for value in schema.values():
            _classes(value, found)
    elif isinstance(schema, list | tuple):
        for value in schema:
            _classes(value, found)
    return found
