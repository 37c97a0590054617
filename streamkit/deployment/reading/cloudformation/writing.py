"""A part of a template as it is written, for people to find it again."""

from __future__ import annotations

import json
from typing import Any

from streamkit.deployment.reading.texts.lined import LinedDict

__all__ = ["written"]

_MAX = 120


def written(node: Any) -> str:
    """Return it in one line: ``!GetAtt Orders.StreamArn`` in YAML's short form, JSON otherwise."""
    text = _written(node, _MAX)
    return text if len(text) <= _MAX else f"{text[: _MAX - 1]}…"


def _written(node: Any, room: int) -> str:
    if room <= 0:
        return "…"
    if isinstance(node, LinedDict) and node.tagged:
        ((function, value),) = node.items()
        if function == "Fn::GetAtt" and isinstance(value, list) and all(isinstance(part, str) for part in value):
            return f"!GetAtt {'.'.join(value)}"
        return f"!{function.removeprefix('Fn::')} {value if isinstance(value, str) else _written(value, room - 2)}"
    if isinstance(node, dict):
        return f"{{{_listed(room, ((f'{json.dumps(name)}: ', value) for name, value in node.items()))}}}"
    if isinstance(node, list):
        return f"[{_listed(room, (('', value) for value in node))}]"
    return json.dumps(node, default=str, ensure_ascii=False)


def _listed(room: int, members: Any) -> str:
    told: list[str] = []
    for name, value in members:
        left = room - sum(map(len, told))
        if left <= 0:
            return ", ".join([*told, "…"])
        told.append(f"{name}{_written(value, left - len(name))}")
    return ", ".join(told)
