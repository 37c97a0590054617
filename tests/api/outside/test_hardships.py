"""Whatever is done to a mapping while records come in, none of them is lost.

``STREAMKIT_HARDSHIPS=30 pytest tests/api/outside/test_hardships.py`` tries thirty fates of each in the place of one.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.hardships import (
    LONG,
    WHERE_NOTHING_IS_GIVEN_UP,
    WHERE_RECORDS_ARE_GIVEN_UP,
    Deliveries,
    Writer,
    endure,
)
from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import QUICKLY, Around, Server, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEDS = range(int(os.environ.get("STREAMKIT_HARDSHIPS", "1")))
FUNCTION = "tests.api.outside.unsteady:handler"


@pytest.fixture(params=["awslambdaric", "in-process"])
def server(request: pytest.FixtureRequest, around: Around, tmp_path: Path) -> Iterator[Server]:
    functions = [option for name in ("unsteady", "unsteady:live") for option in ("--function", f"{name}={FUNCTION}")]
    options = ["--state", str(tmp_path / "state.db"), "--invoker", request.param, "--window-close-delay", "0.2"]
    with Server(around, tmp_path, *QUICKLY, *options, *functions) as server:
        yield server


@pytest.mark.parametrize("seed", SEEDS)
def test_no_record_is_lost_and_every_items_order_is_kept(
    seed: int, around: Around, server: Server, request: pytest.FixtureRequest
) -> None:
    chance = Random(seed)  # noqa: S311  # fates, not secrets
    table = f"kept-{request.node.callspec.id}"
    stream = around.table(table)
    with Mappings(server) as mappings:
        uuid = mappings.made(stream, "unsteady")
        with Writer(around, table, seed):
            endure(mappings, uuid, server, chance, WHERE_NOTHING_IS_GIVEN_UP)
        deliveries = Deliveries(around, server, stream)
        deliveries.all_done()
        assert mappings.get(uuid)["State"] == "Enabled"
    assert {item: sorted(records) for item, records in deliveries.by_item().items()} == deliveries.by_item()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_is_handled_or_its_on_failure_record_says_that_it_was_not(
    seed: int, around: Around, server: Server, request: pytest.FixtureRequest
) -> None:
    chance = Random(seed)  # noqa: S311  # fates, not secrets
    table = f"given-up-{request.node.callspec.id}"
    stream = around.table(table)
    with Mappings(server) as mappings, closing(around.sqs()) as sqs:
        queue = sqs.create_queue(QueueName=table)["QueueUrl"]
        destination = {"OnFailure": {"Destination": f"arn:aws:sqs:us-east-2:123456789012:{table}"}}
        uuid = mappings.made(stream, "unsteady", MaximumRetryAttempts=1, DestinationConfig=destination)
        with Writer(around, table, seed, poison=41):
            endure(mappings, uuid, server, chance, WHERE_RECORDS_ARE_GIVEN_UP)
        deliveries = Deliveries(around, server, stream)
        given_up: set[str] = set()

        def unaccounted() -> set[str]:
            given_up.update(one for batch in received(sqs, queue) for one in extent(batch, deliveries.written))
            return set(deliveries.written) - deliveries.done() - given_up

        eventually(unaccounted, lambda missing: not missing, within=LONG)
        assert mappings.get(uuid)["State"] == "Enabled"
    assert given_up
    assert {item: sorted(records) for item, records in deliveries.by_item().items()} == deliveries.by_item()


def received(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    """Take the batches that were given up off the queue."""
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])["DDBStreamBatchInfo"]


def extent(batch: dict[str, Any], written: list[str]) -> list[str]:
    """Return the records of a batch, and hold that they are as many as it says."""
    first, last = written.index(batch["startSequenceNumber"]), written.index(batch["endSequenceNumber"])
    records = written[first : last + 1]
    assert len(records) == batch["batchSize"]
    return records
