"""What the things of an export are called, after the function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamkit.deployment.exporting.request import Request

__all__ = ["logical_id", "snake_name"]


def logical_id(request: Request, suffix: str) -> str:
    """Return a logical id of CloudFormation, or a class: ``orders-stream`` gives ``OrdersStreamRole``."""
    name = "".join(word[:1].upper() + word[1:] for word in _words(request))
    return name if name.endswith(suffix) else name + suffix


def snake_name(request: Request) -> str:
    """Return a name for Terraform: ``orders-stream`` gives ``orders_stream``."""
    return "_".join(_words(request)).lower()


def _words(request: Request) -> list[str]:
    name = request.function[0] if request.function else request.handler.rpartition(".")[2]
    words = re.findall("[A-Za-z0-9]+", name)
    return words if words and not words[0][0].isdigit() else ["Function", *words]
