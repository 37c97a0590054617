"""One invocation of a window handler: its records, folded into the state that the window has so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from streamkit.calling import fails_record, index_of, logger, out_of_time, reportable, settled
from streamkit.errors import WindowStateError
from streamkit.reading import sequence_number_of
from streamkit.responses import BatchItemFailure, batch_response
from streamkit.statesize import size_warning
from streamkit.windowprogress import OneState, StatePerKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.calling import Caller
    from streamkit.responses import WindowResponse
    from streamkit.signature import WindowSignature
    from streamkit.states.codec import StateCodec
    from streamkit.windowevents import WindowEvent
    from streamkit.windowprogress import Progress

__all__ = ["FOLD_POLICIES", "FoldPolicy", "WindowOptions", "WindowProcessor"]

FoldPolicy: TypeAlias = Literal["stop", "raise"]
"""``stop`` at the first failing record and report it; ``raise``: the whole invocation fails."""

FOLD_POLICIES = ("stop", "raise")


class WindowOptions(NamedTuple):
    """How a window handler goes through a batch."""

    seconds: int
    on_failure: FoldPolicy
    deadline_margin_ms: int
    by: Callable[[Any], Any] | None


class _Folded(NamedTuple):
    """How far a batch was folded."""

    progress: Progress
    """Its value is the fold of exactly the records that come before ``failed_from``, if it is exact."""
    failed_from: int | None = None
    """The record to retry from."""
    error: BaseException | None = None
    """Why; None where only the time ran out."""
    spoilt: bool = False
    """Whether the state is not what it was before the record."""
    skipped: frozenset[int] = frozenset()
    """Records that were not asked for, or were put aside."""


class WindowProcessor:
    """Folds the records of an invocation, and hands the last state of a window to its final function."""

    def __init__(self, caller: Caller, signature: WindowSignature, codec: StateCodec, options: WindowOptions) -> None:
        self.final: Callable[..., object] | None = None
        self.final_takes_context = False
        self._caller = caller
        self._name = caller.signature.function_name
        self._signature = signature
        self._codec = codec
        self._options = options
        self._said: set[str] = set()

    def process(self, event: WindowEvent, context: Any) -> WindowResponse:
        """Fold an invocation's records and return the response for Lambda."""
        self._check_length(event)
        folded = self._folded(event, context)
        failed, error = folded.failed_from, folded.error
        if failed is None and event.window.is_final:
            if event.records:
                self._codec.encode(folded.progress.value)  # as far as it was not checked record by record
            self._finish(folded.progress.value, event, context)
            # Lambda drops it, and takes a response without one for a failure (SEMANTICS §5).
            return {"state": {}, **batch_response(None)}
        try:
            encoded = self._codec.encode(folded.progress.value)
        except WindowStateError as unfit:
            if folded.progress.exact or not self._stops:
                raise
            folded = self._fold_up_to_the_unfit(event, context, folded, unfit)
            failed, error = folded.failed_from, folded.error
            encoded = self._codec.encode(folded.progress.value)
        if failed is not None and error is not None:
            self._caller.fail(event.records[failed], error)
        for warning in size_warning(self._name, event.state, folded.progress.size, encoded):
            logger().warning(warning)
        number = None if failed is None else reportable(event.records[failed])
        return {"state": encoded.value, **batch_response(number)}

    def _folded(self, event: WindowEvent, context: Any) -> _Folded:
        if self._caller.signature.whole_batch:
            return self._fold_whole(event, context)
        folded = self._fold(event, context)
        while folded.spoilt:
            # Of a large state no copies are made: what comes before the record is folded anew.
            again = self._fold_again(event, context, folded, folded.failed_from)
            intact = folded._replace(progress=again.progress, spoilt=False)
            folded = intact if again.failed_from is None else again  # one before it failed this time
        return folded

    def _fold_up_to_the_unfit(
        self, event: WindowEvent, context: Any, folded: _Folded, unfit: WindowStateError
    ) -> _Folded:
        """Return how far the batch can be folded until the state is one that cannot be sent: searched for by halves."""
        error: BaseException = unfit
        good, bad = 0, len(event.records) if folded.failed_from is None else folded.failed_from
        best = self._fold_again(event, context, folded, good)
        while bad - good > 1:
            middle = (good + bad) // 2
            again = self._fold_again(event, context, folded, middle)
            if again.error is not None:
                raise again.error  # it did not fail before: what comes of this fold cannot be told
            try:
                self._codec.encode(again.progress.value)
            except WindowStateError as other:
                bad, error = middle, other
            else:
                good, best = middle, again
        return _Folded(best.progress, good, error)

    def _fold_again(self, event: WindowEvent, context: Any, folded: _Folded, end: int | None) -> _Folded:
        why = "" if folded.error is None else f" ({type(folded.error).__name__}: {folded.error})"
        logger().warning(
            "%s folds the first %s records of its batch again, since its state is large and a record failed%s",
            self._name,
            end,
            why,
        )
        return self._fold(event, context, end=end, skipped=folded.skipped)

    def _fold(
        self, event: WindowEvent, context: Any, *, end: int | None = None, skipped: frozenset[int] = frozenset()
    ) -> _Folded:
        """Fold record by record, up to ``end`` or the first one that fails."""
        progress = self._progress(event)
        more = self._window_argument(event)
        passed = set(skipped)
        for index, record in enumerate(event.records[:end]):
            if index in passed:
                continue
            # The first record always runs: reporting it unseen would bring the same batch back, without end.
            if index and end is None and self._stops and out_of_time(context, self._options.deadline_margin_ms):
                self._caller.stop_for_time(index, self._options.deadline_margin_ms)
                return _Folded(progress, index, skipped=frozenset(passed))
            try:
                change = self._read(record)
            except BaseException as error:  # noqa: BLE001  # _failed tells what fails the record from what ends the process
                failed = self._failed(progress, index, record, error)
                return failed._replace(skipped=frozenset(passed))
            if change is None:
                passed.add(index)
                continue
            try:
                state = progress.of(change)
                progress.put(settled(self._caller.call(change, context, **{self._signature.state: state}, **more)))
            except BaseException as error:  # noqa: BLE001  # _failed tells what fails the record from what ends the process
                failed = self._failed(progress, index, record, error)
                progress.undo()
                return failed._replace(spoilt=not progress.exact, skipped=frozenset(passed))
        return _Folded(progress, skipped=frozenset(passed))

    def _fold_whole(self, event: WindowEvent, context: Any) -> _Folded:
        """Fold the batch in one call; where that reports a change, in another one with the changes before it."""
        delivered: list[tuple[int, Any]] = []
        folded = _Folded(self._progress(event))
        for index, record in enumerate(event.records):
            try:
                change = self._read(record)
            except BaseException as error:  # noqa: BLE001  # _failed tells what fails the record from what ends the process
                folded = self._failed(folded.progress, index, record, error)
                break
            if change is not None:
                delivered.append((index, change))
        more = self._window_argument(event)
        while delivered:
            progress = self._progress(event)
            more[self._signature.state] = progress.of(None)
            try:
                progress.put(settled(self._caller.call([change for _, change in delivered], context, **more)))
            except BatchItemFailure as failure:
                index = index_of(failure, delivered, self._caller.signature)
                cause = failure.__cause__ or failure
                folded = self._failed(self._progress(event), index, event.records[index], cause)
                delivered = [pair for pair in delivered if pair[0] < index]
            else:
                return folded._replace(progress=progress)
        return folded

    @property
    def _stops(self) -> bool:
        return self._options.on_failure == "stop"

    def _progress(self, event: WindowEvent) -> Progress:
        if self._options.by is not None:
            return StatePerKey(self._codec, event.state, self._options.by)
        return OneState(self._codec, event.state)

    def _window_argument(self, event: WindowEvent) -> dict[str, Any]:
        return {} if self._signature.window is None else {self._signature.window: event.window}

    def _read(self, record: Any) -> Any:
        """Return the record's event, None where it is skipped or was put aside."""
        change, quarantined = self._caller.read(record)
        settled(quarantined)
        return change

    def _failed(self, progress: Progress, index: int, record: Any, error: BaseException) -> _Folded:
        """Return that the batch is to be retried from here; raise where the whole invocation fails instead."""
        if not fails_record(error):
            raise error
        if self._stops:
            return _Folded(progress, index, error)
        error.add_note(
            f"record {sequence_number_of(record)} failed, and with on_failure='raise' the whole invocation fails"
        )
        raise error

    def _finish(self, state: Any, event: WindowEvent, context: Any) -> None:
        if self.final is None:
            self._say_once(
                f"{self._name} has no final function: what it folds is dropped at the end of each window; "
                f"register one with @….final"
            )
            return
        more = {"context": context} if self.final_takes_context else {}
        settled(self.final(state, event.window, **more))

    def _check_length(self, event: WindowEvent) -> None:
        length = event.window.end - event.window.start
        if length.total_seconds() != self._options.seconds:
            self._say_once(
                f"{self._name} is made for windows of {self._options.seconds} s, and its mapping has some of "
                f"{length.total_seconds():g} s: make seconds= and TumblingWindowInSeconds the same"
            )

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            logger().warning(text)
