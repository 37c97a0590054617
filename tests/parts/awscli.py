"""AWS's own command line, the `aws` of PyPI, in an environment of its own: it pins what the project pins otherwise."""

from __future__ import annotations

from typing import Final

from tests.parts.environments import environment

__all__ = ["aws_command"]

_VERSION: Final = "1.46.3"


def aws_command() -> tuple[str, ...]:
    """Return what stands for ``aws`` in front of its arguments. Raises MissingPartError."""
    python = environment(f"awscli-{_VERSION}", f"awscli=={_VERSION}", part=f"the AWS CLI {_VERSION}")
    # Without -I the folder in which it is started would be searched for modules before its own.
    return (str(python), "-I", "-m", "awscli")
