"""``Fn::ForEach`` in a template's Resources: one resource for each value of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import Place, TemplateError
from streamkit.deployment.reading.texts.lined import LinedDict, LinedList

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["expanded"]

_LOOP = "Fn::ForEach::"
_MAX = 2000
"""Rounds of all loops of a template. CloudFormation takes 500 resources."""


def expanded(resources: LinedDict, value: Callable[[Any], Any], file: str) -> LinedDict:
    """Return resources with those that loops make in the place of the loops. ``value`` evaluates a node.

    Raises TemplateError for a loop of another form, and for one over a list that only a deployment knows.
    """
    if not any(name.startswith(_LOOP) for name in resources):
        return resources
    loops = _Loops(value, file)
    for name, node in resources.items():
        loops.add(name, node, resources.lines[name])
    return loops.found


class _Loops:
    def __init__(self, value: Callable[[Any], Any], file: str) -> None:
        self.found = LinedDict(0)
        self._value = value
        self._file = file
        self._rounds = 0

    def add(self, name: str, node: Any, line: int) -> None:
        """Add a resource, or those of a loop."""
        if not name.startswith(_LOOP):
            self.found[name] = node
            self.found.lines[name] = line
            return
        place = Place(self._file, f"Resources.{name}", line)
        variable, values, body = node if isinstance(node, list) and len(node) == 3 else ("", None, None)  # noqa: PLR2004
        if not isinstance(variable, str) or not isinstance(body, LinedDict):
            raise TemplateError(f"{place}: a loop takes [NAME, [VALUE, …], {{RESOURCES}}]")
        listed = self._value(values)
        if not isinstance(listed, list) or not all(isinstance(one, str | int) for one in listed):
            raise TemplateError(
                f"{place}: the list that this loop goes through is known only once it is deployed: give its parameter "
                f"a value, or read what CloudFormation made of it (get-template --template-stage Processed)"
            )
        for one in map(str, listed):
            self._rounds += 1
            if self._rounds > _MAX:
                raise TemplateError(f"{place}: the loops of this template go more than {_MAX} rounds")
            for inner, member in body.items():
                self.add(_put(inner, variable, one), _put(member, variable, one), body.lines[inner])


def _put(node: Any, variable: str, text: str) -> Any:
    """Return a copy of a node with a loop's variable replaced: ``&{}`` by its letters and digits alone."""
    if isinstance(node, str):
        plain = re.sub("[^0-9A-Za-z]", "", text)
        return node.replace(f"${{{variable}}}", text).replace(f"&{{{variable}}}", plain)
    if isinstance(node, LinedDict):
        if node == {"Ref": variable}:
            return text
        copied = LinedDict(node.line)
        copied.tagged = node.tagged
        for name, member in node.items():
            key = _put(name, variable, text)
            copied[key] = _put(member, variable, text)
            copied.lines[key] = node.lines[name]
        return copied
    if isinstance(node, LinedList):
        items = LinedList(node.line)
        items += [_put(one, variable, text) for one in node]
        items.lines = node.lines
        return items
    return node
