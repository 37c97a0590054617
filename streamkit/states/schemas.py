"""What pydantic's schema of a type says about its JSON: whether it is faithful, and what pydantic does not check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamkit.states.members import Known, known_members
from streamkit.states.shapes import Check, Order, UnnaturalError, Walk

__all__ = ["Plan", "plan_of"]


@dataclass
class Plan:
    """How states of a type are to be handled."""

    natural: bool = True
    """The schema's own JSON is faithful for every value that `check` lets pass and pydantic dumps without a warning,
    but for nulls, which pydantic writes for a None that is no value of the type, and for numbers that are none."""

    constrained: bool = False
    """Values may break a rule that pydantic does not look at when it dumps."""

    strict: bool = False
    """Python values and JSON are not read alike: only JSON may have a text where a date is asked for."""

    keeps_extras: bool = False
    """Some part of the type has unknown members of its own right."""

    merging: bool = False
    """Two members of the JSON may become one of the state's."""

    ordered: bool = True
    """No set is written, other than where `order` reaches it."""

    check: Check | None = None
    order: Order | None = None
    known: Known | None = None
    classes: list[type] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


def plan_of(schema: Mapping[str, Any]) -> Plan:
    """Return the plan for a type, from its core schema."""
    plan = Plan()
    for part in _parts(schema):
        _note(part, plan)
    walk = Walk()
    try:
        node = walk.node(schema)
    except UnnaturalError:
        plan.natural = False
        plan.merging = any(map(_may_merge, _parts(schema)))
        plan.ordered = not any(part.get("type") in _UNORDERED for part in _parts(schema))
    else:
        plan.check, plan.order = node.check, node.order
        plan.constrained, plan.merging = walk.constrained, walk.merging
        plan.known = None if walk.constrained else known_members(schema)
    return plan


# Values of the type `any`, and what functions write, may be sets as well.
_UNORDERED = {"set", "frozenset", "any", "generator"}
_STR = {"type": "str"}
# Not schemas, though they may look like one.
_OPAQUE = {"default", "metadata", "expected", "members", "config", "cls", "serialization"}


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every schema within a schema, itself included."""
    pending = [schema]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            if isinstance(one.get("type"), str):
                yield one
            pending.extend(value for key, value in one.items() if key not in _OPAQUE)
        elif isinstance(one, list | tuple):
            pending.extend(one)


def _may_merge(part: Mapping[str, Any]) -> bool:
    return part["type"] in ("set", "frozenset") or part.get("keys_schema", _STR)["type"] != "str"


def _note(part: Mapping[str, Any], plan: Plan) -> None:
    config = part.get("config") or {}
    if part.get("strict") or config.get("strict"):
        plan.strict = True
    if "allow" in (part.get("extra_behavior"), config.get("extra_fields_behavior")):
        plan.keeps_extras = True
    if part["type"] in ("model", "dataclass", "enum") and part["cls"] not in plan.classes:
        plan.classes.append(part["cls"])
    if part["type"] in ("model-fields", "typed-dict"):
        plan.excluded += [name for name, one in part["fields"].items() if one.get("serialization_exclude")]
    elif part["type"] == "dataclass-args":
        plan.excluded += [
            one["name"]
            for one in part["fields"]
            if one.get("serialization_exclude") or one.get("init") is False or one.get("init_only")
        ]
