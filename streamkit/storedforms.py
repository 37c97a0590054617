"""As what kind of attribute a type is stored: read from pydantic's schema of it, as far as it tells.

The names of attributes are those that a handler reads, and values are written as `encoding` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from streamkit.encoding import encode_item
from streamkit.errors import AttributeValueError
from streamkit.patternvalues import stored_number

__all__ = ["Form", "Member", "Schema", "Scope", "Writer", "Written", "form_of", "writer_of", "written"]

Schema: TypeAlias = Mapping[str, Any]
Writer: TypeAlias = Callable[[Any], Any]
Written: TypeAlias = tuple[str, Any]
"""The type tag of an attribute, and the value under it, as an event has them."""

_LEAVES = {
    **dict.fromkeys(("str", "date", "time", "datetime", "timedelta", "uuid", "url", "multi-host-url"), "S"),
    **dict.fromkeys(("int", "float", "decimal"), "N"),
    "bytes": "B",
    "bool": "BOOL",
}
# Kinds of schema that stand around another one, and where they have it.
_AROUND = {
    "custom-error": "schema",
    "default": "schema",
    "function-after": "schema",
    "function-before": "schema",
    "function-wrap": "schema",
    "json-or-python": "python_schema",
    "lax-or-strict": "strict_schema",
}
_ANY: Schema = {"type": "any"}


@dataclass(frozen=True)
class Scope:
    """What is known around a schema."""

    definitions: Mapping[str, Schema] = field(default_factory=dict)
    in_model: bool = False
    """Whether it belongs to a pydantic model, which writes all that is in it by its serializers."""


@dataclass(frozen=True)
class Member:
    """A field of a class."""

    sources: Sequence[Sequence[str | int]]
    """The attributes that it may be read from, each as a path of names."""
    schema: Schema
    scope: Scope
    write: Writer | None
    """Makes of a value what its class writes; None where any value is written as it is."""


@dataclass(frozen=True)
class Form:
    """What an attribute of some type may be."""

    tags: tuple[str, ...] = ()
    """Of text, numbers, bytes and booleans."""
    is_unknown: bool = False
    """Whether it may be of any type, as far as the schema tells."""
    has_null: bool = False
    choices: tuple[Written, ...] | None = None
    """The values that it may have, where they are few."""
    classes: tuple[tuple[str, Mapping[str, Member]], ...] = ()
    """Names and fields of the classes of which it may be, which are maps with fields."""
    values: tuple[tuple[Schema, Scope], ...] = ()
    """The values of a map without fields."""
    elements: tuple[tuple[Schema, Scope], ...] = ()
    """The elements of a list."""
    members: tuple[tuple[Schema, Scope], ...] = ()
    """The elements of a set."""
    is_bare: bool = False
    """Whether a root model is around it, whose ``root`` it is."""

    def __or__(self, other: Form) -> Form:
        """Return the form of a union."""
        both = None if self.choices is None or other.choices is None else (*self.choices, *other.choices)
        return Form(
            tags=tuple(dict.fromkeys((*self.tags, *other.tags))),
            is_unknown=self.is_unknown or other.is_unknown,
            has_null=self.has_null or other.has_null,
            choices=both,
            classes=(*self.classes, *other.classes),
            values=(*self.values, *other.values),
            elements=(*self.elements, *other.elements),
            members=(*self.members, *other.members),
            is_bare=self.is_bare and other.is_bare,
        )


# No choices are all of them: it is the beginning of a union.
_NOTHING = Form(choices=())


def written(value: Any) -> Written:
    """Return a value as an event has it; AttributeValueError where DynamoDB has no such value."""
    ((tag, payload),) = encode_item({"value": value})["value"].items()
    return (tag, stored_number(payload)) if tag == "N" else (tag, payload)


def form_of(schema: Schema, scope: Scope) -> Form:
    """Return what a schema says an attribute may be."""
    kind = schema["type"]
    if kind == "definitions":
        known = {**scope.definitions, **{one["ref"]: one for one in schema["definitions"]}}
        return form_of(schema["schema"], replace(scope, definitions=known))
    if kind == "definition-ref":
        return form_of(scope.definitions[schema["schema_ref"]], scope)
    found = _form(kind, schema, scope)
    if "serialization" in schema and scope.in_model:
        # It may be written as anything. It is still read as what the schema says.
        return replace(found, tags=(), choices=None, is_unknown=True)
    return found


def _form(kind: str, schema: Schema, scope: Scope) -> Form:
    if kind in _LEAVES:
        return Form((_LEAVES[kind],))
    if kind in _AROUND:
        return form_of(schema[_AROUND[kind]], scope)
    match kind:
        case "none":
            return Form(has_null=True, choices=())
        case "nullable":
            return replace(form_of(schema["schema"], scope), has_null=True)
        case "literal" | "enum":
            return _of_choices(schema["expected" if kind == "literal" else "members"])
        case "union" | "tagged-union":
            return _of_union(schema["choices"], scope)
        case "chain":
            return form_of(schema["steps"][-1], scope)
        case "model" if schema.get("root_model"):
            return replace(form_of(schema["schema"], replace(scope, in_model=True)), is_bare=True)
        case "model" | "dataclass" | "typed-dict":
            return _of_class(kind, schema, scope)
    return _of_container(kind, schema, scope)


def _of_container(kind: str, schema: Schema, scope: Scope) -> Form:
    items = schema.get("items_schema", _ANY)
    match kind:
        case "list" | "generator":
            return Form(elements=((items, scope),))
        case "tuple":
            return Form(elements=tuple((one, scope) for one in items))
        case "set" | "frozenset":
            return Form(members=((items, scope),))
        case "dict":
            return Form(values=((schema.get("values_schema", _ANY), scope),))
    return Form(is_unknown=True)


def _of_choices(values: Sequence[Any]) -> Form:
    try:
        listed = [written(value) for value in values]
    except AttributeValueError:  # an Enum of what JSON has no name for
        return Form(is_unknown=True)
    choices = tuple(one for one in listed if one[0] != "NULL")
    return Form(tuple(dict.fromkeys(tag for tag, _ in choices)), has_null=len(choices) < len(listed), choices=choices)


def _of_union(choices: Any, scope: Scope) -> Form:
    listed = choices.values() if isinstance(choices, Mapping) else choices
    form = _NOTHING
    for one in listed:
        if isinstance(one, str | int):  # the key of another choice
            continue
        form |= form_of(one[0] if isinstance(one, tuple) else one, scope)
    return form


def _of_class(kind: str, schema: Schema, scope: Scope) -> Form:
    fields = schema
    while fields["type"] not in ("model-fields", "dataclass-args", "typed-dict"):
        fields = fields["schema"]  # validators stand around them
    listed = fields["fields"]
    named = listed.items() if isinstance(listed, Mapping) else [(one["name"], one) for one in listed]
    config = schema.get("config") or {}
    inside = replace(scope, in_model=scope.in_model or kind == "model")
    members = {
        name: Member(
            _sources(name, one, config),
            one["schema"],
            inside,
            _field_writer(schema["cls"], name) if kind == "model" else writer_of(one["schema"], inside),
        )
        for name, one in named
    }
    # A TypedDict has its name in some versions of pydantic only.
    name = getattr(schema.get("cls"), "__name__", "") or schema.get("cls_name", "the TypedDict")
    return Form(classes=((name, members),))


def _sources(name: str, schema: Schema, config: Mapping[str, Any]) -> Sequence[Sequence[str | int]]:
    """Return the paths that pydantic reads a field from."""
    alias = schema.get("validation_alias")
    if alias is None or not config.get("validate_by_alias", True):
        return ((name,),)
    paths: list[Any] = [[alias]] if isinstance(alias, str) else alias
    if not isinstance(paths[0], list):  # a single path
        paths = [paths]
    by_name = [[name]] if config.get("validate_by_name", config.get("populate_by_name", False)) else []
    return tuple({tuple(path): None for path in [*paths, *by_name]})


def writer_of(schema: Schema, scope: Scope) -> Writer | None:
    """Return what writes a value that is no field of a model, None where it is written as it is."""
    if not scope.in_model or not _has_serializer(schema):
        return None
    from pydantic_core import SchemaSerializer  # noqa: PLC0415  # few types have serializers

    whole: Any = {"type": "definitions", "schema": schema, "definitions": [*scope.definitions.values()]}
    serializer = SchemaSerializer(whole)
    return lambda value: serializer.to_python(value, warnings=False)


def _has_serializer(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return "serialization" in schema or any(map(_has_serializer, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_has_serializer, schema))


def _field_writer(model: Any, name: str) -> Writer:
    """Return what writes a value as a model does that has it as a field."""

    def write(value: Any) -> Any:
        # As model_construct() makes it, without the user's model_post_init, which wants all fields.
        made = model.__new__(model)
        parts = {"__dict__": {name: value}, "__pydantic_fields_set__": {name}}
        for attribute, held in {**parts, "__pydantic_extra__": None, "__pydantic_private__": None}.items():
            object.__setattr__(made, attribute, held)
        dumped = made.model_dump(by_alias=True, include={name}, warnings=False)
        if not isinstance(dumped, dict) or len(dumped) > 1:
            raise ValueError(f"{model.__name__} has a serializer of its own, which writes no {name}")
        return next(iter(dumped.values()), value)  # a field that is excluded is written by others

    return write
