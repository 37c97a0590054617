"""What holds of any settings: they are answered as they were given, and an update changes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.outside.mapped import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.outside.serving import Around, Server

DEFAULTS: dict[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
QUEUE = "arn:aws:sqs:us-east-2:123456789012:dlq"
PATTERNS = ['{"eventName": ["INSERT"]}', '{"dynamodb": {"Keys": {"id": {"S": [{"prefix": "\\u00e4"}]}}}}']


def _filters() -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(st.sampled_from(PATTERNS).map(lambda text: {"Pattern": text}), max_size=5).map(
        lambda filters: {"Filters": filters}
    )


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "BatchSize": st.integers(1, 10_000),
        "BisectBatchOnFunctionError": st.booleans(),
        "DestinationConfig": st.sampled_from([{"OnFailure": {}}, {"OnFailure": {"Destination": QUEUE}}]),
        "FilterCriteria": _filters(),
        "FunctionResponseTypes": st.sampled_from([[], ["ReportBatchItemFailures"]]),
        "MaximumBatchingWindowInSeconds": st.integers(0, 300),
        "MaximumRecordAgeInSeconds": st.just(-1) | st.integers(60, 604_800),
        "MaximumRetryAttempts": st.integers(-1, 10_000),
        "ParallelizationFactor": st.integers(1, 10),
        "TumblingWindowInSeconds": st.just(0) | st.integers(1, 900),
    },
)


@pytest.fixture(scope="module")
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


@pytest.fixture(scope="module")
def stream(around: Around) -> str:
    return around.table("properties")


def refused(merged: dict[str, Any]) -> bool:
    """Whether these do not go together (SEMANTICS §1)."""
    crowded = merged["ParallelizationFactor"] > 1 or merged.get("FilterCriteria", {}).get("Filters")
    return bool(merged["TumblingWindowInSeconds"] and crowded)


def answered(merged: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer says of settings."""
    return {name: value for name, value in merged.items() if value != {"Filters": []}}


def told(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name in {*DEFAULTS, "FilterCriteria"}}


# Each example makes a mapping and deletes it, which takes a moment: states do. So none is made smaller.
@given(first=SETTINGS, second=SETTINGS)
@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_what_is_given_is_answered_and_an_update_changes_no_more(
    first: dict[str, Any], second: dict[str, Any], stream: str, mappings: Mappings
) -> None:
    wanted = {**DEFAULTS, **first}
    if refused(wanted):
        with pytest.raises(mappings.errors.InvalidParameterValueException):
            mappings.create(stream, Enabled=False, **first)
        assert mappings.listed() == []
        return
    made = mappings.create(stream, Enabled=False, **first)
    uuid = made["UUID"]
    try:
        assert told(made) == answered(wanted)
        assert told(mappings.settled(uuid)) == answered(wanted)
        changed = {**wanted, **second}
        if refused(changed):
            with pytest.raises(mappings.errors.InvalidParameterValueException):
                mappings.client.update_event_source_mapping(UUID=uuid, **second)
            assert told(mappings.get(uuid)) == answered(wanted)
        else:
            assert told(mappings.client.update_event_source_mapping(UUID=uuid, **second)) == answered(wanted)
            assert told(mappings.settled(uuid)) == answered(changed)
            (listed,) = mappings.client.list_event_source_mappings()["EventSourceMappings"]
            assert told(listed) == answered(changed)
    finally:
        mappings.settled(uuid)
        mappings.deleted(uuid)
