"""What `@tumbling_window` refuses at decoration, and in which words."""

import operator
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from streamkit import HandlerDefinitionError, Insert, tumbling_window
from tests.build import record
from tests.windowbuild import Order, Row, Tally, window_event

FILTERS = {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}


def fold(change: Insert[Order], state: Tally) -> Tally:
    return state


def fold_all(changes: list[Insert[Order]], state: Tally) -> Tally:
    return state


async def later(change: Any) -> int:
    return 1


def yielding(change: Any) -> Any:
    yield 1


def refusal_of(function: Any, **options: Any) -> str:
    with pytest.raises(HandlerDefinitionError) as caught:
        tumbling_window(**{"seconds": 60, **options})(function)
    return str(caught.value)


@pytest.mark.parametrize("seconds", [0, 901, -5, True, "60", 60.0])
def test_seconds_is_a_whole_number_that_lambda_takes(seconds: Any) -> None:
    said = refusal_of(fold, seconds=seconds)
    assert f"fold(): seconds takes a whole number from 1 to 900, the length of a window, not {seconds!r}" in said


@pytest.mark.parametrize("seconds", [1, 900])
def test_the_shortest_and_the_longest_window_are_taken(seconds: int) -> None:
    assert tumbling_window(seconds=seconds)(fold).mapping.tumbling_window_in_seconds == seconds


@pytest.mark.parametrize("how", ["bare", "empty", "None"])
def test_a_decorator_without_seconds_is_refused_with_how_to_write_it(how: str) -> None:
    decorator: Any = tumbling_window
    with pytest.raises(HandlerDefinitionError, match=r"write @tumbling_window\(seconds=60\)"):
        decorator(fold) if how == "bare" else decorator(**({} if how == "empty" else {"seconds": None}))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": 5}, "fold(): by takes a function of the change, not 5"),
        ({"by": "id"}, "fold(): by takes a function of the change, not 'id'"),
        ({"by": later}, "fold(): by takes a plain function of the change, not an async one: <function later"),
        ({"by": yielding}, "fold(): by takes a function of the change; <function yielding"),
        ({"by": lambda: 1}, "fold(): by takes a function of the change, not <function"),
        ({"by": lambda change, more: 1}, "(missing a required argument: 'more')"),
        ({"migrate": 5}, "fold(): migrate takes a function of the raw state, not 5"),
        ({"migrate": later}, "fold(): migrate takes a plain function of the raw state, not an async one"),
        ({"migrate": yielding}, "contains yield, so calling it would run none of it"),
        ({"migrate": lambda: 1}, "fold(): migrate takes a function of the raw state, not <function"),
        ({"on_failure": "continue"}, "fold(): on_failure takes 'stop', 'raise', not 'continue'"),
        ({"on_failure": "isolate"}, "fold(): on_failure takes 'stop', 'raise', not 'isolate'"),
        ({"on_failure": []}, "fold(): on_failure takes 'stop', 'raise', not []"),
        ({"deadline_margin_ms": -1}, "fold(): deadline_margin_ms takes milliseconds from 0 on, not -1"),
        ({"deadline_margin_ms": True}, "fold(): deadline_margin_ms takes milliseconds from 0 on, not True"),
        (
            {"deadline_margin_ms": 5, "on_failure": "raise"},
            "deadline_margin_ms reports the records that are left, and on_failure='raise' reports none",
        ),
        ({"second": 5}, "fold(): tumbling_window has no option 'second': did you mean 'seconds'?"),
        ({"batchsize": 5}, "tumbling_window has no option 'batchsize': did you mean 'batch_size'?"),
        ({"on_failur": 5}, "tumbling_window has no option 'on_failur': did you mean 'on_failure'?"),
        ({"zzz": 5}, "tumbling_window has no option 'zzz': it has batch_size, "),
        ({"concurrency": 5}, "tumbling_window has no option 'concurrency'"),
        ({"tumbling_window_in_seconds": 5}, "is set by @tumbling_window(seconds=…), leave it out"),
        ({"function_response_types": []}, "fold(): function_response_types is set by the decorator itself"),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_the_folds_name(options: Any, said: str) -> None:
    assert said in refusal_of(fold, **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"parallelization_factor": 2}, "Parallelization factor must be equal to 1 when tumbling window"),
        ({"filter_criteria": FILTERS}, "FilterCriteria and TumblingWindowInSeconds do not go together"),
        ({"batch_size": 0}, "BatchSize takes 1 to 10000"),
    ],
)
def test_a_setting_that_lambda_refuses_beside_a_window_is_refused(options: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        tumbling_window(seconds=60, **options)(fold)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": lambda change: 1}, "by= keeps a state per key, so that its fold takes one change at a time"),
        ({"deadline_margin_ms": 5}, "deadline_margin_ms stops between records, and a whole-batch function gets all"),
    ],
)
def test_a_whole_batch_takes_no_options_that_work_on_single_changes(options: Any, said: str) -> None:
    assert f"fold_all(): {said}" in refusal_of(fold_all, **options)


@pytest.mark.parametrize("option", ["by", "migrate"])
def test_a_builtin_that_hides_its_parameters_is_taken_at_its_word(option: str) -> None:
    options: Any = {option: max}
    assert tumbling_window(seconds=60, **options)(fold).__name__ == "fold"


def test_a_by_of_the_operator_module_works() -> None:
    handler = tumbling_window(seconds=60, by=operator.attrgetter("new.id"))(fold)
    assert list(handler(window_event(record(1), record(2)))["state"]) == ["$1", "$2"]


class Needs(BaseModel):
    n: int


class TestTheState:
    """Which types a state may have."""

    def test_it_must_be_annotated(self) -> None:
        def untyped(change: Insert[Order], state):  # type: ignore[no-untyped-def]  # that is the point
            return state

        said = refusal_of(untyped)
        assert "parameter 'state' of" in said
        assert "untyped() has no annotation, which is what says of which type the state is" in said
        assert "a pydantic model, a dataclass, a TypedDict, dict[str, Any]" in said

    @pytest.mark.parametrize("state_type", [Needs, int | str, object], ids=["required field", "union", "object"])
    def test_a_type_without_a_first_value_is_refused_unless_initial_gives_one(self, state_type: Any) -> None:
        def of_type(change: Insert[Order], state: Any) -> Any:
            return state

        of_type.__annotations__["state"] = state_type
        said = refusal_of(of_type)
        assert "parameter 'state' of" in said
        assert "pass initial=, the first value of a window's state or a function that returns it" in said

    def test_initial_gives_a_first_value_to_a_type_that_has_none(self) -> None:
        @tumbling_window(seconds=60, initial=Needs(n=5))
        def handler(change: Insert[Order], state: Needs) -> Needs:
            return Needs(n=state.n + 1)

        assert handler(window_event(record(1)))["state"] == {"n": 6}

    @pytest.mark.parametrize("initial", [5, None, {}, {"seen": []}, Order(id=1)], ids=repr)
    def test_an_initial_of_another_type_is_refused(self, initial: Any) -> None:
        said = refusal_of(fold, initial=initial)
        assert "parameter 'state' of" in said
        assert f"initial={initial!r} is not a valid Tally: expected Tally, got" in said

    @pytest.mark.parametrize("initial", [lambda: 5, lambda more: Tally(), dict], ids=["type", "parameters", "dict"])
    def test_an_initial_that_returns_no_state_is_refused(self, initial: Any) -> None:
        assert "Tally has no valid first value" in refusal_of(fold, initial=initial)

    def test_a_type_that_json_cannot_carry_is_refused(self) -> None:
        def of_iterator(change: Insert[Order], state: Iterator[int]) -> Iterator[int]:
            return state

        assert "Iterator[int]" in refusal_of(of_iterator)

    def test_one_that_does_not_exist_at_run_time_is_refused(self) -> None:
        def of_nothing(change: Insert[Order], state: "Nowhere") -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821  # that is the point
            return state

        assert "the annotation 'Nowhere' of parameter 'state' of" in refusal_of(of_nothing)


def test_what_is_listed_as_its_options_is_what_it_takes() -> None:
    said = refusal_of(fold, zzz=5)
    listed = said.partition("it has ")[2].split(", ")
    assert listed == sorted(listed)
    assert {"seconds", "by", "initial", "migrate", "on_failure", "deadline_margin_ms", "batch_size"} < set(listed)
    assert not {"filter_criteria", "parallelization_factor", "concurrency", "tumbling_window_in_seconds"} & set(listed)


def test_options_are_checked_before_anything_is_built() -> None:
    # Else a wrong option would be told only once the state is right.
    def needs(change: Insert[Order], state: Needs) -> Needs:
        return state

    assert "seconds takes" in refusal_of(needs, seconds=0)


def test_an_untyped_state_is_a_dict_of_any_form() -> None:
    def bare(change: Insert[Order], state: dict) -> dict:  # type: ignore[type-arg]  # that is the point
        return {**state, "n": 1}

    def of_anything(change: Insert[Order], state: Row) -> Row:
        return {**state, "n": 1}

    for function in (bare, of_anything):
        handler: Any = tumbling_window(seconds=60)(function)
        assert handler(window_event(record(1)))["state"] == {"n": 1}
