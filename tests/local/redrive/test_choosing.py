"""Which records of a range were the batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamkit.local.recordlist import Records
from streamkit.local.records import parse_record
from streamkit.local.redrive.choosing import choose
from streamkit.local.redrive.extent import Fetched
from streamkit.local.routing import Router
from streamkit.mapping import EventSourceMapping
from tests.local.builders import full, lambda_record, short
from tests.local.redrive.documents import batch_of, document

# Records 1 to 9, of which the odd ones are inserts.
NINE = [lambda_record(n, item=str(n), eventName="INSERT" if n % 2 else "MODIFY") for n in range(1, 10)]
INSERTS = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]}}
REMOVES = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": ["REMOVE"]})}]}}


def chosen(
    settings: dict[str, Any], first: int, last: int, size: int, *, gone: str = "", lanes_known: bool = True
) -> tuple[list[int], str]:
    fetched = Fetched(Records.of(parse_record(raw, "it") for raw in NINE[first - 1 : last]), gone)
    mapping = EventSourceMapping.model_validate(settings)
    records, note = choose(fetched, batch_of(document(first, last, size)), mapping, lanes_known=lanes_known)
    return [short(number) for number in records.numbers], note


def lane_of(place: int, lanes: int) -> list[int]:
    """Return which of the nine records the lane of this one has."""
    router = Router(EventSourceMapping(parallelization_factor=lanes))
    divided, _ = router.divide([parse_record(raw, "it") for raw in NINE])
    (mine,) = (lane for lane in divided if full(place) in lane.numbers)
    return [short(number) for number in mine.numbers]


def test_without_filters_and_lanes_it_is_the_whole_range() -> None:
    assert chosen({}, 2, 5, 4) == ([2, 3, 4, 5], "")


def test_what_the_filters_leave_is_the_batch_if_it_is_as_many() -> None:
    assert chosen(INSERTS, 3, 7, 3) == ([3, 5, 7], "")


@pytest.mark.parametrize("lanes", [2, 3, 10])
def test_a_lane_that_has_as_many_is_the_batch(lanes: int) -> None:
    mine = max((lane_of(place, lanes) for place in range(1, 10)), key=len)
    assert 1 < len(mine) < 9
    assert chosen({"ParallelizationFactor": lanes}, mine[0], mine[-1], len(mine)) == (mine, "")


def test_a_range_that_is_all_of_one_lane_needs_no_lanes() -> None:
    assert chosen({"ParallelizationFactor": 3}, 1, 9, 9) == (list(range(1, 10)), "")


def test_how_aws_divides_a_shard_is_not_known_so_that_all_are_run() -> None:
    mine = max((lane_of(place, 3) for place in range(1, 10)), key=len)
    numbers, note = chosen({"ParallelizationFactor": 3}, mine[0], mine[-1], len(mine), lanes_known=False)
    assert numbers == list(range(mine[0], mine[-1] + 1))
    assert f"the batch was {len(mine)} of the {len(numbers)} records in its range that match" in note
    assert "(how AWS divides a shard for ParallelizationFactor is not)" in note


def test_more_than_there_were_are_run_and_said_with_what_would_help() -> None:
    numbers, note = chosen({}, 1, 5, 2)
    assert numbers == [1, 2, 3, 4, 5]
    assert note == (
        "the batch was 2 of the 5 records in its range that match: which ones is not known (with the "
        "--parallelization-factor and the --filter-criteria of then they may be), so that all 5 are run"
    )


def test_lanes_that_do_not_fit_are_said_and_all_are_run() -> None:
    mine = max((lane_of(place, 3) for place in range(1, 10)), key=len)
    numbers, note = chosen({"ParallelizationFactor": 3}, mine[0], mine[-1], len(mine) - 1)
    assert numbers == list(range(mine[0], mine[-1] + 1))
    assert "which ones is not known, so that all" in note


@pytest.mark.parametrize(
    ("settings", "size"),
    [(INSERTS, 5), (REMOVES, 3), (INSERTS, 2)],
    ids=["takes fewer", "takes none", "takes as many others"],
)
def test_filters_that_have_changed_since_lose_nothing(settings: dict[str, Any], size: int) -> None:
    numbers, note = chosen(settings, 2, 6, size)
    assert numbers == [2, 3, 4, 5, 6]
    assert "they have changed since, so that all are run" in note


def test_of_a_range_that_is_partly_trimmed_what_matches_is_run_without_counting() -> None:
    assert chosen(INSERTS, 3, 7, 9, gone="trimmed") == ([3, 5, 7], "")
    assert chosen(REMOVES, 3, 7, 9, gone="trimmed") == ([3, 4, 5, 6, 7], "")
