"""The ways of a state to JSON types and back."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from typing_extensions import override

from streamkit.states.losslessjson import compact, from_json, loaded, natural_json, to_json

__all__ = ["Form", "UntypedForm", "Written"]


class Written(NamedTuple):
    """A state in JSON types, and the same as text."""

    value: Any
    json: bytes


class Form(Protocol):
    """How values of one type are written and read; each method raises whatever is wrong with what it is given."""

    def write(self, state: Any) -> Written:
        """Return a state in JSON types."""
        ...

    def read(self, raw: Any, data: bytes | None = None) -> Any:
        """Return the state that JSON types stand for; ``data`` is their compact text, where it is known."""
        ...

    def snapshot(self, state: Any) -> bytes:
        """Return a state as text for `restore`."""
        ...

    def restore(self, data: bytes) -> Any:
        """Return the state that a snapshot was taken of."""
        ...

    def adopt(self, value: Any) -> Any:
        """Return the state that a value is, or that validation makes of it."""
        ...


class UntypedForm(Form):
    """Plain Python values, exactly as they are."""

    @override
    def write(self, state: Any) -> Written:
        data = natural_json(state)
        if data is not None:
            return Written(state, data)
        value = to_json(state)
        return Written(value, compact(value))

    @override
    def read(self, raw: Any, data: bytes | None = None) -> Any:
        return from_json(raw, data=data)

    @override
    def snapshot(self, state: Any) -> bytes:
        return natural_json(state) or compact(to_json(state))

    @override
    def restore(self, data: bytes) -> Any:
        return from_json(loaded(data))

    @override
    def adopt(self, value: Any) -> Any:
        return from_json(to_json(value))
