"""Every form of recording that ``streamkit run`` takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.build import event, record
from tests.cli.project import Project

if TYPE_CHECKING:
    from click.testing import Result

DATA = Path(__file__).parents[1] / "data"
AWS_SAMPLES = ("aws-sample-event.json", "aws-sample-window-event.json")

ALL = (record(1), record(2, "MODIFY"), record(3, "REMOVE"))
LINES = "".join(json.dumps(one) + "\n" for one in ALL)
PRETTY = json.dumps(event(*ALL), indent=2)
BOM = "\ufeff"

FORMS = {
    "an event on one line": json.dumps(event(*ALL)),
    "a pretty-printed event": PRETTY,
    "a pretty-printed event with CRLF": PRETTY.replace("\n", "\r\n"),
    "a pretty-printed event with a BOM": BOM + PRETTY,
    "a pretty-printed event among blank lines": "\n  \n" + PRETTY.replace("\n", "\n\n") + "\n\n",
    "a list on one line": json.dumps(ALL),
    "a pretty-printed list": json.dumps(ALL, indent=4),
    "a list with a record a line": "[\n" + ",\n".join(json.dumps(one) for one in ALL) + "\n]\n",
    "JSON lines of records": LINES,
    "JSON lines without a last line end": LINES.rstrip("\n"),
    "JSON lines with CRLF": LINES.replace("\n", "\r\n"),
    "JSON lines with a BOM": BOM + LINES,
    "JSON lines among blank lines": "\n\n" + LINES.replace("\n", "\n \t\n") + "\n",
    "JSON lines of events": json.dumps(event(*ALL[:2])) + "\n" + json.dumps(event(ALL[2])) + "\n",
    "JSON lines of events, one of them empty": json.dumps(event(*ALL)) + "\n" + json.dumps(event()) + "\n",
    "JSON lines of lists": json.dumps(ALL[:1]) + "\n" + json.dumps(ALL[1:]) + "\n",
    "JSON lines of everything": "\n".join([json.dumps(ALL[0]), json.dumps(ALL[1:2]), json.dumps(event(ALL[2]))]),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def handled(result: Result) -> list[str]:
    return [line.removeprefix("handled ") for line in result.stdout.splitlines() if line.startswith("handled ")]


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_a_file_of_any_form_brings_every_record_in_order(project: Project, content: str) -> None:
    project.write("recording", content)
    result = project.run("handler", events="recording")
    assert (result.exit_code, result.stderr) == (0, "")
    assert handled(result) == ["1", "2", "3"]


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_standard_input_of_any_form_brings_every_record_in_order(project: Project, content: str) -> None:
    result = project.run("handler", events="-", stdin=content.encode())
    assert (result.exit_code, result.stderr) == (0, "")
    assert handled(result) == ["1", "2", "3"]


def test_a_single_pretty_printed_record_is_a_recording(project: Project) -> None:
    project.write("one.json", json.dumps(ALL[0], indent=2))
    assert handled(project.run("handler", events="one.json")) == ["1"]


def test_text_beyond_ascii_arrives_as_it_was(project: Project) -> None:
    project.app(
        """
        def handler(event, context):
            print(event["Records"][0]["dynamodb"]["NewImage"]["name"]["S"])
        """
    )
    project.write("events.jsonl", json.dumps(record(1, new={"name": {"S": "Zoë 🦊"}}), ensure_ascii=False))
    assert "Zoë 🦊\n" in project.run("handler").stdout


def test_records_out_of_order_are_sorted_and_the_user_is_told(project: Project) -> None:
    project.recording(record(2), record(10), record(1))
    result = project.run("handler")
    assert handled(result) == ["1", "2", "10"]
    assert result.stderr == "note: 3 records were not in the order of their numbers; they are sorted\n"


@pytest.mark.parametrize("sample", AWS_SAMPLES)
def test_awss_sample_event_runs_through_an_untyped_handler(project: Project, sample: str) -> None:
    result = project.run("handler", events=str(DATA / sample))
    assert (result.exit_code, result.stderr) == (0, "")
    assert handled(result) == ["111", "222", "333"]


@pytest.mark.parametrize("sample", AWS_SAMPLES)
def test_awss_sample_event_runs_through_a_handler_typed_with_a_model(project: Project, sample: str) -> None:
    project.app(
        """
        from pydantic import BaseModel
        from streamkit import Change, Insert, Modify, Remove, stream_handler

        class Item(BaseModel):
            Id: int
            Message: str

        @stream_handler
        def handler(change: Change[Item]) -> None:
            match change:
                case Insert(new=new):
                    print("inserted", new)
                case Modify(new=new, old=old):
                    print("modified", old, "->", new)
                case Remove(old=old):
                    print("removed", old)
        """
    )
    result = project.run("handler", events=str(DATA / sample))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:3] == [
        "inserted Id=101 Message='New item!'",
        "modified Id=101 Message='New item!' -> Id=101 Message='This item has changed'",
        "removed Id=101 Message='This item has changed'",
    ]


@pytest.mark.parametrize("sample", AWS_SAMPLES)
def test_awss_sample_records_which_have_no_time_are_retried_for_a_day_too(project: Project, sample: str) -> None:
    project.write("events.jsonl", (DATA / sample).read_bytes())
    result = project.run("failing")
    assert result.exit_code == 1
    assert "0 of 3 records were handled: 3 expired" in result.stdout
