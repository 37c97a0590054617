"""The fidelity page says what the rules say: it cannot drift from the tests."""

from __future__ import annotations

from tests.conformance.fidelity import PAGE, SECTIONS, TABLES, page


def test_the_page_is_what_the_rules_make_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.conformance.fidelity"


def test_every_rule_is_on_the_page() -> None:
    assert {rule.section for rules in TABLES.values() for rule in rules} <= set(SECTIONS)


def test_what_is_our_choice_says_what_we_chose() -> None:
    silent = [str(rule) for rules in TABLES.values() for rule in rules if rule.grade in ("U", "C") and not rule.choice]
    assert silent == []
