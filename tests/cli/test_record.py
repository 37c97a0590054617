"""``streamkit record``: a live stream to a file that ``run`` replays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.cli.app import cli
from tests.cli.liveproject import LiveProject, handled, lines_until
from tests.cli.streamserver import Refusal, StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = ("--checkpoint", "checkpoints.db")
SECRET = ("--redact-secret", "between us")


@pytest.fixture
def server(aws_environment: pytest.MonkeyPatch) -> Iterator[StreamServer]:
    with serving() as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, aws_environment: pytest.MonkeyPatch, server: StreamServer) -> LiveProject:
    return LiveProject(tmp_path, aws_environment, server)


def person(number: int, email: str = "ada@example.org") -> dict[str, Any]:
    return {"id": {"S": f"item {number}"}, "email": {"S": email}}


def test_a_recording_holds_every_record_once_in_lambdas_form(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(3)
    result = project.record()
    assert result.exit_code == 0
    assert result.stderr == f"stream: following {stream.arn}\n3 records written to out.jsonl\n"
    assert project.numbers() == numbers
    assert project.recorded()[0]["eventSourceARN"] == stream.arn


def test_a_recording_replays_as_the_stream_was_tailed(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = [*stream.fill(3), *stream.put({"id": {"S": "poison"}}), *stream.fill(2)]
    project.record()
    options = ("--batch-size", "1", "--maximum-retry-attempts", "0", "--json")
    live = project.tail("poison", "--until-caught-up", *options)
    replayed = project.call("run", f"{project.module}:poison", "--events", "out.jsonl", *options)
    reports = [json.loads(one.stdout) for one in (live, replayed)]
    assert handled(live.stderr) == handled(replayed.stderr) == numbers[:3] + numbers[4:]
    assert reports[0]["total"] == reports[1]["total"]
    assert [loss["sequence_numbers"] for loss in reports[0]["losses"]] == [[numbers[3]]]


def test_what_is_named_is_replaced_and_what_belonged_together_still_does(
    project: LiveProject, server: StreamServer
) -> None:
    stream = server.enable()
    numbers = stream.put(person(1), person(2, "bob@example.org"), person(3))
    project.record("--redact", "email", "--redact", "id")
    text = (project.folder / "out.jsonl").read_text()
    assert "ada" not in text
    assert "item 1" not in text
    assert project.numbers() == numbers
    first, second, third = (one["dynamodb"]["NewImage"]["email"]["S"] for one in project.recorded())
    assert first == third != second
    assert handled(project.call("run", f"{project.module}:handler", "--events", "out.jsonl").stdout) == numbers


def test_without_a_secret_each_recording_replaces_otherwise(project: LiveProject, server: StreamServer) -> None:
    server.enable().put(person(1))
    project.record("--redact", "email")
    project.record("--redact", "email", output="other.jsonl")
    assert project.recorded() != project.recorded("other.jsonl")


def test_with_a_secret_equal_values_are_alike_in_several_recordings(
    project: LiveProject, server: StreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.enable().put(person(1))
    project.record("--redact", "email", *SECRET)
    monkeypatch.setenv("STREAMKIT_REDACT_SECRET", SECRET[1])
    project.record("--redact", "email", output="other.jsonl")
    assert project.recorded() == project.recorded("other.jsonl")


def test_a_path_that_led_to_nothing_is_told(project: LiveProject, server: StreamServer) -> None:
    server.enable().put(person(1))
    stderr = project.record("--redact", "e_mail", "--redact", "email").stderr
    assert "warning: --redact e_mail led to nothing in any record: is it misspelled?" in stderr
    assert "--redact email led" not in stderr


def test_where_nothing_was_recorded_no_path_is_blamed(project: LiveProject, server: StreamServer) -> None:
    server.enable()
    assert "warning" not in project.record("--redact", "e_mail").stderr


def test_only_what_a_filter_takes_is_recorded(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().put(person(1), person(2))
    pattern = json.dumps({"dynamodb": {"Keys": {"id": {"S": ["item 2"]}}}})
    project.record("--filter-criteria", json.dumps({"Filters": [{"Pattern": pattern}]}))
    assert project.numbers() == numbers[1:]


def test_a_recording_goes_on_where_its_checkpoint_is(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(2)
    project.record(*KEPT)
    numbers += stream.fill(2)
    assert "2 records written to out.jsonl" in project.record(*KEPT).stderr
    assert project.numbers() == numbers


def test_a_recording_whose_checkpoint_is_lost_still_has_every_record_once(
    project: LiveProject, server: StreamServer
) -> None:
    stream = server.enable()
    numbers = stream.fill(3)
    project.record(*KEPT)
    # As after a kill: the last line is cut off, and the checkpoint knows of nothing.
    whole = (project.folder / "out.jsonl").read_bytes()
    (project.folder / "out.jsonl").write_bytes(whole[:-20])
    numbers += stream.fill(1)
    result = project.record("--checkpoint", "new.db")
    assert "2 records written to out.jsonl" in result.stderr
    assert project.numbers() == numbers


def test_a_recording_that_was_killed_and_taken_up_again_has_every_record_once(
    project: LiveProject, server: StreamServer
) -> None:
    stream = server.enable()
    numbers = stream.fill(2500)
    arguments = ("record", "--table", "orders", "--output", "out.jsonl", "--poll-interval", "0.02", *KEPT)
    for pages in (2, 3, 4):
        with project.started(*arguments) as process:
            asked = len(server.asked)

            def before(
                operation: str, since: int = asked, wanted: int = pages, process: subprocess.Popen[str] = process
            ) -> None:
                # Pages before this one were read, and are written, or are not.
                if operation == "GetRecords" and server.asked[since:].count("GetRecords") == wanted:
                    process.kill()

            server.before = before
            process.wait(60)
        numbers += stream.fill(500)
    server.before = bool
    assert project.record(*KEPT).exit_code == 0
    assert project.numbers() == numbers


def test_ctrl_c_ends_a_recording_with_what_it_has(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(2)
    arguments = ("record", "--table", "orders", "--output", "-", "--poll-interval", "0.02")
    with project.started(*arguments) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in numbers]
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0
    assert [json.loads(line)["dynamodb"]["SequenceNumber"] for line in lines] == numbers
    assert stderr.endswith("2 records written to -\n")


def test_a_reader_that_has_enough_ends_a_recording_quietly(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(1)
    arguments = ("record", "--table", "orders", "--output", "-", "--poll-interval", "0.02")
    with project.started(*arguments) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        stream.fill(1)
        lines = lines_until(process.stderr, "1 record written to -")
        process.wait(60)
    assert process.returncode == 0
    assert "Traceback" not in "".join(lines)


def test_standard_output_that_is_a_file_takes_a_recording(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(2)
    arguments = ("record", "--table", "orders", "--output", "-", "--until-caught-up")
    with (
        (project.folder / "out.jsonl").open("wb") as file,
        project.started(*arguments, stdout=file) as process,
    ):
        assert process.wait(60) == 0
    assert project.numbers() == numbers


def test_a_named_pipe_takes_a_recording(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(2)
    pipe = project.folder / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert project.record(output="pipe").exit_code == 0
    reader.join(60)
    assert [json.loads(line)["dynamodb"]["SequenceNumber"] for line in read[0].splitlines()] == numbers


def test_a_named_pipe_whose_reader_left_is_told(project: LiveProject, server: StreamServer) -> None:
    server.enable().fill(2)
    pipe = project.folder / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", "open('pipe', 'rb').close()"]
    with subprocess.Popen(command, cwd=project.folder) as reader:  # noqa: S603  # the command is ours
        server.before = lambda operation: operation == "GetRecords" and reader.wait(60)
        result = project.record(output="pipe")
    assert result.exit_code == 2
    assert "Error: --output pipe cannot be written: Broken pipe" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux'")
@pytest.mark.parametrize("options", [(), KEPT])
def test_a_disk_that_is_full_is_told_and_nothing_is_checkpointed(
    project: LiveProject, server: StreamServer, options: tuple[str, ...]
) -> None:
    numbers = server.enable().fill(2)
    result = project.record(*options, output="/dev/full")
    assert result.exit_code == 2
    assert "Error: --output /dev/full cannot be written: No space left on device" in result.stderr
    project.record(*KEPT)
    assert project.numbers() == numbers


@pytest.mark.parametrize(
    "content", ["a letter to a friend", '{"id": 1}\n', "{}\n", '{"dynamodb": {}}\n', "[1]\n", "\n"]
)
def test_a_file_that_is_no_recording_is_refused_and_left_alone(
    project: LiveProject, server: StreamServer, content: str
) -> None:
    server.enable().fill(1)
    project.write("out.jsonl", content)
    result = project.record(*KEPT)
    assert result.exit_code == 2
    assert "Error: --output out.jsonl is no recording: line 1 is no stream record" in result.stderr
    assert (project.folder / "out.jsonl").read_text() == content
    result = project.record()
    assert result.exit_code == 2
    assert "Error: --output out.jsonl is there already" in result.stderr


def test_a_new_file_with_an_old_checkpoint_is_told_where_it_begins(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(1)
    assert "is new" not in project.record(*KEPT).stderr
    numbers = stream.fill(1)
    result = project.record(*KEPT, output="second.jsonl")
    assert "note: second.jsonl is new; it begins where --checkpoint says that another recording ended" in result.stderr
    assert project.numbers("second.jsonl") == numbers


def test_a_recording_to_standard_output_is_alone_there(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(2)
    result = project.record(output="-")
    lines = result.stdout_bytes.splitlines()
    assert [json.loads(line)["dynamodb"]["SequenceNumber"] for line in lines] == numbers


def test_standard_output_that_nobody_reads_any_more_ends_a_recording_quietly(
    project: LiveProject, server: StreamServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enable().fill(1)
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8") as stdout:  # noqa: PTH123  # an open file's number
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as exited:
            cli(("record", "--table", "orders", "--output", "-"))
    assert exited.value.code == 0
    assert capsys.readouterr().err.endswith("0 records written to -\n")


def test_a_file_that_is_empty_takes_a_recording(project: LiveProject, server: StreamServer) -> None:
    numbers = server.enable().fill(1)
    project.write("out.jsonl", "")
    project.record()
    assert project.numbers() == numbers


def test_a_recording_of_another_stream_is_not_gone_on_with(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    numbers = stream.fill(1)
    project.record(*KEPT)
    other = server.enable("customers")
    other.fill(1)
    result = project.record(*KEPT, table="customers")
    assert result.exit_code == 2
    assert f"--output out.jsonl holds records of {stream.arn}, and this is {other.arn}" in result.stderr
    assert project.numbers() == numbers


def test_a_recording_ends_with_its_stream_and_names_the_one_that_followed(
    project: LiveProject, server: StreamServer
) -> None:
    old = server.enable()
    numbers = old.fill(1)
    old.disable()
    new = server.enable()
    new.fill(1)
    # Of a table the newest stream is recorded, unless an older one was begun.
    project.record(output="new.jsonl")
    assert [one["eventSourceARN"] for one in project.recorded("new.jsonl")] == [new.arn]
    result = project.call("record", "--stream-arn", old.arn, "--output", "out.jsonl", *KEPT)
    assert (result.exit_code, project.numbers()) == (0, numbers)
    result = project.record(*KEPT)
    assert project.numbers() == numbers
    assert f"note: the table has another stream since, which a recording of its own takes: --stream-arn {new.arn}" in (
        result.stderr
    )


def test_records_that_nobody_could_read_make_the_exit_code_1(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(1)
    project.record(*KEPT)
    refused = [Refusal("TrimmedDataAccessException", "too old")]

    def before(operation: str) -> None:
        if operation == "GetRecords" and refused:
            raise refused.pop()

    server.before = before
    result = project.record(*KEPT)
    assert result.exit_code == 1
    assert "lost: " in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--redact", ""), "--redact: '' is no path of an item: write names separated by dots, like customer.email"),
        (("--redact", "a..b"), "--redact: 'a..b' is no path of an item"),
        (SECRET, "--redact-secret without --redact replaces nothing: name what to replace"),
        (("--redact", "email", "--redact-secret", " "), "--redact-secret is empty"),
        (("--redact", "email", *KEPT), "--redact with --checkpoint takes --redact-secret TEXT"),
        (("--filter-criteria", "{"), "--filter-criteria '{' is not JSON"),
        (("--checkpoint", "/"), "--checkpoint / cannot be used: "),
        (("--output", "."), "--output . cannot be written: Is a directory"),
        (("--output", "no/where"), "--output no/where cannot be written: No such file or directory"),
        (("--checkpoint", "out.jsonl"), "--output out.jsonl is the file of --checkpoint, too: name another one"),
    ],
)
def test_an_option_that_cannot_work_is_refused_by_its_name(
    project: LiveProject, server: StreamServer, options: tuple[str, ...], said: str
) -> None:
    server.enable().fill(1)
    if "out.jsonl" in options:
        project.write("out.jsonl", "")
    result = project.record(*options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_table_that_is_not_there_leaves_no_recording_behind_that_would_be_in_the_way(
    project: LiveProject, server: StreamServer
) -> None:
    assert project.record(table="nobody").exit_code == 2
    server.enable().fill(1)
    assert project.record().exit_code == 0


def test_an_answer_that_is_no_record_is_told(project: LiveProject, server: StreamServer) -> None:
    stream = server.enable()
    stream.fill(1)
    del stream.shards[0].records[0]["dynamodb"]["Keys"]
    result = project.record()
    assert result.exit_code == 2
    assert "Error: the stream holds something that is none of its records" in result.stderr
