"""What outlives a function's process, and what dies with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.testing.simulation.errors import SimulationError
from streamkit.testing.simulation.reaching import bound_to, defaults_of, own_function, places_in, reach_of
from streamkit.testing.simulation.snapshot import Snapshot, SnapshotError
from streamkit.testing.simulation.variables import LOCKS, Global

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
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
        self.places = reach_of(own_function(one) for one in (invariant, setup) if one is not None).places
        given = [*objects, *bound_to(invariant), *bound_to(setup)]
        self.objects = [*(place.get() for place in self.places), *given]
        self._setup = setup
        self._snapshot = self._put_by(given, only_data=setup is not None)
        self.known = self._snapshot.known

    def _put_by(self, objects: Sequence[Any], *, only_data: bool) -> Snapshot:
        try:
            return Snapshot(self.places, objects, untouched=(), only_data=only_data)
        except SnapshotError as error:
            names = ", ".join(sorted(place.name for place in self.places))
            raise SimulationError(
                f"the outside world ({names or 'world='}) cannot be put back before each schedule: {error}. Give "
                f"setup=, a function that makes it anew"
            ) from error

    def renew(self) -> None:
        """Make the world what it is before a schedule."""
        if self._setup is None:
            self._snapshot.restore()
        else:
            self._setup()


class Memory:
    """What a process of the function holds, outside of the world.

    It is in the modules of the handler and of the user's functions that it calls: their globals, the variables around
    functions, and the caches of `functools`.
    """

    def __init__(self, function: FunctionType | None, world: World) -> None:
        reached = reach_of([function]).functions
        outside = {place.id for place in world.places}
        places = {place.id: place for one in reached for place in places_in(one) if place.id not in outside}
        carried = [one for function in reached for one in defaults_of(function)]
        untouched = {*world.known, *map(id, world.objects)}
        self._snapshot = Snapshot(places.values(), carried, untouched=untouched, only_data=True)
        namespaces = {id(one.__globals__): one.__globals__ for one in reached}
        kept = {number: set(names) for number, names in namespaces.items()}
        for place in world.places:
            if isinstance(place, Global):
                kept.setdefault(id(place.namespace), set()).add(place.name)
        self._namespaces = [(names, kept[number]) for number, names in namespaces.items()]
        self._locks = [value for place in places.values() if isinstance(value := place.get(), LOCKS)]
        self._caches = [cache for names in namespaces.values() for cache in _caches_in(names)]

    def lose(self) -> list[str]:
        """Make it what it is in a new process, and return the names of what was lost by it."""
        lost = set(self._snapshot.changed()) - {""}
        for namespace, kept in self._namespaces:
            for name in set(namespace) - kept:
                lost.add(name)
                del namespace[name]
        self._snapshot.restore()
        for cache in self._caches:
            cache.cache_clear()
        for lock in self._locks:
            _free(lock)
        return sorted(lost)


def _free(lock: Any) -> None:
    """Release a lock that nobody holds any more, since its process is gone."""
    try:
        while True:
            lock.release()
    except RuntimeError:  # it is free
        pass


def _caches_in(namespace: dict[str, Any]) -> Iterator[Any]:
    """Yield what functools caches: functions of a module, and methods of its classes."""
    for value in list(namespace.values()):
        own = vars(value).values() if isinstance(value, type) and value.__module__ == namespace.get("__name__") else ()
        yield from (one for one in (value, *own) if callable(getattr(one, "cache_clear", None)))
