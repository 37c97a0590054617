"""Records as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from streamkit.local import LocalRunner
from streamkit.local.journal import InvocationStarted
from streamkit.local.recordnames import RecordNames
from tests.local.builders import START, full, lambda_record, succeed, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def started(*records: Any, event: bytes | None = None, numbers: Sequence[str] = ()) -> InvocationStarted:
    text = orjson.dumps({"Records": records}) if event is None else event
    known = tuple(numbers) or tuple(record["dynamodb"]["SequenceNumber"] for record in records)
    return InvocationStarted(START, "shard", "id", 1, known, "new batch", text)


def names_of(*records: Any) -> str:
    names = RecordNames()
    names.learn(started(*records))
    return names.of([record["dynamodb"]["SequenceNumber"] for record in records], "shard")


def record(number: int, name: str = "INSERT", **keys: dict[str, Any]) -> dict[str, Any]:
    made = lambda_record(number, eventName=name)
    made["dynamodb"]["Keys"] = keys
    return made


def test_a_record_is_what_happened_and_its_key_and_a_row_of_the_same_says_it_once() -> None:
    one, two = {"N": "1"}, {"N": "2"}
    assert names_of(record(1, id=one)) == "INSERT id=1"
    assert names_of(record(1, id=one), record(2, id=two)) == "INSERT id=1, id=2"
    assert (
        names_of(record(1, id=one), record(2, "MODIFY", id=one), record(3, "MODIFY", id=two), record(4, id=two))
        == "INSERT id=1; MODIFY id=1, id=2; INSERT id=2"
    )


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ({"N": "12.5"}, "id=12.5"),
        ({"S": "order#7"}, "id=order#7"),
        ({"S": "7"}, "id='7'"),  # no number
        ({"S": "two words"}, "id='two words'"),
        ({"S": ""}, "id=''"),
        ({"S": "a" * 41}, f"id={'a' * 39}…"),
        ({"B": "AAEC"}, "id=B(AAEC)"),
        ({}, "id=({})"),
        (7, "id=(7)"),
    ],
)
def test_a_keys_value_is_short_and_tells_text_from_numbers(key: Any, shown: str) -> None:
    assert names_of(record(1, id=key)) == f"INSERT {shown}"


def test_an_invocation_of_a_runner_is_as_good_as_the_fact_of_its_start() -> None:
    runner = LocalRunner(succeed, table_of(2))
    runner.run()
    (invocation,) = runner.invocations
    names = RecordNames()
    names.learn(invocation)
    assert names.of(invocation.sequence_numbers, invocation.shard_id) == "INSERT id=1, id=2"


def test_an_item_of_two_keys_has_both() -> None:
    assert names_of(record(1, pk={"S": "a"}, sk={"N": "1"})) == "INSERT (pk=a, sk=1)"


def test_a_removal_by_time_to_live_says_so() -> None:
    expired = record(1, "REMOVE", id={"N": "1"}) | {
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    }
    mine = record(2, "REMOVE", id={"N": "2"}) | {"userIdentity": {"type": "User", "principalId": "me"}}
    assert names_of(expired, mine) == "REMOVE by TTL id=1; REMOVE id=2"


def test_of_many_records_the_first_and_the_last_are_named() -> None:
    table = table_of(40)
    names = RecordNames(table, table.clock.now())
    numbers = [full(number) for number in range(1, 41)]
    shard = table.shard_ids[0]
    assert names.of(numbers[:6], shard) == "INSERT id=1, id=2, id=3, id=4, id=5, id=6"
    assert names.of(numbers, shard) == "INSERT id=1, id=2, id=3, id=4, id=5, … INSERT id=40 (40 records)"
    assert names.of([], shard) == "no records"


def test_a_text_has_names_for_the_numbers_that_were_delivered() -> None:
    names = RecordNames()
    names.learn(started(record(1, id={"N": "1"})))
    assert names.within(f"{full(1)} came before {full(2)} and 3", "shard") == f"INSERT id=1 came before {full(2)} and 3"


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"[]",
        b'{"Records": 1}',
        b'{"Records": [1]}',
        b'{"Records": [{"dynamodb": 1}]}',
        b'{"Records": [{"dynamodb": {"SequenceNumber": "100000000000000000001"}}]}',
        b'{"Records": [{"dynamodb": {"SequenceNumber": "100000000000000000001", "Keys": {}}}]}',
        b'{"Records": [{"dynamodb": {"SequenceNumber": 1, "Keys": {"id": {"N": "1"}}}}]}',
    ],
)
def test_a_record_that_cannot_be_read_goes_by_its_number(event: bytes) -> None:
    names = RecordNames()
    names.learn(started(event=event, numbers=[full(1)]))
    assert names.of([full(1)], "shard") == f"record {full(1)}"


def test_a_record_that_was_not_delivered_is_looked_up_where_it_was_written() -> None:
    table = table_of(2)
    (shard,) = table.shard_ids
    assert RecordNames(table, table.clock.now()).of([full(2)], shard) == "INSERT id=2"
    assert RecordNames().of([full(2)], shard) == f"record {full(2)}"
    names = RecordNames(table, table.clock.now())
    assert names.of([full(0)], shard) == f"record {full(0)}"
    assert names.of([full(2)], "another") == f"record {full(2)}"


def test_a_recording_knows_its_records_too() -> None:
    runner = LocalRunner(succeed, [lambda_record(1, item="a"), lambda_record(2, item="b")])
    source = runner._setup.source
    (shard,) = source.shard_ids
    assert RecordNames(source, runner.clock.now()).of([full(1), full(2)], shard) == "INSERT id=a, id=b"
