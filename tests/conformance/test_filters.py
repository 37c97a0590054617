"""Runs the table of filters: each row is a rule of SEMANTICS §6, or a refusal of §1."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from streamkit.filterlint import never_matches
from streamkit.filteroperators import OPERATORS
from streamkit.filters import check_pattern, matcher
from tests.conformance.filters import FILTERS, FilterRule

if TYPE_CHECKING:
    from streamkit.settings import FilterCriteria


def patterns_of(rule: FilterRule) -> list[str]:
    several = rule.pattern if isinstance(rule.pattern, tuple) else (rule.pattern,)
    return [one if isinstance(one, str) else json.dumps(one) for one in several]


@pytest.mark.parametrize("rule", FILTERS, ids=str)
def test_what_a_filter_takes(rule: FilterRule) -> None:
    patterns = patterns_of(rule)
    criteria: FilterCriteria = {"Filters": [{"Pattern": text} for text in patterns]}
    if rule.matches is None:
        with pytest.raises(ValueError, match=r"^Invalid filter pattern definition"):
            check_pattern(patterns[0])
        return
    assert matcher(criteria)(rule.record) is rule.matches
    assert bool(never_matches(criteria)) is rule.warns


def test_every_rule_is_told_apart_by_what_it_says() -> None:
    assert [rule for rule, times in Counter(map(str, FILTERS)).items() if times > 1] == []


@pytest.mark.parametrize("operator", [*OPERATORS, "$or"])
def test_every_operator_has_a_rule_for_and_one_against(operator: str) -> None:
    said = [rule.matches for rule in FILTERS if any(f'"{operator}"' in text for text in patterns_of(rule))]
    assert {True, False} <= set(said)
