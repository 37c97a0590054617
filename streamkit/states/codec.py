"""The state of a tumbling window on its way to Lambda and back: a JSON object that loses nothing."""

from __future__ import annotations

import typing
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from streamkit.decoding import accepts_none
from streamkit.errors import HandlerDefinitionError, WindowStateError
from streamkit.states.forms import Written
from streamkit.states.keys import key_of_text, states_by_key, states_by_text, text_of_key
from streamkit.states.losslessjson import LosslessError, compact, from_json
from streamkit.states.problems import problem_of
from streamkit.states.statetypes import FIX, classes_of, default_of, form_of
from streamkit.typeforms import shown, unwrapped
from streamkit.validations import clipped

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UNSET", "WRAPPER", "EncodedState", "StateCodec"]


class EncodedState(NamedTuple):
    """A state as the response carries it."""

    value: dict[str, Any]
    """In JSON types only. An untyped state that is JSON as it stands is this very object."""

    json: bytes
    """The same as compact JSON in UTF-8: its length is what counts against Lambda's limit."""


class _Unset(Enum):
    UNSET = "unset"


UNSET: Final[Literal[_Unset.UNSET]] = _Unset.UNSET
"""No value was given: None is one."""

WRAPPER = "$value"
"""The one member of a state that is no object, or that would be taken for another."""

_WAY_OUT = "state written by older code? pass migrate=, a function from the raw state to the model"


class StateCodec:
    """How the state of a window, of one type, goes to Lambda and comes back.

    ``initial`` is the first value, or a function that returns it; ``migrate`` makes a state of one that older code
    wrote. A ``keyed`` state is a dict of such states, one per key.

    Raises HandlerDefinitionError, saying ``where``, for a type that cannot be a state.
    """

    def __init__(
        self,
        state_type: Any,
        where: str,
        *,
        initial: Any = UNSET,
        migrate: Callable[[Any], Any] | None = None,
        keyed: bool = False,
    ) -> None:
        self._type = state_type
        self._where = where
        self._migrate = migrate
        self._keyed = keyed
        self._one = form_of(state_type, where)
        # One call of pydantic for all keys, rather than one for each.
        self._all = form_of(dict[str, state_type], where) if keyed else self._one
        self._classes = classes_of(state_type)
        self._takes_none = unwrapped(state_type) in (Any, None, type(None)) or accepts_none(state_type)
        self.first: Callable[[], Any] = self._first_of(initial)
        """Returns the first value, of one key's state if the state is keyed: a fresh object at each call."""
        written = self._checked_first()
        # What a function returns may differ from call to call.
        self._empty_is_first = written.value == {} and (initial is UNSET or not callable(initial))

    def decode(self, raw: Any) -> Any:
        """Return the state that an event carries; of a keyed one the dict of all keys. Raises WindowStateError."""
        return self.read(raw)[0]

    def read(self, raw: Any) -> tuple[Any, int]:
        """Return what `decode` returns, and of how many bytes of compact JSON it was read."""
        if type(raw) is not dict:
            raise WindowStateError(
                f"the event's state is {clipped(raw)}, not a JSON object; a new window begins with {{}}"
            )
        data = compact(raw)
        return self._decoded(raw, data), len(data)

    def _decoded(self, raw: dict[str, Any], data: bytes) -> Any:
        if not raw:
            return {} if self._keyed else self.first()
        try:
            return self._read(raw, data)
        except Exception as error:
            # Validators of the user's own may raise anything.
            if self._migrate is not None:
                return self._migrated(raw, self._migrate)
            raise WindowStateError(
                f"the event's state is not a valid {self._shown()}: {problem_of(error, raw)}; {_WAY_OUT}"
            ) from error

    def check_type(self, state: Any) -> None:
        """Raise WindowStateError for what is no state at first sight; `encode` looks at all of it."""
        try:
            self._check(state, ())
        except LosslessError as error:
            raise self._refused(state, error) from error

    def check_key(self, key: Any) -> None:
        """Raise WindowStateError for a key that a keyed state cannot have."""
        try:
            text_of_key(key)
        except LosslessError as error:
            raise WindowStateError(str(error)) from error

    def encode(self, state: Any) -> EncodedState:
        """Return the state for the response; of a keyed one that of all keys. Raises WindowStateError."""
        written = self._written_keys(state) if self._keyed else self._written(state)
        return EncodedState(*written)

    def snapshot(self, state: Any) -> bytes:
        """Return the state, one key's if it is keyed, as bytes for `restore`. Raises WindowStateError."""
        try:
            self._check(state, ())
            return self._one.snapshot(state)
        except Exception as error:
            raise self._refused(state, error) from error

    def restore(self, snapshot: bytes) -> Any:
        """Return the state that a snapshot was taken of, as fresh objects."""
        return self._one.restore(snapshot)

    # --- the first value

    def _first_of(self, initial: Any) -> Callable[[], Any]:
        if initial is UNSET:
            return default_of(self._type, self._where)
        if callable(initial):
            return typing.cast("Callable[[], Any]", initial)
        try:
            self._check(initial, ())
            data = self._one.write(initial).json
        except Exception as error:
            raise HandlerDefinitionError(
                f"{self._where}: initial={clipped(initial)} is not a valid {shown(self._type)}: "
                f"{problem_of(error, initial)}"
            ) from error
        return lambda: self._one.restore(data)

    def _checked_first(self) -> Written:
        """Return the first value as it is written, which fails if it could not be read again: then no state could."""
        first = None
        try:
            first = self.first()
            self._check(first, ())
            written = self._one.write(first)
            self._one.read(written.value)
        except Exception as error:
            raise HandlerDefinitionError(
                f"{self._where}: {shown(self._type)} has no valid first value: {problem_of(error, first)}; {FIX}"
            ) from error
        return written

    # --- reading

    def _read(self, raw: dict[str, Any], data: bytes) -> Any:
        if self._keyed:
            return self._states(self._all.read(raw, data))
        content = _unwrapped(raw)
        return self._state(self._one.read(content, data if content is raw else None))

    def _state(self, state: Any) -> Any:
        self._check(state, ())
        return state

    def _states(self, named: dict[str, Any]) -> dict[Any, Any]:
        states = states_by_key(named)
        self._check_all(states)
        return states

    def _migrated(self, raw: dict[str, Any], migrate: Callable[[Any], Any]) -> Any:
        try:
            state = migrate(self._resolved(raw))
        except Exception as error:
            raise WindowStateError(f"migrate= failed on the event's state: {type(error).__name__}: {error}") from error
        try:
            if self._keyed:
                return self._states(self._all.adopt(states_by_text(state)))
            return self._state(self._one.adopt(state))
        except Exception as error:
            raise WindowStateError(
                f"migrate= returned what is not a valid {self._shown()}: {problem_of(error, state)}"
            ) from error

    def _resolved(self, raw: dict[str, Any]) -> Any:
        if not self._keyed:
            return _or_itself(from_json, _unwrapped(raw))
        return {_or_itself(key_of_text, text): _or_itself(from_json, one) for text, one in raw.items()}

    # --- writing

    def _written(self, state: Any) -> Written:
        try:
            self._check(state, ())
            value, data = self._one.write(state)
        except Exception as error:
            raise self._refused(state, error) from error
        if type(value) is dict and (value or self._empty_is_first):
            return Written(value, data)
        return Written({WRAPPER: value}, b'{"' + WRAPPER.encode() + b'":' + data + b"}")

    def _written_keys(self, states: Any) -> Written:
        named = states
        try:
            named = states_by_text(states)
            self._check_all(states)
            return self._all.write(named)
        except Exception as error:
            raise self._refused(named, error) from error

    def _check(self, state: Any, path: tuple[Any, ...]) -> None:
        """Raise LosslessError for a state that is no instance of the state's class: pydantic would make one of it."""
        if (state is None and not self._takes_none) or (self._classes and not isinstance(state, self._classes)):
            raise LosslessError(f"expected {shown(self._type)}, got {clipped(state)}", path)

    def _check_all(self, states: dict[Any, Any]) -> None:
        if self._classes and not set(self._classes).issuperset(map(type, states.values())):
            for key, state in states.items():
                self._check(state, (key,))

    def _refused(self, state: Any, error: Exception) -> WindowStateError:
        if state is None:
            return WindowStateError("returned None: a fold returns the new state")
        return WindowStateError(f"the new state is not a valid {self._shown()}: {problem_of(error, state)}")

    def _shown(self) -> str:
        return f"dict of {shown(self._type)} by key" if self._keyed else shown(self._type)


def _unwrapped(raw: dict[str, Any]) -> Any:
    return raw[WRAPPER] if raw.keys() == {WRAPPER} else raw


def _or_itself(function: Callable[[Any], Any], value: Any) -> Any:
    try:
        return function(value)
    except LosslessError:
        return value
