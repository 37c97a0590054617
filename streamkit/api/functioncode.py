"""The code of a function as far as it can be told: the file of its module."""

from __future__ import annotations

import base64
import hashlib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["FunctionCode", "code_of"]


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """What is said of it. It is the module's file alone, not what the module imports."""

    sha256: str
    """As AWS writes it: base64."""
    size: int
    """In bytes."""
    modified: datetime


def code_of(target: str) -> FunctionCode:
    """Return what is known of ``module:attribute``, whose module is imported; of one without a file, nothing: 0 bytes.

    The file is read once, when the function is: a change of it shows after a restart, like its code.
    """
    module = sys.modules.get(target.partition(":")[0])
    file = getattr(module, "__file__", None)
    try:
        content = b"" if file is None else Path(file).read_bytes()
        modified = datetime.fromtimestamp(0 if file is None else Path(file).stat().st_mtime, UTC)
    except OSError:  # it is in an archive
        content, modified = b"", datetime.fromtimestamp(0, UTC)
    return FunctionCode(base64.b64encode(hashlib.sha256(content).digest()).decode(), len(content), modified)
