"""One invocation of a handler: its records, one by one or as a whole, to the response that Lambda understands."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.errors import DecodeError, StreamkitError, ViewTypeError
from streamkit.observing import observe_failure
from streamkit.policies import BatchProgress, FailurePolicy, item_of
from streamkit.reading import EventReader, sequence_number_of
from streamkit.responses import BatchItemFailure, BatchResponse, batch_response

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamkit.signature import HandlerSignature

__all__ = ["BatchProcessor", "ProcessingOptions"]


@dataclass(frozen=True, slots=True)
class ProcessingOptions:
    """How a handler goes through a batch."""

    on_failure: FailurePolicy
    concurrency: int
    deadline_margin_ms: int


class BatchProcessor:
    """Runs a user's function over the records of an invocation."""

    def __init__(
        self, function: Callable[..., object], signature: HandlerSignature, options: ProcessingOptions
    ) -> None:
        self.invalid: Callable[[dict[str, Any], DecodeError], object] | None = None
        self._function = function
        self._signature = signature
        self._options = options
        self._reader = EventReader(signature)

    def process(self, records: Sequence[Any], context: Any) -> BatchResponse:
        """Run the function over raw records and return the response for Lambda."""
        progress = BatchProgress(self._options.on_failure, len(records))
        if self._signature.whole_batch:
            self._process_whole(records, context, progress)
        elif self._signature.is_async:
            _asynchronous().run_awaitable(self._process_concurrently(records, context, progress))
        else:
            self._process_in_order(records, context, progress)
        return batch_response(None if progress.failed_from is None else _reportable(records[progress.failed_from]))

    def _process_in_order(self, records: Sequence[Any], context: Any, progress: BatchProgress) -> None:
        for index, record in enumerate(records):
            item = self._item(record)
            if not self._may_start(index, item, context, progress):
                continue
            try:
                _settle(self._handle(record, context))
            except Exception as error:  # noqa: BLE001  # whatever the user's code raises fails this one record
                self._fail(index, item, record, error, progress)

    async def _process_concurrently(self, records: Sequence[Any], context: Any, progress: BatchProgress) -> None:
        from asyncio import CancelledError, current_task  # noqa: PLC0415  # asyncio is here already

        items = [item_of(record) for record in records]

        async def attempt(index: int) -> None:
            record, item = records[index], items[index]
            if not self._may_start(index, item, context, progress):
                return
            try:
                await _awaited(self._handle(record, context))
            except Exception as error:  # noqa: BLE001  # whatever the user's code raises fails this one record
                self._fail(index, item, record, error, progress)
            except CancelledError as error:
                # Whoever cancelled it, this record is not done. Only a request to end this very task is passed on.
                self._fail(index, item, record, error, progress)
                task = current_task()
                if task is not None and task.cancelling():
                    raise

        await _asynchronous().run_in_item_order(items, self._options.concurrency, attempt)

    def _process_whole(self, records: Sequence[Any], context: Any, progress: BatchProgress) -> None:
        delivered: list[Any] = []
        for index, record in enumerate(records):
            item = self._item(record)
            if not progress.admits(index, item):
                continue
            try:
                change, quarantined = self._read(record)
                _settle(quarantined)
            except Exception as error:  # noqa: BLE001  # including what the user's invalid() raises
                self._fail(index, item, record, error, progress)
                continue
            if change is not None:
                delivered.append((index, change))
        if not delivered:
            return
        try:
            _settle(self._call([change for _, change in delivered], context))
        except BatchItemFailure as failure:
            index = _index_of(failure, delivered, self._signature)
            self._fail(index, "", records[index], failure.__cause__ or failure, progress)

    def _may_start(self, index: int, item: str, context: Any, progress: BatchProgress) -> bool:
        if not progress.admits(index, item):
            return False
        # The first record always runs: reporting it unseen would bring the same batch back, without end.
        if index and _remaining_ms(context) < self._options.deadline_margin_ms:
            _logger().warning(
                "%s stops before record %d of its batch: less than %d ms are left of the function's time",
                self._signature.function_name,
                index + 1,
                self._options.deadline_margin_ms,
            )
            progress.stop_before(index)
            return False
        return True

    def _handle(self, record: Any, context: Any) -> object:
        """Call the user's function for one record; what it returns may be an awaitable that is still to run."""
        change, quarantined = self._read(record)
        return quarantined if change is None else self._call(change, context)

    def _read(self, record: Any) -> tuple[Any, object]:
        """Return a record's event, None where it is skipped or quarantined, and what the user's invalid() returned."""
        try:
            return self._reader.read(record), None
        except ViewTypeError:
            raise
        except DecodeError as error:
            if self.invalid is None:
                raise
            return None, self.invalid(record, error)

    def _item(self, record: Any) -> str:
        """Return the record's item where the policy asks for it: only "isolate" tells items apart."""
        return item_of(record) if self._options.on_failure == "isolate" else ""

    def _call(self, argument: Any, context: Any) -> object:
        # By keyword, so that Powertools' idempotent_function finds its data_keyword_argument.
        arguments = {self._signature.parameter: argument}
        if self._signature.takes_context:
            arguments["context"] = context
        return self._function(**arguments)

    def _fail(self, index: int, item: str, record: Any, error: BaseException, progress: BatchProgress) -> None:
        progress.fail(index, item)
        number = sequence_number_of(record)
        observe_failure(number, error)
        _logger().error(
            "%s failed on record %s (%s): %s: %s",
            self._signature.function_name,
            number,
            record.get("eventName") if isinstance(record, dict) else "no record",
            type(error).__name__,
            error,
            exc_info=error,
        )


def _settle(result: object) -> None:
    """Run an awaitable result to its end, so that no coroutine is ever reported as success unseen."""
    if inspect.isawaitable(result):
        _asynchronous().run_awaitable(result)


async def _awaited(result: object) -> None:
    if inspect.isawaitable(result):
        await result


def _reportable(record: Any) -> str:
    number = sequence_number_of(record)
    if number is None:
        raise StreamkitError(
            f"a record failed that has no SequenceNumber to report, so the whole batch fails: {record!r:.200}"
        )
    return number


def _index_of(failure: BatchItemFailure, delivered: list[tuple[int, Any]], signature: HandlerSignature) -> int:
    for index, change in delivered:
        if change is failure.change or change.raw is failure.change.raw:
            return index
    raise StreamkitError(
        f"{signature.function_name}() raised BatchItemFailure for a change that is not in its batch, so the whole "
        f"batch fails: pass one of the changes that it was given"
    ) from failure


def _remaining_ms(context: Any) -> float:
    ask: Callable[[], Any] | None = getattr(context, "get_remaining_time_in_millis", None)
    remaining = ask() if callable(ask) else None
    # A test's context may be None, or a mock that answers with a mock.
    return remaining if isinstance(remaining, int | float) else float("inf")


def _asynchronous() -> Any:
    from streamkit import asynchronous  # noqa: PLC0415  # asyncio takes as long to import as all the rest

    return asynchronous


def _logger() -> Any:
    import logging  # noqa: PLC0415  # not needed while nothing fails

    return logging.getLogger("streamkit")
