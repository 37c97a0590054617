"""A mapping that was found to the `EventSourceMapping` that Lambda would make of it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from streamkit.deployment.found import TemplateError
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from streamkit.deployment.found import FoundMapping

__all__ = ["mapping_of"]

_REQUIRED = ("EventSourceArn", "FunctionName", "StartingPosition")
_STREAM = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/.+")
_NAMES = {field.alias or name for name, field in EventSourceMapping.model_fields.items()}


def mapping_of(found: FoundMapping) -> EventSourceMapping:
    """Return the mapping: what is known of it, and Lambda's defaults for the rest.

    Raises TemplateError, with the place, for what Lambda would refuse: a setting out of range, one that a mapping on a
    DynamoDB stream does not have, settings that do not go together, one of the three that every mapping must have and
    is not there. Of filters that Lambda takes and no record matches there is no warning here: that is a check's.
    """
    # What updates a mapping by its UUID says what changes, and no more.
    for name in () if "UUID" in found.settings else _REQUIRED:
        if name not in found.settings:
            raise TemplateError(f"{found.place}: {found.name} has no {name}, without which Lambda makes no mapping")
    known = found.known()
    source = known.get("EventSourceArn")
    if isinstance(source, str) and not _STREAM.fullmatch(source):
        raise TemplateError(
            f"{found.place_of('EventSourceArn')}: EventSourceArn takes the ARN of a table's stream "
            f"(arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL), not {source!r}"
        )
    try:
        return EventSourceMapping.model_validate(known, context={"warned": True})
    except ValidationError as error:
        raise TemplateError("\n".join(_flaw(found, one) for one in error.errors())) from None


def _flaw(found: FoundMapping, flaw: Any) -> str:
    name = str(flaw["loc"][0]) if flaw["loc"] else ""
    if flaw["type"] == "extra_forbidden":
        meant = difflib.get_close_matches(name, _NAMES, 1, 0.7)
        hint = f": is {meant[0]} meant?" if meant else ""
        return f"{found.place_of(name)}: a mapping on a DynamoDB stream has no setting {name}{hint}"
    problem = flaw["msg"].removeprefix("Value error, ")
    return f"{found.place_of(name)}: {problem if not name or name in problem else f'{name}: {problem}'}"
