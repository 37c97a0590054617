"""The windows of a run, and the answer to "why did my window not close?"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import Journal, LocalRunner
from streamkit.local.windowlog import WindowLog, WindowRun
from tests.local.builders import Tallying, after, table_at, table_of, tumbling

if TYPE_CHECKING:
    from pathlib import Path


def the_window(runner: LocalRunner) -> WindowRun:
    (window,) = runner.windows
    return window


def run_of(*times: float, **arguments: Any) -> LocalRunner:
    return LocalRunner(Tallying({}), table_at(*times), tumbling(10), **arguments)


def test_an_open_window_waits_for_a_later_record_a_time_or_the_end_of_its_shard() -> None:
    runner = run_of(3)
    runner.advance(seconds=5)
    window = the_window(runner)
    assert (window.start, window.end, window.opened_at, window.closes_at) == (after(0), after(10), after(3), after(130))
    assert (window.invocations, window.records, window.closed_at, window.cause, window.how) == (1, 1, None, None, None)
    assert window.waits_for == (
        "a record that was created at 2026-01-01T00:00:10Z or later (the records' clock), or, without one, "
        "2026-01-01T00:02:10Z on the runner's clock, or the end of its shard"
    )
    assert str(window) == (
        f"window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of {window.shard_id}: 1 record in 1 invocation; open, "
        f"waits for: {window.waits_for}"
    )


def test_a_closed_window_says_when_and_why_and_waits_for_nothing() -> None:
    runner = run_of(3, 4)
    runner.run()
    window = the_window(runner)
    assert (window.closed_at, window.cause, window.how) == (after(130), "no later record", "processed")
    assert window.waits_for == ""
    assert str(window) == (
        f"window 2026-01-01T00:00:00Z to 2026-01-01T00:00:10Z of {window.shard_id}: 2 records in 3 invocations; "
        f"processed at 2026-01-01T00:02:10Z, since no later record came in time after its end"
    )


def test_a_window_whose_final_invocation_runs_says_why_it_does() -> None:
    runner = run_of(0, 15, duration=5)
    runner.advance(seconds=16)
    assert the_window(runner).waits_for == "its final invocation is under way: a record of a later window was read"
    assert the_window(runner).cause == "later record"


def test_a_window_whose_final_invocation_failed_says_when_it_is_tried_again() -> None:
    runner = LocalRunner(Tallying({}, bad_finals=None), table_at(0, 15), tumbling(10))
    runner.advance(seconds=15.1)
    window = the_window(runner)
    assert window.retry_at is not None
    assert window.waits_for == (
        "its final invocation failed and is tried again at 2026-01-01T00:00:15Z on the runner's clock"
    )
    runner.advance(hours=25)
    assert runner.windows[0].how == "expired"
    assert runner.windows[0].waits_for == ""
    assert runner.windows[0].retry_at is None


def test_a_window_with_a_batch_that_failed_says_when_that_is_tried_again() -> None:
    runner = LocalRunner(Tallying({1: 2}), table_at(0), tumbling(10))
    runner.advance(seconds=0.1)
    assert the_window(runner).waits_for == (
        "an invocation of it failed and is tried again at 2026-01-01T00:00:00Z on the runner's clock"
    )
    runner.advance(seconds=30)
    assert the_window(runner).waits_for.startswith("a record that was created at")


def test_a_window_of_a_disabled_mapping_says_so_until_it_is_enabled_again() -> None:
    runner = run_of(0, duration=5)
    runner.advance(seconds=1)
    runner.disable()
    assert the_window(runner).waits_for == "the mapping is disabled: it waits until it is enabled again"
    runner.update(batch_size=7)
    assert not the_window(runner).enabled
    runner.enable()
    assert the_window(runner).enabled


def test_a_discarded_window_says_so() -> None:
    settings = tumbling(10) | {"MaximumRetryAttempts": 0}
    runner = LocalRunner(Tallying({}, bad_finals=None), table_of(1), settings)
    runner.run()
    assert the_window(runner).how == "discarded"
    assert "discarded at 2026-01-01T00:02:10Z, since no later record" in str(the_window(runner))


def test_windows_stand_in_the_order_in_which_they_opened() -> None:
    runner = run_of(0, 15, 25)
    runner.run()
    assert [window.start for window in runner.windows] == [after(0), after(10), after(20)]


@pytest.mark.parametrize("keep", [True, False])
def test_a_log_that_keeps_nothing_counts_what_closed_and_holds_what_is_open(keep: bool) -> None:
    journal, log = Journal(keep=False), WindowLog(keep=keep)
    journal.subscribe(log)
    runner = LocalRunner(Tallying({}), table_at(0, 15, 25), tumbling(10), journal=journal)
    runner.advance(seconds=30)
    assert [window.start for window in log.open] == [after(20)]
    assert log.closed == {"later record": 2}
    assert len(log.windows) == (3 if keep else 1)
    runner.run()
    assert log.open == []
    assert log.closed == {"later record": 2, "no later record": 1}
    assert len(log.windows) == (3 if keep else 0)
    assert runner.windows == []


def test_records_outside_of_windows_are_in_none() -> None:
    runner = run_of(0, 20)
    runner.advance(seconds=5)
    runner.update(tumbling(0))
    runner.run()
    assert [(window.records, window.invocations) for window in runner.windows] == [(1, 2)]


def test_a_window_that_an_earlier_run_left_open_in_a_mapping_that_is_disabled_now_says_so(tmp_path: Path) -> None:
    table = table_at(0, 1)
    first = LocalRunner(Tallying({}), table, tumbling(10), checkpoints=tmp_path / "c.db")
    first.advance(seconds=2)
    again = LocalRunner(Tallying({}), table, tumbling(10) | {"Enabled": False}, checkpoints=tmp_path / "c.db")
    assert "disabled" in the_window(again).waits_for
    again.enable()
    assert the_window(again).waits_for.startswith("a record that was created at")
