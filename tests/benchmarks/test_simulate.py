"""The benchmark of simulations, small: that it measures what it says. How fast a machine is is no test's business."""

import sys

import pytest

from benchmarks import simulate

FINE = simulate.Measured(simulated=1.0, plain=0.5, finding=0.1, found_in_mended="", found_at=3)


def test_it_measures_the_ten_planted_bugs() -> None:
    assert len(simulate.bugs()) == 10


@pytest.mark.parametrize("bug", ["batch_size", "old_image"])
def test_both_versions_are_simulated_and_the_mended_one_is_run_plainly_too(bug: str) -> None:
    measured = simulate.measure(bug, 5, 0)
    assert min(measured.simulated, measured.plain, measured.finding) > 0
    assert measured.found_at is not None
    assert measured.found_at <= 5
    assert measured.found_in_mended == ""


@pytest.mark.parametrize(
    ("measured", "code"),
    [
        (FINE, 0),
        (FINE._replace(simulated=10.1), 1),
        (FINE._replace(found_in_mended="a bug"), 1),
        (FINE._replace(found_at=None), 1),
    ],
)
def test_what_takes_too_long_or_is_wrong_is_a_miss(
    measured: simulate.Measured, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulate.py", "counter"])
    monkeypatch.setattr("logging.disable", lambda: None)
    monkeypatch.setattr(simulate, "measure", lambda bug, schedules, seed: measured)
    assert simulate.main() == code
    shown = capsys.readouterr().out
    assert shown.count("MISSED") == code
    assert ("a bug" in shown) is bool(measured.found_in_mended)


def test_fewer_schedules_have_less_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["simulate.py", "--schedules", "50", "counter"])
    monkeypatch.setattr("logging.disable", lambda: None)
    monkeypatch.setattr(simulate, "measure", lambda bug, schedules, seed: FINE)
    assert simulate.main() == 1
