"""Templates with one fault each, in each format, and sound ones: what is found is the fault, and nothing else.

A file is called after the rule and the handler of `app` that it deploys.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamkit.deployment.checking.check import RULES, check_mappings
from streamkit.deployment.checking.choosing import choose
from streamkit.deployment.reading import read_template
from tests.deployment.checking import app

if TYPE_CHECKING:
    from streamkit.deployment.checking.finding import Report

TEMPLATES = Path(__file__).parents[2] / "data" / "templates"
PLANTED = sorted((TEMPLATES / "planted").rglob("*.*"))
CLEAN = sorted((TEMPLATES / "clean").rglob("*.*"))
# What costs records, silently or all of them: each format has a template of its own.
DANGEROUS = {
    "failures-not-reported",
    "window-missing",
    "window-length",
    "window-unexpected",
    "view-type-lacks-image",
    "filter-never-matches",
    "filter-drops-handled",
    "poison-record-blocks",
    "good-records-discarded",
    "discarded-without-trace",
    "expired-while-gathered",
}


def of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def checked(path: Path) -> Report:
    handler, name = getattr(app, path.name.split(".")[1]), f"app:{path.name.split('.')[1]}"
    mappings = read_template(path)
    return check_mappings(handler, choose(mappings, str(path), handler, name=name), name=name)


@pytest.mark.parametrize("path", PLANTED, ids=of)
def test_the_planted_fault_is_found_and_nothing_else(path: Path) -> None:
    report = checked(path)
    assert [finding.rule for finding in report.findings] == [path.name.split(".")[0]], "\n".join(
        map(str, report.findings)
    )
    (one,) = report.findings
    assert one.place.file == str(path)
    assert one.place.path
    assert one.place.line or "terraform" in path.parts


@pytest.mark.parametrize("path", CLEAN, ids=of)
def test_nothing_is_found_in_a_sound_template(path: Path) -> None:
    report = checked(path)
    assert [str(finding) for finding in report.findings] == []


def test_every_rule_has_a_template_and_the_dangerous_ones_have_one_in_each_format() -> None:
    planted = {path.name.split(".")[0] for path in PLANTED}
    assert planted == {rule.name for rule in RULES}
    for kind in ("sam", "cloudformation", "terraform"):
        assert {path.name.split(".")[0] for path in PLANTED if kind in path.parts} >= DANGEROUS, kind


def test_little_is_left_unchecked_in_a_template_that_holds_everything() -> None:
    for path in CLEAN:
        if path.name.startswith("as-it-should-be"):
            assert [str(one) for one in checked(path).not_checked] == [], of(path)
