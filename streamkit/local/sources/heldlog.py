"""A long list of records as a log of one shard: they stay where they are, and become JSON when they are read."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local.recordlist import Records
from streamkit.local.records import RecordError, number_order, parse_record

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HELD_FROM", "HeldLog", "held"]

HELD_FROM = 1000
"""A list of more records than this is not copied. So many are looked through for values that are no JSON at once; one
that comes later is found when it is read."""

_EPOCH = datetime.fromtimestamp(0, UTC)


class HeldLog:
    """What a `PagedLog` is, over a list whose records are sound and in order; `held` makes one."""

    def __init__(self, raws: Sequence[Any], numbers: list[str], times: list[datetime], sizes: list[int]) -> None:
        # Not a copy: the garbage collector would look through it at each of its passes, and runs were a third slower.
        self._raws = raws
        # Tuples of texts, times and numbers are none of the garbage collector's business; lists are, in full length.
        self._numbers = tuple(numbers)
        self._times = tuple(times)
        self._sizes = tuple(sizes)
        self.first_created_at: datetime | None = times[0]
        # From when on each record is readable: its time, and never before the one in front of it.
        self._arrivals = tuple(accumulate(times, max))
        self.last_created_at: datetime | None = self._arrivals[-1]

    def read(self, position: int, limit: int, now: datetime) -> Records:
        """Return up to ``limit`` records from ``position`` on that are readable at ``now``.

        Raises RecordError for one that has no JSON form, and where the list is no longer what it was.
        """
        end = min(position + limit, self.latest(now))
        if end <= position:
            return Records()
        part = slice(position, end)
        raws = self._raws[part]
        if len(raws) < end - position or not self._same(raws[0], position) or not self._same(raws[-1], end - 1):
            raise RecordError(
                f"records {position + 1} to {end} are not those that the list held when the runner was made, which "
                f"reads them from there: leave the list as it is while it runs, or give it a copy (list(records))"
            )
        try:
            jsons = list(map(orjson.dumps, raws))
        except TypeError:
            jsons = [parse_record(raw, f"record {place}").json for place, raw in enumerate(raws, position + 1)]
        depths = (0,) * (end - position)
        return Records(self._numbers[part], self._times[part], jsons, self._sizes[part], depths)

    def next_arrival(self, position: int, now: datetime) -> datetime | None:
        """Return when the record at ``position`` becomes readable: ``now`` if it is, None where there is none."""
        return max(now, self._arrivals[position]) if position < len(self) else None

    def latest(self, now: datetime) -> int:
        """Return the position behind the last record that is readable at ``now``."""
        return bisect_right(self._arrivals, now)

    def after(self, sequence_number: str) -> int:
        """Return the position behind the last record whose number is not above this one."""
        return bisect_right(self._numbers, number_order(sequence_number), key=number_order)

    def _same(self, raw: Any, position: int) -> bool:
        return bool(raw["dynamodb"]["SequenceNumber"] == self._numbers[position])

    def __len__(self) -> int:
        return len(self._numbers)


def held(raws: Sequence[Any]) -> tuple[HeldLog, str] | None:
    """Return a log over these records and the ARN of their stream; None where there is any doubt about them.

    Whoever gets None asks `parse_record`, which knows what is wrong and says it.
    """
    numbers: list[str] = []
    times: list[datetime] = []
    sizes: list[int] = []
    last, before, moment = (0, ""), None, _EPOCH
    arn = raws[0].get("eventSourceARN") if type(raws[0]) is dict else None
    if type(arn) is not str:
        return None
    try:
        for raw in raws:
            data = raw["dynamodb"]
            number, seconds, size = data["SequenceNumber"], data["ApproximateCreationDateTime"], data["SizeBytes"]
            order = (len(number), number)
            if not (
                type(raw) is type(data) is dict
                and raw["eventSourceARN"] == arn
                and raw["eventSource"] == "aws:dynamodb"
                and type(data["Keys"]) is dict
                and data["Keys"]
                and type(number) is str
                and number.isdigit()
                and number.isascii()
                and number[0] != "0"
                and order > last
                and (type(seconds) is float or type(seconds) is int)
                and type(size) is int
                and size >= 0
            ):
                return None
            if seconds != before:
                before, moment = seconds, datetime.fromtimestamp(seconds, UTC)
            last = order
            numbers.append(number)
            times.append(moment)
            sizes.append(size)
        for raw in raws[:HELD_FROM]:
            orjson.dumps(raw)
    except Exception:  # noqa: BLE001  # whatever it is, parse_record finds it again and says it in words
        return None
    return HeldLog(raws, numbers, times, sizes), arn
