"""One invocation of a handler: its records, one by one or as a whole, to the response that Lambda understands."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.calling import asynchronous, index_of, out_of_time, reportable, settled
from streamkit.policies import BatchProgress, FailurePolicy, item_of
from streamkit.responses import BatchItemFailure, BatchResponse, batch_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.calling import Caller

__all__ = ["BatchProcessor", "ProcessingOptions"]


@dataclass(frozen=True, slots=True)
class ProcessingOptions:
    """How a handler goes through a batch."""

    on_failure: FailurePolicy
    concurrency: int
    deadline_margin_ms: int


class BatchProcessor:
    """Runs a user's function over the records of an invocation."""

    def __init__(self, caller: Caller, options: ProcessingOptions) -> None:
        self._caller = caller
        self._signature = caller.signature
        self._options = options
        # Only this policy tells items apart: for the others none is looked for.
        self._items_matter = options.on_failure == "isolate"

    def process(self, records: Sequence[Any], context: Any) -> BatchResponse:
        """Run the function over raw records and return the response for Lambda."""
        progress = BatchProgress(self._options.on_failure, len(records))
        if self._signature.whole_batch:
            self._process_whole(records, context, progress)
        elif self._signature.is_async:
            asynchronous().run_awaitable(self._process_concurrently(records, context, progress))
        else:
            self._process_in_order(records, context, progress)
        return batch_response(None if progress.failed_from is None else reportable(records[progress.failed_from]))

    def _process_in_order(self, records: Sequence[Any], context: Any, progress: BatchProgress) -> None:
        read, call, items_matter = self._caller.read, self._caller.call, self._items_matter
        for index, record in enumerate(records):
            item = item_of(record) if items_matter else ""
            if not self._may_start(index, item, context, progress):
                continue
            try:
                change, result = read(record)
                if change is not None:
                    result = call(change, context)
                if result is not None:
                    settled(result)
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

        await asynchronous().run_in_item_order(items, self._options.concurrency, attempt)

    def _process_whole(self, records: Sequence[Any], context: Any, progress: BatchProgress) -> None:
        delivered: list[Any] = []
        for index, record in enumerate(records):
            item = item_of(record) if self._items_matter else ""
            if not progress.admits(index, item):
                continue
            try:
                change, quarantined = self._caller.read(record)
                settled(quarantined)
            except Exception as error:  # noqa: BLE001  # including what the user's invalid() raises
                self._fail(index, item, record, error, progress)
                continue
            if change is not None:
                delivered.append((index, change))
        if not delivered:
            return
        try:
            settled(self._caller.call([change for _, change in delivered], context))
        except BatchItemFailure as failure:
            index = index_of(failure, delivered, self._signature)
            self._fail(index, "", records[index], failure.__cause__ or failure, progress)

    def _may_start(self, index: int, item: str, context: Any, progress: BatchProgress) -> bool:
        if not progress.admits(index, item):
            return False
        # The first record always runs: reporting it unseen would bring the same batch back, without end.
        if index and out_of_time(context, self._options.deadline_margin_ms):
            self._caller.stop_for_time(index, self._options.deadline_margin_ms)
            progress.stop_before(index)
            return False
        return True

    def _handle(self, record: Any, context: Any) -> object:
        """Call the user's function for one record; what it returns may be an awaitable that is still to run."""
        change, quarantined = self._caller.read(record)
        return quarantined if change is None else self._caller.call(change, context)

    def _fail(self, index: int, item: str, record: Any, error: BaseException, progress: BatchProgress) -> None:
        progress.fail(index, item)
        self._caller.fail(record, error)


async def _awaited(result: object) -> None:
    if inspect.isawaitable(result):
        await result
