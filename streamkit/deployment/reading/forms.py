"""Texts of which only a part is known: joined, split, and read as ARNs, without losing what is known.

The form of a value has ``${…}`` for each part that only a deployment knows (`found.Unknown`). What is compared here is
forms, so that ``!GetAtt Failed.Arn`` and ``!Sub arn:${AWS::Partition}:sqs:…:${Failed.QueueName}`` are the same queue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamkit.deployment.found import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ACCOUNT", "form_of", "function_in", "joined", "known_or", "parts_of", "split", "table_in"]

ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
"""The middle of most ARNs."""

_ATOM = re.compile(r"\$\{[^}]*\}")
_LONG = 100_000
"""Letters that no setting has: texts that are made of one another could be of any length."""
_RESOURCE = 5
"""The part of an ARN that names the resource, counted from 0."""


def form_of(value: object) -> str:
    """Return the form of a value that is to be text."""
    return value.form if isinstance(value, Unknown) else str(value)


def known_or(form: str, text: str) -> str | Unknown:
    """Return what a form stands for: its text, or an Unknown that is written as ``text``."""
    return Unknown(text, form) if _ATOM.search(form) else form


def joined(values: Iterable[object], text: str, between: str = "") -> str | Unknown:
    """Return values one after the other, as an Unknown that is written as ``text`` if one of them is unknown."""
    listed = list(values)
    form = between.join(map(form_of, listed))
    if len(form) > _LONG:
        return Unknown(text)
    return Unknown(text, form) if any(isinstance(one, Unknown) for one in listed) else form


def split(value: str | Unknown, separator: str) -> list[str | Unknown]:
    """Return the parts of a text, never cutting what is unknown."""
    if isinstance(value, str):
        return list(value.split(separator))
    parts = parts_of(value.form, separator)
    return [known_or(part, f"part {number} of {value.text}") for number, part in enumerate(parts)]


def parts_of(form: str, separator: str) -> list[str]:
    """Return the parts of a form."""
    parts, start, at = [], 0, 0
    while at < len(form):
        atom = _ATOM.match(form, at)
        if atom is not None:
            at = atom.end()
        elif form.startswith(separator, at):
            parts.append(form[start:at])
            at = start = at + len(separator)
        else:
            at += 1
    return [*parts, form[start:]]


def table_in(form: str) -> str | None:
    """Return the (form of the) name of the table that an ARN of a table or of its stream has."""
    parts = parts_of(form, ":")
    if len(parts) <= _RESOURCE or parts[2] != "dynamodb":
        return None
    kind, *names = parts_of(":".join(parts[_RESOURCE:]), "/")
    return names[0] if kind == "table" and names else None


def function_in(form: str) -> str:
    """Return the (form of the) name in what names a function: name, partial or full ARN, with or without qualifier."""
    parts = parts_of(form, ":")
    if "function" in parts[:-1]:
        return parts[parts.index("function") + 1]
    return parts[0]
