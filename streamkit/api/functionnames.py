"""The names of a function as Lambda's API takes them: name, partial ARN, full ARN, with or without qualifier."""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamkit.api.refusals import constraint, invalid_parameter, validation

__all__ = [
    "LATEST",
    "FunctionName",
    "function_arn",
    "parse_function_name",
    "parse_plain_function_name",
    "parse_qualifier",
    "with_qualifier",
]

LATEST = "$LATEST"
"""The version that every function has: its code as it is now."""

# The texts of AWS's own model, which its refusals quote.
_PREFIX = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
)
_NAMESPACED = _PREFIX + r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
_PLAIN = _PREFIX + r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
_QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"

_END = r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
_FORMS = (
    # A full ARN whose region is none of AWS's, which their own pattern refuses: DynamoDB Local's is ddblocal.
    re.compile(
        rf"arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z][a-z0-9-]*):(?P<account>\d{{12}}):function:{_END}", re.ASCII
    ),
    re.compile(
        r"(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?"
        r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
        rf"(?:(?P<account>\d{{12}}):)?(?:function:)?{_END}",
        re.ASCII,
    ),
)
_MAX_NAME, _MAX_PLAIN_NAME, _MAX_QUALIFIER = 256, 140, 128


@dataclass(frozen=True, slots=True)
class FunctionName:
    """What a name says; None where it leaves it to the request."""

    name: str
    qualifier: str | None = None
    """``$LATEST``, the number of a version, or an alias."""
    account: str | None = None
    region: str | None = None


def parse_function_name(text: str, member: str = "functionName") -> FunctionName:
    """Read a name of up to 256 characters, as GetFunction, Invoke and the calls for mappings take it (SEMANTICS §1).

    Raises Refusal, as AWS words it under ``member``.
    """
    return _parse(text, member, _MAX_NAME, _NAMESPACED, dots=True)


def parse_plain_function_name(text: str) -> FunctionName:
    """Read a name of up to 140 characters, as the calls for aliases and concurrency take it. Raises Refusal."""
    return _parse(text, "functionName", _MAX_PLAIN_NAME, _PLAIN, dots=False)


def parse_qualifier(text: str) -> str:
    """Return what was given as ``Qualifier``. Raises Refusal for what is none."""
    problems = _length("qualifier", text, _MAX_QUALIFIER)
    if re.fullmatch(_QUALIFIER, text, re.ASCII) is None:
        problems.append(_pattern("qualifier", text, _QUALIFIER))
    if problems:
        raise validation(*problems)
    return text


def with_qualifier(named: FunctionName, qualifier: str | None) -> str | None:
    """Return the qualifier that a request means, in the function's name or beside it. Raises Refusal if they differ."""
    if qualifier is not None:
        parse_qualifier(qualifier)
        if named.qualifier not in (None, qualifier):
            raise invalid_parameter(
                "The derived qualifier from the function name does not match the specified qualifier."
            )
    return qualifier or named.qualifier


def function_arn(region: str, account: str, name: str, qualifier: str | None = None) -> str:
    """Return a function's ARN; the partition is the region's."""
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    arn = f"arn:{partition}:lambda:{region}:{account}:function:{name}"
    return arn if qualifier is None else f"{arn}:{qualifier}"


def _parse(text: str, member: str, longest: int, pattern: str, *, dots: bool) -> FunctionName:
    problems = _length(member, text, longest)
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None or (not dots and "." in match["name"] + (match["qualifier"] or "")):
        problems.append(_pattern(member, text, pattern))
    if match is None or problems:
        raise validation(*problems)
    return FunctionName(match["name"], match["qualifier"], match["account"], match["region"])


def _length(member: str, text: str, longest: int) -> list[str]:
    if not text:
        return [constraint(text, member, "have length greater than or equal to 1")]
    if len(text) > longest:
        return [constraint(text, member, f"have length less than or equal to {longest}")]
    return []


def _pattern(member: str, text: str, pattern: str) -> str:
    return constraint(text, member, f"satisfy regular expression pattern: {pattern}")
