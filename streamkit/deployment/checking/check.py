"""All rules, and what they come to."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking import (
    driftrules,
    failurerules,
    filterrules,
    imagerules,
    permissionrules,
    refusalrules,
    responserules,
    timerules,
)
from streamkit.deployment.checking.finding import Finding, NotChecked, Report
from streamkit.deployment.checking.handlerfacts import facts_of
from streamkit.deployment.checking.subject import Subject, UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from streamkit.deployment.checking.rule import Fault, Rule
    from streamkit.deployment.found import FoundMapping

__all__ = ["RULES", "check_mappings"]

RULES: tuple[Rule, ...] = (
    *responserules.RULES,
    *imagerules.RULES,
    *filterrules.RULES,
    *failurerules.RULES,
    *timerules.RULES,
    *permissionrules.RULES,
    *driftrules.RULES,
    *refusalrules.RULES,
)
"""Every rule, the most dangerous first."""


def check_mappings(
    handler: Callable[..., Any],
    mappings: Sequence[FoundMapping],
    *,
    name: str | None = None,
    ignore: Collection[str] = (),
) -> Report:
    """Look at each mapping with every rule; ``name``: what the handler is called, ``ignore``: rules to leave out.

    Raises ValueError for a rule to ignore that there is not.
    """
    _check_names(ignore)
    facts = facts_of(handler, name)
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    for found in mappings:
        subject = Subject(found, facts)
        unknown: dict[str, list[str]] = {}
        for rule in RULES:
            if rule.name in ignore:
                continue
            try:
                # What was found before something unknown was met stays found.
                findings.extend(_finding(rule, found.name, fault) for fault in rule.find(subject))
            except UnknownError as error:
                unknown.setdefault(str(error), []).append(rule.name)
        not_checked += [NotChecked(found.name, rules, why) for why, rules in unknown.items()]
    findings.sort(key=lambda finding: finding.severity)  # errors come first, by their name
    return Report(facts.name, mappings, findings, not_checked, [rule.name for rule in RULES if rule.name in ignore])


def _finding(rule: Rule, mapping: str, fault: Fault) -> Finding:
    return Finding(rule.name, rule.severity, mapping, fault.place, fault.what, fault.why, fault.change, rule.source)


def _check_names(names: Collection[str]) -> None:
    known = [rule.name for rule in RULES]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            meant = f"did you mean {close[0]}?" if close else f"the rules are {', '.join(known)}"
            raise ValueError(f"there is no rule {name!r} to ignore: {meant}")
