"""A command in a session of its own, so that whatever it starts can be ended with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ProcessGroup"]


class ProcessGroup:
    """A process, and those that it starts and that do not leave its process group.

    ``output``: the file descriptor that its stdout and stderr go to. Raises OSError for a command that cannot be run.
    """

    def __init__(self, command: Sequence[str], cwd: str, env: Mapping[str, str], output: int) -> None:
        # A session: Ctrl-C at the terminal is for streamkit, which lets the batch in flight be finished.
        self._process = subprocess.Popen(  # noqa: S603  # the user's own function
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self.pid = self._process.pid

    def exit_fd(self) -> int | None:
        """Return a file descriptor, to be closed, that can be read when it has ended; None where there is none."""
        opener = getattr(os, "pidfd_open", None)
        try:
            return None if opener is None else int(opener(self.pid))
        except OSError:  # an older kernel
            return None

    @property
    def ended(self) -> bool:
        """Whether the process has ended, whatever it started."""
        with self._lock:
            if self._process.returncode is not None:
                return True
            # It is left to be reaped: until then its id, and that of its group, are no other's.
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self) -> None:
        """Kill all of them."""
        with self._lock:
            if self._process.returncode is None:
                # macOS refuses for a group of which nothing is left but what ended.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> int:
        """Kill what is left and return how the process ended, as subprocess has it."""
        self.kill()
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT) if self._process.returncode is None else None
        with self._lock:
            return self._process.wait()
