"""`LocalRunner`: the event source mapping, on your machine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import Unpack

from streamkit.local.cascade import DEFAULT_LIMIT
from streamkit.local.checkpoints import CheckpointFile, Checkpoints
from streamkit.local.clock import Clock, VirtualClock
from streamkit.local.destinations.destination import BucketDestination, Destination, MemoryDestination
from streamkit.local.engine import Engine, drive
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.faults import Faults, FaultyInvoker
from streamkit.local.invokers.inprocess import InProcessInvoker, check_handler
from streamkit.local.invokers.invoker import Invoker
from streamkit.local.journal import Journal, MappingUpdated, RecordsDiscarded
from streamkit.local.metrics import Metrics
from streamkit.local.setup import Setup, duration_of
from streamkit.local.sources.recording import Recording
from streamkit.local.support import refuse_unsupported
from streamkit.local.updates import updated
from streamkit.local.views import Invocation, checkpoints_in, invocations_in
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from streamkit.local.destinations.discards import OnFailureRecord
    from streamkit.local.sources.source import Source
    from streamkit.settings import MappingUpdates

__all__ = ["LocalRunner", "advance_together", "run_together"]

_SOME_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/unknown"


class LocalRunner:
    """Brings the records of a stream to a handler, as Lambda's event source mapping does.

    ``handler``: a streamkit handler, any Lambda handler ``(event, context) -> response``, or an `Invoker`.

    ``source``: a `LocalTable`, or a sequence of records in Lambda's form: these are one shard, read from the first on
    whatever the mapping's StartingPosition, since they replay as they happened.

    ``mapping``: by default the handler's own, else Lambda's defaults; also AWS's JSON as a dict.

    ``clock``: by default the table's; for records a `VirtualClock` that starts when the first one was created.

    ``destination``: takes the on-failure records; by default memory, if the mapping has a DestinationConfig.

    ``seed``: of everything random (back-off jitter, request ids): the same seed, the same run.

    ``duration``: how long an invocation takes on the clock, in seconds, or a function of the event. ``timeout``: how
    long it may take: the function's Timeout, in seconds, up to Lambda's 900; what takes longer fails.

    ``faults``: what goes wrong around the function: `FaultRates`, or a plan ``{call: fault}``.

    ``checkpoints``: a file (SQLite) that keeps the checkpoints: a run that was killed goes on where it was.

    ``cascade_limit``: how many invocations may cause each other through what the handler writes to its own table
    before CascadeError stops the run; None is no limit.

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
        destination: Destination | BucketDestination | None = None,
        seed: int = 0,
        duration: float | Callable[[dict[str, Any]], float] = 0.0,
        timeout: float = MAX_TIMEOUT,
        faults: Faults | None = None,
        checkpoints: Checkpoints | str | Path | None = None,
        cascade_limit: int | None = DEFAULT_LIMIT,
        journal: Journal | None = None,
    ) -> None:
        checked = _checked_mapping(handler, mapping)
        if type(timeout) not in (int, float) or not 0 < timeout <= MAX_TIMEOUT:
            raise ValueError(f"timeout takes seconds above 0, up to Lambda's {MAX_TIMEOUT:g}, not {timeout!r}")
        if cascade_limit is not None and (type(cascade_limit) is not int or cascade_limit < 1):
            raise ValueError(f"cascade_limit takes a whole number from 1 on, or None for none, not {cascade_limit!r}")
        invoker = _invoker(handler, timeout)
        stream = _stream(source)
        self.clock: Clock = clock or _clock_of(stream)
        self.journal = Journal() if journal is None else journal
        self.metrics = Metrics()
        self.journal.subscribe(self.metrics)
        self.seed = seed
        self._own_name = invoker.function_name
        function_arn = _function_arn(checked, stream.stream_arn, self._own_name)
        if isinstance(checkpoints, str | Path):
            checkpoints = CheckpointFile(checkpoints, stream.stream_arn, function_arn)
        self._destination = _destination(destination, checked)
        self._setup = Setup(
            source=stream,
            mapping=checked,
            invoker=invoker if faults is None else FaultyInvoker(invoker, faults, seed=seed, timeout=timeout),
            function_arn=function_arn,
            destination=self._destination,
            journal=self.journal,
            checkpoints=checkpoints,
            seed=seed,
            duration=duration_of(duration),
            timeout=timedelta(seconds=timeout),
            cascade_limit=cascade_limit,
        )
        self._engine = Engine(self._setup, self.clock.now())
        self._views: tuple[int, list[Invocation]] = (0, [])

    def __repr__(self) -> str:
        return f"LocalRunner({self._own_name}, {self._setup.source.stream_arn}, seed={self.seed})"

    @property
    def mapping(self) -> EventSourceMapping:
        """The mapping as it is now."""
        return self._setup.mapping

    @property
    def done_before(self) -> int:
        """How many records were done with, by what ``checkpoints`` said, when the runner was made."""
        return self._engine.done_before

    @property
    def destination(self) -> Destination | BucketDestination | None:
        """What takes the on-failure records."""
        return self._setup.destination

    def run(self, fail_fast: bool = False) -> None:
        """Run until nothing more would happen without new records: retries and records dated ahead are waited for.

        A record that fails for ever is retried until its attempts are used up or, without a limit, until the stream's
        24 hours are over. ``fail_fast`` re-raises the first failing invocation's exception (InvocationFailedError where
        none is known); the run can then be continued.
        """
        run_together(self, fail_fast=fail_fast)

    def advance(self, *, fail_fast: bool = False, **span: float) -> None:
        """Let a span of time pass, and exactly what happens in it. Takes timedelta's arguments: ``minutes=5``."""
        advance_together(self, fail_fast=fail_fast, **span)

    def update(self, settings: Mapping[str, Any] | None = None, /, **changes: Unpack[MappingUpdates]) -> None:
        """Change settings while the mapping runs, as update-event-source-mapping does: nothing is lost or replayed.

        Python's names, or AWS's as a dict. A batch that is being tried stays as it is and follows the new limits from
        its next attempt on; what was read and is in no batch yet is filtered and batched anew. Another
        ParallelizationFactor waits until every batch that is being tried is done (U: what AWS does with those is not
        known). FilterCriteria ``{}`` and a destination ``""`` clear the setting.

        Raises ValueError for a setting that is fixed when a mapping is made, pydantic's ValidationError for one that
        Lambda would refuse, UnsupportedSettingError for one that is not emulated.
        """
        new, changed = updated(self.mapping, {**(settings or {}), **changes})
        refuse_unsupported(new)
        if not changed:
            return
        setup, now = self._setup, self.clock.now()
        cleared = new.on_failure_destination is None and (
            setup.destination is None or self.mapping.on_failure_destination is not None
        )
        setup.destination = None if cleared else _destination(self._destination, new)
        self._destination = setup.destination or self._destination
        setup.function_arn = _function_arn(new, setup.source.stream_arn, self._own_name)
        setup.mapping = new
        self._engine.follow(now, anew=bool({"Enabled", "MaximumBatchingWindowInSeconds"} & set(changed)))
        self.journal.write(MappingUpdated(now, changed))

    def disable(self) -> None:
        """Deliver nothing from now on; the position stays, and records go on ageing (SEMANTICS §1, §3)."""
        self.update(enabled=False)

    def enable(self) -> None:
        """Deliver again, from where it stopped."""
        self.update(enabled=True)

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


def run_together(*runners: LocalRunner, fail_fast: bool = False) -> None:
    """Run several mappings on one clock, for example two functions on one table, until nothing more would happen."""
    clock = _common_clock(runners)
    drive([runner._engine for runner in runners], clock, None, fail_fast=fail_fast)  # noqa: SLF001  # its own module


def advance_together(*runners: LocalRunner, fail_fast: bool = False, **span: float) -> None:
    """Let a span of time pass for several mappings on one clock. Takes timedelta's arguments: ``minutes=5``."""
    clock = _common_clock(runners)
    until = clock.now() + timedelta(**span)
    drive([runner._engine for runner in runners], clock, until, fail_fast=fail_fast)  # noqa: SLF001  # its own module
    clock.sleep_until(until)


def _common_clock(runners: Sequence[LocalRunner]) -> Clock:
    if not runners:
        raise ValueError("nothing to run: give one LocalRunner or more")
    if any(runner.clock is not runners[0].clock for runner in runners):
        raise ValueError("runners that run together share one clock: make them on the same table, or pass clock=")
    return runners[0].clock


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
    warned = isinstance(given, EventSourceMapping)
    if warned:
        # Validated again: pydantic's model_copy(update=…) does not.
        given = given.model_dump()
    if not isinstance(given, Mapping):
        raise TypeError(f"a mapping is an EventSourceMapping or AWS's JSON as a dict, not {given!r:.200}")
    checked = EventSourceMapping.model_validate(given, context={"warned": warned})
    refuse_unsupported(checked)
    return checked


def _invoker(handler: Any, timeout: float) -> Invoker:
    if isinstance(handler, Invoker) and not isinstance(handler, type):
        return handler
    check_handler(handler, getattr(handler, "__name__", "handler"))
    return InProcessInvoker(handler, timeout)


def _destination(
    given: Destination | BucketDestination | None, mapping: EventSourceMapping
) -> Destination | BucketDestination | None:
    to = mapping.on_failure_destination
    if given is None:
        return None if to is None else MemoryDestination()
    usable = isinstance(given, Destination) or (to is not None and ":s3:" in to and hasattr(given, "put"))
    if any(inspect.iscoroutinefunction(getattr(given, name, None)) for name in ("send", "put")):
        raise TypeError(f"{given!r:.200} has an async def send or put, which nobody awaits: a destination is plain")
    if not usable or isinstance(given, type):
        raise TypeError(
            f"a destination has send(record), for a queue or a topic, or put(key, record), for a bucket; "
            f"{given!r:.200} is none for {to or 'a mapping without DestinationConfig'}"
        )
    return given


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
