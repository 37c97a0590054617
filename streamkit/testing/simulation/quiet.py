"""Keeping quiet what a handler prints and logs, thousands of times."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unheard"]


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Let nobody hear what is printed and logged: of the smallest schedule the test that is written shows it."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123  # no path
            yield
    finally:
        logging.disable(before)
