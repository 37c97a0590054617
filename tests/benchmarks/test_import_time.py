"""The import budget, with fewer runs than the benchmark's own: there is room between what is measured and the limit."""

import pytest

from benchmarks import import_time


def test_importing_streamkit_and_decorating_a_handler_stays_within_its_budget(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert import_time.main(["--runs", "5"]) == 0, capsys.readouterr().out
    assert "kept" in capsys.readouterr().out
