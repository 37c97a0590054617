"""What a mapping that is made here does not fit of its function's code, told at once: `streamkit check` in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.api.answers import configuration
from streamkit.deployment.checking.check import check_mappings
from streamkit.deployment.found import FoundFunction, FoundMapping, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.mapping import EventSourceMapping

__all__ = ["advice"]

_LEFT_OUT = ("setting-differs", "mapping-disabled")
"""Whoever tries other settings than the code says, or stops a mapping, does so on purpose."""
_TOLD = ("filter-part-never-matches",)
"""Told though it is but a warning: a part of a filter that does nothing."""


def advice(mapping: EventSourceMapping, handler: Callable[..., Any], timeout: int) -> Iterator[str]:
    """Yield a line for everything that is an error. ``timeout``: the function's, in seconds."""
    place = Place(mapping.event_source_mapping_arn or "", "")
    function = FoundFunction(mapping.function_arn or "", place, timeout=timeout)
    settings = {**configuration(mapping), "Enabled": mapping.enabled}
    found = FoundMapping(str(mapping.uuid), place, settings, function=function)
    for finding in check_mappings(handler, [found], ignore=_LEFT_OUT).findings:
        if finding.severity == "error" or finding.rule in _TOLD:
            yield f"{finding.what}; {finding.why} (streamkit check: {finding.rule})"
