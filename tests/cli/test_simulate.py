"""``streamkit simulate``: what it finds, what it says, and what it cannot work with."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

APP = """
import logging
from pydantic import BaseModel
from streamkit import Insert, stream_handler

class Order(BaseModel):
    id: int

class Line(BaseModel):
    order: int
    line: int

totals = {"orders": 0}
seen = set()
more = []

@stream_handler(batch_size=3)
def counting(change: Insert[Order]) -> None:
    print("counted")
    logging.getLogger("app").error("counted")
    totals["orders"] += 1

@stream_handler
def mended(change: Insert[Order]) -> None:
    seen.add(change.meta.event_id)
    totals["orders"] = len(seen)
    more.append(1)

@stream_handler
def lines(change: Insert) -> None: ...

def check(table):
    assert totals["orders"] == sum(record["eventName"] == "INSERT" for record in table.records)

def check_seen(table):
    assert totals["orders"] == len(seen)
    check(table)

def fresh():
    totals["orders"] = 0
    seen.clear()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path, monkeypatch)
    project.app(APP)
    return project


def test_what_breaks_the_invariant_is_shown_and_the_exit_code_is_1(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    app = project.module
    result = project.call("simulate", f"{app}:counting", "--invariant", f"{app}:check")
    assert result.exit_code == 1
    assert result.output.startswith(f"{app}:counting: schedule ")
    assert f"from {app} import check, counting\n" in result.output
    assert "    with replay(counting, check, faults={1: " in result.output
    assert '        table.put({"id": 1})\n' in result.output
    assert "counted\n" not in result.output
    assert caplog.records == []
    assert logging.root.manager.disable == 0


def test_a_seed_shows_the_same_again(project: Project) -> None:
    call = ("simulate", f"{project.module}:counting", "--invariant", f"{project.module}:check")
    first = project.call(*call).output
    seed = first.partition("(seed ")[2].partition(")")[0]
    again = project.call(*call, "--seed", seed, "--schedules", "1").output
    assert again.partition("(seed ")[2] == first.partition("(seed ")[2]


def test_where_nothing_is_found_it_says_what_was_tried_and_the_exit_code_is_0(project: Project) -> None:
    app = project.module
    result = project.call("simulate", f"{app}:mended", "--invariant", f"{app}:check_seen", "--schedules", "50")
    assert result.exit_code == 0
    assert result.output.startswith(f"{app}:mended: the invariant held after each of 50 schedules: ")


def test_setup_world_items_key_and_the_mappings_settings_are_taken(project: Project) -> None:
    app = project.module
    result = project.call(
        *("simulate", f"{app}:lines", "--invariant", f"{app}:check", "--setup", f"{app}:fresh"),
        *("--world", f"{app}:seen", "--world", f"{app}:more", "--items", f"{app}:Line", "--key", "order,line"),
        *("--schedules", "20", "--batch-size", "7"),
    )
    assert result.exit_code == 1
    for line in (
        'key=("order", "line"),',
        "setup=fresh,",
        "world=[seen, more],",
        'mapping={"BatchSize": 7, "FunctionResponseTypes": ["ReportBatchItemFailures"]},',
    ):
        assert f"        {line}\n" in result.output
    assert 'table.put({"order": ' in result.output


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("lines", "--invariant", "{app}:check"), "lines does not say what its items are: give items="),
        (("counting", "--invariant", "{app}:totals"), "an invariant is a function of table and runner"),
        (("counting", "--invariant", "{app}:nothing"), "has no 'nothing'"),
        (("lines", "--invariant", "{app}:check", "--items", "{app}:Line"), "id"),
        (("counting", "--invariant", "{app}:check", "--schedules", "0"), "--schedules"),
        (("counting",), "--invariant"),
    ],
)
def test_what_cannot_be_simulated_has_the_exit_code_2(project: Project, options: tuple[str, ...], text: str) -> None:
    handler, *rest = (one.format(app=project.module) for one in options)
    result = project.call("simulate", f"{project.module}:{handler}", *rest)
    assert result.exit_code == 2
    assert text in result.stderr
