"""Schemas with fields: models, dataclasses, TypedDicts, and unions of them that a field tells apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from streamkit.attributes import deserialize
from streamkit.compiling.checks import choice
from streamkit.compiling.doubts import NotCompiledError
from streamkit.compiling.fields import Field, attributes, placed
from streamkit.compiling.members import check_config, check_members
from streamkit.compiling.readings import CoreSchema, Reading, before
from streamkit.compiling.scope import Read, Scope

if TYPE_CHECKING:
    from streamkit.compiling.checks import Check

__all__ = ["CLASSES"]


class _Settings(NamedTuple):
    """What a class says about its fields."""

    extra: str
    """What becomes of attributes that are no fields: "allow", "forbid" or "ignore"."""
    scope: Scope
    by_name: bool
    """Whether fields are read by their names where there is nothing under their aliases."""
    total: bool
    """Whether fields must be there that do not say so themselves."""


def _model(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    """Return the reading of a pydantic model, or of a root model."""
    if schema.get("custom_init"):
        raise NotCompiledError("a model with an __init__ of its own")
    if schema.get("root_model"):
        inner = _settings(schema, schema, scope).scope
        return read(schema["schema"], inner).wrapped(lambda one: {**schema, "schema": one})
    fields = _fields_schema(schema, "model-fields")
    settings = _settings(schema, fields, scope)
    rewritten, check = _placed(fields["fields"], settings, read)
    inside = {**fields, "fields": rewritten, **_extras(fields, settings)}
    return Reading({"M": {**schema, "schema": inside}}, {"M": check})


def _dataclass(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    """Return the reading of a dataclass."""
    args = _fields_schema(schema, "dataclass-args")
    if any(one.get("init") is False or one.get("init_only") for one in args["fields"]):
        raise NotCompiledError("a dataclass with fields that are not arguments, or arguments that are not fields")
    settings = _settings(schema, args, scope)
    if settings.extra == "allow":
        raise NotCompiledError("a dataclass with extra='allow'")
    rewritten, check = _placed({one["name"]: one for one in args["fields"]}, settings, read)
    inside = {**args, "fields": list(rewritten.values()), "extra_behavior": "ignore"}
    return Reading({"M": {**schema, "schema": inside}}, {"M": check})


def _typed_dict(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    """Return the reading of a TypedDict."""
    settings = _settings(schema, schema, scope)
    rewritten, check = _placed(schema["fields"], settings, read)
    return Reading({"M": {**schema, "fields": rewritten, "strict": False, **_extras(schema, settings)}}, {"M": check})


def _tagged_union(schema: CoreSchema, scope: Scope, read: Read) -> Reading:
    """Return the reading of a union whose members a field tells apart by a text."""
    names = _discriminators(schema["discriminator"])
    choices, checks = {}, {}
    for value, member in schema["choices"].items():
        if not isinstance(member, Mapping):
            raise NotCompiledError("a union one of whose members stands for another")
        reading = read(member, scope)
        if "M" not in reading.by_type:
            raise NotCompiledError("a union of more than models, one of which is not compiled")
        choices[value], checks[value] = reading.by_type["M"], reading.checks["M"]
    paths = [[name, "S"] for name in names]
    rewritten = {**schema, "choices": choices, "discriminator": paths, "from_attributes": False, "strict": False}
    return Reading({"M": rewritten}, {"M": choice(names, checks)})


def _discriminators(discriminator: Any) -> list[str]:
    """Return the names under which the telling field may stand."""
    if isinstance(discriminator, str):
        return [discriminator]
    if isinstance(discriminator, list) and all(
        isinstance(path, list) and len(path) == 1 and isinstance(path[0], str) for path in discriminator
    ):
        return [path[0] for path in discriminator]
    raise NotCompiledError("a union whose members a function tells apart")


def _settings(schema: CoreSchema, fields: CoreSchema, scope: Scope) -> _Settings:
    config: Mapping[str, Any] = schema.get("config") or {}
    check_config(config)
    if not config.get("validate_by_alias", True):
        raise NotCompiledError("a class whose fields are not read by their aliases")
    extra = fields.get("extra_behavior") or config.get("extra_fields_behavior") or "ignore"
    inner = Scope(scope.path, bool(config.get("strict")), bool(config.get("validate_default")))
    by_name = bool(config.get("validate_by_name", config.get("populate_by_name", False)))
    return _Settings(extra, inner, by_name, fields.get("total", True))


def _fields_schema(schema: CoreSchema, kind: str) -> CoreSchema:
    inner: CoreSchema = schema["schema"]
    check_members(inner)
    if inner["type"] != kind:
        raise NotCompiledError("a class with validators around its fields")
    return inner


def _extras(fields: CoreSchema, settings: _Settings) -> dict[str, Any]:
    """Return what a schema says about attributes that are no fields: unless they are kept, the check looks at them."""
    if settings.extra != "allow":
        return {"extra_behavior": "ignore"}
    return {
        "extra_behavior": "allow",
        "extras_schema": before(deserialize, fields.get("extras_schema", {"type": "any"})),
    }


def _placed(schemas: Mapping[str, CoreSchema], settings: _Settings, read: Read) -> tuple[dict[str, CoreSchema], Check]:
    """Return the schemas of the fields, and the check of a payload of which they were read."""
    rewritten: dict[str, CoreSchema] = {}
    fields: list[Field] = []
    for name, schema in schemas.items():
        check_members(schema)
        sources = _sources(name, schema, by_name=settings.by_name)
        reading = read(schema["schema"], settings.scope.at(sources[0]))
        optional = schema["schema"]["type"] == "default" or not schema.get("required", settings.total)
        alias, inner, field = placed(reading, sources, optional=optional)
        kept = {key: value for key, value in schema.items() if not key.startswith("serialization")}
        rewritten[name] = {**kept, "schema": inner, "validation_alias": alias}
        fields.append(field)
    return rewritten, attributes(tuple(fields), settings.extra, by_name=settings.by_name)


def _sources(name: str, schema: CoreSchema, *, by_name: bool) -> Sequence[str]:
    """Return the names of the attribute that a field is read from, in pydantic's order."""
    alias = schema.get("validation_alias")
    if alias is None:
        return (name,)
    paths: list[Any] = [[alias]] if isinstance(alias, str) else list(alias)
    if not all(isinstance(path, list) for path in paths):  # a single path
        paths = [paths]
    if any(len(path) != 1 or not isinstance(path[0], str) for path in paths):
        raise NotCompiledError(f"the alias of {name} is a path into an attribute")
    sources = [path[0] for path in paths]
    if by_name:
        sources.append(name)
    return tuple(dict.fromkeys(sources))


CLASSES: Mapping[str, Callable[[CoreSchema, Scope, Read], Reading]] = {
    "model": _model,
    "dataclass": _dataclass,
    "typed-dict": _typed_dict,
    "tagged-union": _tagged_union,
}
