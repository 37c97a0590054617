"""Settings of a mapping as a template writes them, under the names and in the form that Lambda's API has."""

from __future__ import annotations

import re
from typing import Any

from streamkit.settings import INTEGERS

__all__ = ["as_api"]

_NUMBERS = {setting.aws_name for setting in INTEGERS.values()}
_FLAGS = {"BisectBatchOnFunctionError", "Enabled"}
_RENAMED = {"KmsKeyArn": "KMSKeyArn"}
_NUMBER = re.compile(r"-?[0-9]{1,9}")


def as_api(name: str, value: Any) -> tuple[str, Any]:
    """Return a setting's name and value as CreateEventSourceMapping takes them.

    Numbers and truth values that a template writes as text are themselves (CloudFormation takes both), tags are an
    object, and where failures go has no ``Type``, which is SAM's. What is of no form that Lambda takes stays as it is.
    """
    if name in _NUMBERS:
        return name, _number(value)
    if name in _FLAGS and isinstance(value, str):
        return name, {"true": True, "false": False}.get(value.lower(), value)
    if name == "Tags" and isinstance(value, list):
        return name, _tags(value)
    if name == "DestinationConfig" and isinstance(value, dict) and isinstance(value.get("OnFailure"), dict):
        kept = {member: one for member, one in value["OnFailure"].items() if member != "Type"}
        return name, {**value, "OnFailure": kept}
    return _RENAMED.get(name, name), value


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _tags(value: list[Any]) -> Any:
    pairs = [one for one in value if isinstance(one, dict) and {"Key", "Value"} <= set(one)]
    if len(pairs) < len(value) or not all(isinstance(one["Key"], str) for one in pairs):
        return value
    return {one["Key"]: one["Value"] for one in pairs}
