"""Whether pydantic does with rewritten schemas what is expected of it, tried out before any of them is relied on.

Each construct is tried once in a process, when the first type that has it is compiled: a pydantic whose internals have
moved costs speed, never correctness.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import pydantic
from pydantic_core import SchemaValidator

from streamkit.compiling.compiler import Compiler
from streamkit.compiling.doubts import NotCompiledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamkit.compiling.readings import CoreSchema

__all__ = ["check_constructs"]


class _Trial(NamedTuple):
    """A schema, attribute values that it reads to values, and others that it must not read."""

    schema: CoreSchema
    read: list[tuple[Any, Any]]
    refused: list[Any]


class _Thing:
    """What a model looks like to pydantic-core."""

    __slots__ = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")

    def __eq__(self, other: object) -> bool:
        compared = ("__dict__", "__pydantic_fields_set__")
        return isinstance(other, _Thing) and all(getattr(self, name) == getattr(other, name) for name in compared)

    __hash__ = object.__hash__


class _Plain:
    """What a dataclass looks like to pydantic-core."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Plain) and vars(self) == vars(other)

    __hash__ = object.__hash__


def _made(cls: type[Any], **attributes: Any) -> Any:
    made = cls()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def _thing(**fields: Any) -> Any:
    return _made(_Thing, __pydantic_fields_set__=set(fields), **{"note": None, **fields})


_STR: CoreSchema = {"type": "str"}
_INT: CoreSchema = {"type": "int"}
_NOTE: CoreSchema = {"type": "default", "schema": {"type": "nullable", "schema": _STR}, "default": None}
_NUMBERS_NOT = [{"N": 5}, {"N": " 5"}, {"N": "1_0"}, {"N": "\u0663"}, {"N": "nan"}, {"N": "5", "S": "5"}, {"S": "5 "}]
_TEXTS_NOT = [{"S": 5}, {"S": b"a"}, {"S": None}, {"N": "5"}, {"S": "a", "N": "5"}, {}, "S", None]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _fields(kind: str) -> dict[str, CoreSchema]:
    return {"x": {"type": kind, "schema": {"type": "any"}}, "note": {"type": kind, "schema": _NOTE}}


_MODEL: CoreSchema = {
    "type": "model",
    "cls": _Thing,
    "schema": {"type": "model-fields", "fields": _fields("model-field")},
}
_DATACLASS: CoreSchema = {
    "type": "dataclass",
    "cls": _Plain,
    "fields": ["x", "note"],
    "schema": {
        "type": "dataclass-args",
        "dataclass_name": "Plain",
        "fields": [{"name": name, **one} for name, one in _fields("dataclass-field").items()],
    },
}
_TYPED_DICT: CoreSchema = {"type": "typed-dict", "fields": _fields("typed-dict-field")}
_MAPS_NOT = [
    {"M": {"x": {"S": "a", "N": "5"}}},
    {"M": {"x": {"S": "a"}, "note": {"N": "5"}}},
    {"M": {"x": {"S": "a"}, "note": {"S": True}}},
    {"M": {"x": {"S": "a"}, "more": {"N": "x"}}},
    {"M": {}},
    {"S": "a"},
]


def _maps(make: Callable[..., Any]) -> list[tuple[Any, Any]]:
    return [
        ({"M": {"x": {"S": "a"}}}, make(x="a")),
        ({"M": {"x": {"S": "a"}, "note": {"NULL": True}}}, make(x="a", note=None)),
        ({"M": {"x": {"L": []}, "more": {"S": "b"}}}, make(x=[])),
    ]


_TRIALS: dict[str, _Trial] = {
    "str": _Trial(_STR, [({"S": "a"}, "a")], _TEXTS_NOT),
    "int": _Trial(_INT, [({"N": "-5"}, -5), ({"S": "5"}, 5)], [*_NUMBERS_NOT, {"N": "5.5"}]),
    "float": _Trial({"type": "float"}, [({"N": "5.5"}, 5.5)], [*_NUMBERS_NOT, {"N": "Infinity"}]),
    "decimal": _Trial({"type": "decimal", "gt": 0}, [({"N": "5.50"}, Decimal("5.50"))], [*_NUMBERS_NOT, {"N": "-5"}]),
    "bool": _Trial({"type": "bool"}, [({"BOOL": True}, True)], [{"BOOL": 1}, {"BOOL": "true"}, {"NULL": True}]),
    "bytes": _Trial(
        {"type": "bytes"}, [({"B": b64encode(b"a").decode()}, b"a")], [{"B": "?"}, {"B": b"a"}, {"S": "a"}]
    ),
    "none": _Trial({"type": "none"}, [({"NULL": True}, None)], [{"NULL": 1}, {"NULL": False}, {"BOOL": True}]),
    "uuid": _Trial({"type": "uuid"}, [({"S": str(UUID(int=5))}, UUID(int=5))], [*_TEXTS_NOT, {"S": UUID(int=5)}]),
    "time": _Trial({"type": "time"}, [({"S": "10:00:00"}, time_of_day(10))], [*_TEXTS_NOT, {"S": time_of_day(10)}]),
    "timedelta": _Trial({"type": "timedelta"}, [({"S": "PT1H"}, timedelta(hours=1))], _TEXTS_NOT),
    "datetime": _Trial(
        {"type": "datetime"},
        [({"S": "1970-01-01T00:00:00Z"}, _EPOCH), ({"N": "5"}, _EPOCH + timedelta(seconds=5))],
        [{"S": _EPOCH}, {"N": 5}, {"N": "1970-01-01"}, {"S": 5}],
    ),
    "date": _Trial(
        {"type": "date"},
        [({"S": "1970-01-02"}, date(1970, 1, 2)), ({"N": "86400"}, date(1970, 1, 2))],
        [{"S": date(1970, 1, 2)}, {"N": 86400}, {"N": "1970-01-02"}, {"N": "5"}],
    ),
    "literal": _Trial({"type": "literal", "expected": ["a"]}, [({"S": "a"}, "a")], [{"S": b"a"}, *_TEXTS_NOT]),
    "nullable": _Trial(
        {"type": "nullable", "schema": _STR},
        [({"S": "a"}, "a"), ({"NULL": True}, None)],
        [{"S": True}, {"S": 1}, {"NULL": "a"}],
    ),
    "list": _Trial(
        {"type": "list", "items_schema": _INT},
        [({"L": [{"N": "5"}]}, [5])],
        [{"L": ["5"]}, {"L": ({"N": "5"},)}, {"L": [{"N": "5", "S": "5"}]}, {"SS": ["5"]}, {"L": {"N": "5"}}],
    ),
    "tuple": _Trial(
        {"type": "tuple", "items_schema": [_INT, _STR]},
        [({"L": [{"N": "5"}, {"S": "a"}]}, (5, "a"))],
        [{"L": [{"N": "5"}]}, {"L": ({"N": "5"}, {"S": "a"})}, {"L": [{"N": "5"}, {"S": "a", "N": "5"}]}],
    ),
    "set": _Trial(
        {"type": "set", "items_schema": _STR},
        [({"SS": ["a", "a"]}, {"a"}), ({"L": [{"S": "a"}]}, {"a"})],
        [{"SS": [{"S": "a"}]}, {"SS": ("a",)}, {"L": ["a"]}, {"SS": [5]}, {"NS": ["5"]}],
    ),
    "frozenset": _Trial(
        {"type": "frozenset", "items_schema": _INT},
        [({"NS": ["5"]}, frozenset({5})), ({"L": [{"N": "5"}]}, frozenset({5}))],
        [{"NS": [5]}, {"NS": ["1_0"]}, {"NS": [{"N": "5"}]}, {"L": ["5"]}],
    ),
    "dict": _Trial(
        {"type": "dict", "keys_schema": _STR, "values_schema": _INT},
        [({"M": {"a": {"N": "5"}}}, {"a": 5})],
        [{"M": {"a": "5"}}, {"M": {"a": {"N": "5", "S": "5"}}}, {"M": [["a", {"N": "5"}]]}],
    ),
    "model": _Trial(_MODEL, _maps(_thing), _MAPS_NOT),
    "dataclass": _Trial(_DATACLASS, _maps(lambda **fields: _made(_Plain, **{"note": None, **fields})), _MAPS_NOT),
    "typed-dict": _Trial(_TYPED_DICT, _maps(lambda **fields: {"note": None, **fields}), _MAPS_NOT),
    "tagged-union": _Trial(
        {"type": "tagged-union", "discriminator": "x", "choices": {"a": _TYPED_DICT}},
        [({"M": {"x": {"S": "a"}}}, {"x": "a", "note": None})],
        [{"M": {"x": {"S": "b"}}}, {"M": {"x": {"S": "a", "N": "5"}}}, {"M": {}}],
    ),
}

_found: dict[str, str] = {}


def check_constructs(kinds: Iterable[str]) -> None:
    """Raise NotCompiledError if pydantic surprises with one of these constructs."""
    tried = [kind for kind in kinds if kind in _TRIALS]
    new = [kind for kind in tried if kind not in _found]
    if new:
        _found.update(_surprises(new))
    for kind in tried:
        if _found[kind]:
            raise NotCompiledError(f"pydantic {pydantic.VERSION} reads {kind!r} in another way: {_found[kind]}")


def _surprises(kinds: Sequence[str]) -> dict[str, str]:
    """Return by construct what is not as expected, nothing if all is."""
    _seem_complete(_Thing, _MODEL)
    # One schema for all: to build one costs more than all that is tried with it.
    fields = {kind: {"type": "typed-dict-field", "schema": _TRIALS[kind].schema, "required": False} for kind in kinds}
    decode = Compiler().decoder({"type": "typed-dict", "fields": fields})
    return {kind: _surprise(kind, lambda kind, value: decode({kind: value})[kind]) for kind in kinds}


def _seem_complete(cls: Any, schema: CoreSchema) -> None:
    """Give a class what pydantic's own have: a validator, which might be taken wherever a schema names the class."""
    build: Any = SchemaValidator
    cls.__pydantic_validator__ = build(schema)
    cls.__pydantic_complete__ = True


def _surprise(kind: str, read: Callable[[str, Any], Any]) -> str:
    for value, expected in _TRIALS[kind].read:
        try:
            result = read(kind, value)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a surprise
            return f"{value} is refused with {type(error).__name__}"
        if type(result) is not type(expected) or result != expected:
            return f"{value} is read as {result!r}"
    for value in _TRIALS[kind].refused:
        try:
            result = read(kind, value)
        except Exception:  # noqa: BLE001, S112  # any refusal will do
            continue
        return f"{value} is read as {result!r}"
    return ""
