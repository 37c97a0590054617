"""The keys of a keyed state as the names of a JSON object's members, and back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from streamkit.states.losslessjson import LosslessError, compact, from_json, is_unicode, loaded, to_json
from streamkit.validations import clipped

__all__ = ["key_of_text", "states_by_key", "states_by_text", "text_of_key"]

_KEY_TYPES = (str, int, bool, Decimal, UUID, date, datetime, bytes, type(None))
_KEYS = "keys are str, int, bool, Decimal (not NaN), UUID, date, datetime, bytes, None, or tuples of those"


def states_by_text(states: Any) -> dict[str, Any]:
    """Return the states of all keys under their keys' texts."""
    if type(states) is not dict:
        raise LosslessError(f"expected a dict of a state per key, got {clipped(states)}")
    if {str}.issuperset(map(type, states)) and _are_their_own("".join(states)):
        return states
    return {text_of_key(key): state for key, state in states.items()}


def states_by_key(named: dict[str, Any]) -> dict[Any, Any]:
    """Return the states that `states_by_text` returned, under their keys."""
    if _are_their_own("".join(named)):
        return named
    states = {key_of_text(text): state for text, state in named.items()}
    if len(states) != len(named):
        raise LosslessError("two members are of the same key")
    return states


def _are_their_own(keys: str) -> bool:
    """Whether all keys that a text was joined of stand for themselves."""
    return "$" not in keys and is_unicode(keys)


def text_of_key(key: Any) -> str:
    """Return a key as a member's name: itself if it is a text, else its lossless JSON behind a ``$``."""
    if type(key) is str and not key.startswith("$") and is_unicode(key):
        return key
    if not _is_key(key):
        raise LosslessError(f"the key {clipped(key)} is of the class {type(key).__qualname__}; {_KEYS}")
    return "$" + compact(to_json(key)).decode()


def _is_key(key: Any) -> bool:
    if type(key) is Decimal and key.is_nan():
        return False  # equal to no key, not even to itself
    return type(key) in _KEY_TYPES or (type(key) is tuple and all(map(_is_key, key)))


def key_of_text(text: str) -> Any:
    """Return the key that `text_of_key` made a text of."""
    if not text.startswith("$"):
        return text
    try:
        key = from_json(loaded(text[1:].encode()))
    except (ValueError, RecursionError) as error:
        raise LosslessError(f"{clipped(text)} is not the text of a key") from error
    if not _is_key(key):
        raise LosslessError(f"{clipped(text)} is not the text of a key: {_KEYS}")
    return key
