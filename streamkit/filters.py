"""Filter patterns: which ones Lambda takes, and which records they match (SEMANTICS §6).

`check_pattern` refuses what Lambda would refuse; `matcher` makes one quick function of all filters of a mapping. What
is accepted and yet can never be true of a DynamoDB stream record is the business of `streamkit.filterlint`.

Where the specification is silent, AWS's open-source engine of the same patterns (event-ruler) was followed, and its
rules have grade I: nobody outside AWS knows that Lambda runs exactly it.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from streamkit.filteroperators import EQUALS, OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamkit.settings import FilterCriteria

__all__ = [
    "ABSENT",
    "OR",
    "YES",
    "Compiled",
    "check_pattern",
    "compile_pattern",
    "matcher",
    "parse_pattern",
    "path_text",
    "shown",
]

OR: Final = "$or"
NO, ABSENT, YES = 0, 1, 2
"""Verdicts. ABSENT is a match for which nothing had to be there: among the elements of an array, one YES is enough,
but something is absent only if it is absent from all of them (I, event-ruler)."""

# The deepest path to a value in a record has 68 steps: DynamoDB nests 32 levels.
_DEEPEST = 100


class Compiled(NamedTuple):
    """A part of a pattern, compiled: the verdict on a value, and the verdict where there is none."""

    test: Callable[[Any], int]
    missing: int


# --- which patterns Lambda takes -----------------------------------------------------------------------------------


def check_pattern(text: str) -> None:
    """Raise ValueError, beginning with AWS's own words, if Lambda would refuse the pattern (SEMANTICS §1, §6).

    It says what was given, at which path in the pattern, what is allowed and how to fix it.
    """
    parse_pattern(text)


def parse_pattern(text: str) -> dict[str, Any]:
    """Return a pattern as the object that its JSON says; ValueError as by `check_pattern`."""
    try:
        parsed = json.loads(
            text, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant, parse_float=_finite
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise _flaw((), f"{text!r:.200} is not JSON ({error})") from None
    if not isinstance(parsed, dict):
        raise _flaw((), f"{text!r:.200} is not a JSON object")
    _check_object(parsed, ())
    return parsed


def shown(value: Any) -> str:
    """Return a value of a pattern as JSON on one line, shortened if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:119]}…"  # noqa: PLR2004  # what fits on a line


def path_text(path: Sequence[str]) -> str:
    """Return a path in a pattern as people write it: dynamodb.NewImage.status.S."""
    return ".".join(step if step.isprintable() else repr(step) for step in path)


def _flaw(path: Sequence[str], problem: str) -> ValueError:
    where = f"{path_text(path)}: " if path else ""
    return ValueError(f"Invalid filter pattern definition: {where}{problem}")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _flaw(
                (),
                f"the key {shown(key)} is there twice in one object, as {shown(made[key])} and as {shown(value)}: "
                f"only the last would count; name it once",
            )
        made[key] = value
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise _flaw((), f"{name} is not JSON: a number has digits")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _flaw((), f"{text:.40} is too large for a number")
    return number


def _check_object(pattern: dict[str, Any], path: tuple[str, ...]) -> None:
    if not pattern:
        raise _flaw(path, "an empty object {} is not allowed: name what must match in it, or leave it out")
    if len(path) > _DEEPEST:
        raise _flaw(path[:3], f"the pattern nests deeper than any record: {_DEEPEST} levels are allowed")
    for key, value in pattern.items():
        here = (*path, key)
        if key == OR:
            _check_or(value, here)
        elif isinstance(value, dict):
            _check_object(value, here)
        elif isinstance(value, list):
            _check_values(value, here)
        elif key in OPERATORS:
            raise _flaw(here, f"an operator goes into a list: write [{shown({key: value})}] in place of the object")
        else:
            raise _flaw(
                here, f"{shown(value)} must be a list of the values to match: put it in a list: [{shown(value)}]"
            )


def _check_or(branches: Any, path: tuple[str, ...]) -> None:
    if not isinstance(branches, list) or len(branches) < 2:  # noqa: PLR2004  # an alternative has two sides
        raise _flaw(
            path, f'{OR} takes a list of two objects or more, [{{"a": [1]}}, {{"b": [2]}}], not {shown(branches)}'
        )
    for index, branch in enumerate(branches):
        here = (*path[:-1], f"{OR}[{index}]")
        if not isinstance(branch, dict):
            raise _flaw(here, f"{OR} takes objects that are patterns themselves, not {shown(branch)}")
        _check_object(branch, here)


def _check_values(values: list[Any], path: tuple[str, ...]) -> None:
    if not values:
        raise _flaw(path, "an empty list [] is not allowed: list the values to match, or leave the key out")
    for value in values:
        if isinstance(value, dict):
            _check_operator(value, path)
        elif isinstance(value, list):
            raise _flaw(
                path,
                f"{shown(value)} is a list in a list: a list takes text, numbers, true, false, null and operators, and "
                f"arrays in a record match by any of their elements",
            )


def _check_operator(value: dict[str, Any], path: tuple[str, ...]) -> None:
    if len(value) != 1:
        raise _flaw(path, f"{shown(value)} must have exactly one operator: put each into an object of its own")
    ((name, given),) = value.items()
    if name not in OPERATORS:
        raise _flaw(
            path,
            f"Lambda has no operator {shown(name)}: it has {', '.join(OPERATORS)}, and {OR} among keys "
            f"(EventBridge has more)",
        )
    if not OPERATORS[name].accepts(given):
        raise _flaw(path, f"{name} takes {OPERATORS[name].takes}, not {shown(given)}")


# --- which records a pattern matches -------------------------------------------------------------------------------


def matcher(criteria: FilterCriteria | None) -> Callable[[Mapping[str, Any]], bool]:
    """Return the function that says whether a record matches any of the filters (SEMANTICS §6).

    A record is what ``orjson.loads`` makes of one in Lambda's form. Without filters everything matches. Raises
    ValueError as `check_pattern` does.
    """
    patterns = [parse_pattern(one["Pattern"]) for one in (criteria or {}).get("Filters") or []]
    if not patterns:
        return lambda _record: True
    tests = [_compile_object(pattern).test for pattern in patterns]

    def matches(record: Mapping[str, Any]) -> bool:
        # The tests know no other objects than those of a JSON parser.
        whole = record if isinstance(record, dict) else dict(record)
        for test in tests:  # noqa: SIM110  # any() with a generator takes longer than a simple test
            if test(whole):
                return True
        return False

    return matches


def compile_pattern(part: dict[str, Any] | list[Any]) -> Compiled:
    """Compile a sound pattern, or what stands under a key of it: an object or a list of values."""
    return _compile_values(part) if isinstance(part, list) else _compile_object(part)


def _compile_object(pattern: dict[str, Any]) -> Compiled:
    parts = {key: compile_pattern(part) for key, part in pattern.items() if key != OR}
    members = [(key, part.test, part.missing) for key, part in parts.items()]
    branches = [_compile_object(branch) for branch in pattern.get(OR, ())]
    missing = min((part.missing for part in parts.values()), default=ABSENT)
    if branches:
        missing = min(missing, max(branch.missing for branch in branches))

    def test(value: Any) -> int:
        if not isinstance(value, dict):
            return _among(value, test, missing) if isinstance(value, list) else missing
        verdict = ABSENT
        for key, look, absent in members:
            found = look(value[key]) if key in value else absent
            if not found:
                return NO
            if found == YES:
                verdict = YES
        if branches:
            found = max(branch.test(value) for branch in branches)
            if not found:
                return NO
            verdict = max(verdict, found)
        return verdict

    return Compiled(test, missing)


def _compile_values(values: list[Any]) -> Compiled:
    equal: dict[type, set[Any]] = {}
    tests: dict[type, list[Callable[[Any], bool]]] = {}
    missing = NO
    for value in values:
        if not isinstance(value, dict):
            for kind in EQUALS[type(value)]:
                equal.setdefault(kind, set()).add(value)
            continue
        ((name, given),) = value.items()
        if name == "exists" and not given:
            missing = ABSENT
        for kind in OPERATORS[name].kinds:
            tests.setdefault(kind, []).append(OPERATORS[name].test(given, kind))
    for kind, listed in equal.items():
        tests.setdefault(kind, []).insert(0, frozenset(listed).__contains__)
    by_kind = {kind: _any_of(several) for kind, several in tests.items()}

    def test(value: Any) -> int:
        look = by_kind.get(type(value))
        if look is not None:
            return YES if look(value) else NO
        if isinstance(value, list):
            return _among(value, test, missing)
        # An object is no leaf: whatever it holds, at this path there is nothing (D: exists works on leaves only).
        return missing if isinstance(value, dict) else NO

    return Compiled(test, missing)


def _any_of(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _among(elements: list[Any], test: Callable[[Any], int], missing: int) -> int:
    verdict = missing
    for element in elements:
        found = test(element)
        if found == YES:
            return YES
        verdict = min(verdict, found)
    return verdict
