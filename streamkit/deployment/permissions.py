"""What a function's role must be allowed for its mapping to work, and what a policy allows (SEMANTICS §9)."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from streamkit.deployment.found import Statement, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamkit.mapping import EventSourceMapping

__all__ = ["STREAM", "TABLE_STREAMS", "allows", "statements_for"]

STREAM = Unknown("the stream's ARN")
"""The resource of a statement for a mapping whose stream is not known yet."""
TABLE_STREAMS = Unknown("the ARNs of all streams of the table")
"""As `STREAM`, for what takes no single stream."""

_READ = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_LIST = ("dynamodb:ListStreams",)
_SEND = {"sqs": ("sqs:SendMessage",), "sns": ("sns:Publish",)}
# What stands for more than one text, in a pattern. ${*}, ${?} and ${$} are the characters themselves.
_ANY, _IN_PART, _ONE = "any text", "any text without a colon", "any letter but a colon"
_STARS = (_ANY, _IN_PART)
_LITERALS = {"${*}": "*", "${?}": "?", "${$}": "$"}
_TOKENS = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)


def statements_for(mapping: EventSourceMapping, stream_arn: str | None = None) -> list[Statement]:
    """Return the least that the function's role must be allowed, of SEMANTICS §9.

    ``stream_arn``: where the mapping does not say it; without any the resources are `STREAM` and `TABLE_STREAMS`.

    ListStreams asks for the streams of a table, so that it is allowed on ``table/NAME/stream/*``, as AWS's own policy
    for reading a stream has it (Developer Guide of DynamoDB, "IAM policy to grant read access for a DynamoDB stream
    only"; SAM's DynamoDBStreamReadPolicy). A key for the filter criteria asks for kms:Decrypt.
    """
    arn = stream_arn or mapping.event_source_arn
    stream: str | Unknown = arn or STREAM
    streams: str | Unknown = f"{arn.rpartition('/stream/')[0] or arn}/stream/*" if arn else TABLE_STREAMS
    statements = [Statement(_READ, (stream,)), Statement(_LIST, (streams,))]
    if destination := mapping.on_failure_destination:
        service = destination.split(":")[2]
        if service == "s3":
            statements += [
                Statement(("s3:PutObject",), (f"{destination}/*",)),
                Statement(("s3:ListBucket",), (destination,)),
            ]
        else:
            statements.append(Statement(_SEND[service], (destination,)))
    if mapping.kms_key_arn:
        statements.append(Statement(("kms:Decrypt",), (mapping.kms_key_arn,)))
    return statements


def allows(statements: Iterable[Statement], action: str, resource: str | Unknown) -> bool | None:
    """Whether a policy of these statements allows an action on a resource; None where that is not known.

    As IAM decides: ``*`` and ``?`` stand for anything in actions, whatever their case, and in resources; a Deny counts
    more than any Allow; what nothing allows is denied. A ``*`` inside a part of an ARN does not reach beyond the
    colons, one at a part's end does. Conditions are not looked at: a `Statement` has none. Of an `Unknown`, its form is
    compared: what is ``${…}`` is the same as itself, and may be anything else (without colons, inside of an ARN).
    """
    verdicts: dict[str, bool | None] = {"Allow": False, "Deny": False}
    for one in statements:
        if any(_matches_action(pattern, action) for pattern in one.actions):
            for pattern in one.resources:
                verdicts[one.effect] = _either(verdicts[one.effect], _matches_resource(pattern, resource))
    if verdicts["Deny"] is True or verdicts["Allow"] is False:
        return False
    return None if verdicts["Deny"] is None or verdicts["Allow"] is None else True


def _either(one: bool | None, other: bool | None) -> bool | None:
    """Return whether one of two is so; None is not known."""
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def _matches_action(pattern: str, action: str) -> bool:
    parts = ({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split("([*?])", pattern))
    return re.fullmatch("".join(parts), action, re.IGNORECASE) is not None


def _matches_resource(pattern: str | Unknown, resource: str | Unknown) -> bool | None:
    wanted, given = _pattern(_form(pattern)), _TOKENS.findall(_form(resource))
    if _meet(wanted, given):
        return True
    loose = [_loose(tokens) for tokens in (wanted, given)]
    return None if loose != [wanted, given] and _meet(*loose) else False


def _form(value: str | Unknown) -> str:
    return value.form if isinstance(value, Unknown) else value


def _loose(tokens: list[str]) -> list[str]:
    """Return tokens where what only a deployment knows may be any text; at the end with colons, as a stream's label."""
    last = len(tokens) - 1
    return [
        (_ANY if index == last else _IN_PART) if token.startswith("${") else token for index, token in enumerate(tokens)
    ]


def _pattern(form: str) -> list[str]:
    """Return the tokens of what stands in a policy: letters, ``${…}`` whole, and what stands for more."""
    tokens: list[str] = _TOKENS.findall(form)
    following = [*tokens[1:], ":"]
    wild = {"?": _ONE, **_LITERALS}
    return [
        (_ANY if after == ":" else _IN_PART) if token == "*" else wild.get(token, token)  # noqa: S105  # a wildcard
        for token, after in zip(tokens, following, strict=False)
    ]


def _is_one_letter(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1] and len(pair[0]) == 1


def _meet(pattern: Sequence[str], resource: Sequence[str]) -> bool:
    """Whether some text is both; tokens of the two are compared, row by row."""
    same = sum(1 for _ in takewhile(_is_one_letter, zip(pattern, resource, strict=False)))
    pattern, resource = pattern[same:], resource[same:]
    row = [True] + [False] * len(resource)
    for index, token in enumerate(resource):
        row[index + 1] = row[index] and token in _STARS
    for wanted in pattern:
        before, row = row, [row[0] and wanted in _STARS]
        for index, given in enumerate(resource):
            if wanted in _STARS:
                met = before[index + 1] or (row[index] and (wanted == _ANY or given != ":"))
            elif given in _STARS:
                met = row[index] or (before[index + 1] and (given == _ANY or wanted != ":"))
            else:
                met = before[index] and (given == wanted or (wanted == _ONE and len(given) == 1 and given != ":"))
            row.append(met)
    return row[-1]
