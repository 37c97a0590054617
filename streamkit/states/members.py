"""Whether the JSON of a state has members that its type does not know.

pydantic can refuse them (``extra="forbid"``), and takes a fifth longer for all states with it. Here keys are looked at
a column at a time, once pydantic has read them; it is asked again only to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import chain
from typing import Any, TypeAlias

__all__ = ["Known", "known_members"]

Known: TypeAlias = Callable[[Collection[Any]], bool]
"""Whether all of some values, in JSON types, have no unknown members."""

_AROUND = ("default", "model-field", "dataclass-field", "typed-dict-field")
_ITEMS = ("list", "tuple", "set", "frozenset")


def known_members(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> Known | None:
    """Return the check for a schema that `shapes` calls natural; None where there is nothing to check."""
    kind, known = schema["type"], definitions or {}
    if kind in _AROUND:
        return known_members(schema["schema"], known)
    if kind == "definitions":
        return known_members(schema["schema"], {one["ref"]: one for one in schema["definitions"]})
    if kind == "definition-ref":
        return known_members(known[schema["schema_ref"]], known)
    if kind == "nullable":
        return _within(schema["schema"], known, lambda values: [one for one in values if one is not None])
    if kind in _ITEMS:
        items = schema.get("items_schema")
        return _within(items[0] if isinstance(items, list) else items, known, lambda values: [*chain(*values)])
    if kind == "dict":
        return _within(schema.get("values_schema"), known, lambda values: [*chain(*map(dict.values, values))])
    fields = _fields_of(schema)
    return None if fields is None else _object(fields, known)


def _within(
    schema: Mapping[str, Any] | None, definitions: Mapping[str, Any], inner: Callable[[Collection[Any]], list[Any]]
) -> Known | None:
    known = None if schema is None else known_members(schema, definitions)
    return known and (lambda values: known(inner(values)))


def _fields_of(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the fields of an object's schema, None for a schema of anything else."""
    if schema["type"] == "typed-dict":
        return dict(schema["fields"])
    if schema["type"] == "model":
        return dict(schema["schema"]["fields"])
    if schema["type"] == "dataclass":
        return {one["name"]: one for one in schema["schema"]["fields"]}
    return None


def _object(fields: Mapping[str, Any], definitions: Mapping[str, Any]) -> Known:
    names = frozenset(fields)
    checks = [(name, known_members(one, definitions)) for name, one in fields.items()]
    inner = [(name, check) for name, check in checks if check is not None]
    return lambda values: (
        names.issuperset(chain.from_iterable(values))
        and all(check([one[name] for one in values if name in one]) for name, check in inner)
    )
