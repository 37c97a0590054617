"""Runs what a row of tests.conformance.runs describes."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local import LocalRunner, LocalTable, MemoryDestination
from streamkit.local.journal import RecordsDiscarded
from tests.local.builders import START, Failing, Tallying, after, full, short

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local import Destination
    from streamkit.local.journal import Fact
    from tests.conformance.rules import RunRule


def with_numbers(value: Any) -> Any:
    """Put the sequence number of record n in the place of ``<n>``."""
    return orjson.loads(re.sub(rb"<(\d+)>", lambda match: full(int(match[1])).encode(), orjson.dumps(value)))


def since_start(fact: Fact) -> float:
    return (fact.at - START).total_seconds()


class _Raising(MemoryDestination):
    def send(self, record: dict[str, Any]) -> None:
        super().send(record)
        raise OSError("full")


class Run:
    """A run of a rule, and what its views look at."""

    def __init__(self, rule: RunRule) -> None:
        self.rule = rule
        self.table = _table(rule)
        self.destination = _Raising() if rule.destination == "raises" else MemoryDestination()
        used: Destination | None = None if rule.destination == "none" else self.destination
        self.runner = LocalRunner(
            _handler(rule),
            self.table if rule.numbers is None else _renumbered(self.table, rule.numbers),
            rule.settings,
            destination=used,
            duration=_duration(rule.duration),
            timeout=rule.timeout,
            faults=rule.faults,
            seed=rule.seed,
            window_close_delay=rule.close_delay,
        )
        happens: list[tuple[float, Any]] = [*rule.changes.items(), *rule.later]
        for at, change in sorted(happens, key=itemgetter(0)):
            self.runner.advance(seconds=at - (self.runner.clock.now() - START).total_seconds())
            if isinstance(change, dict):
                self.runner.update(change)
            else:
                self.table.put({"id": len(self.table.records) + 1}, at=after(change))
        self.runner.run()

    def discards(self) -> list[RecordsDiscarded]:
        return [fact for fact in self.runner.journal if isinstance(fact, RecordsDiscarded)]

    def of(self, *kinds: type[Fact]) -> list[int]:
        """Return the records that facts of these kinds are about."""
        facts = [fact for fact in self.runner.journal if isinstance(fact, kinds)]
        return [short(number) for fact in facts for number in getattr(fact, "sequence_numbers")]  # noqa: B009  # any kind


def _table(rule: RunRule) -> LocalTable:
    table = LocalTable("orders", shards=rule.shards)
    times = rule.at or (0,) * (len(rule.items) if rule.items else rule.records)
    for number, at in enumerate(times, 1):
        item: dict[str, Any] = {"id": number} if rule.items is None else {"id": rule.items[number - 1], "n": number}
        if rule.padding:
            item["data"] = "x" * rule.padding
        table.put(item, at=after(at))
        if number in rule.reshards:
            closed = next(shard_id for shard_id in table.shard_ids if not table.ended(shard_id, len(times)))
            getattr(table, rule.reshards[number])(closed)
    return table


def _renumbered(table: LocalTable, numbers: tuple[str, ...]) -> list[dict[str, Any]]:
    records = table.records
    for record, number in zip(records, numbers, strict=True):
        record["dynamodb"]["SequenceNumber"] = number
    return records


def _handler(rule: RunRule) -> Callable[[Any, Any], Any]:
    if rule.tallies:
        return Tallying(rule.bad, report=rule.how == "report", bad_finals=rule.bad_finals, grows=rule.grows)
    if rule.answers is None:
        return Failing(rule.bad, report=rule.how == "report")
    answers = [with_numbers(answer) for answer in rule.answers]

    def answering(_event: Any, _context: Any) -> Any:
        return answers.pop(0) if answers else None

    return answering


def _duration(given: float | tuple[float, ...]) -> float | Callable[[Any], float]:
    if isinstance(given, int | float):
        return given
    left = list(given)
    return lambda _event: left.pop(0) if left else 0
