"""What the members of a request may be, as the API's model says: types and ranges are refused differently.

AWS's services check a request against their model before their own rules: types first, then every constraint at once
(SEMANTICS §1, Refusals). What they say to a wrong type is not recorded (U).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from streamkit.api.refusals import constraint, failed, serialization, validation

__all__ = ["Flag", "Keyed", "Listed", "Members", "Number", "Shape", "Structure", "Text", "Timestamp", "checked"]

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its length, its pattern, or the few that there are."""

    low: int = 0
    high: int | None = None
    pattern: str | None = None
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, both ends of its range included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A time: seconds since 1970, or ISO 8601."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list."""

    of: Shape
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Keyed:
    """An object of texts under free names: how many there may be, and how long names and texts."""

    most: int = 50
    longest_key: int = 128
    longest_value: int = 256


@dataclass(frozen=True, slots=True)
class Structure:
    """An object with members of its own. One without is taken whole."""

    members: Mapping[str, Shape] | None = None


Shape: TypeAlias = Text | Number | Flag | Timestamp | Listed | Keyed | Structure
Members: TypeAlias = Mapping[str, Shape]

_KINDS: Mapping[type, tuple[tuple[type, ...], str]] = {
    Text: ((str,), "a string"),
    Number: ((int,), "an integer"),
    Flag: ((bool,), "a boolean"),
    Timestamp: ((int, float, str), "a timestamp"),
    Listed: ((list,), "a list"),
    Keyed: ((dict,), "a map"),
    Structure: ((dict,), "a structure"),
}
_TOKENS: Mapping[type, str] = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    bool: "BOOLEAN_VALUE",
    list: "START_ARRAY",
    dict: "START_OBJECT",
}


def checked(
    body: Any, members: Members, required: Sequence[str] = (), unknown: Callable[[str], object] = str
) -> dict[str, Any]:
    """Return the members of a request's body that are given; null is not given.

    ``unknown`` is told of each member that the model does not have: AWS ignores it.

    Raises Refusal: SerializationException for a wrong type, ValidationException for everything out of range.
    """
    if not isinstance(body, dict):
        raise serialization(f"{_token(body)} can not be converted to a structure: expected a JSON object")
    for name in body:
        if name not in members:
            unknown(name)
    given = {name: body[name] for name in members if body.get(name) is not None}
    for name, value in given.items():
        _check_type(value, members[name], _camel(name))
    problems = [constraint(None, _camel(name), "not be null") for name in required if name not in given]
    problems += [problem for name, value in given.items() for problem in _problems(value, members[name], _camel(name))]
    if problems:
        raise validation(*problems)
    return given


def _check_type(value: Any, shape: Shape, path: str) -> None:
    kinds, name = _KINDS[type(shape)]
    if type(value) not in kinds:
        raise serialization(f"{_token(value)} can not be converted to {name} at {path}")
    match shape:
        case Listed():
            for index, element in enumerate(value, 1):
                _check_type(element, shape.of, f"{path}.{index}.member")
        case Keyed():
            for key, element in value.items():
                _check_type(element, Text(), f"{path}.{key}")
        case Structure() if shape.members is not None:
            for key, member in shape.members.items():
                if value.get(key) is not None:
                    _check_type(value[key], member, f"{path}.{_camel(key)}")


def _problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    match shape:
        case Text():
            yield from _text_problems(value, shape, path)
        case Number():
            if value < shape.low:
                yield constraint(value, path, f"have value greater than or equal to {shape.low}")
            if value > shape.high:
                yield constraint(value, path, f"have value less than or equal to {shape.high}")
        case Listed():
            yield from _list_problems(value, shape, path)
        case Keyed():
            yield from _map_problems(value, shape, path)
        case Structure() if shape.members is not None:
            for key, member in shape.members.items():
                if value.get(key) is not None:
                    yield from _problems(value[key], member, f"{path}.{_camel(key)}")


def _text_problems(value: str, shape: Text, path: str) -> Iterator[str]:
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    if shape.values and value not in shape.values:
        yield constraint(shown, path, f"satisfy enum value set: [{', '.join(shape.values)}]")
    if len(value) < shape.low:
        yield constraint(shown, path, f"have length greater than or equal to {shape.low}")
    if shape.high is not None and len(value) > shape.high:
        yield constraint(shown, path, f"have length less than or equal to {shape.high}")
    if shape.pattern is not None and not re.fullmatch(shape.pattern, value, re.ASCII):
        yield constraint(shown, path, f"satisfy regular expression pattern: {shape.pattern}")


def _list_problems(value: list[Any], shape: Listed, path: str) -> Iterator[str]:
    if shape.high is not None and len(value) > shape.high:
        yield constraint(_shown_list(value), path, f"have length less than or equal to {shape.high}")
    if isinstance(shape.of, Text) and shape.of.values:
        if any(element not in shape.of.values for element in value):
            allowed = f"[Member must satisfy enum value set: [{', '.join(shape.of.values)}]]"
            yield constraint(_shown_list(value), path, f"satisfy constraint: {allowed}")
        return
    for index, element in enumerate(value, 1):
        yield from _problems(element, shape.of, f"{path}.{index}.member")


def _map_problems(value: dict[str, str], shape: Keyed, path: str) -> Iterator[str]:
    shown = f"{{{', '.join(f'{key}={text}' for key, text in value.items()):.{_SHOWN}}}}"
    if len(value) > shape.most:
        yield constraint(shown, path, f"have length less than or equal to {shape.most}")
    for what, low, high, texts in (
        ("keys", 1, shape.longest_key, value.keys()),
        ("value", 0, shape.longest_value, value.values()),
    ):
        if any(not low <= len(text) <= high for text in texts):
            lengths = f"less than or equal to {high}, Member must have length greater than or equal to {low}"
            yield failed(shown, path, f"Map {what} must satisfy constraint: [Member must have length {lengths}]")


def _shown_list(value: list[Any]) -> str:
    return f"[{', '.join(str(element) for element in value):.{_SHOWN}}]"


def _token(value: Any) -> str:
    return "NULL_VALUE" if value is None else _TOKENS[type(value)]


def _camel(name: str) -> str:
    return "kmsKeyArn" if name == "KMSKeyArn" else name[0].lower() + name[1:]
