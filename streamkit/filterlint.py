"""Filter patterns that Lambda accepts and that can never be true of a DynamoDB stream record (SEMANTICS §6).

Everything here follows from one table of what a record looks like (`RECORD`, after SEMANTICS §7). What the table does
not know to be impossible is not warned of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from streamkit.filteroperators import OPERATORS
from streamkit.filters import ABSENT, OR, compile_pattern, parse_pattern, path_text, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamkit.settings import FilterCriteria

__all__ = ["RECORD", "Leaf", "Node", "never_matches"]

Path: TypeAlias = tuple[str, ...]


# --- what was meant ------------------------------------------------------------------------------------------------


def _plain(number: str) -> str:
    """Return a number as DynamoDB writes it: no exponent, no sign and no zeros that say nothing."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_equality(value: Any) -> bool:
    return isinstance(value, dict) and "numeric" in value and value["numeric"][0] == "="


def _as_text(value: Any) -> str | None:
    given = value["numeric"][1] if _is_equality(value) else value
    if isinstance(given, bool):
        return str(given).lower()
    return _plain(repr(given)) if isinstance(given, int | float) else None


def _as_number_text(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", value, re.ASCII):
        return _plain(value)
    return None if isinstance(value, bool) else _as_text(value)


def _as_number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value, re.ASCII) else None


def _as_bool(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


# --- what a record looks like --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """Where a record holds a value, or an array of values: of which kind, and which ones if they are few."""

    holds: str
    """In words, as the end of "there is …"."""
    kind: type = str
    choices: tuple[Any, ...] = ()
    form: re.Pattern[str] | None = None
    """What a text must look like."""
    reads: Callable[[Any], Any] = _as_text
    """Makes of a value that cannot be there the one that was meant, else None."""

    def may_be(self, value: Any) -> bool:
        """Return whether an element of a pattern's list can match anything that is held here."""
        if self.choices:
            test = compile_pattern([value]).test
            return any(test(choice) for choice in self.choices) or value == {"exists": False}
        if isinstance(value, dict):
            return self.kind in OPERATORS[next(iter(value))].kinds
        if self.kind is str:
            return isinstance(value, str) and (self.form is None or self.form.fullmatch(value) is not None)
        return type(value) in (int, float)


@dataclass(eq=False)
class Node:
    """Where a record holds an object, or an array of objects."""

    what: str
    """In words, as the beginning of "… has no member x"."""
    members: dict[str, Shape] = field(default_factory=dict)
    others: Shape | None = None
    """What any further member is, if its name is free."""
    hints: dict[str, str] = field(default_factory=dict)
    """What to do about members that people look for here."""

    def member(self, key: str) -> Shape | None:
        """Return what a member is, None if there is none."""
        return self.members.get(key, self.others)

    def allowed(self) -> str:
        """Return the names of the members in words."""
        if isinstance(self.others, Node):
            return f"name an attribute and its type: {', '.join(self.others.members)}"
        return f"its members are {', '.join(self.members)}"

    def example(self, tag: str, value: Any) -> Any:
        """Return what to write here to match the value of an attribute, None if that cannot be here."""
        if isinstance(self.others, Node):
            inner = self.others.example(tag, value)
            return inner and {"<attribute>": inner}
        return {tag: [value]} if self.members.get(tag, self) is ATTRIBUTE.members.get(tag) else None


Shape: TypeAlias = Leaf | Node


def _one_of(*choices: str) -> Leaf:
    by_folded = {choice.casefold(): choice for choice in choices}
    return Leaf(
        f"one of {', '.join(choices)}" if len(choices) > 1 else f"{''.join(choices)} and nothing else",
        choices=choices,
        reads=lambda value: by_folded.get(value.casefold()) if isinstance(value, str) else None,
    )


TEXT = Leaf("text")
# Exponents are left alone: nobody documents that DynamoDB never writes them.
NUMBER_TEXT = Leaf(
    'a number of DynamoDB, which is text in the event ("5", never 5 or "5.0")',
    form=re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?|.*\d[eE].*\d", re.ASCII),
    reads=_as_number_text,
)
NUMBER = Leaf("a number", kind=float, reads=_as_number)
ANYTHING = Node("userIdentity")

ATTRIBUTE = Node(
    "an attribute",
    {
        "S": TEXT,
        "N": NUMBER_TEXT,
        "B": Leaf("base64 text"),
        "BOOL": Leaf("true or false", kind=bool, choices=(True, False), reads=_as_bool),
        "NULL": Leaf("true and nothing else", kind=bool, choices=(True,), reads=lambda _value: True),
        "SS": TEXT,
        "NS": NUMBER_TEXT,
        "BS": Leaf("base64 text"),
    },
)
_ITEM = Node("an item", others=ATTRIBUTE)
ATTRIBUTE.members["M"] = _ITEM
ATTRIBUTE.members["L"] = ATTRIBUTE
_KEY = Node("a key attribute", {tag: ATTRIBUTE.members[tag] for tag in ("S", "N", "B")})

CHANGE = Node(
    "dynamodb",
    {
        "ApproximateCreationDateTime": NUMBER,
        "Keys": Node("an item's key", others=_KEY),
        "NewImage": _ITEM,
        "OldImage": _ITEM,
        "SequenceNumber": TEXT,
        "SizeBytes": NUMBER,
        "StreamViewType": _one_of("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"),
    },
)
ANYTHING.others = ANYTHING

RECORD = Node(
    "a record",
    {
        "eventID": TEXT,
        "eventName": _one_of("INSERT", "MODIFY", "REMOVE"),
        "eventVersion": TEXT,
        "eventSource": _one_of("aws:dynamodb"),
        "awsRegion": TEXT,
        "dynamodb": CHANGE,
        "eventSourceARN": TEXT,
        "userIdentity": ANYTHING,
    },
    hints={
        **{name: f'write {{"dynamodb": {{"{name}": …}}}}' for name in CHANGE.members},
        "Records": "a pattern describes one record: write what stands inside of Records",
        "body": 'messages of SQS have a body: the data of a change are at {"dynamodb": {"NewImage": …}}',
        "data": 'records of Kinesis have data: those of a change are at {"dynamodb": {"NewImage": …}}',
    },
)
"""A DynamoDB stream record as Lambda delivers it."""


# --- what can never be true of it ----------------------------------------------------------------------------------


def never_matches(criteria: FilterCriteria | None) -> list[str]:
    """Return a sentence for every part of a filter that no DynamoDB stream record can match.

    Each says in which filter (counted from 1), at which path, why, and what to write instead. An ``exists`` of false
    at a place where no value can be always matches, and is told too. Raises ValueError as `check_pattern` does.
    """
    patterns = [parse_pattern(one["Pattern"]) for one in (criteria or {}).get("Filters") or []]
    return [
        f"filter {number}, {sentence}"
        for number, pattern in enumerate(patterns, 1)
        for sentence in _in_object(pattern, RECORD, ())
    ]


def _in_object(pattern: dict[str, Any], node: Node, path: Path) -> Iterator[str]:
    for key, part in pattern.items():
        if key == OR:
            for index, branch in enumerate(part):
                yield from _in_object(branch, node, (*path, f"{OR}[{index}]"))
            continue
        shape, here = node.member(key), (*path, key)
        if shape is None:
            yield _sentence(here, part, f"{node.what} has no member {shown(key)}", _of_unknown(key, part, node, path))
        elif isinstance(shape, Leaf):
            yield from _at_leaf(part, shape, here)
        elif isinstance(part, list):
            yield from _at_node(part, shape, here)
        else:
            yield from _in_object(part, shape, here)


def _at_leaf(part: Any, leaf: Leaf, path: Path) -> Iterator[str]:
    if isinstance(part, dict):
        operators = [shown({name: given}) for name, given in part.items() if name in OPERATORS]
        fix = f"put the operator into a list: [{operators[0]}]" if operators else "put the values into a list here"
        yield _sentence(path, part, f"there is {leaf.holds}, and no object", fix)
        return
    for value in part:
        if not leaf.may_be(value):
            yield _sentence(path, [value], f"there is {leaf.holds}", _instead(path[-1], value, leaf))


def _instead(tag: str, value: Any, leaf: Leaf) -> str:
    if value is None and tag in ATTRIBUTE.members and tag != "NULL":
        return f'a null in DynamoDB is an attribute of its own type: write {{"NULL": [true]}} in place of {tag}'
    meant = leaf.reads(value)
    if meant is not None:
        return f"write {{{shown(tag)}: [{meant if isinstance(meant, Decimal) else shown(meant)}]}}"
    if leaf is NUMBER_TEXT and isinstance(value, dict):
        return 'compare in the handler, or list the texts: {"N": ["5"]}'
    return "list what can be there"


def _at_node(values: list[Any], node: Node, path: Path) -> Iterator[str]:
    if node is ANYTHING:
        return
    for value in values:
        example = node.example(*_tagged(value))
        if isinstance(value, dict) and "numeric" in value and not _is_equality(value):
            fix = "numbers of DynamoDB are text in the event, so compare in the handler"
        else:
            fix = f"write {shown({path[-1]: example})}" if example else node.allowed()
        yield _sentence(path, [value], "there is an object, and no value", fix)


def _tagged(value: Any) -> tuple[str, Any]:
    """Return the type tag under which such a value probably is, and the value in the form that it has there."""
    if value is None:
        return "NULL", True
    if isinstance(value, bool):
        return "BOOL", value
    text = _as_text(value)
    return ("S", value) if text is None else ("N", text)


def _of_unknown(key: str, part: Any, node: Node, path: Path) -> str:
    if key in node.hints:
        return node.hints[key]
    by_folded = {name.casefold(): name for name in node.members}
    if key.casefold() in by_folded:
        return f"it is written {by_folded[key.casefold()]}"
    if node is ATTRIBUTE and isinstance(part, dict) and not path[-1].startswith(f"{OR}["):
        return f'an attribute of a map is under M: write {{{shown(path[-1])}: {{"M": {{{shown(key)}: …}}}}}}'
    return node.allowed()


def _sentence(path: Path, part: Any, why: str, instead: str) -> str:
    verdict = "always matches" if compile_pattern(part).missing == ABSENT else "never matches"
    return f"{path_text(path)}: {shown(part)} {verdict}, since {why}; {instead}"
