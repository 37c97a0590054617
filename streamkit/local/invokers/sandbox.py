"""One process of a function and its Runtime API: what Lambda calls an execution environment."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from streamkit.local.invokers.exits import exit_error
from streamkit.local.invokers.functionlog import FunctionLog
from streamkit.local.invokers.httpconnection import HttpConnection
from streamkit.local.invokers.inprocess import MAX_RESPONSE_BYTES
from streamkit.local.invokers.invoker import Answer, FunctionTimeoutError
from streamkit.local.invokers.memory import resident_bytes
from streamkit.local.invokers.processgroup import ProcessGroup
from streamkit.local.invokers.runtimeapi import RuntimeApi, Task
from streamkit.local.invokers.stragglers import kill_stragglers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Sandbox"]

_API = "AWS_LAMBDA_RUNTIME_API"

_LOOKS_EVERY = 0.05
"""How often memory is looked at, and the process where the system does not tell that it ended, in seconds."""

_LISTENS_AFTER = 0.01
"""How long an invocation goes on before what it writes is read at once, in seconds: to wake up for every line of a
short one would take longer than the invocation. Until then a pipe holds it."""

_LAST_WORDS = 1.0
"""How long a runtime that reported that its init failed has to end by itself, in seconds."""

_READ_BYTES = 65_536

_LAST_READS = 32
"""How often is read what is there without waiting: it is less, but a process may go on writing for ever."""


class Sandbox:
    """A process that runs one invocation at a time. It has a listening socket of its own, which tells it from others.

    There is no thread: the one that calls `invoke` looks after the process meanwhile. Between invocations nobody does,
    and a process that goes on by itself waits when it has written what a pipe holds; Lambda stops it altogether.

    Raises OSError for a command that cannot be run.
    """

    def __init__(
        self, command: Sequence[str], cwd: str, env: Mapping[str, str], *, memory_mb: int | None = None
    ) -> None:
        self._api = RuntimeApi()
        self._log = FunctionLog()
        self._memory_mb = memory_mb
        self._look_at = 0.0
        self._connections: set[HttpConnection] = set()
        self._waiting: list[HttpConnection] = []
        """Those that asked for the next invocation, and have no answer yet."""
        self._ended = self._closed = False
        self._listens = False
        """Whether what is written is read at once."""
        self._resources = contextlib.ExitStack()
        with contextlib.ExitStack() as opened:
            self._selector = opened.enter_context(selectors.DefaultSelector())
            self._listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
            self._listener.setblocking(False)
            self._output, theirs = os.pipe()
            opened.callback(os.close, self._output)
            os.set_blocking(self._output, False)
            self._address = f"127.0.0.1:{self._listener.getsockname()[1]}"
            try:
                self._group = ProcessGroup(command, cwd, {**env, _API: self._address}, theirs)
            finally:
                os.close(theirs)
            self._resources = opened.pop_all()
        self.pid = self._group.pid
        self._watch(self._listener, self._accept)
        exit_fd = self._group.exit_fd()
        self._told_of_end = exit_fd is not None
        if exit_fd is not None:
            self._resources.callback(os.close, exit_fd)
            self._watch(exit_fd, lambda: self._note_end(exit_fd))

    @property
    def usable(self) -> bool:
        """Whether it can have another invocation, as far as is known since the last one."""
        return not self._ended and self._api.ready

    @property
    def lives(self) -> bool:
        """Whether it can have another invocation now."""
        return self.usable and not self._group.ended

    def say(self, text: str) -> None:
        """Let the log of the next invocation begin with this."""
        self._log.write(text.encode())

    def last_words(self) -> str:
        """Return what was written since the last invocation, of one that is closed."""
        return self._log.take()

    def kill(self) -> None:
        """Kill the process and what it started; another thread that waits in `invoke` goes on and closes it."""
        self._group.kill()

    def invoke(
        self, event: bytes, request_id: str, function_arn: str, *, timeout: float, init_timeout: float
    ) -> Answer:
        """Run the function with this event, and return what became of it. It is closed where it is of no more use."""
        try:
            answer = self._invoke(event, request_id, function_arn, timeout, init_timeout)
        except _ProcessEndedError:
            answer = Answer(error=exit_error(request_id, self._group.end()))
        except BaseException:
            self.close()
            raise
        if not self.usable:
            self.close()
        return replace(answer, log=self._log.take())

    def close(self) -> None:
        """Kill the process and what it started, and give back what it took. It may be called again."""
        if self._closed:
            return
        self._ended = self._closed = True
        self._group.end()
        kill_stragglers(_API, self._address)
        self._drain_output()
        for connection in self._connections:
            connection.socket.close()
        self._connections.clear()
        self._resources.close()

    def _invoke(self, event: bytes, request_id: str, function_arn: str, timeout: float, init_timeout: float) -> Answer:
        api = self._api
        self._listen(listens=False)
        self._serve_the_rest()  # what came while nobody looked
        try:
            self._serve_until(lambda: bool(self._waiting) or api.init_failed, init_timeout)
        except TimeoutError:
            return Answer(error=FunctionTimeoutError(init_timeout, "in its init: it asked for no invocation"))
        if api.init_failed:
            self._let_go_on(lambda: False, _LAST_WORDS)
            return api.answer or Answer()
        task = Task(event, request_id, function_arn, int((time.time() + timeout) * 1000))
        deadline = time.monotonic() + timeout
        api.begin(task)
        connection = self._waiting.pop()  # the last: who asks again may have given up asking before
        connection.reply(task.reply())
        self._settle(connection)
        try:
            self._serve_until(lambda: api.answer is not None, timeout)
        except TimeoutError:
            return Answer(error=FunctionTimeoutError(timeout))
        # An invocation is over when the runtime asks for the next one: what it does until then belongs to this one.
        self._let_go_on(lambda: api.ready, deadline - time.monotonic())
        self._read_output()
        return api.answer or Answer()

    def _let_go_on(self, done: Callable[[], bool], seconds: float) -> None:
        with contextlib.suppress(_ProcessEndedError, TimeoutError):
            self._serve_until(done, seconds)

    def _serve_until(self, done: Callable[[], bool], seconds: float) -> None:
        """Do what the process asks for. Raises TimeoutError, and _ProcessEndedError; then nothing of it is left."""
        deadline = time.monotonic() + seconds
        watched = self._memory_mb is not None or not self._told_of_end
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                self._group.end()
                raise TimeoutError
            if not self._listens:
                left = min(left, _LISTENS_AFTER)
            if not self._serve(min(left, _LOOKS_EVERY) if watched else left):
                self._listen(listens=True)
            self._watch_memory()
            if self._ended or (not self._told_of_end and self._group.ended):
                self._ended = True
                # What it started goes with it; what it sent last still counts.
                self._group.kill()
                self._serve_the_rest()
                if not done():
                    raise _ProcessEndedError

    def _serve_the_rest(self) -> None:
        for _ in range(_LAST_READS):
            if not self._serve(0):
                return

    def _serve(self, seconds: float) -> bool:
        """Do what there is to do, and wait for it if there is nothing; return whether there was something."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def _watch(self, what: socket.socket | int, action: Callable[[], object]) -> None:
        self._selector.register(what, selectors.EVENT_READ, action)

    def _note_end(self, exit_fd: int) -> None:
        self._ended = True
        self._selector.unregister(exit_fd)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # whoever wanted to connect is gone
            accepted, _ = self._listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = HttpConnection(accepted, MAX_RESPONSE_BYTES)
            self._connections.add(connection)
            self._watch(accepted, lambda: self._attend(connection))

    def _attend(self, connection: HttpConnection) -> None:
        if connection.sending:
            connection.flush()
        for request in connection.receive():
            reply = self._api.handle(request)
            if reply is None:
                self._waiting.append(connection)
            else:
                connection.reply(reply)
            if not request.keep_alive:
                connection.last = True
        self._settle(connection)

    def _settle(self, connection: HttpConnection) -> None:
        """Go on with a connection as it is now: to be written to as well, or over."""
        over = connection.last and not connection.sending and connection not in self._waiting
        if connection.closed or over:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            self._connections.discard(connection)
            self._waiting = [one for one in self._waiting if one is not connection]
            return
        if connection.sending != connection.watched_to_send:
            connection.watched_to_send = connection.sending
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.sending else 0)
            self._selector.modify(connection.socket, events, lambda: self._attend(connection))

    def _read_output(self) -> bool:
        """Take what was written, up to what a pipe holds; return whether there may be more."""
        try:
            data = os.read(self._output, _READ_BYTES)
        except BlockingIOError:
            return False
        self._log.write(data)
        if not data:  # nobody can write any more
            self._listen(listens=False)
        return bool(data)

    def _listen(self, *, listens: bool) -> None:
        if listens and not self._listens:
            self._watch(self._output, self._read_output)
        elif self._listens and not listens:
            self._selector.unregister(self._output)
        self._listens = listens

    def _drain_output(self) -> None:
        for _ in range(_LAST_READS):
            if not self._read_output():
                return

    def _watch_memory(self) -> None:
        if self._memory_mb is None or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOKS_EVERY
        held = resident_bytes(self.pid) / 1_048_576
        if held > self._memory_mb:
            self._group.kill()
            self._log.write(f"[streamkit: killed, it held {held:.0f} MB of memory, of {self._memory_mb}]\n".encode())


class _ProcessEndedError(Exception):
    """The process ended by itself, or was killed for its memory."""
