"""A filter takes a record exactly where its conditions are true of the stored item, whatever they are joined from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NamedTuple, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from streamkit import (
    any_of,
    anything_but,
    created,
    criteria,
    equals_ignore_case,
    event_name,
    exists,
    expired,
    one_of,
    prefix,
    suffix,
    where,
)
from streamkit.filterlint import never_matches
from streamkit.filters import OR, matcher
from streamkit.local.sources.items import stored_item
from tests.filteroracle import engine_matches


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Line(BaseModel):
    sku: str
    qty: int
    note: str | None = None


class Order(BaseModel):
    status: str = Field(alias="orderStatus")
    total: Decimal = Decimal(0)
    note: str | None = None
    paid: bool = False
    color: Color = Color.RED
    code: int | str = 0
    photo: bytes = b""
    tags: list[str] = []
    sizes: set[int] = set()
    lines: list[Line] = []
    first: Line | None = None


# --- records -------------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(["", "a", "A", "ab", "ba", "1"])
NUMBERS = st.sampled_from([0, 1, 12])
TOTALS = st.sampled_from([Decimal("0.00"), Decimal("9.990"), Decimal("1E+2"), Decimal("-0.5")])
LINES = st.fixed_dictionaries({"sku": TEXTS, "qty": NUMBERS}, optional={"note": TEXTS | st.none()})
# By the attribute's name: any may be missing, as attributes are that an older program never wrote.
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "orderStatus": TEXTS,
        "total": TOTALS,
        "note": TEXTS | st.none(),
        "paid": st.booleans(),
        "color": st.sampled_from(["red", "blue"]),
        "code": NUMBERS | TEXTS,
        "photo": st.sampled_from([b"", b"a"]),
        "tags": st.lists(TEXTS, max_size=2),
        "sizes": st.sets(NUMBERS, min_size=1, max_size=2),
        "lines": st.lists(LINES, max_size=2),
        "first": LINES | st.none(),
    },
)
TIMES = st.sampled_from([1767225600, 1767225601, 1767225700])
KINDS: st.SearchStrategy[Literal["INSERT", "MODIFY", "REMOVE"]] = st.sampled_from(["INSERT", "MODIFY", "REMOVE"])
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class Record(NamedTuple):
    kind: str
    created: int
    expired: bool
    new: dict[str, Any] | None
    old: dict[str, Any] | None

    def raw(self) -> dict[str, Any]:
        images = {"NewImage": self.new, "OldImage": self.old}
        stored = {name: stored_item(image) for name, image in images.items() if image is not None}
        return {
            "eventName": self.kind,
            "dynamodb": {"ApproximateCreationDateTime": float(self.created), "Keys": {}, **stored},
            **({"userIdentity": TTL} if self.expired else {}),
        }


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(KINDS)
    return Record(
        kind,
        draw(TIMES),
        kind == "REMOVE" and draw(st.booleans()),
        None if kind == "REMOVE" else draw(ITEMS),
        None if kind == "INSERT" else draw(ITEMS),
    )


# --- conditions, and what they mean --------------------------------------------------------------------------------

Test: TypeAlias = Callable[[Any], bool]


class Leaf(NamedTuple):
    """A condition, the list of whose elements it speaks (or none), and whether it is true."""

    condition: Any
    elements: str | None
    is_true: Test


# Alternatives of leaves that are all true: of those that speak of one list, one element has to do for all.
Meaning: TypeAlias = list[list[Leaf]]


class Made(NamedTuple):
    condition: Any
    meaning: Meaning


def is_true(meaning: Meaning, record: Record) -> bool:
    return any(all_true(leaves, record) for leaves in meaning)


def all_true(leaves: list[Leaf], record: Record) -> bool:
    if not all(leaf.is_true(record) for leaf in leaves if leaf.elements is None):
        return False
    for name in {leaf.elements for leaf in leaves if leaf.elements is not None}:
        tests = [leaf.is_true for leaf in leaves if leaf.elements == name]
        elements = (record.new or {}).get(name, ())
        if not any(all(test(element) for test in tests) for element in elements):
            return False
    return True


def at(holder: Any, path: tuple[str, ...]) -> Any:
    """Return the value at a path, None where there is none or a null."""
    for name in path:
        holder = None if holder is None else holder.get(name)
    return holder


TEXT_TESTS: list[tuple[Callable[[Any, str], Any], Callable[[Any, str], bool]]] = [
    (lambda field, text: field == text, lambda value, text: value == text),
    (lambda field, text: field != text, lambda value, text: value is not None and value != text),
    (prefix, lambda value, text: isinstance(value, str) and value.startswith(text)),
    (suffix, lambda value, text: isinstance(value, str) and value.endswith(text)),
    (equals_ignore_case, lambda value, text: isinstance(value, str) and value.lower() == text.lower()),
    (lambda field, text: one_of(field, text, "ab"), lambda value, text: value in (text, "ab")),
    (
        lambda field, text: anything_but(field, text, "ab"),
        lambda value, text: value is not None and value not in (text, "ab"),
    ),
]
NEW: Any = where(Order)
OLD: Any = where(Order, "OldImage")
LINE: Any = any_of(NEW.lines)


def of_image(image: str, path: tuple[str, ...], test: Callable[[Any], bool]) -> Test:
    return lambda record: getattr(record, image) is not None and test(at(getattr(record, image), path))


def text_leaves(field: Any, elements: str | None, wrap: Callable[[Test], Test]) -> st.SearchStrategy[Leaf]:
    return st.builds(
        lambda pair, text: Leaf(pair[0](field, text), elements, wrap(lambda value: pair[1](value, text))),
        st.sampled_from(TEXT_TESTS),
        TEXTS,
    )


def in_new(*path: str) -> Callable[[Test], Test]:
    return lambda test: of_image("new", path, test)


def in_old(*path: str) -> Callable[[Test], Test]:
    return lambda test: of_image("old", path, test)


def in_line(name: str) -> Callable[[Test], Test]:
    return lambda test: lambda line: test(line.get(name))


def same(value: Any, wanted: Any) -> bool:
    """Whether two values are one for DynamoDB: for Python True is 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def equal_leaves(
    field: Any, values: st.SearchStrategy[Any], wrap: Callable[[Test], Test], *, elements: Any = None
) -> Any:
    def stored(value: Any) -> Any:
        return value.value if isinstance(value, Enum) else value

    return values.flatmap(
        lambda wanted: st.sampled_from(
            [
                Leaf(field == wanted, elements, wrap(lambda value: same(value, stored(wanted)))),
                Leaf(
                    field != wanted, elements, wrap(lambda value: value is not None and not same(value, stored(wanted)))
                ),
            ]
        )
    )


def fixed(*leaves: Leaf) -> st.SearchStrategy[Leaf]:
    return st.sampled_from(leaves)


def there(field: Any, image: str, *path: str) -> st.SearchStrategy[Leaf]:
    return fixed(
        Leaf(exists(field), None, of_image(image, path, lambda value: value is not None)),
        Leaf(~exists(field), None, of_image(image, path, lambda value: value is None)),
    )


LEAVES: st.SearchStrategy[Leaf] = st.one_of(
    text_leaves(NEW.status, None, in_new("orderStatus")),
    text_leaves(NEW.note, None, in_new("note")),
    text_leaves(OLD.status, None, in_old("orderStatus")),
    text_leaves(NEW.first.sku, None, in_new("first", "sku")),
    text_leaves(LINE.sku, "lines", in_line("sku")),
    text_leaves(LINE.note, "lines", in_line("note")),
    text_leaves(any_of(NEW.tags), "tags", lambda test: test),
    equal_leaves(NEW.total, TOTALS, in_new("total")),
    equal_leaves(NEW.code, NUMBERS | TEXTS, in_new("code")),
    equal_leaves(NEW.color, st.sampled_from(Color), in_new("color")),
    equal_leaves(NEW.photo, st.sampled_from([b"", b"a"]), in_new("photo")),
    equal_leaves(NEW.paid, st.booleans(), in_new("paid")),
    equal_leaves(LINE.qty, NUMBERS, in_line("qty"), elements="lines"),
    equal_leaves(any_of(NEW.sizes), NUMBERS, lambda test: test, elements="sizes"),
    there(NEW.note, "new", "note"),
    there(OLD.note, "old", "note"),
    there(NEW.total, "new", "total"),
    there(NEW.code, "new", "code"),
    there(NEW.first.note, "new", "first", "note"),
    fixed(
        Leaf(NEW.paid, None, of_image("new", ("paid",), lambda value: value is True)),
        Leaf(
            NEW.note == None,  # noqa: E711  # a null
            None,
            lambda record: record.new is not None and record.new.get("note", "missing") is None,
        ),
        Leaf(NEW.note != None, None, of_image("new", ("note",), lambda value: value is not None)),  # noqa: E711  # as above
        Leaf(exists(any_of(NEW.tags)), None, of_image("new", ("tags",), bool)),
        Leaf(~exists(any_of(NEW.tags)), None, of_image("new", ("tags",), lambda value: not value)),
        Leaf(~exists(any_of(NEW.sizes)), None, of_image("new", ("sizes",), lambda value: not value)),
        Leaf(
            ~exists(LINE.note),
            None,
            of_image("new", ("lines",), lambda lines: all(line.get("note") is None for line in lines or ())),
        ),
        Leaf(expired(), None, lambda record: record.expired),
        Leaf(~expired(), None, lambda record: not record.expired),
        Leaf(created(since=datetime.fromtimestamp(1767225601, UTC)), None, lambda record: record.created >= 1767225601),
        Leaf(created(before=datetime.fromtimestamp(1767225601, UTC)), None, lambda record: record.created < 1767225601),
    ),
    st.lists(KINDS, min_size=1, max_size=2).map(
        lambda kinds: Leaf(event_name(*kinds), None, lambda record: record.kind in kinds)
    ),
)


def engine_takes(raw: dict[str, Any], pattern: dict[str, Any]) -> bool:
    """Whether AWS's open-source engine would match, of which the oracle knows all but $or."""
    common = {key: part for key, part in pattern.items() if key != OR}
    branches = pattern.get(OR, [{}])
    return engine_matches(raw, common) and any(engine_matches(raw, branch) for branch in branches)


class Unsayable(NamedTuple):
    """Conditions that cannot be joined: what was said of it, and what the joined one would have meant."""

    error: str
    meaning: Meaning


def joined(one: Made | Unsayable, other: Made | Unsayable, *, both: bool) -> Made | Unsayable:
    if isinstance(one, Unsayable) or isinstance(other, Unsayable):
        return one if isinstance(one, Unsayable) else other
    if not both:
        return Made(one.condition | other.condition, [*one.meaning, *other.meaning])
    meaning = [[*first, *second] for first in one.meaning for second in other.meaning]
    try:
        return Made(one.condition & other.condition, meaning)
    except ValueError as error:
        return Unsayable(str(error), meaning)


CONDITIONS: st.SearchStrategy[Made | Unsayable] = st.recursive(
    LEAVES.map(lambda leaf: Made(leaf.condition, [[leaf]])),
    lambda inner: st.builds(lambda one, other, both: joined(one, other, both=both), inner, inner, st.booleans()),
    max_leaves=6,
)


@settings(max_examples=200)
@given(CONDITIONS, records())
def test_a_filter_takes_what_its_condition_is_true_of(made: Made | Unsayable, record: Record) -> None:
    if isinstance(made, Unsayable):
        assert "cannot" in made.error or "is true of no record" in made.error
        if "is true of no record" in made.error:
            assert not is_true(made.meaning, record)
        return
    filters = criteria(made.condition)
    assert matcher(filters)(record.raw()) == is_true(made.meaning, record), json.dumps(filters)
    assert engine_takes(record.raw(), json.loads(filters["Filters"][0]["Pattern"])) == is_true(made.meaning, record)
    assert never_matches(filters) == []


@given(st.lists(CONDITIONS.filter(lambda one: isinstance(one, Made)), min_size=1, max_size=3), records())
def test_filters_take_what_any_of_their_conditions_is_true_of(made: list[Made], record: Record) -> None:
    filters = criteria(*[one.condition for one in made])
    assert matcher(filters)(record.raw()) == any(is_true(one.meaning, record) for one in made)


@given(ITEMS, TEXTS)
def test_every_field_of_an_item_is_found_by_its_own_value(item: dict[str, Any], status: str) -> None:
    order = Order.model_validate({"sizes": {1}, **item, "orderStatus": status})
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": stored_item(order)}}
    fields = where(Order)
    conditions = [
        fields.status == order.status,
        fields.total == order.total,
        fields.note == order.note,
        fields.paid == order.paid,
        fields.color == order.color,
        fields.code == order.code,
        fields.photo == order.photo,
        *(any_of(fields.tags) == tag for tag in order.tags),
        *(any_of(fields.lines).qty == line.qty for line in order.lines),
    ]
    for condition in conditions:
        assert matcher(criteria(condition))(record), condition
