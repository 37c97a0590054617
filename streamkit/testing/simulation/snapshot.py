"""What values were, and how to bring them back: each object stays itself and gets its old content."""

from __future__ import annotations

from collections import deque
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.variables import has_content, is_data, is_fixed, slots_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from streamkit.testing.simulation.variables import Place

__all__ = ["Snapshot", "SnapshotError"]


class SnapshotError(Exception):
    """A value cannot be copied, so that it could not be brought back either."""


class Snapshot:
    """What places held, and objects contained, when it was made.

    ``untouched``: objects, by their ids, of which nothing is copied wherever they are found. ``only_data``: of
    anything but data nothing is copied, nor of what cannot be; else SnapshotError is raised for what cannot.
    """

    def __init__(
        self, places: Iterable[Place], objects: Iterable[Any] = (), *, untouched: Mapping[int, Any], only_data: bool
    ) -> None:
        self._places = [(place, place.get()) for place in places]
        everything = {id(value): value for value in _flat([*(value for _, value in self._places), *objects])}
        held = [value for number, value in everything.items() if number not in untouched and not is_fixed(value)]
        data = {id(value): value for value in held if (is_data if only_data else has_content)(value)}
        if not only_data and len(data) < len(held):
            closed = next(value for value in held if id(value) not in data)
            raise SnapshotError(f"{_shown(closed)} does not show what it contains")
        # A copy of one object that holds another holds the other itself.
        self._known = {**untouched, **data}
        self._contents: list[tuple[Any, Any]] = []
        for value in data.values():
            try:
                self._contents.append((value, deepcopy(_content(value), dict(self._known))))
            except Exception as error:  # whatever a user's object does when it is copied
                if not only_data:
                    raise SnapshotError(
                        f"{_shown(value)} cannot be copied ({type(error).__name__}: {error})"
                    ) from error

    def changed(self) -> list[str]:
        """Return the names of places that hold something else by now, or whose object contains something else."""
        other = {id(value) for value, content in self._contents if _content(value) != content}
        return [place.name for place, value in self._places if place.get() is not value or id(value) in other]

    def restore(self) -> None:
        """Bring everything back."""
        for place, value in self._places:
            place.put(value)
        for value, content in self._contents:
            _refill(value, deepcopy(content, dict(self._known)))


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    """Yield values, and in the place of a tuple, which does not change itself, what is in it."""
    for value in values:
        if isinstance(value, tuple):
            yield from _flat(value)
        else:
            yield value


def _content(value: Any) -> Any:
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
            return {name: getattr(value, name) for name in (*getattr(value, "__dict__", ()), *slots_of(value))}


def _refill(value: Any, content: Any) -> None:
    match value:
        case dict() | set():
            value.clear()
            value.update(content)
        case list() | bytearray():
            value[:] = content
        case deque():
            value.clear()
            value.extend(content)
        case _:
            getattr(value, "__dict__", {}).clear()
            for name, part in content.items():
                object.__setattr__(value, name, part)  # of a frozen dataclass, too


def _shown(value: Any) -> str:
    return f"the {type(value).__module__}.{type(value).__qualname__} object"
