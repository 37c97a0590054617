"""DynamoDB attribute values to Python values and back."""

import decimal
import math
import pickle
import string
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

import pytest
from boto3.dynamodb.types import (
    TypeDeserializer,
    TypeSerializer,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit.attributes import BinaryForm, deserialize, deserialize_item, serialize, serialize_item
from streamkit.errors import AttributeValueError, StreamkitError

# --- what DynamoDB can hold, in both forms -------------------------------------------------------------------------


@st.composite
def numbers(draw: st.DrawFn, lowest: int = -130, highest: int = 125) -> Decimal:
    """Any number that DynamoDB stores; ``lowest`` and ``highest`` bound the exponent of its first digit."""
    digits = tuple(int(digit) for digit in str(draw(st.integers(0, 10**38 - 1))))
    exponent = draw(st.integers(lowest, highest))
    return Decimal((draw(st.integers(0, 1)), digits, exponent - len(digits) + 1))


def values(number: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Any]:
    leaves = st.one_of(
        st.text(max_size=5),
        number,
        st.binary(max_size=5),
        st.booleans(),
        st.none(),
        st.sets(st.text(max_size=3), min_size=1, max_size=3),
        st.sets(number, min_size=1, max_size=3),
        st.sets(st.binary(max_size=3), min_size=1, max_size=3),
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )


@st.composite
def number_texts(draw: st.DrawFn) -> str:
    """A number as text, in any of the notations that are numbers to DynamoDB."""
    sign = draw(st.sampled_from(["", "-", "+"]))
    whole, part = draw(st.text(string.digits, max_size=18)), draw(st.text(string.digits, max_size=18))
    mantissa = {"": whole or "0", ".": f"{whole or '0'}.{part}", "0.": f".{part or '0'}"}
    exponent = draw(st.sampled_from(["", "e5", "E-7", "e+40", "E0"]))
    return f"{sign}{mantissa[draw(st.sampled_from(sorted(mantissa)))]}{exponent}"


BASE64 = st.binary(max_size=5).map(lambda data: b64encode(data).decode())


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Any attribute value in Lambda's form."""
    leaves = st.one_of(
        st.text(max_size=5).map(lambda text: {"S": text}),
        number_texts().map(lambda text: {"N": text}),
        BASE64.map(lambda text: {"B": text}),
        st.booleans().map(lambda truth: {"BOOL": truth}),
        st.just({"NULL": True}),
        st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True).map(lambda texts: {"SS": texts}),
        st.lists(number_texts(), min_size=1, max_size=3, unique_by=Decimal).map(lambda texts: {"NS": texts}),
        st.lists(BASE64, min_size=1, max_size=3, unique=True).map(lambda texts: {"BS": texts}),
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda elements: {"L": elements})
            | st.dictionaries(st.text(max_size=3), inner, max_size=3).map(lambda members: {"M": members})
        ),
        max_leaves=8,
    )


def typed(value: Any) -> Any:
    """The value with its types: unlike ``==``, tells True from 1 and Decimal(1) from 1."""
    match value:
        case dict():
            return {name: typed(element) for name, element in value.items()}
        case list():
            return [typed(element) for element in value]
        case set():
            return frozenset(typed(element) for element in value)
    return (type(value), value)


def normal(document: Mapping[str, Any]) -> Any:
    """A document up to what carries no meaning: how a number is spelled, in which order a set stands."""
    ((tag, payload),) = document.items()
    match tag:
        case "N":
            return tag, Decimal(payload)
        case "NS":
            return tag, len(payload), frozenset(map(Decimal, payload))
        case "SS" | "BS":
            return tag, len(payload), frozenset(payload)
        case "L":
            return tag, [normal(element) for element in payload]
        case "M":
            return tag, {name: normal(element) for name, element in payload.items()}
    return tag, payload


# --- the laws ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("binary", ["base64", "bytes"])
@given(value=values(numbers()))
def test_every_value_that_is_written_reads_back_as_the_same_value_of_the_same_type(
    binary: BinaryForm, value: Any
) -> None:
    assert typed(deserialize(serialize(value, binary=binary))) == typed(value)


@pytest.mark.parametrize("binary", ["base64", "bytes"])
@settings(max_examples=50)
@given(item=st.dictionaries(st.text(max_size=5), values(numbers()), max_size=4))
def test_every_item_that_is_written_reads_back_as_the_same_item(
    binary: Literal["base64", "bytes"], item: dict[str, Any]
) -> None:
    written = serialize_item(item, binary=binary)
    assert list(written) == list(item)
    assert typed(deserialize_item(written)) == typed(item)


@given(document=documents())
def test_what_lambda_sends_is_written_back_up_to_number_spelling_and_set_order(document: dict[str, Any]) -> None:
    assert normal(serialize(deserialize(document))) == normal(document)


@given(value=values(numbers(-90, 90)))
def test_boto3_writes_the_same_documents(value: Any) -> None:
    assert normal(serialize(value, binary="bytes")) == normal(TypeSerializer().serialize(value))


@given(value=values(numbers(-90, 90)))
def test_boto3_reads_the_same_values(value: Any) -> None:
    document = serialize(value, binary="bytes")
    assert deserialize(document) == TypeDeserializer().deserialize(document)


@given(
    number=st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: not one or 1e-130 <= abs(one) < 1e126)
)
def test_a_float_reads_back_as_the_same_float(number: float) -> None:
    assert float(deserialize(serialize(number))) == number


@given(elements=st.sets(numbers(-5, 5), min_size=2))
def test_sets_are_written_in_order_so_that_equal_sets_are_equal_text(elements: set[Decimal]) -> None:
    written = [Decimal(text) for text in serialize(elements)["NS"]]
    assert written == sorted(elements)


STEPS = st.lists(st.text(string.ascii_letters, min_size=1, max_size=3) | st.integers(0, 3), max_size=6)


@given(steps=STEPS)
def test_an_error_while_reading_says_where_in_the_item_it_is(steps: list[str | int]) -> None:
    document: dict[str, Any] = {"X": 1}
    for step in reversed(steps):
        document = {"L": [{"S": ""}] * step + [document]} if isinstance(step, int) else {"M": {step: document}}
    with pytest.raises(AttributeValueError) as caught:
        deserialize_item({"top": document})
    assert caught.value.path == ".".join(["top", *map(str, steps)])
    assert str(caught.value) == f"{caught.value.path}: {caught.value.problem}"


@given(steps=STEPS)
def test_an_error_while_writing_says_where_in_the_item_it_is(steps: list[str | int]) -> None:
    value: Any = object()
    for step in reversed(steps):
        value = [""] * step + [value] if isinstance(step, int) else {step: value}
    with pytest.raises(AttributeValueError) as caught:
        serialize_item({"top": value})
    assert caught.value.path == ".".join(["top", *map(str, steps)])


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "value"),
    [
        ({"S": ""}, ""),
        ({"S": "ö"}, "ö"),
        ({"N": "1.50"}, Decimal("1.50")),
        ({"N": "-3"}, Decimal(-3)),
        ({"N": "1.5e-3"}, Decimal("0.0015")),
        ({"B": "AQI="}, b"\x01\x02"),
        ({"B": ""}, b""),
        ({"B": b"\x01\x02"}, b"\x01\x02"),
        ({"B": bytearray(b"\x01\x02")}, b"\x01\x02"),
        ({"BOOL": True}, True),
        ({"BOOL": False}, False),
        ({"NULL": True}, None),
        ({"L": []}, []),
        ({"L": [{"S": "a"}, {"N": "1"}]}, ["a", Decimal(1)]),
        ({"M": {}}, {}),
        ({"M": {"a": {"NULL": True}}}, {"a": None}),
        ({"SS": ["b", "a"]}, {"a", "b"}),
        ({"NS": ["1", "2.5"]}, {Decimal(1), Decimal("2.5")}),
        ({"BS": ["AQ==", b"\x02"]}, {b"\x01", b"\x02"}),
    ],
)
def test_every_type_reads_as_its_python_type(document: dict[str, Any], value: Any) -> None:
    assert typed(deserialize(document)) == typed(value)


def test_a_number_keeps_its_38_digits() -> None:
    digits = "1234567890123456789012345678901234567.8"
    assert str(deserialize({"N": digits})) == digits
    with decimal.localcontext(prec=5):
        assert str(deserialize({"N": digits})) == digits


def test_a_number_keeps_its_trailing_zeros() -> None:
    assert str(deserialize({"N": "1.500"})) == "1.500"


@pytest.mark.parametrize("text", ["9.9999999999999999999999999999999999999E+125", "1E-130", "-1E-130"])
def test_the_ends_of_dynamodbs_range_are_read_exactly(text: str) -> None:
    assert str(deserialize({"N": text})) == text


def test_an_item_may_be_any_mapping() -> None:
    assert deserialize_item(MappingProxyType({"a": MappingProxyType({"S": "x"})})) == {"a": "x"}


def test_reading_leaves_the_document_alone() -> None:
    document = {"a": {"B": bytearray(b"x")}, "b": {"L": [{"SS": ["y"]}]}}
    value = deserialize_item(document)
    value["b"].append(1)
    assert document == {"a": {"B": bytearray(b"x")}, "b": {"L": [{"SS": ["y"]}]}}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("text", r"^'text' is not a DynamoDB attribute value: expected one type and its value"),
        (None, r"^None is not a DynamoDB attribute value"),
        ({}, r"^\{\} is not a DynamoDB attribute value"),
        ({"S": "a", "N": "1"}, r"^\{'S': 'a', 'N': '1'\} is not a DynamoDB attribute value"),
        ({"s": "a"}, r"^unknown attribute type 's': DynamoDB has S, N, B, BOOL, NULL, L, M, SS, NS, BS$"),
        ({"S": 1}, r"^S must hold text, not 1$"),
        ({"S": None}, r"^S must hold text, not None$"),
        ({"N": 1}, r'^N must hold a number as text, like "1.50", not 1$'),
        ({"N": ""}, r"^N must hold a number as text.*not ''$"),
        ({"N": "."}, r"^N must hold a number as text.*not '\.'$"),
        ({"N": "1.2.3"}, r"^N must hold a number.*not '1\.2\.3'$"),
        ({"N": "NaN"}, r"^N must hold a number.*not 'NaN'$"),
        ({"N": "Infinity"}, r"^N must hold a number.*not 'Infinity'$"),
        ({"N": "1_000"}, r"^N must hold a number.*not '1_000'$"),
        ({"N": " 1"}, r"^N must hold a number.*not ' 1'$"),
        ({"N": "1\n"}, r"^N must hold a number.*not '1\\n'$"),
        ({"N": "\u0663"}, r"^N must hold a number"),
        ({"N": "1e"}, r"^N must hold a number.*not '1e'$"),
        ({"B": "*"}, r"^B must hold base64 text, not '\*' \(.+\)$"),
        ({"B": "AQI"}, r"^B must hold base64 text, not 'AQI' \(.*padding.*\)$"),
        ({"B": "ö==="}, r"^B must hold base64 text, not 'ö===' \(.+\)$"),
        ({"B": 1}, r"^B must hold base64 text or bytes, not 1$"),
        ({"BOOL": "true"}, r"^BOOL must hold true or false, not 'true'$"),
        ({"BOOL": 1}, r"^BOOL must hold true or false, not 1$"),
        ({"NULL": False}, r"^NULL must hold true, not False$"),
        ({"NULL": 1}, r"^NULL must hold true, not 1$"),
        ({"L": {"S": "a"}}, r"^L must hold a list, not \{'S': 'a'\}$"),
        ({"M": []}, r"^expected a map of attribute values, not \[\]$"),
        ({"SS": "abc"}, r"^SS must hold a list, not 'abc'$"),
        ({"NS": {"1"}}, r"^NS must hold a list, not \{'1'\}$"),
        ({"BS": "AQ=="}, r"^BS must hold a list, not 'AQ=='$"),
        ({"SS": ["a", 1]}, r"^1: S must hold text, not 1$"),
        ({"NS": ["1", "x"]}, r"^1: N must hold a number.*not 'x'$"),
        ({"BS": ["*"]}, r"^0: B must hold base64 text"),
    ],
)
def test_what_is_not_dynamodb_json_is_refused_with_what_was_expected(document: Any, message: str) -> None:
    with pytest.raises(AttributeValueError, match=message):
        deserialize(document)


def test_a_number_beyond_what_a_decimal_holds_is_refused_like_any_other_bad_number() -> None:
    with pytest.raises(AttributeValueError, match=r"^n: N must hold a number"):
        deserialize_item({"n": {"N": "1e9999999999999999999"}})


def test_an_image_that_is_no_map_is_refused() -> None:
    with pytest.raises(AttributeValueError, match=r"^expected a map of attribute values, not \['a'\]$"):
        deserialize_item(["a"])  # type: ignore[arg-type]  # what a broken record may hold


def test_the_error_is_a_value_error_and_one_of_streamkits() -> None:
    with pytest.raises(AttributeValueError) as caught:
        deserialize({"N": "x"})
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, StreamkitError)
    assert caught.value.path == ""
    assert str(caught.value) == caught.value.problem


@pytest.mark.parametrize("document", [{"X": 1}, {"M": {"a": {"L": [{"S": 1}]}}}])
def test_the_error_survives_the_way_to_another_process(document: dict[str, Any]) -> None:
    with pytest.raises(AttributeValueError) as caught:
        deserialize(document)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert type(again) is AttributeValueError
    assert (str(again), again.problem, again.path) == (str(caught.value), caught.value.problem, caught.value.path)


# --- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ("a", {"S": "a"}),
        ("", {"S": ""}),
        (1, {"N": "1"}),
        (-7, {"N": "-7"}),
        (10**37, {"N": "1" + "0" * 37}),
        (Decimal("1.50"), {"N": "1.50"}),
        (0.1, {"N": "0.1"}),
        (1e100, {"N": "1E+100"}),
        (True, {"BOOL": True}),
        (False, {"BOOL": False}),
        (None, {"NULL": True}),
        (b"\x01\x02", {"B": "AQI="}),
        (bytearray(b"\x01\x02"), {"B": "AQI="}),
        (memoryview(b"\x01\x02"), {"B": "AQI="}),
        ([], {"L": []}),
        (("a", [1]), {"L": [{"S": "a"}, {"L": [{"N": "1"}]}]}),
        ({}, {"M": {}}),
        (MappingProxyType({"a": None}), {"M": {"a": {"NULL": True}}}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        (frozenset({"b", "a"}), {"SS": ["a", "b"]}),
        ({2, 1.5, Decimal(10)}, {"NS": ["1.5", "2", "10"]}),
        ({b"\x02", b"\x01"}, {"BS": ["AQ==", "Ag=="]}),
        ({memoryview(b"\x01")}, {"BS": ["AQ=="]}),
    ],
)
def test_every_python_type_is_written_as_its_dynamodb_type(value: Any, document: dict[str, Any]) -> None:
    assert typed(serialize(value)) == typed(document)


@pytest.mark.parametrize("data", [b"\x01\x02", bytearray(b"\x01\x02"), memoryview(b"\x01\x02")])
def test_for_boto3_binary_values_are_written_as_bytes(data: Any) -> None:
    assert typed(serialize(data, binary="bytes")) == typed({"B": b"\x01\x02"})
    nested = serialize_item({"a": [data], "b": {"c": {b"\x03"}}}, binary="bytes")
    assert typed(nested) == typed({"a": {"L": [{"B": b"\x01\x02"}]}, "b": {"M": {"c": {"BS": [b"\x03"]}}}})


@pytest.mark.parametrize(
    "number",
    [
        10**38 - 1,
        -(10**38 - 1),
        (10**38 - 1) * 10**50,
        Decimal("9.9999999999999999999999999999999999999E+125"),
        10**125,
        Decimal("1E-130"),
        Decimal("-1E-130"),
        Decimal("1.23E-128"),
        Decimal("0E-200"),
        0,
    ],
)
def test_numbers_up_to_dynamodbs_limits_are_written_exactly(number: int | Decimal) -> None:
    assert Decimal(serialize(number)["N"]) == number


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (10**38 + 1, r"^1000\d+1 has 39 significant digits: DynamoDB stores at most 38$"),
        (Decimal("1." + "1" * 38), r"^Decimal\('1\.1+'\) has 39 significant digits: DynamoDB stores at most 38$"),
        (Decimal("1E+126"), r"^Decimal\('1E\+126'\) is outside DynamoDB's range of 1E-130 to 9\.99E\+125$"),
        (-(10**126), r"^-10+ is outside DynamoDB's range"),
        (Decimal("9.9E-131"), r"is outside DynamoDB's range"),
        (1e-300, r"^1e-300 is outside DynamoDB's range"),
        (math.inf, r"^DynamoDB cannot store the number inf$"),
        (math.nan, r"^DynamoDB cannot store the number nan$"),
        (Decimal("-Infinity"), r"^DynamoDB cannot store the number Decimal\('-Infinity'\)$"),
        (Decimal("sNaN"), r"^DynamoDB cannot store the number Decimal\('sNaN'\)$"),
        ({1, math.nan}, r"^DynamoDB cannot store the number nan$"),
    ],
)
def test_numbers_that_dynamodb_could_not_store_are_refused(number: Any, message: str) -> None:
    with pytest.raises(AttributeValueError, match=message):
        serialize(number)


def test_text_that_has_no_utf8_is_refused_with_its_path() -> None:
    with pytest.raises(AttributeValueError, match=r"^names\.0: '\\udce9' holds half a character"):
        serialize_item({"names": ["\udce9"]})


def test_a_set_with_a_decimal_nan_is_refused_like_the_number_alone() -> None:
    with pytest.raises(AttributeValueError, match=r"^tags: DynamoDB cannot store the number Decimal\('NaN'\)$"):
        serialize_item({"tags": {Decimal("NaN"), Decimal(1)}})


def test_a_float_and_a_decimal_of_the_same_text_are_one_element_since_dynamodb_refuses_duplicates() -> None:
    assert serialize({0.1, Decimal("0.1")}) == {"NS": ["0.1"]}


def test_a_float_with_a_repr_of_its_own_is_written_by_its_value() -> None:
    class Celsius(float):
        def __repr__(self) -> str:
            return f"Celsius({float(self)})"

    assert serialize(Celsius(21.5)) == {"N": "21.5"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (set(), r"^tags: DynamoDB has no empty set: leave the attribute out, or use None$"),
        (frozenset(), r"^tags: DynamoDB has no empty set"),
        ({"a", 1}, r"^tags: a set holds only text, only numbers or only bytes, not \{.*\}: use a list$"),
        ({True}, r"^tags: a set holds only text, only numbers or only bytes, not \{True\}: use a list$"),
        ({b"a", "a"}, r"^tags: a set holds only text"),
        ({None}, r"^tags: a set holds only text"),
        ({("a",)}, r"^tags: a set holds only text"),
        ({1: "a"}, r"^tags: attribute names are text, not 1: convert it with str\(\)$"),
        (1j, r"^tags: complex 1j has no DynamoDB form: allowed are str, int, Decimal, float, bytes, bool, None, dict"),
        (range(3), r"^tags: range range\(0, 3\) has no DynamoDB form"),
    ],
)
def test_values_without_a_dynamodb_form_are_refused_with_what_is_allowed(value: Any, message: str) -> None:
    with pytest.raises(AttributeValueError, match=message):
        serialize_item({"tags": value})


def test_an_item_whose_names_are_not_text_is_refused() -> None:
    with pytest.raises(AttributeValueError, match=r"^attribute names are text, not None: convert it with str\(\)$"):
        serialize_item({None: "a"})  # type: ignore[dict-item]  # what a user without a type checker may pass
