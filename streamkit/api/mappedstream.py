"""One mapping at work: a thread that follows its stream, for as long as the mapping is there."""

from __future__ import annotations

import contextlib
import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamkit.api.delivering import CurrentDestination
from streamkit.api.mappingreport import MappingReport
from streamkit.local.checkpoints import CheckpointFile
from streamkit.local.journal import Journal
from streamkit.local.retries import back_off
from streamkit.local.runner import LocalRunner
from streamkit.local.streams.client import StreamGoneError
from streamkit.local.streams.livestream import POLL_INTERVAL, LiveStream
from streamkit.local.window import CLOSE_DELAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamkit.local.aws import AwsAccess
    from streamkit.local.invokers.invoker import ConcurrentInvoker
    from streamkit.mapping import EventSourceMapping

__all__ = ["MappedStream", "Surroundings"]

_LONGEST_WAIT = 10.0
"""Seconds until a stream that cannot be opened is tried again, at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all mappings of a server share."""

    invoker: ConcurrentInvoker
    """Runs whichever function an ARN names."""
    access: AwsAccess
    checkpoints: str | Path
    say: Callable[[str], None]
    """Tells the user one line."""
    poll_interval: float = POLL_INTERVAL
    window_close_delay: float = CLOSE_DELAY.total_seconds()


class MappedStream:
    """Brings a stream's records to a function in a thread of its own, and survives what happens to the stream.

    ``processed`` is told what LastProcessingResult is from now on.
    """

    def __init__(
        self, mapping: EventSourceMapping, surroundings: Surroundings, processed: Callable[[str], object]
    ) -> None:
        self._mapping = mapping
        self._with = surroundings
        self._processed = processed
        self._lock = threading.Lock()
        self._runner: LocalRunner | None = None
        self._stopped = threading.Event()
        self._opened = threading.Event()
        self._told: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"mapping-{mapping.uuid}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wait_opened(self, seconds: float) -> bool:
        """Wait until the stream is open, and its position taken; return whether it is."""
        return self._opened.wait(seconds)

    def update(self, mapping: EventSourceMapping) -> None:
        """Go by these settings from now on; returns when it does."""
        with self._lock:
            self._mapping = mapping
            if self._runner is not None:
                self._runner.update(mapping)

    def stop(self) -> None:
        """Begin nothing more; what is in flight is finished."""
        self._stopped.set()
        # Not with the lock: an update may hold it for as long as a call takes. Who made a runner looks at the event.
        runner = self._runner
        if runner is not None:
            runner.stop()

    def join(self, seconds: float | None = None) -> bool:
        """Wait until everything is finished; return whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def forget(self) -> None:
        """Drop its checkpoints: the mapping is gone."""
        arn = self._mapping.event_source_arn or ""
        with CheckpointFile(self._with.checkpoints, arn, str(self._mapping.uuid)) as checkpoints:
            checkpoints.forget()

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            began = self._opened.is_set()
            try:
                end = self._follow()
            except StreamGoneError as error:
                end = str(error)
            except Exception as error:  # noqa: BLE001  # whatever it is, the mapping is tried again: records wait
                failures = 1 if self._opened.is_set() and not began else failures + 1
                self._tell(error)
                self._stopped.wait(min(_LONGEST_WAIT, back_off(failures, str(self._mapping.uuid)).total_seconds()))
                continue
            if not self._stopped.is_set():
                # The table or its stream was deleted: the mapping stays, Enabled (SEMANTICS §1, States).
                self._with.say(f"mapping {self._mapping.uuid}: {end}; it waits to be deleted")
                self._opened.set()
                self._stopped.wait()

    def _follow(self) -> str:
        mapping = self._mapping
        arn = mapping.event_source_arn or ""
        with contextlib.ExitStack() as opened:
            stream = opened.enter_context(
                contextlib.closing(LiveStream(arn, self._with.access, poll_interval=self._with.poll_interval))
            )
            checkpoints = opened.enter_context(CheckpointFile(self._with.checkpoints, arn, str(mapping.uuid)))
            journal = Journal(keep=False)
            journal.subscribe(MappingReport(str(mapping.uuid), self._processed, self._with.say))
            runner = LocalRunner(
                self._with.invoker,
                stream,
                mapping,
                destination=CurrentDestination(lambda: self._mapping.on_failure_destination, self._with.access),
                checkpoints=checkpoints,
                journal=journal,
                # Another one for each mapping, and the same after a restart.
                seed=int(str(mapping.uuid).replace("-", ""), 16),
                window_close_delay=self._with.window_close_delay,
            )
            with self._lock:
                self._runner = runner
                runner.update(self._mapping)
                if self._stopped.is_set():
                    runner.stop()
            self._told = None
            self._opened.set()
            try:
                return runner.follow()
            finally:
                with self._lock:
                    self._runner = None

    def _tell(self, error: Exception) -> None:
        """Say what is wrong, once for as long as it is."""
        if str(error) == self._told:
            return
        self._told = str(error)
        known = type(error).__module__.startswith("streamkit.")
        text = str(error) if known else "".join(traceback.format_exception(error)).rstrip()
        self._with.say(f"mapping {self._mapping.uuid} cannot go on: {text}; it is tried again until it can")
        self._processed("PROBLEM: internal error")
