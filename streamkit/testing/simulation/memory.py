"""What outlives a function's process, and what dies with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.simulation.snapshot import Snapshot, SnapshotError
from streamkit.testing.simulation.variables import Global, bound_to, own_function, places_in, places_read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FunctionType

__all__ = ["Memory", "World"]


class World:
    """What is outside of the function: what the invariant reads can be nowhere else.

    Made anew before each schedule: by ``setup``, else by putting back what everything was.

    Raises SimulationError for something that cannot be put back, where there is no ``setup``.
    """

    def __init__(
        self, invariant: Callable[..., Any], setup: Callable[[], object] | None, objects: Sequence[Any]
    ) -> None:
        readers = [own_function(one) for one in (invariant, setup) if one is not None]
        self.places = places_read([one for one in readers if one is not None])
        given = [*objects, *bound_to(invariant), *bound_to(setup)]
        self.objects = [*(place.get() for place in self.places), *given]
        self._setup = setup
        self._snapshot = None if setup is not None else self._put_by(given)

    def _put_by(self, objects: Sequence[Any]) -> Snapshot:
        try:
            return Snapshot(self.places, objects, untouched={}, only_data=False)
        except SnapshotError as error:
            names = ", ".join(sorted(place.name for place in self.places))
            raise SimulationError(
                f"the outside world ({names or 'world='}) cannot be put back before each schedule: {error}. Give "
                f"setup=, a function that makes it anew"
            ) from error

    def renew(self) -> None:
        """Make the world what it is before a schedule."""
        if self._snapshot is not None:
            self._snapshot.restore()
        elif self._setup is not None:  # pragma: no branch  # one of the two is there
            self._setup()


class Memory:
    """What a process of the function holds: the globals of its module, the variables around it, and its caches."""

    def __init__(self, function: FunctionType | None, world: World) -> None:
        outside = {place.id for place in world.places}
        places = [] if function is None else [place for place in places_in(function) if place.id not in outside]
        untouched = {id(one): one for one in world.objects}
        self._snapshot = Snapshot(places, untouched=untouched, only_data=True)
        self._namespace: dict[str, Any] = {} if function is None else function.__globals__
        self._names = set(self._namespace)
        self._caches = [value for value in self._namespace.values() if callable(getattr(value, "cache_clear", None))]
        self._outside = {
            place.name for place in world.places if isinstance(place, Global) and place.namespace is self._namespace
        }

    def lose(self) -> list[str]:
        """Make it what it is in a new process, and return the names of what was lost by it."""
        new = set(self._namespace) - self._names - self._outside
        for name in new:
            del self._namespace[name]
        lost = sorted({*new, *self._snapshot.changed()})
        self._snapshot.restore()
        for cache in self._caches:
            cache.cache_clear()
        return lost
