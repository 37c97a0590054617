"""Attribute values for the tests' images: in the form in which they would be stored, in another, and in none."""

from __future__ import annotations

from collections import OrderedDict, UserDict, defaultdict
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any

from tests.compiling.kinds import Color, Leaf, Shade, Text


def texts(*payloads: str) -> list[Any]:
    return [{"S": payload} for payload in payloads]


def numbers(*payloads: str) -> list[Any]:
    return [{"N": payload} for payload in payloads]


# --- the forms in which values are stored ------------------------------------------------------------------------

TEXTS = texts("a", "", "abc", " A b ", "ß", "é\u0301", "\U0001f600", "a" * 12, "a\nb", "\x00", "İ")
WHOLE = numbers("5", "0", "-3", "1", "2", "10", "12345", "1767225600")
LARGE = numbers("9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 38, "1" + "0" * 40)
PARTS = numbers("0.5", "-1.25", "12.50", "3.14159265358979323846264338327950288419", "0.1", "99.999")
# Numbers all of them, in ways that are not everybody's.
WRITTEN = numbers("5.0", "1e2", "1E+2", "-0", "0.0", "-0.0", "+5", "007", "5.", ".5", "1e-3", "5.00", "0e5", "1E2")
EXTREME = numbers("1E400", "1e-400", "-1E400", "1E308", "1E309", "9E-325", "1E125", "1" * 400, "1" * 4301, "0." + "1" * 60)
TRUTHS = [{"BOOL": True}, {"BOOL": False}]
NULL = {"NULL": True}
BYTES = [{"B": "AAE="}, {"B": ""}, {"B": "YWJj"}, {"B": "/w=="}, {"B": b"abc"}, {"B": bytearray(b"xyz")}]
INSTANTS = texts(
    "2026-01-01T10:00:00Z",
    "2026-01-01T10:00:00",
    "2026-01-01T10:00:00.123456+02:00",
    "2026-01-01 10:00:00.5",
    "2026-01-01T10:00:00-00:30",
    "2026-01-01T10:00Z",
    "1969-12-31T23:59:59.999999Z",
)
DAYS = texts("2026-01-01", "1999-12-31", "2024-02-29", "0001-01-01", "9999-12-31")
EPOCHS = numbers("1767225600", "0", "-1", "-86400", "1767225600000", "20000000000", "20000000001", "86400")
ODD_EPOCHS = numbers("1767225600.5", "0.0000001", "-0.5", "1e9", "1767225600.0", "-1767225600000", "1e11", "1e20", "1E400")
ODD_INSTANTS = [
    *texts("1767225600", "1767225600.25", "2026-01-01", "2026-01-01T24:00:00", "2026-1-1", "20260101T100000Z"),
    *texts("2026-01-01T10:00:00.1234567Z", "2026-01-01t10:00:00z", "2026-01-01_10:00:00", "2026-02-30T00:00:00Z"),
    *texts("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T10:00:00+0200", " 2026-01-01T10:00:00Z", "-1", ""),
    {"NULL": True},
    {"BOOL": True},
]
UUIDS = texts(
    "12345678-1234-5678-1234-567812345678",
    "00000000-0000-0000-0000-000000000000",
    "9f0e6c1e-4f0b-4b5e-9c3a-2f4a6f1d7e21",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
)
ODD_UUIDS = [
    *texts("{12345678-1234-5678-1234-567812345678}", "urn:uuid:12345678-1234-5678-1234-567812345678", "1" * 32, "x"),
    *texts("12345678-1234-5678-1234-56781234567", "9F0E6C1E-4F0B-4B5E-9C3A-2F4A6F1D7E21"),
    {"B": "EjRWeBI0VngSNFZ4EjRWeA=="},
    {"B": b"\x12\x34\x56\x78" * 4},
    {"B": "MTIzNDU2NzgtMTIzNC01Njc4LTEyMzQtNTY3ODEyMzQ1Njc4"},
    {"N": "5"},
]
TEXT_SETS = [{"SS": ["a"]}, {"SS": ["b", "a"]}, {"SS": ["1", "2"]}, {"SS": ["", "ß"]}, {"SS": ["a", "b", "c"]}]
NUMBER_SETS = [{"NS": ["1"]}, {"NS": ["2", "1"]}, {"NS": ["0.5", "-3"]}, {"NS": ["1", "2", "3"]}]
BYTES_SETS = [{"BS": ["AAE="]}, {"BS": ["YQ==", "YWJj"]}, {"BS": [b"raw", "YQ=="]}]
SAME_TWICE = [
    {"SS": ["a", "a"]},
    {"SS": ["1", "1.0", "1.00"]},
    {"SS": ["0", "-0"]},
    {"SS": ["a", " a", "A"]},
    {"SS": ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2025-12-31T23:00:00-01:00"]},
    {"NS": ["1", "1.0"]},
    {"NS": ["-0", "0"]},
    {"NS": ["0", "-0.0"]},
    {"BS": ["YQ==", b"a"]},
    {"L": [{"N": "1"}, {"N": "1.0"}, {"BOOL": True}]},
    {"L": [{"N": "-0"}, {"N": "0"}, {"S": "0"}]},
]
EMPTY = [{"SS": []}, {"NS": []}, {"BS": []}, {"L": []}, {"M": {}}]
DOCUMENTS = [
    {"L": [{"S": "a"}, {"N": "5"}]},
    {"M": {"a": {"N": "5"}}},
    {"M": {"S": {"S": "x"}}},
    {"M": {"NULL": {"NULL": True}}},
    {"L": [{"L": [{"M": {"L": {"L": []}}}]}]},
    {"M": {"kind": {"S": "cat"}, "id": {"N": "5"}}},
    {"L": [NULL, {"BOOL": True}]},
    {"L": [{"SS": ["a"]}, {"B": "AAE="}]},
]
SCALARS = [*TEXTS[:3], *WHOLE[:3], *PARTS[:1], *TRUTHS, NULL, *BYTES[:1], {"S": "5"}, {"S": "true"}, {"N": "5.0"}]
ANYTHING = [*SCALARS, *DOCUMENTS, *TEXT_SETS[:2], *NUMBER_SETS[:2], *BYTES_SETS[:2], *EMPTY, *SAME_TWICE, *WRITTEN, {"S": "\ud800"}]

# --- what is no attribute value at all ---------------------------------------------------------------------------

PAYLOADS: dict[str, list[Any]] = {
    "S": [5, True, None, 1.5, {"S": "x"}, {"NULL": True}, ["a"], b"a", Text("a"), Color.RED, Shade.DARK, Decimal(5), "\ud800", ""],
    "N": [
        *(5, 5.0, True, None, Decimal(5), b"5", {"N": "5"}, ["5"], Text("5"), "", " 5", "5 ", "\n5", "5\n", "1_000", "+5"),
        *("05", "5.", ".5", "5.0", "-0", "1e2", "1E400", "NaN", "nan", "Infinity", "-inf", "sNaN1", "٣", "0x10", "1,5", "--5"),
        *(".", "-", "e5", "5e", "1e5.5", "1" * 5000, "9" * 39, "0." + "3" * 50, "1e99999999999999999999", "true", "5\x00", "５"),
    ],
    "B": ["not base64!", "YQ", "YQ=", "Y Q==", "YQ==\n", "YWJj", b"raw", bytearray(b"raw"), memoryview(b"raw"), 5, None, ["YQ=="], "-_8=", "é", ""],
    "BOOL": [1, 0, "true", "false", None, 1.0, Decimal(1), [True], {"BOOL": True}, "on", b"true", ""],
    "NULL": [False, 1, None, 0, "true", {}, 1.0, [True], {"NULL": True}],
    "M": [True, None, 5, "a", [], [{"S": "x"}], [["a", {"S": "x"}]], SimpleNamespace(a={"S": "x"}), Leaf(leaf=5), set(), ()],
    "L": [{}, {"a": {"S": "x"}}, ["a"], [None], [5], [[]], [{}], ({"S": "a"},), (), "abc", "", None, True, {"S": "a"}, range(2), {1}, b"ab"],
    "SS": [[{"S": "a"}], [1], [None], "abc", "", ["a", "a"], ("a",), {"a"}, ["a", 5], [b"a"], None, {"a": "b"}, [["a"]], [Text("a")], [True]],
    "NS": [[1], ["1", "1.0"], ["-0", "0"], ["NaN"], [" 1"], ["1_0"], ("1",), {"1"}, "12", None, [{"N": "1"}], [Decimal(1)], ["a"], [True], {"1": 1}],
    "BS": [["not base64!"], ["YQ"], [b"raw"], [bytearray(b"raw")], [memoryview(b"raw")], ("YQ==",), "YQ==", b"ab", None, [5], [[1]], {"YQ==": 1}],
}
TAGS = list(PAYLOADS)
ODD_NAMES: list[Any] = [5, None, b"a", ("a",), Text("a"), Color.RED, "\ud800", "", "S", "M", 1.5, True]

HOSTILE: list[Any] = [
    {"S": "x", "N": "1"},
    {"N": "1", "S": "x"},
    {"S": "x", "NULL": True},
    {"NULL": True, "S": "x"},
    {"M": {}, "L": []},
    {"N": "5", "BOOL": True},
    {"S": "x", "Q": "y"},
    {"Q": "y", "N": "5"},
    {"L": [], "S": None},
    {"NULL": True, "x": None},
    {},
    {"Q": "x"},
    {"s": "x"},
    {"": "x"},
    {5: "x"},
    {None: None},
    {Text("S"): "x"},
    {Text("N"): "5"},
    {Text("S"): "x", "N": "5"},
    {Shade.TAG: "x"},
    "text",
    "S",
    "",
    "5",
    None,
    5,
    5.5,
    True,
    Decimal(5),
    b"raw",
    [],
    ["S", "x"],
    [{"S": "x"}],
    [["S", "x"]],
    ("S", "x"),
    {"S"},
    OrderedDict(S="x"),
    OrderedDict(N="5"),
    OrderedDict(M={"a": {"N": "5"}}),
    defaultdict(dict, {"S": "x"}),
    defaultdict(lambda: "x"),
    defaultdict(lambda: "x", {"N": "5"}),
    MappingProxyType({"S": "x"}),
    MappingProxyType({"N": "5"}),
    UserDict({"S": "x"}),
    SimpleNamespace(S="x"),
    Leaf(leaf=5),
    *({tag: payload} for tag, payloads in PAYLOADS.items() for payload in payloads),
]
