"""What functions a server has: what the command line and files say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamkit.api.functionnames import LATEST, FunctionName, parse_function_name
from streamkit.api.refusals import Refusal
from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AliasDefinition", "FunctionDefinition", "FunctionDefinitionError", "check_alias", "function_option"]

_MAX_NAME, _MAX_ALIAS = 64, 128


class FunctionDefinitionError(StreamkitError, ValueError):
    """A function that a server is to have cannot be: the text says which, where it is said, and what is allowed."""


@dataclass(frozen=True, slots=True)
class AliasDefinition:
    """An alias that a file gives to a function."""

    handler: str | None = None
    """Where it leads, ``app:handler``; None: to the function itself."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A function, or with a qualifier in its name one of its aliases or versions. None: what Lambda has by default."""

    named: FunctionName
    """Without account and region it is a function of the server's account, in every region."""
    handler: str
    """``app:handler``."""
    said: str
    """Where it is said, for errors: ``--function orders=app:handler``, ``function 2 of functions.json``."""
    timeout: int | None = None
    """In seconds, 1-900."""
    memory_size: int | None = None
    """In MB, 128-10240."""
    concurrency: int | None = None
    """ReservedConcurrentExecutions; 0: it is never run."""
    description: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, AliasDefinition] = field(default_factory=dict)


def function_option(text: str) -> FunctionDefinition:
    """Read ``NAME=MODULE:ATTRIBUTE``, as ``--function`` takes it. Raises FunctionDefinitionError.

    NAME may carry an alias or a version, ``orders:live``, and be a full ARN. Whether the handler is there is not
    looked at here.
    """
    name, equals, handler = text.partition("=")
    if not equals or not name or not handler:
        raise FunctionDefinitionError(
            f"--function {text}: it takes NAME=MODULE:ATTRIBUTE, for example orders=app:handler or "
            f"orders:live=app:handler"
        )
    said = f"--function {text}"
    named = defined_name(name, said)
    if named.qualifier not in (None, LATEST) and not named.qualifier.isdecimal():
        check_alias(named.qualifier, said)
    return FunctionDefinition(named, handler, said)


def defined_name(text: str, said: str) -> FunctionName:
    """Read the name under which a function is defined. Raises FunctionDefinitionError."""
    try:
        named = parse_function_name(text)
    except Refusal:
        named = None
    if named is None or "." in named.name or len(named.name) > _MAX_NAME:
        raise FunctionDefinitionError(
            f"{said}: {text!r} is no name of a function: up to {_MAX_NAME} of the characters a-z A-Z 0-9 - and _, "
            f"or a full ARN, arn:aws:lambda:REGION:ACCOUNT:function:NAME"
        )
    return named


def check_alias(name: str, said: str) -> None:
    """Raise FunctionDefinitionError for what no alias can be called."""
    if re.fullmatch(r"(?![0-9]+$)[a-zA-Z0-9_-]+", name) is None or len(name) > _MAX_ALIAS:
        raise FunctionDefinitionError(
            f"{said}: {name!r} is no name of an alias: up to {_MAX_ALIAS} of the characters a-z A-Z 0-9 - and _, "
            f"not digits alone"
        )
