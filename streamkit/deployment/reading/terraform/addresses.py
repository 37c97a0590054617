"""Addresses of Terraform's: ``module.shop["a"].aws_dynamodb_table.orders[0]``, and references to them."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Reference", "config_path", "index_of", "module_of", "reference"]

_INDEX = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULES = re.compile(rf"(?:module\.[\w-]+(?:{_INDEX})?\.)*")
_STEP = re.compile(rf"module\.([\w-]+)(?:{_INDEX})?\.")
_RESOURCE = re.compile(rf"((?:data\.)?\w+\.[\w-]+)({_INDEX})?(?:\.(\w+))?")
_OUTPUT = re.compile(rf"(module\.[\w-]+)({_INDEX})?\.([\w-]+)")
_LAST = re.compile(rf"({_INDEX})$")
_NO_RESOURCES = {"count", "each", "local", "module", "path", "self", "terraform", "var"}


class Reference(NamedTuple):
    """What an expression refers to: a resource's or a module's attribute, as it is written in its own module."""

    name: str
    """``aws_dynamodb_table.orders``, ``module.shop``, ``var``."""
    instance: str
    """Its index: ``[0]``, ``["a"]``, or nothing."""
    attribute: str | None
    """None where the expression says it in a way that a plan does not tell."""


def module_of(address: str) -> str:
    """Return the modules that an address is in, with a dot at the end; nothing for the root."""
    match = _MODULES.match(address)
    return match[0] if match else ""


def config_path(modules: str) -> list[str]:
    """Return the names of modules, without the indexes of their instances."""
    return _STEP.findall(modules)


def index_of(address: str) -> str:
    """Return the index of an instance: ``[0]``, ``["a"]``, or nothing."""
    match = _LAST.search(address)
    return match[1] if match else ""


def reference(text: str) -> Reference | None:
    """Return what a reference is to; None for the key of a loop, a local value, a path."""
    head, _, rest = text.partition(".")
    if head == "var":
        return Reference("var", "", rest.partition(".")[0].partition("[")[0])
    output = _OUTPUT.match(text)
    if output is not None:
        return Reference(output[1], output[2] or "", output[3])
    match = None if head in _NO_RESOURCES else _RESOURCE.match(text)
    return None if match is None else Reference(match[1], match[2] or "", match[3])
