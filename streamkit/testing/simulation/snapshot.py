"""What values were, and how to bring them back: each object stays itself, wherever it is, and gets its old content."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.variables import has_content, is_data, is_fixed, slots_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from collections.abc import Set as AbstractSet

    from streamkit.testing.simulation.variables import Place

__all__ = ["Snapshot", "SnapshotError"]

_NOTHING = object()


class SnapshotError(Exception):
    """A value does not show what it contains, so that it could not be brought back."""


class Snapshot:
    """What places held, and all objects contained that can be reached from there, when it was made.

    ``untouched``: the ids of objects that are left alone wherever they are found. ``only_data``: so is anything but
    data; else SnapshotError is raised for an object that does not show what it contains.
    """

    def __init__(
        self, places: Iterable[Place], objects: Iterable[Any] = (), *, untouched: Container[int], only_data: bool
    ) -> None:
        self._places = [(place, place.get()) for place in places]
        self._untouched = untouched
        self._only_data = only_data
        self._contents: dict[int, tuple[str, Any, _Content]] = {}
        """By the object's id: the name that it was reached by, the object, and what it contained."""
        for name, value in [*((place.name, value) for place, value in self._places), *(("", one) for one in objects)]:
            self._walk(name, value)

    @property
    def known(self) -> AbstractSet[int]:
        """The ids of all objects that are brought back."""
        return self._contents.keys()

    def changed(self) -> list[str]:
        """Return the names of places that hold something else by now, or by which something else is reached."""
        other = {name for name, value, content in self._contents.values() if not content.is_in(value)}
        return sorted(other | {place.name for place, value in self._places if _held(place) is not value})

    def restore(self) -> None:
        """Bring everything back."""
        for place, value in self._places:
            if _held(place) is not value:
                place.put(value)
        for _, value, content in self._contents.values():
            content.put_into(value)

    def _walk(self, name: str, start: Any) -> None:
        waiting, passed = [start], set[int]()
        while waiting:
            value = waiting.pop()
            if isinstance(value, tuple | frozenset) and id(value) not in passed:
                passed.add(id(value))  # it cannot change, what is in it may
                waiting += value
            elif not (is_fixed(value) or id(value) in self._contents or id(value) in self._untouched):
                if (is_data if self._only_data else has_content)(value):
                    content = _Content(value)
                    self._contents[id(value)] = name, value, content
                    waiting += content.parts()
                elif not self._only_data:
                    kind = type(value)
                    raise SnapshotError(
                        f"the {kind.__module__}.{kind.__qualname__} object does not show what it contains"
                    )


class _Content:
    """What an object contained: elements, attributes, or both; each of them is the object itself, and no copy."""

    def __init__(self, value: Any) -> None:
        self._elements = _elements(value)
        self._attributes = _attributes(value)

    def parts(self) -> list[Any]:
        """Return everything that it contained."""
        elements = self._elements
        within = [*elements, *elements.values()] if isinstance(elements, dict) else elements or ()
        return [*within, *self._attributes.values()]

    def is_in(self, value: Any) -> bool:
        """Whether an object contains just that."""
        return _elements(value) == self._elements and _attributes(value) == self._attributes

    def put_into(self, value: Any) -> None:
        """Let an object contain just that."""
        match value:
            case dict() | set():
                value.clear()
                value.update(self._elements)
            case list() | bytearray():
                value[:] = self._elements
            case deque():
                value.clear()
                value.extend(self._elements)
            case _:
                pass
        # Past what a frozen dataclass, or a model that validates, would say.
        for name in _attributes(value).keys() - self._attributes:
            object.__delattr__(value, name)
        for name, part in self._attributes.items():
            object.__setattr__(value, name, part)


def _elements(value: Any) -> Any:
    match value:
        case dict():
            return dict(value)
        case set():
            return set(value)
        case list() | deque():
            return list(value)
        case bytearray():
            return bytes(value)
        case _:
            return None


def _attributes(value: Any) -> dict[str, Any]:
    slots = {name: getattr(value, name) for name in slots_of(value) if hasattr(value, name)}
    return {**getattr(value, "__dict__", {}), **slots}


def _held(place: Place) -> Any:
    """Return what a place holds, nothing that anybody else holds where it holds nothing."""
    try:
        return place.get()
    except (KeyError, ValueError):
        return _NOTHING
