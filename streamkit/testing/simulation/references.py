"""How a test that is written can name a function or an object: by an import, where a module has a name for it."""

from __future__ import annotations

import inspect
import sys
from pathlib import PurePath
from typing import Any

from streamkit.testing.simulation.reaching import own_function

__all__ = ["References"]


class References:
    """Names for values, in the modules of these functions; what has to be imported for them, and said about them."""

    def __init__(self, *functions: Any) -> None:
        self.imports: dict[str, set[str]] = {}
        self.comments: list[str] = []
        self._known: dict[int, tuple[str, str]] = {}
        for own in filter(None, map(own_function, functions)):
            module = str(own.__globals__.get("__name__"))
            for name, value in own.__globals__.items():
                if not name.startswith(("__", "@")):
                    self._known.setdefault(id(value), (module, name))

    def of(self, value: Any, role: str) -> str:
        """Return the expression for a value. ``role``: what it is called where nothing has a name for it."""
        for candidate in (value, inspect.unwrap(value) if callable(value) else value):
            name = self._imported(candidate)
            if name is not None:
                return name
        owner = getattr(value, "__self__", None)
        name = None if owner is None else self._imported(owner)
        if name is not None:
            return f"{name}.{value.__name__}"
        return self._commented(value, role)

    def _imported(self, value: Any) -> str | None:
        place = self._known.get(id(value))
        module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if isinstance(module, str) and isinstance(name, str):
            at_home = getattr(sys.modules.get(module), name, None)
            place = (module, name) if at_home is value else place
        if place is None:
            return None
        self.imports.setdefault(place[0], set()).add(place[1])
        return place[1]

    def _commented(self, value: Any, role: str) -> str:
        name = getattr(value, "__name__", role)
        name = name if name.isidentifier() else role
        own = own_function(value) if callable(value) else None
        where = "" if own is None else f" ({PurePath(own.__code__.co_filename).name}:{own.__code__.co_firstlineno})"
        self.comments.append(f"# {name}{where} has no name in a module: paste this where it is, or give it one")
        return name
