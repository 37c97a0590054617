"""Templates as text: YAML or JSON."""

from __future__ import annotations

import json
from typing import Any

from streamkit.deployment.exporting.errors import ExportError
from streamkit.deployment.exporting.intrinsics import Intrinsic

__all__ = ["written"]


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
