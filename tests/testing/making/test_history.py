from __future__ import annotations

from collections import Counter
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, model_validator

from streamkit.attributes import deserialize_item
from streamkit.decoding import decoder_for
from streamkit.testing.making.history import Action, History, Step, draw_step
from streamkit.testing.making.hypothesisdraws import HypothesisDraws
from streamkit.testing.values import item_maker_of
from tests.testing.making.made import seeded

ACTIONS: tuple[Action, ...] = get_args(Action)


class Order(BaseModel):
    id: int
    total: int = 0
    note: str = ""


class Tied(BaseModel):
    """Its key says what it holds: no item can be put under another's."""

    id: str
    number: int

    @model_validator(mode="after")
    def says_so(self) -> Tied:
        assert self.id == f"N{self.number}"
        return self


def history(image_type: Any = Order, most: int = 3) -> History:
    decode = decoder_for(image_type, "a test")
    assert decode is not None
    return History(decode, key="id", view_type="NEW_AND_OLD_IMAGES", table="orders", most=most)


def happened(made: History) -> list[tuple[str, Any, Any]]:
    """Return what the records say: the kind of each, its old image and its new one."""

    def image(record: dict[str, Any], name: str) -> Any:
        return deserialize_item(record["dynamodb"][name]) if name in record["dynamodb"] else None

    return [(record["eventName"], image(record, "OldImage"), image(record, "NewImage")) for record in made.records]


def after(*steps: Step, image_type: Any = Order, most: int = 3) -> list[tuple[str, Any, Any]]:
    made = history(image_type, most)
    for step in steps:
        made.take(step)
    return happened(made)


ONE, TWO, LAST = {"id": 1, "total": 1}, {"id": 2, "total": 2}, {"id": 9, "total": 9, "note": "x"}


def test_what_is_put_is_inserted_and_what_is_put_again_is_modified() -> None:
    other = {"id": 1, "total": 5}
    assert after(Step("put", ONE), Step("put", other)) == [("INSERT", None, ONE), ("MODIFY", ONE, other)]


def test_an_update_changes_one_attribute_and_a_replacement_all() -> None:
    assert after(Step("put", ONE), Step("update", LAST)) == [
        ("INSERT", None, ONE),
        ("MODIFY", ONE, {"id": 1, "total": 9}),
    ]
    assert after(Step("put", ONE), Step("update", LAST, which=1))[-1] == ("MODIFY", ONE, {**ONE, "note": "x"})
    assert after(Step("put", LAST), Step("update", ONE, which=1))[-1] == ("MODIFY", LAST, {"id": 9, "total": 9})
    assert after(Step("put", ONE), Step("replace", LAST))[-1] == ("MODIFY", ONE, {**LAST, "id": 1})


def test_a_deleted_item_is_inserted_again() -> None:
    steps = [Step("put", ONE), Step("delete", TWO), Step("put", LAST, which=1)]
    assert after(*steps) == [("INSERT", None, ONE), ("REMOVE", ONE, None), ("INSERT", None, {**LAST, "id": 1})]
    assert after(*steps[:2], Step("put", LAST, which=2))[-1] == ("INSERT", None, LAST)


def test_only_an_end_by_time_to_live_names_the_service() -> None:
    made = history()
    for step in (Step("put", ONE), Step("delete", ONE), Step("put", ONE), Step("expire", ONE)):
        made.take(step)
    assert ["userIdentity" in record for record in made.records] == [False, False, False, True]


def test_a_write_that_would_change_nothing_is_a_deletion() -> None:
    assert after(Step("put", ONE), Step("put", ONE))[-1] == ("REMOVE", ONE, None)
    assert after(Step("put", ONE), Step("replace", ONE))[-1] == ("REMOVE", ONE, None)
    assert after(Step("put", ONE), Step("update", {"id": 3, "total": 1}))[-1] == ("REMOVE", ONE, None)


def test_without_items_everything_is_an_insertion() -> None:
    assert [after(Step(action, ONE)) for action in ACTIONS] == [[("INSERT", None, ONE)]] * len(ACTIONS)


def test_there_are_no_more_keys_than_there_may_be() -> None:
    assert after(Step("put", ONE), Step("put", TWO), most=1)[-1] == ("MODIFY", ONE, {**TWO, "id": 1})
    assert after(Step("put", ONE), Step("delete", ONE), Step("put", TWO), most=1)[-1] == (
        "INSERT",
        None,
        {**TWO, "id": 1},
    )


def test_an_item_that_does_not_go_under_another_key_has_its_own() -> None:
    one, two = {"id": "N1", "number": 1}, {"id": "N2", "number": 2}
    steps = [Step("put", one), Step("delete", one), Step("put", two, which=1)]
    assert after(*steps, image_type=Tied, most=1)[-1] == ("INSERT", None, two)
    assert after(Step("put", one), Step("replace", two), image_type=Tied)[-1] == ("REMOVE", one, None)
    # One is there, and one was: no third is put, as there are enough.
    third = Step("put", {"id": "N3", "number": 3})
    assert after(*steps, third, image_type=Tied, most=1)[-1] == ("REMOVE", two, None)


def test_time_passes_between_steps() -> None:
    made = history()
    made.take(Step("put", ONE, seconds=5))
    made.take(Step("delete", ONE, seconds=7))
    times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in made.records]
    assert times == [1767225605, 1767225612]


@pytest.mark.parametrize("image_type", [Order, Tied])
@settings(max_examples=40)
@given(data=st.data())
def test_each_step_makes_one_record_that_follows_from_those_before_it(image_type: Any, data: st.DataObject) -> None:
    number = st.integers(0, 3)
    items = {
        Order: st.fixed_dictionaries({"id": number}, optional={"total": number, "note": st.sampled_from("ab")}),
        Tied: number.map(lambda one: {"id": f"N{one}", "number": one}),
    }[image_type]
    step = st.builds(Step, st.sampled_from(ACTIONS), items, st.integers(0, 9), st.integers(0, 9))
    steps = data.draw(st.lists(step, max_size=8))
    records = after(*steps, image_type=image_type, most=2)
    assert len(records) == len(steps)
    follows(records)


def follows(records: list[tuple[str, Any, Any]]) -> None:
    """Check that each old image is what its item was last."""
    items: dict[Any, Any] = {}
    for name, old, new in records:
        key = (old or new)["id"]
        assert old == items.get(key)
        assert old != new
        assert name == ("INSERT" if old is None else "REMOVE" if new is None else "MODIFY")
        items[key] = new


def test_all_that_can_happen_is_drawn() -> None:
    draws, make = seeded(0), item_maker_of(Order)
    made = history()
    for _ in range(200):
        made.take(draw_step(draws, make))
    kinds = Counter(name for name, _, _ in happened(made))
    assert min(kinds[name] for name in ("INSERT", "MODIFY", "REMOVE")) > 20
    follows(happened(made))
    assert len({record["dynamodb"]["Keys"]["id"]["N"] for record in made.records}) == 3


@settings(max_examples=20)
@given(st.data())
def test_any_step_can_be_drawn(data: st.DataObject) -> None:
    step = draw_step(HypothesisDraws(data.draw), item_maker_of(dict))
    assert step.action in ACTIONS
    assert step.seconds >= 0
