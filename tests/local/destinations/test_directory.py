"""On-failure records in a directory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner
from streamkit.local.destinations.destination import DestinationError, EventKeeper
from streamkit.local.destinations.directory import DirectoryDestination
from tests.local.builders import BUCKET, QUEUE, Failing, Tallying, full, table_of, tumbling

if TYPE_CHECKING:
    from pathlib import Path

RECORD: dict[str, Any] = {
    "requestContext": {"requestId": "r", "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders:live"},
    "timestamp": "2026-01-01T00:00:01.500Z",
    "DDBStreamBatchInfo": {"shardId": "s", "startSequenceNumber": "101"},
}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def failing(folder: Path, to: dict[str, Any] | None, handler: Any = None, **settings: Any) -> LocalRunner:
    mapping = {"MaximumRetryAttempts": 0, "BatchSize": 2} | ({"DestinationConfig": to} if to else {}) | settings
    runner = LocalRunner(handler or Failing({2: None}), table_of(3), mapping, destination=DirectoryDestination(folder))
    runner.run()
    return runner


@pytest.mark.parametrize("to", [None, QUEUE, BUCKET])
def test_a_record_is_a_file_with_the_event_wherever_the_mapping_would_send_it(
    to: dict[str, Any] | None, tmp_path: Path
) -> None:
    runner = failing(tmp_path, to)
    (name,) = names(tmp_path)
    kept = json.loads((tmp_path / name).read_bytes())
    assert kept == runner.discarded[0]
    assert json.loads(kept["payload"]) == runner.invocations[0].event
    assert runner.metrics["OnFailureDestinationDeliveredEventCount"] == 2
    assert runner.metrics["DroppedEventCount"] == 0


def test_a_destination_that_keeps_the_event_is_told_from_others(tmp_path: Path) -> None:
    assert isinstance(DirectoryDestination(tmp_path), EventKeeper)


def test_a_name_says_time_function_and_first_record(tmp_path: Path) -> None:
    DirectoryDestination(tmp_path).send(RECORD)
    (name,) = names(tmp_path)
    assert re.fullmatch(r"2026-01-01T00\.00\.01\.500Z-orders_live-101-[0-9a-f]{12}\.json", name)


def test_names_sort_by_time(tmp_path: Path) -> None:
    destination = DirectoryDestination(tmp_path)
    times = [
        "2026-01-01T00:00:00.900Z",
        "2026-01-01T00:00:10.000Z",
        "2026-01-01T00:00:09.000Z",
        "2025-12-31T23:59:59.999Z",
    ]
    for when in times:
        destination.send(RECORD | {"timestamp": when})
    found = [json.loads((tmp_path / name).read_bytes())["timestamp"] for name in names(tmp_path)]
    assert found == sorted(times)


def test_the_same_record_twice_is_one_file_and_another_one_is_another(tmp_path: Path) -> None:
    destination = DirectoryDestination(tmp_path)
    for record in (RECORD, RECORD, RECORD | {"payload": "{}"}):
        destination.send(record)
    assert len(names(tmp_path)) == 2


def test_the_final_invocation_of_a_window_has_a_name_too(tmp_path: Path) -> None:
    failing(tmp_path, None, Tallying({}, bad_finals=None), **tumbling(60))
    (name,) = names(tmp_path)
    assert "-tallying-window-" in name


def test_a_name_that_no_file_could_have_is_made_one(tmp_path: Path) -> None:
    odd = RECORD | {"requestContext": {"functionArn": "../../\udcff" + "x" * 500}}
    DirectoryDestination(tmp_path).send(odd)
    (name,) = names(tmp_path)
    assert len(name.encode()) < 200
    assert json.loads((tmp_path / name).read_bytes()) == odd


def test_the_directory_is_made_when_the_first_record_comes(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    destination = DirectoryDestination(folder)
    assert names(tmp_path) == []
    destination.send(RECORD)
    assert len(names(folder)) == 1


def test_an_empty_name_is_no_directory() -> None:
    with pytest.raises(DestinationError, match="needs a name"):
        DirectoryDestination("")


def test_a_file_in_the_way_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    for path in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(DestinationError, match=f"cannot go to {path}: {tmp_path / 'taken'} is no directory"):
            DirectoryDestination(path)


def test_a_link_that_leads_nowhere_is_in_the_way_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DestinationError, match="is no directory"):
        DirectoryDestination(tmp_path / "link")


def test_a_directory_that_cannot_be_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(DestinationError, match=f"{tmp_path} cannot be written to"):
        DirectoryDestination(tmp_path / "new")


def test_a_disk_that_is_full_drops_the_record_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    runner = failing(tmp_path, None)
    assert (runner.metrics["DroppedEventCount"], runner.metrics["DestinationDeliveryFailures"]) == (2, 1)
    assert names(tmp_path) == []
    with pytest.raises(DestinationError, match=r"-101-.*\.json cannot be written: No space left on device"):
        DirectoryDestination(tmp_path).send(RECORD)


def test_a_directory_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    destination = DirectoryDestination(tmp_path / "failed")
    destination.send(RECORD)
    for path in (tmp_path / "failed").iterdir():
        path.unlink()
    (tmp_path / "failed").rmdir()
    destination.send(RECORD)
    assert len(names(tmp_path / "failed")) == 1


def test_a_kill_while_writing_leaves_no_half_record(tmp_path: Path) -> None:
    code = """
        import os, sys
        from streamkit.local.destinations.directory import DirectoryDestination
        os.fsync = lambda descriptor: os.kill(os.getpid(), 9)
        DirectoryDestination(sys.argv[1]).send({
            "requestContext": {"functionArn": "f"}, "timestamp": "t", "DDBStreamBatchInfo": {}, "payload": "x" * 9999
        })
    """
    killed = subprocess.run([sys.executable, "-c", dedent(code), str(tmp_path)], check=False)  # noqa: S603  # ours
    assert killed.returncode == -9
    assert [name for name in names(tmp_path) if not name.startswith(".")] == []


def test_numbers_in_names_are_those_of_the_records(tmp_path: Path) -> None:
    failing(tmp_path, None)
    assert f"-{full(1)}-" in names(tmp_path)[0]
