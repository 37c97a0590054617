"""Values that CloudFormation knows when it deploys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Intrinsic", "get_att", "ref", "sub"]


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A function of CloudFormation: ``!Ref Name`` in YAML, ``{"Ref": "Name"}`` in JSON."""

    name: str
    """As the tag of YAML calls it."""
    value: Any

    def as_json(self) -> dict[str, Any]:
        """Return it with its full name. A GetAtt takes its two parts apart there."""
        value = self.value.split(".", 1) if self.name == "GetAtt" else self.value
        return {self.name if self.name == "Ref" else f"Fn::{self.name}": value}


def ref(name: str) -> Intrinsic:
    """Return what CloudFormation has of a parameter or resource."""
    return Intrinsic("Ref", name)


def get_att(resource: str, attribute: str) -> Intrinsic:
    """Return an attribute of a resource."""
    return Intrinsic("GetAtt", f"{resource}.{attribute}")


def sub(text: str) -> Intrinsic:
    """Return a text with ``${Name}`` in it."""
    return Intrinsic("Sub", text)
