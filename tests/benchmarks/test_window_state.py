"""The benchmark of large states, small: that it measures what it says. How fast a machine is is no test's business."""

import sys

import orjson
import pytest

from benchmarks import window_state

CASES = window_state.cases(20_000)


@pytest.mark.parametrize("case", window_state.cases(900_000), ids=lambda case: case.name)
def test_a_state_has_about_the_size_that_was_asked_for_and_is_valid(case: window_state.Case) -> None:
    assert 850_000 < len(orjson.dumps(case.state)) <= 900_000
    assert case.adapter.dump_python(case.adapter.validate_python(case.state), mode="json") == case.state


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_handler_folds_one_record_into_all_of_the_state(case: window_state.Case) -> None:
    response = case.handler(window_state.event_with(case.state))
    assert response["batchItemFailures"] == []
    assert len(orjson.dumps(response["state"])) > len(orjson.dumps(case.state))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_are_measured(case: window_state.Case) -> None:
    assert min(window_state.measure(case, 2)) > 0


@pytest.mark.parametrize(("allowed", "code"), [(2.0, 0), (0.5, 1)])
def test_a_handler_that_costs_more_than_its_yardstick_is_a_miss(
    allowed: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["window_state.py", "--rounds", "1", "--bytes", "20000"])
    monkeypatch.setattr(window_state, "measure", lambda case, rounds: (1.0, allowed))
    assert window_state.main() == code
    assert capsys.readouterr().out.count("MISSED") == 4 * code
