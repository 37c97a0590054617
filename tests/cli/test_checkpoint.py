"""``streamkit run --checkpoint``: a run that was stopped goes on where it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build import record
from tests.cli.project import Project

REPOSITORY = Path(__file__).parents[2]

STOPPED_ONCE = """
from pathlib import Path

def handler(event, context):
    number = event["Records"][0]["dynamodb"]["SequenceNumber"]
    if number == "2" and not Path("stopped").exists():
        Path("stopped").touch()
        {stop}
    print("handled", number)
"""
ONE_BY_ONE = ("--batch-size", "1", "--checkpoint", "checkpoints.db")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def handled(output: str) -> list[str]:
    return [line.removeprefix("handled ") for line in output.splitlines() if line.startswith("handled ")]


def test_a_run_that_was_interrupted_goes_on_with_what_was_in_flight(project: Project) -> None:
    project.app(STOPPED_ONCE.format(stop="raise KeyboardInterrupt"))
    first = project.run("handler", *ONE_BY_ONE)
    assert (first.exit_code, handled(first.stdout)) == (1, ["1"])
    second = project.run("handler", *ONE_BY_ONE)
    assert (second.exit_code, handled(second.stdout)) == (0, ["2", "3"])
    assert second.stderr == "note: 1 record was done before, as --checkpoint says\n"
    assert "all 2 records were handled, in 2 invocations" in second.stdout


def test_a_run_that_was_killed_goes_on_where_it_was(project: Project) -> None:
    project.app(STOPPED_ONCE.format(stop="import os; os._exit(9)"))
    command = [sys.executable, "-c", "from streamkit.cli import main; main()", "run", f"{project.module}:handler"]
    command += ["--events", "events.jsonl", *ONE_BY_ONE]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    runs = [
        subprocess.run(  # noqa: S603  # the command is ours
            command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False
        )
        for _ in range(2)
    ]
    assert [run.returncode for run in runs] == [9, 0], runs
    assert [handled(run.stdout) for run in runs] == [["1"], ["2", "3"]]


def test_a_run_that_failed_fast_goes_on_when_the_handler_is_mended(project: Project) -> None:
    options = ("--checkpoint", "checkpoints.db", "--function-name", "orders")
    first = project.run("poison", "--fail-fast", *options)
    assert "1 of 3 records were handled" in first.stdout
    second = project.run("handler", *options)
    assert handled(second.stdout) == ["2", "3"]
    assert second.exit_code == 0


def test_a_run_that_is_done_has_nothing_left_to_do(project: Project) -> None:
    options = ("--checkpoint", "checkpoints.db")
    assert project.run("plain", *options).exit_code == 0
    again = project.run("plain", *options)
    assert again.exit_code == 0
    assert "batch of" not in again.stdout
    assert again.stderr == "note: 3 records were done before, as --checkpoint says\n"


def test_records_that_were_given_up_are_not_tried_again(project: Project) -> None:
    options = ("--checkpoint", "checkpoints.db", "--maximum-retry-attempts", "0")
    assert project.run("poison", *options).exit_code == 1
    assert handled(project.run("poison", *options).stdout) == []


def test_records_that_a_filter_leaves_out_are_done_with(project: Project) -> None:
    criteria = '{"Filters": [{"Pattern": "{\\"eventName\\": [\\"REMOVE\\"]}"}]}'
    options = ("--checkpoint", "checkpoints.db", "--filter-criteria", criteria)
    project.run("plain", *options)
    assert "3 records were done before" in project.run("plain", *options).stderr


def test_what_was_recorded_since_is_delivered(project: Project) -> None:
    options = ("--checkpoint", "checkpoints.db")
    project.run("handler", *options)
    project.recording(*(record(number) for number in range(1, 6)))
    result = project.run("handler", *options)
    assert handled(result.stdout) == ["4", "5"]
    assert "all 2 records were handled" in result.stdout


def test_each_function_has_checkpoints_of_its_own_in_one_file(project: Project) -> None:
    options = ("--checkpoint", "checkpoints.db")
    project.run("handler", *options)
    assert "batch of 3" in project.run("plain", *options).stdout


LANES = """
from pathlib import Path

def handler(event, context):
    number = event["Records"][0]["dynamodb"]["SequenceNumber"]
    if number == "1" and not Path("failed").exists():
        Path("failed").touch()
        raise ValueError("once, so that the other lanes get ahead")
    if number == "1" and not Path("stopped").exists():
        Path("stopped").touch()
        raise KeyboardInterrupt
    print("handled", number)
"""


def test_what_other_lanes_had_done_ahead_of_the_checkpoint_is_not_done_again(project: Project) -> None:
    project.app(LANES)
    project.recording(*(record(number) for number in range(1, 9)))
    options = (*ONE_BY_ONE, "--parallelization-factor", "8")
    first = handled(project.run("handler", *options).stdout)
    assert first
    assert "1" not in first
    second = project.run("handler", *options)
    assert sorted(first + handled(second.stdout)) == list("12345678")
    assert second.exit_code == 0
    left = len(handled(second.stdout))
    assert f"{left} record{'s were' if left > 1 else ' was'} handled, in {left} invocation" in second.stdout


def test_a_crash_is_delivered_again_by_the_next_run(project: Project) -> None:
    options = (*ONE_BY_ONE, "--faults", "crash=0.5", "--seed", "1")
    first = project.run("handler", *options, "--fail-fast")
    assert first.exit_code == 1
    second = project.run("handler", *ONE_BY_ONE)
    assert handled(second.stdout)[0] == handled(first.stdout)[-1]
    assert second.exit_code == 0


@pytest.mark.parametrize("name", ["/", "no/where", "events.jsonl"])
def test_a_file_that_holds_no_checkpoints_is_refused_and_left_alone(project: Project, name: str) -> None:
    before = (project.folder / "events.jsonl").read_bytes()
    message = project.refusal("run", f"{project.module}:handler", "--events", "events.jsonl", "--checkpoint", name)
    assert message.startswith(f"Error: --checkpoint {name} cannot be used: ")
    assert message.endswith("; name a file that an earlier run made, or a new one\n")
    assert (project.folder / "events.jsonl").read_bytes() == before


@pytest.mark.parametrize("name", ["", ".", ":memory:"])
def test_a_checkpoint_that_would_be_kept_nowhere_is_refused(project: Project, name: str) -> None:
    message = project.refusal("run", f"{project.module}:plain", "--events", "events.jsonl", "--checkpoint", name)
    assert message == f"Error: --checkpoint takes the name of a file; {name!r} is none, and would keep nothing\n"


def test_the_journal_is_not_written_over_the_checkpoints(project: Project) -> None:
    project.run("plain", "--checkpoint", "checkpoints.db")
    result = project.run("plain", "--checkpoint", "checkpoints.db", "--journal", "checkpoints.db")
    assert result.exit_code == 2
    assert "3 records were done before" in project.run("plain", "--checkpoint", "checkpoints.db").stderr


def test_the_journal_is_not_written_over_checkpoints_that_are_new_either(project: Project) -> None:
    result = project.run("plain", "--checkpoint", "both", "--journal", "both")
    assert result.exit_code == 2
    assert "batch of" not in result.stdout
