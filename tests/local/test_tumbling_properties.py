"""What holds of every run with tumbling windows: random streams, settings, failures, faults and updates."""

from __future__ import annotations

from hypothesis import given, settings

from streamkit.local.batching import read_event
from streamkit.local.factjson import fact_json
from streamkit.local.journal import InvocationStarted
from tests.local.audit import Audit
from tests.local.builders import Tallying, full, short
from tests.local.plans import WINDOWED_RUNS, WindowedRun


def audited(run: WindowedRun) -> Audit:
    """Return what an auditor knows at the end of the run, who held it to every rule."""
    table, runner = run.make()
    audit = Audit(table, run.mapping, exact=not any(name == "update" for name, _ in run.inside.values()))
    audit.follow(runner.journal)
    audit.close(runner)
    return audit


@settings(max_examples=150)
@given(WINDOWED_RUNS)
def test_every_run_with_windows_keeps_every_rule(run: WindowedRun) -> None:
    audited(run)


@settings(max_examples=100)
@given(WINDOWED_RUNS)
def test_the_states_of_all_windows_are_made_of_what_was_handled_in_them_each_record_once_and_in_order(
    run: WindowedRun,
) -> None:
    audit = audited(run)
    seen = [number for window, _ in audit.windows.over for number in window.state.get("seen", [])]
    assert len(seen) == len(set(seen))
    assert {full(number) for number in seen} == set(audit.windows.in_windows)
    assert all(audit.fates[full(number)] == "handled" for number in seen)
    for window, _ in audit.windows.over:
        mine = window.state.get("seen", [])
        assert mine == sorted(mine) == [short(number) for number in window.made_of]


@settings(max_examples=100)
@given(WINDOWED_RUNS)
def test_where_the_windows_stay_every_handled_record_is_in_one_final_state(run: WindowedRun) -> None:
    run.steps = [(name, value) for name, value in run.steps if name != "update"]
    run.inside = {call: step for call, step in run.inside.items() if step[0] != "update"}
    audit = audited(run)
    handled = {number for number, fate in audit.fates.items() if fate == "handled"}
    lost = {number for number, fate in audit.fates.items() if fate in ("discarded", "expired")}
    assert set(audit.windows.in_windows) == handled == set(audit.fates) - lost
    published = [n for window, fact in audit.windows.over if fact.how == "processed" for n in window.made_of]
    unpublished = [n for window, fact in audit.windows.over if fact.how != "processed" for n in window.made_of]
    assert sorted(published + unpublished) == sorted(handled)


@settings(max_examples=100)
@given(WINDOWED_RUNS)
def test_final_invocations_got_each_closed_windows_state_once(run: WindowedRun) -> None:
    """What the function itself was given: a final invocation whose answer was lost is made again, with the same."""
    run.faults = None
    audit = audited(run)
    processed = [window for window, fact in audit.windows.over if fact.how == "processed"]
    assert isinstance(run.failing, Tallying)
    assert sorted(run.failing.finals) == sorted(window.state.get("seen", []) for window in processed)


@settings(max_examples=40)
@given(WINDOWED_RUNS)
def test_a_run_with_windows_made_again_is_the_same_journal_to_the_byte(run: WindowedRun) -> None:
    first, second = ([fact_json(fact) for fact in run.make()[1].journal] for _ in range(2))
    assert first == second


@settings(max_examples=60)
@given(WINDOWED_RUNS)
def test_the_state_of_a_final_invocation_or_of_no_progress_is_never_handed_on(run: WindowedRun) -> None:
    _, runner = run.make()
    states = [read_event(fact.event).get("state", {}) for fact in runner.journal if isinstance(fact, InvocationStarted)]
    assert all(0 not in state.get("seen", []) for state in states)
