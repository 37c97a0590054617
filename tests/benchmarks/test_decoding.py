"""The decoding benchmark, small: that it measures what it says. How fast a machine is is no test's business."""

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from benchmarks import decoding
from benchmarks.decoding import Address, Goal, Line, Order
from streamkit.attributes import deserialize_item

TYPED, UNTYPED = "abdef", "cghi"
RECORDS = [decoding.record(number) for number in range(4)]
EVENT = {"Records": RECORDS}
NEW = [deserialize_item(record["dynamodb"]["NewImage"]) for record in RECORDS]
OLD = [deserialize_item(record["dynamodb"]["OldImage"]) for record in RECORDS]

Taken = list[tuple[Any, Any]]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """What the ways bring: it grows as they run."""
    pairs: Taken = []
    monkeypatch.setattr(decoding, "take", lambda new, old: pairs.append((new, old)))
    return pairs


def test_a_record_has_about_1800_bytes_and_twelve_attributes_that_have_all_kinds_of_values() -> None:
    assert all(1_650 < len(orjson.dumps(decoding.record(number))) < 1_850 for number in range(1_000))
    tags = [tag for value in RECORDS[0]["dynamodb"]["NewImage"].values() for tag in value]
    assert len(tags) == 12
    assert set(tags) == {"S", "N", "BOOL", "NULL", "SS", "M", "L"}


def test_records_differ_from_each_other_and_their_images_too() -> None:
    records = [decoding.record(number) for number in range(1_000)]
    assert len({orjson.dumps(record["dynamodb"]["NewImage"]) for record in records}) == 1_000
    assert all(record["dynamodb"]["NewImage"] != record["dynamodb"]["OldImage"] for record in records)


def test_an_order_has_typed_members_all_the_way_down() -> None:
    assert Order.model_validate(OLD[1]) == Order(
        id=1_000_001,
        customer="00000001-0000-4000-8000-000000000001",
        email="somebody.1@mail.example.com",
        status="placed",
        total=Decimal("20.01"),
        placed_at=datetime(2026, 1, 1, 0, 0, 1, 1, tzinfo=UTC),
        paid=False,
        note="please leave it with the neighbours",
        tags={"gift", "express", "week-1"},
        address=Address(street="1 Long Street", city="Springfield", postcode="00001", country="US"),
        lines=[
            Line(sku="SHIRT-00000002-BLUE-XL", qty=2, price=Decimal("19.95")),
            Line(sku="SHIRT-00000003-BLUE-XL", qty=3, price=Decimal("29.95")),
        ],
        version=1,
    )


def test_every_way_is_either_typed_or_not() -> None:
    assert sorted(TYPED + UNTYPED) == list(decoding.WAYS)


@pytest.mark.parametrize("letter", TYPED)
def test_every_typed_way_brings_the_same_orders(letter: str, taken: Taken) -> None:
    way = decoding.WAYS[letter]
    way.run(way.prepared(copy.deepcopy(EVENT)))
    assert taken == [(Order.model_validate(new), Order.model_validate(old)) for new, old in zip(NEW, OLD, strict=True)]


@pytest.mark.parametrize("letter", UNTYPED)
def test_every_untyped_way_brings_the_same_dicts(letter: str, taken: Taken) -> None:
    way = decoding.WAYS[letter]
    way.run(way.prepared(copy.deepcopy(EVENT)))
    assert taken == list(zip(NEW, OLD, strict=True))


@pytest.mark.parametrize("letter", decoding.WAYS)
def test_every_round_does_the_work_anew(letter: str, taken: Taken) -> None:
    data = orjson.dumps(EVENT)
    for _ in range(2):
        assert decoding.seconds(decoding.WAYS[letter], data) > 0
    assert len(taken) == 2 * len(RECORDS)
    assert taken[: len(RECORDS)] == taken[len(RECORDS) :]
    assert len({id(image) for pair in taken for image in pair}) == 4 * len(RECORDS)


@pytest.mark.parametrize("letter", sorted(set(decoding.WAYS) - {"e"}))
def test_what_is_decoded_is_decoded_inside_of_what_is_measured(letter: str) -> None:
    prepared = decoding.WAYS[letter].prepared(copy.deepcopy(EVENT))
    images = decoding.images_of(EVENT)
    assert prepared in (EVENT, images)


def test_the_yardstick_validates_images_that_were_decoded_before() -> None:
    assert decoding.WAYS["e"].prepared(copy.deepcopy(EVENT)) == list(zip(NEW, OLD, strict=True))


def test_every_way_is_measured_in_every_round(taken: Taken) -> None:
    measured = decoding.measure(3, 2)
    assert list(measured) == list("abcdefghi")
    assert all(len(times) == 2 and min(times) > 0 for times in measured.values())
    assert len(taken) == 9 * 2 * 3


@pytest.mark.parametrize(
    ("goal", "ratio", "reached"),
    [
        (Goal("f", "e", "at most", 1.0), 1.0, True),
        (Goal("f", "e", "at most", 1.0), 1.01, False),
        (Goal("b", "a", "at least", 5), 5.0, True),
        (Goal("b", "a", "at least", 5), 4.99, False),
    ],
)
def test_a_goal_is_reached_up_to_its_limit(goal: Goal, ratio: float, *, reached: bool) -> None:
    assert goal.reached(ratio) is reached


SLOW = {"a": 4.0, "b": 8.0, "c": 3.0, "d": 9.0, "e": 1.0, "f": 2.0, "g": 2.0, "h": 3.0, "i": 2.0}
FAST = SLOW | {"a": 1.2, "c": 4.0, "f": 1.0, "h": 4.0}


@pytest.mark.parametrize(("microseconds", "missed"), [(SLOW, 5), (FAST, 0), (FAST | {"f": 1.1}, 1)])
def test_the_report_has_microseconds_and_ratios_and_says_what_was_missed(
    microseconds: dict[str, float], missed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(batch: int, rounds: int) -> decoding.Seconds:
        return {letter: [value * batch / 1e6] * rounds for letter, value in microseconds.items()}

    monkeypatch.setattr(decoding, "measure", measured)
    code = decoding.main(["--rounds", "3", "--batch", "10", "20"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(" 3 rounds" in line for line in lines) == 2
    assert "    8.00 us a record  b  Powertools' BatchProcessor with a model" in lines
    assert sum(line.startswith(f"{8 / microseconds['a']:8.2f} x b/a, goal at least 5: ") for line in lines) == 2
    assert sum("MISSED" in line for line in lines) == 2 * missed
    assert sum("reached" in line for line in lines) == 2 * (5 - missed)
    assert code == (1 if missed else 0)


def test_one_batch_that_misses_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "measure", lambda batch, rounds: batch)
    monkeypatch.setattr(decoding, "report", lambda batch, taken: batch != 100)
    assert decoding.main(["--batch", "100", "1000"]) == 1
    assert decoding.main(["--batch", "1000"]) == 0


def test_the_work_itself_is_measured_with_images_that_stay_in_the_caches() -> None:
    assert 0.1 < decoding.cached_ratio(1) < 100
