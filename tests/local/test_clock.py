from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from streamkit.local.clock import SystemClock, VirtualClock, aware

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)


def test_two_virtual_clocks_start_at_the_same_time() -> None:
    assert VirtualClock().now() == VirtualClock().now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_virtual_clock_stands_still_by_itself() -> None:
    clock = VirtualClock(NOON)
    assert [clock.now(), clock.now()] == [NOON, NOON]


def test_a_virtual_clock_sleeps_in_no_time() -> None:
    clock = VirtualClock(NOON)
    began = time.monotonic()
    clock.sleep_until(NOON + timedelta(days=365))
    assert clock.now() == NOON + timedelta(days=365)
    assert time.monotonic() - began < 1


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock(NOON)
    clock.sleep_until(NOON - timedelta(hours=1))
    assert clock.now() == NOON


def test_times_of_other_zones_become_utc() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    clock = VirtualClock(there)
    clock.sleep_until(there + timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    assert clock.now().tzinfo is UTC
    assert aware(there, "here").tzinfo is UTC


def test_a_datetime_without_a_zone_is_refused_with_the_place_and_the_fix() -> None:
    for where, use in (
        ("VirtualClock(start)", lambda: VirtualClock(NAIVE)),
        ("sleep_until", lambda: VirtualClock().sleep_until(NAIVE)),
        ("sleep_until", lambda: SystemClock().sleep_until(NAIVE)),
    ):
        with pytest.raises(ValueError, match="tzinfo=UTC") as caught:
            use()
        assert str(caught.value).startswith(where)
        assert repr(NAIVE) in str(caught.value)


def test_a_virtual_clock_shows_its_time() -> None:
    assert repr(VirtualClock(NOON)) == "VirtualClock(2026-05-04T12:00:00+00:00)"


def test_the_system_clock_is_the_machines() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_the_system_clock_really_sleeps() -> None:
    clock = SystemClock()
    until = clock.now() + timedelta(milliseconds=30)
    clock.sleep_until(until)
    assert clock.now() >= until - timedelta(milliseconds=1)


def test_the_system_clock_does_not_wait_for_the_past() -> None:
    clock = SystemClock()
    began = time.monotonic()
    clock.sleep_until(clock.now() - timedelta(hours=1))
    assert time.monotonic() - began < 1
