"""What a deployment says of a mapping: what readers of templates return, and what checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamkit.errors import StreamkitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FoundFunction", "FoundMapping", "FoundTable", "Place", "Statement", "TemplateError", "Unknown"]


class TemplateError(StreamkitError, ValueError):
    """A file that is no template, or whose mapping cannot be read: the text says which, where, and what is expected."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is known only once it is deployed: a parameter without default, another stack's export."""

    text: str
    """As it is written: ``!Ref Table``, ``var.batch_size``."""
    form: str = ""
    """What is known of its text, with ``${…}`` for each part that is not:
    ``arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Failed}`` for ``!GetAtt Failed.Arn``. Two values of
    one file that have the same form are the same, however they are written."""

    def __post_init__(self) -> None:
        if not self.form:
            inside = self.text.replace("{", "(").replace("}", ")")
            object.__setattr__(self, "form", f"${{{inside}}}")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands."""

    file: str
    path: str
    """In the file: ``Resources.Orders.Properties.Events.Stream``, ``aws_lambda_event_source_mapping.orders``."""
    line: int | None = None
    """Counted from 1, where the format tells."""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        return f"{self.file}{line} {self.path}".strip()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a policy allows, or (rarely) denies.

    What cannot be told (a policy that stands elsewhere, a statement under a condition) has an `Unknown` in the place
    of its resources, and ``*`` for actions that are not known: it may allow them, and may not.
    """

    actions: Sequence[str]
    """``dynamodb:GetRecords``, ``dynamodb:*``, ``*``."""
    resources: Sequence[str | Unknown]
    effect: str = "Allow"


@dataclass(frozen=True, slots=True)
class FoundFunction:
    """A Lambda function."""

    name: str
    """What the template calls it: logical id, address."""
    place: Place
    handler: str | Unknown | None = None
    """``app.handler``, with the folder in front where the template says so; None where it says nothing."""
    timeout: int | Unknown | None = None
    """In seconds; None where it says nothing, which is 3 on Lambda."""
    statements: Sequence[Statement] | None = None
    """What its role allows; None where the role is made elsewhere, so that nothing is known."""
    function_name: str | Unknown | None = None
    """Its name on AWS, where the template says so."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """The table whose stream is read."""

    name: str
    place: Place
    view_type: str | Unknown | None = None
    """None where the template gives the table no stream."""
    table_name: str | Unknown | None = None
    """Its name on AWS, where the template says so."""


@dataclass(frozen=True, slots=True)
class FoundMapping:
    """An event source mapping on a DynamoDB stream."""

    name: str
    """What the template calls it: ``OrdersFunction.Stream``, ``aws_lambda_event_source_mapping.orders``."""
    place: Place
    settings: Mapping[str, Any]
    """Under AWS's names, as CreateEventSourceMapping takes them; any value, or part of one, may be `Unknown`. What the
    template does not say is not there."""
    function: FoundFunction | None = None
    """None where the template does not hold it."""
    table: FoundTable | None = None
    """None where the template does not hold it."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each setting stands, by AWS's name."""
    notes: Sequence[str] = ()
    """What was assumed in reading it, in sentences: defaults of parameters, conditions that only a deployment knows."""

    def known(self) -> dict[str, Any]:
        """Return the settings that are known as a whole."""
        return {name: value for name, value in self.settings.items() if not _holds_unknown(value)}

    def place_of(self, name: str) -> Place:
        """Return where a setting stands, and where the mapping does if it is not there."""
        return self.places.get(name, self.place)


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_unknown, value))
    return isinstance(value, Unknown)
