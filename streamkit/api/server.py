"""The HTTP server: a socket of this machine, and a clean end."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from streamkit.api.application import Application

__all__ = ["AddressError", "ended_by_signals", "listening_socket", "serve"]

_LAST_ANSWERS = 3
"""Seconds that requests have to be answered once the server is asked to end."""
_MANY_CONNECTIONS = 1_000


class AddressError(StreamkitError):
    """The address cannot be listened on: the text says which, why, and what helps."""


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Port 0 is any that is free. Raises AddressError."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # By itself, since create_server leaves a socket open where a name is none.
        *_, address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0]
        listening = socket.create_server(address, family=family, backlog=128)
    except (OSError, UnicodeError) as error:
        raise AddressError(
            f"{host} port {port} cannot be listened on: {error}; give another --port (0 is any that is free), "
            f"or end what listens there"
        ) from None
    # What it accepts inherits this. asyncio's own way passes over sockets made like that, and each answer on a
    # connection that is kept would wait for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@contextlib.contextmanager
def _signals_to(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def ended_by_signals() -> contextlib.AbstractContextManager[None]:
    """Raise KeyboardInterrupt in the block for SIGINT and SIGTERM, also where a shell lets them be ignored."""
    return _signals_to(signal.default_int_handler)


def serve(application: Application, listening: socket.socket, ready: Callable[[], object]) -> None:
    """Answer requests until SIGINT or SIGTERM. ``ready`` is called when the first can come.

    Raises KeyboardInterrupt for a second signal: whoever sends it does not want to wait.
    """
    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MANY_CONNECTIONS,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    server = _Server(config, ready)
    server.run(sockets=[listening])
    if server.hurried:
        raise KeyboardInterrupt


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready
        self.hurried = False
        """Whether a second signal came."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.hurried = self.should_exit
        # uvicorn itself hurries at a second SIGINT only.
        super().handle_exit(signal.SIGINT if self.hurried else sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal once more at the end, which would end the process before the mappings did.
        with _signals_to(self.handle_exit):
            yield
