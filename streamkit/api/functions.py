"""The functions that a server knows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from streamkit.api.functionbuilding import Building
from streamkit.api.functiondefinitions import FunctionDefinitionError
from streamkit.api.functioninvoker import RoutedInvoker
from streamkit.api.functionmodel import DEFAULT_TIMEOUT
from streamkit.api.functionnames import LATEST, FunctionName, function_arn, parse_function_name
from streamkit.api.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamkit.api.functiondefinitions import FunctionDefinition
    from streamkit.api.functioninvoker import FunctionInvoker
    from streamkit.api.functionmodel import Function, ResolvedFunction

__all__ = ["DEFAULT_ACCOUNT", "Functions"]

DEFAULT_ACCOUNT = "123456789012"
"""The account of AWS's own samples."""


class Functions:
    """Holds them. They are made at once, their processes start with their first invocation; `close` ends them.

    ``load``: imports ``module:attribute`` and returns the handler, or raises what the user is to see; it is called for
    every handler, so that what cannot be imported shows now. ``account``: the one of functions whose name says none.
    ``timeout``: of functions that have none of their own, in seconds. ``in_process``: whether handlers run here, where
    breakpoints work, one call at a time for each version of a function, or each in processes of Lambda's runtime
    client. Here a handler that takes longer than its Timeout is not ended.

    A function named without a region is in every region; one with a full ARN in that region and account only.

    Raises FunctionDefinitionError for functions that cannot be, or not together.
    """

    def __init__(
        self,
        definitions: Iterable[FunctionDefinition],
        load: Callable[[str], Callable[..., Any]],
        *,
        account: str = DEFAULT_ACCOUNT,
        timeout: int = DEFAULT_TIMEOUT,
        in_process: bool = False,
    ) -> None:
        if re.fullmatch(r"\d{12}", account, re.ASCII) is None:
            raise FunctionDefinitionError(f"an account is a number of 12 digits, as {DEFAULT_ACCOUNT}, not {account!r}")
        self.account = account
        """The account of the server."""
        building = Building(load, timeout=timeout, in_process=in_process)
        by_function: dict[FunctionName, list[FunctionDefinition]] = {}
        for one in definitions:
            named = one.named
            key = FunctionName(named.name, account=named.account or account, region=named.region)
            by_function.setdefault(key, []).append(replace(one, named=replace(key, qualifier=named.qualifier)))
        self._functions = {key: building.function(key, together) for key, together in by_function.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find(self, named: FunctionName, region: str, qualifier: str | None = None) -> ResolvedFunction | None:
        """Return the function that a request in this region means, None where there is none.

        ``qualifier``: one that the request has beside the name.
        """
        if named.region not in (None, region):
            return None
        key = FunctionName(named.name, account=named.account or self.account, region=region)
        function = self._functions.get(key) or self._functions.get(replace(key, region=None))
        return None if function is None else function.resolved(region, qualifier or named.qualifier)

    def resolve(self, named: FunctionName, region: str, qualifier: str | None = None) -> ResolvedFunction:
        """Return the function that a request in this region means. Raises Refusal: ResourceNotFoundException."""
        found = self.find(named, region, qualifier)
        if found is not None:
            return found
        if named.region not in (None, region):
            raise not_found(f"Functions from '{named.region}' are not reachable in this region ('{region}')")
        arn = function_arn(region, named.account or self.account, named.name, qualifier or named.qualifier)
        raise not_found(f"Function not found: {arn}")

    def in_region(self, region: str) -> list[Function]:
        """Return the functions of the server's account in a region, by name."""
        found = {
            key.name: function
            for key, function in sorted(self._functions.items(), key=lambda item: item[0].region or "")
            if key.account == self.account and key.region in (None, region)
        }
        return [found[name] for name in sorted(found)]

    def targets(self) -> list[tuple[str, str]]:
        """Return the name and the handler of everything that can be invoked, for lines of the server's own."""
        found = []
        for function in self._functions.values():
            name = function.name
            numbers = {number: number for number in function.versions} | {
                alias.name: alias.version for alias in function.aliases.values()
            }
            found += [
                (name if qualifier == LATEST else f"{name}:{qualifier}", function.versions[number].target)
                for qualifier, number in numbers.items()
            ]
        return found

    def routed(self, arn: Callable[[], str] | None = None) -> RoutedInvoker:
        """Return an invoker for a mapping; see `RoutedInvoker`."""
        return RoutedInvoker(self._invoker_of, arn)

    def close(self) -> None:
        """End the processes of all functions. It may be called again."""
        for function in self._functions.values():
            for version in function.versions.values():
                version.invoker.close()

    def _invoker_of(self, arn: str) -> FunctionInvoker | None:
        named = parse_function_name(arn)
        found = self.find(named, named.region or "")
        return None if found is None else found.invoker
