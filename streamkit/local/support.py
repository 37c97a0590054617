"""Which settings the local runner emulates: every other one is refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.errors import UnsupportedSettingError
from streamkit.settings import INTEGERS

if TYPE_CHECKING:
    from streamkit.mapping import EventSourceMapping

__all__ = ["refuse_unsupported"]

_NOT_YET = {
    "bisect_batch_on_function_error": "BisectBatchOnFunctionError",
    "filter_criteria": "FilterCriteria",
    "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
    "maximum_record_age_in_seconds": "MaximumRecordAgeInSeconds",
    "parallelization_factor": "ParallelizationFactor",
    "tumbling_window_in_seconds": "TumblingWindowInSeconds",
}

# A stream holds a record for a day, so that a longer age (AWS's old examples carry a week) limits nothing.
_DAY = 86_400


def refuse_unsupported(mapping: EventSourceMapping) -> None:
    """Raise UnsupportedSettingError, naming every setting with a value that the runner cannot honour yet."""
    refused = []
    for name, aws_name in _NOT_YET.items():
        value = getattr(mapping, name)
        harmless = INTEGERS[name].default if name in INTEGERS else None
        if not value or value == harmless or (name == "maximum_record_age_in_seconds" and value > _DAY):
            continue
        refused.append(f"{aws_name} {value!r}")
    if not mapping.enabled:
        refused.append("Enabled false (a disabled mapping delivers nothing)")
    if refused:
        raise UnsupportedSettingError(
            f"the local runner does not emulate {', '.join(refused)} yet, and ignoring a setting would let a test pass "
            f"that fails on AWS: leave it out of the mapping that you run with"
        )
