"""A function of the server: its settings, its versions, its aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamkit.api.functionnames import LATEST, function_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.api.functioncode import FunctionCode
    from streamkit.api.functioninvoker import FunctionInvoker

__all__ = ["DEFAULT_MEMORY", "DEFAULT_TIMEOUT", "Alias", "Function", "FunctionVersion", "ResolvedFunction"]

DEFAULT_TIMEOUT = 3
"""The Timeout that Lambda gives to a function that names none, in seconds."""

DEFAULT_MEMORY = 128
"""The MemorySize that Lambda gives to a function that names none, in MB."""


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """The code under one version."""

    number: str
    """``$LATEST``, ``1``…"""
    target: str
    """``app:handler``."""
    handler: Callable[..., Any]
    """As it was imported: its ``mapping`` and types are at hand."""
    invoker: FunctionInvoker
    code: FunctionCode


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of a version."""

    name: str
    version: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function. Its ``$LATEST`` is always there."""

    name: str
    account: str
    region: str | None
    """None: it is in every region."""
    timeout: int
    """In seconds."""
    memory_size: int
    """In MB."""
    concurrency: int | None
    """ReservedConcurrentExecutions."""
    description: str
    variables: Mapping[str, str]
    tags: Mapping[str, str]
    versions: Mapping[str, FunctionVersion]
    """By number: ``$LATEST`` first, then in the order of their numbers."""
    aliases: Mapping[str, Alias]

    def resolved(self, region: str, qualifier: str | None = None) -> ResolvedFunction | None:
        """Return what a qualifier leads to; None where the function has no such version or alias."""
        alias = self.aliases.get(qualifier or "")
        version = self.versions.get(alias.version if alias else qualifier or LATEST)
        return None if version is None else ResolvedFunction(self, region, qualifier, version)


@dataclass(frozen=True, slots=True)
class ResolvedFunction:
    """A function as a request means it: in its region, under its qualifier."""

    function: Function
    region: str
    qualifier: str | None
    """As it was given; None where none was."""
    version: FunctionVersion

    @property
    def name(self) -> str:
        """The function's name, without qualifier."""
        return self.function.name

    @property
    def arn(self) -> str:
        """Its ARN with the qualifier, if one was given."""
        return function_arn(self.region, self.function.account, self.name, self.qualifier)

    @property
    def unqualified_arn(self) -> str:
        """Its ARN without qualifier."""
        return function_arn(self.region, self.function.account, self.name)

    @property
    def handler(self) -> Callable[..., Any]:
        """Its handler, as it was imported."""
        return self.version.handler

    @property
    def invoker(self) -> FunctionInvoker:
        """What runs it."""
        return self.version.invoker

    @property
    def timeout(self) -> int:
        """Its Timeout in seconds."""
        return self.function.timeout
