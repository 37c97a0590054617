"""How an attempt ended, and how a response is read (SEMANTICS §3, §4)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.local.records import to_json

if TYPE_CHECKING:
    from streamkit.local.recordlist import Records

__all__ = [
    "Failure",
    "Outcome",
    "Partial",
    "Success",
    "Throttled",
    "read_response",
    "read_window_response",
    "warnings_of",
]


@dataclass(frozen=True, slots=True)
class Success:
    """Every record of the extent was handled."""

    state: bytes | None = None
    """What the function returned for the next invocation of its tumbling window, as compact JSON."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The response named records: those before ``index`` were handled."""

    index: int
    why: str
    state: bytes | None = None
    """See `Success`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The extent failed as a whole; ``function_error`` is what the on-failure record says of it."""

    function_error: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """The function was not run: this never counts as an attempt."""

    why: str


Outcome: TypeAlias = Success | Partial | Failure | Throttled

_STATE = "state"
_LIST = "batchItemFailures"
_IDENTIFIER = "itemIdentifier"
_OLD_LIST = "BatchItemFailures"


def read_response(response: Any, records: Records) -> Success | Partial | Failure:
    """Read the response of a function whose mapping has ReportBatchItemFailures on (SEMANTICS §4)."""
    if response is None or response in ({}, [], ""):
        return Success()
    if not isinstance(response, dict) or _LIST not in response:
        return _invalid(f"the response {response!r:.200} has no {_LIST} (SEMANTICS §4){_pascal_case(response)}")
    failures = response[_LIST]
    if failures is None or failures == []:
        return Success()
    if not isinstance(failures, list):
        return _invalid(f"{_LIST} is {failures!r:.200}, not a list (SEMANTICS §4)")
    places = {number: index for index, number in enumerate(records.numbers)}
    lowest = len(records)
    for failure in failures:
        identifier = failure.get(_IDENTIFIER) if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in places:
            return _invalid(
                f"{failure!r:.200} names no record of the batch, so it failed (SEMANTICS §4){_pascal_case(failure)}"
            )
        lowest = min(lowest, places[identifier])
    number = records.numbers[lowest]
    return Partial(lowest, f"{number} is the lowest number in {_LIST} (SEMANTICS §3)")


def read_window_response(response: Any, records: Records, reporting: bool) -> Success | Partial | Failure:
    """Read the response of a function whose mapping has a tumbling window (SEMANTICS §5).

    ``reporting``: whether the mapping has ReportBatchItemFailures.
    """
    if not isinstance(response, dict) or _STATE not in response:
        return _invalid(
            f"the response {response!r:.200} has no {_STATE}, and a window's function must return one (SEMANTICS §5)"
        )
    state = response[_STATE]
    if not isinstance(state, dict):
        return _invalid(f"the {_STATE} in the response is {state!r:.200}, not an object (SEMANTICS §5, U)")
    # Where the list is not there at all it is taken for null, as AWS's own sample leaves it out (I).
    silent = _LIST not in response and _OLD_LIST not in response
    read = Success() if not reporting or silent else read_response(response, records)
    if isinstance(read, Failure):
        return read
    try:
        return replace(read, state=_compact(state))
    except ValueError:
        return _invalid(f"the {_STATE} in the response holds NaN or Infinity, which JSON has not (U)")


def _compact(state: dict[str, Any]) -> bytes:
    """Return a state as JSON; ValueError for a number that has none."""
    try:
        compact = to_json(state)
    except TypeError:  # integers of more than 64 bits, lone surrogates
        return _text_json(state)
    if b"null" in compact:  # what orjson makes of a NaN, too
        _text_json(state)
    return compact


def _text_json(state: dict[str, Any]) -> bytes:
    text = json.dumps(state, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # lone surrogates can only be escaped
        return json.dumps(state, separators=(",", ":")).encode()


def warnings_of(response: Any, reporting: bool) -> list[tuple[str, bool]]:
    """Return what Lambda accepts in silence about a response although it is not what its author meant (SEMANTICS §4).

    ``reporting``: whether the mapping has ReportBatchItemFailures. Each warning comes with whether records are lost by
    it that count as handled.
    """
    if not isinstance(response, dict):
        return []
    if not reporting:
        return [(_UNREAD, True)] if response.get(_LIST) or response.get(_OLD_LIST) else []
    entries = response.get(_LIST)
    suspects = [response, *(entries if isinstance(entries, list) else [])]
    return [(f"the response has a wrong key{told}", False) for told in sorted(set(map(_pascal_case, suspects)) - {""})]


_UNREAD = (
    "the function reported failed records, but the mapping lacks ReportBatchItemFailures: Lambda does not read the "
    "report, takes the batch for a success, and the failed records are lost (SEMANTICS §4)"
)


def _invalid(why: str) -> Failure:
    # Not an exception: the on-failure record then has functionError null.
    return Failure(None, why)


def _pascal_case(value: Any) -> str:
    for wrong, right in ((_OLD_LIST, _LIST), ("ItemIdentifier", _IDENTIFIER)):
        if isinstance(value, dict) and wrong in value:
            return f": the key is {right!r}, not {wrong!r} as in old AWS samples (SEMANTICS §4)"
    return ""
