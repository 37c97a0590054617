"""What a function can reach: by names, by what it is bound to, and through the functions that it calls."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from enum import Enum
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.variables import (
    CODE,
    Attribute,
    Cell,
    Global,
    has_content,
    is_data,
    is_fixed,
    is_pythons,
    is_users,
    is_written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType

    from streamkit.testing.simulation.variables import Place

__all__ = ["Reach", "bound_to", "defaults_of", "methods_of", "own_function", "places_in", "reach_of"]


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
            return [] if function is None or isinstance(function, CODE) else [function]


def places_in(function: FunctionType) -> Iterator[Place]:
    """Yield every place that a function can reach by a name: its module's globals, and the variables around it."""
    module = function.__globals__.get("__name__")
    for name, value in list(function.__globals__.items()):
        if isinstance(value, type) and value.__module__ == module:
            yield from _variables_of(value)
        elif not is_pythons(name) and not isinstance(value, CODE):
            yield Global(function.__globals__, name)
    yield from _cells(function)


def defaults_of(function: FunctionType) -> list[Any]:
    """Return what a function carries along from call to call: its attributes, and the defaults of its parameters."""
    return [vars(function), function.__defaults__, function.__kwdefaults__]


@dataclass(frozen=True, slots=True)
class Reach:
    """What functions read, and the user's functions that they call, themselves included."""

    places: list[Place]
    functions: list[FunctionType]


def reach_of(functions: Iterable[FunctionType | None]) -> Reach:
    """Return what functions read, and what functions of the user's read which they call."""
    places: dict[object, Place] = {}
    seen: dict[int, FunctionType] = {}
    waiting = [function for function in functions if function is not None]
    while waiting:
        function = waiting.pop()
        if id(function) in seen:
            continue
        seen[id(function)] = function
        for place in _read_by(function):
            value = place.get()
            kind = value if isinstance(value, type) else type(value)
            places.update((one.id, one) for one in _variables_of(kind))
            waiting += _users_functions(value if isinstance(value, CODE) else kind)
            if not isinstance(value, CODE):
                places.setdefault(place.id, place)
    return Reach(list(places.values()), list(seen.values()))


def methods_of(values: Iterable[Any]) -> frozenset[CodeType]:
    """Return the code of the user's own methods of objects, and of those that they hold."""
    held = [one for value in values for one in (value, *_held(value))]
    return frozenset(function.__code__ for value in held for function in _users_functions(type(value)))


def _held(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple | set):
        return list(value)
    return list(vars(value).values()) if has_content(value) and hasattr(value, "__dict__") else ()


def _read_by(function: FunctionType) -> Iterator[Place]:
    names = set(_names(function.__code__))
    for name in names & set(function.__globals__):
        value = function.__globals__[name]
        yield Global(function.__globals__, name)
        if isinstance(value, ModuleType) and is_users(value.__name__):
            yield from (Global(vars(value), inner) for inner in names & set(vars(value)) if not is_pythons(inner))
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


def _variables_of(kind: type[Any]) -> Iterator[Attribute]:
    """Yield the variables of a class of the user's, and of what it inherits from, that are data."""
    for one in kind.__mro__:
        if is_users(one.__module__) and not issubclass(one, Enum):
            for name, value in vars(one).items():
                if not is_pythons(name) and not isinstance(value, CODE) and (is_fixed(value) or is_data(value)):
                    yield Attribute(one, name)


def _users_functions(value: Any) -> list[FunctionType]:
    """Return the functions behind a function, a method or a class, as far as they are the user's own."""
    if isinstance(value, type):
        return [
            function
            for kind in value.__mro__
            if is_users(kind.__module__)
            for function in vars(kind).values()
            if isinstance(function, FunctionType) and is_written(function.__code__)
        ]
    function = own_function(value) if callable(value) else None
    return [function] if function is not None and is_users(function.__module__) else []
