"""Schemas whose JSON is faithful, and how their values are looked at and put in order.

pydantic's own dump says little: it writes None for anything, a subclass as its base, keys of any type, and drops what
a TypedDict should not have. Values are looked at a column at a time, so that next to nothing of it is run in Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from streamkit.states.losslessjson import compact, is_unicode
from streamkit.states.rules import HARMLESS, HARMLESS_CONFIG, RULES, RULES_CONFIG

__all__ = ["Check", "Node", "Order", "UnnaturalError", "Walk"]

Check: TypeAlias = Callable[[Collection[Any]], bool]
"""Whether all of some values are exactly of the schema's type, and such that its JSON is faithful."""

Order: TypeAlias = Callable[[Any], None]
"""Puts the members of sets in order, in the value's JSON types."""


@dataclass(frozen=True)
class Node:
    """What is to be done with the values of a schema: ``order`` is None where there are no sets."""

    check: Check
    order: Order | None = None


class UnnaturalError(Exception):
    """The schema has a part whose JSON may not be faithful."""


def _kind_of(members: Collection[Any]) -> type:
    kinds = set(map(type, members))
    if kinds not in ({str}, {int}):  # others may be written alike: 1 and True
        raise UnnaturalError
    return kinds.pop()


def _are(kind: type, values: Collection[Any]) -> bool:
    return {kind}.issuperset(map(type, values))


def _are_unicode(values: Collection[Any]) -> bool:
    return _are(str, values) and is_unicode("".join(values))


def _all_of(kind: type, holds: Callable[[Any], bool] | None = None) -> Check:
    kinds = {kind}
    if holds is None:
        return lambda values: kinds.issuperset(map(type, values))
    return lambda values: kinds.issuperset(map(type, values)) and all(map(holds, values))


def _are_small(values: Collection[Any]) -> bool:
    """Whether all are integers of 64 bits: pydantic writes larger ones as well, and they are read as floats."""
    return _are(int, values) and (not values or (min(values) >= -(2**63) and max(values) < 2**64))


def _columns_are(checks: Mapping[str, Check], rows: Collection[Mapping[str, Any]]) -> bool:
    """Whether every row has every column, and all values in it are right."""
    try:
        return all([check([*map(itemgetter(name), rows)]) for name, check in checks.items()])  # noqa: C419  # no frames
    except KeyError:  # a field was deleted: pydantic writes the rest
        return False


_fields_of = attrgetter("__dict__")


def _each(order: Order) -> Order:
    def each(values: Any) -> None:
        for value in values:
            order(value)

    return each


def _is_plain_datetime(value: datetime) -> bool:
    """Whether ISO 8601, as pydantic writes it, says all about a point in time: not its zone's name, nor its fold."""
    zone = value.tzinfo
    if zone is None or value.fold:
        return not value.fold
    if type(zone) is not timezone and not type(zone).__module__.startswith("pydantic_core"):
        return False
    offset = zone.utcoffset(None)
    return offset is not None and not offset.seconds % 60 and not offset.microseconds


def _leaf(check: Check) -> Callable[[Any, Mapping[str, Any]], Node]:
    node = Node(check)
    return lambda _walk, _schema: node


_ANY = {"type": "any"}
_FUNCTIONS = ("function-after", "function-before", "function-wrap")


class Walk:
    """One walk over a schema; raises UnnaturalError where it meets what may not be faithful."""

    def __init__(self) -> None:
        self.constrained = False
        self.merging = False
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._met: dict[str, Node | None] = {}

    def node(self, schema: Mapping[str, Any]) -> Node:
        """Return what is to be done with the values of a schema."""
        read = self._READERS.get(schema["type"])
        if read is None:
            raise UnnaturalError
        self._look_at_rules(schema, self._OWN[schema["type"]])
        return read(self, schema)

    def _look_at_rules(self, schema: Mapping[str, Any], own: frozenset[str]) -> None:
        config = schema.get("config") or {}
        unknown = (schema.keys() - HARMLESS - own) - RULES | (config.keys() - HARMLESS_CONFIG - RULES_CONFIG)
        if unknown or "allow" in (config.get("extra_fields_behavior"), schema.get("extra_behavior")):
            raise UnnaturalError
        if schema.keys() & (RULES - own) or config.keys() & RULES_CONFIG:
            self.constrained = True

    def _inner(self, schema: Mapping[str, Any]) -> Node:
        return self.node(schema["schema"])

    def _function(self, schema: Mapping[str, Any]) -> Node:
        self.constrained = True
        return self.node(schema["schema"])

    def _literal(self, schema: Mapping[str, Any]) -> Node:
        expected = frozenset(schema["expected"])
        kind = _kind_of(schema["expected"])
        return Node(lambda values: _are(kind, values) and expected.issuperset(values))

    def _enum(self, schema: Mapping[str, Any]) -> Node:
        _kind_of([member.value for member in schema["members"]])
        return Node(_all_of(schema["cls"]))

    def _nullable(self, schema: Mapping[str, Any]) -> Node:
        node = self.node(schema["schema"])
        check, order = node.check, node.order
        return Node(
            lambda values: check([one for one in values if one is not None]),
            order and (lambda value: None if value is None else order(value)),
        )

    def _with_definitions(self, schema: Mapping[str, Any]) -> Node:
        self._definitions.update((one["ref"], one) for one in schema["definitions"])
        return self.node(schema["schema"])

    def _reference(self, schema: Mapping[str, Any]) -> Node:
        ref = schema["schema_ref"]
        if ref not in self._met:
            self._met[ref] = None
            self._met[ref] = self.node(self._definitions[ref])
        node = self._met[ref]
        if node is None:  # inside itself: its JSON may be deeper than pydantic reads
            raise UnnaturalError
        return node

    def _list(self, schema: Mapping[str, Any]) -> Node:
        return self._collection(list, schema.get("items_schema", _ANY))

    def _set(self, schema: Mapping[str, Any]) -> Node:
        self.merging = True
        kind = {"set": set, "frozenset": frozenset}[schema["type"]]
        node = self._collection(kind, schema.get("items_schema", _ANY))

        def sort(value: Any) -> None:
            if node.order:
                node.order(value)
            value.sort(key=compact)

        return Node(node.check, sort)

    def _tuple(self, schema: Mapping[str, Any]) -> Node:
        if schema.get("variadic_item_index") != 0 or len(schema["items_schema"]) != 1:
            raise UnnaturalError
        return self._collection(tuple, schema["items_schema"][0])

    def _collection(self, kind: type, items_schema: Mapping[str, Any]) -> Node:
        node = self.node(items_schema)
        check = node.check
        return Node(
            lambda values: _are(kind, values) and check([*chain.from_iterable(values)]),
            node.order and _each(node.order),
        )

    def _dict(self, schema: Mapping[str, Any]) -> Node:
        of_keys = schema.get("keys_schema", _ANY)
        if of_keys["type"] not in ("str", "int"):
            raise UnnaturalError
        keys, node = self.node(of_keys).check, self.node(schema.get("values_schema", _ANY))
        if of_keys["type"] == "int":  # "1" and "01" in JSON are one key
            self.merging = True
        else:
            keys = _are_unicode  # pydantic writes the halves of surrogate pairs in keys as question marks
        check, order = node.check, node.order and _each(node.order)
        return Node(
            lambda values: (
                _are(dict, values)
                and keys([*chain.from_iterable(values)])
                and check([*chain.from_iterable(map(dict.values, values))])
            ),
            order and (lambda value: order(value.values())),
        )

    def _model(self, schema: Mapping[str, Any]) -> Node:
        inner = self._inside_functions(schema, "model-fields")
        checks, order = self._fields(inner["fields"])
        cls = schema["cls"]
        return Node(lambda values: _are(cls, values) and _columns_are(checks, [*map(_fields_of, values)]), order)

    def _dataclass(self, schema: Mapping[str, Any]) -> Node:
        inner = self._inside_functions(schema, "dataclass-args")
        checks, order = self._fields({one["name"]: one for one in inner["fields"]})
        cls = schema["cls"]

        def are_dataclasses(values: Collection[Any]) -> bool:
            rows = [{name: getattr(one, name) for name in checks if hasattr(one, name)} for one in values]
            return _are(cls, values) and _columns_are(checks, rows)

        return Node(are_dataclasses, order)

    def _inside_functions(self, schema: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """Return the schema of a class' fields, which its own validators may stand around."""
        if any(schema.get(name) for name in ("root_model", "custom_init", "post_init")):
            raise UnnaturalError
        inner: Mapping[str, Any] = schema["schema"]
        while inner["type"] in _FUNCTIONS:
            self.constrained = True
            self._look_at_rules(inner, self._OWN[inner["type"]])
            inner = inner["schema"]
        if inner["type"] != kind:
            raise UnnaturalError
        self._look_at_rules(inner, frozenset({"fields"}))
        return inner

    def _typed_dict(self, schema: Mapping[str, Any]) -> Node:
        fields = schema["fields"]
        checks, order = self._fields(fields)
        required = {name for name, one in fields.items() if one.get("required", schema.get("total", True))}
        always = {name: check for name, check in checks.items() if name in required}
        sometimes = [(name, check) for name, check in checks.items() if name not in required]
        return Node(
            lambda values: (
                _are(dict, values)
                and checks.keys() >= set(chain.from_iterable(values))
                and _columns_are(always, values)
                and all(check([one[name] for one in values if name in one]) for name, check in sometimes)
            ),
            order,
        )

    def _fields(self, fields: Mapping[str, Any]) -> tuple[dict[str, Check], Order | None]:
        nodes = {name: self.node(one) for name, one in fields.items()}
        orders = {name: node.order for name, node in nodes.items() if node.order}

        def order(value: Any) -> None:
            for name in orders.keys() & value.keys():
                orders[name](value[name])

        return {name: node.check for name, node in nodes.items()}, order if orders else None

    # How each type of schema is read, and the members that it has of its own.
    _READERS: ClassVar[Mapping[str, Callable[[Any, Mapping[str, Any]], Node]]] = {
        "str": _leaf(_all_of(str)),
        "int": _leaf(_are_small),
        "float": _leaf(_all_of(float, math.isfinite)),
        "bool": _leaf(_all_of(bool)),
        "none": _leaf(_all_of(type(None))),
        "decimal": _leaf(_all_of(Decimal, Decimal.is_finite)),
        "uuid": _leaf(_all_of(UUID)),
        "datetime": _leaf(_all_of(datetime, _is_plain_datetime)),
        "date": _leaf(_all_of(date)),
        "time": _leaf(_all_of(time, lambda value: value.tzinfo is None and not value.fold)),
        "literal": _literal,
        "enum": _enum,
        "nullable": _nullable,
        "definitions": _with_definitions,
        "definition-ref": _reference,
        "list": _list,
        "tuple": _tuple,
        "dict": _dict,
        "model": _model,
        "dataclass": _dataclass,
        "typed-dict": _typed_dict,
        **dict.fromkeys(("set", "frozenset"), _set),
        **dict.fromkeys(("default", "model-field", "dataclass-field", "typed-dict-field"), _inner),
        **dict.fromkeys(_FUNCTIONS, _function),
    }
    _OWN: ClassVar[Mapping[str, frozenset[str]]] = {
        **dict.fromkeys(_READERS, frozenset({"schema", "function", "items_schema", "keys_schema", "values_schema"})),
        "literal": frozenset({"expected"}),
        "enum": frozenset({"members", "sub_type"}),
        "definitions": frozenset({"schema", "definitions"}),
        "definition-ref": frozenset({"schema_ref"}),
        "tuple": frozenset({"items_schema", "variadic_item_index"}),
        "model": frozenset({"schema", "root_model", "custom_init", "post_init"}),
        "dataclass": frozenset({"schema", "fields", "post_init"}),
        "typed-dict": frozenset({"fields"}),
        **dict.fromkeys(("datetime", "time"), frozenset({"microseconds_precision"})),
    }
