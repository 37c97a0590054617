"""`handler.mapping` before anybody has looked at it.

On Lambda nobody ever does, and making a pydantic model there costs more than all the rest of streamkit's import
(`benchmarks/import_time.py`). A decorated handler is a plain function, which cannot have a computed attribute; so the
attribute holds this stand-in, which becomes the `EventSourceMapping` when any part of it is touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamkit.mapping import EventSourceMapping

__all__ = ["DeferredMapping"]


class DeferredMapping:
    """Behaves as the `EventSourceMapping` of the given settings, ``isinstance`` and ``==`` included."""

    __slots__ = ("_mapping", "_settings")

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._mapping: EventSourceMapping | None = None

    def resolve(self) -> EventSourceMapping:
        """Return the mapping itself, made at the first call."""
        if self._mapping is None:
            from streamkit.mapping import EventSourceMapping  # noqa: PLC0415  # the point of this module

            self._mapping = EventSourceMapping.model_validate(dict(self._settings))
        return self._mapping

    @property  # type: ignore[misc]  # typeshed has __class__ writable; isinstance only reads it
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        return self.resolve().__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolve(), name)

    def __eq__(self, other: object) -> bool:
        return self.resolve() == (other.resolve() if type(other) is DeferredMapping else other)

    def __hash__(self) -> int:
        return hash(self.resolve())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.resolve())

    def __repr__(self) -> str:
        return repr(self.resolve())

    def __str__(self) -> str:
        return str(self.resolve())

    def __dir__(self) -> list[str]:
        return dir(self.resolve())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.resolve().__reduce_ex__(protocol)
