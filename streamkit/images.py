"""Two images of one item, compared field by field, whatever their type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

__all__ = ["changes_between", "named_changes"]


# Stands for a field that an image does not have, which is something else than a NULL.
_ABSENT = object()


def changes_between(new: Any, old: Any) -> dict[str, tuple[Any, Any]]:
    """Every field that differs, as ``{name: (old, new)}``, with None for a side that does not have the field."""
    after, before = _fields_of(new, "new"), _fields_of(old, "old")
    return {
        name: (before.get(name), after.get(name))
        for name in before | after
        if not _same(before.get(name, _ABSENT), after.get(name, _ABSENT))
    }


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal for DynamoDB: for Python the number 1 is equal to true."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def named_changes(new: Any, old: Any, names: tuple[str, ...]) -> bool:
    """Whether any of the named fields differs; without names, whether any field does."""
    if not names:
        return bool(changes_between(new, old))
    after, before = _fields_of(new, "new"), _fields_of(old, "old")
    if not isinstance(new, Mapping) and not isinstance(old, Mapping):
        for name in names:
            if name not in after and name not in before:
                known = ", ".join(sorted(after | before))
                raise AttributeError(f"{type(new).__name__} has no field {name!r} to compare: it has {known}")
    return any(not _same(before.get(name, _ABSENT), after.get(name, _ABSENT)) for name in names)


def _fields_of(image: Any, side: str) -> dict[str, Any]:
    if image is None:
        raise LookupError(
            f"cannot compare: this Modify has no {side} image, since the handler's type for it is None; "
            f"ask for it in the annotation (Modify[New, Old]) and use the stream view type NEW_AND_OLD_IMAGES"
        )
    if isinstance(image, Mapping):
        return dict(image)
    model_fields = getattr(type(image), "model_fields", None)
    if model_fields is not None:
        return {name: getattr(image, name) for name in model_fields} | (image.model_extra or {})
    if is_dataclass(image):
        # pydantic keeps what a dataclass with extra="allow" does not name in its __dict__.
        extras = vars(image) if getattr(image, "__pydantic_config__", {}).get("extra") == "allow" else {}
        return extras | {field.name: getattr(image, field.name) for field in fields(image)}
    return dict(vars(image))
