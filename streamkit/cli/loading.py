"""``app:handler`` to the handler."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import streamkit
from streamkit.cli.errors import BadInput
from streamkit.local.invokers.inprocess import check_handler

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["load_attribute", "load_handler"]

_PACKAGE = f"{Path(streamkit.__file__).parent}{os.sep}"


def load_handler(target: str) -> Callable[..., Any]:
    """Import the Lambda handler ``module:attribute``, looking in the current directory first, as Lambda does.

    Raises BadInput, with the user's own traceback for an error in the module.
    """
    handler = load_attribute(target)
    try:
        check_handler(handler, target)
    except TypeError as error:
        raise BadInput(str(error)) from None
    loaded: Callable[..., Any] = handler
    return loaded


def load_attribute(target: str) -> Any:
    """Import ``module:attribute``, whatever it is. Raises BadInput, as `load_handler` does."""
    module_name, separator, attribute = target.partition(":")
    if not separator or not module_name or not attribute:
        module_part, dot, name = target.rpartition(".")
        dotted = dot and not separator and all(part.isidentifier() for part in target.split(".")) and name != "py"
        meant = f"{module_part}:{name}" if dotted else "app:handler"
        raise click.UsageError(f"{target!r} is not of the form MODULE:ATTRIBUTE, for example {meant}")
    if "/" in module_name or module_name.startswith(".") or module_name.endswith(".py"):
        suggestion = module_name.removesuffix(".py").strip("./").replace("/", ".") or "app"
        raise click.UsageError(f"{module_name!r} is a path; name the module: {suggestion}:{attribute}")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    module = _import(module_name, here)
    handler: Any = module
    for name in attribute.split("."):
        try:
            handler = getattr(handler, name)
        except AttributeError:
            raise BadInput(_not_found(module, attribute)) from None
    return handler


def _import(module_name: str, here: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise BadInput(
                f"there is no module {error.name!r} in {here} or among the installed packages: "
                f"run streamkit from the folder that holds it"
            ) from None
        raise _import_failure(module_name, error) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the user's module raises is shown
        raise _import_failure(module_name, error) from None


def _import_failure(module_name: str, error: BaseException) -> BadInput:
    told = traceback.TracebackException.from_exception(error)
    parts = [told]
    while parts:
        part = parts.pop()
        part.stack = traceback.StackSummary.from_list([frame for frame in part.stack if not _is_ours(frame.filename)])
        parts += [one for one in (part.__cause__, part.__context__, *(part.exceptions or ())) if one is not None]
    return BadInput(f"importing {module_name} failed, in its own code:\n\n{''.join(told.format())}".rstrip())


def _is_ours(filename: str) -> bool:
    """Whether a frame is of the import machinery or of streamkit itself: not where the user's error is."""
    return filename.startswith((_PACKAGE, "<frozen importlib")) or filename == importlib.__file__


def _not_found(module: ModuleType, attribute: str) -> str:
    handlers = sorted(name for name, value in vars(module).items() if _is_handler(value))
    known = (
        f"its handlers are {', '.join(handlers)}" if handlers else "it has no function decorated with @stream_handler"
    )
    file = getattr(module, "__file__", None) or "built in"
    return f"module {module.__name__!r} ({file}) has no {attribute!r}: {known}"


def _is_handler(value: Any) -> bool:
    return inspect.isfunction(value) and hasattr(value, "mapping") and hasattr(value, "invalid")
