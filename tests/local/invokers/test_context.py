from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamkit.local.invokers.context import LocalContext

if TYPE_CHECKING:
    import pytest

CONTEXT = LocalContext("orders", "arn:aws:lambda:us-east-1:123456789012:function:orders:live", "id-1")


def test_a_context_has_what_lambda_gives() -> None:
    assert CONTEXT.function_name == "orders"
    assert CONTEXT.invoked_function_arn.endswith(":orders:live")
    assert CONTEXT.aws_request_id == "id-1"
    assert CONTEXT.function_version == "$LATEST"
    assert CONTEXT.memory_limit_in_mb == "128"
    assert CONTEXT.log_group_name.startswith("/aws/lambda/")
    assert CONTEXT.log_stream_name
    assert (CONTEXT.identity, CONTEXT.client_context, CONTEXT.tenant_id) == (None, None, None)


def test_a_fresh_context_has_almost_15_minutes_left() -> None:
    left = LocalContext("orders", "arn", "id").get_remaining_time_in_millis()
    assert 890_000 < left <= 900_000
    assert isinstance(left, int)


def test_time_runs_out_and_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    context = LocalContext("orders", "arn", "id")
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 600)
    assert 299_000 < context.get_remaining_time_in_millis() <= 300_001
    monkeypatch.setattr(time, "monotonic", lambda: began + 10_000)
    assert context.get_remaining_time_in_millis() == 0
