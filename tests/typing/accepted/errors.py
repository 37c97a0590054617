"""Every error of streamkit's own has one base, a base of Python's beside it, and says what it is about."""

# pyright: strict

from collections.abc import Callable
from typing import assert_type

from streamkit import (
    AttributeValueError,
    BatchItemFailure,
    DecodeError,
    EventError,
    FilterPatternWarning,
    HandlerDefinitionError,
    Insert,
    Modify,
    Remove,
    StreamkitError,
    ViewTypeError,
    WindowStateError,
)


def every_error_is_caught_by_its_base() -> None:
    errors: list[StreamkitError] = [
        AttributeValueError("no number", ("lines", 2, "qty")),
        BatchItemFailure(Insert(1, raw={"dynamodb": {"SequenceNumber": "100"}})),
        DecodeError("no number", sequence_number=None, part="record"),
        EventError(),
        HandlerDefinitionError(),
        ViewTypeError("no image", sequence_number="100", part="OldImage"),
        WindowStateError(),
    ]
    assert len(errors) == 7


def errors_are_caught_as_pythons_own_too() -> None:
    values: list[ValueError] = [AttributeValueError("no number"), EventError(), WindowStateError()]
    types: list[TypeError] = [HandlerDefinitionError()]
    warnings: list[Warning] = [FilterPatternWarning()]
    assert len([*values, *types, *warnings]) == 5


def a_decode_error_says_which_record_and_which_part_of_it() -> None:
    def put_aside(error: DecodeError) -> None:
        assert_type(error.sequence_number, str | None)
        assert_type((error.part, error.problem), tuple[str, str])

    take: Callable[[ViewTypeError], None] = put_aside
    take(ViewTypeError("no image", sequence_number="100", part="OldImage"))


def an_attribute_value_error_says_where_in_the_item() -> None:
    error = AttributeValueError("no number", ("lines", 2, "qty"))
    assert_type((error.path, error.problem), tuple[str, str])


def a_batch_item_failure_keeps_its_change() -> None:
    failure = BatchItemFailure(Insert(1, raw={"dynamodb": {"SequenceNumber": "100"}}))
    match failure.change:
        case Insert() | Modify():
            assert_type(failure.change.new, object)
        case Remove():
            assert_type(failure.change.old, object)
