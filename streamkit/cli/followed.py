"""Following live streams from the command line: one after the other, until Ctrl-C, and never stopped half-way."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from streamkit.cli.liveview import LiveTable, StatusLines
from streamkit.local.arguments import function_arn_of, invoker_of
from streamkit.local.checkpoints import mappings_in
from streamkit.local.invokers.context import MAX_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from streamkit.cli.streamoptions import LiveStreams
    from streamkit.local.runner import LocalRunner
    from streamkit.local.streams.livestream import LiveStream
    from streamkit.mapping import EventSourceMapping

__all__ = ["Follower", "View", "known_streams", "live_view", "mapping_of"]

View: TypeAlias = LiveTable | StatusLines

_AT_ONCE = 130
"""The exit code after a second Ctrl-C: what a shell has for a program that one ended."""


class Follower:
    """Follows streams with a runner each, and stops cleanly on SIGINT (Ctrl-C) and SIGTERM.

    ``runner_of`` makes the runner of a stream; its second argument says whether the stream follows one that was read.
    ``known``: the streams that were read before; one of them is where it begins, if any is there still. ``one_stream``:
    whether the end of the first stream is the end.
    """

    def __init__(
        self,
        streams: LiveStreams,
        runner_of: Callable[[LiveStream, bool], LocalRunner],
        known: Collection[str] = (),
        *,
        one_stream: bool = False,
    ) -> None:
        self._streams = streams
        self._one_stream = one_stream or streams.table is None
        self._runner_of = runner_of
        self._stopped = threading.Event()
        self.stream, gone = streams.first(known)
        try:
            if gone is not None:
                click.echo(
                    f"stream: the checkpoints are of {gone}, which is not there any more, with what was not read of "
                    f"it; going on with the oldest record of the stream that followed",
                    err=True,
                )
            self.runner = runner_of(self.stream, gone is not None)
        except BaseException:
            self.stream.close()
            raise

    def close(self) -> None:
        """Read no more."""
        self.stream.close()

    def follow(self, view: View, *, until_caught_up: bool, fail_fast: bool) -> str:
        """Follow the stream, and those of the same table that come after it; return why it ended.

        ``view`` is told when it is asked to stop. Raises click's Exit when it is asked twice.
        """
        view.say(f"stream: following {self.stream.stream_arn}")
        with self._stopping(view):
            while True:
                with contextlib.closing(self.stream):
                    end = self._follow(until_caught_up, fail_fast)
                if end in ("stopped", "caught up"):
                    return end
                view.say(f"stream: {self.stream.stream_arn}: {end}")
                if self._one_stream:
                    return end
                following = self._next(view, wait=not until_caught_up)
                if following is None:
                    return end
                self.stream = following
                self.runner = self._runner_of(following, True)
                view.say(f"stream: going on with {following.stream_arn}")

    def _follow(self, until_caught_up: bool, fail_fast: bool) -> str:
        if self._stopped.is_set():
            return "stopped"
        if not until_caught_up:
            return self.runner.follow(fail_fast=fail_fast)
        self.runner.run(fail_fast=fail_fast)
        # A stream that is over is caught up with, and may have another behind it.
        return self.stream.over or ("stopped" if self._stopped.is_set() else "caught up")

    def _next(self, view: View, *, wait: bool) -> LiveStream | None:
        following = self._streams.after(self.stream.stream_arn)
        if following is not None or not wait:
            return following
        view.say(f"stream: waiting until table {self._streams.table!r} has a stream again")
        return self._streams.wait_for(self.stream.stream_arn, self._stopped.is_set)

    @contextlib.contextmanager
    def _stopping(self, view: View) -> Iterator[None]:
        def stop(*_: object) -> None:
            if self._stopped.is_set():
                raise KeyboardInterrupt
            self._stopped.set()
            self.runner.stop()
            view.stopping()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        except KeyboardInterrupt:
            view.say("stopped at once: what was in flight is delivered again, where there are checkpoints")
            raise click.exceptions.Exit(_AT_ONCE) from None
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def mapping_of(mapping: EventSourceMapping, followed: bool) -> EventSourceMapping:
    """Return the mapping of a stream: one that follows another has nothing older that LATEST would leave out."""
    return mapping.model_copy(update={"starting_position": "TRIM_HORIZON"}) if followed else mapping


def known_streams(checkpoint_file: str | None, mapping: EventSourceMapping, handler: Any) -> set[str]:
    """Return the streams that the checkpoint file knows of this handler from before.

    Raises sqlite3.Error for a file that is none of SQLite's.
    """
    if checkpoint_file is None:
        return set()
    name = invoker_of(handler, MAX_TIMEOUT).function_name
    known = mappings_in(checkpoint_file)
    return {stream for stream, function in known if function == function_arn_of(mapping, stream, name)}


def live_view(terminal: bool) -> View:
    """Return what is shown meanwhile."""
    return LiveTable() if terminal else StatusLines()
