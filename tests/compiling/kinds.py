"""Classes and functions that the drawn types are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError, ValidationInfo
from pydantic_core import PydanticUseDefault

# --- enums -------------------------------------------------------------------------------------------------------


class Color(str, Enum):  # noqa: UP042  # it is this form that is another type than a StrEnum
    RED = "red"
    BLUE = "blue"


class Shade(StrEnum):
    DARK = "dark"
    LIGHT = "light"
    TAG = "S"


class Status(Enum):
    PLACED = "placed"
    PAID = "paid"
    DONE = "paid"  # noqa: PIE796  # an alias of the member before


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Rank(Enum):
    FIRST = 1
    SECOND = 2


class Mixed(Enum):
    TEXT = "1"
    NUMBER = 1
    TRUTH = None
    PAIR = ("a", 1)


class Amount(Enum):
    HALF = Decimal("0.5")
    ONE = Decimal(1)


class Ratio(float, Enum):
    HALF = 0.5
    ONE = 1.0


class Lenient(Enum):
    KNOWN = "known"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> Lenient | None:
        return cls.OTHER if isinstance(value, (str, Decimal)) else None


class Rights(Flag):
    READ = 1
    WRITE = 2


class Bits(IntFlag):
    LOW = 1
    HIGH = 2


class Truth(Enum):
    YES = True
    NO = False


class Text(str):
    """Text, and yet not exactly a str."""

    __slots__ = ()


class Leaf(BaseModel):
    leaf: int = 0


# --- validators of values: (value), (value, info), (value, handler), (value, handler, info) -----------------------


def unchanged(value: Any) -> Any:
    return value


def its_type(value: Any) -> Any:
    return type(value).__name__


def doubled(value: Any) -> Any:
    return value * 2 if isinstance(value, (str, int, float, Decimal, list)) else value


def truthy(value: Any) -> Any:
    if not value:
        raise ValueError("it is empty")
    return value


def not_long(value: Any) -> Any:
    assert len(value) < 3
    return value


def as_text(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, bool, bytes)) else value


def first_of(value: Any) -> Any:
    """Look into what holds values, as a validator does that takes one more form than the type does."""
    if isinstance(value, (list, tuple)) and value:
        return value[0]
    if isinstance(value, Mapping):
        return sorted(map(str, value))
    return value


def from_text(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def default_for_none(value: Any) -> Any:
    if value is None:
        raise PydanticUseDefault
    return value


def unlucky(value: Any) -> Any:
    return 1 / value


def seen(value: Any, info: ValidationInfo) -> Any:
    """Tell everything that a validator can see."""
    data = getattr(info, "data", None)
    return [value, type(value).__name__, info.field_name, info.mode, info.context, None if data is None else dict(data)]


def counted(value: Any, info: ValidationInfo) -> Any:
    return value if info.data.get("a") is None else len(info.data)


def configured(value: Any, info: ValidationInfo) -> Any:
    return [value, sorted((name, repr(setting)) for name, setting in (info.config or {}).items())]


def through(value: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(value)


def or_fallback(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return "fallback"


def or_itself(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except Exception:  # noqa: BLE001  # this is how some write it
        return value


def or_error_count(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        return [(problem["type"], repr(problem["input"])) for problem in error.errors()]


def twice(value: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(handler(value))


def other_first(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler("5")
    except ValidationError:
        return handler(value)


def never(value: Any, handler: Callable[[Any], Any]) -> Any:
    return value


def through_seeing(value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
    return (seen(value, info), handler(value))


BEFORE: list[Any] = [
    unchanged,
    as_text,
    its_type,
    first_of,
    from_text,
    truthy,
    doubled,
    default_for_none,
    seen,
    counted,
]
AFTER: list[Any] = [
    unchanged,
    doubled,
    truthy,
    its_type,
    not_long,
    seen,
    counted,
    configured,
    unlucky,
    default_for_none,
]
WRAP: list[Any] = [through, or_fallback, or_itself, twice, other_first, never, through_seeing, or_error_count]
PLAIN: list[Any] = [unchanged, its_type, first_of, seen]
