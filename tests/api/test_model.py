"""What the members of a request may be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.api.mappingrequests import create_request, update_request
from streamkit.api.model import Flag, Keyed, Listed, Members, Number, Shape, Structure, Text, Timestamp, checked
from streamkit.api.refusals import Refusal
from tests.api.serverbuild import refused

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS: Members = {
    "Name": Text(1, 5, pattern="[a-z]*"),
    "Colour": Text(values=("RED", "BLUE")),
    "BatchSize": Number(1, 10),
    "Enabled": Flag(),
    "When": Timestamp(),
    "Kinds": Listed(Text(values=("A", "B")), 2),
    "Filters": Structure({"Filters": Listed(Structure({"Pattern": Text(0, 3)}))}),
    "Whole": Structure(),
    "Tags": Keyed(),
    "KMSKeyArn": Text(0, 3),
}
ONE = "1 validation error detected: Value "

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9)
FEW = st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
JSON = SCALARS | FEW | st.lists(FEW, max_size=2) | st.dictionaries(st.text(max_size=3), FEW, max_size=2)


def text_of(body: Any, required: tuple[str, ...] = ()) -> tuple[str, str]:
    kind, status, message = refused(lambda: checked(body, MEMBERS, required))
    assert status == 400
    return kind, message


def outcome(call: Callable[[], dict[str, Any]]) -> tuple[tuple[str, int] | None, dict[str, Any]]:
    """Return the type and the status of a refusal that can be sent, or what was taken."""
    try:
        return None, call()
    except Refusal as refusal:
        refusal.body()
        return (refusal.kind, refusal.status), {}


def valid(shape: Shape) -> st.SearchStrategy[Any]:
    """Return values that a shape takes."""
    match shape:
        case Text(values=values) if values:
            return st.sampled_from(sorted(values))
        case Text():
            return st.text("abc", min_size=shape.low, max_size=min(shape.high or 5, 5))
        case Number():
            return st.integers(shape.low, shape.high)
        case Flag():
            return st.booleans()
        case Timestamp():
            return st.floats() | st.integers() | st.text()
        case Listed():
            return st.lists(valid(shape.of), max_size=5 if shape.high is None else shape.high)
        case Keyed():
            return st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=9), max_size=3)
        case Structure(members=None):
            return st.dictionaries(st.text(), JSON, max_size=2)
        case _:
            assert shape.members is not None
            return st.fixed_dictionaries({}, optional={key: valid(one) for key, one in shape.members.items()})


BODIES = st.fixed_dictionaries({}, optional={name: valid(shape) for name, shape in MEMBERS.items()})


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, st.dictionaries(st.text("xyz", min_size=1), JSON, max_size=3))
def test_what_the_model_allows_comes_back_and_what_it_does_not_have_is_told(
    body: dict[str, Any], more: dict[str, Any]
) -> None:
    told: list[str] = []
    assert checked(body | more, MEMBERS, unknown=told.append) == body
    assert told == list(more)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, st.sampled_from(sorted(MEMBERS)), JSON)
def test_whatever_stands_in_a_member_it_is_taken_or_refused(body: dict[str, Any], name: str, value: Any) -> None:
    refusal, taken = outcome(lambda: checked(body | {name: value}, MEMBERS))
    if refusal is None:
        assert name in taken or value is None
        # What was taken is taken again.
        assert list(checked(taken, MEMBERS)) == list(taken)
    else:
        assert refusal in (("SerializationException", 400), ("ValidationException", 400))


@given(st.dictionaries(st.sampled_from(["FunctionName", "EventSourceArn", "StartingPosition", "Tags"]), JSON) | JSON)
def test_no_body_is_more_than_refused(body: Any) -> None:
    for request in (create_request, update_request):
        refusal, _ = outcome(partial(request, body, str))
        assert refusal is None or refusal[1] == 400


@pytest.mark.parametrize(
    ("body", "token"),
    [(None, "NULL_VALUE"), ([], "START_ARRAY"), ("x", "STRING_VALUE"), (1, "NUMBER_VALUE"), (True, "BOOLEAN_VALUE")],
)
def test_a_body_is_an_object(body: Any, token: str) -> None:
    kind, message = text_of(body)
    assert kind == "SerializationException"
    assert message.startswith(token)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"BatchSize": "1"}, "STRING_VALUE can not be converted to an integer at batchSize"),
        ({"BatchSize": 1.0}, "NUMBER_VALUE can not be converted to an integer at batchSize"),
        ({"BatchSize": True}, "BOOLEAN_VALUE can not be converted to an integer at batchSize"),
        ({"Enabled": 1}, "NUMBER_VALUE can not be converted to a boolean at enabled"),
        ({"Name": 5}, "NUMBER_VALUE can not be converted to a string at name"),
        ({"When": False}, "BOOLEAN_VALUE can not be converted to a timestamp at when"),
        ({"Kinds": "A"}, "STRING_VALUE can not be converted to a list at kinds"),
        ({"Kinds": ["A", None]}, "NULL_VALUE can not be converted to a string at kinds.2.member"),
        ({"Tags": []}, "START_ARRAY can not be converted to a map at tags"),
        ({"Tags": {"a": 1}}, "NUMBER_VALUE can not be converted to a string at tags.a"),
        ({"Whole": []}, "START_ARRAY can not be converted to a structure at whole"),
        (
            {"Filters": {"Filters": [{"Pattern": {}}]}},
            "START_OBJECT can not be converted to a string at filters.filters.1.member.pattern",
        ),
        ({"KMSKeyArn": 1}, "NUMBER_VALUE can not be converted to a string at kmsKeyArn"),
    ],
)
def test_a_wrong_type_is_a_serialization_exception_with_its_place(body: dict[str, Any], message: str) -> None:
    assert text_of(body) == ("SerializationException", message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"BatchSize": 0},
            "'0' at 'batchSize' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"BatchSize": 11},
            "'11' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to 10",
        ),
        (
            {"Colour": "GREEN"},
            "'GREEN' at 'colour' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]",
        ),
        ({"Name": ""}, "'' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"),
        (
            {"Name": "abcdef"},
            "'abcdef' at 'name' failed to satisfy constraint: Member must have length less than or equal to 5",
        ),
        (
            {"Name": "A"},
            "'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]*",
        ),
        (
            {"Kinds": ["A"] * 3},
            "'[A, A, A]' at 'kinds' failed to satisfy constraint: Member must have length less than or equal to 2",
        ),
        (
            {"Kinds": ["C"]},
            (
                "'[C]' at 'kinds' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy "
                "enum value set: [A, B]]"
            ),
        ),
        (
            {"Filters": {"Filters": [{"Pattern": "abc"}, {"Pattern": "abcd"}]}},
            (
                "'abcd' at 'filters.filters.2.member.pattern' failed to satisfy constraint: Member must have length "
                "less than or equal to 3"
            ),
        ),
    ],
)
def test_what_is_out_of_range_is_a_validation_exception_in_aws_s_words(body: dict[str, Any], message: str) -> None:
    assert text_of(body) == ("ValidationException", ONE + message)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({str(number): "" for number in range(51)}, "Member must have length less than or equal to 50"),
        (
            {"": ""},
            "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have",
        ),
        ({"a" * 129: ""}, "Map keys must satisfy constraint: [Member must have length less than or equal to 128"),
        ({"a": "b" * 257}, "Map value must satisfy constraint: [Member must have length less than or equal to 256"),
    ],
)
def test_a_map_has_so_many_names_and_texts_so_long(tags: dict[str, str], words: str) -> None:
    kind, message = text_of({"Tags": tags})
    assert kind == "ValidationException"
    assert "at 'tags' failed to satisfy constraint: " in message
    assert words in message
    assert len(message) < 600
    longest = {"a" * 128: "b" * 256, **{str(number): "" for number in range(49)}}
    assert checked({"Tags": longest}, MEMBERS) == {"Tags": longest}


def test_everything_out_of_range_is_told_at_once_and_required_members_first() -> None:
    kind, message = text_of({"BatchSize": 0, "Colour": "x"}, ("Name",))
    assert kind == "ValidationException"
    assert message.startswith("3 validation errors detected: Value null at 'name' failed")
    assert message.index("'name'") < message.index("'colour'") < message.index("'batchSize'")


def test_a_wrong_type_is_told_before_anything_out_of_range() -> None:
    assert text_of({"BatchSize": 0, "Enabled": 1})[0] == "SerializationException"


def test_null_is_not_given_wherever_it_stands() -> None:
    body = dict.fromkeys(MEMBERS) | {"Filters": {"Filters": None}}
    assert checked(body, MEMBERS) == {"Filters": {"Filters": None}}
    assert "Value null at 'name'" in text_of({"Name": None}, ("Name",))[1]


def test_a_long_text_is_quoted_in_part() -> None:
    message = text_of({"Name": "a" * 100_000})[1]
    assert len(message) < 500
    assert "…" in message
