"""AWS's CDK for Python, in an environment of its own: its library is larger than all that the project needs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from tests.parts.environments import environment
from tests.parts.needs import MissingPartError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cdk_python"]

_PART: Final = "the CDK"
_REQUIREMENTS: Final = ("aws-cdk-lib==2.275.0", "constructs==10.8.1")


def cdk_python() -> Path:
    """Return a Python that has aws_cdk. Raises MissingPartError: it also runs nowhere without Node."""
    if shutil.which("node") is None:
        raise MissingPartError(_PART, "there is no node")
    return environment("cdk-2.275.0", *_REQUIREMENTS, part=_PART)
