from __future__ import annotations

import signal

import pytest

from streamkit.local.invokers.exits import exit_error


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (137, "Runtime exited with error: exit status 137"),
        (-signal.SIGKILL, "Runtime exited with error: signal: killed"),
        (-signal.SIGSEGV, "Runtime exited with error: signal: segmentation fault"),
        (-signal.SIGABRT, "Runtime exited with error: signal: aborted"),
    ],
)
def test_an_end_is_told_in_lambdas_words(code: int, how: str) -> None:
    error = exit_error("r-1", code)
    assert (error.error_type, error.message) == ("Runtime.ExitError", f"RequestId: r-1 Error: {how}")


def test_a_signal_without_a_name_has_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "strsignal", lambda number: None)
    assert str(exit_error("r", -99)).endswith("signal: signal 99")
