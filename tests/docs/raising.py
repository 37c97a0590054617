"""Every message that the package can raise, warn of or log, read from its sources."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Site", "exceptions", "sites"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "streamkit"
_SAYING = ("warn", "warning", "error")
_SHORT = 8
"""Fewer letters are a separator, or a word, and no message."""


@dataclass(frozen=True)
class Site:
    """A place in the sources that says something."""

    file: str
    line: int
    raised: str
    """The name of what is raised or called."""
    text: str
    """The message, with … in the place of values."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.raised}: {self.text}"

    def says(self, message: str) -> bool:
        """Whether a message, or a part of it, may come from here."""
        return re.search(".*".join(re.escape(part) for part in self.text.strip("…").split("…")), message) is not None


def sites() -> list[Site]:
    """Return every place with a message of its own, in the order of the sources."""
    found = []
    for file, tree in _sources():
        for node in ast.walk(tree):
            call = _said(node)
            text = None if call is None else _message(call)
            if call is not None and text is not None:
                found.append(Site(file, call.lineno, ast.unparse(call.func), text))
    return found


def exceptions() -> set[str]:
    """Return the names of all exceptions and warnings that the package defines for others to meet."""
    classes = {
        node.name: {_name(base) for base in node.bases}
        for _, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found: set[str] = set()
    while True:
        more = {
            name
            for name, bases in classes.items()
            if any(base in found or re.search("(Error|Exception|Warning)$", base) for base in bases)
        }
        if more == found:
            return {name for name in found if not name.startswith("_")}
        found = more


@functools.cache
def _sources() -> list[tuple[str, ast.Module]]:
    return [
        (path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def _said(node: ast.AST) -> ast.Call | None:
    if isinstance(node, ast.Raise):
        return node.exc if isinstance(node.exc, ast.Call) else None
    return node if isinstance(node, ast.Call) and _name(node.func) in _SAYING else None


def _name(node: ast.expr) -> str:
    """Return the last part of a name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _message(call: ast.Call) -> str | None:
    """Return the first of a call's arguments that is a text with words in it."""
    for argument in call.args:
        text = _text(argument)
        if text is not None and len(re.sub("[^a-z]", "", text)) >= _SHORT:
            return text
    return None


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub("%[sdgr]", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values)
    return None
