from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit import EventSourceMapping
from streamkit.local.records import StreamRecord, parse_record
from streamkit.local.routing import Router
from tests.filterstrategies import criteria_of
from tests.local.builders import lambda_record, short


def router(**settings: Any) -> Router:
    return Router(EventSourceMapping(**settings))


def record(number: int, item: str = "a", **changes: Any) -> StreamRecord:
    return parse_record(lambda_record(number, item=item, **changes), "it")


def keyed(number: int, keys: dict[str, Any]) -> StreamRecord:
    raw = lambda_record(number)
    raw["dynamodb"]["Keys"] = keys
    return parse_record(raw, "it")


def lanes_of(records: list[StreamRecord], **settings: Any) -> list[list[int]]:
    lanes, _ = router(**settings).divide(records)
    return [[short(one.sequence_number) for one in lane] for lane in lanes]


def test_one_lane_without_filters_gets_everything_as_it_is() -> None:
    records = [record(1), record(2)]
    lanes, left_out = router().divide(records)
    assert [list(lane) for lane in lanes] == [records]
    assert not left_out


def test_nothing_is_nothing_in_every_lane() -> None:
    for lanes in (1, 3):
        divided, left_out = router(parallelization_factor=lanes).divide([])
        assert [list(lane) for lane in divided] == [[]] * lanes
        assert list(left_out) == []


def test_what_the_filters_leave_out_is_in_no_lane() -> None:
    criteria = criteria_of({"eventName": ["REMOVE"]})
    records = [record(1), record(2, eventName="REMOVE"), record(3)]
    lanes, left_out = router(filter_criteria=criteria).divide(records)
    assert [list(lane) for lane in lanes] == [[records[1]]]
    assert list(left_out) == [records[0], records[2]]


def test_filters_and_lanes_go_together() -> None:
    criteria = criteria_of({"eventName": ["REMOVE"]})
    records = [record(n, item=str(n), eventName="REMOVE" if n % 2 else "INSERT") for n in range(1, 21)]
    lanes, left_out = router(filter_criteria=criteria, parallelization_factor=3).divide(records)
    assert sorted(short(one.sequence_number) for lane in lanes for one in lane) == list(range(1, 21, 2))
    assert [short(one.sequence_number) for one in left_out] == list(range(2, 21, 2))


def test_an_empty_list_of_filters_takes_everything() -> None:
    lanes, left_out = router(filter_criteria={"Filters": []}).divide([record(1)])
    assert [len(lane) for lane in lanes] == [1]
    assert not left_out


def test_the_assignment_is_known_beforehand_and_the_same_in_every_process() -> None:
    records = [record(number, item=f"item-{number}") for number in range(1, 9)]
    assert lanes_of(records, parallelization_factor=3) == [[2, 7], [4, 6, 8], [1, 3, 5]]
    assert lanes_of(records, parallelization_factor=2) == [[3, 5, 6], [1, 2, 4, 7, 8]]


def test_many_items_reach_every_lane() -> None:
    records = [record(number, item=str(number)) for number in range(1, 501)]
    for lanes in range(2, 11):
        sizes = [len(lane) for lane in lanes_of(records, parallelization_factor=lanes)]
        assert min(sizes) > 0.5 * 500 / lanes


def test_the_order_of_the_key_attributes_does_not_matter() -> None:
    one, other = {"pk": {"S": "x"}, "sk": {"N": "1"}}, {"sk": {"N": "1"}, "pk": {"S": "x"}}
    lanes = lanes_of([keyed(1, one), keyed(2, other)], parallelization_factor=10)
    assert [lane for lane in lanes if lane] == [[1, 2]]


@pytest.mark.parametrize("lanes", [2, 5, 10])
def test_items_of_one_partition_may_be_in_different_lanes(lanes: int) -> None:
    records = [keyed(n, {"pk": {"S": "x"}, "sk": {"N": str(n)}}) for n in range(1, 101)]
    assert all(lanes_of(records, parallelization_factor=lanes))


@given(st.lists(st.tuples(st.text(min_size=1, max_size=3), st.booleans()), max_size=30), st.integers(1, 10))
def test_every_record_goes_to_one_place_in_order_and_an_item_to_one_lane(
    items: list[tuple[str, bool]], count: int
) -> None:
    records = [
        record(number, item=item, eventName="INSERT" if taken else "REMOVE")
        for number, (item, taken) in enumerate(items, 1)
    ]
    criteria = criteria_of({"eventName": ["INSERT"]})
    one = router(parallelization_factor=count, filter_criteria=criteria)
    lanes, left_out = one.divide(records)
    assert len(lanes) == count
    everywhere = [short(found.sequence_number) for place in (*lanes, left_out) for found in place]
    assert sorted(everywhere) == list(range(1, len(items) + 1))
    for place in (*lanes, left_out):
        numbers = [short(found.sequence_number) for found in place]
        assert numbers == sorted(numbers)
    homes: dict[str, set[int]] = {}
    for index, lane in enumerate(lanes):
        for found in lane:
            homes.setdefault(orjson.loads(found.json)["dynamodb"]["Keys"]["id"]["S"], set()).add(index)
    assert all(len(home) == 1 for home in homes.values())
    # Page by page it comes to the same.
    half = len(records) // 2
    first, second = one.divide(records[:half])[0], one.divide(records[half:])[0]
    assert [[*a, *b] for a, b in zip(first, second, strict=True)] == [list(lane) for lane in lanes]
