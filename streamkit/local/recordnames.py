"""Records as people call them: ``INSERT id=1, id=2; MODIFY id=1``."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from streamkit.local.batching import read_event
from streamkit.local.sources.source import LiveSource
from streamkit.local.texts import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from streamkit.local.journal import InvocationStarted
    from streamkit.local.sources.source import Source
    from streamkit.local.views import Invocation

__all__ = ["RecordNames"]

_MOST = 6
"""How many records of a batch are named."""
_LONGEST = 40
"""How long the value of a key may be."""
_PLAIN = re.compile(r"[^\W\d][\w.@:/#+-]*")
_SEQUENCE_NUMBER = re.compile(r"\d{15,}")
_TTL_PRINCIPAL = "dynamodb.amazonaws.com"

_Name = tuple[str, str]
"""What happened (INSERT), and to which item (id=1)."""


class RecordNames:
    """Knows records by their sequence numbers. An event is read when one of its records is asked for, not before.

    ``source``: where records are looked up that were never delivered; without it they go by their numbers.
    """

    def __init__(self, source: Source | None = None, now: datetime | None = None) -> None:
        self._source = None if isinstance(source, LiveSource) else source
        self._now = now
        self._delivered: dict[str, InvocationStarted | Invocation] = {}
        self._names: dict[str, _Name] = {}

    def learn(self, call: InvocationStarted | Invocation) -> None:
        """Remember in which event records are."""
        for number in call.sequence_numbers:
            self._delivered.setdefault(number, call)

    def of(self, numbers: Sequence[str], shard_id: str) -> str:
        """Return these records in words; of many, the first ones and the last."""
        if not numbers:
            return "no records"
        shown = numbers if len(numbers) <= _MOST else (*numbers[: _MOST - 1], numbers[-1])
        names = [self._name(number, shard_id) for number in shown]
        if len(shown) == len(numbers):
            return _grouped(names)
        return f"{_grouped(names[:-1])}, … {' '.join(names[-1])} ({len(numbers)} records)"

    def within(self, text: str, shard_id: str) -> str:
        """Return a text with names in the place of the sequence numbers that are known."""

        def name(match: re.Match[str]) -> str:
            return " ".join(self._name(match[0], shard_id)) if match[0] in self._delivered else match[0]

        return _SEQUENCE_NUMBER.sub(name, text)

    def _name(self, number: str, shard_id: str) -> _Name:
        if number not in self._names:
            for record in self._records_with(number, shard_id):
                name = _name_in(record)
                if name is not None:
                    self._names[name[0]] = name[1]
        return self._names.setdefault(number, ("record", number))

    def _records_with(self, number: str, shard_id: str) -> Sequence[Any]:
        if number in self._delivered:
            event: Any = self._delivered[number].event
            event = _read(event) if isinstance(event, bytes) else event
            records = event.get("Records") if isinstance(event, dict) else None
            return records if isinstance(records, list) else ()
        if self._source is None or self._now is None or shard_id not in self._source.shard_ids:
            return ()
        position = self._source.after(shard_id, number) - 1
        found = self._source.read(shard_id, position, 1, self._now) if position >= 0 else ()
        return [_read(record.json) for record in found]


def _read(text: bytes) -> Any:
    try:
        return read_event(text)
    except ValueError:  # an event that somebody else's journal holds
        return None


def _grouped(names: Sequence[_Name]) -> str:
    """Return names with what happened said once for each row of the same: ``INSERT id=1, id=2; MODIFY id=1``."""
    rows = groupby(names, key=itemgetter(0))
    return "; ".join(f"{what} {', '.join(item for _, item in row)}" for what, row in rows)


def _name_in(record: Any) -> tuple[str, _Name] | None:
    """Return a record's sequence number and name; None for what has none."""
    data = record.get("dynamodb") if isinstance(record, dict) else None
    if not isinstance(data, dict):
        return None
    number, keys = data.get("SequenceNumber"), data.get("Keys")
    if not isinstance(number, str) or not isinstance(keys, dict) or not keys:
        return None
    item = ", ".join(f"{printable(str(name))}={_value(value)}" for name, value in keys.items())
    identity = record.get("userIdentity")
    expired = isinstance(identity, dict) and identity.get("principalId") == _TTL_PRINCIPAL
    what = f"{record.get('eventName')} by TTL" if expired else str(record.get("eventName"))
    return number, (what, item if len(keys) == 1 else f"({item})")


def _value(value: Mapping[str, Any] | Any) -> str:
    tag, content = next(iter(value.items())) if isinstance(value, dict) and value else ("", value)
    text = printable(str(content))
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if tag == "N" or (tag == "S" and _PLAIN.fullmatch(short.removesuffix("…"))):
        return short
    return repr(short) if tag == "S" else f"{tag}({short})"
