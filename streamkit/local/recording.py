"""A recording as a source: records in Lambda's form, checked, in the order of one shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.local.records import RecordError, StreamRecord, parse_record
from streamkit.local.shardlog import ShardLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

__all__ = ["Recording"]

_SHARD_ID = "shardId-00000000000000000000-00000000"
_NO_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/recording/stream/2026-01-01T00:00:00.000"


class Recording:
    """Records of one stream as one shard (a recording does not say which shard a record came from).

    ``records``: dicts in Lambda's form, or pairs of such a dict and where it stands, for error messages. They are put
    in the order of their sequence numbers; ``reordered`` says how many were not.

    Raises RecordError for a record that no stream could hold, two with the same sequence number, or several streams.
    """

    def __init__(self, records: Iterable[Any]) -> None:
        parsed: list[tuple[int, StreamRecord]] = []
        places: dict[int, str] = {}
        arns: dict[str, str] = {}
        for index, entry in enumerate(records):
            raw, where = entry if isinstance(entry, tuple) else (entry, f"record {index + 1}")
            record = parse_record(raw, where)
            number = int(record.sequence_number)
            if number in places:
                raise RecordError(
                    f"{where} has the SequenceNumber {record.sequence_number} that {places[number]} has already: "
                    f"a stream holds each number once; remove one of them"
                )
            places[number] = where
            arns.setdefault(str(raw.get("eventSourceARN") or ""), where)
            parsed.append((number, record))
        if len(arns) > 1:
            (first, at_first), (second, at_second) = list(arns.items())[:2]
            raise RecordError(
                f"the records are of {len(arns)} streams, and a mapping has one: {at_first} is from "
                f"{first or 'none (no eventSourceARN)'}, {at_second} from {second or 'none (no eventSourceARN)'}; "
                f"split them by eventSourceARN"
            )
        ordered = sorted(parsed, key=lambda pair: pair[0])
        self.reordered = sum(before is not after for before, after in zip(parsed, ordered, strict=True))
        named = next(iter(arns), "")
        self.stream_arn = named or _NO_ARN
        self.names_its_stream = bool(named)
        self._log = ShardLog()
        for _, record in ordered:
            self._log.append(record)

    @property
    def shard_ids(self) -> Sequence[str]:
        """The one shard."""
        return (_SHARD_ID,)

    @property
    def first_created_at(self) -> datetime | None:
        """The creation time of the first record that has one."""
        return next((record.created_at for record in self._log if record.created_at is not None), None)

    @property
    def last_created_at(self) -> datetime | None:
        """The latest creation time of any record."""
        return max((record.created_at for record in self._log if record.created_at is not None), default=None)

    def __len__(self) -> int:
        return len(self._log)

    def read(self, shard_id: str, position: int, limit: int, now: datetime) -> Sequence[StreamRecord]:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.read(position, limit, now)

    def next_arrival(self, shard_id: str, position: int, now: datetime) -> datetime | None:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.next_arrival(position, now)

    def latest(self, shard_id: str, now: datetime) -> int:  # noqa: ARG002  # Source
        """See `Source`."""
        return self._log.latest(now)
