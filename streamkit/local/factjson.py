"""A fact of the journal as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from streamkit.local.texts import full_text, printable
from streamkit.observing import RecordFailure

if TYPE_CHECKING:
    from streamkit.local.journal import Fact

__all__ = ["fact_json"]


def fact_json(fact: Fact) -> bytes:
    """Return a fact as one line of JSON, without the line's end."""
    entry = {"fact": type(fact).__name__} | {one.name: getattr(fact, one.name) for one in fields(fact)}
    try:
        return orjson.dumps(entry, default=_plain)
    except TypeError:
        # What a function answers may hold what orjson does not write: integers of more than 64 bits, lone surrogates.
        return json.dumps(entry, default=_plainer, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    return orjson.Fragment(value) if isinstance(value, bytes) else _text(value)


def _plainer(value: Any) -> Any:
    if isinstance(value, bytes):
        return json.loads(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, RecordFailure):
        return {"sequence_number": value.sequence_number, "error": _text(value.error)}
    return _text(value)


def _text(value: Any) -> str:
    return full_text(value) if isinstance(value, BaseException) else printable(str(value))
