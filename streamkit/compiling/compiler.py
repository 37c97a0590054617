"""The walk over a core schema that makes the rewritten one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.attributes import deserialize
from streamkit.compiling.checks import Code, called
from streamkit.compiling.classes import CLASSES
from streamkit.compiling.containers import CONTAINERS
from streamkit.compiling.doubts import NotCompiledError
from streamkit.compiling.leaves import LEAVES
from streamkit.compiling.members import check_members, has_settings
from streamkit.compiling.nulls import NULLS
from streamkit.compiling.prebuilt import validate_by
from streamkit.compiling.readings import Reading, before
from streamkit.compiling.scope import Scope

if TYPE_CHECKING:
    from streamkit.compiling.readings import CoreSchema
    from streamkit.compiling.scope import Read

__all__ = ["Compiler", "Part"]


@dataclass(frozen=True)
class Part:
    """What became of a part of a type."""

    path: str
    """Where it is in the item: ``lines[].sku``; empty for the item itself."""
    reason: str = ""
    """Why the reference reads it; empty where it is compiled."""


_NODES: Mapping[str, Callable[[CoreSchema, Scope, Read], Reading]] = {**LEAVES, **NULLS, **CONTAINERS, **CLASSES}
_AROUND = ("function-after", "function-before", "function-wrap")
_WITH_FIELDS = ("model", "dataclass", "typed-dict")


class Compiler:
    """One walk. What cannot be compiled is read by the reference, as small a part as possible."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.kinds: set[str] = set()
        self._own: Mapping[str, Callable[[CoreSchema, Scope], Reading]] = {
            "any": self._any,
            "default": self._default,
            "function-after": self._after,
            "definitions": self._with_definitions,
            "definition-ref": self._reference,
        }
        self._definitions: dict[str, CoreSchema] = {}
        self._readings: dict[str, Reading | None] = {}
        self._named: dict[str, str] = {}
        self._own_definitions: list[CoreSchema] = []
        self._inside: dict[str, list[tuple[str, str]]] = {}

    def decoder(self, schema: CoreSchema) -> Callable[[Any], Any]:
        """Return what decodes images of the type, and raises any exception where there is doubt.

        Raises NotCompiledError if the type is the reference's as a whole.
        """
        reading = self.read(schema, Scope())
        if "M" not in reading.by_type:
            reasons = [part.reason for part in self.parts if part.reason]
            raise NotCompiledError(reasons[0] if reasons else "not the type of an item")
        definitions = [*self._definitions.values(), *self._own_definitions]
        code = Code()
        for ref, name in self._named.items():
            target = self._readings[ref]
            if target is not None and "M" in target.by_type:
                definitions.append({**target.by_type["M"], "ref": name})
                code.function(name, target.checks["M"])
        root = reading.by_type["M"]
        whole = {"type": "definitions", "schema": root, "definitions": definitions} if definitions else root
        return code.decoder(validate_by(whole), reading.checks["M"])

    def read(self, schema: CoreSchema, scope: Scope) -> Reading:
        """Return how the values of a schema are read."""
        before_it = len(self.parts)
        try:
            check_members(schema)
            self.kinds.add(schema["type"])
            node = _NODES.get(schema["type"])
            reading = node(schema, scope, self.read) if node else self._own[schema["type"]](schema, scope)
        except NotCompiledError as error:
            del self.parts[before_it:]
            self.parts.append(Part(scope.path, str(error)))
            return Reading(whole=before(deserialize, schema))
        if len(self.parts) == before_it:
            self.parts.append(Part(scope.path))
        return reading

    def _any(self, schema: CoreSchema, _scope: Scope) -> Reading:
        return Reading(whole=before(deserialize, schema))

    def _default(self, schema: CoreSchema, scope: Scope) -> Reading:
        if schema.get("on_error", "raise") != "raise":
            raise NotCompiledError("its default stands in for values that are not valid")
        if schema.get("validate_default", scope.validates_defaults):
            raise NotCompiledError("its default is validated, as a Python value")
        return self.read(schema["schema"], scope).wrapped(lambda one: {**schema, "schema": one})

    def _after(self, schema: CoreSchema, scope: Scope) -> Reading:
        return self.read(schema["schema"], scope).wrapped(lambda one: {**schema, "schema": one})

    def _with_definitions(self, schema: CoreSchema, scope: Scope) -> Reading:
        self._definitions.update((one["ref"], one) for one in schema["definitions"])
        for ref, one in self._definitions.items():
            # Inside of other types pydantic runs such a validator twice: in schemas that are not its own, once.
            if one["type"].startswith("function-") and self._reaches(one, ref):
                raise NotCompiledError("a class that holds itself, with a validator around it")
            # It is validated by the settings of whichever class it was first met in, which no schema tells.
            if not _has_own_settings(one) and (has_settings(schema) or _asks_for_settings(one)):
                raise NotCompiledError("a type without settings that is used more than once, by classes that have some")
        return self.read(schema["schema"], scope)

    def _reference(self, schema: CoreSchema, scope: Scope) -> Reading:
        ref = schema["schema_ref"]
        target = self._definitions[ref]
        if ref in self._readings:
            known = self._readings[ref]
            if known is None and not _has_fields(target):
                raise NotCompiledError("a type that is recursive without being a class")
            self.parts += [Part(scope.beside(path), reason) for path, reason in self._inside.get(ref, ())]
            return self._by_name(ref) if known is None or ref in self._named else known
        self._readings[ref] = None
        before_it = len(self.parts)
        if _has_fields(target):
            reading = self.read(target, scope)
        else:
            # What the class around it says is nothing to an alias.
            reading = self.read(target, Scope(scope.path)).wrapped(self._defined)
        self._readings[ref] = reading
        self._inside[ref] = [(scope.beyond(one.path), one.reason) for one in self.parts[before_it:]]
        # One that holds others is not written out wherever it is used: that could double with each level.
        return (
            self._by_name(ref)
            if "M" in reading.by_type and _has_fields(target) and any(_references(target))
            else reading
        )

    def _reaches(self, schema: Any, ref: str) -> bool:
        """Whether there is a reference to a definition somewhere in a schema, or in what it refers to."""
        met: set[str] = set()
        pending = [schema]
        while pending:
            for found in _references(pending.pop()):
                if found == ref:
                    return True
                if found not in met:
                    met.add(found)
                    pending.append(self._definitions[found])
        return False

    def _defined(self, schema: CoreSchema) -> CoreSchema:
        name = f"streamkit:{len(self._own_definitions)}"
        self._own_definitions.append({**schema, "ref": name})
        return {"type": "definition-ref", "schema_ref": name}

    def _by_name(self, ref: str) -> Reading:
        name = self._named.setdefault(ref, f"streamkit_{len(self._named)}")
        return Reading({"M": {"type": "definition-ref", "schema_ref": name}}, {"M": called(name)})


def _has_fields(schema: CoreSchema) -> bool:
    while schema["type"] in _AROUND:
        schema = schema["schema"]
    return schema["type"] in _WITH_FIELDS and not schema.get("root_model")


def _has_own_settings(schema: CoreSchema) -> bool:
    """Whether a schema is of one of pydantic's own classes."""
    while schema["type"] in _AROUND:
        schema = schema["schema"]
    return schema["type"] in ("model", "dataclass") and "__pydantic_validator__" in vars(schema["cls"])


def _asks_for_settings(schema: Any) -> bool:
    """Whether there is a validator in a schema that is told the settings."""
    if isinstance(schema, Mapping):
        return schema.get("type") == "with-info" or any(map(_asks_for_settings, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_asks_for_settings, schema))


def _references(schema: Any) -> Iterator[str]:
    """Yield every reference to a definition in a schema."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "definition-ref":
            yield schema["schema_ref"]
        schema = [*schema.values()]
    if isinstance(schema, list | tuple):
        for one in schema:
            yield from _references(one)
