"""Where a schema stands: its place in the item, and what the class around it says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.compiling.readings import CoreSchema, Reading

__all__ = ["Read", "Scope"]


class Scope(NamedTuple):
    """The place of a schema."""

    path: str = ""
    """In the item, with ``[]`` for any element of a list and ``{}`` for any value of a map."""
    strict: bool = False
    """Whether the class takes only values that need no conversion."""
    validates_defaults: bool = False

    def at(self, name: str) -> Scope:
        """Return the scope of an attribute."""
        return self._replace(path=self.beside(f".{name}"))

    def inside(self, mark: str) -> Scope:
        """Return the scope of the elements or values of what is here."""
        return self._replace(path=self.beside(mark))

    def beside(self, path: str) -> str:
        """Return the path of what is at this path from here: ``.name``, ``[]``, ``{}``, or several of them."""
        if not self.path:
            return path.removeprefix(".")
        return self.path + path

    def beyond(self, path: str) -> str:
        """Return the path from here, the opposite of `beside`."""
        if self.path or not path or path[0] in "[{":
            return path[len(self.path) :]
        return f".{path}"

    def is_strict(self, schema: CoreSchema) -> bool:
        """Whether this schema takes only values that need no conversion."""
        strict = schema.get("strict")
        return self.strict if strict is None else bool(strict)


Read: TypeAlias = "Callable[[CoreSchema, Scope], Reading]"
"""Gives the reading of an inner schema."""
