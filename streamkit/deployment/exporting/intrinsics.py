"""Values that CloudFormation knows when it deploys, and templates that hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from streamkit.deployment.exporting.errors import ExportError

__all__ = ["Intrinsic", "get_att", "ref", "sub", "written"]


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


def written(template: dict[str, Any], syntax: str) -> str:
    """Return the text of a template."""
    if syntax == "json":
        return json.dumps(template, indent=2, ensure_ascii=False, default=Intrinsic.as_json) + "\n"
    try:
        from streamkit.deployment.exporting.yamltext import dumped  # noqa: PLC0415  # JSON does without PyYAML
    except ImportError:
        raise ExportError(
            "YAML is written with PyYAML, and that is not installed: pip install 'streamkit-dynamodb[local]', or "
            "have the template as JSON"
        ) from None
    return dumped(template)
