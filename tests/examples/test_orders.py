"""The order desk: the recording is what its program makes, and the handlers do with it what the demonstration says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from examples.orders import app, demo, record
from streamkit.local import LocalRunner

ROOT = Path(__file__).resolve().parents[2]
DAY: list[dict[str, Any]] = [orjson.loads(line) for line in record.FILE.read_bytes().splitlines()]


@pytest.fixture(autouse=True)
def _empty_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "mailbox", app.Mailbox())
    app.quarantine.clear()


def test_the_recording_is_what_its_program_makes() -> None:
    assert record.record() == DAY


def test_it_is_a_few_thousand_records_of_every_kind() -> None:
    assert 2000 < len(DAY) < 5000
    assert {one["eventName"] for one in DAY} == {"INSERT", "MODIFY", "REMOVE"}
    assert any("userIdentity" in one for one in DAY)


def test_handler_loses_the_poison_and_nothing_else_when_the_day_goes_by() -> None:
    runner = LocalRunner(app.handler, DAY)
    runner.run()
    lost = [one["DDBStreamBatchInfo"] for one in runner.discarded]
    assert [one["batchSize"] for one in lost] == [1, 1, 1, 1]
    poisoned = {
        one["dynamodb"]["SequenceNumber"]
        for one in DAY
        if "12,50" in str(one["dynamodb"].get("NewImage")) or "12,50" in str(one["dynamodb"].get("OldImage"))
    }
    assert {one["startSequenceNumber"] for one in lost} == poisoned


def test_careful_handler_puts_the_poison_aside_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    runner = LocalRunner(app.careful_handler, DAY)
    runner.run()
    assert runner.discarded == []
    assert len(app.quarantine) == 4
    assert capsys.readouterr().out.count("put aside: record ") == 4


def test_each_mail_is_sent_once_although_the_service_is_busy_now_and_then() -> None:
    runner = LocalRunner(app.careful_handler, DAY)
    runner.run()
    busy = [one for one in runner.invocations if isinstance(one.error, ConnectionError)]
    assert len(busy) > 3
    placed = sum(one["eventName"] == "INSERT" and one["dynamodb"]["NewImage"]["type"]["S"] == "order" for one in DAY)
    thanks = [text for text in app.mailbox.sent.values() if text.startswith("Thank you")]
    assert len(thanks) == placed - 1  # the poisoned one is in quarantine


def test_the_demonstration_ends_well() -> None:
    result = subprocess.run(  # noqa: S603  # our own
        [sys.executable, str(Path(demo.__file__))], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2844 of 2848 records were handled: 4 discarded" in result.stdout
    assert "2704 of 2848 records were handled: 144 discarded" in result.stdout
    assert "all 2848 records were handled" in result.stdout


def test_the_comparison_shows_what_each_setting_loses() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "examples.orders.compare"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    rows = [re.split(r"\s{2,}", line) for line in result.stdout.splitlines() if line[:1] in ("a", "…")]
    assert [(row[1], row[2]) for row in rows] == 2 * [
        ("2848", "144"),
        ("2848", "15"),
        ("2848", "4"),
        ("2848", "4"),
        ("2148", "4"),
    ]
