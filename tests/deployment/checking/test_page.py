"""docs/check.md lists the rules as they are."""

from __future__ import annotations

import re

from streamkit.deployment.checking.check import RULES
from tests.docs.pages import DOCS

ROW = re.compile(r"^\| `([a-z-]+)` \| (error|warning) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_the_page_has_each_rule_with_its_severity_and_source() -> None:
    rows = ROW.findall((DOCS / "check.md").read_text(encoding="utf-8"))
    assert rows == [(rule.name, rule.severity, rule.says, rule.source) for rule in RULES]
