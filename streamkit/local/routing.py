"""Which records a mapping takes, and which lane each one goes to (SEMANTICS §2, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import orjson

from streamkit.filters import matcher
from streamkit.local.recordlist import Records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamkit.local.records import StreamRecord
    from streamkit.mapping import EventSourceMapping

__all__ = ["Router"]


class Router:
    """The filters of a mapping and its ParallelizationFactor."""

    def __init__(self, mapping: EventSourceMapping) -> None:
        self.lanes = mapping.parallelization_factor
        self._matches = None if mapping.filter_criteria is None else matcher(mapping.filter_criteria)

    def divide(self, given: Iterable[StreamRecord]) -> tuple[list[Records], Records]:
        """Return what each lane gets, in order, and what the filters leave out."""
        records = Records.of(given)
        if self._matches is None and self.lanes == 1:
            return [records], Records()
        lanes: list[list[int]] = [[] for _ in range(self.lanes)]
        left_out: list[int] = []
        for place, json in enumerate(records.jsons):
            raw = orjson.loads(json)
            if self._matches is not None and not self._matches(raw):
                left_out.append(place)
            else:
                lanes[self._lane_of(raw)].append(place)
        return [records.at(mine) for mine in lanes], records.at(left_out)

    def _lane_of(self, raw: Any) -> int:
        """Return the lane of the record's item: all records of an item are in one, so that they stay in order (I)."""
        if self.lanes == 1:
            return 0
        # Not hash(): that differs from process to process, and a run must come out the same.
        return crc32(orjson.dumps(raw["dynamodb"]["Keys"], option=orjson.OPT_SORT_KEYS)) % self.lanes
