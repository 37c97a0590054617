"""What the operations on mappings answer, and what becomes of a mapping afterwards."""

from __future__ import annotations

import threading
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, stream_handler
from streamkit.api import mappings as mappings_module
from tests.api.serverbuild import (
    ACCOUNT,
    FOREVER,
    LONG,
    REGION,
    Served,
    eventually,
    hurried,
    refused,
    served,
    stream_arn,
    without,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hurried", "served"]

ORDERS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
OTHER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:other"
NOBODY = "00000000-0000-0000-0000-000000000000"
QUEUE = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-2:123456789012:failed"}}
IN_USE = ("ResourceInUseException", 400)
UNKNOWN = ("ResourceNotFoundException", 404, "The resource you requested does not exist.")


def test_a_mapping_that_is_made_answers_the_18_members_that_aws_does(served: Served) -> None:
    before = time.time()
    made = served.create()
    assert str(uuid.UUID(made["UUID"])) == made["UUID"]
    assert before - 0.001 <= made["LastModified"] <= time.time() + 0.001
    assert without(made, "UUID", "LastModified", "EventSourceMappingArn") == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": stream_arn(),
        "FunctionArn": ORDERS,
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "TRIM_HORIZON",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }
    assert made["EventSourceMappingArn"] == (f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{made['UUID']}")


def test_it_is_enabled_in_a_moment_and_delivers(served: Served) -> None:
    numbers = served.streams.by_arn[stream_arn()].put(count=3)
    made = served.create()
    enabled = served.settled(made["UUID"])
    assert enabled["State"] == "Enabled"
    assert enabled["LastModified"] >= made["LastModified"]
    served.handled(numbers)
    assert served.handler.under(ORDERS) == numbers
    eventually(lambda: served.mappings.get(made["UUID"])["LastProcessingResult"], lambda seen: seen == "OK")


def test_one_that_is_made_disabled_is_disabled_and_delivers_nothing_until_it_is_enabled(served: Served) -> None:
    numbers = served.streams.by_arn[stream_arn()].put(count=3)
    made = served.created(Enabled=False)
    assert served.state(made) == "Disabled"
    assert served.update(made, Enabled=True)["State"] == "Enabling"
    assert served.handler.calls == []
    assert served.settled(made)["State"] == "Enabled"
    served.handled(numbers)


def test_a_mapping_from_latest_has_its_position_before_it_is_enabled(served: Served) -> None:
    stream = served.streams.by_arn[stream_arn()]
    stream.put(count=3)
    served.created(StartingPosition="LATEST")
    numbers = stream.put(count=2)
    served.handled(numbers)
    assert served.handler.numbers == numbers


def test_a_function_is_had_by_a_mapping_as_it_was_named(served: Served) -> None:
    assert served.create("orders:live")["FunctionArn"] == f"{ORDERS}:live"
    assert served.create(f"{ACCOUNT}:function:other")["FunctionArn"] == OTHER
    assert served.create(ORDERS)["FunctionArn"] == ORDERS


@pytest.mark.parametrize(
    "settings",
    [
        {"BatchSize": 7, "MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": 60, "ParallelizationFactor": 2},
        {"DestinationConfig": QUEUE, "FunctionResponseTypes": ["ReportBatchItemFailures"]},
        {"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}},
        {"TumblingWindowInSeconds": 60, "BisectBatchOnFunctionError": True},
        {"KMSKeyArn": "arn:aws:kms:us-east-2:123456789012:key/1", "MetricsConfig": {"Metrics": ["EventCount"]}},
    ],
)
def test_what_is_set_is_answered_and_kept(served: Served, settings: dict[str, Any]) -> None:
    made = served.created(**settings)
    for seen in (served.mappings.get(made), served.mappings.list()["EventSourceMappings"][0]):
        assert {name: seen[name] for name in settings} == settings
    served.restart()
    kept = served.mappings.get(made)
    assert {name: kept[name] for name in settings} == settings


def test_an_empty_key_is_none(served: Served) -> None:
    made = served.created(KMSKeyArn="")
    assert "KMSKeyArn" not in served.mappings.get(made)
    served.updated(made, KMSKeyArn="arn:aws:kms:us-east-2:123456789012:key/1")
    assert "KMSKeyArn" in served.mappings.get(made)
    assert "KMSKeyArn" not in served.updated(made, KMSKeyArn="")


def test_what_is_no_mapping_of_this_server_is_refused(served: Served) -> None:
    unknown = "Function does not exist"
    assert refused(lambda: served.create("nobody")) == ("InvalidParameterValueException", 400, unknown)
    assert refused(lambda: served.create("orders:gone")) == ("InvalidParameterValueException", 400, unknown)
    missing = f"Stream not found: {stream_arn('gone')}"
    assert refused(lambda: served.create(table="gone")) == ("InvalidParameterValueException", 400, missing)
    assert served.listed() == []
    assert served.store.load() == []


def test_the_function_is_looked_up_before_the_stream_and_both_after_the_body(served: Served) -> None:
    assert refused(lambda: served.create("nobody", "gone"))[2] == "Function does not exist"
    assert "batchSize" in refused(lambda: served.create("nobody", "gone", BatchSize=0))[2]
    text = refused(lambda: served.create("nobody", TumblingWindowInSeconds=1, ParallelizationFactor=2))[2]
    assert text == "Parallelization factor must be equal to 1 when tumbling window period is configured"


def test_there_is_one_mapping_for_each_stream_and_exactly_named_function(served: Served) -> None:
    served.streams.open("customers")
    first = served.create()["UUID"]
    assert refused(served.create) == (
        "ResourceConflictException",
        409,
        (
            f'The event source arn (" {stream_arn()} ") and function (" orders ") provided mapping already exists. '
            f"Please update or delete the existing mapping with UUID {first}"
        ),
    )
    assert '(" orders ")' in refused(lambda: served.create(ORDERS, StartingPosition="LATEST"))[2]
    served.create("orders:live")
    assert '(" orders:live ")' in refused(lambda: served.create(f"{ORDERS}:live"))[2]
    served.create("other")
    served.create(table="customers")
    assert len(served.listed()) == 4


def test_an_update_makes_no_second_mapping_of_a_stream_and_function_either(served: Served) -> None:
    first, second = served.created("orders"), served.created("other")
    assert refused(lambda: served.update(second, FunctionName="orders"))[0] == "ResourceConflictException"
    assert refused(lambda: served.update(second, FunctionName="nobody"))[2] == "Function does not exist"
    assert served.updated(second, FunctionName="other", BatchSize=3)["BatchSize"] == 3
    assert served.state(first) == "Enabled"


def test_a_function_that_a_mapping_is_about_to_have_is_taken_and_so_is_the_one_that_it_has(served: Served) -> None:
    made = served.created("orders")
    served.restart(FOREVER)
    assert served.update(made, FunctionName="other")["FunctionArn"] == ORDERS
    for name in ("orders", "other"):
        assert refused(partial(served.create, name))[0] == "ResourceConflictException"
    served.restart()
    assert served.settled(made)["FunctionArn"] == OTHER
    served.create("orders")


def test_an_update_answers_the_old_values_until_the_new_ones_hold(served: Served) -> None:
    made = served.created(BatchSize=10)
    served.restart(FOREVER)
    answer = served.update(made, BatchSize=20, MaximumRetryAttempts=1)
    assert (answer["State"], answer["BatchSize"], answer["MaximumRetryAttempts"]) == ("Updating", 10, -1)
    assert served.mappings.get(made) == answer
    served.restart()
    now = served.settled(made)
    assert (now["State"], now["BatchSize"], now["MaximumRetryAttempts"]) == ("Enabled", 20, 1)
    assert now["LastModified"] > answer["LastModified"]


@pytest.mark.parametrize(
    ("enabled", "wanted", "state", "afterwards"),
    [
        (True, True, "Updating", "Enabled"),
        (True, False, "Disabling", "Disabled"),
        (False, True, "Enabling", "Enabled"),
        (False, False, "Updating", "Disabled"),
    ],
)
def test_states_say_what_an_update_does(
    served: Served, enabled: bool, wanted: bool, state: str, afterwards: str
) -> None:
    made = served.created(Enabled=enabled)
    assert served.update(made, Enabled=wanted)["State"] == state
    assert served.settled(made)["State"] == afterwards


def test_while_something_is_under_way_nothing_else_is_begun(served: Served) -> None:
    served.restart(FOREVER)
    made = served.create()["UUID"]
    for _ in range(2):
        assert refused(lambda: served.update(made, BatchSize=1)) == (
            *IN_USE,
            "Cannot update the event source mapping because it is in use.",
        )
        assert refused(lambda: served.mappings.delete(made)) == (
            *IN_USE,
            "Cannot delete the event source mapping because it is in use.",
        )
        # Creating at first, then Updating.
        served.restart()
        served.settled(made)
        served.restart(FOREVER)
        if served.state(made) == "Enabled":
            served.update(made, BatchSize=2)
    served.restart()
    assert served.settled(made)["BatchSize"] == 2


def test_a_deleted_mapping_is_deleting_until_what_it_does_is_finished_and_then_it_is_gone(served: Served) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    served.handler.during = during
    numbers = served.streams.by_arn[stream_arn()].put(count=4)
    made = served.created(BatchSize=2)
    assert begun.wait(LONG)
    answer = served.mappings.delete(made)
    assert answer["State"] == served.state(made) == "Deleting"
    assert refused(lambda: served.mappings.delete(made))[:2] == IN_USE
    assert refused(served.create)[0] == "ResourceConflictException"
    let_go.set()
    served.gone(made)
    assert served.handler.numbers == numbers[:2]
    assert refused(lambda: served.mappings.get(made)) == UNKNOWN
    assert served.store.load() == []


def test_a_mapping_that_is_made_again_begins_at_its_own_position(served: Served) -> None:
    numbers = served.streams.by_arn[stream_arn()].put(count=3)
    first = served.created()
    served.handled(numbers)
    served.deleted(first)
    second = served.created()
    eventually(lambda: served.handler.numbers, lambda seen: seen == numbers * 2)
    assert first != second


@pytest.mark.parametrize("call", ["get", "delete", "update", "tags", "change_tags"])
def test_a_uuid_that_no_mapping_has_is_not_found(served: Served, call: str) -> None:
    more: tuple[Any, ...] = {"update": ({}, REGION, str), "change_tags": (dict,)}.get(call, ())
    for name in (NOBODY, "", "x" * 1000):
        assert refused(partial(getattr(served.mappings, call), name, *more)) == UNKNOWN


def test_an_update_is_checked_as_a_whole_with_what_the_mapping_has(served: Served) -> None:
    made = served.created(ParallelizationFactor=2)
    text = refused(lambda: served.update(made, TumblingWindowInSeconds=60))[2]
    assert text == "Parallelization factor must be equal to 1 when tumbling window period is configured"
    assert served.updated(made, TumblingWindowInSeconds=60, ParallelizationFactor=1)["TumblingWindowInSeconds"] == 60
    assert "validation error" in refused(lambda: served.update(made, BatchSize=0))[2]
    assert served.state(made) == "Enabled"


def test_settings_are_cleared_as_aws_clears_them(served: Served) -> None:
    filters = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
    made = served.created(DestinationConfig=QUEUE, FilterCriteria=filters)
    now = served.updated(made, DestinationConfig={"OnFailure": {"Destination": ""}}, FilterCriteria={})
    assert now["DestinationConfig"] == {"OnFailure": {}}
    assert "FilterCriteria" not in now


def test_a_filter_that_can_match_nothing_is_told_when_it_is_set_and_not_again(served: Served) -> None:
    never = {"Filters": [{"Pattern": '{"dynamodb": {"NewImage": {"n": {"N": [5]}}}}'}]}
    made = served.created(FilterCriteria=never)
    told = [line for line in served.said if "note" in line]
    assert len(told) == 1
    assert made in told[0]
    served.updated(made, BatchSize=5)
    served.restart()
    assert [line for line in served.said if "note" in line] == told
    served.updated(made, FilterCriteria=never)
    assert [line for line in served.said if "note" in line] == told
    served.updated(made, FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["OTHER"]}'}]})
    assert [line for line in served.said if "note" in line][:-1] == told


def test_what_does_not_fit_the_code_is_told_when_it_is_asked_for(served: Served) -> None:
    @stream_handler
    def handler(change: Change[dict[str, Any]]) -> None: ...

    served.end()
    served.code = handler
    served.start()
    reporting: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
    exact: dict[str, Any] = {"MaximumRetryAttempts": 3, "BisectBatchOnFunctionError": True, "DestinationConfig": QUEUE}
    fits = served.created("other", **reporting, **exact)
    assert served.said == []
    made = served.created(**exact)
    (line,) = served.said
    assert line.startswith(f"note: mapping {made}: ")
    assert "ReportBatchItemFailures" in line
    served.updated(made, BatchSize=5)
    assert served.said == [line]
    # Another function of another kind is looked at anew.
    served.updated(fits, FunctionResponseTypes=[])
    assert len(served.said) == 2


def test_a_refused_request_is_not_advised_on(served: Served) -> None:
    never = {"Filters": [{"Pattern": '{"eventName": ["OTHER"]}'}]}
    made = served.created()
    refused(lambda: served.create(FilterCriteria=never))
    refused(lambda: served.update(made, FilterCriteria=never, FunctionName="nobody"))
    assert served.said == []


def test_a_mapping_has_no_more_than_50_tags(served: Served) -> None:
    made = served.created(Tags={str(number): "" for number in range(50)})
    kind, status, message = refused(lambda: served.mappings.change_tags(made, lambda tags: {**tags, "more": ""}))
    assert (kind, status) == ("InvalidParameterValueException", 400)
    assert "at most 50 tags, and these would make 51" in message
    assert len(served.mappings.tags(made)) == 50


def test_members_that_the_api_does_not_have_are_told_and_ignored(served: Served) -> None:
    told: list[str] = []
    body = {"FunctionName": "orders", "EventSourceArn": stream_arn(), "StartingPosition": "LATEST", "Colour": "red"}
    made = served.mappings.create(body, REGION, told.append)
    served.settled(made["UUID"])
    served.mappings.update(made["UUID"], {"StartingPosition": "TRIM_HORIZON"}, REGION, told.append)
    assert told == ["Colour", "StartingPosition"]
    assert served.settled(made["UUID"])["StartingPosition"] == "LATEST"


def test_tags_are_set_changed_and_kept_and_are_no_part_of_what_get_answers(served: Served) -> None:
    made = served.created(Tags={"team": "a"})
    assert "Tags" not in served.mappings.get(made)
    served.mappings.change_tags(made, lambda tags: {**tags, "stage": "test"})
    served.restart()
    assert served.mappings.tags(made) == {"team": "a", "stage": "test"}
    served.mappings.change_tags(made, lambda _: {})
    assert served.mappings.tags(made) == {}


def test_a_mapping_whose_tags_were_changed_is_updated_like_any_other(served: Served) -> None:
    made = served.created()
    served.mappings.change_tags(made, lambda _: {"team": "a"})
    assert served.updated(made, BatchSize=5)["BatchSize"] == 5
    assert served.mappings.tags(made) == {"team": "a"}
    served.handled(served.streams.by_arn[stream_arn()].put(count=3))


def test_tags_that_change_while_an_update_is_under_way_stay(served: Served) -> None:
    made = served.created(Tags={"team": "a"})
    served.restart(FOREVER)
    served.update(made, BatchSize=5)
    served.mappings.change_tags(made, lambda _: {"team": "b"})
    served.restart()
    served.settled(made)
    assert served.mappings.tags(made) == {"team": "b"}


def test_a_list_has_every_mapping_in_the_order_in_which_they_were_made(served: Served) -> None:
    served.streams.open("customers")
    made = [
        served.create(*where)["UUID"] for where in (("other",), ("orders",), ("orders:live",), ("other", "customers"))
    ]
    assert served.listed() == made
    served.restart()
    assert served.listed() == made
    assert served.listed(event_source_arn=stream_arn("customers")) == made[3:]
    assert served.listed(function_name="other") == [made[0], made[3]]
    assert served.listed(function_name=OTHER, event_source_arn=stream_arn()) == [made[0]]
    # Exactly as it is named: an alias is another.
    assert served.listed(function_name="orders") == [made[1]]
    assert served.listed(function_name="orders:live") == [made[2]]
    assert served.listed(function_name="nobody") == []
    assert served.listed(event_source_arn="nothing") == []
    assert refused(lambda: served.listed(function_name="no such name!"))[0] == "ValidationException"


def test_a_list_comes_in_pages_that_a_deleted_mapping_does_not_tear(served: Served) -> None:
    served.streams.open("customers")
    made = [served.created(*where) for where in (("other",), ("orders",), ("orders:live",), ("other", "customers"))]
    first = served.mappings.list(max_items="2")
    assert [one["UUID"] for one in first["EventSourceMappings"]] == made[:2]
    served.deleted(made[1])
    second = served.mappings.list(max_items="2", marker=first["NextMarker"])
    assert [one["UUID"] for one in second["EventSourceMappings"]] == made[2:]
    assert "NextMarker" not in second


def test_no_list_has_more_than_a_hundred(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings_module, "_MOST_LISTED", 1)
    made = [served.create(name)["UUID"] for name in ("orders", "other")]
    answer = served.mappings.list(max_items="50")
    assert [one["UUID"] for one in answer["EventSourceMappings"]] == made[:1]
    assert served.listed(marker=answer["NextMarker"]) == made[1:]


def test_last_processing_result_says_how_the_last_invocation_ended(served: Served) -> None:
    stream = served.streams.by_arn[stream_arn()]
    made = served.created(MaximumRetryAttempts=0)

    def result() -> str:
        text: str = served.mappings.get(made)["LastProcessingResult"]
        return text

    def fail(_: list[str]) -> None:
        raise ValueError("no")

    served.handler.during = fail
    stream.put()
    eventually(result, lambda seen: seen == "PROBLEM: Function call failed")
    served.restart()
    assert result() == "PROBLEM: Function call failed"
    served.handler.during = lambda _: None
    stream.put()
    eventually(result, lambda seen: seen == "OK")


def test_updates_come_into_force_while_a_call_is_in_flight(served: Served) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    served.handler.during = during
    numbers = served.streams.by_arn[stream_arn()].put(count=9)
    made = served.created(BatchSize=3)
    assert begun.wait(LONG)
    assert served.updated(made, BatchSize=2, FunctionName="other")["BatchSize"] == 2
    let_go.set()
    served.handled(numbers)
    assert served.handler.batches == [numbers[:3], numbers[3:5], numbers[5:7], numbers[7:]]
    assert served.handler.under(ORDERS) == numbers[:3]
    assert served.handler.under(OTHER) == numbers[3:]


def test_disabled_in_mid_stream_and_enabled_again_nothing_is_lost_or_comes_twice(served: Served) -> None:
    stream = served.streams.by_arn[stream_arn()]
    made = served.created(BatchSize=1)
    first = stream.put(count=5)
    served.handled(first)
    served.updated(made, Enabled=False)
    later = stream.put(count=5)
    assert served.handler.numbers == first
    served.updated(made, Enabled=True)
    served.handled(later)
    assert served.handler.numbers == first + later


def test_two_at_once_make_one_mapping(served: Served) -> None:
    barrier, ends = threading.Barrier(4), list[str]()

    def create() -> None:
        barrier.wait(LONG)
        try:
            ends.append(served.create()["UUID"])
        except Exception as error:  # noqa: BLE001  # looked at below
            ends.append(type(error).__name__)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert sorted(ends, key=len)[:3] == ["Refusal"] * 3
    assert served.listed() == sorted(ends, key=len)[3:]


def test_an_end_that_something_is_in_flight_at_says_so_and_does_not_wait_longer(tmp_path: Path, hurried: None) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    with Served(tmp_path) as served:
        served.handler.during = during
        served.streams.open(count=1)
        served.created()
        assert begun.wait(LONG)
        assert not served.mappings.close(0.01)
        let_go.set()
        assert served.mappings.close(LONG)
