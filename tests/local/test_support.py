from __future__ import annotations

from typing import Any

import pytest

from streamkit import EventSourceMapping, StreamkitError, UnsupportedSettingError
from streamkit.local import LocalRunner, LocalTable
from streamkit.local.support import refuse_unsupported
from tests.local.builders import succeed

FILTERS = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
REFUSED = [
    ({"BisectBatchOnFunctionError": True}, "BisectBatchOnFunctionError True"),
    ({"FilterCriteria": FILTERS}, f"FilterCriteria {FILTERS!r}"),
    ({"MaximumBatchingWindowInSeconds": 1}, "MaximumBatchingWindowInSeconds 1"),
    ({"MaximumRecordAgeInSeconds": 60}, "MaximumRecordAgeInSeconds 60"),
    ({"MaximumRecordAgeInSeconds": 86_400}, "MaximumRecordAgeInSeconds 86400"),
    ({"ParallelizationFactor": 2}, "ParallelizationFactor 2"),
    ({"TumblingWindowInSeconds": 30}, "TumblingWindowInSeconds 30"),
    ({"Enabled": False}, "Enabled false"),
    ({"State": "Disabled"}, "Enabled false"),
]


@pytest.mark.parametrize(("settings", "named"), REFUSED)
def test_what_is_not_emulated_is_refused_by_setting_and_value(settings: dict[str, Any], named: str) -> None:
    mapping = EventSourceMapping.model_validate(settings)
    with pytest.raises(UnsupportedSettingError) as caught:
        refuse_unsupported(mapping)
    assert named in str(caught.value)
    assert "leave it out" in str(caught.value)


@pytest.mark.parametrize(("settings", "named"), REFUSED)
def test_a_runner_refuses_it_before_anything_runs(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsupportedSettingError) as caught:
        LocalRunner(succeed, LocalTable("orders"), settings)
    assert named in str(caught.value)
    assert isinstance(caught.value, StreamkitError)


def test_everything_refused_is_named_at_once() -> None:
    mapping = EventSourceMapping(parallelization_factor=3, bisect_batch_on_function_error=True, enabled=False)
    with pytest.raises(UnsupportedSettingError) as caught:
        refuse_unsupported(mapping)
    for named in ("ParallelizationFactor 3", "BisectBatchOnFunctionError True", "Enabled false"):
        assert named in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"MaximumRecordAgeInSeconds": -1},
        {"MaximumRecordAgeInSeconds": 86_401},
        {"MaximumRecordAgeInSeconds": 604_800},
        {"FilterCriteria": {}},
        {"FilterCriteria": {"Filters": []}},
        {"ParallelizationFactor": 1, "TumblingWindowInSeconds": 0, "MaximumBatchingWindowInSeconds": 0},
        {"BisectBatchOnFunctionError": False},
        {"BatchSize": 10_000, "MaximumRetryAttempts": 10_000, "StartingPosition": "LATEST"},
        {
            "Tags": {"a": "b"},
            "KMSKeyArn": "arn:aws:kms:eu-west-1:1:key/1",
            "MetricsConfig": {"Metrics": ["EventCount"]},
        },
    ],
)
def test_what_changes_nothing_or_is_emulated_is_taken(settings: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, LocalTable("orders"), settings)
    assert runner.mapping == EventSourceMapping.model_validate(settings)
