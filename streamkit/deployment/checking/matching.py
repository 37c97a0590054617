"""Whether two names are those of one function."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["is_file_of", "is_handler", "may_be_handler", "same_function"]

_MARK = ":function:"


def is_file_of(handler: Callable[..., Any], folder: Path, written: str) -> bool:
    """Whether a function's Handler (``src/app.handler``), seen from a template's folder, is in the handler's file."""
    path, _, last = written.rpartition("/")
    module = last.rpartition(".")[0].replace(".", "/")
    code = getattr(inspect.unwrap(handler), "__code__", None)
    files = (folder / path / f"{module}.py", folder / path / module / "__init__.py")
    return code is not None and any(file.is_file() and file.samefile(code.co_filename) for file in files)


def is_handler(handler: Callable[..., Any], name: str, written: str) -> bool:
    """Whether a function's Handler (``src/app.handler``) is the handler that is called ``name`` (``app:handler``).

    A folder may stand in front of either. Another name of the same module is the same if it is the same function, or
    one that middleware has been put around.
    """
    (our_module, _, ours), (their_module, _, theirs) = name.partition(":"), _dotted(written).rpartition(".")
    modules = _is_end(our_module, their_module) or _is_end(their_module, our_module)
    return modules and (ours == theirs or _is_known_as(handler, our_module, theirs))


def may_be_handler(handler: Callable[..., Any], name: str, written: str) -> bool:
    """Whether it may be: what stands in front of the module is not held against it.

    A template has the folder of a build there, and a test the folders from the project's root on.
    """
    module, _, own = name.partition(":")
    folder, _, theirs = _dotted(written).rpartition(".")
    last = module.rpartition(".")[2]
    return last == folder.rpartition(".")[2] and (own == theirs or _is_known_as(handler, module, theirs))


def _dotted(written: str) -> str:
    return written.replace("/", ".").lstrip(".")


def _is_end(end: str, text: str) -> bool:
    return bool(end) and (text == end or text.endswith(f".{end}"))


def _is_known_as(handler: Callable[..., Any], module: str, attribute: str) -> bool:
    """Whether a name of a module is the handler, or something around it."""
    other = getattr(sys.modules.get(module), attribute, None)
    while other is not None:
        if other is handler:
            return True
        other = getattr(other, "__wrapped__", None)
    return False


def same_function(one: str, other: str) -> bool:
    """Whether two of name, partial ARN and full ARN may name one function, with the same qualifier."""
    return _named(one) == _named(other)


def _named(name: str) -> str:
    text = name.rpartition(_MARK)[2]
    return text.removesuffix(":$LATEST")
