"""`LocalRunner`: the event source mapping, on your machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from streamkit.local.clock import Clock, VirtualClock
from streamkit.local.destinations import Destination, MemoryDestination
from streamkit.local.invokers import InProcessInvoker, Invoker, check_handler
from streamkit.local.journal import Journal, RecordsDiscarded
from streamkit.local.recording import Recording
from streamkit.local.support import refuse_unsupported
from streamkit.local.views import Invocation, Metrics, cause_of, checkpoints_in, invocations_in
from streamkit.local.worker import Setup, ShardWorker, duration_of
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.local.discards import OnFailureRecord
    from streamkit.local.journal import InvocationFinished
    from streamkit.local.source import Source

__all__ = ["InvocationFailedError", "LocalRunner"]

_SOME_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/unknown"


class InvocationFailedError(AssertionError):
    """An invocation failed, and no exception is known that could be raised in its place."""


class LocalRunner:
    """Brings the records of a stream to a handler, as Lambda's event source mapping does.

    ``handler``: a streamkit handler, any Lambda handler ``(event, context) -> response``, or an `Invoker`.

    ``source``: a `LocalTable`, or a sequence of records in Lambda's form: these are one shard, read from the first on
    whatever the mapping's StartingPosition, since they replay as they happened.

    ``mapping``: by default the handler's own, else Lambda's defaults; also AWS's JSON as a dict.

    ``clock``: by default the table's; for records a `VirtualClock` that starts when the first one was created.

    ``destination``: takes the on-failure records; by default memory, if the mapping has a DestinationConfig.

    ``seed``: of everything random (back-off jitter, request ids): the same seed, the same run.

    ``duration``: how long an invocation takes on the clock, in seconds, or a function of the event.

    ``journal``: what the run is written to; ``Journal(keep=False)`` holds nothing (then `invocations`, `discarded` and
    `checkpoints` stay empty).

    Raises UnsupportedSettingError for a setting that is not emulated, RecordError for a record that no stream holds,
    TypeError for something that is no handler, pydantic's ValidationError for a mapping that Lambda would refuse.
    """

    def __init__(  # noqa: PLR0913  # the settings of a run; all but the first two have defaults
        self,
        handler: Callable[..., Any] | Invoker,
        source: Source | Sequence[Mapping[str, Any]],
        mapping: EventSourceMapping | Mapping[str, Any] | None = None,
        *,
        clock: Clock | None = None,
        destination: Destination | None = None,
        seed: int = 0,
        duration: float | Callable[[dict[str, Any]], float] = 0.0,
        journal: Journal | None = None,
    ) -> None:
        self.mapping = _checked_mapping(handler, mapping)
        invoker = _invoker(handler)
        stream = _stream(source)
        self.clock: Clock = clock or _clock_of(stream)
        self.journal = Journal() if journal is None else journal
        self.metrics = Metrics()
        self.journal.subscribe(self.metrics)
        if destination is None and self.mapping.on_failure_destination is not None:
            destination = MemoryDestination()
        setup = Setup(
            source=stream,
            mapping=self.mapping,
            invoker=invoker,
            function_arn=_function_arn(self.mapping, stream.stream_arn, invoker.function_name),
            destination=destination,
            journal=self.journal,
            seed=seed,
            duration=duration_of(duration),
        )
        self._workers = [
            ShardWorker(setup, shard_id, self._first_position(stream, shard_id)) for shard_id in stream.shard_ids
        ]
        self._views: tuple[int, list[Invocation]] = (0, [])

    def run(self, fail_fast: bool = False) -> None:
        """Run until nothing more would happen without new records: retries and records dated ahead are waited for.

        A record that fails for ever is retried until its attempts are used up or, without a limit, until the stream's
        24 hours are over. ``fail_fast`` re-raises the first failing invocation's exception (InvocationFailedError where
        none is known); the run can then be continued.
        """
        self._drive(None, fail_fast=fail_fast)

    def advance(self, *, fail_fast: bool = False, **span: float) -> None:
        """Let a span of time pass, and exactly what happens in it. Takes timedelta's arguments: ``minutes=5``."""
        until = self.clock.now() + timedelta(**span)
        self._drive(until, fail_fast=fail_fast)
        self.clock.sleep_until(until)

    @property
    def invocations(self) -> list[Invocation]:
        """Every call of the function so far, in the order in which they started."""
        if self._views[0] != len(self.journal):
            self._views = (len(self.journal), invocations_in(self.journal))
        return self._views[1]

    @property
    def discarded(self) -> list[OnFailureRecord]:
        """The on-failure records, exactly as AWS sends them, whether or not a destination takes them."""
        return [fact.record for fact in self.journal if isinstance(fact, RecordsDiscarded)]

    @property
    def checkpoints(self) -> dict[str, str]:
        """The sequence number up to which each shard is done with; a shard without one is not there."""
        return checkpoints_in(self.journal)

    def _drive(self, until: datetime | None, *, fail_fast: bool) -> None:
        while True:
            now = self.clock.now()
            due = [(when, worker) for worker in self._workers if (when := worker.next_time(now)) is not None]
            if not due:
                return
            when, worker = min(due, key=lambda pair: pair[0])
            if until is not None and when > until:
                return
            if when > now:
                self.clock.sleep_until(when)
                continue
            finished = worker.turn(now)
            if fail_fast and finished is not None and finished.outcome not in ("success", "throttled"):
                raise _raisable(finished)

    def _first_position(self, source: Source, shard_id: str) -> int:
        if self.mapping.starting_position == "LATEST" and not isinstance(source, Recording):
            return source.latest(shard_id, self.clock.now())
        return 0


def _stream(source: Any) -> Source:
    if hasattr(source, "next_arrival"):
        return cast("Source", source)
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable):
        raise TypeError(
            f"a source is a LocalTable or a sequence of records in Lambda's form (of an event: event['Records']), "
            f"not {source!r:.200}"
        )
    return Recording(source)


def _checked_mapping(handler: Any, given: Any) -> EventSourceMapping:
    if given is None:
        own = getattr(handler, "mapping", None)
        given = own if isinstance(own, EventSourceMapping) else EventSourceMapping()
    if isinstance(given, EventSourceMapping):
        # Validated again: pydantic's model_copy(update=…) does not.
        given = given.model_dump()
    if not isinstance(given, Mapping):
        raise TypeError(f"a mapping is an EventSourceMapping or AWS's JSON as a dict, not {given!r:.200}")
    checked = EventSourceMapping.model_validate(given)
    refuse_unsupported(checked)
    return checked


def _invoker(handler: Any) -> Invoker:
    if isinstance(handler, Invoker) and not isinstance(handler, type):
        return handler
    check_handler(handler, getattr(handler, "__name__", "handler"))
    return InProcessInvoker(handler)


def _clock_of(source: Source) -> Clock:
    if isinstance(source, Recording):
        start = source.first_created_at
        return VirtualClock() if start is None else VirtualClock(start)
    clock: Clock | None = getattr(source, "clock", None)
    return VirtualClock() if clock is None else clock


def _function_arn(mapping: EventSourceMapping, stream_arn: str, handler_name: str) -> str:
    name = mapping.function_name or mapping.function_arn or handler_name
    if name.startswith("arn:"):
        return name
    arn = stream_arn if stream_arn.count(":") > 4 else _SOME_ARN  # noqa: PLR2004  # AWS's samples say "stream-ARN"
    _, partition, _, region, account, _ = arn.split(":", 5)
    owner, separator, rest = name.partition(":function:")
    if separator:
        account, name = owner.rpartition(":")[2], rest
    return f"arn:{partition}:lambda:{region}:{account}:function:{name}"


def _raisable(finished: InvocationFinished) -> BaseException:
    return cause_of(finished) or InvocationFailedError(
        f"an invocation of shard {finished.shard_id} ended as {finished.outcome}: {finished.why}"
    )
