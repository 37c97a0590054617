"""What is told of a mapping at work: LastProcessingResult to the API, and what people should know to the log.

Nothing of the records' contents is told, unless the function itself does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.api.delivering import NowhereError
from streamkit.local.journal import InvocationFinished, RecordsDiscarded, RecordsExpired, SourceNoted, Warned
from streamkit.local.texts import counted, function_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.local.journal import Fact

__all__ = ["MappingReport"]

_FAILED = "PROBLEM: Function call failed"


class MappingReport:
    """A listener. ``processed`` gets what LastProcessingResult is from now on, ``say`` gets lines for people."""

    def __init__(self, uuid: str, processed: Callable[[str], object], say: Callable[[str], object]) -> None:
        self._uuid = uuid
        self._processed = processed
        self._write = say

    def note(self, fact: Fact) -> None:
        """Tell what there is to tell."""
        match fact:
            case InvocationFinished():
                self._finished(fact)
            case RecordsDiscarded():
                info = fact.record["requestContext"]
                where = "its on-failure record is delivered" if fact.delivered else _undelivered(fact.error)
                self._say(f"{counted(len(fact.sequence_numbers), 'record')} discarded, {info['condition']}: {where}")
            case RecordsExpired():
                self._say(f"{counted(len(fact.sequence_numbers), 'record')} gone: {fact.why}")
            case SourceNoted() | Warned():
                self._say(fact.text)
            case _:
                pass

    def _finished(self, fact: InvocationFinished) -> None:
        if fact.log:
            self._write(function_log(fact.log))
        if fact.outcome == "throttled":
            self._say(f"the function was not run: {fact.why}")
            return
        if fact.outcome == "failure" and fact.error is None:
            # Not fact.why, which may quote a state, and with it what stands in items.
            self._say(
                "an invocation failed by its response: a window's function has to return a state, and with "
                "ReportBatchItemFailures the whole batch failed if its first record did (SEMANTICS §4, §5)"
            )
        elif fact.outcome == "failure" and not fact.log:
            self._write(f"{type(fact.error).__name__}: {fact.error}")
        self._processed(_FAILED if fact.outcome == "failure" else "OK")

    def _say(self, text: str) -> None:
        self._write(f"mapping {self._uuid}: {text}")


def _undelivered(error: BaseException | None) -> str:
    if error is None or isinstance(error, NowhereError):
        return "there is no on-failure destination"
    return f"its on-failure record is lost: {error}"
