"""Lambda's calls for functions, but for Invoke: their parameters as texts, their answers as AWS's JSON has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.api.functionanswers import (
    alias_answer,
    concurrency_answer,
    configuration,
    find_alias,
    function_answer,
    listed,
)
from streamkit.api.functionmodel import ResolvedFunction
from streamkit.api.functionnames import (
    LATEST,
    parse_function_name,
    parse_plain_function_name,
    with_qualifier,
)
from streamkit.api.functionpages import page
from streamkit.api.refusals import constraint, not_found, validation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.api.functionmodel import Function
    from streamkit.api.functionnames import FunctionName
    from streamkit.api.functions import Functions

__all__ = ["FunctionCalls"]

_NO_FUNCTION = "The resource you requested does not exist."


class FunctionCalls:
    """Answers them. Each method is named as the call, and raises Refusal as AWS refuses it.

    ``region``: the request's. Parameters of the query are None where they are not given.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def get_function(self, region: str, name: str, qualifier: str | None = None) -> dict[str, Any]:
        """Return the function's configuration, tags and concurrency."""
        return function_answer(self._resolved(region, name, qualifier))

    def get_function_configuration(self, region: str, name: str, qualifier: str | None = None) -> dict[str, Any]:
        """Return the function's configuration."""
        return configuration(self._resolved(region, name, qualifier))

    def get_function_concurrency(self, region: str, name: str) -> dict[str, Any]:
        """Return the function's reserved concurrency."""
        return concurrency_answer(self._unqualified(region, parse_plain_function_name(name)))

    def list_functions(
        self,
        region: str,
        *,
        function_version: str | None = None,
        marker: str | None = None,
        max_items: str | None = None,
    ) -> dict[str, Any]:
        """Return the functions of the region, 50 at a time; with ALL every version of them."""
        if function_version not in (None, "ALL"):
            raise validation(constraint(function_version, "functionVersion", "satisfy enum value set: [ALL]"))
        functions = self._functions.in_region(region)
        if function_version is None:
            found = [(one.name, listed(_version(one, region, None))) for one in functions]
        else:
            found = [(str(told["FunctionArn"]), told) for one in functions for told in _versions(one, region)]
        return page("Functions", found, marker, max_items)

    def list_versions_by_function(
        self, region: str, name: str, *, marker: str | None = None, max_items: str | None = None
    ) -> dict[str, Any]:
        """Return the versions of the function, ``$LATEST`` first."""
        function = self._unqualified(region, parse_function_name(name))
        found = [(str(told["Version"]), told) for told in _versions(function, region)]
        return page("Versions", found, marker, max_items)

    def list_aliases(
        self,
        region: str,
        name: str,
        *,
        function_version: str | None = None,
        marker: str | None = None,
        max_items: str | None = None,
    ) -> dict[str, Any]:
        """Return the aliases of the function, or of one of its versions."""
        function = self._unqualified(region, parse_plain_function_name(name))
        found = [
            (alias.name, alias_answer(function, region, alias))
            for alias in function.aliases.values()
            if function_version in (None, alias.version)
        ]
        return page("Aliases", found, marker, max_items)

    def get_alias(self, region: str, name: str, alias: str) -> dict[str, Any]:
        """Return one alias of the function."""
        function = self._unqualified(region, parse_plain_function_name(name))
        return alias_answer(function, region, find_alias(function, region, alias))

    def list_tags(self, region: str, arn: str) -> dict[str, Any]:
        """Return the tags of the function with this ARN."""
        found = self._functions.find(parse_function_name(arn, "resource"), region)
        if found is None:
            raise not_found(_NO_FUNCTION)
        return {"Tags": dict(found.function.tags)}

    def _resolved(self, region: str, name: str, qualifier: str | None) -> ResolvedFunction:
        named = parse_function_name(name)
        return self._functions.resolve(named, region, with_qualifier(named, qualifier))

    def _unqualified(self, region: str, named: FunctionName) -> Function:
        return self._functions.resolve(named, region).function


def _versions(function: Function, region: str) -> Iterator[dict[str, Any]]:
    """Yield what a list says of the versions, under their qualified ARNs, ``$LATEST`` too."""
    for number in function.versions:
        yield listed(_version(function, region, number))


def _version(function: Function, region: str, number: str | None) -> ResolvedFunction:
    return ResolvedFunction(function, region, number, function.versions[number or LATEST])
