"""A whole redrive: what is run, what is left and why, what is removed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.aws import AwsAccessError
from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.redrive.places.place import Entry, PlaceError
from streamkit.local.redrive.redriver import Redriver
from streamkit.local.redrive.streams import Streams
from streamkit.mapping import EventSourceMapping
from tests.local.builders import ARN, REPORTING, Failing, Heard, Tallying, full, lambda_record, short, tumbling
from tests.local.redrive.documents import FUNCTION, SHARD, document, with_payload
from tests.local.redrive.fakes import FakeAccess, FakeStream, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamkit.local.redrive.result import Redriven, RedriveResult

TEN = {SHARD: [lambda_record(number, item=str(number)) for number in range(1, 11)]}
ORDERS: dict[str, Any] = {"FunctionName": "orders"}


class Shelf:
    """A place in memory. ``trouble`` is raised behind the last group of entries."""

    def __init__(self, *groups: Sequence[dict[str, Any] | bytes], trouble: Exception | None = None) -> None:
        self._groups = groups
        self._trouble = trouble
        self.removed: list[str] = []
        self.taken: set[str] = set()
        self.stuck: set[str] = set()
        self.closed = False

    def entries(self) -> Iterator[Sequence[Entry]]:
        count = 0
        for group in self._groups:
            contents = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in group]
            yield [Entry(f"e{count + place}", content) for place, content in enumerate(contents, 1)]
            count += len(group)
        if self._trouble is not None:
            raise self._trouble

    def hold(self, entry: Entry) -> bool:
        return entry.name not in self.taken

    def remove(self, entry: Entry) -> None:
        if entry.name in self.stuck:
            raise PlaceError("the disk is read-only")
        self.removed.append(entry.name)

    def close(self) -> None:
        self.closed = True


def redriven(
    place: Shelf, handler: Any, stream: FakeStream | None = None, settings: dict[str, Any] | None = None, **more: Any
) -> tuple[list[Redriven], RedriveResult]:
    told: list[Redriven] = []
    streams = Streams(FakeAccess(stream or FakeStream(TEN)), sleep=lambda _: None)
    mapping = EventSourceMapping.model_validate(ORDERS | (settings or {}))
    result = Redriver(InProcessInvoker(handler), place, streams, mapping, **more).run(told.append)
    streams.close()
    assert place.closed
    assert result.counts.total() == len(told)
    return told, result


def numbers(found: Sequence[str]) -> list[int]:
    return [short(number) for number in found]


def test_records_of_the_stream_are_run_and_what_is_handled_is_removed() -> None:
    place, handler = Shelf([document(2, 4)], [document(7, 7)]), Failing({})
    told, result = redriven(place, handler)
    assert handler.calls == [[2, 3, 4], [7]]
    assert [(one.name, one.status, numbers(one.handled), one.removed) for one in told] == [
        ("e1", "handled", [2, 3, 4], True),
        ("e2", "handled", [7], True),
    ]
    assert place.removed == ["e1", "e2"]
    assert (result.ok, result.handled, result.failed, result.trouble) == (True, 4, 0, "")


def test_records_of_a_payload_need_no_stream() -> None:
    place, handler = Shelf([with_payload(2, 5)]), Failing({})
    _, result = redriven(place, handler, FakeStream({}, errors=[refusal("AccessDeniedException")] * 9))
    assert handler.calls == [[2, 5]]
    assert result.ok


def test_what_fails_stays_and_the_others_go_on() -> None:
    place, handler = Shelf([document(1, 2)], [document(3, 4)]), Failing({2: None})
    told, result = redriven(place, handler)
    assert handler.calls == [[1, 2], [3, 4]]
    assert [(one.status, one.why, numbers(one.failed)) for one in told] == [
        ("failed", "ValueError: record 2 is bad", [1, 2]),
        ("handled", "", []),
    ]
    assert place.removed == ["e2"]
    assert (result.ok, result.handled, result.failed) == (False, 2, 2)


def test_what_fails_in_part_stays_as_a_whole_and_says_what_succeeded() -> None:
    place = Shelf([document(1, 3)])
    (one,), _ = redriven(place, Failing({2: None}, report=True), settings=REPORTING)
    assert (one.status, numbers(one.handled), numbers(one.failed)) == ("failed", [1], [2, 3])
    assert place.removed == []


def test_what_fails_and_is_partly_trimmed_says_both() -> None:
    (one,), _ = redriven(Shelf([document(1, 3)]), Failing({2: None}), FakeStream(TEN, trimmed=1))
    assert one.status == "failed"
    assert "what lies before" in one.notes[0]


def test_what_came_together_is_run_in_the_order_of_the_stream() -> None:
    other = document(1, 1)
    other["DDBStreamBatchInfo"]["shardId"] = "shardId-0"
    place, handler = Shelf([document(10, 10), document(9, 9), document(2, 2), other]), Failing({})
    stream = FakeStream({SHARD: TEN[SHARD], "shardId-0": TEN[SHARD]})
    told, _ = redriven(place, handler, stream)
    assert handler.calls == [[1], [2], [9], [10]]
    assert [one.name for one in told] == ["e4", "e3", "e2", "e1"]


def test_what_does_not_come_together_is_run_in_the_order_of_the_place() -> None:
    handler = Failing({})
    redriven(Shelf([document(9, 9)], [document(2, 2)]), handler)
    assert handler.calls == [[9], [2]]


def test_trimmed_records_are_said_and_stay() -> None:
    place, handler = Shelf([document(1, 3)]), Failing({})
    (one,), result = redriven(place, handler, FakeStream(TEN, trimmed=5))
    assert handler.calls == []
    assert one.status == "trimmed"
    assert f"every record from {full(1)} to {full(3)} is trimmed" in one.why
    assert (place.removed, result.ok) == ([], False)


def test_what_is_left_of_a_trimmed_batch_is_run_and_its_record_stays() -> None:
    place, handler = Shelf([document(1, 3)]), Failing({})
    (one,), result = redriven(place, handler, FakeStream(TEN, trimmed=1))
    assert handler.calls == [[2, 3]]
    assert (one.status, numbers(one.handled)) == ("trimmed", [2, 3])
    assert (place.removed, result.ok, result.handled) == ([], False, 2)


def test_a_note_says_that_more_are_run_than_there_were() -> None:
    (one,), result = redriven(Shelf([document(1, 3, 2)]), Failing({}))
    assert numbers(one.handled) == [1, 2, 3]
    assert one.notes[0].startswith("the batch was 2 of the 3 records")
    assert result.ok


def test_other_functions_records_are_left_with_what_runs_them() -> None:
    other = document(2, 2)
    other["requestContext"]["functionArn"] = FUNCTION.replace("orders", "billing")
    place, handler = Shelf([document(1, 1)], [other]), Failing({})
    told, result = redriven(place, handler)
    assert handler.calls == [[1]]
    assert told[1].status == "left"
    assert told[1].why == "it is of the function billing, and this is orders: --function-name billing runs it here"
    assert (place.removed, result.ok) == (["e1"], False)


def test_other_streams_records_are_left() -> None:
    settings = {"EventSourceArn": ARN.replace("orders", "customers")}
    (one,), _ = redriven(Shelf([document()]), Failing({}), settings=settings)
    assert one.why == f"it is of the stream {ARN}, and the mapping is on {settings['EventSourceArn']}"
    assert redriven(Shelf([document()]), Failing({}), settings={"EventSourceArn": ARN})[1].ok


@pytest.mark.parametrize(
    ("name", "qualifier", "ours"),
    [
        ("orders", "", True),
        ("orders", ":live", True),
        ("orders:live", ":live", True),
        ("orders:live", ":test", False),
        ("orders:live", "", False),
        ("order", "", False),
        ("live", ":live", False),
        ("123456789012:function:orders", "", True),
        ("999999999999:function:orders", "", False),
        ("arn:aws:lambda:eu-west-1:123456789012:function:orders", ":live", True),
        ("arn:aws:lambda:us-east-1:123456789012:function:orders", "", False),
    ],
)
def test_a_function_is_known_by_its_name_its_arn_and_its_qualifier(name: str, qualifier: str, ours: bool) -> None:
    given = document(1, 1)
    given["requestContext"]["functionArn"] = FUNCTION + qualifier
    (one,), _ = redriven(Shelf([given]), Failing({}), settings={"FunctionName": name})
    assert one.status == ("handled" if ours else "left")


def test_without_a_name_the_function_is_called_as_the_handler_is() -> None:
    streams = Streams(FakeAccess(FakeStream(TEN)))
    redriver = Redriver(InProcessInvoker(Failing({})), Shelf(), streams, EventSourceMapping())
    assert redriver.function == "failing"
    named = EventSourceMapping.model_validate({"FunctionArn": FUNCTION})
    assert Redriver(InProcessInvoker(Failing({})), Shelf(), streams, named).function == FUNCTION


def test_what_is_no_on_failure_record_is_left_and_told() -> None:
    notification = {"Records": [{"eventSource": "aws:s3"}]}
    place = Shelf([b"\xff", notification, document(1, 1), b'{"half'])
    told, result = redriven(place, Failing({}))
    assert [(one.name, one.status) for one in told] == [
        ("e1", "left"),
        ("e2", "left"),
        ("e4", "left"),
        ("e3", "handled"),
    ]
    assert "an event from aws:s3" in told[1].why
    assert (place.removed, result.ok) == (["e3"], False)


def test_an_entry_that_cannot_be_read_is_left_with_its_problem() -> None:
    class Unreadable(Shelf):
        def entries(self) -> Iterator[Sequence[Entry]]:
            yield [Entry("e1", b"", "it is no regular file")]

    (one,), result = redriven(Unreadable(), Failing({}))
    assert (one.status, one.why, result.ok) == ("left", "it is no regular file", False)


def test_a_payload_of_another_stream_is_left() -> None:
    given = with_payload(1, 2)
    given["payload"] = given["payload"].replace(ARN, ARN.replace("orders", "customers"))
    (one,), _ = redriven(Shelf([given]), Failing({}))
    assert one.status == "left"
    assert "its payload has a record of" in one.why


def test_a_stream_that_cannot_be_asked_leaves_its_records_and_other_ones_go_on() -> None:
    place, handler = Shelf([document(1, 1)], [document(2, 2)], [with_payload(3)]), Failing({})
    stream = FakeStream(TEN, errors=[refusal("AccessDeniedException")] * 2)
    told, result = redriven(place, handler, stream)
    assert [one.status for one in told] == ["left", "left", "handled"]
    assert "AccessDeniedException: because" in told[0].why
    assert handler.calls == [[3]]
    assert not result.ok
    assert len(stream.calls) == 1


def test_what_somebody_else_has_taken_is_left() -> None:
    place, handler = Shelf([document(1, 1)]), Failing({})
    place.taken.add("e1")
    (one,), _ = redriven(place, handler)
    assert (one.status, one.why) == ("left", "somebody else has it, or removed it")
    assert handler.calls == []


def test_keep_removes_nothing_and_is_still_a_success() -> None:
    place = Shelf([document(1, 1)])
    (one,), result = redriven(place, Failing({}), keep=True)
    assert (one.status, one.removed, place.removed, result.ok) == ("handled", False, [], True)


def test_what_cannot_be_removed_is_no_success() -> None:
    place = Shelf([document(1, 1)], [document(2, 2)])
    place.stuck.add("e1")
    told, result = redriven(place, Failing({}))
    assert [(one.status, one.why, one.removed) for one in told] == [
        ("handled", "it was handled and is still there, to be run again: the disk is read-only", False),
        ("handled", "", True),
    ]
    assert not result.ok


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_limit_counts_what_is_run_and_nothing_else(limit: int) -> None:
    place, handler = Shelf([b"{}"], [document(1, 1)], [document(2, 2)], [document(3, 3)]), Failing({})
    told, result = redriven(place, handler, limit=limit)
    assert handler.calls == [[number] for number in range(1, limit + 1)]
    assert len(told) == limit + 1
    assert not result.ok


@pytest.mark.parametrize("trouble", [PlaceError("the queue is gone"), AwsAccessError("no answer")])
def test_a_place_that_fails_on_the_way_ends_it_and_says_so(trouble: Exception) -> None:
    told, result = redriven(Shelf([document(1, 1)], trouble=trouble), Failing({}))
    assert [one.status for one in told] == ["handled"]
    assert (result.ok, result.trouble) == (False, str(trouble))


def test_what_is_held_is_given_back_whatever_happens() -> None:
    def interrupted(_event: Any, _context: Any) -> None:
        raise KeyboardInterrupt

    place = Shelf([document(1, 1)])
    with pytest.raises(KeyboardInterrupt):
        redriven(place, interrupted)
    assert place.closed
    assert place.removed == []


def test_a_listener_hears_what_the_functions_do() -> None:
    heard = Heard()
    redriven(Shelf([document(1, 1)]), Failing({}), listener=heard)
    assert heard.facts


def final(**members: Any) -> dict[str, Any]:
    given = document()
    given["DDBStreamBatchInfo"] = {"shardId": SHARD, "streamArn": ARN}
    bounds = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    return given | members | {"timeWindowInfo": {"window": bounds, "isFinalInvokeForWindow": True}}


def test_a_windows_records_say_that_their_result_is_their_own() -> None:
    windowed = document(1, 2, timeWindowInfo=final()["timeWindowInfo"])
    handler = Tallying({})
    (one,), result = redriven(Shelf([windowed]), handler, settings=tumbling(60))
    assert handler.finals == [[1, 2]]
    assert one.notes == (
        "its window is long over: these records are folded from an empty state, and make a result of their own",
    )
    assert result.ok


def test_the_end_of_a_window_is_run_with_its_state() -> None:
    handler = Tallying({})
    place = Shelf([final(payload=json.dumps({"Records": [], "state": {"seen": [4]}}))])
    (one,), result = redriven(place, handler, settings=tumbling(60))
    assert handler.finals == [[4]]
    assert (one.status, one.handled, result.ok) == ("handled", (), True)


def test_the_end_of_a_window_whose_state_is_nowhere_is_left() -> None:
    place = Shelf([final()])
    (one,), _ = redriven(place, Tallying({}), settings=tumbling(60))
    assert one.status == "left"
    assert "whose state is in no stream" in one.why


def test_a_windows_records_without_a_window_here_say_that_they_are_run_as_others() -> None:
    handler = Failing({})
    (one,), result = redriven(Shelf([document(1, 2, timeWindowInfo=final()["timeWindowInfo"])]), handler)
    assert handler.calls == [[1, 2]]
    assert "the mapping has none (TumblingWindowInSeconds)" in one.notes[0]
    assert result.ok


def test_a_time_at_the_end_of_all_times_is_left_and_others_go_on() -> None:
    late = final(payload=json.dumps({"Records": [], "state": {}}))
    late["timeWindowInfo"]["window"] = {"start": "9999-12-31T23:59:00Z", "end": "9999-12-31T23:59:59Z"}
    told, _ = redriven(Shelf([late], [document(1, 1)]), Failing({}), settings=tumbling(60))
    assert (told[0].status, len(told)) == ("left", 2)
    assert told[0].why == "it has a time at the end of all times, and no clock can go on from there"
