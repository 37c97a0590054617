"""What rules look at: one mapping as it is deployed, and the handler that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.checking.changes import Dialect, dialect_of
from streamkit.deployment.found import Unknown
from streamkit.errors import StreamkitError
from streamkit.mapping import EventSourceMapping
from streamkit.settingchecks import check_integer, check_structure
from streamkit.settings import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamkit.deployment.checking.handlerfacts import HandlerFacts
    from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place

__all__ = ["PYTHON_NAMES", "Subject", "UnknownError", "is_unknown", "normal"]

PYTHON_NAMES: Mapping[str, str] = {
    str(field.alias): name for name, field in EventSourceMapping.model_fields.items() if name != "uuid"
}
"""The settings' Python names by AWS's."""

_DEFAULTS: dict[str, Any] = {one.aws_name: one.default for one in INTEGERS.values()} | {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "Enabled": True,
    "FunctionResponseTypes": [],
}
_TIMEOUT = 3
"""Lambda's default, in seconds."""


class UnknownError(StreamkitError):
    """Something that a rule needs is known only once it is deployed; caught by the check, which lists it."""


class Subject:
    """A mapping and its handler.

    What is asked of the deployment is a value that Lambda would take; else UnknownError is raised.
    """

    def __init__(self, found: FoundMapping, handler: HandlerFacts) -> None:
        self.found = found
        self.handler = handler
        self.dialect: Dialect = dialect_of(found, handler)

    @property
    def is_own(self) -> bool:
        """Whether the mapping is what the handler's own decorator says, and nothing is deployed."""
        return self.found.place == self.handler.place

    def setting(self, name: str) -> Any:
        """Return a setting's value, Lambda's default where the deployment says nothing, under AWS's name."""
        if name not in self.found.settings:
            return _DEFAULTS.get(name)
        value = self.found.settings[name]
        if is_unknown(value):
            raise UnknownError(f"{name} is not known here: {_written(value)}")
        try:
            return normal(name, value)
        except ValueError:
            raise UnknownError(f"{name} is one that Lambda refuses: {value!r:.100}") from None

    def if_known(self, name: str) -> Any:
        """Return a setting's value, None where it is not known."""
        try:
            return self.setting(name)
        except UnknownError:
            return None

    def destination(self) -> str | Unknown | None:
        """Return the ARN of the on-failure destination, None where there is none."""
        name = "DestinationConfig"
        config = self.found.settings.get(name)
        if isinstance(config, Unknown) or not is_unknown(config):
            config = self.setting(name)
        on_failure = config.get("OnFailure") if isinstance(config, dict) else None
        arn = on_failure.get("Destination") if isinstance(on_failure, dict) else on_failure
        return arn if arn and isinstance(arn, str | Unknown) else None

    def table(self) -> FoundTable:
        """Return the table whose stream it is."""
        if self.found.table is None:
            raise UnknownError("nothing is known here of the table")
        return self.found.table

    def function(self) -> FoundFunction:
        """Return the function."""
        if self.found.function is None:
            raise UnknownError("nothing is known here of the function")
        return self.found.function

    def view_type(self) -> str | None:
        """Return the stream's view type, None where the table has no stream."""
        view_type = self.table().view_type
        if isinstance(view_type, Unknown):
            raise UnknownError(f"StreamViewType is not known here: {view_type}")
        return view_type

    def timeout(self) -> int:
        """Return the function's Timeout, in seconds."""
        timeout = self.function().timeout
        if isinstance(timeout, Unknown):
            raise UnknownError(f"Timeout is not known here: {timeout}")
        return _TIMEOUT if timeout is None else timeout

    def place(self, name: str) -> Place:
        """Return where a setting stands: where it is not said, the mapping."""
        return self.found.place_of(name)

    def set(self, name: str, value: Any) -> str:
        """Return what to write for a setting to have a value."""
        return self.dialect.setting(name, value)

    def without(self, name: str) -> str:
        """Return what to write for a setting not to be made."""
        return self.dialect.without(name)


def normal(name: str, value: Any) -> Any:
    """Return a setting's value in its normal form; ValueError for one that Lambda would refuse."""
    python = PYTHON_NAMES.get(name)
    if python is None:
        raise ValueError(f"{name} is not a setting of a mapping on a DynamoDB stream")
    if python in INTEGERS:
        return check_integer(python, value)
    return check_structure(python, value)


def is_unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is known only once it is deployed."""
    return bool(_unknowns(value))


def _written(value: Any) -> str:
    return ", ".join(map(str, _unknowns(value)))


def _unknowns(value: Any) -> list[Unknown]:
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [one for part in value for one in _unknowns(part)] if isinstance(value, list | tuple) else []
