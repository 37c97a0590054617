"""The throughput benchmark, small: that it measures what it says. How fast a busy machine is is no test's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from benchmarks import throughput
from benchmarks.throughput import BARE, KEPT, RUNNER, WRITTEN

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_is_about_a_kilobyte() -> None:
    assert 900 < len(orjson.dumps(throughput.record(1))) < 1_200


def batch_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of how many records the handler gets at a time, which grows as it is called."""
    sizes: list[int] = []
    monkeypatch.setattr(throughput, "handler", lambda event, context: sizes.append(len(event["Records"])))
    return sizes


def test_every_way_is_measured_at_every_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = batch_sizes(monkeypatch)
    seconds = throughput.measure_memory(2_500, 2)
    assert sizes == 2 * (3 * [100] * 25 + 3 * [1000, 1000, 500])
    assert list(seconds) == [(size, way) for size in (100, 1000) for way in (BARE, RUNNER, KEPT)]
    assert all(len(taken) == 2 and min(taken) > 0 for taken in seconds.values())


@pytest.mark.parametrize("way", [BARE, RUNNER, WRITTEN])
def test_a_file_is_measured_in_time_and_memory(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = batch_sizes(monkeypatch)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(orjson.dumps(throughput.record(number)) + b"\n" for number in range(2_500)))
    seconds, megabytes = throughput.measure_file(str(path), way)
    assert sizes == [1000, 1000, 500]
    assert seconds > 0
    assert 1 < megabytes < 100_000
    journal = tmp_path / "events.jsonl.journal"
    assert journal.exists() == (way == WRITTEN)


def test_the_report_has_a_line_for_each_measurement_and_says_what_was_reached(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = throughput.main(["--records", "300", "--rounds", "1", "--files", "100", "200"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(" goal " in line for line in lines) == 2
    assert sum("BatchSize 100," in line for line in lines) == 3
    assert sum("200 records, " in line for line in lines) == 3
    assert sum(" the time per record" in line for line in lines) == 3
    missed = any(word in line for line in lines for word in ("MISSED", "EXCEEDED"))
    assert code == (1 if missed else 0)
