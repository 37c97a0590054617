"""``streamkit explain``: the explanation as text and as JSON, and what is said where there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

TYPED = """
from pydantic import BaseModel
from streamkit import Insert, stream_handler

print("the module is imported")

class Order(BaseModel):
    id: int
    ref: int | str

@stream_handler
def handler(change: Insert[Order]) -> None: ...

def function(change: Insert[Order]) -> None: ...

def nothing(event): ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path, monkeypatch)
    project.app(TYPED)
    return project


LINES = """\
Insert.new: Order, compiled
  id   compiled
  ref  reference: a union without a discriminator: which of its members fits is the reference's to find out
"""


@pytest.mark.parametrize("target", ["handler", "function"])
def test_a_handler_or_what_could_be_one_is_explained_field_by_field(project: Project, target: str) -> None:
    result = project.call("explain", f"{project.module}:{target}")
    assert result.exit_code == 0
    assert result.stdout == f"{project.module}.{target}\n{LINES}"


def test_as_json_the_same_is_said_and_what_the_module_prints_is_kept_out_of_it(project: Project) -> None:
    result = project.call("explain", f"{project.module}:handler", "--json")
    assert result.stderr == "the module is imported\n"
    (image,) = json.loads(result.stdout)["images"]
    assert image["images"] == ["Insert.new"]
    assert (image["type"], image["how"], image["reason"]) == ("Order", "compiled", "")
    assert [part["path"] for part in image["parts"]] == ["id", "ref"]
    assert [bool(part["reason"]) for part in image["parts"]] == [False, True]


def test_a_function_that_takes_no_change_is_refused_with_what_it_should_be(project: Project) -> None:
    message = project.refusal("explain", f"{project.module}:nothing")
    assert "has no annotation" in message
    assert "Change[Order]" in message


def test_a_name_that_is_not_there_is_refused_as_by_run(project: Project) -> None:
    assert "its handlers are handler" in project.refusal("explain", f"{project.module}:missing")
