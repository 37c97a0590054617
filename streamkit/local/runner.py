"""`LocalRunner`: the event source mapping, on your machine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import Unpack

from streamkit.local.arguments import (
    checked_mapping,
    clock_of,
    close_delay_of,
    destination_of,
    function_arn_of,
    invoker_of,
    stream_of,
)
from streamkit.local.cascade import DEFAULT_LIMIT
from streamkit.local.checkpoints import CheckpointFile, Checkpoints
from streamkit.local.engine import Engine, drive, raise_for
from streamkit.local.following import Following
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.faults import Faults, FaultyInvoker
from streamkit.local.journal import Journal, MappingUpdated, RecordsDiscarded
from streamkit.local.metrics import Metrics
from streamkit.local.setup import Setup, duration_of
from streamkit.local.updates import updated
from streamkit.local.views import Invocation, checkpoints_in, invocations_in
from streamkit.local.window import CLOSE_DELAY
from streamkit.local.windowlog import WindowLog, WindowRun
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from streamkit.local.clock import Clock
    from streamkit.local.destinations.destination import BucketDestination, Destination
    from streamkit.local.destinations.discards import OnFailureRecord
    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import InvocationFinished
    from streamkit.local.sources.source import Source
    from streamkit.settings import MappingUpdates

__all__ = ["LocalRunner", "advance_together", "run_together"]


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

    ``journal``: what the run is written to; ``Journal(keep=False)`` holds nothing (then `invocations`, `windows`,
    `discarded` and `checkpoints` stay empty).

    ``window_close_delay``: how long after its end a tumbling window without later records is closed, in seconds; AWS
    says "up to 2 minutes" (SEMANTICS §5).

    Raises RecordError for a record that no stream holds, TypeError for something that is no handler, pydantic's
    ValidationError for a mapping that Lambda would refuse.
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
        window_close_delay: float = CLOSE_DELAY.total_seconds(),
    ) -> None:
        checked = checked_mapping(handler, mapping)
        if type(timeout) not in (int, float) or not 0 < timeout <= MAX_TIMEOUT:
            raise ValueError(f"timeout takes seconds above 0, up to Lambda's {MAX_TIMEOUT:g}, not {timeout!r}")
        if cascade_limit is not None and (type(cascade_limit) is not int or cascade_limit < 1):
            raise ValueError(f"cascade_limit takes a whole number from 1 on, or None for none, not {cascade_limit!r}")
        invoker = invoker_of(handler, timeout)
        stream = stream_of(source)
        self.clock: Clock = clock or clock_of(stream)
        self.journal: Journal = Journal() if journal is None else journal
        self.metrics: Metrics = Metrics()
        self.journal.subscribe(self.metrics)
        self.seed = seed
        self._own_name = invoker.function_name
        function_arn = function_arn_of(checked, stream.stream_arn, self._own_name)
        if isinstance(checkpoints, str | Path):
            checkpoints = CheckpointFile(checkpoints, stream.stream_arn, function_arn)
        self._destination = destination_of(destination, checked)
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
            close_delay=close_delay_of(window_close_delay),
        )
        self._engine = Engine(self._setup, self.clock.now())
        self._following = Following(self._setup, self._engine, self.clock) if self._setup.live else None
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

        Of a live stream: until everything was handled that was in the stream when it was called.
        """
        if self._following is not None:
            self._follow(fail_fast, until_caught_up=True)
        else:
            run_together(self, fail_fast=fail_fast)

    def advance(self, *, fail_fast: bool = False, **span: float) -> None:
        """Let a span of time pass, and exactly what happens in it. Takes timedelta's arguments: ``minutes=5``."""
        if self._following is not None:
            self._follow(fail_fast, until=self.clock.now() + timedelta(**span))
        else:
            advance_together(self, fail_fast=fail_fast, **span)

    def follow(self, fail_fast: bool = False) -> str:
        """Follow a live stream until `stop` is called or nothing more will ever come; return which it was.

        An invoker that runs the function in processes of its own is called side by side, by each shard and each lane.
        Raises TypeError where the source is not live: nothing would come that `run` does not wait for.
        """
        return self._follow(fail_fast)

    def stop(self) -> None:
        """Let `follow` end, from another thread or a signal handler: what is in flight is finished and kept."""
        if self._following is not None:
            self._following.stop()

    def _follow(self, fail_fast: bool, *, until: datetime | None = None, until_caught_up: bool = False) -> str:
        if self._following is None:
            raise TypeError(f"{self._setup.source!r:.100} is not a live stream, to be followed: use run() or advance()")

        def finished(fact: InvocationFinished) -> None:
            if fail_fast:
                raise_for(fact, self.seed)

        return self._following.run(finished, until=until, until_caught_up=until_caught_up)

    def update(
        self, settings: Mapping[str, Any] | EventSourceMapping | None = None, /, **changes: Unpack[MappingUpdates]
    ) -> None:
        """Change settings while the mapping runs, as update-event-source-mapping does: nothing is lost or replayed.

        Python's names, AWS's as a dict, or a whole mapping, which holds from now on. A batch that is being tried stays
        as it is and follows the new limits from its next attempt on; what was read and is in no batch yet is filtered
        and batched anew. Another ParallelizationFactor waits until every batch that is being tried is done (U: what AWS
        does with those is not known). FilterCriteria ``{}`` and a destination ``""`` clear the setting.

        While a live stream is followed it may be called from any thread, and returns when it is done.

        Raises ValueError for a setting that is fixed when a mapping is made, pydantic's ValidationError for one that
        Lambda would refuse.
        """
        if isinstance(settings, EventSourceMapping):
            wanted: Mapping[str, Any] | EventSourceMapping = settings.model_copy(update=changes)
        else:
            wanted = {**(settings or {}), **changes}
        if self._following is not None:
            self._following.change(lambda: self._update(wanted))
        else:
            self._update(wanted)

    def _update(self, wanted: Mapping[str, Any] | EventSourceMapping) -> None:
        new, changed = updated(self.mapping, wanted)
        if not changed:
            return
        setup, now = self._setup, self.clock.now()
        cleared = new.on_failure_destination is None and (
            setup.destination is None or self.mapping.on_failure_destination is not None
        )
        setup.destination = None if cleared else destination_of(self._destination, new)
        self._destination = setup.destination or self._destination
        setup.function_arn = function_arn_of(new, setup.source.stream_arn, self._own_name)
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
    def windows(self) -> list[WindowRun]:
        """Every tumbling window so far, in the order in which they opened; of an open one, what would close it."""
        updates = (fact.changes for fact in self.journal if isinstance(fact, MappingUpdated))
        first = next((changes for changes in updates if "Enabled" in changes), None)
        log = WindowLog(enabled=self.mapping.enabled if first is None else not first["Enabled"])
        for fact in self.journal:
            log.note(fact)
        return log.windows

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
    if any(runner._setup.live for runner in runners):  # noqa: SLF001  # its own module
        raise ValueError("a live stream is followed by itself, on the real clock: use its runner's follow() or run()")
    if any(runner.clock is not runners[0].clock for runner in runners):
        raise ValueError("runners that run together share one clock: make them on the same table, or pass clock=")
    return runners[0].clock
