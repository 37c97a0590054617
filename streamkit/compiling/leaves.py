"""Schemas of single values: text, numbers, binary, instants, enums, literals.

What makes each of them sound is that its payload is first held to what the reference reads under that type: text for
``S``, a number's text for ``N``, which Python and pydantic are both more generous about.
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from streamkit.compiling.doubts import NotCompiledError
from streamkit.compiling.readings import CoreSchema, Mixed, Reading, chain, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.compiling.checks import Code
    from streamkit.compiling.scope import Read, Scope

__all__ = ["LEAVES"]


def _text(**rules: Any) -> dict[str, Any]:
    """Return a schema that takes text as it is, whatever its class' configuration makes of text."""
    as_it_is = {"strip_whitespace": False, "to_lower": False, "to_upper": False, "coerce_numbers_to_str": False}
    sizes = {"min_length": 0, "max_length": 2**40}
    return {"type": "str", "strict": True, **as_it_is, **sizes, "regex_engine": "rust-regex", **rules}


_TEXT: CoreSchema = {"type": "is-instance", "cls": str}
# DynamoDB writes numbers of up to 38 digits without an exponent. Others are left to the reference.
_WHOLE = _text(pattern=r"^-?[0-9]{1,38}$")
_PLAIN = _text(pattern=r"^-?[0-9]{1,40}(?:\.[0-9]{1,150})?$")
_SECONDS = _text(pattern=r"^-?[0-9]{1,14}$")
_SECONDS_DIGITS = 14


def _lax(schema: CoreSchema) -> CoreSchema:
    return {**schema, "strict": False}


def _refused(schema: CoreSchema) -> NotCompiledError:
    return NotCompiledError(f"it is strict, and an item's values are not of the type {schema['type']}: none is valid")


def _str(schema: CoreSchema, _scope: Scope, _read: Read) -> Reading:
    return Reading({"S": {**schema, "strict": True, "coerce_numbers_to_str": False}})


def _number(schema: CoreSchema, scope: Scope, guard: CoreSchema) -> Reading:
    if scope.is_strict(schema):
        raise _refused(schema)
    read = chain(guard, _lax(schema))
    return Reading({"N": read, "S": read}, mixed=Mixed(("N", "S"), read), rare=frozenset({"S"}))


def _int(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    return _number(schema, scope, _WHOLE)


def _float(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    return _number(schema, scope, _PLAIN)


def _decimal(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    ruled = schema.keys() - {"type", "strict", "allow_inf_nan", "metadata", "serialization"}
    read = chain(_PLAIN, _lax(schema) if ruled else plain(Decimal))
    if scope.is_strict(schema):
        return Reading({"N": read})
    return Reading({"N": read, "S": read}, mixed=Mixed(("N", "S"), read), rare=frozenset({"S"}))


def _bool(schema: CoreSchema, _scope: Scope, _read: Read) -> Reading:
    return Reading({"BOOL": {**schema, "strict": True}})


def _bytes(schema: CoreSchema, _scope: Scope, _read: Read) -> Reading:
    decode = plain(partial(b64decode, validate=True))
    return Reading({"B": chain(_TEXT, decode, schema)})


def _from_text(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    if scope.is_strict(schema):
        raise _refused(schema)
    return Reading({"S": chain(_TEXT, _lax(schema))})


def _instant(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    """Dates and times of day: text, or seconds since 1970 (milliseconds, where there are too many for seconds)."""
    if scope.is_strict(schema):
        raise _refused(schema)
    text, seconds = chain(_TEXT, _lax(schema)), chain(_SECONDS, {"type": "int", "strict": False}, _lax(schema))
    return Reading({"S": text, "N": seconds}, mixed=Mixed(("S", "N"), text, _seconds, tells_types=True))


def _seconds(code: Code, value: str) -> None:
    """Check that a number, which is read as text as well, is a plain number of seconds: only then that is sure."""
    # Not `in`: a text may stand in the place of the attribute value, with an S in it.
    with code.block(f"if {value}.get('S') is None:"):
        seconds = code.variable()
        code.line(f"{seconds} = {value}['N']")
        plain = f"{seconds}.isdecimal() and {seconds}.isascii() and len({seconds}) <= {_SECONDS_DIGITS}"
        code.doubt_if(f"not ({plain})")


def _literal(schema: CoreSchema, _scope: Scope, _read: Read) -> Reading:
    kinds = set(map(type, schema["expected"]))
    if kinds != {str}:
        raise NotCompiledError("a Literal of more than texts")
    return Reading({"S": schema})


def _enum(schema: CoreSchema, scope: Scope, _read: Read) -> Reading:
    if scope.is_strict(schema):
        raise _refused(schema)
    kinds = {type(member.value) for member in schema["members"]}
    if kinds == {str}:
        return Reading({"S": chain(_TEXT, _lax(schema))})
    if kinds == {int} and schema.get("sub_type") == "int" and not _looks_for_missing(schema["cls"]):
        return Reading({"N": chain(_WHOLE, {"type": "int", "strict": False}, _lax(schema))})
    raise NotCompiledError("an Enum of more than texts, or of numbers without being a plain IntEnum")


def _looks_for_missing(cls: type[Enum]) -> bool:
    """Whether an Enum makes members of other values itself: it would be asked with a Decimal by the reference."""
    own, inherited = (getattr(one, "__func__", None) for one in (cls._missing_, Enum._missing_))
    return own is not inherited


LEAVES: Mapping[str, Callable[[CoreSchema, Scope, Read], Reading]] = {
    "str": _str,
    "int": _int,
    "float": _float,
    "decimal": _decimal,
    "bool": _bool,
    "bytes": _bytes,
    "uuid": _from_text,
    "time": _from_text,
    "timedelta": _from_text,
    "datetime": _instant,
    "date": _instant,
    "literal": _literal,
    "enum": _enum,
}
