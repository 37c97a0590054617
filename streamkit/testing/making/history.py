"""What happens to the items of a table, drawn one step after another: whatever is drawn, it could have happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, get_args

from streamkit.attributes import deserialize_item
from streamkit.local.sources.items import stored_item
from streamkit.local.sources.table import LocalTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.decoding import Decoder
    from streamkit.events import ViewType
    from streamkit.testing.making.draws import Draws

__all__ = ["Action", "History", "Step", "draw_step"]

Action: TypeAlias = Literal["put", "update", "replace", "delete", "expire"]
"""A new item, one attribute of an item that is there, all of them, its end, or the end of its time to live."""

_ACTIONS: tuple[Action, ...] = get_args(Action)
_SMALL = 1000
_LONGEST_PAUSE = 300


class Step(NamedTuple):
    """One write. What it is about depends on what is there by then: any step can follow any other."""

    action: Action
    item: dict[str, Any]
    """What is put, or what the attributes are taken from."""
    which: int = 0
    """Which of the items that are there it is about, and which of its attributes."""
    seconds: int = 0
    """How long after the one before it."""


def draw_step(draws: Draws, make_item: Callable[[Draws], dict[str, Any]]) -> Step:
    """Draw a step with an item of its own."""
    action = draws.choice(_ACTIONS)
    which, seconds = draws.integer(0, _SMALL - 1, usual=_SMALL), draws.integer(0, _LONGEST_PAUSE)
    return Step(action, make_item(draws), which, seconds)


class History:
    """A table and what was written to it: each step makes exactly one record, the one that DynamoDB would write.

    ``decode`` reads an item as the handler does: no step leads to one that it does not take. ``most``: how many
    different keys there are, as far as items allow to be put under another key; few of them, so that the same items are
    changed, deleted and put again.
    """

    def __init__(
        self, decode: Decoder, *, key: str | tuple[str, ...], view_type: ViewType, table: str, most: int
    ) -> None:
        self._table = LocalTable(table, key=key, view_type=view_type)
        self._decode = decode
        self._most = most
        self._at = self._table.clock.now()
        self._living: dict[str, dict[str, Any]] = {}
        self._dead: dict[str, dict[str, Any]] = {}

    @property
    def records(self) -> list[dict[str, Any]]:
        """The stream, in Lambda's form."""
        return self._table.records

    def take(self, step: Step) -> None:
        """Do what a step says, or, where that would change nothing, something like it."""
        self._at += timedelta(seconds=step.seconds)
        living = list(self._living.values())
        if step.action == "put" or not living:
            self._put(step)
            return
        old = living[step.which % len(living)]
        changed = None
        if step.action == "replace":
            changed = self._under_key_of(old, step.item)
            if changed in (None, old):
                changed = self._updated(old, step)
        elif step.action == "update":
            changed = self._updated(old, step)
        if changed is not None:
            self._write(changed)
        else:
            self._end(old, expired=step.action == "expire")

    def _put(self, step: Step) -> None:
        """Put a new item: under its own key, or under one that has been there, if there have been enough of them."""
        item = _plain(step.item)
        name = self._name(item)
        living, dead = list(self._living.values()), list(self._dead.values())
        known = len(living) + len(dead)
        if name not in self._living and name not in self._dead and (known >= self._most or (dead and step.which % 2)):
            again = self._under_key_of(dead[step.which % len(dead)], item) if dead else None
            if again is not None:
                item, name = again, self._name(again)
            elif living and known >= self._most:
                self.take(step._replace(action="replace", seconds=0))
                return
        if self._living.get(name) == item:
            self._end(item, expired=False)
        else:
            self._write(item)

    def _updated(self, old: dict[str, Any], step: Step) -> dict[str, Any] | None:
        """Return an item with one attribute changed, None if no change of one is valid."""
        item = _plain(step.item)
        names = [name for name in {**old, **item} if name not in self._table.key_names]
        for index in range(len(names)):
            name = names[(step.which + index) % len(names)]
            changed = {**old, name: item[name]} if name in item else {one: old[one] for one in old if one != name}
            if changed != old and self._valid(changed):
                return changed
        return None

    def _under_key_of(self, old: Mapping[str, Any], item: dict[str, Any]) -> dict[str, Any] | None:
        """Return an item with the key of another one, None if it is not valid with it."""
        changed = {**_plain(item), **{name: old[name] for name in self._table.key_names}}
        return changed if self._valid(changed) else None

    def _valid(self, item: dict[str, Any]) -> bool:
        try:
            self._decode(stored_item(item))
        except Exception:  # noqa: BLE001  # validators of the user's own may raise anything
            return False
        return True

    def _write(self, item: dict[str, Any]) -> None:
        name = self._name(item)
        self._table.put(item, at=self._at)
        self._living[name] = item
        self._dead.pop(name, None)

    def _end(self, item: dict[str, Any], *, expired: bool) -> None:
        key = {name: item[name] for name in self._table.key_names}
        end = self._table.expire if expired else self._table.delete
        end(key, at=self._at)
        name = self._name(item)
        self._dead[name] = self._living.pop(name)

    def _name(self, item: Mapping[str, Any]) -> str:
        return repr([item.get(name) for name in self._table.key_names])


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as it comes out of a table."""
    return deserialize_item(stored_item(item))
