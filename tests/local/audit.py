"""An auditor that follows the journal of a run on a LocalTable, and holds every fact to what is true of all runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from streamkit import EventSourceMapping
from streamkit.local.batching import MAX_PAYLOAD_BYTES
from tests.local.builders import START, after, short
from tests.local.windowaudit import WindowAudit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamkit.local import LocalRunner, LocalTable
    from streamkit.local.journal import (
        Checkpointed,
        Fact,
        InvocationFinished,
        InvocationStarted,
        MappingUpdated,
        RecordsDiscarded,
        RecordsExpired,
        RecordsFiltered,
        RecordsRead,
        RetryScheduled,
        Warned,
        WindowClosed,
        WindowOpened,
    )

DAY = timedelta(hours=24)


class Audit:
    """What is known at each point of a run, from the journal alone and from the table's own records."""

    def __init__(self, table: LocalTable, mapping: dict[str, Any], *, exact: bool = True) -> None:
        # Not exact: a handler updates its own mapping, which a batch of another lane, made just now, does not follow.
        self._exact = exact
        self.table = table
        self.mappings = [EventSourceMapping.model_validate(mapping)]
        self.facts = {int(record["dynamodb"]["SequenceNumber"]): record for record in table.records}
        self.items: dict[str, list[str]] = defaultdict(list)
        for number, record in self.facts.items():
            self.items[str(record["dynamodb"]["Keys"])].append(str(number))
        self.read: dict[str, list[str]] = defaultdict(list)
        self.fates: dict[str, str] = {}
        self.running: dict[tuple[str, int], InvocationStarted] = {}
        self.checkpoints: dict[str, str] = {}
        self.polled: dict[str, Any] = {}
        self.sent: dict[str, list[InvocationStarted]] = defaultdict(list)
        self.window_from: dict[tuple[str, int], Any] = {}
        self.windows_anew_at = self.now = START
        self.retry_at: dict[str, Any] = {}
        self.windows = WindowAudit(self)
        self.counted: set[str] = set()
        """The requests whose last attempt counts against MaximumRetryAttempts."""

    @property
    def mapping(self) -> EventSourceMapping:
        return self.mappings[-1]

    def follow(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            assert fact.at >= self.now, "time goes back"
            self.now = fact.at
            getattr(self, f"_{type(fact).__name__}")(fact)

    def close(self, runner: LocalRunner) -> None:
        """Hold the end of the run to what is true of every end."""
        assert not self.running
        self.windows.close(runner)
        assert {int(number) for number in self.fates} == set(self.facts), "lost"
        assert self.checkpoints == {shard: numbers[-1] for shard, numbers in self.read.items()}
        assert runner.checkpoints == self.checkpoints
        fates, counted = Counter(self.fates.values()), runner.metrics
        assert counted["PolledEventCount"] == len(self.facts)
        assert counted["FilteredOutEventCount"] == fates["filtered"]
        given_up = counted["DroppedEventCount"] + counted["OnFailureDestinationDeliveredEventCount"]
        assert given_up == fates["discarded"] + fates["expired"]

    def _end(self, fate: str, numbers: Iterable[str]) -> None:
        for number in numbers:
            assert number not in self.fates, f"record {short(number)}: {self.fates[number]} and {fate}"
            self.fates[number] = fate

    def _age(self, number: str) -> timedelta:
        created: float = self.facts[int(number)]["dynamodb"]["ApproximateCreationDateTime"]
        return self.now - after(created - START.timestamp())

    def _RecordsRead(self, fact: RecordsRead) -> None:  # noqa: N802  # the fact's name
        assert self.mapping.enabled
        assert 1 <= len(fact.sequence_numbers) <= 1000
        if fact.shard_id in self.polled:
            assert fact.at - self.polled[fact.shard_id] >= timedelta(seconds=0.25)
        self.polled[fact.shard_id] = fact.at
        self.read[fact.shard_id] += fact.sequence_numbers
        for parent in self.table.parents(fact.shard_id):
            assert parent not in self.windows.open, "a child began before its parent's window was closed"
            for record in self.table.read(parent, 0, 10**6, self.now):
                assert record.sequence_number in self.fates, "a child began before its parent was done with"

    def _RecordsFiltered(self, fact: RecordsFiltered) -> None:  # noqa: N802  # the fact's name
        assert not any(self._matches(number) for number in fact.sequence_numbers)
        self._end("filtered", fact.sequence_numbers)

    def _matches(self, number: str) -> bool:
        """Whether the filters, of which all are by eventName here, take the record."""
        patterns = [orjson.loads(one["Pattern"]) for one in (self.mapping.filter_criteria or {}).get("Filters", [])]
        return not patterns or any(self.facts[int(number)]["eventName"] in one["eventName"] for one in patterns)

    def _InvocationStarted(self, fact: InvocationStarted) -> None:  # noqa: N802  # the fact's name
        numbers, lane = fact.sequence_numbers, (fact.shard_id, fact.lane)
        assert self.mapping.enabled, "an invocation began while the mapping was disabled"
        assert self.retry_at.pop(fact.request_id, fact.at) <= fact.at
        assert lane not in self.running, "two at a time in a lane"
        self.running[lane] = fact
        factors = [mapping.parallelization_factor for mapping in self.mappings]
        assert fact.lane < max(factors)
        assert sum(shard == fact.shard_id for shard, _ in self.running) <= max(factors)
        assert (fact.final is None) <= len(numbers) <= max(mapping.batch_size for mapping in self.mappings)
        assert len(fact.event) <= MAX_PAYLOAD_BYTES
        event = orjson.loads(fact.event)
        assert [one["dynamodb"]["SequenceNumber"] for one in event["Records"]] == list(numbers)
        self.windows.started(fact, event)
        oldest = self._age(numbers[0]) if numbers else timedelta(0)
        assert oldest <= DAY
        assert self.mapping.maximum_record_age_in_seconds < 0 or oldest <= timedelta(
            seconds=self.mapping.maximum_record_age_in_seconds
        ), "too old to be sent"
        for number in numbers:
            assert number not in self.fates, f"record {short(number)} is sent, and was {self.fates[number]}"
            item = self.items[str(self.facts[int(number)]["dynamodb"]["Keys"])]
            before = item[: item.index(number)]
            assert all(one in self.fates or one in numbers for one in before), "out of order"
        if fact.why.startswith("new batch"):
            self._check_new_batch(fact)
        self._check_checkpoint(fact.shard_id)
        earlier = self.sent[fact.request_id]
        for one in earlier:
            assert (one.shard_id, one.lane, one.sequence_numbers) == (*lane, numbers)
        assert not earlier or fact.attempt == earlier[-1].attempt + (fact.request_id in self.counted)
        self.counted.discard(fact.request_id)
        earlier.append(fact)

    def _check_new_batch(self, fact: InvocationStarted) -> None:
        mapping = self.mapping
        if fact.attempt != 1 or fact.request_id in self.sent or not self._exact:
            return
        assert len(fact.sequence_numbers) <= mapping.batch_size
        assert all(self._matches(number) for number in fact.sequence_numbers)
        window = timedelta(seconds=mapping.maximum_batching_window_in_seconds)
        if "later window" in fact.why:
            assert mapping.tumbling_window_in_seconds
        elif window and len(fact.sequence_numbers) < mapping.batch_size:
            began = max(self.window_from.get((fact.shard_id, fact.lane), START), self.windows_anew_at)
            assert fact.at - began >= window, "sent before the window was over"
            assert "window elapsed" in fact.why

    def _check_checkpoint(self, shard_id: str) -> None:
        """The checkpoint is always the last record before the lowest unfinished one of all lanes."""
        last = None
        for number in self.read[shard_id]:
            if number not in self.fates:
                break
            last = number
        assert self.checkpoints.get(shard_id) == last

    def _InvocationFinished(self, fact: InvocationFinished) -> None:  # noqa: N802  # the fact's name
        (lane,) = [lane for lane, one in self.running.items() if one.request_id == fact.request_id]
        started = self.running.pop(lane)
        assert (started.attempt, started.sequence_numbers) == (fact.attempt, fact.sequence_numbers)
        self.window_from[lane] = fact.at
        numbers = list(fact.sequence_numbers)
        if "delivered again" in fact.why:
            return
        self.windows.finished(fact)
        if fact.outcome in ("partial", "failure"):
            self.counted.add(fact.request_id)
        if fact.outcome == "success":
            self._end("handled", numbers)
        elif fact.outcome == "partial":
            named = {failure["itemIdentifier"] for failure in fact.response["batchItemFailures"]}
            done = numbers[: numbers.index(min(named, key=int))]
            assert fact.handled == len(done)
            self._end("handled", done)

    def _RetryScheduled(self, fact: RetryScheduled) -> None:  # noqa: N802  # the fact's name
        assert fact.retry_at > fact.at
        assert fact.request_id in self.sent
        self.retry_at[fact.request_id] = fact.retry_at

    def _Checkpointed(self, fact: Checkpointed) -> None:  # noqa: N802  # the fact's name
        assert int(fact.sequence_number) > int(self.checkpoints.get(fact.shard_id, 0)), "a checkpoint goes back"
        self.checkpoints[fact.shard_id] = fact.sequence_number
        self._check_checkpoint(fact.shard_id)

    def _RecordsDiscarded(self, fact: RecordsDiscarded) -> None:  # noqa: N802  # the fact's name
        self._end("discarded", fact.sequence_numbers)
        request, info = fact.record["requestContext"], fact.record["DDBStreamBatchInfo"]
        numbers = fact.sequence_numbers
        self.windows.discarded(fact)
        if numbers:
            assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (numbers[0], numbers[-1])
            assert (info["batchSize"], info["shardId"]) == (len(numbers), fact.shard_id)
        else:
            assert info == {"shardId": fact.shard_id, "streamArn": self.table.stream_arn}
        sent = self.sent.get(request["requestId"], [])
        if sent:
            # A call that was throttled or that is made again does not count.
            made = sent[-1].attempt - (request["requestId"] not in self.counted)
            assert request["approximateInvokeCount"] == max(1, made)
        if request["condition"] == "RecordAgeExceeded":
            limit = timedelta(seconds=self.mapping.maximum_record_age_in_seconds)
            assert limit > timedelta(0)
            assert "responseContext" not in fact.record
            assert all(self._age(number) > limit for number in numbers)
            assert numbers == (sent[-1].sequence_numbers[: len(numbers)] if sent else numbers)
        else:
            assert sent[-1].sequence_numbers == numbers
            assert request["approximateInvokeCount"] > self.mapping.maximum_retry_attempts >= 0
            if len({mapping.maximum_retry_attempts for mapping in self.mappings}) == 1:
                assert request["approximateInvokeCount"] == self.mapping.maximum_retry_attempts + 1

    def _RecordsExpired(self, fact: RecordsExpired) -> None:  # noqa: N802  # the fact's name
        assert all(self._age(number) > DAY for number in fact.sequence_numbers)
        self._end("expired", fact.sequence_numbers)

    def _MappingUpdated(self, fact: MappingUpdated) -> None:  # noqa: N802  # the fact's name
        self.mappings.append(EventSourceMapping.model_validate(self.mapping.model_dump(by_alias=True) | fact.changes))
        if {"Enabled", "MaximumBatchingWindowInSeconds"} & set(fact.changes):
            self.windows_anew_at = fact.at

    def _WindowOpened(self, fact: WindowOpened) -> None:  # noqa: N802  # the fact's name
        self.windows.opened(fact)

    def _WindowClosed(self, fact: WindowClosed) -> None:  # noqa: N802  # the fact's name
        self.windows.closed(fact)

    def _Warned(self, fact: Warned) -> None:  # noqa: N802  # the fact's name
        assert not self.mapping.reports_batch_item_failures, fact.text
