"""On-failure records, one after the other: read, fetched, run again, removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from streamkit.errors import StreamkitError
from streamkit.local.aws import AwsAccessError
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.recordlist import Records
from streamkit.local.records import number_order
from streamkit.local.redrive.choosing import choose
from streamkit.local.redrive.document import NotOnFailureRecordError, read_document
from streamkit.local.redrive.extent import ExtentGoneError
from streamkit.local.redrive.payload import payload_records, payload_state
from streamkit.local.redrive.places.place import PlaceError
from streamkit.local.redrive.rerun import Rerun, rerun
from streamkit.local.redrive.result import Redriven, RedriveResult
from streamkit.local.streams.client import UnavailableError
from streamkit.local.window import NEW_STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from streamkit.local.invokers.invoker import Invoker
    from streamkit.local.journal import Listener
    from streamkit.local.redrive.document import FailedBatch
    from streamkit.local.redrive.places.place import Entry, Place
    from streamkit.local.redrive.streams import Streams
    from streamkit.mapping import EventSourceMapping

__all__ = ["Redriver"]


class _Work(NamedTuple):
    """What is to be run."""

    records: Records
    state: bytes = NEW_STATE
    gone: str = ""
    notes: tuple[str, ...] = ()


class Redriver:
    """Brings what lies in a place to a function again.

    ``mapping``: its filters and its ParallelizationFactor say which records of a range were the batch; its function and
    its stream, where it names them, whose on-failure records are run: others are left where they are. ``given``: the
    names of its settings that hold for the new run too; the others are those of one invocation without retries.

    ``keep``: nothing is removed. ``limit``: how many on-failure records are run at the most. ``timeout``: the
    function's Timeout, in seconds. ``listener``: hears every fact of the runs.
    """

    def __init__(  # noqa: PLR0913  # the settings of a redrive
        self,
        invoker: Invoker,
        place: Place,
        streams: Streams,
        mapping: EventSourceMapping,
        *,
        given: AbstractSet[str] = frozenset(),
        keep: bool = False,
        limit: int | None = None,
        timeout: float = MAX_TIMEOUT,
        listener: Listener | None = None,
    ) -> None:
        self._invoker = invoker
        self._place = place
        self._streams = streams
        self._mapping = mapping
        self._given = given
        self._keep = keep
        self._left = limit
        self._timeout = timeout
        self._listener = listener
        self.function = mapping.function_name or mapping.function_arn or invoker.function_name

    def run(self, told: Callable[[Redriven], object]) -> RedriveResult:
        """Run everything that lies there; ``told`` hears of each as it is done."""
        result = RedriveResult()
        try:
            for one in self._results():
                result.add(one)
                told(one)
        except (PlaceError, AwsAccessError) as error:
            result.stop(str(error))
        finally:
            self._place.close()
        return result

    def _results(self) -> Iterator[Redriven]:
        for entries in self._place.entries():
            read = [(entry, _read(entry)) for entry in entries]
            read.sort(key=lambda pair: _order(pair[1]))
            for entry, batch in read:
                if isinstance(batch, Redriven):
                    yield batch
                elif other := self._other(batch):
                    yield Redriven(name=entry.name, status="left", why=other, batch=batch)
                else:
                    if self._left == 0:
                        return
                    self._left = None if self._left is None else self._left - 1
                    yield self._redrive(entry, batch)

    def _other(self, batch: FailedBatch) -> str:
        """Say why these records are not this function's, or nothing."""
        if not _is_of(batch.function_arn, self.function):
            name = batch.function_arn.rpartition(":function:")[2]
            return f"it is of the function {name}, and this is {self.function}: --function-name {name} runs it here"
        stream = self._mapping.event_source_arn
        if stream not in (None, batch.stream_arn):
            return f"it is of the stream {batch.stream_arn}, and the mapping is on {stream}"
        return ""

    def _redrive(self, entry: Entry, batch: FailedBatch) -> Redriven:
        try:
            work = self._work(batch)
        except ExtentGoneError as error:
            return Redriven(name=entry.name, status="trimmed", why=str(error), batch=batch)
        except (NotOnFailureRecordError, UnavailableError, AwsAccessError, _StateUnknownError) as error:
            return Redriven(name=entry.name, status="left", why=str(error), batch=batch)
        if not self._place.hold(entry):
            return Redriven(name=entry.name, status="left", why="somebody else has it, or removed it", batch=batch)
        try:
            run = self._rerun(batch, work)
        except OverflowError:
            why = "it has a time at the end of all times, and no clock can go on from there"
            return Redriven(name=entry.name, status="left", why=why, batch=batch)
        done = set(run.handled)
        result = Redriven(
            name=entry.name,
            status="handled",
            batch=batch,
            handled=tuple(run.handled),
            failed=tuple(number for number in work.records.numbers if number not in done),
            notes=work.notes,
        )
        if not run.ok:
            return replace(result, status="failed", why=run.why, notes=tuple(filter(None, (*work.notes, work.gone))))
        if work.gone:
            return replace(result, status="trimmed", why=work.gone)
        return result if self._keep else self._remove(entry, result)

    def _rerun(self, batch: FailedBatch, work: _Work) -> Rerun:
        return rerun(
            self._invoker,
            batch,
            work.records,
            self._mapping,
            self._given,
            work.state,
            self._timeout,
            self._listener,
        )

    def _remove(self, entry: Entry, result: Redriven) -> Redriven:
        try:
            self._place.remove(entry)
        except (PlaceError, AwsAccessError) as error:
            return replace(result, why=f"it was handled and is still there, to be run again: {error}")
        return replace(result, removed=True)

    def _work(self, batch: FailedBatch) -> _Work:
        if batch.final:
            if batch.payload is None:
                raise _StateUnknownError(
                    "it is about the final invocation of a window, whose state is in no stream: only the record that "
                    "goes to a bucket or a directory has it"
                )
            return _Work(Records(), payload_state(batch))
        notes: tuple[str, ...] = ()
        if batch.window is not None:
            notes = (_OF_A_WINDOW if self._mapping.tumbling_window_in_seconds else _NO_WINDOW,)
        if batch.payload is not None:
            return _Work(payload_records(batch), notes=notes)
        fetched = self._streams.fetch(batch)
        records, note = choose(fetched, batch, self._mapping, lanes_known=self._streams.lanes_known(batch))
        return _Work(records, gone=fetched.gone, notes=(note, *notes) if note else notes)


_OF_A_WINDOW = "its window is long over: these records are folded from an empty state, and make a result of their own"

_NO_WINDOW = (
    "it is of a tumbling window, and the mapping has none (TumblingWindowInSeconds): its records are run as others"
)


class _StateUnknownError(StreamkitError):
    """The state of a window is nowhere."""


def _read(entry: Entry) -> FailedBatch | Redriven:
    problem = entry.problem
    if not problem:
        try:
            return read_document(entry.content)
        except NotOnFailureRecordError as error:
            problem = str(error)
    return Redriven(name=entry.name, status="left", why=problem)


def _order(batch: FailedBatch | Redriven) -> tuple[str, str, tuple[int, str]]:
    if isinstance(batch, Redriven):
        return "", "", (0, "")
    return batch.stream_arn, batch.shard_id, number_order(batch.start)


def _is_of(function_arn: str, function: str) -> bool:
    """Whether an ARN is that of a function, named by its ARN, in part, or by its name; of a qualified one exactly."""
    if not function.startswith("arn:"):
        before, separator, name = function.rpartition(":function:")
        have_before, _, have = function_arn.rpartition(":function:")
        if separator and before != have_before.rpartition(":")[2]:
            return False
        function, function_arn = name, have
    return function_arn == function or function_arn.startswith(f"{function}:")
