"""`criteria`: conditions to the FilterCriteria of a mapping, as Lambda's API and all of streamkit take them."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from streamkit.conditions import condition_of, short
from streamkit.conjunctions import held, merged
from streamkit.errors import FilterPatternWarning
from streamkit.filters import OR
from streamkit.settings import FilterCriteria

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamkit.conditions import Condition
    from streamkit.conjunctions import At, Conjunction
    from streamkit.patternvalues import Values

__all__ = ["criteria"]

# SEMANTICS §1.
_DEFAULT_QUOTA = 5
_MOST = 10
_CHARACTERS = 4096


def criteria(*conditions: Condition | bool) -> FilterCriteria:
    """Return the filters that take a record of which any of these conditions is true; each becomes one filter.

    For ``filter_criteria=`` of a decorator or of `EventSourceMapping`, and for ``streamkit.filters.matcher``. An
    account takes 5 filters, and up to 10 after a raise of its quota: from the sixth on a FilterPatternWarning says so.
    ValueError for more than 10, and for a filter of more than 4,096 characters; TypeError for what is no condition.
    """
    made = [condition_of(one, "criteria()") for one in conditions]
    if not made or len(made) > _MOST:
        raise ValueError(
            f"criteria() takes 1 to 5 conditions (10 by quota), each of them a filter, not {len(made)}: join some with "
            f"| to make them one filter, and leave filter_criteria out to take everything"
        )
    if len(made) > _DEFAULT_QUOTA:
        warnings.warn(
            f"{len(made)} filters: an account takes 5 unless its quota was raised; joined with | they are one filter",
            FilterPatternWarning,
            stacklevel=2,
        )
    return FilterCriteria(Filters=[{"Pattern": _text(one)} for one in made])


def _text(condition: Condition) -> str:
    """Return a condition as the JSON of a pattern."""
    pattern = _pattern(merged(map(held, condition.alternatives)))
    text = json.dumps(pattern, ensure_ascii=False)
    if len(text) > _CHARACTERS:
        text = json.dumps(pattern, ensure_ascii=False, separators=(",", ":"))
    if len(text) > _CHARACTERS:
        raise ValueError(
            f"the filter of {short(condition.text)} has {len(text)} characters, and Lambda takes {_CHARACTERS}: make "
            f"several filters of it, as conditions of their own, or leave a part to the handler"
        )
    return text


def _pattern(alternatives: Sequence[Conjunction]) -> dict[str, Any]:
    if len(alternatives) == 1:
        return _nested(alternatives[0].items())
    # What passes through lists stays in its alternative: conditions on one list are about one element of it, and
    # whether that holds across an $or is nowhere said.
    first, *others = alternatives
    common = {
        at: values for at, values in first.items() if not at.lists and all(one.get(at) == values for one in others)
    }
    branches = [_nested((at, values) for at, values in one.items() if at not in common) for one in alternatives]
    return {**_nested(common.items()), OR: branches}


def _nested(places: Iterable[tuple[At, Values]]) -> dict[str, Any]:
    pattern: dict[str, Any] = {}
    for at, values in places:
        part = pattern
        for step in at.steps[:-1]:
            part = part.setdefault(step, {})
        part[at.steps[-1]] = [*values]
    return pattern
