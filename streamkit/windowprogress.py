"""The state of a window on its way through a batch: what the next record gets, and how a failing one is undone.

A fold may change the state that it is given and then raise. Nothing of that must stay, so that a copy is kept of the
state before each record; of a large one it would cost too much each time, so that none is, and `exact` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamkit.states.codec import StateCodec

__all__ = ["OneState", "Progress", "StatePerKey"]

_COPIED_UP_TO = 4_096
"""Up to how many bytes of JSON a state is copied before each record. One of some 50 bytes takes 10 µs, one of this size
80 µs: about three times what reading a record takes."""


class Progress(Protocol):
    """The state of a window, between two records."""

    exact: bool
    """Whether `undo` gives back what was there before; else the records before have to be folded anew."""
    size: int
    """How many bytes of JSON the state had when the invocation began."""

    @property
    def value(self) -> Any:
        """What it is now."""
        ...

    def of(self, change: Any) -> Any:
        """Return the state that this change is to be folded into."""
        ...

    def put(self, state: Any) -> None:
        """Take what the fold returned; WindowStateError if it is no state."""
        ...

    def undo(self) -> None:
        """Go back to before the change that `of` was asked for last."""
        ...


class OneState:
    """One state for the whole window."""

    def __init__(self, codec: StateCodec, raw: Any) -> None:
        self._codec = codec
        self._raw = raw
        self.value, self.size = codec.read(raw)
        self.exact = True
        self._copies = self.size <= _COPIED_UP_TO
        self._copy: bytes | None = None

    def of(self, change: Any) -> Any:  # noqa: ARG002  # Progress
        """See `Progress`."""
        return self.value

    def put(self, state: Any) -> None:
        """See `Progress`."""
        if self._copies:
            # It is checked by this too: a state that is none fails the record that made it.
            self._copy = self._codec.snapshot(state)
            self._copies = len(self._copy) <= _COPIED_UP_TO
        else:
            # No more than its type: the rest is checked when the batch is through.
            self._codec.check_type(state)
            self.exact = False
        self.value = state

    def undo(self) -> None:
        """See `Progress`."""
        self.value = self._codec.read(self._raw)[0] if self._copy is None else self._codec.restore(self._copy)


class StatePerKey:
    """A state for each key that ``by`` gives. Only the state of the change's own key is copied, whatever its size."""

    exact = True

    def __init__(self, codec: StateCodec, raw: Any, by: Callable[[Any], Any]) -> None:
        self._codec = codec
        self._by = by
        self.value, self.size = codec.read(raw)
        self._copies: dict[Any, bytes] = {}
        self._key: list[Any] = []
        """The key of the last change, if it has one."""

    def of(self, change: Any) -> Any:
        """See `Progress`. Raises WindowStateError for a key that cannot be in JSON, and what ``by`` raises."""
        self._key = []
        key = self._by(change)
        self._codec.check_key(key)
        self._key = [key]
        if key not in self.value:
            return self._codec.first()
        state = self.value[key]
        if key not in self._copies:
            self._copies[key] = self._codec.snapshot(state)
        return state

    def put(self, state: Any) -> None:
        """See `Progress`."""
        (key,) = self._key
        self._copies[key] = self._codec.snapshot(state)
        self.value[key] = state

    def undo(self) -> None:
        """See `Progress`."""
        for key in self._key:
            if key in self._copies:
                self.value[key] = self._codec.restore(self._copies[key])
