"""A rule: its name, how grave it is, where it is known from, and the function that looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamkit.deployment.checking.finding import Severity
    from streamkit.deployment.checking.subject import Subject
    from streamkit.deployment.found import Place

__all__ = ["Fault", "Rule"]


class Fault(NamedTuple):
    """What a rule found."""

    place: Place
    what: str
    why: str
    change: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked at."""

    name: str
    """In kebab case."""
    severity: Severity
    says: str
    """What it finds, as the documentation's table has it."""
    source: str
    find: Callable[[Subject], Iterable[Fault]]
    """May raise `UnknownError`, for what is known only once it is deployed."""
