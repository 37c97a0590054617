"""What Powertools needs of its surroundings."""

from collections.abc import Iterator

import pytest
from aws_lambda_powertools import Metrics


@pytest.fixture(autouse=True)
def _powertools_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "orders")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "orders")
    yield
    Metrics().clear_metrics()
