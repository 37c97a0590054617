"""The final invocation of a window, and the function that gets the last state."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from streamkit import HandlerDefinitionError, Insert, Window, tumbling_window
from tests.build import record
from tests.windowbuild import LARGE, Order, Row, Tally, answer, failed_in, messages_of, number_of, window_event

DONE: Row = {"state": {}, "batchItemFailures": []}
STATE = {"seen": [1, 2]}


def handler_of(**options: Any) -> Any:
    def handler(change: Insert[Order], state: Tally) -> Tally:
        return state.model_copy(update={"seen": [*state.seen, number_of(change)]})

    return tumbling_window(seconds=60, **options)(handler)


class TestTheFinalFunction:
    """`@handler.final`."""

    def test_it_gets_the_state_and_the_window_and_what_it_returns_is_dropped(self) -> None:
        handler = handler_of()
        seen: list[tuple[Tally, Window]] = []

        @handler.final  # type: ignore[untyped-decorator]  # Any
        def publish(state: Tally, window: Window) -> str:
            seen.append((state, window))
            return "dropped"

        assert handler(window_event(state=STATE, final=True)) == DONE
        ((state, window),) = seen
        assert state == Tally(seen=[1, 2])
        assert (window.is_final, window.terminated_early, window.shard_id) == (True, False, "shardId-1")
        assert (window.end - window.start).total_seconds() == 60

    def test_it_is_not_called_before_the_window_ends(self) -> None:
        handler = handler_of()
        handler.final(lambda state, window: pytest.fail("too early"))
        assert handler(window_event(record(1)))["state"]["seen"] == [1]

    def test_it_is_told_that_its_window_ended_early(self) -> None:
        handler = handler_of()
        windows: list[Window] = []
        handler.final(lambda state, window: windows.append(window))
        assert handler(window_event(state=STATE, final=True, early=True)) == DONE
        assert windows[0].terminated_early

    def test_records_in_a_final_invocation_are_folded_first(self) -> None:
        handler = handler_of()
        seen: list[list[int]] = []
        handler.final(lambda state, window: seen.append(state.seen))
        assert handler(window_event(record(3), record(4), state=STATE, final=True)) == DONE
        assert seen == [[1, 2, 3, 4]]

    def test_a_window_without_a_state_gives_it_the_first_one(self) -> None:
        handler = handler_of()
        seen: list[Tally] = []
        handler.final(lambda state, window: seen.append(state))
        handler(window_event(final=True))
        assert seen == [Tally()]

    def test_it_may_take_lambdas_context_and_be_async(self) -> None:
        handler = handler_of()
        seen: list[object] = []

        @handler.final  # type: ignore[untyped-decorator]  # Any
        async def publish(state: Tally, window: Window, *, context: Any) -> None:
            seen.extend([state.seen, context])

        handler(window_event(state=STATE, final=True), "the context")
        assert seen == [[1, 2], "the context"]

    def test_with_by_it_gets_a_dict_of_states_with_the_keys_as_they_were(self) -> None:
        handler = handler_of(by=lambda change: change.new.id)
        seen: list[dict[int, Tally]] = []
        handler.final(lambda states, window: seen.append(states))
        response = handler(window_event(record(1), record(2)))
        handler(window_event(state=response["state"], final=True))
        handler(window_event(final=True))
        assert seen == [{1: Tally(seen=[1]), 2: Tally(seen=[2])}, {}]

    def test_what_it_raises_fails_the_invocation(self) -> None:
        handler = handler_of()

        def publish(state: Tally, window: Window) -> None:
            raise OSError("the database is down")

        handler.final(publish)
        with pytest.raises(OSError, match="the database is down"):
            handler(window_event(state=STATE, final=True))

    @pytest.mark.parametrize("policy", ["stop", "raise"])
    def test_what_an_async_one_raises_fails_the_invocation_too(self, policy: str) -> None:
        handler = handler_of(on_failure=policy)

        async def publish(state: Tally, window: Window) -> None:
            raise OSError("the database is down")

        handler.final(publish)
        with pytest.raises(OSError, match="the database is down"):
            handler(window_event(state=STATE, final=True))

    def test_it_is_not_called_where_a_record_of_the_final_invocation_failed(self) -> None:
        handler = handler_of()
        handler.final(lambda state, window: pytest.fail("a record is missing"))
        poison = record(4, new={"total": {"S": "x"}})
        response = handler(window_event(record(3), poison, state=STATE, final=True))
        assert failed_in(response) == [4]
        assert response["state"]["seen"] == [1, 2, 3]

    @pytest.mark.parametrize("ballast", ["", "x" * LARGE], ids=["small", "large"])
    @pytest.mark.parametrize("returned", [None, {"seen": 5}, Order(id=1)], ids=["None", "dict", "another model"])
    def test_it_never_gets_what_is_no_state(self, ballast: str, returned: Any) -> None:
        def fold(change: Insert[Order], state: Tally) -> Tally:
            broken: Tally = returned
            return broken if number_of(change) == 2 else state

        handler = tumbling_window(seconds=60)(fold)
        handler.final(lambda state, window: pytest.fail("that is no state"))
        response = handler(window_event(record(1), record(2), state={"ballast": ballast}, final=True))
        assert failed_in(response) == [2]


class TestWithoutOne:
    """A window that ends in nothing is told, once."""

    def test_a_missing_final_function_is_told_once(self, caplog: pytest.LogCaptureFixture) -> None:
        handler = handler_of()
        with caplog.at_level(logging.WARNING, "streamkit"):
            assert handler(window_event(state=STATE, final=True)) == DONE
            assert handler(window_event(state=STATE, final=True)) == DONE
        (said,) = messages_of(caplog.records)
        assert "handler_of.<locals>.handler has no final function: what it folds is dropped" in said

    def test_nothing_is_said_before_a_window_ends(self, caplog: pytest.LogCaptureFixture) -> None:
        handler_of()(window_event(record(1)))
        assert caplog.records == []


class TestRegistering:
    """What `final` takes, and refuses."""

    def test_the_function_itself_is_returned(self) -> None:
        def publish(state: Tally, window: Window) -> None: ...

        assert handler_of().final(publish) is publish

    def test_a_second_one_is_refused(self) -> None:
        handler = handler_of()
        handler.final(print)
        with pytest.raises(
            HandlerDefinitionError, match=r"handler\(\) has a final function already: <built-in .*; it has one"
        ):
            handler.final(lambda state, window: None)

    def test_a_second_invalid_function_is_refused_too(self) -> None:
        handler = handler_of()
        handler.invalid(lambda record, error: None)
        with pytest.raises(HandlerDefinitionError, match="has an invalid function already"):
            handler.invalid(lambda record, error: None)

    @pytest.mark.parametrize(
        "function",
        [
            lambda state: None,
            lambda: None,
            lambda state, window, further: None,
            lambda context, window: None,
            lambda state, window, *, logger: None,
            5,
        ],
        ids=["one", "none", "three", "context first", "keyword", "no function"],
    )
    def test_one_that_takes_other_parameters_is_refused(self, function: Any) -> None:
        said = r"handler\.final takes a function of state, window \(and context, if it likes\), not "
        with pytest.raises(HandlerDefinitionError, match=said):
            handler_of().final(function)

    @pytest.mark.parametrize("kind", ["plain", "async"])
    def test_one_that_yields_is_refused_since_calling_it_would_run_none_of_it(self, kind: str) -> None:
        def plain(state: Tally, window: Window) -> Any:
            yield

        async def later(state: Tally, window: Window) -> Any:
            yield

        with pytest.raises(HandlerDefinitionError, match="yield"):
            handler_of().final(plain if kind == "plain" else later)

    def test_an_invalid_function_that_yields_is_refused_too(self) -> None:
        def put_aside(record: Row, error: Any) -> Any:
            yield

        with pytest.raises(HandlerDefinitionError, match="yield"):
            handler_of().invalid(put_aside)

    @pytest.mark.parametrize("register", ["final", "invalid"])
    def test_a_builtin_that_hides_its_parameters_is_taken_at_its_word(self, register: str) -> None:
        assert getattr(handler_of(), register)(max) is max

    def test_optional_parameters_are_left_to_the_function(self) -> None:
        seen: list[object] = []
        handler = handler_of()
        handler.final(lambda state, window, table="revenue", *more, **names: seen.append((table, more, names)))
        handler(window_event(final=True))
        assert seen == [("revenue", (), {})]


def test_an_untyped_state_comes_as_a_dict_without_its_json() -> None:
    @tumbling_window(seconds=60)
    def handler(change: Insert, state: Row) -> Row:
        return {"items": {*state.get("items", ()), change.new["id"]}}

    seen: list[Row] = []
    handler.final(lambda state, window: seen.append(state))
    response = handler(window_event(record(1), record(2)))
    assert handler(window_event(state=response["state"], final=True)) == answer({})
    assert seen == [{"items": {1, 2}}]
