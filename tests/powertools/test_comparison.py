"""Where streamkit differs from Powertools' BatchProcessor, shown with both on the same stream."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from streamkit import Change, EventSourceMapping, stream_handler
from streamkit.local import LocalRunner, LocalTable

MAPPING = EventSourceMapping(batch_size=7, function_response_types=["ReportBatchItemFailures"])


class Work:
    """Notes the ids it is called with, as one story: ``1 2 3x | 3 4``; 3 fails at its first attempt."""

    def __init__(self) -> None:
        self.story = ""
        self._failed = False

    def __call__(self, number: int) -> None:
        if number == 3 and not self._failed:
            self._failed = True
            self.story += "3x "
            raise ValueError
        self.story += f"{number} "


def run(handler: Callable[..., Any], work: Work) -> str:
    """Bring seven changes of one item's neighbours to the handler and return what happened."""

    def separated(event: Any, context: Any) -> Any:
        if work.story:
            work.story += "| "
        return handler(event, context)

    table = LocalTable("orders")
    for number in range(1, 8):
        table.put({"id": number})
    LocalRunner(separated, table, MAPPING).run()
    return work.story.strip()


def powertools_handler(record_handler: Callable[..., Any]) -> Callable[..., Any]:
    processor = BatchProcessor(event_type=EventType.DynamoDBStreams)

    def handler(event: dict[str, Any], context: Any) -> Any:
        return process_partial_response(event, record_handler, processor, context)

    return handler


def test_a_record_that_fails_in_the_middle_of_seven() -> None:
    ours, theirs = Work(), Work()

    @stream_handler
    def handler(change: Change) -> None:
        ours(int(change.keys["id"]))

    def record_handler(record: DynamoDBRecord) -> None:
        assert record.dynamodb is not None
        theirs(int(record.dynamodb.keys["id"]))

    assert run(handler, ours) == "1 2 3x | 3 4 5 6 7"
    assert run(powertools_handler(record_handler), theirs) == "1 2 3x 4 5 6 7 | 3 4 5 6 7"


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_async_record_that_fails() -> None:
    ours, theirs = Work(), Work()

    @stream_handler
    async def handler(change: Change) -> None:
        ours(int(change.keys["id"]))

    async def record_handler(record: DynamoDBRecord) -> None:
        assert record.dynamodb is not None
        theirs(int(record.dynamodb.keys["id"]))

    assert "| 3" in run(handler, ours)
    assert run(powertools_handler(record_handler), theirs) == "", "never run, and reported as success"


def test_the_order_of_one_items_images_never_goes_backwards() -> None:
    versions: list[int] = []
    failed: set[int] = set()

    @stream_handler(batch_size=7)
    def handler(change: Change) -> None:
        version = int(change.meta.sequence_number)
        if version % 3 == 0 and version not in failed:
            failed.add(version)
            raise ValueError
        versions.append(version)

    table = LocalTable("orders")
    for number in range(20):
        table.put({"id": 1, "version": number})
    LocalRunner(handler, table).run()
    assert versions == sorted(versions)
    assert len(versions) == 20
