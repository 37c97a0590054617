"""What the decorators share: options, and the plain function that they make."""

import functools
import inspect
from typing import Any

import pytest
from pydantic import ValidationError

from streamkit import Change, EventSourceMapping, HandlerDefinitionError, Insert, stream_handler, tumbling_window
from streamkit.calling import Caller
from streamkit.decoration import (
    check_function,
    check_margin,
    check_policy,
    is_whole_number,
    lambda_handler,
    mapping_settings,
)
from streamkit.signature import read_signature
from tests.windowbuild import Order, Row, Tally

KNOWN = ("batch_size", "seconds")


class TestMappingSettings:
    """What a decorator was given, with what it adds."""

    def test_they_are_all_there_with_its_own(self) -> None:
        settings = mapping_settings({"batch_size": 5}, "app.f", "it", KNOWN, tumbling_window_in_seconds=60)
        assert settings == {"batch_size": 5, "tumbling_window_in_seconds": 60}

    @pytest.mark.parametrize(
        ("option", "said"),
        [
            ("batchsize", r"^app\.f\(\): it has no option 'batchsize': did you mean 'batch_size'\?$"),
            ("zzz", r"^app\.f\(\): it has no option 'zzz': it has batch_size, seconds$"),
            ("function_response_types", r"^app\.f\(\): function_response_types is set by the decorator itself"),
            ("tumbling_window_in_seconds", r"is set by @tumbling_window\(seconds=…\), leave it out$"),
        ],
    )
    def test_a_name_that_is_none_of_them_is_refused(self, option: str, said: str) -> None:
        with pytest.raises(HandlerDefinitionError, match=said):
            mapping_settings({option: 5}, "app.f", "it", KNOWN)

    def test_a_value_that_lambda_would_refuse_is_refused_in_the_mappings_words(self) -> None:
        with pytest.raises(ValidationError) as caught:
            mapping_settings({"batch_size": 0}, "app.f", "it", KNOWN)
        with pytest.raises(ValidationError) as of_mapping:
            EventSourceMapping(batch_size=0)
        assert caught.value.errors()[0]["msg"] == of_mapping.value.errors()[0]["msg"]


class TestPolicyAndMargin:
    """Their values."""

    def test_a_policy_is_one_of_those_there_are(self) -> None:
        assert check_policy("b", ("a", "b"), "app.f") == "b"
        with pytest.raises(HandlerDefinitionError, match=r"^app\.f\(\): on_failure takes 'a', 'b', not 'c'$"):
            check_policy("c", ("a", "b"), "app.f")

    def test_a_margin_is_half_a_second_or_what_is_given(self) -> None:
        assert check_margin(None, "app.f", whole_batch=False) == 500
        assert check_margin(None, "app.f", whole_batch=True) == 500
        assert check_margin(0, "app.f", whole_batch=False) == 0

    @pytest.mark.parametrize("margin", [-1, 0.5, True, "5"])
    def test_a_margin_is_a_whole_number_of_milliseconds(self, margin: object) -> None:
        with pytest.raises(HandlerDefinitionError, match="deadline_margin_ms takes milliseconds from 0 on, not"):
            check_margin(margin, "app.f", whole_batch=False)

    def test_a_whole_batch_has_none(self) -> None:
        with pytest.raises(HandlerDefinitionError, match="a whole-batch function gets all at once"):
            check_margin(5, "app.f", whole_batch=True)

    @pytest.mark.parametrize(("value", "is_one"), [(5, True), (0, True), (True, False), (5.0, False), ("5", False)])
    def test_true_is_no_whole_number(self, value: object, is_one: bool) -> None:
        assert is_whole_number(value) is is_one


class Callable2:
    def __call__(self, one: Any, other: Any) -> None: ...


class TestCheckFunction:
    """A function of the user's that is to be called later."""

    @pytest.mark.parametrize(
        "function",
        [
            lambda one, other: None,
            lambda *both: None,
            lambda one, other, more=5: None,
            functools.partial(lambda zero, one, other: None, 0),
            Callable2(),
            Callable2().__call__,
            print,
            max,
        ],
        ids=["two", "any", "optional", "partial", "object", "method", "builtin", "builtin that hides its parameters"],
    )
    def test_whatever_can_be_called_so_is_taken(self, function: Any) -> None:
        assert check_function(function, "app.f.final", "one", "other", context=True) is False

    @pytest.mark.parametrize(
        "function",
        [lambda one, other, context: None, lambda one, other, *, context: None, lambda one, other, context=5: None],
        ids=["position", "keyword", "default"],
    )
    def test_context_is_found_where_it_may_be(self, function: Any) -> None:
        assert check_function(function, "app.f.final", "one", "other", context=True) is True

    def test_context_is_an_unknown_parameter_where_it_may_not_be(self) -> None:
        with pytest.raises(HandlerDefinitionError, match="missing a required argument: 'context'"):
            check_function(lambda one, other, context: None, "app.f.invalid", "one", "other")

    @pytest.mark.parametrize(
        ("function", "said"),
        [
            (5, r"^app\.f\.final takes a function of one, other \(and context, if it likes\), not 5$"),
            (lambda one: None, r"not <function .*\(too many positional arguments\)$"),
            (lambda one, other, more: None, r"\(missing a required argument: 'more'\)$"),
        ],
        ids=["no function", "too few", "too many"],
    )
    def test_what_cannot_be_called_so_is_refused_with_the_reason(self, function: Any, said: str) -> None:
        with pytest.raises(HandlerDefinitionError, match=said):
            check_function(function, "app.f.final", "one", "other", context=True)

    def test_what_yields_is_refused_also_behind_a_partial(self) -> None:
        def plain(one: Any, other: Any) -> Any:
            yield one

        async def later(one: Any, other: Any) -> Any:
            yield one

        for function in (plain, later, functools.partial(plain, other=5)):
            with pytest.raises(HandlerDefinitionError, match="contains yield, so calling it would run none of it"):
                check_function(function, "app.f.final", "one", "other")


class TestLambdaHandler:
    """The function that stands in the place of the user's."""

    def handler(self) -> Any:
        def mine(change: Change) -> None:
            """Do it."""

        vars(mine)["owner"] = "me"

        def handle(event: Any, context: Any = None) -> Any:
            return event, context

        caller = Caller(mine, read_signature(mine, {}))
        return lambda_handler(mine, handle, caller, {"batch_size": 5}, colour="red")

    def test_it_looks_like_the_users_and_is_called_like_lambdas(self) -> None:
        handler = self.handler()
        assert (handler.__name__, handler.__doc__, handler.owner) == ("mine", "Do it.", "me")
        assert handler.__qualname__.endswith("handler.<locals>.mine")
        assert list(inspect.signature(handler).parameters) == ["event", "context"]
        assert handler("event", "context") == ("event", "context")
        assert inspect.unwrap(handler) is handler.__wrapped__

    def test_it_has_its_mapping_and_the_attributes_given(self) -> None:
        handler = self.handler()
        assert handler.mapping == EventSourceMapping(batch_size=5)
        assert handler.colour == "red"


@pytest.mark.parametrize("kind", ["stream", "window"])
def test_both_decorators_register_invalid_alike(kind: str) -> None:
    def on_change(change: Insert[Order]) -> None: ...

    def fold(change: Insert[Order], state: Tally) -> Tally:
        return state

    handler: Any = stream_handler(on_change) if kind == "stream" else tumbling_window(seconds=60)(fold)

    def put_aside(record: Row, error: Any) -> None: ...

    with pytest.raises(HandlerDefinitionError, match=r"\.invalid takes a function of record, error, not <function"):
        handler.invalid(lambda record: None)
    assert handler.invalid(put_aside) is put_aside
    with pytest.raises(HandlerDefinitionError, match=r"invalid function already: <function .*; it has one"):
        handler.invalid(put_aside)
