"""Which settings an export says."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from streamkit.deployment.exporting.errors import ExportError
from streamkit.mapping import EventSourceMapping
from streamkit.settings import READ_ONLY

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["chosen_settings", "composed", "no_references"]

_ASKED = ("EventSourceArn", "FunctionName", "StartingPosition")
_MAX_PATTERN = 4096


def chosen_settings(request: Request) -> dict[str, Any]:
    """Return the settings to say, under AWS's names, but for the stream, the function and where to start.

    Those that differ from Lambda's defaults, or all that have a value.
    """
    defaults = EventSourceMapping().to_aws()
    # Nothing of these is the default, however it is written.
    empty: tuple[Any, ...] = ({"OnFailure": {}}, {})
    return {
        name: value
        for name, value in request.mapping.to_aws().items()
        if name not in (*_ASKED, *READ_ONLY)
        and value not in empty
        and (request.everything or value != defaults.get(name))
    }


def no_references(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings in whose texts CloudFormation finds none of its ``{{resolve:…}}``.

    In a pattern, which is JSON, a brace is escaped. Raises ExportError for a tag, where none can be.
    """
    for pair in settings.get("Tags", {}).items():
        if any("{{resolve:" in text for text in pair):
            raise ExportError(
                f"the tag {pair[0]!r} has {{{{resolve: in it, which CloudFormation would put a value for: give the tag "
                f"another one, or set it where the template is deployed"
            )
    return _with_patterns(settings, lambda pattern: pattern.replace("{{resolve:", "{\\u007bresolve:"))


def composed(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings whose texts are in Unicode's form NFC, which Terraform puts every text into.

    In a pattern, which is JSON, letters that would change are escaped. Raises ExportError for a tag.
    """
    for pair in settings.get("Tags", {}).items():
        if any(not unicodedata.is_normalized("NFC", text) for text in pair):
            raise ExportError(
                f"the tag {pair[0]!a} is not in Unicode's form NFC, into which Terraform puts every text: {pair!a}. "
                f"Write it in that form, as unicodedata.normalize('NFC', …) does"
            )
    return _with_patterns(
        settings, lambda pattern: pattern if unicodedata.is_normalized("NFC", pattern) else _ascii(pattern)
    )


def _ascii(pattern: str) -> str:
    # Outside of texts JSON has no other letters.
    return "".join(one if one.isascii() else json.dumps(one)[1:-1] for one in pattern)


def _with_patterns(settings: dict[str, Any], change: Any) -> dict[str, Any]:
    if "FilterCriteria" not in settings:
        return settings
    patterns = [change(one["Pattern"]) for one in settings["FilterCriteria"]["Filters"]]
    for pattern in patterns:
        if len(pattern) > _MAX_PATTERN:
            raise ExportError(
                f"with what this tool needs escaped the pattern {pattern!a:.60} has {len(pattern)} characters: "
                f"at most {_MAX_PATTERN} are allowed"
            )
    return settings | {"FilterCriteria": {"Filters": [{"Pattern": pattern} for pattern in patterns]}}
