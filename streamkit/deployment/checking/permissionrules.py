"""What the function's role must be allowed (SEMANTICS §9), where the template holds the role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streamkit.deployment.checking.changes import statement
from streamkit.deployment.checking.rule import Fault, Rule
from streamkit.deployment.checking.subject import UnknownError
from streamkit.deployment.found import Unknown
from streamkit.deployment.permissions import STREAM, allows, statements_for
from streamkit.deployment.reading.forms import form_of, parts_of
from streamkit.mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamkit.deployment.checking.subject import Subject
    from streamkit.deployment.found import Statement

__all__ = ["RULES"]

_SENDING = {
    "sqs": ("sqs:SendMessage",),
    "sns": ("sns:Publish",),
    "s3": ("s3:PutObject", "s3:ListBucket"),
}
_IN_BUCKET = ("s3:PutObject",)


def _statements(subject: Subject) -> list[Statement]:
    statements = subject.function().statements
    if statements is None:
        raise UnknownError("nothing is known here of what the function's role allows")
    return [replace(one, resources=[_by_form(resource) for resource in one.resources]) for one in statements]


def _by_form(resource: str | Unknown) -> str | Unknown:
    """Return a resource so that two are equal that are written in different ways and are the same."""
    return Unknown(resource.form, resource.form) if isinstance(resource, Unknown) else resource


def _allowed_anywhere(statements: Sequence[Statement], action: str) -> bool:
    """Whether any statement allows the action, on whatever it is."""
    anywhere = [replace(one, resources=("*",)) for one in statements if one.effect == "Allow"]
    return allows(anywhere, action, "*") is True


class _Verdicts:
    """What a role does not allow, and of what that cannot be told."""

    def __init__(self, subject: Subject) -> None:
        self.statements = _statements(subject)
        self.role = f"the role of {subject.function().name}"
        self.missing: list[str] = []
        self._unknown: list[str] = []
        # Whatever it is that may allow anything.
        self._reasons = [
            str(resource)
            for one in subject.function().statements or ()
            if "*" in one.actions
            for resource in one.resources
            if isinstance(resource, Unknown)
        ]

    def ask(self, action: str, resource: str | Unknown) -> None:
        allowed = allows(self.statements, action, resource)
        if allowed is None:
            self._unknown.append(action)
        elif not allowed:
            self.missing.append(action)

    def tell_unknown(self) -> None:
        """Raise UnknownError for what cannot be told."""
        if self._unknown:
            reasons = f" ({'; '.join(self._reasons)})" if self._reasons else ""
            raise UnknownError(f"whether {self.role} allows {', '.join(self._unknown)} is not known here{reasons}")


def _stream(subject: Subject) -> Iterator[Fault]:
    given = subject.found.settings.get("EventSourceArn")
    stream = given if isinstance(given, str | Unknown) else STREAM
    verdicts = _Verdicts(subject)
    for needed in statements_for(EventSourceMapping()):
        for action in needed.actions:
            # On which resource ListStreams has to be allowed is said in different ways: anywhere is good enough.
            if action != "dynamodb:ListStreams" or not _allowed_anywhere(verdicts.statements, action):
                verdicts.ask(action, _by_form(stream))
    if verdicts.missing:
        yield Fault(
            subject.function().place,
            f"{verdicts.role} does not allow {', '.join(verdicts.missing)} on the stream",
            "unless a policy of the table's allows it, Lambda cannot read the stream: it refuses the mapping",
            statement(verdicts.missing, str(stream)),
        )
    verdicts.tell_unknown()


def _destination(subject: Subject) -> Iterator[Fault]:
    arn = subject.destination()
    if arn is None:
        return
    verdicts = _Verdicts(subject)
    service = (parts_of(form_of(arn), ":")[2:3] or [""])[0]
    for action in _SENDING.get(service, ()):
        verdicts.ask(action, f"{arn}/*" if action in _IN_BUCKET and isinstance(arn, str) else _by_form(arn))
    missing, said = verdicts.missing, ", ".join(verdicts.missing)
    if service not in _SENDING:
        # Of which service it is, is not known: is nothing allowed for any of them?
        missing = [actions[0] for actions in _SENDING.values()]
        if any(_allowed_anywhere(verdicts.statements, action) for action in missing):
            raise UnknownError(f"of which service the on-failure destination is, is not known here: {arn}")
        said = f"any of {', '.join(missing)}"
    if missing:
        yield Fault(
            subject.function().place,
            f"{verdicts.role} does not allow {said} on the on-failure destination {arn}",
            "unless a policy of the destination's allows it, no on-failure record arrives: what is given up is lost",
            statement(missing, str(arn)),
        )
    verdicts.tell_unknown()


RULES = (
    Rule(
        "stream-permission-missing",
        "error",
        "the function's role may not read the stream",
        "SEMANTICS §9, D",
        _stream,
    ),
    Rule(
        "destination-permission-missing",
        "error",
        "the function's role may not send to the on-failure destination",
        "SEMANTICS §9, D; §3, O",
        _destination,
    ),
)
