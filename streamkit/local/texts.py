"""Texts that any file and any terminal can take: exceptions, times, and how many of something there are."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from streamkit.errors import DecodeError
from streamkit.local.invokers.functionerror import FunctionError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["counted", "described", "error_name", "full_text", "function_log", "printable", "second"]


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number of things in words: ``1 record``, ``2 records``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def described(error: BaseException) -> str:
    """Return an exception as one line; where the record is named anyway, a DecodeError need not name it again."""
    text = f"{error.part}: {error.problem}" if isinstance(error, DecodeError) else _own_text(error)
    line = " ".join(part.strip() for part in text.splitlines())
    return printable(f"{error_name(error)}: {line}" if line else error_name(error))


def error_name(error: BaseException) -> str:
    """Return the name of an exception's type; of one in another process, the name that it has there."""
    return error.error_type if isinstance(error, FunctionError) else type(error).__name__


def full_text(error: BaseException) -> str:
    """Return an exception's type and its whole text."""
    return printable(f"{error_name(error)}: {_own_text(error)}")


def printable(text: str) -> str:
    """Return text without half characters (lone surrogates), which no JSON and no terminal takes."""
    return text.encode(errors="backslashreplace").decode()


def function_log(text: str) -> str:
    """Return what a function wrote, as it would have been shown had it run here."""
    # awslambdaric puts \r and no-break spaces into a traceback, to make it one entry of CloudWatch.
    return printable(re.sub("\r\n?", "\n", text).replace("\xa0", " ").rstrip("\n"))


def _own_text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # a user's own __str__ may be as broken as what it reports
        return "(its text cannot be shown: its __str__ raises)"


def second(when: datetime) -> str:
    """Return a time in whole seconds, as Lambda writes it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
