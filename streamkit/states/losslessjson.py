"""Python values as JSON and back, exactly: every value returns with its type, its digits, its time zone.

JSON's own types stand for themselves. Anything else is an object with one key that names the type, such as
``{"$decimal": "1.50"}``; a dict of the user's that looks like one is written as ``{"$dict": …}``, so that it returns as
it was. The same value gives the same JSON in every process. What could only return as something else is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import orjson

from streamkit.states.losslesstags import RESOLVERS, SCALARS, Resolver
from streamkit.validations import clipped

__all__ = [
    "LosslessError",
    "Tag",
    "compact",
    "from_json",
    "has_tag",
    "is_unicode",
    "loaded",
    "may_have_tag",
    "natural_json",
    "to_json",
]

Unknown: TypeAlias = Callable[[Any], Any]
"""Takes a value that has no form here, returns one in its place that has; raises TypeError if there is none."""

# Reserved beyond the tags that exist, so that a tag of a later version is never taken for a dict of the user's. The
# three are the texts of keys, see `codec`.
_RESERVED = re.compile(r"\$(?!(?:null|true|false)\Z)[a-z]+\Z")
_TAG_IN_TEXT = re.compile(rb'"\$[a-z]')
_INTS = range(-(2**63), 2**64)
# int() and str() refuse longer decimal texts, to keep hostile ones from taking hours.
_DECIMAL_INT_BITS = 10_000
_AS_IT_STANDS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_LEAVES = frozenset({str, int, float, bool, type(None)})
_CONTAINERS = frozenset({dict, list})
_PLAIN = _LEAVES | _CONTAINERS


class LosslessError(ValueError):
    """A value that has no exact JSON form, or JSON that is the form of no value; ``path`` leads to it."""

    def __init__(self, problem: str, path: tuple[Any, ...] = ()) -> None:
        self.problem = problem
        self.path = path
        super().__init__(f"{'.'.join(map(str, path))}: {problem}" if path else problem)


class Tag(NamedTuple):
    """A value under a tag of the caller's own, as its ``unknown`` may return it."""

    name: str
    content: Any


def loaded(data: bytes) -> Any:
    """Return the JSON types of a text that `compact` returned."""
    # orjson would read a big integer as a float, and would refuse half of a surrogate pair.
    return json.loads(data.decode("utf-8", "surrogatepass"))


def compact(value: Any) -> bytes:
    """Return JSON types as compact JSON text in UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:  # deeper than orjson goes, or an integer or a text that it cannot write
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def may_have_tag(data: bytes) -> bool:
    """Whether JSON text may have a tag in it; only `has_tag` knows."""
    return b"$" in data and _TAG_IN_TEXT.search(data) is not None


def has_tag(value: Any) -> bool:
    """Whether JSON types have a tag in them, or an object that would be taken for one."""
    containers = [value] if type(value) in _CONTAINERS else []
    while containers:
        if any(_tag_of(one) is not None for one in containers if type(one) is dict and len(one) == 1):
            return True
        containers = [one for one in _members_of(containers) if type(one) in _CONTAINERS]
    return False


def _tag_of(value: dict[Any, Any]) -> str | None:
    if len(value) != 1:
        return None
    (name,) = value
    return name if type(name) is str and _RESERVED.match(name) else None


# --- to JSON -----------------------------------------------------------------------------------------------------


def to_json(value: Any, unknown: Unknown | None = None) -> Any:
    """Return a value in JSON types; raises LosslessError where that cannot be done exactly."""
    try:
        return _encoded(value, unknown, ())
    except RecursionError:
        raise LosslessError("nested too deep, or inside itself") from None


def natural_json(value: Any) -> bytes | None:
    """Return the text of a value that is JSON as it stands, None for any other: what `to_json` must go through."""
    try:
        data = orjson.dumps(value, option=_AS_IT_STANDS)
        if not _is_plain_json(value) or may_have_tag(data):
            return None
    except (TypeError, RecursionError):  # orjson refuses big integers, halves of surrogate pairs, other types and keys
        return None
    # Its "not a number" is null, which only a second look tells from None.
    return None if b"null" in data and not _is_finite(value) else data


def _is_plain_json(value: Any) -> bool:
    """Whether a value is of JSON's own types exactly: orjson writes enums and tuples as well."""
    if type(value) not in _CONTAINERS:
        return type(value) in _LEAVES
    containers = [value]
    while True:
        kinds = set(map(type, _members_of(containers)))
        if kinds <= _LEAVES or not kinds <= _PLAIN:
            return kinds <= _LEAVES
        containers = [one for one in _members_of(containers) if type(one) in _CONTAINERS]


def _members_of(containers: Collection[Any]) -> Iterator[Any]:
    """Return the members of all these dicts and lists."""
    if {dict}.issuperset(map(type, containers)):
        return chain.from_iterable(map(dict.values, containers))
    return chain.from_iterable(one.values() if type(one) is dict else one for one in containers)


def _is_finite(value: Any) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    if type(value) not in _CONTAINERS:
        return True
    return all(map(_is_finite, value.values() if type(value) is dict else value))


def _encoded(value: Any, unknown: Unknown | None, path: tuple[Any, ...]) -> Any:
    kind = type(value)
    encode = _ENCODERS.get(kind)
    if encode is not None:
        return encode(value)
    if kind is dict:
        return _encoded_dict(value, unknown, path)
    if kind is list:
        return _encoded_list(value, unknown, path)
    if kind is tuple:
        return {"$tuple": _encoded_list(value, unknown, path)}
    if kind is set or kind is frozenset:
        members = [_encoded(one, unknown, path) for one in value]
        return {"$set" if kind is set else "$frozenset": sorted(members, key=compact)}
    if kind is Tag:
        return {value.name: _encoded(value.content, unknown, path)}
    return _encoded_rest(value, unknown, path)


def _encoded_rest(value: Any, unknown: Unknown | None, path: tuple[Any, ...]) -> Any:
    kind = type(value)
    try:
        if kind in SCALARS:
            name, write = SCALARS[kind]
            return {name: write(value)}
        known = (unknown or _refuse)(value)
    except (TypeError, ValueError) as error:
        problem = f"a value of the class {kind.__qualname__} has no exact form in JSON: {error}"
        raise LosslessError(problem, path) from error
    return _encoded(known, unknown, path)


def _refuse(_value: Any) -> Any:
    raise TypeError("a state without a type holds values of Python's own types")


def _encoded_list(value: Iterable[Any], unknown: Unknown | None, path: tuple[Any, ...]) -> list[Any]:
    return [_encoded(one, unknown, (*path, index)) for index, one in enumerate(value)]


def _encoded_int(value: int) -> Any:
    if value in _INTS:
        return value
    return {"$int": str(value) if value.bit_length() < _DECIMAL_INT_BITS else hex(value)}


def _encoded_dict(value: dict[Any, Any], unknown: Unknown | None, path: tuple[Any, ...]) -> dict[str, Any]:
    natural = _tag_of(value) is None and all(type(key) is str and is_unicode(key) for key in value)
    if natural:
        return {key: _encoded(one, unknown, (*path, key)) for key, one in value.items()}
    return {
        "$dict": [
            # The key itself is no tag's place: the pair is a list.
            [_encoded(key, unknown, path), _encoded(one, unknown, (*path, key))]
            for key, one in value.items()
        ]
    }


def is_unicode(text: str) -> bool:
    """Whether a text is one that UTF-8 can carry: it has no half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_ENCODERS: Mapping[type, Callable[[Any], Any]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    str: lambda value: value if is_unicode(value) else {"$text": value.encode("unicode_escape").decode()},
    int: _encoded_int,
    float: lambda value: value if math.isfinite(value) else {"$float": str(value)},
}


# --- from JSON ---------------------------------------------------------------------------------------------------


def from_json(value: Any, tags: Mapping[str, Resolver] | None = None, *, data: bytes | None = None) -> Any:
    """Return the value that JSON types stand for; ``tags`` are the caller's own. Raises LosslessError.

    ``data``: the value as `compact` returns it, where it is known.
    """
    try:
        if not may_have_tag(compact(value) if data is None else data):
            return _copied(value)
        return _decoded(value, {**RESOLVERS, **tags} if tags else RESOLVERS, ())
    except RecursionError:
        raise LosslessError("nested too deep") from None


def _copied(value: Any) -> Any:
    """Return a copy of JSON types: of what can be changed."""
    kind = type(value)
    if kind is not dict and kind is not list:
        return value
    members = value.values() if kind is dict else value
    kinds = set(map(type, members))
    if kinds <= _LEAVES:
        return value.copy()
    rows = [one for one in members if type(one) is dict]
    if list not in kinds and _LEAVES.issuperset(map(type, _members_of(rows))):
        # A table, the most usual of large states.
        copies = [one.copy() if type(one) is dict else one for one in members]
    else:
        copies = list(map(_copied, members))
    return dict(zip(value, copies, strict=True)) if kind is dict else copies


def _decoded(value: Any, resolvers: Mapping[str, Resolver], path: tuple[Any, ...]) -> Any:
    if type(value) is list:
        return [_decoded(one, resolvers, (*path, index)) for index, one in enumerate(value)]
    if type(value) is not dict:
        return value
    name = _tag_of(value)
    if name is None:
        return {key: _decoded(one, resolvers, (*path, key)) for key, one in value.items()}
    resolve = resolvers.get(name)
    if resolve is None:
        raise LosslessError(f"{name} is not a tag of this version of streamkit", path)
    content = _decoded(value[name], resolvers, path)
    try:
        return resolve(content)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise LosslessError(f"{name} cannot hold {clipped(value[name])} ({error})", path) from error
