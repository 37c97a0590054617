"""The benchmark of the Runtime API, small: that it measures what it says."""

import sys

import orjson
import pytest

from benchmarks import runtime_api
from streamkit.local import Answer

pytest.importorskip("awslambdaric", reason="needs awslambdaric, which is for Linux: pip install awslambdaric")


@pytest.mark.parametrize("size", runtime_api.SIZES)
def test_an_event_has_as_many_records_as_it_says(size: int) -> None:
    assert len(orjson.loads(runtime_api.event_of(size))["Records"]) == size


def test_all_three_run_the_same_function_and_are_measured() -> None:
    with runtime_api.invokers() as called:
        assert orjson.loads(called[1](runtime_api.event_of(1))) == {"batchItemFailures": []}
        assert min(runtime_api.measure(called, 100, 0.02, 2)) > 0


def test_a_function_that_fails_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="the function failed"):
        runtime_api.checked(Answer(throttled="busy"))


@pytest.mark.parametrize(("least", "code"), [(0.001, 0), (0.0001, 1)])
def test_what_costs_more_than_is_allowed_is_a_miss(
    least: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["runtime_api.py", "--rounds", "1", "--seconds", "0.01"])
    monkeypatch.setattr(
        runtime_api, "measure", lambda called, size, spend, rounds: runtime_api.Costs(0.001, least, 0.0001)
    )
    assert runtime_api.main() == code
    assert capsys.readouterr().out.count("MISSED") == 3 * code
