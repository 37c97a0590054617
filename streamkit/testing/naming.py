"""The name under which Lambda's runtime finds a handler: it runs in another process, and only its name goes there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec

__all__ = ["NamelessHandlerError", "handler_name"]


class NamelessHandlerError(StreamkitError, TypeError):
    """A handler cannot be found by a name, which is how Lambda finds it."""


def handler_name(handler: Any) -> str:
    """Return ``module.name`` of a handler. Raises NamelessHandlerError, which says why there is none."""
    described = getattr(handler, "__qualname__", None) or repr(handler)
    unfound: list[str] = []
    for module in _modules(handler):
        name = next((name for name, value in list(vars(module).items()) if value is handler), None)
        if name is None:
            continue
        if _leads_to(module):
            return f"{module.__name__}.{name}"
        unfound.append(module.__name__)
    if unfound:
        why = (
            f"it is in the module {unfound[0]}, which another process cannot import by that name: its file is not "
            f"where sys.path leads to. Move it to a module of your project (app.py), or let pytest import tests by "
            f"path (--import-mode=prepend)"
        )
    else:
        why = (
            "no module has it under a name: it is a lambda, or was made inside of a function. Define it at the top of "
            "a module"
        )
    raise NamelessHandlerError(
        f"{described} cannot run under awslambdaric: Lambda finds a function by its name, and {why}; or run this test "
        f"in process"
    )


def _modules(handler: Any) -> Iterator[ModuleType]:
    """Yield the handler's own module, then all others: a decorator may have left another module's name on it."""
    own = sys.modules.get(getattr(handler, "__module__", None) or "")
    others: list[Any] = list(sys.modules.values())
    # Some packages put something else there in the place of a module.
    yield from (module for module in (own, *others) if isinstance(module, ModuleType))


def _leads_to(module: ModuleType) -> bool:
    """Whether a new process with this sys.path would find the module's file under its name."""
    file, path, spec = getattr(module, "__file__", None), None, None
    parts = module.__name__.split(".")
    for end in range(1, len(parts) + 1):
        spec = _spec(".".join(parts[:end]), path)
        if spec is None:
            return False
        path = spec.submodule_search_locations
    origin = None if spec is None else spec.origin
    return file is not None and origin is not None and Path(origin).exists() and Path(file).samefile(origin)


def _spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    # importlib.util.find_spec would answer with what is loaded already, wherever that came from.
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    return None
