"""``streamkit run`` with --faults, --duration and --timeout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.cli.errors import BadInput
from streamkit.cli.faults import fault_rates
from streamkit.local.invokers.faults import FaultRates
from tests.build import record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

NAMES = "throttle, service_error, timeout, crash, duplicate"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def refusal(project: Project, *options: str) -> str:
    return project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", *options)


def started(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fact for fact in facts if fact["fact"] == "InvocationStarted"]


def ended(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [fact for fact in facts if fact["fact"] == "InvocationFinished"]


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        (None, None),
        ("throttle=0.1", FaultRates(throttle=0.1)),
        ("throttle=0.1,crash=.05", FaultRates(throttle=0.1, crash=0.05)),
        (" throttle=0.1 , service_error= 1e-2 ", FaultRates(throttle=0.1, service_error=0.01)),
        ("timeout=0,duplicate=1", FaultRates(duplicate=1.0)),
    ],
)
def test_rates_are_read_from_text(text: str | None, rates: FaultRates | None) -> None:
    assert fault_rates(text) == rates


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is not of the form NAME=SHARE, like crash=0.05"),
        ("crash", "'crash' is not of the form NAME=SHARE, like crash=0.05"),
        ("crash=", "'crash=' is not of the form NAME=SHARE, like crash=0.05"),
        ("crash=0.1,", "'' is not of the form NAME=SHARE, like crash=0.05"),
        ("crash=often", "'crash=often' is not of the form NAME=SHARE, like crash=0.05"),
        ("crash=0.1=0.2", "'crash=0.1=0.2' is not of the form NAME=SHARE, like crash=0.05"),
        ("=0.1", f"there is no fault ''; there are {NAMES}"),
        ("Crash=0.1", f"there is no fault 'Crash'; there are {NAMES}"),
        ("crash=1.5", "the rate of crash takes a share of the calls from 0 to 1, not 1.5"),
        ("crash=-1", "the rate of crash takes a share of the calls from 0 to 1, not -1.0"),
        ("crash=nan", "the rate of crash takes a share of the calls from 0 to 1, not nan"),
        ("crash=0.5,timeout=0.75", "the rates of all faults together are at most 1, these are 1.25"),
    ],
)
def test_what_are_no_rates_is_refused_with_what_was_given_and_why(text: str, why: str) -> None:
    with pytest.raises(BadInput) as caught:
        fault_rates(text)
    assert caught.value.message == f"--faults {text}: {why}"


def test_bad_rates_end_with_2_before_anything_runs(project: Project) -> None:
    assert refusal(project, "--faults", "crash=2") == (
        "Error: --faults crash=2: the rate of crash takes a share of the calls from 0 to 1, not 2.0\n"
    )


def test_throttles_are_overcome_and_the_run_is_well(project: Project) -> None:
    result = project.run("handler", "--faults", "throttle=0.4,service_error=0.4", "--batch-size", "1")
    assert result.exit_code == 0
    assert "all 3 records were handled" in result.stdout
    assert "with 0 retries" in result.stdout
    assert result.stdout.count("\nhandled ") == 3


def test_crashes_do_the_work_again_and_are_shown_with_their_call_and_seed(project: Project) -> None:
    result = project.run("handler", "--faults", "crash=1", "--maximum-retry-attempts", "1", "--seed", "7")
    assert result.exit_code == 1
    assert result.stdout.count("\nhandled 1") == 2
    assert "0 of 3 records were handled: 3 discarded (seed 7)" in result.stdout
    assert "Runtime exited without providing a reason (crash injected at call 2 (seed 7))" in result.stdout
    assert "crash injected at call 1 (seed 7)" in result.stderr


def test_timeouts_run_nothing_and_take_their_time(project: Project) -> None:
    facts = project.journal("handler", "--faults", "timeout=1", "--maximum-retry-attempts", "0", "--timeout", "30")
    (end,) = ended(facts)
    assert end["at"] == "2026-01-01T00:00:30+00:00"
    assert end["error"].startswith("FunctionTimeoutError: Task timed out after 30.00 seconds (timeout injected at")
    result = project.run("handler", "--faults", "timeout=1", "--maximum-retry-attempts", "0")
    assert "handled 1" not in result.stdout
    assert "0 of 3 records were handled: 3 discarded" in result.stdout


def test_duplicates_deliver_twice_and_count_once(project: Project) -> None:
    report = project.report("plain", "--faults", "duplicate=0.5", "--batch-size", "1", "--seed", "2")
    assert report["ok"]
    assert report["total"]["handled"] == 3
    assert report["total"]["invocations"] > 3
    assert report["metrics"]["InvokedEventCount"] == report["total"]["invocations"]


def test_the_same_seed_brings_the_same_faults_to_the_byte_and_another_others(project: Project) -> None:
    options = ("--faults", "throttle=0.2,crash=0.2,duplicate=0.2", "--batch-size", "1")
    for name, seed in [("first", "3"), ("second", "3"), ("third", "4")]:
        project.run("plain", *options, "--seed", seed, "--journal", name)
    first, second, third = ((project.folder / name).read_bytes() for name in ("first", "second", "third"))
    assert b"injected at call" in first
    assert first == second
    assert [fact["outcome"] for fact in map(json.loads, first.splitlines()) if "outcome" in fact] != [
        fact["outcome"] for fact in map(json.loads, third.splitlines()) if "outcome" in fact
    ]


def test_fail_fast_shows_an_injected_crash_and_the_seed_that_repeats_it(project: Project) -> None:
    result = project.run("plain", "--faults", "crash=1", "--fail-fast", "--seed", "5")
    assert result.exit_code == 1
    assert "FunctionCrashedError: Runtime exited" in result.stderr
    assert result.stderr.endswith("in a run with seed 5: the same seed gives the same run\n")


def test_an_invocation_takes_as_long_as_duration_says(project: Project) -> None:
    facts = project.journal("plain", "--duration", "2.5", "--batch-size", "2")
    assert [fact["at"][17:] for fact in started(facts)] == ["00+00:00", "02.500000+00:00"]
    assert [fact["at"][17:] for fact in ended(facts)] == ["02.500000+00:00", "05+00:00"]


def test_what_takes_longer_than_the_timeout_fails(project: Project) -> None:
    result = project.run("plain", "--duration", "10", "--timeout", "3", "--maximum-retry-attempts", "0")
    assert result.exit_code == 1
    assert "FunctionTimeoutError: Task timed out after 3.00 seconds" in result.stdout
    assert project.run("plain", "--duration", "3", "--timeout", "3").exit_code == 0


def test_the_handlers_context_counts_down_from_the_timeout(project: Project) -> None:
    project.app("def handler(event, context): print('left', context.get_remaining_time_in_millis() // 1000)")
    assert "left 19\n" in project.run("handler", "--timeout", "19.9").stdout.replace("left 18\n", "left 19\n")


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        *[
            ("--duration", value, "duration takes seconds from 0 to 86400, or is a function of the event, not ")
            for value in ("-1", "nan", "inf", "1e30", "86401")
        ],
        *[
            ("--timeout", value, "timeout takes seconds above 0, up to Lambda's 900, not ")
            for value in ("0", "-1", "nan", "inf", "900.1")
        ],
    ],
)
def test_times_that_no_function_has_are_refused(project: Project, option: str, value: str, why: str) -> None:
    assert refusal(project, option, value) == f"Error: --{why}{float(value)!r}\n"


@pytest.mark.parametrize("option", ["--duration", "--timeout"])
def test_a_time_that_is_no_number_is_refused(project: Project, option: str) -> None:
    assert f"Error: Invalid value for '{option}': " in refusal(project, option, "long")


def test_a_rate_that_is_given_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="crash"):
        fault_rates("crash=0.1,crash=0.9")


def test_a_slow_handler_of_a_recording_falls_behind_and_its_records_grow_old(project: Project) -> None:
    start = 1767225600.0
    project.recording(*(record(n + 1, ApproximateCreationDateTime=start + 10 * n) for n in range(20)))
    options = ("--batch-size", "1", "--duration", "30", "--maximum-record-age-in-seconds", "60")
    report = project.report("plain", *options)
    conditions = {discarded["requestContext"]["condition"] for discarded in report["discarded"]}
    assert conditions == {"RecordAgeExceeded"}
    assert report["total"]["handled"] + report["total"]["discarded"] == 20
    assert report["metrics"]["IteratorAge"] == 60_000
