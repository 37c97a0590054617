from __future__ import annotations

from typing import Any

import pytest

from streamkit import EventSourceMapping, StreamkitError, UnsupportedSettingError
from streamkit.local import LocalRunner, LocalTable
from tests.local.builders import succeed

FILTERS = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}


def test_what_is_not_emulated_is_refused_by_setting_and_value() -> None:
    with pytest.raises(UnsupportedSettingError, match=r"TumblingWindowInSeconds 30 .*leave it out") as caught:
        LocalRunner(succeed, LocalTable("orders"), {"TumblingWindowInSeconds": 30})
    assert isinstance(caught.value, StreamkitError)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"MaximumRecordAgeInSeconds": -1},
        {"MaximumRecordAgeInSeconds": 60},
        {"MaximumRecordAgeInSeconds": 604_800},
        {"FilterCriteria": {}},
        {"FilterCriteria": {"Filters": []}},
        {"FilterCriteria": FILTERS},
        {"ParallelizationFactor": 10, "TumblingWindowInSeconds": 0, "MaximumBatchingWindowInSeconds": 300},
        {"BisectBatchOnFunctionError": True},
        {"BatchSize": 10_000, "MaximumRetryAttempts": 10_000, "StartingPosition": "LATEST"},
        {"Enabled": False},
        {"State": "Disabled"},
        {
            "Tags": {"a": "b"},
            "KMSKeyArn": "arn:aws:kms:eu-west-1:1:key/1",
            "MetricsConfig": {"Metrics": ["EventCount"]},
        },
    ],
)
def test_everything_else_is_taken(settings: dict[str, Any]) -> None:
    runner = LocalRunner(succeed, LocalTable("orders"), settings)
    assert runner.mapping == EventSourceMapping.model_validate(settings)
