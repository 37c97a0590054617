from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.retries import STREAM_RETENTION, back_off


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 0.25), (2, 0.5), (3, 1), (4, 2), (8, 32), (9, 60), (10, 60), (10_000, 60), (10**9, 60)],
)
def test_the_wait_doubles_up_to_a_minute_give_or_take_a_quarter(failures: int, seconds: float) -> None:
    waits = [back_off(failures, seed).total_seconds() for seed in range(200)]
    assert seconds * 0.75 <= min(waits) < seconds * 0.8
    assert seconds * 1.2 < max(waits) <= seconds * 1.25


@given(st.integers(), st.text(), st.integers(1, 100))
def test_the_same_parts_wait_equally_long(seed: int, shard_id: str, failures: int) -> None:
    assert back_off(failures, seed, shard_id) == back_off(failures, seed, shard_id) > timedelta(0)


def test_different_shards_and_attempts_have_different_jitter() -> None:
    assert len({back_off(20, 0, shard) for shard in range(10)}) == 10
    assert len({back_off(failures, 0) for failures in range(20, 30)}) == 10


def test_a_stream_holds_a_record_for_a_day() -> None:
    assert timedelta(days=1) == STREAM_RETENTION
