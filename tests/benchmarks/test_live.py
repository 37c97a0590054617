"""The benchmark of live streams, small: that it measures what it says. How fast a machine is is no test's business."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from benchmarks import live
from benchmarks.live import BARE
from streamkit.local.streams.wire import lambda_records

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.dynamodblocal import DynamoDBLocal


@pytest.fixture
def server(dynamodb: DynamoDBLocal, monkeypatch: pytest.MonkeyPatch) -> DynamoDBLocal:
    """A server that the benchmark finds, and an environment that is as it was when it has ended."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb.endpoint_url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    return dynamodb


def test_the_record_of_a_nested_item_is_about_a_kilobyte() -> None:
    image = live.nested(1)
    raw = {"dynamodb": {"Keys": {"id": image["id"]}, "NewImage": image, "SequenceNumber": "1"}}
    (json,) = lambda_records([raw], "arn").jsons
    assert 800 < len(json) < 1_300


def test_every_way_reads_everything_in_every_round(server: DynamoDBLocal) -> None:
    seconds = live.measure_throughput(live.nested, 110, 2)
    assert list(seconds) == [BARE, "runner, BatchSize 100", "runner, BatchSize 1000"]
    assert all(len(taken) == 2 and min(taken) > 0 for taken in seconds.values())


def test_every_put_has_its_time_to_the_handler(server: DynamoDBLocal) -> None:
    before = threading.active_count()
    taken = live.measure_latency(0.02, 5)
    assert len(taken) == 5
    assert min(taken) > 0
    assert threading.active_count() == before


def test_a_put_that_never_comes_ends_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def put_item(self, **_: Any) -> None:
            """Put nothing."""

    monkeypatch.setattr(live, "LONG", 0.01)
    with pytest.raises(TimeoutError, match="2 of 2 items never came to the handler"):
        live.put_at_random(Client(), 2, dict)


def test_arrivals_are_the_first_of_each_item(tmp_path: Path) -> None:
    path = tmp_path / "arrivals.jsonl"
    assert live.arrivals(path) == {}
    path.write_bytes(b"".join(orjson.dumps(pair) + b"\n" for pair in (["a", 1.0], ["b", 2.0], ["a", 3.0])))
    assert live.arrivals(path) == {"a": 1.0, "b": 2.0}


def test_the_report_has_a_line_for_each_measurement_and_says_what_was_reached(
    server: DynamoDBLocal, capsys: pytest.CaptureFixture[str]
) -> None:
    code = live.main(["--records", "100", "--rounds", "1", "--puts", "3"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(" goal " in line for line in lines) == 4
    assert sum("p50" in line for line in lines) == 2
    assert code == (1 if any("MISSED" in line for line in lines) else 0)


@pytest.mark.parametrize(("runner", "reached"), [(1.0, True), (1.2, False)])
def test_the_goal_is_nine_tenths_of_the_bare_loops_speed(
    runner: float, reached: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live.report_throughput({BARE: [1.0, 2.0], "runner": [runner, 2 * runner]}, 10, "items") == reached
    assert ("MISSED" in capsys.readouterr().out) == (not reached)
