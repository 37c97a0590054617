"""``streamkit tail``: a live stream, brought to a handler."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from streamkit.local.checkpoints import mappings_in
from tests.cli.liveproject import LiveProject, handled, lines_until
from tests.cli.streamserver import Refusal, StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAUGHT_UP = "--until-caught-up"
KEPT = ("--checkpoint", "checkpoints.db")


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    with serving() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, aws_environment: pytest.MonkeyPatch, server: StreamServer) -> LiveProject:
    return LiveProject(tmp_path, aws_environment, server)


def test_what_is_in_the_stream_is_handled_and_reported(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(3)
    result = project.tail("handler", CAUGHT_UP)
    assert result.exit_code == 0
    assert handled(result.stdout) == numbers
    assert result.stderr == f"stream: following {stream.arn}\n"
    assert result.stdout.splitlines()[-1] == "all 3 records were handled, in 1 invocation with 0 retries"
    assert f"checkpoint {numbers[-1]}" in result.stdout


def test_a_stream_without_records_is_caught_up_with(project: LiveProject, server: StreamServer) -> None:
    server.enable()
    result = project.tail("handler", CAUGHT_UP)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "0 records were handled, in 0 invocations with 0 retries"


def test_a_stream_is_named_by_its_arn_too_and_the_endpoint_by_an_option(
    project: LiveProject, server: StreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = server.enable()
    numbers = stream.fill(2)
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS")
    where = ("--stream-arn", stream.arn, "--endpoint-url", server.endpoint_url)
    result = project.call("tail", f"{project.module}:handler", *where, CAUGHT_UP)
    assert handled(result.stdout) == numbers


def test_ctrl_c_lets_the_batch_in_flight_finish_and_writes_its_checkpoint(
    project: LiveProject, server: StreamServer
) -> None:
    numbers = server.enable().fill(6)
    project.stop_at(numbers[2])
    first = project.tail("stops", "--batch-size", "2", *KEPT)
    assert (first.exit_code, handled(first.stdout)) == (0, numbers[:4])
    assert "all 4 records were handled, in 2 invocations with 0 retries; 2 records read and left for the next time" in (
        first.stdout
    )
    project.stop_at(numbers[5])
    second = project.tail("stops", "--batch-size", "2", *KEPT)
    assert (second.exit_code, handled(second.stdout)) == (0, numbers[4:])


def test_sigterm_ends_it_as_ctrl_c_does(
    project: LiveProject, server: StreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = server.enable().fill(2)
    project.stop_at(numbers[0])
    monkeypatch.setenv("STOP_BY", "SIGTERM")
    result = project.tail("stops", "--batch-size", "1")
    assert (result.exit_code, handled(result.stdout)) == (0, numbers[:1])


def test_afterwards_signals_do_what_they_did_before(project: LiveProject, server: StreamServer) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    server.enable()
    project.tail("handler", CAUGHT_UP)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_process_that_gets_ctrl_c_finishes_its_batch_and_delivers_nothing_twice(
    project: LiveProject, server: StreamServer
) -> None:
    numbers = server.enable().fill(4)
    arguments = project.arguments("waits", "--batch-size", "2", *KEPT)
    with project.started(*arguments) as process:
        lines_until(process.stdout, "began")
        process.send_signal(signal.SIGINT)
        lines_until(process.stderr, "stopping: what is in flight is finished; once more stops at once")
        stdout, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    assert handled(stdout) == numbers[:2]
    assert handled(project.tail("handler", CAUGHT_UP, *KEPT, "--function-name", "waits").stdout) == numbers[2:]


def test_a_second_ctrl_c_stops_at_once_and_the_batch_is_delivered_again(
    project: LiveProject, server: StreamServer
) -> None:
    numbers = server.enable().fill(2)
    name = ("--function-name", "orders")
    with project.started(*project.arguments("waits", *KEPT, *name)) as process:
        lines_until(process.stdout, "began")
        process.send_signal(signal.SIGINT)
        lines_until(process.stderr, "stopping")
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert stderr == "stopped at once: what was in flight is delivered again, where there are checkpoints\n"
    assert handled(project.tail("handler", CAUGHT_UP, *KEPT, *name).stdout) == numbers


def test_a_second_ctrl_c_is_no_failure_of_the_handler_where_the_first_failure_ends_it(
    project: LiveProject, server: StreamServer
) -> None:
    server.enable().fill(1)
    project.app("def handler(event, context): raise KeyboardInterrupt")
    result = project.tail("handler", "--fail-fast")
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr


def test_a_killed_process_goes_on_where_it_was(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(5)
    name = ("--function-name", "orders", "--batch-size", "1")
    project.stop_at(numbers[2])
    with project.started(*project.arguments("dies", *KEPT, *name)) as process:
        stdout, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert handled(stdout) == numbers[:3]
    # The one that was in flight is delivered again, and no other.
    assert handled(project.tail("handler", CAUGHT_UP, *KEPT, *name).stdout) == numbers[2:]


def test_latest_leaves_out_what_was_there_before_but_not_what_came_while_it_was_down(
    project: LiveProject, server: StreamServer
) -> None:
    stream = server.enable()
    stream.fill(3)
    for record in stream.shards[0].records:
        record["dynamodb"]["ApproximateCreationDateTime"] -= 3600
    options = (CAUGHT_UP, "--starting-position", "LATEST", *KEPT)
    assert handled(project.tail("handler", *options).stdout) == []
    new = stream.fill(1)
    assert handled(project.tail("handler", *options).stdout) == new


def test_what_is_lost_is_told_and_the_exit_code_says_so(project: LiveProject, server: StreamServer) -> None:
    (number,) = server.enable().put({"id": {"S": "poison"}})
    result = project.tail("poison", CAUGHT_UP, "--maximum-retry-attempts", "1")
    assert result.exit_code == 1
    assert f"record {number} failed: ValueError: the order is bad" in result.stderr
    assert f"discarded record {number} after 2 attempts" in result.stderr
    assert "0 of 1 record was handled: 1 discarded" in result.stdout


def test_on_failure_records_go_to_the_folder_that_was_named(project: LiveProject, server: StreamServer) -> None:
    server.enable().put({"id": {"S": "poison"}})
    project.tail("poison", CAUGHT_UP, "--maximum-retry-attempts", "0", "--on-failure", "failures")
    (file,) = (project.folder / "failures").rglob("*.json")
    assert json.loads(file.read_text())["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_the_mappings_own_destination_is_left_alone_and_that_is_told(
    project: LiveProject, server: StreamServer
) -> None:
    server.enable().fill(1)
    config = '{"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:production"}}'
    result = project.tail("handler", CAUGHT_UP, "--destination-config", config)
    assert "note: the mapping's on-failure destination arn:aws:sqs:us-east-1:000000000000:production is left alone" in (
        result.stderr
    )


def test_the_first_failure_ends_it_with_its_traceback_if_that_is_asked_for(
    project: LiveProject, server: StreamServer
) -> None:
    server.enable().put({"id": {"S": "poison"}})
    result = project.tail("poison", CAUGHT_UP, "--fail-fast")
    assert result.exit_code == 1
    assert 'raise ValueError("the order is bad")' in result.stderr


def test_json_is_alone_on_stdout_and_the_handlers_output_on_stderr(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(3)
    result = project.tail("handler", CAUGHT_UP, "--json")
    report = json.loads(result.stdout)
    assert (report["ok"], report["total"]["handled"]) == (True, 3)
    assert handled(result.stderr) == numbers


def test_the_journal_of_a_live_run_has_everything_that_happened(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(3)
    project.tail("handler", CAUGHT_UP, "--journal", "journal.jsonl")
    facts = [json.loads(line) for line in (project.folder / "journal.jsonl").read_bytes().splitlines()]
    assert [fact["sequence_numbers"] for fact in facts if fact["fact"] == "RecordsRead"] == [numbers]
    assert [fact["fact"] for fact in facts][-1] == "Checkpointed"


def test_a_disabled_mapping_delivers_nothing_and_says_why(project: LiveProject, server: StreamServer) -> None:
    server.enable().fill(1)
    result = project.tail("handler", CAUGHT_UP, "--no-enabled")
    assert handled(result.stdout) == []
    assert "note: the mapping is disabled (Enabled false): nothing is delivered; --enabled changes that" in (
        result.stderr
    )


def test_a_mapping_of_another_stream_is_told(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    other = stream.arn.replace("orders", "customers")
    result = project.tail("handler", CAUGHT_UP, "--event-source-arn", other)
    assert f"note: the mapping is for {other}, the stream is {stream.arn}" in result.stderr


def test_a_parent_is_handled_before_its_children(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(2)
    stream.roll_over()
    numbers += stream.fill(2)
    assert handled(project.tail("handler", CAUGHT_UP).stdout) == numbers


def test_a_table_is_followed_to_the_streams_that_came_after(project: LiveProject, server: StreamServer) -> None:
    old = server.enable()
    numbers = old.fill(2)
    # A stream that is there no more is not read; what followed the one that was read before is.
    project.tail("handler", CAUGHT_UP, *KEPT)
    numbers += old.fill(2)
    old.disable()
    new = server.enable()
    numbers += new.fill(2)
    result = project.tail("handler", CAUGHT_UP, *KEPT)
    assert handled(result.stdout) == numbers[2:]
    assert result.stderr.splitlines() == [
        f"stream: following {old.arn}",
        f"stream: {old.arn}: the stream was disabled",
        f"stream: going on with {new.arn}",
    ]
    assert result.exit_code == 0


def test_at_the_end_of_the_last_stream_it_is_waited_for_another(project: LiveProject, server: StreamServer) -> None:
    old = server.enable()
    numbers = old.fill(1)
    old.disable()
    later: list[str] = []

    def before(operation: str) -> None:
        if server.asked.count("ListStreams") == 3 and not later:
            later.extend(server.enable().fill(1))
            project.stop_at(later[0])

    server.before = before
    project.stop_at("none")
    result = project.tail("stops")
    assert handled(result.stdout) == numbers + later
    assert "stream: waiting until table 'orders' has a stream again" in result.stderr


def test_the_records_of_a_following_stream_are_read_from_the_oldest_on_whatever_the_position(
    project: LiveProject, server: StreamServer
) -> None:
    old = server.enable()
    options = (CAUGHT_UP, "--starting-position", "LATEST", *KEPT)
    project.tail("handler", *options)
    old.disable()
    numbers = server.enable().fill(2)
    assert handled(project.tail("handler", *options).stdout) == numbers


def test_a_stream_that_vanished_since_the_last_time_is_told_and_what_followed_it_is_read_whole(
    project: LiveProject, server: StreamServer
) -> None:
    old = server.enable()
    options = (CAUGHT_UP, "--starting-position", "LATEST", *KEPT)
    project.tail("handler", *options)
    middle = server.enable()
    numbers = middle.fill(1)
    middle.disable()
    numbers += server.enable().fill(1)
    server.tables["orders"].remove(old)
    result = project.tail("handler", *options)
    assert handled(result.stdout) == numbers
    assert f"stream: the checkpoints are of {old.arn}, which is not there any more" in result.stderr


def test_a_stream_named_by_its_arn_is_the_only_one(project: LiveProject, server: StreamServer) -> None:
    old = server.enable()
    numbers = old.fill(1)
    old.disable()
    server.enable().fill(1)
    result = project.call("tail", f"{project.module}:handler", "--stream-arn", old.arn)
    assert handled(result.stdout) == numbers
    assert result.stderr.splitlines()[-1] == f"stream: {old.arn}: the stream was disabled"


def test_troubles_on_the_way_are_told_and_overcome(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(2)
    refused = [Refusal("LimitExceededException", "slower"), Refusal("ExpiredIteratorException", "too old")]

    def before(operation: str) -> None:
        if operation == "GetRecords" and refused:
            raise refused.pop()

    server.before = before
    result = project.tail("handler", CAUGHT_UP)
    assert handled(result.stdout) == numbers
    assert result.exit_code == 0
    assert "an iterator expired" in result.stderr
    assert "LimitExceededException: slower" in result.stderr
    assert "is read again, after" in result.stderr


def test_records_that_nobody_could_read_make_the_exit_code_1(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(2)
    project.tail("handler", CAUGHT_UP, *KEPT)
    stream.fill(1)
    refused = [Refusal("TrimmedDataAccessException", "too old")]

    def before(operation: str) -> None:
        if operation == "GetRecords" and refused:
            raise refused.pop()

    server.before = before
    result = project.tail("handler", CAUGHT_UP, *KEPT)
    assert result.exit_code == 1
    assert "lost: " in result.stderr
    assert "older than the 24 hours" in result.stderr


def test_an_answer_that_is_no_record_ends_it_in_a_sentence(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(1)
    stream.shards[0].records[0]["dynamodb"]["SequenceNumber"] = "first"
    result = project.tail("handler", CAUGHT_UP)
    assert result.exit_code == 2
    assert "Error: the stream holds something that is none of its records: " in result.stderr


def test_a_checkpoint_file_that_breaks_meanwhile_ends_it_in_a_sentence(
    project: LiveProject, server: StreamServer
) -> None:
    server.enable().fill(1)
    project.app(
        """
        import sqlite3

        def handler(event, context):
            with sqlite3.connect("checkpoints.db") as db:
                db.execute("DROP TABLE shards")
            db.close()
        """
    )
    result = project.tail("handler", CAUGHT_UP, *KEPT)
    assert result.exit_code == 2
    assert "Error: --checkpoint checkpoints.db cannot be written: no such table: " in result.stderr


def test_each_mapping_has_checkpoints_of_its_own(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(1)
    project.tail("handler", CAUGHT_UP, *KEPT)
    assert handled(project.tail("poison", CAUGHT_UP, *KEPT).stdout) == numbers
    functions = {function.rpartition(":")[2] for _, function in mappings_in(project.folder / "checkpoints.db")}
    assert functions == {"handler", "poison"}


@pytest.mark.parametrize("name", ["/", "no/where", "stop"])
def test_a_file_that_holds_no_checkpoints_is_refused_and_left_alone(
    project: LiveProject, server: StreamServer, name: str
) -> None:
    server.enable()
    project.write("stop", "this is no database")
    result = project.tail("handler", CAUGHT_UP, "--checkpoint", name)
    assert result.exit_code == 2
    assert f"Error: --checkpoint {name} cannot be used: " in result.stderr
    assert (project.folder / "stop").read_text() == "this is no database"


def test_a_checkpoint_of_an_empty_database_is_one_without_checkpoints(
    project: LiveProject, server: StreamServer
) -> None:
    numbers = server.enable().fill(1)
    with closing(sqlite3.connect(project.folder / "checkpoints.db")) as db:
        db.execute("CREATE TABLE other (x)")
    assert handled(project.tail("handler", CAUGHT_UP, *KEPT).stdout) == numbers


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--timeout", "0"), "--timeout takes seconds above 0"),
        (("--window-close-delay", "-1"), "--window-close-delay takes seconds"),
        (("--faults", "flood=1"), "there is no fault 'flood'"),
        (("--journal", "no/where"), "--journal no/where cannot be written"),
        (("--batch-size", "0"), "--batch-size: BatchSize takes 1 to 10000"),
        (("--on-failure", "s3://bucket"), "--on-failure: s3://bucket is neither an ARN nor a folder"),
        (("--poll-interval", "nan"), "--poll-interval takes seconds above 0, up to 60, not nan"),
    ],
)
def test_an_option_that_cannot_work_is_refused_by_its_name(
    project: LiveProject, server: StreamServer, options: tuple[str, ...], said: str
) -> None:
    server.enable().fill(1)
    result = project.tail("handler", CAUGHT_UP, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert handled(result.stdout) == []


def test_a_handler_that_is_not_there_is_told_before_the_stream_is_asked(
    project: LiveProject, server: StreamServer
) -> None:
    server.enable()
    assert "its handlers are" not in project.refusal(*project.arguments("nobody"))
    assert server.asked == []
