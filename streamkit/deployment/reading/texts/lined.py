"""Objects and lists that know on which line of their file everything in them stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from streamkit.deployment.found import TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_DEPTH", "Event", "LinedDict", "LinedList", "built"]

MAX_DEPTH = 100
"""Objects and lists inside of one another."""
_MAX_NODES = 500_000
"""Values of one file, those that aliases repeat counted each time: what a YAML bomb of a few lines goes far beyond."""
_MERGE = "<<"


class LinedDict(dict[str, Any]):
    """An object of a template. ``lines`` has the line of each member, ``line`` its own; both count from 1.

    ``tagged`` is an intrinsic function in YAML's short form: ``!Ref Table`` is ``{"Ref": "Table"}``, tagged.
    """

    __slots__ = ("line", "lines", "tagged")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.tagged = False


class LinedList(list[Any]):
    """A list of a template. ``lines`` has the line of each of its values."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


class Event(NamedTuple):
    """A step through a text: an object or a list begins or ends, or a value of neither kind stands there."""

    kind: Literal["object", "list", "end", "value", "alias"]
    line: int
    value: Any = None
    """Of a value; the anchor's name of an alias."""
    key: str = ""
    """What the value is called where it is a key: its text as it is written."""
    tag: str | None = None
    anchor: str | None = None


class _Anchored(NamedTuple):
    """What an alias repeats: how many values, and how deep inside of one another."""

    value: Any
    nodes: int
    height: int


class _Open:
    """An object or a list whose end is yet to come."""

    def __init__(self, holder: LinedDict | LinedList, event: Event, before: int) -> None:
        self.holder = holder
        self.event = event
        self.before = before
        self.height = 1
        self.key: tuple[str, int] | None = None
        self.merged: list[tuple[Any, int]] = []


class _Builder:
    def __init__(self, file: str, *, merges: bool) -> None:
        self.file = file
        self.merges = merges
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchored] = {}
        self.nodes = 0
        self.root: Any = None

    def take(self, event: Event) -> None:
        if event.kind in {"object", "list"}:
            self.begin(event)
        elif event.kind == "end":
            self.end()
        else:
            self.value(event)

    def begin(self, event: Event) -> None:
        if self.open and isinstance(self.open[-1].holder, LinedDict) and self.open[-1].key is None:
            raise self.error(event.line, "a name in an object is text, and this one is an object or a list")
        holder = LinedDict(event.line) if event.kind == "object" else LinedList(event.line)
        self.open.append(_Open(holder, event, self.nodes))
        self.check_depth(0, event.line)

    def end(self) -> None:
        opened = self.open.pop()
        for value, line in opened.merged:
            self.merge(opened.holder, value, line)
        self.done(opened.event, _Anchored(opened.holder, self.nodes - opened.before, opened.height))

    def value(self, event: Event) -> None:
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.holder, LinedDict) and top.key is None:
            top.key = (self.key_of(event), event.line)
            return
        if event.kind == "alias":
            repeated = self.anchored(event)
            self.nodes += repeated.nodes
            self.done(event, repeated)
        else:
            self.done(event, _Anchored(event.value, 0, 0))

    def key_of(self, event: Event) -> str:
        key = event.key
        if event.kind == "alias":
            key = self.anchored(event).value
            if not isinstance(key, str):
                raise self.error(event.line, f"a name in an object is text, and *{event.value} is not")
        elif event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(key, 0, 0)
        return key

    def anchored(self, event: Event) -> _Anchored:
        if event.value not in self.anchors:
            raise self.error(event.line, f"*{event.value} stands for nothing: no &{event.value} is complete before it")
        return self.anchors[event.value]

    def done(self, event: Event, done: _Anchored) -> None:
        """Put a value where it belongs: nothing more of it will come."""
        value = done.value
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise self.error(
                event.line, f"this file has more than {_MAX_NODES} values, those that its aliases repeat included"
            )
        self.check_depth(done.height, event.line)
        if event.tag is not None:
            value = self.tagged(event.tag, value, event.line)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, done.nodes + 1, done.height)
        if not self.open:
            self.root = value
            return
        self.open[-1].height = max(self.open[-1].height, done.height + 1)
        top = self.open[-1]
        if isinstance(top.holder, LinedList):
            top.holder.append(value)
            top.holder.lines.append(event.line)
        else:
            self.member(top, value)

    def check_depth(self, height: int, line: int) -> None:
        if len(self.open) + height > MAX_DEPTH:
            raise self.error(line, f"more than {MAX_DEPTH} objects and lists stand inside of one another here")

    def member(self, top: _Open, value: Any) -> None:
        holder = top.holder
        assert isinstance(holder, LinedDict)  # noqa: S101  # a name is read before a value in objects, and
        assert top.key is not None  # noqa: S101  # nowhere else
        (key, line), top.key = top.key, None
        if key == _MERGE and self.merges:
            top.merged += [(one, line) for one in (value if isinstance(value, list) else [value])]
        elif key in holder:
            raise self.error(
                line,
                f"{key!r} stands here for the second time in one object, after line {holder.lines[key]}: only the last "
                f"one would count; remove one of them",
            )
        else:
            holder[key] = value
            holder.lines[key] = line

    def merge(self, holder: LinedDict | LinedList, value: Any, line: int) -> None:
        if not isinstance(value, LinedDict) or not isinstance(holder, LinedDict):
            raise self.error(line, "<< takes an object, or a list of objects, whose members are to be here too")
        for key, member in value.items():
            if key not in holder:
                holder[key] = member
                holder.lines[key] = value.lines[key]

    def tagged(self, tag: str, value: Any, line: int) -> LinedDict:
        """Return the long form of an intrinsic function, as CloudFormation reads a tag."""
        name = tag.removeprefix("!")
        function = name if name in {"Ref", "Condition"} else f"Fn::{name}"
        if function == "Fn::GetAtt" and isinstance(value, str):
            parts = LinedList(line)
            parts += value.split(".", 1)
            parts.lines = [line] * len(parts)
            value = parts
        call = LinedDict(line)
        call[function] = value
        call.lines[function] = line
        call.tagged = True
        return call

    def error(self, line: int, problem: str) -> TemplateError:
        return TemplateError(f"{self.file}:{line}: {problem}")


def built(events: Iterable[Event], file: str, *, merges: bool) -> Any:
    """Return what a text holds. Raises TemplateError: names that stand twice, too deep, too much.

    ``merges`` makes the members of ``<<`` those of the object that it is in, as in YAML.
    """
    builder = _Builder(file, merges=merges)
    for event in events:
        builder.take(event)
    return builder.root
