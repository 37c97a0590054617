"""A file of functions: a JSON list of objects under the names of AWS's CreateFunction."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from streamkit.api.functiondefinitions import (
    AliasDefinition,
    FunctionDefinition,
    FunctionDefinitionError,
    check_alias,
    defined_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_functions"]

_T = TypeVar("_T")

_MEMBERS = (
    "FunctionName",
    "Handler",
    "Timeout",
    "MemorySize",
    "Environment",
    "Description",
    "ReservedConcurrentExecutions",
    "Tags",
    "Aliases",
)


class _Range(NamedTuple):
    """Which numbers a member takes."""

    low: int
    high: float
    text: str


_TIMEOUT = _Range(1, 900, "1 to 900 seconds")
_MEMORY = _Range(128, 10_240, "128 to 10240 MB")
_CONCURRENCY = _Range(0, math.inf, "0 or more invocations at once")
_KINDS: Mapping[type, str] = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}
_MAX_DESCRIPTION = 256


def read_functions(path: str | Path) -> list[FunctionDefinition]:
    """Return the functions of a file, in its order.

    Each object has FunctionName and Handler (``app:handler`` or ``app.handler``), and may have Timeout, MemorySize,
    Environment, Description, ReservedConcurrentExecutions, Tags, and Aliases: an object of alias names and for each of
    them an object with, if it has them, a Handler and a Description of its own.

    Raises FunctionDefinitionError for what cannot be read, and for a member that is not one of these.
    """
    try:
        # An editor of Windows may have put a mark of the encoding before it.
        found = json.loads(Path(path).read_text(encoding="utf-8-sig"), object_pairs_hook=_unique)
    except OSError as error:
        raise FunctionDefinitionError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise FunctionDefinitionError(f"{path} is no JSON: {error}") from None
    if not isinstance(found, list):
        raise FunctionDefinitionError(
            f'{path} is {_kind(found)}; it takes a list of functions: [{{"FunctionName": "orders", "Handler": '
            f'"app:handler"}}]'
        )
    return [_function(one, f"function {number} of {path}") for number, one in enumerate(found, 1)]


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError for a name that is there twice, of which Python would keep the last."""
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"{name!r} is there twice in one object")
        found[name] = value
    return found


def _function(given: Any, said: str) -> FunctionDefinition:
    members = _object(given, said, _MEMBERS)
    name = _required(members, "FunctionName", said)
    said = f"{said}, {name}"
    named = defined_name(name, said)
    if named.qualifier is not None:
        raise FunctionDefinitionError(f"{said}: FunctionName takes no qualifier; aliases go into Aliases")
    environment = _object(members.get("Environment", {}), f"{said}: Environment", ("Variables",))
    aliases = _member(members, "Aliases", dict, said) or {}
    for alias in aliases:
        check_alias(alias, said)
    return FunctionDefinition(
        named,
        _handler(_required(members, "Handler", said)),
        said,
        timeout=_number(members, "Timeout", _TIMEOUT, said),
        memory_size=_number(members, "MemorySize", _MEMORY, said),
        concurrency=_number(members, "ReservedConcurrentExecutions", _CONCURRENCY, said),
        description=_description(members, said),
        variables=_texts(environment, "Variables", f"{said}: Environment"),
        tags=_texts(members, "Tags", said),
        aliases={alias: _alias(value, f"{said}: alias {alias}") for alias, value in aliases.items()},
    )


def _alias(given: Any, said: str) -> AliasDefinition:
    members = _object(given, said, ("Handler", "Description"))
    handler = _member(members, "Handler", str, said)
    return AliasDefinition(None if handler is None else _handler(handler), _description(members, said))


def _handler(text: str) -> str:
    """Return a handler as streamkit names it, also where it is named as Lambda does."""
    module, dot, attribute = text.rpartition(".")
    return f"{module.replace('/', '.')}:{attribute}" if dot and ":" not in text else text


def _description(members: Mapping[str, Any], said: str) -> str:
    text = _member(members, "Description", str, said) or ""
    if len(text) > _MAX_DESCRIPTION:
        raise FunctionDefinitionError(f"{said}: Description has {len(text)} characters, of {_MAX_DESCRIPTION} at most")
    return text


def _number(members: Mapping[str, Any], name: str, allowed: _Range, said: str) -> int | None:
    value = _member(members, name, int, said)
    if value is not None and not allowed.low <= value <= allowed.high:
        raise FunctionDefinitionError(f"{said}: {name} takes {allowed.text}, not {value}")
    return value


def _texts(members: Mapping[str, Any], name: str, said: str) -> dict[str, str]:
    values: dict[str, Any] = _member(members, name, dict, said) or {}
    for key, value in values.items():
        if type(value) is not str:
            raise FunctionDefinitionError(f"{said}: {name}.{key} is {_kind(value)}; it takes a text")
    return values


def _object(given: Any, said: str, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise FunctionDefinitionError(f"{said} is {_kind(given)}; it takes an object")
    unknown = [repr(name) for name in given if name not in names]
    if unknown:
        raise FunctionDefinitionError(
            f"{said}: there is no {', '.join(unknown)} here; it takes {', '.join(names)}, and nothing is ignored"
        )
    return given


def _required(members: Mapping[str, Any], name: str, said: str) -> str:
    value = _member(members, name, str, said)
    if not value:
        raise FunctionDefinitionError(f"{said} has no {name}")
    return value


def _member(members: Mapping[str, Any], name: str, kind: type[_T], said: str) -> _T | None:
    if name not in members:
        return None
    value = members[name]
    if type(value) is not kind:
        raise FunctionDefinitionError(f"{said}: {name} is {_kind(value)}; it takes {_KINDS[kind]}")
    known: _T = value
    return known


def _kind(value: Any) -> str:
    return _KINDS.get(type(value)) or f"{json.dumps(value):.60}"
