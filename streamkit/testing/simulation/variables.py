"""Where values stand, and what sort of values they are: can they change, and can they be brought back."""

from __future__ import annotations

import logging
import os
import re
import sys
import sysconfig
import threading
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
    from collections.abc import Iterable
    from types import CellType, CodeType

__all__ = [
    "CODE",
    "LOCKS",
    "Attribute",
    "Cell",
    "Global",
    "Place",
    "has_content",
    "is_data",
    "is_fixed",
    "is_pythons",
    "is_users",
    "is_written",
    "note_users",
    "slots_of",
]

CODE = (ModuleType, type, FunctionType, BuiltinFunctionType, MethodType)
LOCKS = (type(threading.Lock()), type(threading.RLock()))
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
    range,
    re.Pattern,
    logging.Logger,
    *LOCKS,
)
_CONTAINERS = (dict, list, set, deque, bytearray)
_PYTHONS = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})
_INSTALLED = tuple({sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib")})
_LIBRARIES = (*_PYTHONS, *_INSTALLED)
_OURS = str(Path(__file__).parents[2]) + os.sep

_noted = set[str]()
"""Packages that are the user's although they are installed, or in no file."""


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


@dataclass(frozen=True, slots=True)
class Attribute:
    """A variable of a class."""

    kind: type[Any]
    name: str

    @property
    def id(self) -> tuple[int, str]:
        """What tells it from every other place."""
        return id(self.kind), self.name

    def get(self) -> Any:
        """Return the value. Raises KeyError where there is none."""
        return vars(self.kind)[self.name]

    def put(self, value: Any) -> None:
        """Set the variable."""
        setattr(self.kind, self.name, value)


Place: TypeAlias = Global | Cell | Attribute


def has_content(value: Any) -> bool:
    """Whether a value can be brought back by putting its old content into it: a container, or an object."""
    if isinstance(value, (*CODE, *_FIXED)):
        return False
    return isinstance(value, _CONTAINERS) or hasattr(value, "__dict__") or bool(slots_of(value))


def slots_of(value: Any) -> list[str]:
    """Return the names of an object's attributes that are in slots."""
    slots = [vars(kind).get("__slots__", ()) for kind in type(value).__mro__]
    names = [name for one in slots for name in ((one,) if isinstance(one, str) else one)]
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def is_fixed(value: Any) -> bool:
    """Whether a value cannot change, so that whoever holds it needs nothing else to bring it back."""
    return value is None or isinstance(value, (*CODE, *_FIXED))


def is_data(value: Any) -> bool:
    """Whether a value that has content is a container or an object of data, and no client or logger of a library."""
    kind = type(value)
    return has_content(value) and (
        isinstance(value, _CONTAINERS)
        or is_dataclass(kind)
        or hasattr(kind, "__pydantic_fields__")
        or kind.__module__ == "asyncio.locks"
        or is_users(kind.__module__)
    )


def note_users(modules: Iterable[str | None]) -> None:
    """Take these modules' packages for the user's, wherever they are: installed, or typed in."""
    _noted.update(module.partition(".")[0] for module in modules if module is not None)


def is_users(module: str | None) -> bool:
    """Whether a module is the user's: neither of Python's, nor streamkit itself, nor installed, unless it was noted."""
    if module is None or module.partition(".")[0] in _noted:
        return module is not None
    file = getattr(sys.modules.get(module), "__file__", None)
    return file is not None and not file.startswith((*_LIBRARIES, _OURS))


def is_written(code: CodeType) -> bool:
    """Whether somebody wrote this code for a class, and it was not generated, or wrapped around by Python."""
    file = code.co_filename
    pythons = file.startswith(_PYTHONS) and not file.startswith(_INSTALLED)
    return not pythons and not (file.startswith("<") and not file.startswith(("<stdin", "<console", "<ipython")))


def is_pythons(name: str) -> bool:
    """Whether a name in a module is one that Python itself, or pytest, has put there."""
    return name.startswith(("__", "@"))
