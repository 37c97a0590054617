"""Where a function's values stand: the globals of a module, the variables of the function that it was made in."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import sysconfig
from collections import deque
from dataclasses import dataclass, is_dataclass
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CellType, CodeType

__all__ = [
    "Cell",
    "Global",
    "Place",
    "bound_to",
    "has_content",
    "is_data",
    "is_fixed",
    "own_function",
    "places_in",
    "places_read",
]

_CODE = (ModuleType, type, FunctionType, BuiltinFunctionType, MethodType)
_FIXED = (
    int,
    float,
    complex,
    str,
    bytes,
    Decimal,
    tuple,
    frozenset,
    date,
    time,
    timedelta,
    tzinfo,
    UUID,
    Enum,
    PurePath,
)
_CONTAINERS = (dict, list, set, deque, bytearray)
_LIBRARIES = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OURS = str(Path(__file__).parents[2]) + os.sep


@dataclass(frozen=True, slots=True)
class Global:
    """A name in a module."""

    namespace: dict[str, Any]
    name: str

    @property
    def id(self) -> tuple[int, str]:
        """What tells it from every other place."""
        return id(self.namespace), self.name

    def get(self) -> Any:
        """Return the value. Raises KeyError where there is none."""
        return self.namespace[self.name]

    def put(self, value: Any) -> None:
        """Bind the name to a value."""
        self.namespace[self.name] = value


@dataclass(frozen=True, slots=True)
class Cell:
    """A variable of the function around a function."""

    cell: CellType
    name: str

    @property
    def id(self) -> tuple[int, str]:
        """What tells it from every other place."""
        return id(self.cell), ""

    def get(self) -> Any:
        """Return the value. Raises ValueError where there is none yet."""
        return self.cell.cell_contents

    def put(self, value: Any) -> None:
        """Bind the variable to a value."""
        self.cell.cell_contents = value


Place: TypeAlias = Global | Cell


def own_function(function: Callable[..., Any]) -> FunctionType | None:
    """Return the user's own function under decorators, methods and partials; None where there is no Python function."""
    found: Any = function
    while True:
        found = inspect.unwrap(found)
        if isinstance(found, FunctionType):
            return found
        inner = getattr(found, "__func__", None) or getattr(found, "func", None)
        if inner is None:
            call = inspect.getattr_static(type(found), "__call__", None)
            return call if isinstance(call, FunctionType) else None
        found = inner


def bound_to(function: Any) -> list[Any]:
    """Return the objects that a method, a partial or a callable object brings along: it reads them by no name."""
    match function:
        case MethodType() | BuiltinFunctionType():
            return [function.__self__, *bound_to(getattr(function, "__func__", None))]
        case functools.partial():
            return [*function.args, *function.keywords.values(), *bound_to(function.func)]
        case _:
            return [] if function is None or isinstance(function, _CODE) else [function]


def has_content(value: Any) -> bool:
    """Whether a value can be brought back by putting its old content into it: a container, or an object."""
    return isinstance(value, _CONTAINERS) or (hasattr(value, "__dict__") and not isinstance(value, (*_CODE, *_FIXED)))


def is_fixed(value: Any) -> bool:
    """Whether a value cannot change, so that whoever holds it needs nothing else to bring it back."""
    return value is None or isinstance(value, (*_CODE, *_FIXED))


def is_data(value: Any) -> bool:
    """Whether a value that has content is a container or an object of data, and no client or logger of a library."""
    kind = type(value)
    return has_content(value) and (
        isinstance(value, _CONTAINERS)
        or is_dataclass(kind)
        or hasattr(kind, "__pydantic_fields__")
        or _is_users(kind.__module__)
    )


def places_in(function: FunctionType) -> Iterator[Place]:
    """Yield every place that a function can reach by a name: its module's globals, and the variables around it."""
    for name, value in list(function.__globals__.items()):
        if not _is_pythons(name) and not isinstance(value, _CODE):
            yield Global(function.__globals__, name)
    yield from _cells(function)


def places_read(functions: Iterable[FunctionType]) -> list[Place]:
    """Return the places that functions read, and those that functions of the user's read which they call."""
    found: dict[object, Place] = {}
    waiting, seen = list(functions), set[int]()
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        for place in _read_by(function):
            value = place.get()
            if isinstance(value, _CODE):
                waiting += _users_functions(value)
            else:
                found.setdefault(place.id, place)
                waiting += _users_functions(type(value))
    return list(found.values())


def _read_by(function: FunctionType) -> Iterator[Place]:
    names = set(_names(function.__code__))
    for name in names & set(function.__globals__):
        value = function.__globals__[name]
        yield Global(function.__globals__, name)
        if isinstance(value, ModuleType) and _is_users(value.__name__):
            yield from (Global(vars(value), inner) for inner in names & set(vars(value)) if not _is_pythons(inner))
    yield from _cells(function)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)


def _cells(function: FunctionType) -> Iterator[Cell]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            cell.cell_contents  # noqa: B018  # whether there is one
        except ValueError:
            continue
        yield Cell(cell, name)


def _users_functions(value: Any) -> list[FunctionType]:
    """Return the functions behind a function, a method or a class, as far as they are the user's own."""
    if isinstance(value, type):
        return [
            function
            for kind in value.__mro__
            if _is_users(kind.__module__)
            for function in vars(kind).values()
            if isinstance(function, FunctionType)
        ]
    function = own_function(value) if callable(value) else None
    return [function] if function is not None and _is_users(function.__module__) else []


def _is_users(module: str | None) -> bool:
    """Whether a module is neither of Python's, nor installed, nor streamkit itself."""
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return file is not None and not file.startswith((*_LIBRARIES, _OURS))


def _is_pythons(name: str) -> bool:
    return name.startswith(("__", "@"))
