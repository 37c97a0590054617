"""From definitions to a function: its handlers are imported, its versions numbered, its aliases attached."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from streamkit.api.functioncode import code_of
from streamkit.api.functiondefinitions import FunctionDefinition, FunctionDefinitionError
from streamkit.api.functioninvoker import Capacity, FunctionInvoker
from streamkit.api.functionmodel import DEFAULT_MEMORY, Alias, Function, FunctionVersion
from streamkit.api.functionnames import LATEST
from streamkit.local.invokers.inprocess import InProcessInvoker
from streamkit.local.invokers.lambdaruntime import LambdaRuntime, RuntimeUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamkit.api.functionnames import FunctionName
    from streamkit.local.invokers.invoker import Invoker

__all__ = ["Building"]


class Building:
    """Makes functions. See `Functions` for what it is given."""

    def __init__(self, load: Callable[[str], Callable[..., Any]], *, timeout: int, in_process: bool) -> None:
        self._load = load
        self._timeout = timeout
        self._in_process = in_process

    def function(self, key: FunctionName, definitions: Sequence[FunctionDefinition]) -> Function:
        """Return the function that these definitions make together; ``key`` is its name.

        Without one for the function itself, its code is that of the first alias or version.

        Raises FunctionDefinitionError, and what loading a handler raises.
        """
        named = _by_qualifier(definitions)
        own = named.get(LATEST) or FunctionDefinition(key, definitions[0].handler, definitions[0].said)
        if self._in_process and own.variables:
            raise FunctionDefinitionError(
                f"{own.said}: Environment is for functions in processes of their own; those in this process have its "
                f"variables: set them before it starts"
            )
        targets, aliases = _numbered(own, named)
        capacity = Capacity(own.concurrency)
        timeout = own.timeout or self._timeout
        return Function(
            name=key.name,
            account=key.account or "",
            region=key.region,
            timeout=timeout,
            memory_size=own.memory_size or DEFAULT_MEMORY,
            concurrency=own.concurrency,
            description=own.description,
            variables=own.variables,
            tags=own.tags,
            versions={
                number: self._version(number, target, own, capacity, timeout) for number, target in targets.items()
            },
            aliases=aliases,
        )

    def _version(
        self, number: str, target: str, own: FunctionDefinition, capacity: Capacity, timeout: int
    ) -> FunctionVersion:
        with _environment(own.variables):
            handler = self._load(target)
        runs: Invoker
        try:
            if self._in_process:
                runs = InProcessInvoker(handler, timeout)
            else:
                # Memory is watched where the function says how much it has: Lambda's 128 MB are not meant by default.
                runs = LambdaRuntime(target, env=own.variables, timeout=timeout, memory_mb=own.memory_size)
        except RuntimeUnavailableError as error:
            raise RuntimeUnavailableError(
                f"{own.said}: {error}; or let the functions run in this process: --invoker in-process"
            ) from None
        except ValueError as error:
            raise FunctionDefinitionError(f"{own.said}: {error}") from None
        runs.function_name = own.named.name
        invoker = FunctionInvoker(runs, capacity, one_at_a_time=self._in_process)
        return FunctionVersion(number, target, handler, invoker, code_of(target))


def _by_qualifier(definitions: Sequence[FunctionDefinition]) -> dict[str, FunctionDefinition]:
    """Return the definitions by what they define: ``$LATEST``, aliases, versions. Raises FunctionDefinitionError."""
    found: dict[str, FunctionDefinition] = {}
    for one in definitions:
        names = [one.named.qualifier or LATEST, *one.aliases]
        for name in names:
            if name in found:
                what = one.named.name if name == LATEST else f"{one.named.name}:{name}"
                raise FunctionDefinitionError(f"{what} is there twice: {found[name].said}, and {one.said}")
            found[name] = one
    return found


def _numbered(
    own: FunctionDefinition, named: Mapping[str, FunctionDefinition]
) -> tuple[dict[str, str], dict[str, Alias]]:
    """Return the handlers of the versions, by number, and the aliases.

    An alias with a handler that no version has gets a version of its own, as publishing would make it.
    """
    targets = {LATEST: own.handler}
    targets |= {name: one.handler for name, one in named.items() if name.isdecimal()}
    aliases = {}
    for name, one in named.items():
        if name == LATEST or name.isdecimal():
            continue
        inside = one.aliases.get(name)
        target = one.handler if inside is None or inside.handler is None else inside.handler
        number = next((number for number, handler in targets.items() if handler == target), None)
        if number is None:
            number = str(max((int(one) for one in targets if one != LATEST), default=0) + 1)
            targets[number] = target
        aliases[name] = Alias(name, number, "" if inside is None else inside.description)
    order = sorted(targets, key=lambda number: 0 if number == LATEST else int(number))
    return {number: targets[number] for number in order}, {name: aliases[name] for name in sorted(aliases)}


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Let a module find the function's variables while it is imported here, where only its handler is looked at."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
