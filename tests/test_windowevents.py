"""Events of windows: what is read from them, and what is refused with a word on what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from aws_lambda_powertools.utilities.parser.models import DynamoDBStreamModel

from streamkit import Change, EventError, Insert, WindowStateError, stream_handler, tumbling_window
from streamkit.windowevents import read_window_event
from tests.build import SUCCESS, event, record
from tests.windowbuild import Order, Row, Tally, messages_of, number_of, window_event

SAMPLE: Row = json.loads((Path(__file__).parent / "data" / "aws-sample-window-event.json").read_text())


@tumbling_window(seconds=60)
def tally(change: Insert[Order], state: Tally) -> Tally:
    return Tally(seen=[*state.seen, number_of(change)])


def without(*names: str) -> Row:
    return {name: value for name, value in window_event(record(1)).items() if name not in names}


class TestReading:
    """What an event says of its window."""

    def test_the_bounds_are_aware_and_in_utc(self) -> None:
        _, state, window = read_window_event(window_event(record(1), state={"a": 1}))
        assert (window.start, window.end) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC))
        assert {window.start.tzinfo, window.end.tzinfo} == {UTC}
        assert state == {"a": 1}

    @pytest.mark.parametrize("text", ["2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00", "2026-01-01 00:00:00.000Z"])
    def test_other_zones_and_none_are_utc(self, text: str) -> None:
        raw = window_event() | {"window": {"start": text, "end": text}}
        assert read_window_event(raw).window.start.isoformat() == "2026-01-01T00:00:00+00:00"

    def test_flags_and_shard_are_read_and_may_be_absent(self) -> None:
        window = read_window_event(window_event(final=True, early=True)).window
        assert (window.is_final, window.terminated_early, window.shard_id) == (True, True, "shardId-1")
        window = read_window_event(without("shardId", "isFinalInvokeForWindow", "isWindowTerminatedEarly")).window
        assert (window.is_final, window.terminated_early, window.shard_id) == (False, False, "")

    @pytest.mark.parametrize("flag", ["true", 1, None])
    def test_only_true_is_true(self, flag: object) -> None:
        assert not read_window_event(window_event() | {"isFinalInvokeForWindow": flag}).window.is_final

    def test_powertools_data_class_is_taken(self) -> None:
        assert tally(DynamoDBStreamEvent(window_event(record(1), state={"seen": [7]})))["state"]["seen"] == [7, 1]

    def test_any_mapping_is_taken(self) -> None:
        class Read(Mapping[str, Any]):
            def __getitem__(self, name: str) -> Any:
                return window_event(record(1))[name]

            def __iter__(self) -> Iterator[str]:
                return iter(window_event())

            def __len__(self) -> int:
                return len(window_event())

        assert tally(Read())["state"]["seen"] == [1]


class TestRefusing:
    """What is no window's event."""

    @pytest.mark.parametrize("missing", ["window", "state"])
    def test_an_event_without_window_or_state_names_the_setting_that_is_missing(self, missing: str) -> None:
        with pytest.raises(EventError, match=rf"the event has no {missing}: .*TumblingWindowInSeconds"):
            tally(without(missing))
        with pytest.raises(EventError, match=rf"the event has no {missing}: .*TumblingWindowInSeconds"):
            tally(window_event(record(1)) | {missing: None})

    def test_an_event_of_a_plain_mapping_is_told_what_to_deploy(self) -> None:
        with pytest.raises(EventError, match="no window and no state") as caught:
            tally(event(record(1)))
        said = str(caught.value)
        assert said.startswith("this is a @tumbling_window handler, and the event has no window and no state")
        assert (
            "its mapping lacks TumblingWindowInSeconds; deploy it with the settings that the handler's .mapping" in said
        )
        assert '"state": {}' in said

    def test_a_window_that_is_no_object_is_refused(self) -> None:
        with pytest.raises(EventError, match="window is 5: expected an object with start and end"):
            tally(window_event() | {"window": 5})

    @pytest.mark.parametrize("bound", ["start", "end"])
    @pytest.mark.parametrize("text", [None, 5, "", "noon", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
    def test_a_bound_that_is_no_time_is_refused_with_an_example(self, bound: str, text: object) -> None:
        bounds = window_event()["window"] | {bound: text}
        with pytest.raises(EventError, match=rf"has the {bound} .*: expected a time like 2026-01-31T12:00:00Z"):
            tally(window_event() | {"window": bounds})

    def test_a_bound_that_is_missing_is_refused(self) -> None:
        with pytest.raises(EventError, match="has the end None"):
            tally(window_event() | {"window": {"start": "2026-01-01T00:00:00Z"}})

    @pytest.mark.parametrize("state", [[], "text", 5, True])
    def test_a_state_that_is_no_object_is_refused(self, state: object) -> None:
        with pytest.raises(WindowStateError, match=r"the event's state is .*, not a JSON object"):
            tally(window_event() | {"state": state})

    @pytest.mark.parametrize("foreign", [None, {}, {"detail-type": "x"}, {"Records": None}, [], "text"])
    def test_what_is_no_stream_event_is_refused(self, foreign: object) -> None:
        with pytest.raises(EventError, match="a dict with a list of Records"):
            tally(foreign)

    def test_another_services_event_is_refused(self) -> None:
        with pytest.raises(EventError, match="it was called with one of aws:kinesis"):
            tally(window_event({"eventSource": "aws:kinesis", "kinesis": {}}))

    def test_powertools_parser_model_is_refused_since_it_leaves_the_window_out(self) -> None:
        model = DynamoDBStreamModel.model_validate(window_event(record(1)))
        with pytest.raises(EventError, match=r"DynamoDBStreamModel leaves out .*; take event_parser away"):
            tally(model)


class TestLength:
    """A mapping that was deployed with another length than the handler is made for."""

    def test_it_is_told_once(self, caplog: pytest.LogCaptureFixture) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        with caplog.at_level(logging.WARNING, "streamkit"):
            for _ in range(3):
                handler(window_event(record(1), seconds=30))
        (said,) = messages_of(caplog.records)
        assert "handler is made for windows of 60 s, and its mapping has some of 30 s" in said
        assert "make seconds= and TumblingWindowInSeconds the same" in said

    def test_another_length_again_is_told_again(self, caplog: pytest.LogCaptureFixture) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        with caplog.at_level(logging.WARNING, "streamkit"):
            for seconds in (30, 60, 90, 30):
                handler(window_event(seconds=seconds))
        assert [message.split("some of ")[1][:4] for message in messages_of(caplog.records)] == ["30 s", "90 s"]


class TestSample:
    """AWS's own sample event."""

    def test_an_untyped_state_is_kept(self) -> None:
        @tumbling_window(seconds=300)
        def handler(change: Change, state: Row) -> Row:
            return state

        assert handler(SAMPLE) == {"state": {"1": "state1"}, **SUCCESS}

    def test_every_change_of_it_is_folded(self) -> None:
        @tumbling_window(seconds=300)
        def handler(change: Change, state: dict[str, str]) -> dict[str, str]:
            return {**state, change.meta.sequence_number: type(change).__name__}

        state = handler(SAMPLE)["state"]
        assert state == {"1": "state1", "111": "Insert", "222": "Modify", "333": "Remove"}

    def test_a_typed_state_refuses_it_with_the_member_and_the_way_out(self) -> None:
        @tumbling_window(seconds=300)
        def handler(change: Change, state: Tally) -> Tally:
            return state

        with pytest.raises(WindowStateError, match=r"not a valid Tally: 1: .* got 'state1'; .*pass migrate="):
            handler(SAMPLE)

    def test_a_stream_handler_handles_it_with_a_warning(self, caplog: pytest.LogCaptureFixture) -> None:
        @stream_handler
        def handler(change: Change) -> None: ...

        assert handler(SAMPLE) == SUCCESS
        assert "use @tumbling_window" in caplog.text
