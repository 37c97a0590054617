"""Types of one value, and the attribute values that they take."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from pathlib import Path
from re import Pattern
from typing import Annotated, Any, Literal, NewType, Optional, Union
from uuid import UUID

import pydantic as p
from pydantic import Field, StringConstraints

from tests.compiling import payloads as v
from tests.compiling.freetexts import free_binary, free_instant, free_number, free_uuid
from tests.compiling.kinds import (
    Amount,
    Bits,
    Color,
    Lenient,
    Level,
    Mixed,
    Rank,
    Ratio,
    Rights,
    Shade,
    Status,
    Truth,
)
from tests.compiling.making import MakeValue, Shape, pool, shown

_ODD_TEXTS = [*v.texts("5", "\ud800", ""), *v.WHOLE[:2], v.NULL, *v.TRUTHS, *v.BYTES, *v.EMPTY[:1], *v.DOCUMENTS[:2]]
_TEXT_NUMBERS = v.texts("5", "5.0", " 5", "1_000", "1e2", "٣", "NaN", "inf", "-0", "+5", "0x5", "", "9" * 30)
_ODD_NUMBERS = [*v.WRITTEN, *v.EXTREME, *v.LARGE, *v.PARTS, *_TEXT_NUMBERS, *v.TRUTHS, v.NULL, {"B": "NQ=="}]
_ODD_TRUTHS = [*v.texts("true", "false", "yes", "1", "on", "T", "x"), *v.numbers("1", "0", "1.0", "2", "-0"), v.NULL]
_TIMES = [*v.texts("10:00", "10:00:00.5", "23:59:59Z", "10:00:00+02:00"), *v.numbers("0", "3600", "86399")]
_SPANS = [*v.texts("P1D", "PT1H30M", "1 day, 02:00:00", "-PT1S", "00:00:05.5"), *v.numbers("5", "-3600", "86400")]


def _of(annotation: Any, plain: list[Any], odd: list[Any] | None = None, free: MakeValue | None = None) -> Shape:
    value = pool(plain, v.ANYTHING if odd is None else odd, free)
    return Shape(annotation, shown(annotation), value, listed=plain)


def _text(annotation: Any, *plain: str) -> Shape:
    return _of(annotation, v.texts(*plain) if plain else v.TEXTS, [*_ODD_TEXTS, *v.TEXTS])


def _number(annotation: Any, *plain: str) -> Shape:
    return _of(annotation, v.numbers(*plain) if plain else v.WHOLE, _ODD_NUMBERS, free_number)


def _instant(annotation: Any, *plain: str) -> Shape:
    odd = [*v.ODD_INSTANTS, *v.ODD_EPOCHS, *v.INSTANTS, *v.DAYS, *v.EPOCHS, *_TEXT_NUMBERS]
    return _of(annotation, v.texts(*plain) if plain else [*v.INSTANTS, *v.EPOCHS], odd, free_instant)


def _choice(annotation: Any, *plain: Any) -> Shape:
    return _of(annotation, list(plain), [*_TEXT_NUMBERS, *_ODD_TRUTHS, *v.WRITTEN, *v.SCALARS, *v.texts("red", "PAID")])


def _whole(**bounds: Any) -> Any:
    return Annotated[int, Field(**bounds)]


def _chars(**constraints: Any) -> Any:
    return Annotated[str, StringConstraints(**constraints)]


def _decimal(**bounds: Any) -> Any:
    return Annotated[Decimal, Field(**bounds)]


def _floating(**bounds: Any) -> Any:
    return Annotated[float, Field(**bounds)]


Name = NewType("Name", str)

# The common ones first: what shrinks becomes the first.
COMMON: list[Shape] = [
    _number(int),
    _text(str),
    _number(Decimal, "5", "0.5", "12.50", "1E+2", "0", "-3"),
    _number(float, "0.5", "5", "-1.25", "1e2", "0", "-0"),
    _of(bool, v.TRUTHS, _ODD_TRUTHS),
    _of(bytes, v.BYTES, [*v.TEXTS, *v.BYTES_SETS, v.NULL], free_binary),
    _instant(datetime),
    _of(date, [*v.DAYS, *v.EPOCHS[:4]], [*v.ODD_INSTANTS, *v.INSTANTS, *v.EPOCHS, *v.ODD_EPOCHS], free_instant),
    _of(UUID, v.UUIDS, v.ODD_UUIDS, free_uuid),
    _choice(Color, *v.texts("red", "blue")),
    _choice(Literal["red", "blue"], *v.texts("red", "blue")),
    _of(Any, v.ANYTHING, [*v.TEXTS, *v.EXTREME, *v.LARGE, *v.BYTES]),
    _of(Optional[str], [*v.TEXTS, v.NULL], _ODD_TEXTS),  # noqa: UP045  # as Python 3.9 code has it
    _of(int | None, [*v.WHOLE, v.NULL], _ODD_NUMBERS, free_number),
    _of(Optional[datetime], [*v.INSTANTS, v.NULL]),  # noqa: UP045  # as above
]

# No Fraction: before pydantic 2.14 one with an exponent of twenty digits is computed, for ever.
RARE: list[Shape] = [
    _of(time, _TIMES, [*_TIMES, *v.ODD_INSTANTS, *v.numbers("86400", "0.5", "-1", "1e400")]),
    _of(timedelta, _SPANS, [*_SPANS, *v.ODD_INSTANTS, *v.numbers("0.1", "1e20", "1e400", "0.0000001")]),
    _of(None, [v.NULL], [*v.SCALARS]),
    _of(object, v.ANYTHING, [*v.TEXTS, *v.EXTREME]),
    _of(Hashable, v.SCALARS),
    *(_choice(kind, *v.texts("placed", "paid", "dark", "light")) for kind in (Status, Shade)),
    *(_choice(kind, *v.numbers("1", "2"), *v.numbers("1.0", "3")) for kind in (Level, Rank, Rights, Bits)),
    _choice(Mixed, *v.texts("1"), *v.numbers("1"), v.NULL, {"L": [{"S": "a"}, {"N": "1"}]}),
    _choice(Lenient, *v.texts("known", "unknown", "other")),
    _choice(Amount, *v.numbers("0.5", "1", "0.50", "1.0")),
    _choice(Ratio, *v.numbers("0.5", "1", "0.50", "1.0")),
    _choice(Truth, *v.TRUTHS, *v.numbers("1", "0")),
    _choice(Literal[1, 2, 30], *v.numbers("1", "2", "30", "1.0", "3E+1")),
    _choice(Literal[True], *v.TRUTHS),
    _choice(Literal["a"] | None, v.NULL, *v.texts("a")),
    _choice(Literal[1, "1", True, "x"] | None, *v.numbers("1"), *v.texts("1", "x"), v.NULL, *v.TRUTHS),
    _choice(Literal[Color.RED, Status.PAID, "x"], *v.texts("red", "paid", "x")),
    _choice(Literal[b"abc", 5], {"B": "YWJj"}, *v.numbers("5")),
    _choice(Literal["5", "true"], *v.texts("5", "true")),
    *(_number(_whole(**bound), "5", "2", "10") for bound in ({"gt": 0}, {"ge": 2, "lt": 100}, {"le": 10})),
    *(_number(_whole(**bound), "6", "2", "10") for bound in ({"multiple_of": 2}, {"gt": -(10**30)}, {"ge": 1})),
    *(_number(one) for one in (p.PositiveInt, p.NonNegativeInt, p.conint(strict=True), p.StrictInt)),
    _number(_decimal(max_digits=5, decimal_places=2), "5", "12.50", "123.45", "1E+2", "1E2", "-0", "99999"),
    _number(_decimal(gt=0, le=10), "5", "10", "0.5", "10.0"),
    _number(_decimal(multiple_of=Decimal("0.5")), "0.5", "5", "12.50"),
    _number(_decimal(allow_inf_nan=True), "0.5", "5"),
    _number(_decimal(strict=True), "0.5", "5", "12.50"),
    _number(_floating(gt=0, lt=1e6), "0.5", "5", "1e2"),
    _number(_floating(multiple_of=0.5), "0.5", "5", "1e2"),
    _number(_floating(allow_inf_nan=False), "0.5", "5", "1e2"),
    _number(p.StrictFloat, "0.5", "5"),
    _text(_chars(strip_whitespace=True, to_lower=True), " A ", "b", "ẞ", "\u00a0x", "İ"),
    _text(_chars(to_upper=True, max_length=3), "abc", "ß", "ab"),
    _text(_chars(min_length=1, max_length=2), "a", "ab", "\U0001f600"),
    _text(_chars(pattern=r"^a"), "a", "abc", "a\n"),
    _text(_chars(pattern=r"^\d+$"), "5", "٣", "5\n"),
    _text(_chars(strip_whitespace=True, pattern=r"^[a-z]+$"), "abc", " abc "),
    _text(Annotated[str, Field(min_length=2)], "ab", "abc"),
    _text(Annotated[str, Field(pattern="^a"), Field(max_length=3)], "a", "abc"),
    _text(p.StrictStr),
    _of(p.StrictBool, v.TRUTHS, _ODD_TRUTHS),
    _of(p.StrictBytes, v.BYTES, [*v.TEXTS]),
    _of(Annotated[bytes, Field(min_length=1, max_length=3)], v.BYTES, v.TEXTS),
    *(_instant(one) for one in (p.AwareDatetime, p.NaiveDatetime, p.PastDatetime, p.FutureDatetime)),
    _instant(Annotated[datetime, Field(gt=datetime(2000, 1, 1))], *("2026-01-01T10:00:00", "2026-01-01")),  # noqa: DTZ001  # a naive bound
    _instant(Annotated[datetime, Field(strict=True)], "2026-01-01T10:00:00Z"),
    *(_of(one, v.DAYS, [*v.INSTANTS, *v.EPOCHS]) for one in (p.PastDate, p.FutureDate)),
    _of(Annotated[date, Field(ge=date(2000, 1, 1))], v.DAYS, [*v.INSTANTS, *v.EPOCHS]),
    _of(Annotated[timedelta, Field(gt=timedelta(0))], _SPANS, _SPANS),
    *(_of(one, v.UUIDS, v.ODD_UUIDS) for one in (p.UUID4, p.UUID1, Annotated[UUID, Field(strict=True)])),
    _of(p.SecretStr, v.TEXTS, _ODD_TEXTS),
    _of(p.SecretBytes, v.BYTES, v.TEXTS),
    _of(p.Secret[int], v.WHOLE, _ODD_NUMBERS),
    _text(p.HttpUrl, "https://example.com", "http://a.b/c?d=e", "HTTP://EXAMPLE.com:80/"),
    _text(p.AnyUrl, "s3://bucket/key", "mailto:a@b.c"),
    _text(p.Json, "5", '{"a": 1}', "null", '"x"'),
    _text(p.Json[list[int]], "[1, 2]", "[]", '["1"]'),
    _text(p.Base64Bytes, "YWJj", "YQ=="),
    _text(p.Base64Str, "YWJj", "YQ=="),
    _text(p.ByteSize, "5 kB", "1GiB", "5"),
    _text(IPv4Address, "127.0.0.1", "10.0.0.1"),
    _text(Path, "/tmp/x", "a", ""),  # noqa: S108  # no file is made
    _text(Pattern[str], "a+", "^b"),
    _of(complex, [*v.WHOLE, *v.texts("1+2j")], v.WRITTEN),
    _text(Name),
    _of(int | str, [*v.WHOLE, *v.TEXTS], [*_TEXT_NUMBERS, *v.WRITTEN, *v.TRUTHS]),
    _of(str | int, [*v.WHOLE, *v.TEXTS], [*_TEXT_NUMBERS, *v.WRITTEN, *v.TRUTHS]),
    _of(int | float, [*v.WHOLE, *v.PARTS], _ODD_NUMBERS, free_number),
    _of(Decimal | str, [*v.WHOLE, *v.PARTS, *v.TEXTS], _ODD_NUMBERS, free_number),
    _of(bool | int, [*v.TRUTHS, *v.WHOLE], [*_ODD_TRUTHS, *v.WRITTEN]),
    _of(datetime | str, [*v.INSTANTS, *v.TEXTS], [*v.ODD_INSTANTS, *v.EPOCHS]),
    _of(date | datetime | None, [*v.INSTANTS, *v.DAYS, v.NULL], [*v.ODD_INSTANTS, *v.EPOCHS]),
    _of(str | bytes, [*v.TEXTS, *v.BYTES]),
    _of(UUID | str, [*v.UUIDS, *v.TEXTS], v.ODD_UUIDS),
    _of(Color | Status, v.texts("red", "paid"), v.texts("x", "")),
    _of(Literal["a"] | int, [*v.texts("a"), *v.WHOLE], [*_TEXT_NUMBERS, *v.TRUTHS]),
    _of(Annotated[Union[int, str], Field(union_mode="left_to_right")], [*v.WHOLE, *v.TEXTS], _ODD_NUMBERS),
    _of(Annotated[str | int, Field(union_mode="left_to_right")], [*v.WHOLE, *v.TEXTS], _ODD_NUMBERS),
    _of(Annotated[Color, Field(strict=True)], v.texts("red")),
    _of(p.SkipValidation[int], v.SCALARS),
    _of(p.InstanceOf[str], v.TEXTS, _ODD_TEXTS),
    _of(p.InstanceOf[Enum], v.texts("red")),
    _of(list, [*v.DOCUMENTS[:1], *v.EMPTY], v.ANYTHING),
    _of(dict, [*v.DOCUMENTS[1:3], *v.EMPTY], v.ANYTHING),
    _of(set, [*v.TEXT_SETS, *v.NUMBER_SETS], v.ANYTHING),
    _of(frozenset, [*v.TEXT_SETS, *v.BYTES_SETS], v.ANYTHING),
    _of(tuple, [*v.DOCUMENTS[:1], *v.EMPTY], v.ANYTHING),
    _of(dict[str, Any], [*v.DOCUMENTS[1:3], *v.EMPTY[-1:]], v.ANYTHING),
    _of(list[Any], [*v.DOCUMENTS[:1], *v.EMPTY[-2:-1]], v.ANYTHING),
    _of(set[str], v.TEXT_SETS, [*v.ANYTHING]),
    _of(frozenset[int], v.NUMBER_SETS, [*v.ANYTHING]),
    _of(set[Decimal], v.NUMBER_SETS, [*v.ANYTHING]),
    _of(set[bytes], v.BYTES_SETS, [*v.ANYTHING]),
    _of(set[float], v.NUMBER_SETS, [*v.ANYTHING]),
    _of(set[datetime], v.SAME_TWICE[4:5], [*v.ANYTHING]),
    _of(set[Any], [*v.TEXT_SETS, *v.NUMBER_SETS, *v.BYTES_SETS], [*v.ANYTHING]),
    _of(list[Decimal], v.NUMBER_SETS, [*v.ANYTHING]),
    _of(tuple[str, ...], v.TEXT_SETS, [*v.ANYTHING]),
    _of(Annotated[set[str], Field(min_length=2)], v.TEXT_SETS, [*v.ANYTHING]),
    _of(set[Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]], v.TEXT_SETS, v.SAME_TWICE),
]
