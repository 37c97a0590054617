"""Which records a mapping takes, and which lane each one goes to (SEMANTICS §2, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import orjson

from streamkit.filters import matcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.local.records import StreamRecord
    from streamkit.mapping import EventSourceMapping

__all__ = ["Router"]


class Router:
    """The filters of a mapping and its ParallelizationFactor."""

    def __init__(self, mapping: EventSourceMapping) -> None:
        self.lanes = mapping.parallelization_factor
        self._matches = None if mapping.filter_criteria is None else matcher(mapping.filter_criteria)

    def divide(self, records: Sequence[StreamRecord]) -> tuple[list[Sequence[StreamRecord]], Sequence[StreamRecord]]:
        """Return what each lane gets, in order, and what the filters leave out."""
        if self._matches is None and self.lanes == 1:
            return [records], ()
        lanes: list[list[StreamRecord]] = [[] for _ in range(self.lanes)]
        left_out: list[StreamRecord] = []
        for record in records:
            raw = orjson.loads(record.json)
            if self._matches is not None and not self._matches(raw):
                left_out.append(record)
            else:
                lanes[self._lane_of(raw)].append(record)
        return list(lanes), left_out

    def _lane_of(self, raw: Any) -> int:
        """Return the lane of the record's item: all records of an item are in one, so that they stay in order (I)."""
        if self.lanes == 1:
            return 0
        # Not hash(): that differs from process to process, and a run must come out the same.
        return crc32(orjson.dumps(raw["dynamodb"]["Keys"], option=orjson.OPT_SORT_KEYS)) % self.lanes
