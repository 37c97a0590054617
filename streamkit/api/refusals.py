"""What Lambda's API refuses, as it answers it: type, status, text (SEMANTICS §1, Refusals)."""

from __future__ import annotations

import json
from typing import Any

__all__ = [
    "Refusal",
    "constraint",
    "failed",
    "invalid_parameter",
    "not_found",
    "serialization",
    "unknown_mapping",
    "validation",
]


class Refusal(Exception):
    """An answer of AWS's API that says no: the client sees the same type, status and text as from AWS."""

    def __init__(self, kind: str, message: str, status: int = 400, **members: Any) -> None:
        self.kind = kind
        """AWS's error type: ``InvalidParameterValueException``."""
        self.message = message
        self.status = status
        self.members = members
        """Further members of the body."""
        super().__init__(f"{kind}: {message}")

    def body(self) -> bytes:
        """Return the answer's body: ``Type``, the message under the key that AWS has for this type, and what is more.

        An unknown resource answers with ``Message``, everything else with ``message`` (O).
        """
        key = "Message" if self.kind == "ResourceNotFoundException" else "message"
        # Written by json, since what was given and is quoted in the message may hold half of a surrogate pair.
        return json.dumps({"Type": "User", key: self.message, **self.members}).encode()


def invalid_parameter(message: str) -> Refusal:
    """Return Lambda's refusal of a value that its own rules do not allow."""
    return Refusal("InvalidParameterValueException", message)


def validation(*problems: str, kind: str = "ValidationException") -> Refusal:
    """Return the refusal of values that the API's model does not allow, all of them in one."""
    counted = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    return Refusal(kind, f"{counted}: {'; '.join(problems)}")


def constraint(value: Any, member: str, rule: str) -> str:
    """Return a problem as AWS words it. ``member``: its path, ``batchSize``; ``rule``: what it must be."""
    return failed(value, member, f"Member must {rule}")


def failed(value: Any, member: str, text: str) -> str:
    """Return a problem as AWS words it. ``text``: the whole constraint."""
    given = "null" if value is None else f"'{value}'"
    return f"Value {given} at '{member}' failed to satisfy constraint: {text}"


def serialization(message: str) -> Refusal:
    """Return the refusal of a body whose members are not of the types that the API's model says."""
    return Refusal("SerializationException", message)


def not_found(message: str) -> Refusal:
    """Return the refusal of something that is not there."""
    return Refusal("ResourceNotFoundException", message, 404)


def unknown_mapping() -> Refusal:
    """Return the refusal of a UUID that no mapping has."""
    return not_found("The resource you requested does not exist.")
