"""How long a simulation looks on while a handler fails."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from streamkit.local.journal import InvocationFinished, InvocationStarted
from streamkit.local.recordnames import RecordNames
from streamkit.local.texts import described
from streamkit.local.views import cause_of
from streamkit.testing.simulation.faults import counts

if TYPE_CHECKING:
    from streamkit.local.journal import Fact
    from streamkit.testing.simulation.function import SimulatedFunction

__all__ = ["PATIENCE", "Patience", "StuckError"]

PATIENCE = 20
"""So many failures in a row at one record, none of which was made by a fault, are taken for one that has no end."""


class StuckError(AssertionError):
    """The handler fails at a record again and again, without any fault: its shard goes no further."""


class Patience:
    """Follows a run, and ends it with StuckError where the handler fails at a record for ever."""

    def __init__(self, function: SimulatedFunction) -> None:
        self._function = function
        self._names = RecordNames()
        self._failures: Counter[str] = Counter()

    def note(self, fact: Fact) -> None:
        """See `Listener`."""
        if isinstance(fact, InvocationStarted):
            self._names.learn(fact)
        elif isinstance(fact, InvocationFinished):
            self._note_end(fact)

    def _note_end(self, fact: InvocationFinished) -> None:
        if fact.outcome == "success":
            self._failures.clear()
        fault = self._function.fault_of(fact.request_id)
        if fact.outcome not in ("partial", "failure") or (fault is not None and counts(fault)):
            return
        left = fact.sequence_numbers[fact.handled :][:1]
        failed = self._names.of(left, fact.shard_id) if left else "the final invocation of a window"
        self._failures[failed] += 1
        if self._failures[failed] < PATIENCE:
            return
        cause = cause_of(fact)
        why = fact.why if cause is None else described(cause)
        raise StuckError(
            f"the handler failed {PATIENCE} times in a row at {failed}: {why}. No fault had a part in it. Lambda would "
            f"try it for 24 hours, while everything behind it in its shard waits: handle it, or set "
            f"MaximumRetryAttempts. (Time here is virtual: a lock that expires by the real clock never does.)"
        ) from cause
