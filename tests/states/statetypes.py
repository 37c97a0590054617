"""Types of states for the tests of the codec, of all kinds that users write."""

import dataclasses
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    computed_field,
    field_serializer,
    field_validator,
)
from typing_extensions import TypedDict

T = TypeVar("T")


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Odd(Enum):
    PAIR = (1, 2)
    TEXT = "pair"


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)


class Everything(BaseModel):
    text: str = ""
    count: int = 0
    weight: float = 0.0
    on: bool = False
    at: datetime | None = None
    day: date | None = None
    hour: time | None = None
    span: timedelta = timedelta()
    id: UUID | None = None
    names: set[str] = set()
    marks: frozenset[Decimal] = frozenset()
    pair: tuple[int, str] = (0, "")
    many: tuple[Decimal, ...] = ()
    by_number: dict[int, Revenue] = {}
    by_name: dict[str, Revenue] = {}
    listed: list[Revenue] = []
    color: Color = Color.RED
    level: Level | None = None
    data: bytes = b""


class Simple(BaseModel):
    text: str = ""
    count: int = 0
    weight: float | None = 0.0
    on: bool = False
    total: Decimal | None = None
    at: datetime | None = None
    id: UUID | None = None
    names: set[str] = set()
    nested: dict[str, Revenue] = {}
    numbers: dict[int, list[int]] = {}
    color: Color | None = None
    kind: Literal["a", "b"] = "a"


@dataclass
class Line:
    sku: str = ""
    price: Decimal = Decimal(0)


@dataclass
class Basket:
    lines: list[Line] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Slotted:
    at: datetime | None = None
    span: timedelta = timedelta()


class Page(TypedDict, total=False):
    number: int
    total: Decimal
    inner: NotRequired[dict[str, Revenue]]


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str = ""


class A(BaseModel):
    value: int = 0


class B(BaseModel):
    value: int = 0


class Pets(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []


class Unions(BaseModel):
    same: A | B = A()
    listed: list[A | B] = []
    number: int | float | Decimal | str = 0
    when: date | datetime | str | None = None


class Loose(BaseModel):
    anything: Any = None
    by_name: dict[str, Any] = {}
    thing: object = None


class Aliased(BaseModel):
    order_id: int = Field(default=0, alias="orderId")
    sku: str = Field(default="", validation_alias=AliasChoices("SKU", "Sku"), serialization_alias="sku_out")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    total: Decimal = Decimal(0)
    at: datetime | None = None
    names: set[str] = set()
    inner: Revenue | None = None
    by_number: dict[int, Decimal] = {}


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    count: int = 0
    names: frozenset[str] = frozenset()


class Computed(BaseModel):
    a: int = 0

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def twice(self) -> int:
        return self.a * 2


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 0


class Outer(BaseModel):
    inner: Open = Open()
    n: int = 0


class Tree(BaseModel):
    value: int = 0
    children: list["Tree"] = []


class Box(BaseModel, Generic[T]):
    content: T | None = None


class Limited(BaseModel):
    count: int = Field(default=0, ge=0)
    name: Annotated[str, Field(max_length=3)] = ""
    even: Annotated[int, AfterValidator(lambda value: value if value % 2 == 0 else _fail())] = 0
    names: set[Annotated[str, Field(min_length=1)]] = set()


def _fail() -> int:
    raise ValueError("odd")


class Serialized(BaseModel):
    total: Decimal = Decimal(0)

    @field_serializer("total")
    def comma(self, value: Decimal) -> str:
        return str(value).replace(".", ",")

    @field_validator("total", mode="before")
    @classmethod
    def dot(cls, value: Any) -> Any:
        return value.replace(",", ".") if isinstance(value, str) else value


class Ids(RootModel[dict[str, list[int]]]):
    root: dict[str, list[int]] = {}


class Point(NamedTuple):
    x: int = 0
    y: Decimal = Decimal(0)


class Rare(BaseModel):
    host: IPv4Address = IPv4Address("127.0.0.1")
    queue: deque[int] = deque()
    counts: defaultdict[str, int] = defaultdict(int)
    by_day: dict[date, int] = {}
    by_color: dict[Color, int] = {}
    by_pair: dict[tuple[int, str], int] = {}
    odd: Odd = Odd.TEXT
    point: Point = Point()


@dataclass
class Derived:
    a: int = 0
    twice: int = dataclasses.field(default=0, init=False)
