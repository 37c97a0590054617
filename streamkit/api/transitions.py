"""What happens after an operation on a mapping was answered, until its state is a lasting one (SEMANTICS §1)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from streamkit.api.mappingrequests import check_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.api.keptmappings import Kept, KeptMappings

__all__ = ["Transitions", "now"]

_LONGEST_OPENING = 30.0
"""Seconds that a mapping waits for its stream to be opened, at the most, until it is Enabled all the same."""


class Transitions:
    """Brings what was begun to its end, in the background. ``seconds``: how long each takes at the least."""

    def __init__(self, mappings: KeptMappings, seconds: float) -> None:
        self._mappings = mappings
        self._seconds = seconds
        self._closing = threading.Event()

    def create(self, kept: Kept) -> None:
        """Go from Creating to Enabled or Disabled."""
        self._later(kept, self._created)

    def update(self, kept: Kept) -> None:
        """Bring the pending settings into force, and go on from Updating, Enabling or Disabling."""
        self._later(kept, self._updated)

    def delete(self, kept: Kept) -> None:
        """Finish what is in flight, and let the mapping be gone."""
        kept.stream.stop()
        self._later(kept, self._deleted)

    def go_on(self, kept: Kept) -> None:
        """Start the stream of a mapping that is there from before, and end what was under way when the server ended."""
        if kept.stored.mapping.state == "Deleting":
            kept.stream.stop()  # so that it begins nothing more
        kept.stream.start()
        match kept.stored.mapping.state:
            case "Creating":
                self.create(kept)
            case "Updating" | "Enabling" | "Disabling":
                self.update(kept)
            case "Deleting":
                self.delete(kept)
            case _:
                pass

    def close(self) -> None:
        """Bring nothing more to its end: that is for the next server."""
        self._closing.set()

    def _later(self, kept: Kept, then: Callable[[Kept], None]) -> None:
        def run() -> None:
            self._closing.wait(self._seconds)
            if not self._closing.is_set():
                then(kept)

        threading.Thread(target=run, name=f"transition-{kept.stored.mapping.uuid}", daemon=True).start()

    def _created(self, kept: Kept) -> None:
        # A mapping that starts at LATEST has its position before it is Enabled.
        kept.stream.wait_opened(_LONGEST_OPENING)
        self._settle(kept)

    def _updated(self, kept: Kept) -> None:
        with self._mappings.lock:
            pending = kept.stored.pending
        # Without, they came into force just before the server ended.
        if pending is not None:
            after = check_settings(pending)
            kept.stream.update(after)
            with self._mappings.lock:
                before, kept.stored.pending = kept.stored.mapping, None
                answered = {"last_processing_result": before.last_processing_result, "tags": before.tags}
                self._mappings.become(kept, after.model_copy(update={**answered, "state": before.state}))
        self._settle(kept)

    def _deleted(self, kept: Kept) -> None:
        kept.stream.join()
        with self._mappings.lock:
            # What ends it may be the end of the server, with something in flight: then it is deleted by the next one.
            if not self._closing.is_set():
                self._mappings.remove(kept)

    def _settle(self, kept: Kept) -> None:
        with self._mappings.lock:
            mapping = kept.stored.mapping
            state = "Enabled" if mapping.enabled else "Disabled"
            self._mappings.become(kept, mapping.model_copy(update={"state": state, "last_modified": now()}))


def now() -> float:
    """Return what LastModified is of something that changes now: epoch seconds."""
    return round(time.time(), 3)
