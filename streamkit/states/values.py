"""Instances of a state's classes as plain Python values, and back."""

from __future__ import annotations

import dataclasses
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, RootModel, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError

from streamkit.states.losslessjson import Tag, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StateValues"]

_OBJECT = "$object"
_BASES: tuple[Any, ...] = (str, int, float, bytes, dict, list, tuple, set, frozenset)


class StateValues:
    """The classes of one type of states; ``validate`` makes an instance of one from its fields."""

    def __init__(self, classes: list[type], validate: Callable[[type, Any], Any]) -> None:
        self._validate = validate
        self._own = frozenset(classes)
        simple = Counter(cls.__qualname__ for cls in classes)
        full = Counter(map(_full_name, classes))
        # Two classes of one name, as a function makes them, cannot be told apart by what is written.
        self._names = {
            cls: cls.__qualname__ if simple[cls.__qualname__] == 1 else _full_name(cls)
            for cls in classes
            if full[_full_name(cls)] == 1
        }
        self._classes = {name: cls for cls, name in self._names.items()}
        self.tags = {_OBJECT: self._instance}

    def plain(self, value: Any) -> Any:
        """Return a state without its classes: a dict for a model."""
        return from_json(self.written(value))

    def written(self, value: Any) -> Any:
        """Return a state in JSON types, without its classes."""
        return to_json(value, self._without_class)

    def written_with_classes(self, value: Any) -> Any:
        """Return a state in JSON types, which `tags` resolve to instances of the same classes."""
        return to_json(value, self._with_class)

    def _without_class(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, RootModel):
            return self._known(value).root
        if isinstance(value, BaseModel):
            fields = type(self._known(value)).model_fields
            own = {name: one for name, one in value.__dict__.items() if name in fields}
            return {**own, **(value.__pydantic_extra__ or {})}
        if dataclasses.is_dataclass(value):
            return {one.name: getattr(self._known(value), one.name) for one in dataclasses.fields(value)}
        return _based(value)

    def _known(self, value: Any) -> Any:
        if type(value) not in self._own:
            raise TypeError("it is none of the classes that the state's type names")
        return value

    def _with_class(self, value: Any) -> Any:
        name = self._names.get(type(value))
        if name is None:
            return self._without_class(value)
        return Tag(_OBJECT, [name, value.name if isinstance(value, Enum) else self._without_class(value)])

    def _instance(self, content: Any) -> Any:
        name, members = content
        cls = self._classes[name]
        return cls[members] if issubclass(cls, Enum) else self._validate(cls, members)


def _full_name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _based(value: Any) -> Any:
    """Return an instance of a builtin type's subclass as that type, anything else as pydantic writes it."""
    for base in _BASES:
        if isinstance(value, base):
            return base(value)
    try:
        return TypeAdapter(type(value)).dump_python(value, mode="json")
    except (PydanticSerializationError, PydanticUserError) as error:
        raise TypeError("pydantic does not know it") from error
