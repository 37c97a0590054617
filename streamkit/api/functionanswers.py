"""What Lambda's API says of a function: GetFunction, GetFunctionConfiguration, aliases, concurrency."""

from __future__ import annotations

import platform
import sys
import uuid
from typing import TYPE_CHECKING, Any

from streamkit.api.functionnames import function_arn
from streamkit.api.refusals import not_found

if TYPE_CHECKING:
    from streamkit.api.functionmodel import Alias, Function, ResolvedFunction

__all__ = ["alias_answer", "concurrency_answer", "configuration", "find_alias", "function_answer", "listed"]

_ARM = ("arm64", "aarch64")


def function_answer(found: ResolvedFunction) -> dict[str, Any]:
    """Return what GetFunction answers. There is no Location: the code is here, and nothing can be downloaded."""
    function = found.function
    answer: dict[str, Any] = {"Configuration": configuration(found), "Code": {"RepositoryType": "streamkit"}}
    if function.tags:
        answer["Tags"] = dict(function.tags)
    if function.concurrency is not None:
        answer["Concurrency"] = concurrency_answer(function)
    return answer


def configuration(found: ResolvedFunction) -> dict[str, Any]:
    """Return what GetFunctionConfiguration answers: always active, since it is there or not."""
    return {**listed(found), "State": "Active", "LastUpdateStatus": "Successful"}


def listed(found: ResolvedFunction) -> dict[str, Any]:
    """Return what a list of functions says of one: its state is not in it (AWS's ListFunctions)."""
    function, version = found.function, found.version
    code = version.code
    answer: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": found.arn,
        "Runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Role": f"arn:{found.arn.split(':', 2)[1]}:iam::{function.account}:role/streamkit",
        # As Lambda writes it: module.attribute.
        "Handler": version.target.replace(":", "."),
        "CodeSize": code.size,
        "Description": function.description,
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        "LastModified": f"{code.modified:%Y-%m-%dT%H:%M:%S}.{code.modified.microsecond // 1000:03}+0000",
        "CodeSha256": code.sha256,
        "Version": version.number,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": _revision(found.unqualified_arn, version.number, version.target, code.sha256),
        "PackageType": "Zip",
        "Architectures": ["arm64" if platform.machine().lower() in _ARM else "x86_64"],
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.name}"},
    }
    if function.variables:
        answer["Environment"] = {"Variables": dict(function.variables)}
    return answer


def concurrency_answer(function: Function) -> dict[str, Any]:
    """Return what GetFunctionConcurrency answers: nothing where there is no limit."""
    return {} if function.concurrency is None else {"ReservedConcurrentExecutions": function.concurrency}


def find_alias(function: Function, region: str, name: str) -> Alias:
    """Return an alias. Raises Refusal where there is none of this name."""
    alias = function.aliases.get(name)
    if alias is None:
        raise not_found(f"Cannot find alias arn: {function_arn(region, function.account, function.name, name)}")
    return alias


def alias_answer(function: Function, region: str, alias: Alias) -> dict[str, Any]:
    """Return what GetAlias answers."""
    arn = function_arn(region, function.account, function.name, alias.name)
    return {
        "AliasArn": arn,
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": _revision(arn, alias.version, alias.description),
    }


def _revision(*parts: str) -> str:
    """Return an id that changes when what it is made of changes, and only then."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))
