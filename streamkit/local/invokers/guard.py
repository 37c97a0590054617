"""Nothing outlives streamkit, not even where streamkit is killed itself."""

from __future__ import annotations

import contextlib
import subprocess
import threading

__all__ = ["Guard"]

# It reads the numbers of process groups, "-" before those that are over, and kills the rest when its input ends:
# however streamkit ends, the kernel closes the pipe.
_SCRIPT = """
trap '' HUP INT TERM
groups=' '
while read -r group; do
  case $group in
    -*) groups="${groups%% ${group#-} *} ${groups#* ${group#-} }" ;;
    *) groups="$groups$group " ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"""


class Guard:
    """A small shell that kills process groups when this process ends in whatever way.

    PR_SET_PDEATHSIG would be nearer, but it goes by the thread that started the process, is not everywhere, and leaves
    alone what the process itself has started.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        shell = subprocess.Popen(  # noqa: S603  # our own script
            ["/bin/sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        self.pid = shell.pid
        self._shell: subprocess.Popen[bytes] | None = shell

    def watch(self, group: int) -> None:
        """Kill this process group when this process ends."""
        self._tell(f"{group}\n")

    def forget(self, group: int) -> None:
        """Leave this process group alone: it is over, and its number may become another's."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """End the shell, which kills the groups that it still knows."""
        with self._lock:
            shell, self._shell = self._shell, None
        if shell is not None:
            with contextlib.suppress(OSError):
                shell.communicate()

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._shell is not None and self._shell.stdin is not None:
                # Somebody killed the shell: what it was for is only needed if streamkit is killed as well.
                with contextlib.suppress(OSError):
                    self._shell.stdin.write(line.encode())
