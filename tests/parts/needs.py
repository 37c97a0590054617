"""What a test needs of the machine, and what becomes of it where that is not there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

__all__ = ["REQUIRE_PARTS", "MissingPartError", "missing"]

REQUIRE_PARTS = "STREAMKIT_REQUIRE_PARTS"
"""The variable that makes failures of what would be skipped: CI skips nothing."""


class MissingPartError(Exception):
    """A part is not there and cannot be had: the text, one line, says which, and what installs it."""

    def __init__(self, part: str, why: str, install: str = "make parts") -> None:
        super().__init__(f"needs {part}: {why}; `{install}` installs it")


def missing(error: MissingPartError) -> NoReturn:
    """Skip the test that needs the part; with STREAMKIT_REQUIRE_PARTS=1 fail it."""
    if os.environ.get(REQUIRE_PARTS, "") not in ("", "0"):
        pytest.fail(str(error), pytrace=False)
    pytest.skip(str(error))
