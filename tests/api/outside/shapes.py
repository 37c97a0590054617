"""Answers held against AWS's own description of them, the one that botocore brings."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["misfits"]

_JSON = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict, "structure": dict}
# DynamoDB Local's region is none that AWS's patterns know.
_LOCAL = "arn:aws:dynamodb:ddblocal:"


def misfits(operation: Any, body: bytes, headers: Mapping[str, str]) -> list[str]:
    """Return what does not fit in an answer as it came: unknown members, other types, values out of range.

    ``operation``: botocore's model of it.
    """
    shape = operation.output_shape
    if shape is None:
        return [] if not body else [f"a body where there is none: {body!r}"]
    found: list[str] = []
    for name, member in shape.members.items():
        where = member.serialization.get("location")
        if where == "header" and (text := headers.get(member.serialization["name"])) is not None:
            found += _misfits(text, member, name)
    if shape.serialization.get("payload"):
        return found
    return found + list(_misfits(json.loads(body), shape, ""))


def _misfits(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "timestamp":
        if type(value) not in (int, float):
            yield f"{path}: {value!r} is no time"
    elif type(value) is not _JSON[shape.type_name]:
        yield f"{path}: {value!r} is no {shape.type_name}"
    else:
        yield from _out_of_range(value, shape, path)
        yield from _inside(value, shape, path)


def _inside(value: Any, shape: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            for name, member in value.items():
                if name in shape.members:
                    yield from _misfits(member, shape.members[name], f"{path}.{name}")
                else:
                    yield f"{path}: there is no {name}"
            yield from (f"{path}: {name} is missing" for name in shape.required_members if name not in value)
        case "list":
            for index, member in enumerate(value):
                yield from _misfits(member, shape.member, f"{path}[{index}]")
        case "map":
            for key, member in value.items():
                yield from _misfits(key, shape.key, f"{path} key")
                yield from _misfits(member, shape.value, f"{path}[{key!r}]")


def _out_of_range(value: Any, shape: Any, path: str) -> Iterator[str]:
    told = shape.metadata
    size = value if shape.type_name in ("integer", "long") else len(value) if hasattr(value, "__len__") else 0
    if "min" in told and size < told["min"]:
        yield f"{path}: {value!r} is less than {told['min']}"
    if "max" in told and size > told["max"]:
        yield f"{path}: {value!r} is more than {told['max']}"
    if "enum" in told and value not in told["enum"]:
        yield f"{path}: {value!r} is none of {told['enum']}"
    pattern = told.get("pattern")
    # Python has no \p: those patterns are of free texts.
    if pattern and "\\p" not in pattern and not value.startswith(_LOCAL) and not re.fullmatch(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"
