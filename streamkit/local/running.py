"""A call of the function that is under way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from streamkit.local.answers import in_time
from streamkit.local.invokers.invoker import Answer

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from streamkit.local.lane import Invoke
    from streamkit.local.setup import Setup

__all__ = ["Running"]


@dataclass(frozen=True, slots=True)
class Running:
    """An invocation under way."""

    invoke: Invoke
    request_id: str
    numbers: tuple[str, ...]
    event: bytes
    started_at: datetime
    call: Future[Answer]
    ends_at: datetime | None = None
    """When its answer arrives, None while the function has not answered."""
    answer: Answer = field(default_factory=Answer)

    def answered(self, now: datetime, setup: Setup) -> Running:
        """Take in the function's answer, if it is new: when it arrives, and what it is."""
        if self.ends_at is not None:
            return self
        took, answer = in_time(self.call.result(), self.event, setup)
        return replace(self, ends_at=max(now, self.started_at + took), answer=answer)
