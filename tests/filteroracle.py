"""Matching as AWS's open-source engine (event-ruler) has it, written anew and by brute force.

A record is flattened into fields, path and value, each with the elements of the arrays that it lies in. A pattern
matches if a field can be chosen for each of its keys so that no two lie in different elements of one array, and if
nothing is where nothing may be. Without ``$or``: there the engine looks beyond the objects of a pattern, we do not.
"""

from __future__ import annotations

import itertools
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Path: TypeAlias = tuple[str, ...]
Elements: TypeAlias = dict[int, int]
COMPARE: dict[str, Any] = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
NOTHING = {"exists": False}


class Field(NamedTuple):
    path: Path
    value: Any
    elements: Elements


def flattened(record: Any) -> list[Field]:
    numbers = itertools.count()

    def walk(value: Any, path: Path, elements: Elements) -> Iterator[Field]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, (*path, key), elements)
        elif isinstance(value, list):
            array = next(numbers)
            for index, inner in enumerate(value):
                yield from walk(inner, path, {**elements, array: index})
        else:
            yield Field(path, value, elements)

    return list(walk(record, (), {}))


def conditions_of(pattern: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    for key, part in pattern.items():
        if isinstance(part, dict):
            yield from conditions_of(part, (*path, key))
        else:
            yield (*path, key), part


def fits(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)
    ((operator, given),) = wanted.items()
    number, text = isinstance(value, int | float) and not isinstance(value, bool), isinstance(value, str)
    match operator:
        case "exists":
            return bool(given)
        case "anything-but":
            return not any(fits(value, one) for one in (given if isinstance(given, list) else [given]))
        case "numeric":
            return number and all(
                COMPARE[sign](value, bound) for sign, bound in zip(given[::2], given[1::2], strict=True)
            )
        case "prefix":
            return text and value[: len(given)] == given
        case "suffix":
            return text and value[len(value) - len(given) :] == given
        case _:
            return text and len(value) == len(given) and value.lower() == given.lower()


def together(one: Elements, other: Elements) -> bool:
    return all(other.get(array, index) == index for array, index in one.items())


def engine_matches(record: Any, pattern: dict[str, Any]) -> bool:
    fields = flattened(record)

    def choose(conditions: list[tuple[Path, list[Any]]], elements: Elements, absent: list[Path]) -> bool:
        if not conditions:
            return not any(field.path in absent and together(elements, field.elements) for field in fields)
        (path, wanted), *rest = conditions
        return any(
            field.path == path
            and together(elements, field.elements)
            and any(fits(field.value, one) for one in wanted)
            and choose(rest, elements | field.elements, absent)
            for field in fields
        ) or (NOTHING in wanted and choose(rest, elements, [*absent, path]))

    return choose(list(conditions_of(pattern)), {}, [])
