"""Which settings of a running mapping can be changed, and what it is then (SEMANTICS §1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.mapping import EventSourceMapping
from streamkit.settings import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["updated"]

_FIXED = ("event_source_arn", "starting_position", "tags")


def updated(
    mapping: EventSourceMapping, changes: Mapping[str, Any] | EventSourceMapping
) -> tuple[EventSourceMapping, dict[str, Any]]:
    """Return the mapping with these settings changed, and what is now different, under AWS's names.

    With a whole mapping in their place, every setting is as it has it.

    Raises ValueError for a setting that is fixed when a mapping is made, pydantic's ValidationError for one that Lambda
    would refuse.
    """
    names = {field.alias: name for name, field in EventSourceMapping.model_fields.items()}
    whole = isinstance(changes, EventSourceMapping)
    if isinstance(changes, EventSourceMapping):
        given = _differences(mapping, changes)
    else:
        given = {names.get(name, name): value for name, value in changes.items()}
    for name in given:
        if name in READ_ONLY.values():
            raise ValueError(
                f"{EventSourceMapping.model_fields[name].alias} is what AWS answers, not a setting; "
                f"to stop and start a mapping use enabled (disable(), enable())"
            )
    for name in _FIXED:
        # TagResource changes the tags of a mapping beside its settings; nothing here depends on them.
        if name in given and not (whole and name == "tags"):
            raise ValueError(
                f"{EventSourceMapping.model_fields[name].alias} is set when a mapping is made and cannot be updated "
                f"(SEMANTICS §1): make another LocalRunner"
            )
    if mapping.state is not None and "enabled" in given:
        given["state"] = "Enabled" if given["enabled"] else "Disabled"
    context = None if "filter_criteria" in given and not whole else {"warned": True}
    new = EventSourceMapping.model_validate(mapping.model_dump() | given, context=context)
    before, after = mapping.model_dump(by_alias=True), new.model_dump(by_alias=True)
    return new, {name: value for name, value in after.items() if value != before[name]}


def _differences(before: EventSourceMapping, after: EventSourceMapping) -> dict[str, Any]:
    answered = set(READ_ONLY.values())
    old, new = before.model_dump(exclude=answered), after.model_dump(exclude=answered)
    return {name: value for name, value in new.items() if value != old[name]}
