"""A call of the function that is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamkit.local.answers import in_time
from streamkit.local.invokers.invoker import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from streamkit.local.calls import Call
    from streamkit.local.lane import Invoke
    from streamkit.local.setup import Setup

__all__ = ["Running"]


class Running(NamedTuple):
    """An invocation under way. A tuple, as a lane is: there is one for each invocation."""

    invoke: Invoke
    request_id: str
    numbers: tuple[str, ...]
    event: bytes
    started_at: datetime
    call: Call
    ends_at: datetime | None = None
    """When its answer arrives, None while the function has not answered."""
    answer: Answer = Answer()

    def answered(self, now: datetime, setup: Setup) -> Running:
        """Take in the function's answer, if it is new: when it arrives, and what it is."""
        if self.ends_at is not None:
            return self
        took, answer = in_time(self.call.result(), self.event, setup)
        return self._replace(ends_at=max(now, self.started_at + took), answer=answer)
