"""States of a type that pydantic knows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from functools import cache, reduce
from operator import getitem
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from typing_extensions import override

from streamkit.states.diffs import difference
from streamkit.states.forms import Form, Written
from streamkit.states.losslessjson import LosslessError, compact, from_json, has_tag, loaded, may_have_tag
from streamkit.states.schemas import plan_of
from streamkit.states.values import StateValues
from streamkit.validations import clipped

__all__ = ["TypedForm"]

_UNWRITABLE = (PydanticSerializationError, TypeError, ValueError, AttributeError, RecursionError)


class TypedForm(Form):
    """The type's own JSON where that is faithful, else its plain Python values, else those with their classes.

    Reading takes any of them, since older code may have written another: it is tags that tell them apart.
    """

    def __init__(self, state_type: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(state_type)
        self.plan = plan_of(self._adapter.core_schema)
        self._values = StateValues(self.plan.classes, self._instance)
        # The adapter's own methods take a microsecond more.
        self._validator, self._serializer = self._adapter.validator, self._adapter.serializer
        self._reading: dict[str, Any] = {"by_alias": False, "by_name": True}
        # It would take from a model what it keeps of its own right, and pydantic 2.11 has no such parameter.
        forbids = not self.plan.keeps_extras and "extra" in inspect.signature(TypeAdapter.validate_python).parameters
        if forbids:
            self._reading["extra"] = "forbid"
        self._compares = self.plan.merging or not forbids

    # --- reading

    @override
    def read(self, raw: Any, data: bytes | None = None) -> Any:
        data = compact(raw) if data is None else data
        if may_have_tag(data) and has_tag(raw):
            values = from_json(raw, self._values.tags)
            return self._whole(self._validated(values), values, self._values.plain)
        if self.plan.natural and not self.plan.strict and not self.plan.constrained:
            return self._whole(self._validated_naturally(raw), raw, self._natural)
        return self._whole(self._from_text(data), raw, self._natural)

    @override
    def restore(self, data: bytes) -> Any:
        return self.read(loaded(data)) if may_have_tag(data) else self._from_text(data)

    def _from_text(self, data: bytes) -> Any:
        try:
            return self._validator.validate_json(data, **self._reading)
        except ValidationError as error:
            if error.errors(include_url=False)[0]["type"] != "json_invalid":
                raise
        return self._validated(loaded(data))  # half of a surrogate pair, or deeper than pydantic reads text

    def _validated_naturally(self, raw: Any) -> Any:
        known = self.plan.known
        state = self._validator.validate_python(raw, by_alias=False, by_name=True)
        return state if known is None or known((raw,)) else self._validated(raw)

    def _validated(self, values: Any) -> Any:
        return self._validator.validate_python(values, **self._reading)

    def _instance(self, cls: type, members: Any) -> Any:
        return self._whole(_adapter_of(cls).validate_python(members, **self._reading), members, self._values.plain)

    def _whole(self, state: Any, raw: Any, written: Callable[[Any], Any]) -> Any:
        """Return the state, if no member of ``raw`` is missing in it."""
        if self._compares:
            path = _lost(raw, written(state), ())
            if path is not None:
                lost = reduce(getitem, path, raw)
                raise LosslessError(f"has no place in the state, got {clipped(lost)}", path)
        return state

    # --- writing

    @override
    def write(self, state: Any) -> Written:
        return self._written_naturally(state) or self._written_exactly(state)

    @override
    def snapshot(self, state: Any) -> bytes:
        if self.plan.natural and self._is_sound(state):
            try:
                data = self._natural_text(state)
                if not self.plan.constrained or self._natural_text(self._from_text(data)) == data:
                    return data if not may_have_tag(data) else self.write(state).json
            except _UNWRITABLE:
                pass
        return self.write(state).json

    def _natural_text(self, state: Any) -> bytes:
        return self._serializer.to_json(state, by_alias=False, round_trip=True, warnings="error")

    def _is_sound(self, state: Any) -> bool:
        return self.plan.check is None or self.plan.check((state,))

    def _natural(self, state: Any) -> Any:
        value = self._serializer.to_python(state, mode="json", by_alias=False, round_trip=True, warnings="error")
        if self.plan.order:
            self.plan.order(value)
        return value

    def _written_naturally(self, state: Any) -> Written | None:
        if not self.plan.natural or not self._is_sound(state):
            return None
        try:
            # By way of the text: pydantic writes that in half of the time that JSON types take it.
            data = self._natural_text(state)
            value = orjson.loads(data)
            if self.plan.order:
                self.plan.order(value)
                data = orjson.dumps(value)
            if may_have_tag(data) and has_tag(value):
                return None
            if self.plan.constrained and self._natural(self.read(value, data)) != value:
                return None
        except _UNWRITABLE:
            return None
        return Written(value, data)

    def _written_exactly(self, state: Any) -> Written:
        """Write a state in the most readable form in which it comes back as it is, or as an equal of its type's."""
        written = self._first_faithful(state)
        if written is not None:
            return written
        values = self._values.plain(state)
        valid = self._whole(self._validated(values), values, self._values.plain)
        written = self._first_faithful(valid)
        if written is not None and valid == state:
            return written
        # Of what validation makes of a state, only what is equal to it is the state still.
        changed = valid if written is not None else self.read(self._values.written(valid))
        raise LosslessError("does not come back from JSON as it was", difference(changed, state) or ())

    @override
    def adopt(self, value: Any) -> Any:
        try:
            return self.read(loaded(self.write(value).json))
        except Exception:  # noqa: BLE001  # what is no state yet may become one
            return self.read(loaded(self.write(self._validated(self._values.plain(value))).json))

    def _first_faithful(self, state: Any) -> Written | None:
        forms: tuple[Callable[[Any], bytes], ...] = (
            self._certain_text,
            lambda state: compact(self._values.written(state)),
            lambda state: compact(self._values.written_with_classes(state)),
        )
        for form in forms:
            try:
                data = form(state)
                value = loaded(data)
                if difference(self.read(value), state) is None:
                    return Written(value, data)
            except _UNWRITABLE:
                continue
        return None

    def _certain_text(self, state: Any) -> bytes:
        if not self.plan.ordered:
            raise ValueError("its sets would be written in any order")
        value = self._natural(state)
        if has_tag(value):
            raise ValueError("part of it would be taken for something else")
        return orjson.dumps(value)


@cache
def _adapter_of(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _lost(raw: Any, again: Any, path: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the path of a member of ``raw`` that is not in ``again``, None if there is none."""
    if isinstance(raw, Mapping) and isinstance(again, Mapping):
        kept = {str(key): value for key, value in again.items()}
        members = [(key, str(key), value) for key, value in raw.items()]
    elif isinstance(raw, list) and isinstance(again, Collection) and not isinstance(again, str):
        kept = {str(index): value for index, value in enumerate(again)}
        members = [(index, str(index), value) for index, value in enumerate(raw)]
    else:
        return None
    for step, name, value in members:
        found = _lost(value, kept[name], (*path, step)) if name in kept else (*path, step)
        if found is not None:
            return found
    return None
