"""Schemas of what holds other values: lists, tuples, sets, dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.compiling.checks import each, in_places
from streamkit.compiling.doubts import NotCompiledError
from streamkit.compiling.readings import CoreSchema, Mixed, Reading, in_order, of_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.compiling.checks import Check, Code
    from streamkit.compiling.scope import Read, Scope

__all__ = ["CONTAINERS"]

_ANY: CoreSchema = {"type": "any"}

# Of what sets are compiled: values of these are the same where they are equal. Which of two equal instants, written in
# two time zones, stays in a set is a matter of chance even for the reference.
_MEMBERS = ("str", "int", "float", "decimal", "bytes", "uuid", "literal", "enum", "date")


def _list(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    items, check = of_values(read(schema.get("items_schema", _ANY), scope.inside("[]")))
    return Reading({"L": {**schema, "items_schema": items, "strict": True}}, {"L": each(check)})


def _tuple(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    if scope.is_strict(schema):
        raise NotCompiledError("it is strict, and a tuple does not come out of an item: no value is valid")
    variadic = schema.get("variadic_item_index")
    places = [
        of_values(read(one, scope.inside("[]" if index == variadic else f"[{index}]")))
        for index, one in enumerate(schema["items_schema"])
    ]
    items = [one for one, _ in places]
    checks = [check for _, check in places]
    if variadic == 0 and len(places) == 1:
        check: Check = each(checks[0])
    elif variadic is None:
        check = in_places(checks)
    else:
        raise NotCompiledError("a tuple that has more than its variable part")
    return Reading({"L": {**schema, "items_schema": items, "strict": False}}, {"L": check})


def _set(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    items = schema.get("items_schema", _ANY)
    if items["type"] not in _MEMBERS:
        raise NotCompiledError("a set of what may be equal without being the same, or has no set in DynamoDB")
    inner = read(items, scope.inside("[]"))
    if schema["type"] == "frozenset" and scope.is_strict(schema):
        raise NotCompiledError("it is strict, and a frozenset does not come out of an item: no value is valid")
    if inner.whole is not None:
        raise NotCompiledError("a set of what is not compiled")
    member, item = next(iter(inner.by_type.items()))
    name, of_payloads = f"{member}S", {**schema, "items_schema": item, "strict": False}
    if scope.is_strict(schema):
        return Reading({name: of_payloads}, {name: _is_list})
    elements, _ = of_values(inner)
    of_lists = {**schema, "items_schema": elements, "strict": False}
    mixed = Mixed((name, "L"), in_order(of_payloads, of_lists), _set_or_list(name), tells_types=True)
    return Reading({name: of_payloads, "L": of_lists}, {name: _is_list, "L": each(None)}, mixed, rare=frozenset({"L"}))


def _is_list(code: Code, value: str) -> None:
    """Check that the payload of a set is a list."""
    code.doubt_if(f"type({value}) is not list")


def _set_or_list(name: str) -> Check:
    """Check that members stood in a set of this type, attribute values in a list."""

    def write(code: Code, value: str) -> None:
        payload = code.variable()
        # All of them are alike, so that the first tells what they are.
        with code.block(f"if {name!r} in {value}:"):
            code.line(f"{payload} = {value}[{name!r}]")
            code.doubt_if(f"type({payload}) is not list or {payload} and type({payload}[0]) is not str")
        with code.block("else:"):
            code.line(f"{payload} = {value}['L']")
            each(None)(code, payload)
            code.doubt_if(f"{payload} and type({payload}[0]) is not dict")

    return write


def _dict(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    values, check = of_values(read(schema.get("values_schema", _ANY), scope.inside("{}")))

    return Reading({"M": {**schema, "values_schema": values, "strict": True}}, {"M": each(check, of_map=True)})


CONTAINERS: Mapping[str, Callable[[CoreSchema, Scope, Read], Reading]] = {
    "list": _list,
    "tuple": _tuple,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
}
