"""``streamkit redrive`` as a whole, without anything outside of this process but moto's server."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local import LocalRunner, LocalTable
from streamkit.local.aws import AwsAccess
from streamkit.local.redrive.places import queue as queue_module
from tests.cli.project import Project
from tests.local.builders import QUEUE, Failing, full
from tests.local.redrive.documents import document, with_payload
from tests.local.redrive.fakes import FakeStream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts.fixtures import MotoServer

ORDERS = ("--function-name", "orders")
BAD = "ValueError: order 2 is bad"
DAY = ": a stream keeps records for 24 hours, these until 2026-01-02T00:00:00Z"

APP = """
import os
from streamkit import Change, stream_handler

@stream_handler
def handler(change: Change) -> None:
    print("did", change.meta.sequence_number[-3:])

def plain(event, context):
    print("batch of", len(event["Records"]), context.function_name)

def failing(event, context):
    raise ValueError("no stock")

@stream_handler
def poison(change: Change) -> None:
    if change.meta.sequence_number.endswith("2"):
        raise ValueError("order 2 is bad")

def stopped(event, context):
    raise KeyboardInterrupt
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path, monkeypatch)
    made.app(APP)
    (tmp_path / "failed").mkdir()
    return made


def keep(project: Project, *documents: dict[str, Any] | str) -> None:
    for place, one in enumerate(documents, 1):
        project.write(f"failed/{place}.json", one)


def redrive(project: Project, handler: str, *options: str, place: str = "failed") -> Any:
    return project.call("redrive", f"{project.module}:{handler}", "--from", place, *ORDERS, *options)


def left(project: Project) -> list[str]:
    return sorted(path.name for path in (project.folder / "failed").iterdir())


def test_everything_handled_exits_with_0_and_says_which_records(project: Project) -> None:
    keep(project, with_payload(1, 2), with_payload(3))
    result = redrive(project, "handler")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "did 001",
        "did 002",
        f"handled failed/1.json: 2 records ({full(1)} to {full(2)})",
        "did 003",
        f"handled failed/2.json: 1 record ({full(3)})",
        "2 documents found: 2 handled; 3 records handled",
    ]
    assert result.stderr == ""
    assert left(project) == []


def test_what_fails_exits_with_1_and_stays(project: Project) -> None:
    keep(project, with_payload(1, 2, 3), with_payload(4))
    result = redrive(project, "poison")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"failed failed/1.json: 2 records ({full(2)} to {full(3)}), after 1 record that succeeded, failed: {BAD}",
        f"handled failed/2.json: 1 record ({full(4)})",
        "2 documents found: 1 handled, 1 failed; 2 records handled; what was not handled is still there",
    ]
    assert left(project) == ["1.json"]


def test_a_plain_lambda_handler_gets_its_functions_name(project: Project) -> None:
    keep(project, with_payload(1, 2))
    assert "batch of 2 plain" in redrive(project, "plain").stdout


def test_keep_removes_nothing(project: Project) -> None:
    keep(project, with_payload(1))
    result = redrive(project, "handler", "--keep")
    assert result.exit_code == 0
    assert "1 document found: 1 handled; 1 record handled; nothing was removed (--keep)" in result.stdout
    assert left(project) == ["1.json"]


def test_a_limit_ends_it_early(project: Project) -> None:
    keep(project, with_payload(1), with_payload(2), with_payload(3))
    assert redrive(project, "handler", "--limit", "2").exit_code == 0
    assert left(project) == ["3.json"]


def test_an_empty_folder_is_said_to_be_empty(project: Project) -> None:
    result = redrive(project, "handler")
    assert (result.exit_code, result.stdout) == (0, "nothing was found in failed\n")


def test_what_lies_there_besides_is_told_and_left(project: Project) -> None:
    other = with_payload(1)
    other["requestContext"]["functionArn"] = "arn:aws:lambda:eu-west-1:1:function:billing"
    keep(project, "half {", {"Records": [{"eventSource": "aws:s3"}]}, other)
    result = redrive(project, "handler")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("left failed/1.json: it is not JSON, or not the whole of it (")
    assert lines[1] == "left failed/2.json: it is an event from aws:s3, no on-failure record of a DynamoDB stream"
    assert lines[2].endswith("and this is orders: --function-name billing runs it here")
    assert left(project) == ["1.json", "2.json", "3.json"]


def test_json_is_one_document_on_stdout_whatever_the_handler_prints(project: Project) -> None:
    keep(project, with_payload(1, 2), with_payload(3), "{}")
    result = redrive(project, "poison", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    counts = {name: report[name] for name in ("ok", "kept", "found", "handled", "failed", "trimmed", "left", "trouble")}
    assert list(counts.values()) == [False, False, 3, 1, 1, 0, 1, None]
    assert report["records"] == {"handled": 2, "failed": 1}
    first, second, third = report["documents"]
    assert first["status"] == "failed"
    assert first["why"] == "ValueError: order 2 is bad"
    assert (first["handled"], first["failed"], first["removed"]) == ([full(1)], [full(2)], False)
    assert (second["status"], second["removed"], second["batch_size"], second["payload"]) == ("handled", True, 1, True)
    assert (third["status"], third["name"]) == ("left", "failed/3.json")
    assert "failed failed/1.json" in result.stderr


def test_a_window_without_records_is_told_as_such(project: Project) -> None:
    project.app(
        """
        from streamkit import Change, tumbling_window

        @tumbling_window(seconds=60)
        def handler(change: Change, state: dict) -> dict:
            return state

        @handler.final
        def finished(state: dict, window) -> None:
            print("result", state)
        """
    )
    final = document(payload=json.dumps({"Records": [], "state": {"n": 7}}))
    final["DDBStreamBatchInfo"] = {name: final["DDBStreamBatchInfo"][name] for name in ("shardId", "streamArn")}
    bounds = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    keep(project, final | {"timeWindowInfo": {"window": bounds}})
    result = redrive(project, "handler")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "result {'n': 7}",
        "handled failed/1.json: the final invocation of a window",
        "1 document found: 1 handled; 0 records handled",
    ]


def streamed(monkeypatch: pytest.MonkeyPatch, table: LocalTable, **script: Any) -> FakeStream:
    stream = FakeStream({table.shard_ids[0]: table.records}, **script)
    monkeypatch.setattr(AwsAccess, "client", lambda *_, **__: stream)
    return stream


def discarded(project: Project) -> LocalTable:
    """Keep the on-failure records of a run whose second of three batches failed; return its table."""
    table = LocalTable("orders")
    for number in range(1, 7):
        table.put({"id": number})
    mapping = {"FunctionName": "orders", "BatchSize": 2, "MaximumRetryAttempts": 0, "DestinationConfig": QUEUE}
    runner = LocalRunner(Failing({3: None}), table, mapping)
    runner.run()
    keep(project, *runner.discarded)
    return table


def test_records_come_from_the_stream_where_there_is_no_payload(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = discarded(project)
    stream = streamed(monkeypatch, table)
    result = redrive(project, "handler")
    assert result.exit_code == 0
    assert "did 003\ndid 004\n" in result.stdout
    assert stream.closed


def test_trimmed_records_are_told_and_stay(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    streamed(monkeypatch, discarded(project), trimmed=4)
    result = redrive(project, "handler")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"trimmed failed/1.json: every record from {full(3)} to {full(4)} is trimmed{DAY}",
        "1 document found: 1 trimmed; 0 records handled; what was not handled is still there",
    ]
    assert left(project) == ["1.json"]


def test_what_is_left_of_trimmed_records_is_run_and_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    streamed(monkeypatch, discarded(project), trimmed=3)
    result = redrive(project, "handler")
    assert f"; 1 record ({full(4)}), which it still has, handled\n" in result.stdout
    assert left(project) == ["1.json"]


def test_notes_have_lines_of_their_own(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    table = discarded(project)
    given = json.loads((project.folder / "failed/1.json").read_text())
    given["DDBStreamBatchInfo"]["batchSize"] = 1
    keep(project, given)
    streamed(monkeypatch, table)
    assert "\n  note: the batch was 1 of the 2 records in its range" in redrive(project, "handler").stdout


def test_settings_that_are_given_hold(project: Project) -> None:
    keep(project, with_payload(1, 2))
    assert redrive(project, "plain", "--batch-size", "1").stdout.count("batch of 1 plain") == 2


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (("--starting-position", "LATEST"), "an on-failure record says where its records begin"),
        (("--no-enabled",), "there is no mapping that runs"),
        (("--maximum-record-age-in-seconds", "60"), "records are run however old they are"),
        (("--destination-config", '{"OnFailure": {}}'), "what fails again stays where it is"),
    ],
)
def test_settings_that_mean_nothing_here_are_refused(option: tuple[str, ...], why: str, project: Project) -> None:
    result = redrive(project, "handler", *option)
    assert result.exit_code == 2
    assert " has no meaning here: " in result.stderr
    assert f"{why}; leave it out" in result.stderr


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("nowhere", "Error: --from nowhere: there is no file or folder 'nowhere'"),
        ("arn:aws:sns:eu-west-1:123456789012:failed", "subscribe a queue to it for the records to come"),
        ("arn:aws:sqs:eu-west-1:123456789012:failed.fifo", "is a FIFO one, which AWS refuses"),
    ],
)
def test_what_cannot_be_read_from_exits_with_2(place: str, told: str, project: Project) -> None:
    result = redrive(project, "handler", place=place)
    assert result.exit_code == 2
    assert told in result.stderr


def test_control_c_ends_it_with_1_and_leaves_what_was_not_handled(project: Project) -> None:
    keep(project, with_payload(1))
    result = redrive(project, "stopped")
    assert (result.exit_code, "Aborted!" in result.stderr) == (1, True)
    assert left(project) == ["1.json"]


ARN = "arn:aws:sqs:us-east-1:123456789012:failed"


def test_a_queue_of_three_kinds_is_emptied_of_what_was_handled(
    project: Project, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "_WAIT", 0)
    billing = with_payload(9)
    billing["requestContext"]["functionArn"] = "arn:aws:lambda:eu-west-1:1:function:billing"
    bodies = [json.dumps(with_payload(number)) for number in range(1, 16)]
    envelopes = [json.dumps({"Type": "Notification", "Message": json.dumps(with_payload(n))}) for n in range(16, 21)]
    others = [json.dumps(billing)] * 3 + ["hello", json.dumps({"Records": [{"eventSource": "aws:s3"}]})]
    with closing(AwsAccess(moto_server.endpoint_url, "us-east-1").client("sqs")) as sqs:
        url = sqs.create_queue(QueueName="failed")["QueueUrl"]
        for body in [*others, *reversed(bodies), *envelopes]:
            sqs.send_message(QueueUrl=url, MessageBody=body)
        result = redrive(project, "handler", place=ARN)
        assert result.exit_code == 1
        assert result.stdout.endswith(
            "25 documents found: 20 handled, 5 left; 20 records handled; what was not handled is still there\n"
        )
        ran = [line for line in result.stdout.splitlines() if line.startswith("did ")]
        assert ran == [f"did {number:03}" for number in range(1, 21)]
        left = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert sorted(one["Body"] for one in left) == sorted(others)


@pytest.mark.usefixtures("moto_server")
def test_a_queue_that_is_not_there_exits_with_2(project: Project) -> None:
    result = redrive(project, "handler", place=ARN)
    assert result.exit_code == 2
    assert f"Error: --from {ARN}: looking up the queue" in result.stderr
    assert result.stdout == ""


def test_a_queue_that_goes_away_in_the_middle_says_what_was_done_before(
    project: Project, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "_WAIT", 0)
    monkeypatch.setattr(queue_module, "_TOGETHER", 1)
    project.app(
        """
        import boto3

        def handler(event, context):
            sqs = boto3.client("sqs", "us-east-1")
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="failed")["QueueUrl"])
            sqs.close()
        """
    )
    with closing(AwsAccess(moto_server.endpoint_url, "us-east-1").client("sqs")) as sqs:
        url = sqs.create_queue(QueueName="failed")["QueueUrl"]
        for number in range(12):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(with_payload(number + 1)))
    result = redrive(project, "handler", "--json", place=ARN)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["handled"] > 0
    assert "was refused (AWS.SimpleQueueService.NonExistentQueue" in report["trouble"]
    assert "stopped: " in result.stderr


def test_a_bucket_is_emptied_of_what_was_handled(project: Project, moto_server: MotoServer) -> None:
    with closing(moto_server.client("s3")) as s3:
        s3.create_bucket(Bucket="failed")
        for number in range(1, 4):
            body = json.dumps(with_payload(number)).encode()
            s3.put_object(Bucket="failed", Key=f"aws/lambda/uuid/shard/{number}", Body=body)
        result = redrive(project, "poison", place="arn:aws:s3:::failed")
        assert result.exit_code == 1
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="failed")["Contents"]] == ["aws/lambda/uuid/shard/2"]


def test_the_real_runtime_runs_it_too(project: Project) -> None:
    pytest.importorskip("awslambdaric", reason="it is for Linux only")
    keep(project, with_payload(1, 2), with_payload(3))
    result = redrive(project, "plain", "--invoker", "awslambdaric", "--timeout", "60")
    assert result.exit_code == 0
    assert "batch of 2 orders" in result.stdout
    assert left(project) == []
