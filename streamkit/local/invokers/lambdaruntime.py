"""A function in processes of its own, driven by Lambda's Runtime API: the real runtime client, not an imitation."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from streamkit.errors import StreamkitError
from streamkit.local.invokers.context import MAX_TIMEOUT
from streamkit.local.invokers.functionenvironment import function_environment
from streamkit.local.invokers.functionerror import FunctionError
from streamkit.local.invokers.invoker import Answer
from streamkit.local.invokers.memory import can_watch_memory
from streamkit.local.invokers.sandbox import Sandbox
from streamkit.local.invokers.sandboxes import Sandboxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LambdaRuntime", "RuntimeUnavailableError"]

_MIN_MEMORY, _MAX_MEMORY = 128, 10_240
_NOT_A_PROGRAM = (errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR, errno.EPERM)


class RuntimeUnavailableError(StreamkitError):
    """What is to run the function is not there, or this system cannot do what is asked: the text says what to do."""


class LambdaRuntime:
    """An invoker that runs a function as Lambda does: in processes of its own, under a real runtime client.

    ``handler``: ``module.attribute`` or ``module:attribute``. ``command``: what runs it, awslambdaric under this Python
    by default; any other runtime client finds the handler's name in ``_HANDLER``, as it stands, and the server in
    ``AWS_LAMBDA_RUNTIME_API``.

    ``cwd``: the function's folder, where its modules are; the current one by default. ``env``: more variables.

    ``timeout``: the function's Timeout in seconds. A process that takes longer is killed, with all that it started.
    ``init_timeout``: how long a process has until it asks for its first invocation.

    ``memory_mb``: the function's memory size. What is watched is the resident memory of its process and of what it
    started, 20 times a second while an invocation runs: whoever takes and gives back memory faster than that is not
    caught, and unlike on Lambda what the kernel caches for it and what it puts in /tmp do not count. Without it nothing
    is watched, and the function is told that it has 128 MB.

    ``concurrency``: the function's reserved concurrency: what is more at once is throttled. By default each invocation
    that finds no free process gets a new one.

    `Answer.seconds` stays None: on a virtual clock an invocation takes the runner's ``duration``, so that runs repeat,
    on the real clock as long as it takes.

    Threads may call `invoke` at the same time. `close` ends all processes; so does the end of this process, however it
    comes.

    Raises ValueError for a setting that no function has, RuntimeUnavailableError where the runtime client is not
    installed or memory cannot be watched.
    """

    def __init__(  # noqa: PLR0913  # the settings of a function; all but the first have defaults
        self,
        handler: str,
        *,
        command: Sequence[str] | None = None,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = MAX_TIMEOUT,
        memory_mb: int | None = None,
        concurrency: int | None = None,
        init_timeout: float = 10.0,
    ) -> None:
        if not hasattr(os, "killpg"):
            raise RuntimeUnavailableError("functions in processes of their own need a POSIX system: Linux or macOS")
        for name, seconds in (("timeout", timeout), ("init_timeout", init_timeout)):
            if type(seconds) not in (int, float) or not 0 < seconds <= MAX_TIMEOUT:
                raise ValueError(f"{name} takes seconds above 0, up to Lambda's {MAX_TIMEOUT:g}, not {seconds!r}")
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            raise ValueError(f"concurrency takes a whole number from 1 on, or None for no limit, not {concurrency!r}")
        _check_memory(memory_mb)
        folder = Path(cwd or ".").absolute()
        if not folder.is_dir():
            raise ValueError(f"cwd takes the function's folder; there is no folder {folder}")
        handler = _for_python(handler) if command is None else handler
        self._timeout, self._init_timeout = timeout, init_timeout
        self.function_name: str = re.split(r"[.:/]", handler)[-1] or "handler"
        """What stands last in the handler's name."""
        given = dict(env or {})
        self._program, *arguments = _command(command, handler, folder, given)

        # It must not hold this object: that ends its processes when nobody holds it any more.
        def start(function_arn: str, name: str = self.function_name, program: str = self._program) -> Sandbox:
            size = memory_mb or _MIN_MEMORY
            variables = function_environment(
                given, handler=handler, name=name, function_arn=function_arn, cwd=str(folder), memory_mb=size
            )
            return Sandbox([program, *arguments], str(folder), variables, memory_mb=memory_mb)

        self._sandboxes = Sandboxes(start, concurrency)
        weakref.finalize(self, self._sandboxes.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def invoke(self, event: bytes, request_id: str, function_arn: str) -> Answer:
        """See `Invoker`. Raises RuntimeError after `close`; what `close` interrupts counts as not run."""
        try:
            sandbox = self._sandboxes.take(function_arn)
        except OSError as error:
            if error.errno not in _NOT_A_PROGRAM:
                return Answer(throttled=f"no process could be started: {error}")
            text = f"RequestId: {request_id} Error: fork/exec {self._program}: {os.strerror(error.errno).lower()}"
            return Answer(error=FunctionError("Runtime.InvalidEntrypoint", text))
        if sandbox is None:
            return Answer(throttled="Rate Exceeded: ReservedFunctionConcurrentInvocationLimitExceeded")
        try:
            answer = sandbox.invoke(
                event, request_id, function_arn, timeout=self._timeout, init_timeout=self._init_timeout
            )
        finally:
            self._sandboxes.give_back(sandbox)
        if answer.error is not None and self._sandboxes.is_closed():
            return Answer(throttled="the LambdaRuntime was closed during the invocation", log=answer.log)
        return answer

    def close(self) -> None:
        """See `ConcurrentInvoker`. Invocations that are under way are ended."""
        self._sandboxes.close()


def _check_memory(memory_mb: int | None) -> None:
    if memory_mb is None:
        return
    if type(memory_mb) is not int or not _MIN_MEMORY <= memory_mb <= _MAX_MEMORY:
        raise ValueError(
            f"memory_mb takes {_MIN_MEMORY} to {_MAX_MEMORY} MB, as Lambda's MemorySize, not {memory_mb!r}"
        )
    if not can_watch_memory():
        raise RuntimeUnavailableError(
            f"memory_mb={memory_mb} cannot be honoured: this system has no /proc that tells what memory a process "
            f"holds (Linux has); leave memory_mb out"
        )


def _for_python(handler: str) -> str:
    """Return a handler as awslambdaric takes it: ``module.attribute``."""
    module, colon, attribute = handler.partition(":") if ":" in handler else handler.rpartition(".")
    if not colon or not module or not attribute or not all(map(str.isidentifier, attribute.split("."))):
        raise ValueError(f"a handler is named like app.handler or app:handler, not {handler!r}")
    if "." in attribute:
        raise ValueError(
            f"{handler!r} leads to an attribute of an attribute, which awslambdaric does not look up: "
            f"give it a name of its own in the module {module}"
        )
    return f"{module}.{attribute}"


def _command(given: Sequence[str] | None, handler: str, cwd: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    if given is None:
        if find_spec("awslambdaric") is None:
            raise RuntimeUnavailableError(
                "Lambda's runtime client for Python is not installed: pip install awslambdaric (it is for Linux; "
                "elsewhere give a command of your own)"
            )
        return (sys.executable, "-m", "awslambdaric", handler)
    if isinstance(given, str) or not given:
        raise ValueError(f"command takes a program and its arguments as a list, not {given!r}")
    program, *arguments = given
    # As the function will find it: a path from its folder on, or a name that its own PATH leads to.
    found = shutil.which(str(cwd / program) if "/" in program else program, path=env.get("PATH"))
    if found is None:
        raise RuntimeUnavailableError(f"the command {program!r} is not there, or cannot be run, as seen from {cwd}")
    return (found, *arguments)
