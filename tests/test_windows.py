"""`@tumbling_window`: what it makes of a fold, and how the fold is called."""

import inspect
import typing
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from streamkit import Change, EventSourceMapping, HandlerDefinitionError, Insert, Modify, Window, tumbling_window
from tests.build import record
from tests.windowbuild import Order, Row, Tally, answer, number_of, window_event


class TestTheHandler:
    """A plain function, with attributes."""

    def test_it_is_a_plain_function_with_the_folds_name_and_docs(self) -> None:
        def revenue(change: Insert[Order], state: Tally) -> Tally:
            """Add up."""
            return state

        handler = tumbling_window(seconds=60)(revenue)
        as_object: object = handler
        assert inspect.isfunction(as_object)
        assert not inspect.iscoroutinefunction(as_object)
        assert (handler.__name__, handler.__doc__, handler.__module__) == ("revenue", "Add up.", __name__)
        assert handler.__wrapped__ is revenue

    def test_its_parameters_and_annotations_are_a_lambda_handlers(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        assert list(inspect.signature(handler).parameters) == ["event", "context"]
        assert typing.get_type_hints(handler) == {"event": Row, "context": Any, "return": Row}

    def test_its_mapping_has_the_window_the_report_and_the_settings_given(self) -> None:
        @tumbling_window(seconds=60, batch_size=7, maximum_retry_attempts=3)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        assert isinstance(handler.mapping, EventSourceMapping)
        assert handler.mapping == EventSourceMapping(
            batch_size=7,
            maximum_retry_attempts=3,
            tumbling_window_in_seconds=60,
            function_response_types=["ReportBatchItemFailures"],
        )

    def test_a_handler_that_raises_reports_no_items(self) -> None:
        @tumbling_window(seconds=900, on_failure="raise")
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        assert handler.mapping == EventSourceMapping(tumbling_window_in_seconds=900)
        assert not handler.mapping.reports_batch_item_failures

    def test_the_fold_stays_callable_with_an_event_made_by_hand(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        assert handler.__wrapped__(Insert(Order(id=1)), Tally(seen=[7])) == Tally(seen=[7, 1])

    def test_two_handlers_of_one_fold_share_nothing(self) -> None:
        def fold(change: Insert[Order], state: Tally) -> Tally:
            return state

        one, other = tumbling_window(seconds=60)(fold), tumbling_window(seconds=30)(fold)
        finals: list[str] = []
        one.final(lambda state, window: finals.append("one"))
        other.final(lambda state, window: finals.append("other"))
        one(window_event(final=True))
        assert finals == ["one"]
        assert (one.mapping.tumbling_window_in_seconds, other.mapping.tumbling_window_in_seconds) == (60, 30)

    def test_a_handler_cannot_be_decorated_again(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        again: Any = handler
        with pytest.raises(HandlerDefinitionError, match="must have two parameters"):
            tumbling_window(seconds=60)(again)


class TestTheFold:
    """How it is called: by keyword, with what it asks for."""

    def test_each_change_is_folded_into_the_state_in_order(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        response = handler(window_event(record(1), record(2), record(3), state={"seen": [9]}), None)
        assert response == answer({"seen": [9, 1, 2, 3], "inner": {}, "ballast": ""})

    def test_parameters_may_have_any_name_and_are_given_by_keyword(self) -> None:
        def fold(*, it: Insert[Order], so_far: dict[str, int]) -> dict[str, int]:
            return {"sum": so_far.get("sum", 0) + it.new.id}

        handler: Any = tumbling_window(seconds=60)(fold)  # type: ignore[arg-type]  # checkers want them by position too
        assert handler(window_event(record(1), record(2))) == answer({"sum": 3})

    def test_a_third_parameter_of_any_name_is_the_window(self) -> None:
        seen: list[Window] = []

        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally, whichever: Window) -> Tally:
            seen.append(whichever)
            return state

        handler(window_event(record(1), final=False))
        assert seen[0].start.isoformat() == "2026-01-01T00:00:00+00:00"
        assert seen[0].end.isoformat() == "2026-01-01T00:01:00+00:00"
        assert (seen[0].shard_id, seen[0].is_final, seen[0].terminated_early) == ("shardId-1", False, False)

    def test_window_and_context_are_given_by_name_with_a_default_too_and_in_any_order(self) -> None:
        seen: list[object] = []

        @tumbling_window(seconds=60)
        def handler(
            change: Insert[Order], state: Tally, context: Any = None, *, window: Window | None = None, more: int = 5
        ) -> Tally:
            seen.extend([context, window and window.shard_id, more])
            return state

        handler(window_event(record(1)), "the context")
        assert seen == ["the context", "shardId-1", 5]

    def test_context_alone_is_not_taken_for_the_window(self) -> None:
        seen: list[object] = []

        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Tally, context: Any) -> Tally:
            seen.append(context)
            return state

        handler(window_event(record(1)), "the context")
        assert seen == ["the context"]

    def test_events_of_other_kinds_are_skipped_and_succeed(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order] | Modify[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, number_of(change)])

        response = handler(window_event(record(1), record(2, "REMOVE"), record(3, "MODIFY"), record(4, "REMOVE")))
        assert response["state"]["seen"] == [1, 3]
        assert response["batchItemFailures"] == []

    def test_a_union_of_all_kinds_takes_all(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Change[Order], state: list[str]) -> list[str]:
            return [*state, type(change).__name__]

        response = handler(window_event(record(1), record(2, "MODIFY"), record(3, "REMOVE"), state={"$value": ["x"]}))
        assert response == answer({"$value": ["x", "Insert", "Modify", "Remove"]})

    def test_an_async_fold_is_awaited(self) -> None:
        from asyncio import sleep  # noqa: PLC0415  # where it is used

        @tumbling_window(seconds=60)
        async def handler(change: Insert[Order], state: Tally) -> Tally:
            await sleep(0)
            return Tally(seen=[*state.seen, change.new.id])

        assert handler(window_event(record(1), record(2)))["state"]["seen"] == [1, 2]

    def test_a_plain_fold_that_returns_a_coroutine_is_awaited(self) -> None:
        async def later(state: Tally, number: int) -> Tally:
            return Tally(seen=[*state.seen, number])

        def fold(change: Insert[Order], state: Tally) -> Any:
            return later(state, change.new.id)

        assert tumbling_window(seconds=60)(fold)(window_event(record(1), record(2)))["state"]["seen"] == [1, 2]

    def test_models_may_be_local_and_annotations_texts(self) -> None:
        class Mine(BaseModel):
            n: int = 0

        class Line(BaseModel):
            id: int

        @tumbling_window(seconds=60)
        def handler(change: "Insert[Line]", state: "Mine") -> "Mine":
            return Mine(n=state.n + change.new.id)

        assert handler(window_event(record(3))) == answer({"n": 3})

    def test_a_batch_without_records_returns_the_state_as_it_is(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Row) -> Row:
            raise AssertionError

        assert handler(window_event(state={"1": "state1"})) == answer({"1": "state1"})


@dataclass
class Totals:
    n: int = 0
    seen: list[int] = field(default_factory=list)


class TestTheFirstState:
    """What the first record of a window is folded into."""

    def test_it_is_the_types_own_first_value(self) -> None:
        first: list[object] = []

        def folding(state_type: Any) -> Any:
            def fold(change: Insert[Order], state: Any) -> Any:
                first.append(state)
                return state

            fold.__annotations__["state"] = state_type
            return tumbling_window(seconds=60)(fold)

        for state_type in (Tally, Totals, Row, int, list[int], Order | None):
            folding(state_type)(window_event(record(1)))
        assert first == [Tally(), Totals(), {}, 0, [], None]

    def test_it_is_initial_where_that_is_given(self) -> None:
        @tumbling_window(seconds=60, initial=Order(id=7))
        def value(change: Insert[Order], state: Order) -> Order:
            return Order(id=state.id, total=state.total + 1)

        @tumbling_window(seconds=60, initial=lambda: Order(id=8))
        def factory(change: Insert[Order], state: Order) -> Order:
            return Order(id=state.id, total=state.total + 1)

        assert value(window_event(record(1), record(2))) == answer({"id": 7, "total": 2})
        assert factory(window_event(record(1))) == answer({"id": 8, "total": 1})

    @pytest.mark.parametrize("initial", [Totals(seen=[5]), lambda: Totals(seen=[5])], ids=["value", "factory"])
    def test_what_a_fold_does_to_it_is_not_in_the_next_window(self, initial: Any) -> None:
        @tumbling_window(seconds=60, initial=initial)
        def handler(change: Insert[Order], state: Totals) -> Totals:
            state.n += 1
            state.seen.append(change.new.id)
            return state

        for _ in range(2):
            assert handler(window_event(record(1), record(2))) == answer({"n": 2, "seen": [5, 1, 2]})

    def test_what_a_fold_does_to_a_state_is_not_in_the_event(self) -> None:
        @tumbling_window(seconds=60)
        def handler(change: Insert[Order], state: Row) -> Row:
            state["seen"].append(change.new.id)
            return state

        event = window_event(record(1), state={"seen": [0]})
        assert handler(event) == answer({"seen": [0, 1]})
        assert event["state"] == {"seen": [0]}


class TestMigrate:
    """`migrate=`: for a state that older code wrote."""

    def test_it_is_called_for_a_state_that_is_not_valid_and_what_it_returns_is_used(self) -> None:
        raws: list[object] = []

        def migrate(raw: Row) -> Tally:
            raws.append(raw)
            return Tally(seen=[raw["count"]])

        @tumbling_window(seconds=60, migrate=migrate)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, change.new.id])

        assert handler(window_event(record(1), state={"count": 5}))["state"]["seen"] == [5, 1]
        assert raws == [{"count": 5}]

    def test_it_is_not_called_for_a_valid_state_nor_for_none_yet(self) -> None:
        def migrate(raw: Row) -> Tally:
            raise AssertionError

        @tumbling_window(seconds=60, migrate=migrate)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return state

        assert handler(window_event(record(1), state={"seen": [5]}))["state"]["seen"] == [5]
        assert handler(window_event(record(1)))["state"]["seen"] == []

    def test_with_by_it_gets_all_keys_and_returns_all_states(self) -> None:
        raws: list[object] = []

        def migrate(raw: Row) -> dict[int, Tally]:
            raws.append(raw)
            return {int(key): Tally(seen=[one["count"]]) for key, one in raw.items()}

        @tumbling_window(seconds=60, by=lambda change: change.new.id, migrate=migrate)
        def handler(change: Insert[Order], state: Tally) -> Tally:
            return Tally(seen=[*state.seen, 0])

        response = handler(window_event(record(1), state={"$1": {"count": 5}, "$2": {"count": 6}}))
        assert {key: state["seen"] for key, state in response["state"].items()} == {"$1": [5, 0], "$2": [6]}
        assert raws == [{1: {"count": 5}, 2: {"count": 6}}]
