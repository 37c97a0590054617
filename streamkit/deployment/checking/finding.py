"""What a check says: findings, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.deployment.found import FoundMapping, Place

__all__ = ["Finding", "NotChecked", "Report", "Severity"]

Severity: TypeAlias = Literal["error", "warning"]
"""``error``: what is deployed does not do what the code is written for, or Lambda refuses it. ``warning``: it works
until something else goes wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit."""

    rule: str
    """The rule's name, as ``--ignore`` takes it."""
    severity: Severity
    mapping: str
    """What the deployment calls the mapping."""
    place: Place
    what: str
    """What was found, with the values of both sides."""
    why: str
    """Why it bites."""
    change: str
    """What to write instead, in the language of the place."""
    source: str
    """Where it is known from: the SEMANTICS section, and the grade of its evidence."""

    def __str__(self) -> str:
        change = "\n".join(f"    {line}" for line in self.change.splitlines())
        return (
            f"{self.severity}[{self.rule}] {self.place}\n  {self.what}\n  why: {self.why} ({self.source})\n"
            f"  change:\n{change}"
        )


@dataclass(frozen=True, slots=True)
class NotChecked:
    """What rules could not look at."""

    mapping: str
    rules: Sequence[str]
    why: str

    def __str__(self) -> str:
        return f"{', '.join(self.rules)}: {self.why}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check came to."""

    handler: str
    mappings: Sequence[FoundMapping]
    findings: Sequence[Finding] = field(default_factory=list)
    """Errors first."""
    not_checked: Sequence[NotChecked] = field(default_factory=list)
    ignored: Sequence[str] = field(default_factory=list)
    """The rules that were left out."""

    def count(self, severity: Severity) -> int:
        """Return how many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def fits(self, *, strict: bool = False) -> bool:
        """Whether what is deployed fits the code; ``strict``: warnings count, too."""
        return not (self.findings if strict else self.count("error"))
