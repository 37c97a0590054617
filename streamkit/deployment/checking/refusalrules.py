"""What Lambda refuses, and most of which cfn-lint and ``sam validate`` let pass (SEMANTICS §1)."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import PYTHON_NAMES, Subject, is_unknown, normal
from streamkit.filters import check_pattern
from streamkit.settings import INTEGERS, NOT_FOR_DYNAMODB, READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES", "patterns_of"]

_REFUSED = "Lambda refuses such a mapping: the deployment fails"
_BY_NAME = {one.aws_name: one for one in INTEGERS.values()}
_MIN_RECORD_AGE = 60
_QUOTA = 5
# They have rules of their own.
_APART = ("FilterCriteria", "StartingPosition", *NOT_FOR_DYNAMODB)


def patterns_of(subject: Subject) -> list[tuple[int, str]]:
    """Return the filters' patterns that are known and that Lambda takes, with their numbers, counted from 1."""
    found = []
    for number, pattern in _patterns(subject):
        try:
            check_pattern(pattern)
        except (TypeError, ValueError):
            continue
        found.append((number, pattern))
    return found


def _patterns(subject: Subject) -> list[tuple[int, Any]]:
    criteria = subject.found.settings.get("FilterCriteria")
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None
    listed = filters if isinstance(filters, list) else []
    patterns = [(number, one.get("Pattern")) for number, one in enumerate(listed, 1) if isinstance(one, dict)]
    return [(number, pattern) for number, pattern in patterns if not is_unknown(pattern)]


def _settings(subject: Subject) -> Iterator[Fault]:
    for name, value in subject.found.settings.items():
        if name in _APART or name in READ_ONLY or is_unknown(value) or _fifo_arn(name, value):
            continue
        try:
            normal(name, value)
        except ValueError as error:
            what = str(error) if name in str(error) else f"{name} {error}"
            yield Fault(subject.place(name), what, _REFUSED, _allowed(subject, name, value))


def _allowed(subject: Subject, name: str, value: Any) -> str:
    if name in _BY_NAME and type(value) is int:
        one = _BY_NAME[name]
        if name == "MaximumRecordAgeInSeconds" and one.low < value < _MIN_RECORD_AGE:
            return subject.set(name, _MIN_RECORD_AGE)
        return subject.set(name, max(one.low, min(one.high, value)))
    if name in PYTHON_NAMES:
        return subject.without(name)
    close = get_close_matches(name, PYTHON_NAMES, n=1)
    return subject.set(close[0], value) if close else subject.without(name)


def _others(subject: Subject) -> Iterator[Fault]:
    unknown = []
    for name, owner in NOT_FOR_DYNAMODB.items():
        value = subject.found.settings.get(name)
        if is_unknown(value):
            unknown.append(name)
        # null and {} are what other tools write for "none".
        elif value:
            what = f"{name} belongs to mappings on {owner}, and a DynamoDB stream's has no such setting"
            yield Fault(subject.place(name), what, _REFUSED, subject.without(name))
    for name in unknown:
        subject.setting(name)


def _starting_position(subject: Subject) -> Iterator[Fault]:
    name = "StartingPosition"
    value = subject.found.settings.get(name)
    if is_unknown(value) or value in ("TRIM_HORIZON", "LATEST"):
        return
    if value is None:
        # A mapping that exists has one, whether Lambda answers it or not.
        if not subject.is_own and "UUID" not in subject.found.settings:
            what = f"{name} is missing, which every mapping on a stream needs"
            yield Fault(subject.place(name), what, _REFUSED, subject.set(name, "TRIM_HORIZON"))
        return
    what = f"{name} is {value}: a DynamoDB stream is read from TRIM_HORIZON or from LATEST"
    yield Fault(subject.place(name), what, _REFUSED, subject.set(name, "TRIM_HORIZON"))


def _filter_patterns(subject: Subject) -> Iterator[Fault]:
    name = "FilterCriteria"
    if is_unknown(subject.found.settings.get(name)):
        faulty = [(number, pattern) for number, pattern in _patterns(subject) if _flaw(pattern)]
    else:
        faulty = _patterns(subject)
        if not any(_flaw(pattern) for _, pattern in faulty):
            try:
                normal(name, subject.found.settings.get(name))
            except ValueError as error:
                yield Fault(subject.place(name), str(error), _REFUSED, subject.without(name))
    for number, pattern in faulty:
        if flaw := _flaw(pattern):
            what = f"the pattern of filter {number} is none: {flaw}"
            example = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
            yield Fault(subject.place(name), what, _REFUSED, f"for example {subject.set(name, example)}")


def _flaw(pattern: Any) -> str:
    if not isinstance(pattern, str):
        return f"it is JSON as text, not {pattern!r:.100}"
    try:
        check_pattern(pattern)
    except ValueError as error:
        return str(error)
    return ""


def _filters_beyond_quota(subject: Subject) -> Iterator[Fault]:
    filters = (subject.setting("FilterCriteria") or {}).get("Filters", [])
    if len(filters) > _QUOTA:
        yield Fault(
            subject.place("FilterCriteria"),
            f"there are {len(filters)} filters",
            f"Lambda takes {_QUOTA} unless the account's quota was raised (to 10): else the deployment fails",
            "join filters: the values of a list are alternatives, and so are the branches of $or",
        )


def _fifo_arn(name: str, value: Any) -> str:
    """Return the ARN of a FIFO destination, "" for anything else."""
    on_failure = value.get("OnFailure") if name == "DestinationConfig" and isinstance(value, dict) else None
    destination = on_failure.get("Destination") if isinstance(on_failure, dict) else None
    return destination if isinstance(destination, str) and destination.endswith(".fifo") else ""


def _fifo(subject: Subject) -> Iterator[Fault]:
    name = "DestinationConfig"
    arn = _fifo_arn(name, subject.found.settings.get(name))
    if arn:
        yield Fault(
            subject.place(name),
            f"the on-failure destination {arn} is FIFO",
            "Lambda takes standard queues and topics only: the deployment fails",
            subject.set(name, {"OnFailure": {"Destination": arn.removesuffix(".fifo")}}),
        )


def _window_with_filters(subject: Subject) -> Iterator[Fault]:
    if subject.setting("TumblingWindowInSeconds") and _patterns(subject):
        what = "there are filters beside TumblingWindowInSeconds"
        yield Fault(subject.place("FilterCriteria"), what, _REFUSED, subject.without("FilterCriteria"))


def _window_with_lanes(subject: Subject) -> Iterator[Fault]:
    name = "ParallelizationFactor"
    if subject.setting("TumblingWindowInSeconds") and subject.setting(name) > 1:
        what = f"{name} is {subject.setting(name)} beside TumblingWindowInSeconds"
        yield Fault(subject.place(name), what, _REFUSED, subject.set(name, 1))


RULES = (
    Rule(
        "setting-refused", "error", "a value out of range, or a setting that there is not", "SEMANTICS §1, D", _settings
    ),
    Rule(
        "setting-of-other-source",
        "error",
        "a setting that belongs to SQS, Kafka, MQ, Kinesis or DocumentDB",
        "SEMANTICS §1, D",
        _others,
    ),
    Rule(
        "starting-position",
        "error",
        "StartingPosition is missing, or AT_TIMESTAMP",
        "SEMANTICS §1, O",
        _starting_position,
    ),
    Rule(
        "filter-pattern",
        "error",
        "a filter that is no pattern: not JSON, or of another form",
        "SEMANTICS §6, D",
        _filter_patterns,
    ),
    Rule("filters-beyond-quota", "warning", "more than five filters", "SEMANTICS §1, D", _filters_beyond_quota),
    Rule("fifo-destination", "error", "a FIFO queue or topic as on-failure destination", "SEMANTICS §1, D", _fifo),
    Rule("window-with-filters", "error", "filters beside a tumbling window", "SEMANTICS §1, O", _window_with_filters),
    Rule(
        "window-with-lanes",
        "error",
        "ParallelizationFactor above 1 beside a tumbling window",
        "SEMANTICS §1, O",
        _window_with_lanes,
    ),
)
