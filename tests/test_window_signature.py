"""What a window's fold asks for: read once, at decoration, and refused there in words."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import streamkit
from streamkit import Change, HandlerDefinitionError, Insert, Remove, Window
from streamkit.signature import EventKind, WindowSignature, read_window_signature
from tests.windowbuild import Order, Row, Tally

if TYPE_CHECKING:
    from collections.abc import Callable


def signature_of(function: Callable[..., object], **local_names: Any) -> WindowSignature:
    return read_window_signature(function, local_names)


def refusal_of(function: Any, **local_names: Any) -> str:
    with pytest.raises(HandlerDefinitionError) as caught:
        read_window_signature(function, local_names)
    return str(caught.value)


def two(change: Insert[Order], state: Tally) -> Tally:
    return state


class TestWhatIsRead:
    """Names, types, kinds."""

    def test_the_change_and_the_state(self) -> None:
        signature = signature_of(two)
        assert signature.handler.function_name == "tests.test_window_signature.two"
        assert signature.handler.parameter == "change"
        assert signature.handler.kinds == {"INSERT": EventKind(Insert, {"NewImage": Order}, Row)}
        assert (signature.state, signature.state_type, signature.window) == ("state", Tally, None)
        assert not signature.handler.whole_batch
        assert not signature.handler.takes_context
        assert not signature.handler.is_async

    def test_a_whole_batch_of_an_async_fold(self) -> None:
        async def fold(them: list[Insert[Order] | Remove[Order]], so_far: list[int]) -> list[int]:
            return so_far

        signature = signature_of(fold)
        assert (signature.handler.parameter, signature.state, signature.state_type) == ("them", "so_far", list[int])
        assert signature.handler.whole_batch
        assert signature.handler.is_async
        assert list(signature.handler.kinds) == ["INSERT", "REMOVE"]

    def test_names_that_are_local_to_whoever_decorates_are_known(self) -> None:
        def fold(change: Insert[Mine], state: Mine) -> Mine:  # type: ignore[name-defined]  # noqa: F821  # that is the point
            return state

        assert signature_of(fold, Mine=Order).state_type is Order

    @pytest.mark.parametrize(
        "annotation",
        [Window, "Window", "streamkit.Window", "W", Window | None, "Annotated[W, 'which']"],
        ids=str,
    )
    def test_a_third_parameter_that_says_so_is_the_window(self, annotation: Any) -> None:
        def fold(change: Insert[Order], state: Tally, third: Any) -> Tally:
            return state

        fold.__annotations__["third"] = annotation
        names = {"streamkit": streamkit, "W": Window, "Annotated": Annotated}
        assert signature_of(fold, **names).window == "third"

    def test_one_called_window_is_the_window_wherever_it_stands(self) -> None:
        def first(window: Window, change: Insert[Order], state: Tally) -> Tally:
            return state

        def default(change: Insert[Order], state: Tally, window: Window | None = None) -> Tally:
            return state

        def keyword(change: Insert[Order], state: Tally, *, window: Window) -> Tally:
            return state

        for function in (first, default, keyword):
            signature = signature_of(function)
            assert (signature.handler.parameter, signature.state, signature.window) == ("change", "state", "window")

    def test_context_counts_for_neither(self) -> None:
        def fold(context: Any, change: Insert[Order], state: Tally, win: Window) -> Tally:
            return state

        signature = signature_of(fold)
        assert signature.handler.takes_context
        assert (signature.handler.parameter, signature.state, signature.window) == ("change", "state", "win")

    def test_what_has_a_default_or_is_gathered_is_left_to_the_fold(self) -> None:
        def fold(change: Insert[Order], state: Tally, *rest: Any, more: int = 5, **names: Any) -> Tally:
            return state

        signature = signature_of(fold)
        assert (signature.handler.parameter, signature.state, signature.window) == ("change", "state", None)

    def test_the_fold_behind_its_decorators_is_read(self) -> None:
        @functools.wraps(two)
        def around(*arguments: Any, **names: Any) -> Any:
            return two(*arguments, **names)

        assert signature_of(around) == signature_of(two)


class TestWhatIsRefused:
    """Each in words that say what to write."""

    @pytest.mark.parametrize(
        ("function", "has"),
        [
            (lambda: None, "none"),
            (lambda change: None, "change"),
            (lambda change, window: None, "change"),
            (lambda change, context: None, "change"),
            (lambda change, state, win, more: None, "change, state, win, more"),
            (lambda change, state, more, window: None, "change, state, more"),
            (lambda change, state=None: None, "change"),
        ],
    )
    def test_another_number_of_parameters(self, function: Any, has: str) -> None:
        said = refusal_of(function)
        assert "must have two parameters without a default, the change and the state" in said
        assert f"(and may have 'window' and 'context', Lambda's), it has: {has}. " in said
        assert "For example: def <lambda>(change: Insert[Order], state: Revenue) -> Revenue" in said

    @pytest.mark.parametrize("annotation", [int, Any, "Order", None], ids=str)
    def test_a_third_parameter_of_another_type(self, annotation: Any) -> None:
        def fold(change: Insert[Order], state: Tally, lambda_context: Any) -> Tally:
            return state

        fold.__annotations__["lambda_context"] = annotation
        if annotation is None:
            del fold.__annotations__["lambda_context"]
        said = refusal_of(fold)
        assert "fold() has a third parameter 'lambda_context', and what is passed there is the window" in said
        assert "annotate it Window, or call it 'context' to get Lambda's context" in said

    def test_a_third_parameter_that_names_what_is_not_there(self) -> None:
        def fold(change: Insert[Order], state: Tally, third: Nowhere) -> Tally:  # type: ignore[name-defined]  # noqa: F821  # that is the point
            return state

        assert "the annotation 'Nowhere' of parameter 'third' of" in refusal_of(fold)

    def test_a_state_without_annotation(self) -> None:
        def fold(change: Insert[Order], state):  # type: ignore[no-untyped-def]  # that is the point
            return state

        assert "parameter 'state' of" in refusal_of(fold)
        assert "has no annotation, which is what says of which type the state is" in refusal_of(fold)

    def test_a_change_without_annotation(self) -> None:
        def fold(change, state: Tally):  # type: ignore[no-untyped-def]  # that is the point
            return state

        assert "parameter 'change' of" in refusal_of(fold)
        assert "has no annotation, which is what says which changes it takes" in refusal_of(fold)

    def test_a_change_that_is_none_as_where_the_two_are_turned_round(self) -> None:
        def fold(state: Tally, change: Insert[Order]) -> Tally:
            return state

        assert "parameter 'state' of" in refusal_of(fold)
        assert "is annotated Tally: use Change[Order]" in refusal_of(fold)

    def test_a_parameter_by_position_only(self) -> None:
        def fold(change: Insert[Order], /, state: Tally) -> Tally:
            return state

        assert "takes 'change' by position only, but it is called by keyword: remove the '/'" in refusal_of(fold)

    def test_what_yields_or_is_no_function(self) -> None:
        def plain(change: Change, state: Row) -> Any:
            yield state

        async def later(change: Change, state: Row) -> Any:
            yield state

        for function in (plain, later):
            assert "contains yield, so calling it would run none of it" in refusal_of(function)
        assert "is not a function: a handler is a def or async def" in refusal_of(Tally)
