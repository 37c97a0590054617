"""The two readers of DynamoDB JSON: the quick one never differs from the one that carries paths."""

import contextlib
import decimal
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.attributereading import GIVEN_UP, quick_map, quick_value, read_map, read_value
from streamkit.attributes import deserialize, deserialize_item, serialize
from streamkit.errors import AttributeValueError


class Text(str):
    """A str of another class, which may answer what it likes."""

    __slots__ = ()

    def isascii(self) -> bool:
        return True


class Elements(list[Any]):
    """A list of another class."""


class Shouting(dict[str, Any]):
    """A dict that is read by way of its items alone."""

    def items(self) -> Any:
        return [(name, "LOUD") for name in self]


class Lookalike:
    """What can be unpacked and subscripted, and given items, but is no mapping."""

    def __iter__(self) -> Iterator[str]:
        return iter(["S"])

    def __getitem__(self, name: str) -> str:
        return "a"

    def items(self) -> list[tuple[str, Any]]:
        return [("a", {"S": "a"})]


TAGS = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]
NUMBERS = ["1", "-1.50", "+007", ".5", "5.", "-0", "1E-130", "9e125", "0e-200", "1" * 39, "1e-1999999999999999997"]
NO_NUMBERS = [
    *("", ".", "-", "e5", "1e", "1e+", "1.2.3", "--1", "+-1", "0x1", "1,5", "1 2", "1_0", "_1", "1e1_0"),
    *(" 5", "5 ", "\t5", "5\n", "5\u2003", "\u0663", "1\u0663", "\uff15", "5\x00", "\ud800", "Ⅷ", "½"),
    *("NaN", "nan", "-NaN", "sNaN", "NaN5", "Infinity", "-Infinity", "inf", "+Inf"),
    *("1e9999999999999999999", "0e9999999999999999999", "1e-9999999999999999999", "1.5e-1999999999999999997"),
]

number_texts = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(NO_NUMBERS),
    st.text("0123456789+-.eE", max_size=6),
    st.text("0123456789+-.eE_ \t\nnNaAiIfFsS\x00\u0663\u00b2", max_size=6),
    st.decimals().map(str),
)
texts = st.one_of(st.text(max_size=3), number_texts, st.sampled_from(["AQI=", "AQI", "A===", "*"]))
scalars = st.one_of(
    texts,
    texts.map(Text),
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0]),
    st.binary(max_size=3),
    st.binary(max_size=3).map(bytearray),
)
names = st.text(max_size=2) | st.integers(0, 1)


def mappings_of(keys: st.SearchStrategy[Any], inner: st.SearchStrategy[Any], **sizes: int) -> st.SearchStrategy[Any]:
    forms: list[Callable[[dict[Any, Any]], Mapping[Any, Any]]] = [dict, OrderedDict, UserDict, MappingProxyType]
    plain = st.dictionaries(keys, inner, **sizes)  # type: ignore[arg-type]  # mypy takes sizes for every parameter
    return plain | st.builds(lambda form, members: form(members), st.sampled_from(forms), plain)


def hostile() -> st.SearchStrategy[Any]:
    """Anything that looks a little like an attribute value: most of it is none."""
    tags = st.sampled_from([*TAGS, "s", "X", "", None])
    return st.recursive(
        scalars | mappings_of(tags, scalars, max_size=2),
        lambda inner: st.one_of(
            mappings_of(tags, inner, max_size=2),
            mappings_of(st.sampled_from(["M", "L"]), mappings_of(names, inner, max_size=3), min_size=1, max_size=1),
            mappings_of(st.sampled_from(TAGS[5:]), st.lists(inner, max_size=3), min_size=1, max_size=1),
            st.lists(inner, max_size=3).map(Elements),
        ),
        max_leaves=8,
    )


def values() -> st.SearchStrategy[dict[str, Any]]:
    """Attribute values, as json.loads or boto3's client makes them. Their numbers may be none."""
    binary = st.sampled_from(["AQI=", "", b"\x01", bytearray(b"\x02")])
    leaves = st.one_of(
        st.text(max_size=3).map(lambda text: {"S": text}),
        number_texts.map(lambda text: {"N": text}),
        binary.map(lambda data: {"B": data}),
        st.booleans().map(lambda truth: {"BOOL": truth}),
        st.just({"NULL": True}),
        st.lists(st.text(max_size=3), max_size=3).map(lambda elements: {"SS": elements}),
        st.lists(number_texts, max_size=3).map(lambda elements: {"NS": elements}),
        st.lists(binary, max_size=3).map(lambda elements: {"BS": elements}),
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda elements: {"L": elements})
            | st.dictionaries(names, inner, max_size=3).map(lambda members: {"M": members})
        ),
        max_leaves=8,
    )


def exact(value: Any) -> Any:
    """The value with its types, the digits of its numbers and the order of its names."""
    match value:
        case dict():
            return [(exact(name), exact(element)) for name, element in value.items()]
        case list():
            return [exact(element) for element in value]
        case set():
            return frozenset(exact(element) for element in value)
        case Decimal():
            return type(value), value.as_tuple()
    return type(value), value


def outcome(read: Callable[[Any], Any], document: Any) -> Any:
    """What a reader makes of a document: a value, or an error with its text, path and place in a traceback."""
    try:
        return exact(read(document))
    except AttributeValueError as error:
        return AttributeValueError, str(error), error.problem, error.path, type(error.__context__)


def check(document: Any) -> None:
    """Check that all readers agree on a document, as an item and as a value."""
    for both, quick, careful in ((deserialize_item, quick_map, read_map), (deserialize, quick_value, read_value)):
        expected = outcome(careful, document)
        assert outcome(both, document) == expected
        try:
            value = quick(document)
        except GIVEN_UP:
            continue
        assert exact(value) == expected


@given(document=hostile())
def test_on_what_is_hardly_dynamodb_json_both_readers_agree(document: Any) -> None:
    check(document)


@given(item=st.dictionaries(names, hostile() | values(), max_size=3))
def test_on_items_with_a_hostile_value_both_readers_agree(item: Any) -> None:
    check(item)


@given(value=values())
def test_on_values_that_may_have_odd_numbers_both_readers_agree(value: Any) -> None:
    check(value)


@given(text=number_texts)
def test_on_number_texts_both_readers_agree_whatever_the_callers_context_is(text: str) -> None:
    for context in (decimal.DefaultContext, decimal.ExtendedContext, decimal.Context(prec=1, Emin=0, Emax=0)):
        with decimal.localcontext(context):
            check({"N": text})
            check({"NS": [text]})


@pytest.mark.parametrize("wrap", [lambda text: {"N": text}, lambda text: {"NS": ["1", text]}], ids=["N", "NS"])
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_only_python_takes_for_a_number_is_given_up(text: str, wrap: Callable[[str], Any]) -> None:
    with pytest.raises(GIVEN_UP):
        quick_value(wrap(text))
    with pytest.raises(AttributeValueError, match="N must hold a number"):
        deserialize(wrap(text))


@pytest.mark.parametrize(
    "document",
    [
        *(
            {"L": {"S": "a"}},
            {"L": ("a",)},
            {"M": []},
            {"M": Lookalike()},
            {"SS": "a"},
            {"NS": ("1",)},
            {"BS": {"AQI="}},
        ),
        *(
            {"S": None},
            {"N": 1},
            {"N": None},
            {"N": Text("\u0663")},
            {"B": 1},
            {"BOOL": 1},
            {"NULL": 1},
            {"NULL": False},
        ),
        *({}, {"S": "a", "N": "1"}, {"X": "a"}, {None: "a"}, "S", ["S"], None, 1, Lookalike()),
    ],
)
def test_what_is_no_attribute_value_is_given_up_wherever_it_is(document: Any) -> None:
    for value in (document, {"L": [document]}, {"M": {"a": document}}, {"M": {"a": {"L": [{"S": ""}, document]}}}):
        with pytest.raises(GIVEN_UP):
            quick_value(value)
        with pytest.raises(AttributeValueError):
            deserialize(value)


@pytest.mark.parametrize(
    "document",
    [
        MappingProxyType({"S": "a"}),
        UserDict({"S": "a"}),
        OrderedDict({"S": "a"}),
        Shouting({"S": "quiet"}),
        {"L": Elements([{"S": "a"}])},
        {"M": MappingProxyType({"a": {"N": "1"}})},
        {"N": Text("1")},
        {"S": Text("1")},
        {"SS": Elements([Text("1")])},
    ],
)
def test_values_of_uncommon_classes_are_read_all_the_same(document: Any) -> None:
    assert exact(deserialize(document)) == exact(read_value(document))
    assert exact(deserialize_item({"a": document})) == exact(read_map({"a": document}))


@pytest.mark.parametrize("text", [number for number in NUMBERS if "-1999" not in number])
def test_numbers_are_read_quickly_and_to_the_digit(text: str) -> None:
    assert exact(quick_value({"N": text})) == exact(Decimal(text))
    assert exact(quick_value({"NS": [text]})) == exact({Decimal(text)})


PYTHON_VALUES = st.recursive(
    st.one_of(
        st.text(max_size=3),
        st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal),
        st.decimals(-(10**9), 10**9, places=4),
        st.binary(max_size=3),
        st.booleans(),
        st.none(),
        st.sets(st.text(max_size=3), min_size=1, max_size=3),
        st.sets(st.integers().filter(lambda number: abs(number) < 10**38).map(Decimal), min_size=1, max_size=3),
        st.sets(st.binary(max_size=3), min_size=1, max_size=3),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=PYTHON_VALUES)
def test_what_dynamodb_sends_is_never_given_up_and_so_read_quickly(value: Any) -> None:
    for document in (serialize(value), serialize(value, binary="bytes")):
        assert exact(quick_value(document)) == exact(read_value(document))
        assert exact(quick_map({"a": document})) == exact(read_map({"a": document}))


@pytest.mark.parametrize("text", [*NUMBERS, *NO_NUMBERS])
def test_reading_a_number_quickly_leaves_the_callers_context_alone(text: str) -> None:
    with decimal.localcontext() as context:
        context.clear_flags()
        with contextlib.suppress(*GIVEN_UP):
            quick_value({"N": text})
        assert not any(context.flags.values())
