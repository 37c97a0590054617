"""Exports read back."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamkit.deployment.reading import mapping_of, read_template

if TYPE_CHECKING:
    from streamkit import EventSourceMapping
    from streamkit.deployment.found import FoundMapping

__all__ = ["alike", "found_in", "read_back"]


def found_in(text: str, **parameters: str) -> FoundMapping:
    """Return the one mapping that a template has."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template"
        path.write_bytes(text.encode())
        (found,) = read_template(path, parameters)
    return found


def read_back(text: str, **parameters: str) -> EventSourceMapping:
    """Return what a template says of its one mapping, as `streamkit check` reads it."""
    return mapping_of(found_in(text, **parameters))


def alike(one: EventSourceMapping, other: EventSourceMapping) -> bool:
    """Whether two mappings have the same settings; of patterns, the JSON is compared and not how it is written."""
    return _comparable(one) == _comparable(other)


def _comparable(mapping: EventSourceMapping) -> dict[str, Any]:
    settings = mapping.settings()
    if "filter_criteria" in settings:
        settings["filter_criteria"] = [
            json.dumps(json.loads(one["Pattern"])) for one in settings["filter_criteria"]["Filters"]
        ]
    return settings
