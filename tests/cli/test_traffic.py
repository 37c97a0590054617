"""What is shown of the shards of a live stream."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from streamkit.cli.traffic import SPAN, Traffic
from streamkit.local.journal import (
    Checkpointed,
    InvocationFinished,
    InvocationStarted,
    MappingUpdated,
    RecordsDiscarded,
    RecordsDoneBefore,
    RecordsExpired,
    RecordsFiltered,
    RecordsRead,
    RetryScheduled,
    SourceNoted,
    Warned,
)

if TYPE_CHECKING:
    from streamkit.local.journal import Fact, OutcomeName

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
SHARD = "shardId-00000001795465606569-d723bb6d"
HEADING = ["shard", "checkpoint", "age", "rec/s", "handled", "waiting", "failed", "lost", "state"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


class Clock:
    now = 1000.0


def numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def read(count: int, shard: str = SHARD) -> RecordsRead:
    return RecordsRead(NOW, shard, numbers(count))


def started(count: int, attempt: int = 1, age: int | None = 1500, shard: str = SHARD) -> InvocationStarted:
    return InvocationStarted(NOW, shard, "r1", attempt, numbers(count), "why", b"{}", iterator_age=age)


def finished(count: int, handled: int, outcome: OutcomeName = "success", shard: str = SHARD) -> InvocationFinished:
    return InvocationFinished(NOW, shard, "r1", 1, outcome, "why", None, None, (), handled, numbers(count))


def traffic_of(*facts: Fact) -> Traffic:
    traffic = Traffic()
    for fact in facts:
        traffic.note(fact)
    return traffic


def seen(traffic: Traffic, width: int = 80, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    with console.capture() as capture:
        console.print(traffic.table(width, height))
    return [line.rstrip() for line in capture.get().splitlines()]


def row(traffic: Traffic, width: int = 80) -> dict[str, str]:
    """Return the row of the one shard."""
    heading, line, _ = seen(traffic, width)
    assert heading.split() == HEADING
    *cells, last = HEADING
    values = line.split()
    age = values.index("-", 2) if values[2] == "-" else 2
    parts = [*values[:2], values[2] if age != 2 or values[2] == "-" else " ".join(values[2:4])]
    rest = values[3 if parts[2] == "-" else 4 :]
    return dict(zip(cells, [*parts, *rest[:5]], strict=True)) | {last: " ".join(rest[5:])}


def test_before_anything_came_it_is_waited_for_records(clock: Clock) -> None:
    assert seen(Traffic()) == ["waiting for records"]


def test_a_shard_has_its_checkpoint_age_rate_and_counts(clock: Clock) -> None:
    traffic = traffic_of(read(50), started(20), finished(20, 20), Checkpointed(NOW, SHARD, "1234"))
    clock.now += 4
    assert row(traffic) == {
        "shard": "d723bb6d",
        "checkpoint": "1234",
        "age": "1.5 s",
        "rec/s": "5",
        "handled": "20",
        "waiting": "30",
        "failed": "0",
        "lost": "0",
        "state": "reading",
    }
    assert traffic.line() == "20 records handled, 5/s, 0 failures, iterator age 1.5 s"


def test_what_a_shard_does_is_its_state(clock: Clock) -> None:
    at = NOW.astimezone() + timedelta(seconds=7)
    traffic = traffic_of(read(2), started(2))
    assert row(traffic)["state"] == "invoking"
    traffic.note(finished(2, 0, "failure"))
    traffic.note(RetryScheduled(NOW, SHARD, "r1", at, "why"))
    assert row(traffic)["state"] == f"retry at {at:%H:%M:%S}"
    assert row(traffic)["failed"] == "1"
    traffic.note(started(2, attempt=2))
    assert row(traffic)["state"] == "attempt 2"


def test_what_is_over_waits_no_more_and_what_was_given_up_is_lost(clock: Clock) -> None:
    record = {"requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2}}
    traffic = traffic_of(
        read(10),
        RecordsFiltered(NOW, SHARD, numbers(1)),
        RecordsDoneBefore(NOW, SHARD, numbers(2)),
        RecordsDiscarded(NOW, SHARD, numbers(3), record, True, None),
        RecordsExpired(NOW, SHARD, numbers(1), "too old"),
        Warned(NOW, SHARD, "careful"),
    )
    assert (row(traffic)["waiting"], row(traffic)["lost"]) == ("3", "4")
    assert traffic.line() == "0 records handled, 0/s, 0 failures, 4 lost, iterator age -"


def test_a_throttle_is_no_failure(clock: Clock) -> None:
    assert row(traffic_of(read(1), finished(1, 0, "throttled")))["failed"] == "0"


def test_facts_of_no_shard_are_no_shard(clock: Clock) -> None:
    assert seen(traffic_of(SourceNoted(NOW, "", "away"), MappingUpdated(NOW, {}))) == ["waiting for records"]


def test_rates_are_those_of_the_last_seconds(clock: Clock) -> None:
    traffic = traffic_of(finished(100, 100))
    clock.now += SPAN
    traffic.note(finished(50, 50))
    assert row(traffic)["rec/s"] == "15"
    clock.now += SPAN / 2
    assert row(traffic)["rec/s"] == "5"


def test_a_shard_that_had_nothing_to_do_for_a_while_is_idle_and_has_no_age(clock: Clock) -> None:
    traffic = traffic_of(read(1), started(1), finished(1, 1))
    clock.now += SPAN + 1
    assert (row(traffic)["state"], row(traffic)["age"]) == ("idle", "-")
    assert traffic.line() == "1 record handled, 0/s, 0 failures, iterator age -"


def test_a_shard_that_waits_for_a_slow_function_is_not_idle(clock: Clock) -> None:
    traffic = traffic_of(read(1), started(1))
    clock.now += 10 * SPAN
    assert (row(traffic)["state"], row(traffic)["age"]) == ("invoking", "1.5 s")


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [(None, "-"), (0, "0.0 s"), (59_900, "59.9 s"), (90_000, "1.5 m"), (5_400_000, "1.5 h"), (86_400_000, "24.0 h")],
)
def test_an_age_has_the_unit_that_suits_it(clock: Clock, milliseconds: int | None, said: str) -> None:
    assert row(traffic_of(read(1), started(1, age=milliseconds)))["age"] == said


@pytest.mark.parametrize(
    ("count", "said"), [(9_999, "9999"), (10_000, "10k"), (1_234_567, "1235k"), (12_345_678, "12M")]
)
def test_a_large_count_stays_short(clock: Clock, count: int, said: str) -> None:
    assert row(traffic_of(finished(1, count)))["handled"] == said


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_every_column_is_there_at_every_width_and_of_a_long_checkpoint_its_end(clock: Clock, width: int) -> None:
    number = "1234567890" * 4
    at = RetryScheduled(NOW, SHARD, "r1", NOW, "why")
    traffic = traffic_of(read(12_000), started(1, age=86_400_000), Checkpointed(NOW, SHARD, number), at)
    lines = seen(traffic, width)
    assert lines[0].split() == HEADING
    assert all(len(line) <= width for line in lines)
    shown = lines[1].split()
    assert SHARD.endswith(shown[0])
    assert number.endswith(shown[1].removeprefix("…"))
    assert len(shown[1]) >= 12
    assert lines[1].endswith(f"retry at {NOW.astimezone():%H:%M:%S}")
    assert (shown[1] == number) == (width >= 120)


def test_thirty_shards_fit_on_a_terminal_and_those_in_trouble_are_among_them(clock: Clock) -> None:
    names = [f"shardId-{number:020d}-{number:08x}" for number in range(30)]
    traffic = traffic_of(*(fact for name in names for fact in (read(2, name), started(2, shard=name))))
    clock.now += 2 * SPAN
    traffic.note(finished(2, 0, "failure", names[29]))
    for name in names[:29]:
        traffic.note(finished(2, 2, "success", name))
    lines = seen(traffic, height=24)
    # With the heading, the line about all and two for what is told.
    assert len(lines) == 22
    assert [line.split()[0] for line in lines[1:20]] == [name[-8:] for name in (*names[:18], names[29])]
    assert lines[20] == "… and 11 more shards"
    assert lines[21] == "58 records handled, 6/s, 1 failure, iterator age 1.5 s"
    assert len(seen(traffic, height=60)) == 32


def test_a_terminal_of_no_height_shows_one_shard_all_the_same(clock: Clock) -> None:
    assert len(seen(traffic_of(read(1)), height=1)) == 3
