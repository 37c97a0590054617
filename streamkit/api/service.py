"""All parts of the server put together: functions, mappings, operations, HTTP."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from streamkit.api.application import Application
from streamkit.api.functioncalls import FunctionCalls
from streamkit.api.invoking import Invocations
from streamkit.api.mappedstream import Surroundings
from streamkit.api.mappings import Mappings
from streamkit.api.operations import Operations
from streamkit.api.store import MappingStore
from streamkit.local.aws import AwsAccess
from streamkit.local.streams.livestream import POLL_INTERVAL
from streamkit.local.texts import function_log
from streamkit.local.window import CLOSE_DELAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.api.functions import Functions

__all__ = ["ServiceOptions", "service"]

_LAST_WORDS = 1.0
"""Seconds that mappings have to note that what they waited for was ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """How the server behaves."""

    region: str = "us-east-1"
    """Of requests that are not signed for another."""
    state: str | Path | None = None
    """The file (SQLite) that keeps mappings and checkpoints; None: they are gone with the server."""
    transition_seconds: float = 1.0
    """How long Creating, Updating … last at the least. How long they do on AWS is not documented (U)."""
    poll_interval: float = POLL_INTERVAL
    window_close_delay: float = CLOSE_DELAY.total_seconds()
    grace_seconds: float = 5.0
    """What is in flight at the end has so long to be finished; what is not is delivered again."""
    loopback: bool = True
    """Whether it listens on this machine's own addresses alone."""


@contextlib.contextmanager
def service(functions: Functions, options: ServiceOptions, say: Callable[[str], None]) -> Iterator[Application]:
    """Give the application, with every mapping that the state file knows at work; end them afterwards.

    ``say`` gets the lines of the log, from any thread. After KeyboardInterrupt nothing is waited for.

    Raises StateFileError for a state file that cannot be used.
    """
    with contextlib.ExitStack() as ending:
        if options.state is None:
            folder = ending.enter_context(TemporaryDirectory(prefix="streamkit-serve-"))
            state = Path(folder) / "state"
        else:
            state = Path(options.state)
        store = MappingStore(state)
        ending.callback(store.close)
        access = AwsAccess()
        surroundings = Surroundings(
            invoker=functions.routed(),
            access=access,
            checkpoints=state,
            say=say,
            poll_interval=options.poll_interval,
            window_close_delay=options.window_close_delay,
        )
        mappings = Mappings(
            functions, store, surroundings, account=functions.account, transition_seconds=options.transition_seconds
        )
        invocations = Invocations(functions, show=lambda log: say(function_log(log)), told=say)

        def end(kind: type[BaseException] | None, *_: object) -> None:
            hurried = kind is KeyboardInterrupt
            told: Callable[[str], object] = str if hurried else say  # whoever hurried knows it
            _end(mappings, functions, invocations, 0.0 if hurried else options.grace_seconds, told)

        ending.push(end)
        operations = Operations(mappings, FunctionCalls(functions), invocations, say)
        yield Application(operations, say, region=options.region, loopback=options.loopback)


def _end(
    mappings: Mappings, functions: Functions, invocations: Invocations, grace: float, say: Callable[[str], object]
) -> None:
    invocations.close()
    finished = mappings.close(grace)
    # What still runs then counts as not run: its records are delivered again.
    functions.close()
    if not finished and not mappings.close(min(grace, _LAST_WORDS)):
        say("a function is still running: what it was given is delivered again, where there is a state file")
