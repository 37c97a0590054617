"""The state of a window on its way to Lambda and back: its form, its first value, and what is refused."""

import inspect
import json
import math
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Literal, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    TypeAdapter,
    field_serializer,
    model_validator,
)
from typing_extensions import TypedDict

from streamkit.errors import HandlerDefinitionError, StreamkitError, WindowStateError
from streamkit.states.codec import UNSET, StateCodec
from streamkit.states.diffs import difference
from streamkit.states.schemas import plan_of
from tests.states.statetypes import (
    A,
    B,
    Basket,
    Color,
    Derived,
    Limited,
    Line,
    Loose,
    Odd,
    Open,
    Outer,
    Page,
    Revenue,
    Simple,
    Slotted,
    Strict,
    Tree,
    Unions,
)

HAS_EXTRA = "extra" in inspect.signature(TypeAdapter.validate_python).parameters


def codec(state_type: Any, **options: Any) -> StateCodec:
    return StateCodec(state_type, "parameter 'state' of revenue()", **options)


def written(state_type: Any, state: Any) -> Any:
    encoded = codec(state_type, initial=state).encode(state)
    assert json.loads(encoded.json) == encoded.value
    return encoded.value


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state_type", "state", "value"),
    [
        (Revenue, Revenue(orders=1, total=Decimal("9.99")), {"orders": 1, "total": "9.99"}),
        (
            Basket,
            Basket([Line("a", Decimal(1))], {"y", "x"}),
            {"lines": [{"sku": "a", "price": "1"}], "tags": ["x", "y"], "note": None},
        ),
        (Page, {"number": 3}, {"number": 3}),
        (dict[int, Revenue], {3: Revenue()}, {"3": {"orders": 0, "total": "0"}}),
        (dict[str, set[int]], {"a": {2, 1}}, {"a": [1, 2]}),
        (dict, {"count": 3}, {"count": 3}),
        (dict, {"total": Decimal("1.50")}, {"total": {"$decimal": "1.50"}}),
        (dict[str, Any], {}, {}),
        (int, 3, {"$value": 3}),
        (Decimal, Decimal("1.50"), {"$value": "1.50"}),
        (set[str], {"b", "a"}, {"$value": ["a", "b"]}),
        (Revenue | None, None, {"$value": None}),
        (dict[str, int], {"$value": 1}, {"$dict": [["$value", 1]]}),
        (dict, {"$value": 1}, {"$dict": [["$value", 1]]}),
        (Any, [1], {"$value": [1]}),
        (Slotted, Slotted(datetime(2026, 1, 2, tzinfo=UTC)), {"at": "2026-01-02T00:00:00Z", "span": "PT0S"}),
    ],
)
def test_a_state_has_the_most_readable_form_that_is_exact(state_type: Any, state: Any, value: Any) -> None:
    assert written(state_type, state) == value


def test_the_text_is_compact_json_in_utf_8() -> None:
    assert codec(dict).encode({"ä": [1, 2.5]}).json == '{"ä":[1,2.5]}'.encode()


def test_sets_are_written_in_the_same_order_by_every_process() -> None:
    program = (
        "from streamkit.states.codec import StateCodec\n"
        "from tests.states.statetypes import Simple, Everything\n"
        "names = {f'n{i}' for i in range(20)}\n"
        "for cls in (Simple, Everything):\n"
        "    print(StateCodec(cls, 'x').encode(cls(names=names)).json)\n"
        "print(StateCodec(dict, 'x').encode({'names': names}).json)\n"
    )
    outputs = {
        subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_an_untyped_state_needs_no_pydantic() -> None:
    program = (
        "import sys\n"
        "from streamkit.states.codec import StateCodec\n"
        "codec = StateCodec(dict, 'x', keyed=True)\n"
        "codec.decode(codec.encode({3: {'a': 1}}).value)\n"
        "assert 'pydantic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  # our own interpreter


def test_a_number_that_is_none_makes_the_form_lossless() -> None:
    class Weights(BaseModel):
        mean: float = 0.0
        least: float | None = None

    encoded = codec(Weights).encode(Weights(least=math.nan))
    assert encoded.value == {"mean": 0.0, "least": {"$float": "nan"}}
    assert math.isnan(codec(Weights).decode(encoded.value).least)


def test_members_of_a_union_that_nothing_tells_apart_carry_their_class() -> None:
    state = Unions(same=B(value=1), listed=[A(value=1), B(value=1)])
    encoded = codec(Unions).encode(state)
    back = codec(Unions).decode(encoded.value)
    assert [type(one) for one in [back.same, *back.listed]] == [B, A, B]


def test_a_time_zone_of_a_typed_state_is_kept() -> None:
    at = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    back = codec(Simple).decode(codec(Simple).encode(Simple(at=at)).value)
    assert back.at.tzinfo is at.tzinfo
    assert back.at.fold == 1


@pytest.mark.parametrize(
    "raw",
    [
        {"orders": 1, "total": "9.99"},
        {"orders": 1, "total": {"$decimal": "9.99"}},
        {"$value": {"orders": 1, "total": {"$decimal": "9.99"}}},
        {"$object": ["Revenue", {"orders": 1, "total": {"$decimal": "9.99"}}]},
    ],
)
def test_a_state_is_read_in_whatever_form_older_code_has_written_it(raw: Any) -> None:
    assert codec(Revenue).decode(raw) == Revenue(orders=1, total=Decimal("9.99"))


def test_aliases_are_not_what_a_state_is_written_by() -> None:
    class Order(BaseModel):
        order_id: int = Field(default=0, alias="orderId")

    encoded = codec(Order).encode(Order(orderId=3))
    assert encoded.value == {"order_id": 3}
    assert codec(Order).decode(encoded.value).order_id == 3


def test_a_serializer_that_no_validator_reads_back_makes_the_form_lossless() -> None:
    state = Lossy(at="b")
    encoded = codec(Lossy).encode(state)
    assert encoded.value == {"at": "b"}
    assert codec(Lossy).decode(encoded.value) == state


def test_a_cached_property_is_no_part_of_the_state() -> None:
    class Cached(BaseModel):
        a: int = 0

        @cached_property
        def twice(self) -> int:
            return self.a * 2

    state = Cached(a=2)
    assert state.twice == 4
    assert codec(Cached).encode(state).value == {"a": 2}


# --- the first value -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state_type", "first"),
    [
        (Revenue, Revenue()),
        (Basket, Basket()),
        (Page, {}),
        (dict, {}),
        (dict[str, int], {}),
        (Mapping[str, Any], {}),
        (Any, {}),
        (list[int], []),
        (set[str], set()),
        (frozenset[int], frozenset()),
        (tuple[int, ...], ()),
        (int, 0),
        (float, 0.0),
        (bool, False),
        (Decimal, Decimal(0)),
        (str, ""),
        (bytes, b""),
        (Revenue | None, None),
        (int | str | None, None),
        (Annotated[Revenue, "documented"], Revenue()),
        (deque[int], deque()),
    ],
)
def test_the_first_value_is_the_types_own(state_type: Any, first: Any) -> None:
    made = codec(state_type)
    assert made.first() == first
    assert type(made.first()) is type(first)
    assert made.decode({}) == first
    assert made.decode(made.encode(first).value) == first
    assert codec(state_type, keyed=True).decode({}) == {}
    assert codec(state_type, keyed=True).first() == first


def test_each_window_has_a_first_value_of_its_own() -> None:
    for made in (
        codec(dict),
        codec(dict, initial={"seen": []}),
        codec(Basket),
        codec(Basket, initial=Basket([Line()])),
    ):
        first = made.first()
        if isinstance(first, dict):
            first.setdefault("seen", []).append(1)
        else:
            first.lines.append(Line("a"))
        assert made.first() != first


def test_a_given_first_value_is_kept_from_changes_of_the_value_given() -> None:
    given: dict[str, Any] = {"seen": []}
    made = codec(dict, initial=given)
    given["seen"].append(1)
    assert made.first() == {"seen": []}


def test_a_function_is_called_for_each_first_value() -> None:
    numbers = iter(range(10))
    made = codec(dict, initial=lambda: {"number": next(numbers)})
    first = made.first()["number"]
    assert made.first() == {"number": first + 1}


def test_an_empty_state_is_told_from_none_at_all() -> None:
    made = codec(dict[str, int], initial={"a": 1})
    encoded = made.encode({})
    assert encoded.value == {"$value": {}}
    assert encoded.json == b'{"$value":{}}'
    assert made.decode(encoded.value) == {}
    assert made.decode({}) == {"a": 1}
    assert codec(dict, initial=dict).encode({}).value == {"$value": {}}
    assert codec(dict, initial={}).encode({}).value == {}


class Required(BaseModel):
    orders: int


class Excluded(BaseModel):
    seen: int = Field(default=0, exclude=True)


@dataclass
class ExcludedToo:
    seen: Annotated[int, Field(exclude=True)] = 0


class Lossy(BaseModel):
    at: str = "a"

    @field_serializer("at")
    def cut(self, value: str) -> str:
        return value + "!"


class Refused:
    pass


@dataclass
class Initialised:
    a: InitVar[int] = 0


@pytest.mark.parametrize(
    ("state_type", "options", "problem"),
    [
        (Required, {}, "Required has no valid first value: orders: Field required.*pass initial="),
        (datetime, {}, "datetime has no valid first value.*pass initial="),
        (Required | Revenue, {}, r"Required \| Revenue has no first value of its own; pass initial="),
        (Literal["a"], {}, "has no first value of its own; pass initial="),
        (NewType("Cents", int), {}, "has no first value of its own; pass initial="),
        (UUID, {}, "UUID has no valid first value"),
        (Annotated[int, Field(ge=1)], {}, "no valid first value: Input should be greater"),
        (Revenue, {"initial": {"orders": 1}}, "initial=.*expected Revenue, got"),
        (Revenue, {"initial": None}, "initial=None is not a valid Revenue"),
        (int, {"initial": "x"}, "initial='x' is not a valid int"),
        (int, {"initial": lambda: "x"}, "int has no valid first value"),
        (dict, {"initial": [1]}, "expected dict, got"),
        (dict, {"initial": {"a": object()}}, "a: a value of the class object has no exact form"),
        (Excluded, {}, "seen of Excluded would be lost.*exclude=True"),
        (ExcludedToo, {}, "seen of ExcludedToo would be lost.*exclude=True"),
        (Derived, {}, "twice of Derived would be lost.*init=False"),
        (Initialised, {}, "a of Initialised would be lost"),
        (Refused, {}, "pydantic cannot read Refused"),
        (list["Nowhere"], {}, "pydantic cannot read"),  # type: ignore[name-defined]  # noqa: F821  # what is not defined
        (object, {}, "object"),
    ],
)
def test_a_type_that_cannot_be_a_state_is_refused_where_it_is_defined(
    state_type: Any, options: Any, problem: str
) -> None:
    with pytest.raises(HandlerDefinitionError, match=f"^parameter 'state' of revenue\\(\\): .*{problem}"):
        codec(state_type, **options)


def test_a_default_that_is_coerced_to_an_equal_value_is_a_first_value() -> None:
    class Totals(BaseModel):
        total: Decimal = 0  # type: ignore[assignment]  # what users write

    made = codec(Totals)
    assert made.decode(made.encode(made.first()).value).total == Decimal(0)


def test_no_value_given_is_not_none() -> None:
    assert UNSET is not None
    assert codec(Revenue | None, initial=Revenue()).first() == Revenue()


# --- reading ---------------------------------------------------------------------------------------------------------


class Customer(BaseModel):
    total: Decimal = Decimal(0)


class Customers(BaseModel):
    customers: dict[str, Customer] = {}
    either: Customer | Revenue | None = None


@pytest.mark.parametrize(
    ("state_type", "raw", "problem"),
    [
        (Revenue, {"1": "state1"}, "^the event's state is not a valid Revenue: 1: .*migrate="),
        (Revenue, {"orders": "many"}, "orders: Input should be a valid integer.*got 'many'"),
        (Revenue, None, "the event's state is None, not a JSON object"),
        (Revenue, [1], "not a JSON object"),
        (Customers, {"customers": {"a": {"total": "x"}}}, r"customers\.a\.total: .*got 'x'"),
        (Customers, {"customers": {"a": {"total": 1, "more": 2}}}, r"customers\.a\.more"),
        (Customers, {"customers": {"a": {"total": {"$decimal": "x"}}}}, r"customers\.a\.total: \$decimal cannot hold"),
        (Customers, {"customers": {"a": {"total": {"$decimal": "1"}, "more": 2}}}, r"customers\.a\.more"),
        (Customers, {"either": {"total": "x"}}, r"either\.total: "),
        (Customers, {"customers": {str(n): {"total": "x"} for n in range(9)}}, "and 4 more"),
        (Required, {"other": 1}, "orders: Field required"),
        (Basket, {"lines": [{"sku": "a", "color": "red"}]}, r"lines\.0\.color"),
        (Page, {"inner": {"a": {"orders": 1, "more": 2}}}, r"inner\.a\.more"),
        (Outer, {"inner": {"a": 1}, "more": 2}, "more: has no place in the state"),
        (dict[int, int], {"1": 1, "01": 2}, "has no place in the state"),
        (dict[str, set[int]], {"a": [1, 1]}, r"a\.1: has no place in the state"),
        (Tree, {"children": [{"value": 1, "color": 2}]}, r"children\.0\.color"),
        (int, {"$value": "x"}, "valid integer"),
        (int, {"a": 1}, "valid integer"),
        (dict, {"$value": [1]}, r"expected dict, got \[1\]"),
        (Revenue, {"$object": ["Nobody", {}]}, r"\$object cannot hold"),
        (Revenue, {"$object": ["Revenue", {"more": 1}]}, r"\$object cannot hold"),
        (Revenue, {"\ud800": 1}, "valid Revenue"),
    ],
)
def test_a_state_that_is_not_valid_is_refused_with_the_path_and_the_way_out(
    state_type: Any, raw: Any, problem: str
) -> None:
    made = codec(state_type, initial=Required(orders=0)) if state_type is Required else codec(state_type)
    with pytest.raises(WindowStateError, match=problem) as caught:
        made.decode(raw)
    assert isinstance(caught.value, StreamkitError)
    assert isinstance(caught.value, ValueError)


def test_new_fields_with_defaults_may_be_missing() -> None:
    assert codec(Revenue).decode({"orders": 3}) == Revenue(orders=3)


def test_a_model_that_keeps_what_it_does_not_know_keeps_it() -> None:
    made = codec(Outer)
    state = Outer(inner=Open.model_validate({"a": 1, "later": {"x": [Decimal(1)]}}))
    back = made.decode(made.encode(state).value)
    assert back == state
    assert back.inner.model_extra == {"later": {"x": [Decimal(1)]}}


def test_the_raw_sample_of_aws_is_a_state_of_a_dict() -> None:
    assert codec(dict).decode({"1": "state1"}) == {"1": "state1"}


def test_reading_does_not_change_what_is_read() -> None:
    class Popping(BaseModel):
        a: int = 0

        @model_validator(mode="before")
        @classmethod
        def pop(cls, values: Any) -> Any:
            if isinstance(values, dict):
                values.pop("old", None)
            return values

    raw = {"a": 1, "old": 2}
    if HAS_EXTRA:
        assert codec(Popping).decode(raw).a == 1
    else:  # without pydantic's help, what a validator takes away looks like what is lost
        with pytest.raises(WindowStateError, match="old: has no place in the state"):
            codec(Popping).decode(raw)
    assert raw == {"a": 1, "old": 2}


def test_a_validator_may_raise_anything() -> None:
    class Odd2(BaseModel):
        a: int = 1

        @model_validator(mode="after")
        def check(self) -> "Odd2":
            if self.a == 0:
                raise ZeroDivisionError("nothing")
            return self

    with pytest.raises(WindowStateError, match="ZeroDivisionError: nothing"):
        codec(Odd2).decode({"a": 0})
    state = Odd2()
    state.a = 0
    with pytest.raises(WindowStateError, match="ZeroDivisionError: nothing"):
        codec(Odd2).encode(state)


# --- migration -------------------------------------------------------------------------------------------------------


def test_a_state_of_older_code_is_migrated() -> None:
    calls: list[Any] = []

    def migrate(raw: Any) -> Any:
        calls.append(raw)
        return Revenue(orders=raw["count"], total=raw["sum"])

    made = codec(Revenue, migrate=migrate)
    assert made.decode({"count": 1, "sum": {"$decimal": "2.50"}}) == Revenue(orders=1, total=Decimal("2.50"))
    assert calls == [{"count": 1, "sum": Decimal("2.50")}]
    assert made.decode({"orders": 1}) == Revenue(orders=1)
    assert made.decode({}) == Revenue()
    assert len(calls) == 1


def test_a_migration_gets_what_was_in_the_wrapper_and_tags_that_mean_nothing_as_they_are() -> None:
    assert codec(dict, migrate=lambda raw: {"of": raw}).decode({"$value": [3]}) == {"of": [3]}
    assert codec(Revenue, migrate=lambda raw: Revenue(orders=raw)).decode({"$value": 3}) == Revenue(orders=3)
    assert codec(Revenue, migrate=lambda raw: Revenue(orders=len(raw["a"]))).decode({"a": {"$later": 1}}).orders == 1


def test_a_migration_of_states_by_key_gets_and_returns_all_of_them() -> None:
    made = codec(Revenue, keyed=True, migrate=lambda raw: {key: Revenue(orders=one) for key, one in raw.items()})
    assert made.decode({"a": 1, "$3": 2, "$broken": 3}) == {
        "a": Revenue(orders=1),
        3: Revenue(orders=2),
        "$broken": Revenue(orders=3),
    }


@pytest.mark.parametrize("keyed", [False, True])
def test_a_migration_that_fails_says_so(keyed: bool) -> None:
    def broken(_raw: Any) -> Any:
        raise KeyError("sum")

    with pytest.raises(WindowStateError, match="migrate= failed on the event's state: KeyError: 'sum'") as caught:
        codec(Revenue, migrate=broken, keyed=keyed).decode({"a": "x"})
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(WindowStateError, match=r"migrate= returned what is not a valid .*Revenue"):
        codec(Revenue, migrate=lambda _raw: 3, keyed=keyed).decode({"a": "x"})


def test_a_migration_may_return_what_validates() -> None:
    made = codec(Revenue, migrate=lambda raw: {"orders": raw["count"], "total": "1.5"})
    assert made.decode({"count": 2}) == Revenue(orders=2, total=Decimal("1.5"))
    keyed = codec(Revenue, keyed=True, migrate=lambda raw: {key: {"orders": one} for key, one in raw.items()})
    assert keyed.decode({"$1": 2}) == {1: Revenue(orders=2)}


# --- writing ---------------------------------------------------------------------------------------------------------


def changed(state: Any, **members: Any) -> Any:
    """Change a state as pydantic lets a fold do it: unseen."""
    for name, value in members.items():
        state.__dict__[name] = value
    return state


class Child(Revenue):
    more: int = 0


@pytest.mark.parametrize(
    ("state_type", "state", "problem"),
    [
        (Revenue, None, "^returned None: a fold returns the new state$"),
        (dict, None, "^returned None: a fold returns the new state$"),
        (Revenue, {"orders": 1}, "expected Revenue, got"),
        (Revenue, 3, "expected Revenue, got 3"),
        (Basket, Revenue(), "expected Basket, got"),
        (dict, [1], r"expected dict, got \[1\]"),
        (Revenue, changed(Revenue(), orders="many"), "orders: Input should be a valid integer.*got 'many'"),
        (Revenue, changed(Revenue(), orders=None), "orders: Input should be a valid integer.*got None"),
        (Revenue, changed(Revenue(), total=Decimal("NaN")), "total: Input should be a finite number"),
        (Revenue, changed(Revenue(), orders=object()), "orders: a value of the class object"),
        (Customers, changed(Customers(), customers={"a": changed(Customer(), total="x")}), r"customers\.a\.total"),
        (Revenue, Child(more=1), "Child has no exact form"),
        (Customers, Customers(customers={"a": type("Sub", (Customer,), {})()}), r"customers\.a: .*Sub"),
        (Limited, changed(Limited(), count=-1), "count: Input should be greater than or equal to 0"),
        (Limited, changed(Limited(), even=3), "even: .*odd"),
        (Limited, changed(Limited(), names={""}), "names"),
        (Page, {"number": 1, "color": 2}, "color"),
        (Page, {"number": "x"}, "number"),
        (dict[str, int], {1: 1, "1": 2}, "1"),
        (dict, {"a": {"b": [object()]}}, r"a\.b\.0: a value of the class object"),
        (dict, {"a": Revenue()}, "a: a value of the class Revenue"),
        (dict, {"a": Color.RED}, "a: a value of the class Color"),
        (Loose, Loose(anything=object()), "anything: a value of the class object"),
        (Simple, changed(Simple(), kind="c"), "kind: "),
        (Simple, changed(Simple(), color="green"), "color: "),
    ],
)
def test_a_new_state_that_could_not_come_back_is_refused_with_its_path(
    state_type: Any, state: Any, problem: str
) -> None:
    made = codec(state_type)
    with pytest.raises(WindowStateError, match=problem):
        made.encode(state)
    with pytest.raises(WindowStateError, match=problem):
        made.snapshot(state)


def test_a_field_that_was_deleted_is_missed() -> None:
    made = codec(Required, initial=Required(orders=0))
    state = Required(orders=1)
    del state.__dict__["orders"]
    with pytest.raises(WindowStateError, match="orders: Field required"):
        made.encode(state)
    line = Line()
    del line.price
    basket = Basket([Line()])
    del basket.lines
    with pytest.raises(WindowStateError):
        codec(Basket).encode(basket)


def test_a_member_that_validation_makes_right_is_made_right() -> None:
    encoded = codec(Revenue).encode(changed(Revenue(), total=5))
    assert encoded.value == {"orders": 0, "total": "5"}
    assert codec(Strict).encode(changed(Strict(), total=Decimal(5))).value["total"] == "5"


def test_private_attributes_that_would_be_lost_are_refused() -> None:
    class Private(BaseModel):
        a: int = 0
        _seen: int = PrivateAttr(default=0)

        def see(self) -> "Private":
            self._seen += 1
            return self

    made = codec(Private)
    assert made.decode(made.encode(Private(a=1)).value).a == 1
    with pytest.raises(WindowStateError, match="does not come back from JSON as it was"):
        made.encode(Private().see())


def test_a_member_that_validation_would_make_another_is_refused() -> None:
    class Clean(BaseModel):
        name: Annotated[str, Field(max_length=9)] = ""
        model_config = ConfigDict(str_strip_whitespace=True)

    with pytest.raises(WindowStateError, match=r"^the new state is not a valid Clean: name: does not come back"):
        codec(Clean).encode(changed(Clean(), name=" a "))


def test_a_validator_that_changes_what_it_has_made_is_refused() -> None:
    class Growing(BaseModel):
        a: Annotated[int, AfterValidator(lambda value: value + 1)] = 0

    with pytest.raises(HandlerDefinitionError, match="a: does not come back"):
        codec(Growing)


def test_two_classes_of_one_name_are_told_apart_or_refused() -> None:
    def made() -> Any:
        class Same(BaseModel):
            n: int = 0

        return Same

    one, two = made(), made()
    both = codec(one | two, initial=one())
    with pytest.raises(WindowStateError, match="does not come back"):
        both.encode(two())
    other = type("A", (BaseModel,), {"__module__": "elsewhere", "__qualname__": "A"})
    named = codec(A | other, initial=A())
    assert type(named.decode(named.encode(other()).value)) is other


def test_enums_whose_values_are_alike_are_told_apart() -> None:
    class One(Enum):
        X = "x"

    class Other(Enum):
        X = "x"

    class Both(BaseModel):
        either: One | Other = One.X
        odd: Odd | None = None

    made = codec(Both)
    assert made.decode(made.encode(Both(either=Other.X, odd=Odd.PAIR)).value) == Both(either=Other.X, odd=Odd.PAIR)


def test_a_state_nested_deeper_than_pydantic_reads_is_refused_not_written() -> None:
    tree = Tree()
    for _ in range(5000):
        tree = Tree.model_construct(value=1, children=[tree])
    with pytest.raises(WindowStateError):
        codec(Tree).encode(tree)


@pytest.mark.parametrize(
    ("state_type", "state"),
    [
        (Revenue, Revenue(orders=1, total=Decimal("9.99"))),
        (Simple, Simple(names={"a"}, at=datetime(2026, 1, 2, tzinfo=UTC))),
        (Limited, Limited(count=1, even=2)),
        (Loose, Loose(anything=(1, 2))),
        (dict, {"a": Decimal(1)}),
        (dict[str, dict[str, int]], {"a": {"$set": 1}}),
        (int, 3),
    ],
)
def test_a_snapshot_is_not_changed_with_the_state(state_type: Any, state: Any) -> None:
    made = codec(state_type)
    snapshot = made.snapshot(state)
    assert isinstance(snapshot, bytes)
    restored = made.restore(snapshot)
    assert restored == state
    assert isinstance(state, int) or restored is not state


class Bare(BaseModel):
    items: list = []  # type: ignore[type-arg]  # as users write it
    by_name: dict = {}  # type: ignore[type-arg]  # as above
    both: set[frozenset[int]] = set()
    fixed: tuple[int, str] = (0, "")


class Posted(BaseModel):
    a: int = 0
    twice: int = 0

    def model_post_init(self, _context: Any) -> None:
        self.twice = self.a * 2


class Bounds(BaseModel):
    lone: Literal[1, True, "1"] = 1
    by_day: dict[date, int] = {}
    inner: list[dict[str, frozenset[int]]] = []


class Nested(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float")
    sets: set[tuple[frozenset[int], ...]] = set()
    text: str = ""


class SetsOfSets(BaseModel):
    sets: set[frozenset[int]] = set()
    twice: Revenue = Revenue()
    thrice: Revenue | None = None


@pytest.mark.parametrize(
    "state",
    [
        Bare(items=[1, (2,), {3}], by_name={4: Decimal(5)}, both={frozenset({1})}, fixed=(1, "a")),
        Posted(a=2),
        Bounds(lone=True, by_day={date(2026, 1, 2): 3}, inner=[{"a": frozenset({2, 1})}]),
        Bounds(lone="1"),
        Nested(sets={(frozenset({1, 2}),)}),
        SetsOfSets(sets={frozenset({1, 2}), frozenset({3})}, twice=Revenue(orders=1), thrice=Revenue(orders=2)),
    ],
)
def test_rare_types_come_back_as_well(state: Any) -> None:
    made = codec(type(state))
    back = made.decode(json.loads(made.encode(state).json))
    assert back == state
    assert difference(back, state) is None
    assert made.restore(made.snapshot(state)) == state


@pytest.mark.parametrize(
    ("state_type", "state"),
    [
        (list, [1, (2,), {3}]),
        (tuple[int, str], (1, "a")),
        (dict[date, int], {date(2026, 1, 2): 3}),
        (list[dict], [{1: 2}]),  # type: ignore[type-arg]  # as users write it
        (list[datetime], [datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC"))]),
        (list[datetime], [datetime(2026, 1, 2, tzinfo=timezone(timedelta(seconds=1)))]),
    ],
)
def test_containers_whose_json_is_not_faithful_come_back(state_type: Any, state: Any) -> None:
    made = codec(state_type, initial=state)
    assert difference(made.decode(made.encode(state).value), state) is None


def test_a_schema_that_is_unlike_what_pydantic_makes_is_not_taken_for_faithful() -> None:
    assert plan_of({"type": "model", "cls": A, "schema": {"type": "model-fields", "fields": {}}}).natural
    assert not plan_of({"type": "model", "cls": A, "schema": {"type": "any"}}).natural
    assert not plan_of({"type": "list"}).natural
    assert not plan_of({"type": "str", "later": 1}).natural


def test_a_validator_inside_a_state_that_never_returns_the_same_is_refused_when_a_snapshot_is_taken() -> None:
    class Growing(BaseModel):
        a: Annotated[int, AfterValidator(lambda value: value + 1 if value else 0)] = 0

    with pytest.raises(WindowStateError, match="a: does not come back"):
        codec(Growing).snapshot(Growing(a=3))


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ([1], [1, 2], ()),
        ({"a": 1}, {"a": True}, ("a",)),
        ({1: "a"}, {True: "a"}, ()),
        ({"a": [{1.0}]}, {"a": [{1}]}, ("a", 0)),
        ({Decimal("1.0")}, {Decimal("1.00")}, ()),
        ((0.0,), (-0.0,), (0,)),
        ({(1, frozenset({1}))}, {(1, frozenset({True}))}, ()),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")), ()),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=timezone(timedelta(), "Z")), ()),
        (Line("a"), Line("b"), ("sku",)),
        (Revenue(orders=1), Revenue(orders=2), ("orders",)),
        (math.nan, math.nan, None),
    ],
)
def test_states_that_differ_in_anything_differ(one: Any, other: Any, path: Any) -> None:
    assert difference(one, other) == path
    assert difference(one, one) is None


# --- states by key ---------------------------------------------------------------------------------------------------


def test_keys_that_are_texts_are_the_members_names() -> None:
    made = codec(int, keyed=True)
    assert made.encode({"alice": 3}) == ({"alice": 3}, b'{"alice":3}')
    assert made.encode({3: 1, "$x": 2, None: 3, (1, "a"): 4}).value == {
        "$3": 1,
        '$"$x"': 2,
        "$null": 3,
        '${"$tuple":[1,"a"]}': 4,
    }
    assert codec(dict, keyed=True).encode({True: {"$set": 1}}).value == {"$true": {"$dict": [["$set", 1]]}}


@pytest.mark.parametrize("key", [1.5, frozenset({1}), (1, 1.5), Color.RED])
def test_keys_of_other_types_are_refused(key: Any) -> None:
    with pytest.raises(WindowStateError, match=r"the key .* is of the class .*; keys are str, int"):
        codec(int, keyed=True).encode({key: 1})
    with pytest.raises(WindowStateError, match=r"the key .* is of the class .*; keys are str, int"):
        codec(int, keyed=True).check_key(key)


def test_a_key_may_be_looked_at_alone() -> None:
    codec(int, keyed=True).check_key(("a", None, 3))


def test_a_state_may_be_read_with_its_size() -> None:
    assert codec(dict).read({"a": 1}) == ({"a": 1}, len('{"a":1}'))


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"alice": "x"}, "alice: Input should be a valid integer"),
        ({"$x": 1, "a": 1}, r"'\$x' is not the text of a key"),
        ({"$1.5": 1}, r"'\$1.5' is not the text of a key: keys are"),
        ({"$": 1}, r"'\$' is not the text of a key"),
        ({"$1": 1, "$true": 2}, "two members are of the same key"),
    ],
)
def test_states_by_key_that_are_not_valid_are_refused(raw: Any, problem: str) -> None:
    with pytest.raises(WindowStateError, match=f"^the event's state is not a valid dict of int by key: {problem}"):
        codec(int, keyed=True).decode(raw)


def test_every_state_of_a_key_is_looked_at() -> None:
    made = codec(Revenue, keyed=True)
    with pytest.raises(WindowStateError, match="alice: expected Revenue, got None"):
        made.encode({"bob": Revenue(), "alice": None})
    with pytest.raises(WindowStateError, match=r"alice\.orders: "):
        made.encode({"alice": changed(Revenue(), orders="x")})
    with pytest.raises(WindowStateError, match="expected a dict of a state per key, got 3"):
        made.encode(3)
    with pytest.raises(WindowStateError, match="returned None"):
        made.encode(None)
    with pytest.raises(WindowStateError, match="a: expected dict, got 1"):
        codec(dict, keyed=True).decode({"a": 1})


def test_typed_dicts_with_extras_of_their_own_keep_them() -> None:
    class Kept(TypedDict, total=False):
        __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]  # pydantic's way to configure a TypedDict
        a: int

    made = codec(Kept)
    if not HAS_EXTRA:  # pydantic 2.11 does not write them
        with pytest.raises(WindowStateError, match="more: has no place in the state"):
            made.encode({"a": 1, "more": 2})
        return
    assert made.decode(made.encode({"a": 1, "more": 2}).value) == {"a": 1, "more": 2}


def test_an_offset_of_less_than_a_second_comes_back_although_pydantic_does_not_have_it() -> None:
    @dataclass
    class At:
        at: datetime | None = None

    codec = StateCodec(At, "here")
    odd = At(datetime(2026, 1, 2, tzinfo=timezone(timedelta(microseconds=1))))
    again = codec.decode(json.loads(json.dumps(codec.encode(odd).value)))
    assert difference(again, odd) is None


def test_the_state_of_a_key_that_is_of_a_subclass_is_refused_since_it_would_come_back_as_its_base() -> None:
    class More(Revenue):
        currency: str = "EUR"

    with pytest.raises(WindowStateError, match="none of the classes"):
        StateCodec(Revenue, "here", keyed=True).encode({"ada": More()})
