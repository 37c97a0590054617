"""The parts of a record: names, aliases, defaults and settings, and where an item holds a part."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import AliasChoices, AliasGenerator, AliasPath, ConfigDict

from tests.compiling.hostile import HOSTILE
from tests.compiling.kinds import Color, Leaf
from tests.compiling.making import Inner, Maker, Shape, Value, settings_shown
from tests.compiling.payloads import ANYTHING

Path = tuple[str | int, ...]

NAMES = ["a", "b", "id", "S", "N", "M", "L", "NULL", "BOOL", "B", "SS", "kind", "value", "type"]
# Some are names of parts as well, so that one part's alias is another part's name.
ALIASES = ["x", "a-b", "a.b", "x y", "id", "S", "N", "type", "B", "", "é", "a", "b"]
PATHS: list[Any] = [
    ("y", 0),
    ("y", 1),
    ("m", "k"),
    ("m", "S"),
    ("m", "k", 0),
    ("y", -1),
    ("L", 0),
    ("m", "M", "k"),
    ("a", "b"),
]
EXTRAS = ["extra", "x", "y", "m", "A", "S", "id", "a.b", "new", "a"]


def _spread(name: str) -> AliasChoices:
    return AliasChoices(name + "1", AliasPath("m", name))


def _dotted(name: str) -> str:
    return "." + name


def five() -> Any:
    return 5


def members_before(data: dict[str, Any]) -> Any:
    return len(data)


# What matters most, and what most models have, more than once.
CONFIGS: list[dict[str, Any]] = [
    {"extra": "forbid"},
    {"extra": "allow"},
    {"extra": "forbid"},
    {"extra": "allow"},
    {"extra": "forbid"},
    {"extra": "allow"},
    {"extra": "ignore"},
    {"populate_by_name": True},
    {"populate_by_name": True},
    {"validate_by_name": True},
    {"validate_by_name": True, "validate_by_alias": False},
    {"frozen": True},
    {"strict": True},
    {"str_strip_whitespace": True},
    {"str_to_lower": True},
    {"str_to_upper": True},
    {"str_max_length": 5},
    {"str_min_length": 1},
    {"coerce_numbers_to_str": True},
    {"use_enum_values": True},
    {"validate_default": True},
    {"alias_generator": str.upper},
    {"alias_generator": _dotted},
    {"alias_generator": AliasGenerator(validation_alias=_spread)},
    {"from_attributes": True},
    {"allow_inf_nan": False},
    {"regex_engine": "python-re"},
    {"revalidate_instances": "always"},
    {"revalidate_instances": "subclass-instances"},
    {"title": "Titled"},
    {"hide_input_in_errors": True},
    {"val_json_bytes": "hex"},
    {"cache_strings": False},
    {"loc_by_alias": False},
    {"arbitrary_types_allowed": True},
    {"validate_assignment": True},
    {"validate_return": True},
    *(
        {name: setting}
        for name, setting in {"val_temporal_unit": "milliseconds", "polymorphic_serialization": True}.items()
        if name in ConfigDict.__annotations__
    ),
]

DEFAULTS: list[dict[str, Any]] = [
    {},
    {"default": None},
    {"default": 5},
    {"default": "x"},
    {"default": " X "},
    {"default": Decimal("1.50")},
    {"default_factory": list},
    {"default_factory": dict},
    {"default_factory": five},
    {"default_factory": members_before},
    {"default": [1, {"a": []}]},
    {"default": {"S": "x"}},
    {"default": Leaf(leaf=1)},
    {"default": Color.RED},
    {"default": Color.RED, "validate_default": True},
    {"default": "5", "validate_default": True},
    {"default_factory": five, "validate_default": True},
    {"default": [{"a": 1}], "validate_default": True},
]


class Part(NamedTuple):
    """One part of a record: how it is defined, and where items hold it."""

    name: str
    shape: Shape
    settings: dict[str, Any]
    paths: list[Path]

    @property
    def required(self) -> bool:
        return not {"default", "default_factory"} & self.settings.keys()

    @property
    def words(self) -> str:
        settings = f" = Field({settings_shown(self.settings)})" if self.settings else ""
        return f"{self.name}: {self.shape}{settings}"


def draw_config(maker: Maker) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if maker.once_in(2):
        for settings in maker.some(CONFIGS, 3):
            config |= settings
    return config


def draw_parts(maker: Maker, inner: Inner, config: dict[str, Any], taken: tuple[str, ...] = ()) -> list[Part]:
    """Draw the parts of one record, with aliases, defaults and settings of their own."""
    names = [name for name in NAMES if name not in taken]
    chosen = maker.some(names, 4) or [maker.pick(names)]
    return [_draw_part(maker, inner, config, name) for name in chosen]


def _draw_part(maker: Maker, inner: Inner, config: dict[str, Any], name: str) -> Part:
    shape = inner()
    settings: dict[str, Any] = {}
    if maker.once_in(3):
        settings |= _draw_alias(maker)
    if maker.once_in(3):
        settings |= maker.pick(DEFAULTS)
    if maker.once_in(12):
        settings |= maker.pick([{"strict": True}, {"frozen": True}, {"exclude": True}, {"title": "Part"}])
    return Part(name, shape, settings, paths_of(name, settings, config))


def _draw_alias(maker: Maker) -> dict[str, Any]:
    one, other = maker.pick(ALIASES), maker.pick(ALIASES)
    path = AliasPath(*maker.pick(PATHS))
    return maker.pick(
        [
            {"alias": one},
            {"validation_alias": one},
            {"validation_alias": path},
            {"validation_alias": AliasChoices(one, path)},
            {"validation_alias": AliasChoices(path, other)},
            {"validation_alias": AliasChoices(one, other)},
        ]
    )


def paths_of(name: str, settings: dict[str, Any], config: dict[str, Any]) -> list[Path]:
    """Return where an item may hold a part, by its aliases and the settings of its type."""
    alias = settings.get("validation_alias", settings.get("alias"))
    if alias is None and (generator := config.get("alias_generator")):
        if isinstance(generator, AliasGenerator):
            generator = generator.validation_alias
        alias = generator(name) if callable(generator) else None
    if alias is None:
        return [(name,)]
    paths = [] if config.get("validate_by_alias") is False else _paths_of_alias(alias)
    if config.get("populate_by_name") or config.get("validate_by_name"):
        paths.append((name,))
    return paths


def _paths_of_alias(alias: Any) -> list[Path]:
    if isinstance(alias, AliasChoices):
        return [path for choice in alias.choices for path in _paths_of_alias(choice)]
    return [tuple(alias.path)] if isinstance(alias, AliasPath) else [(alias,)]


def item_of(maker: Maker, parts: list[Part], config: dict[str, Any]) -> dict[Any, Any]:
    """Make an item with the parts: most of those with defaults, all of the others."""
    item: dict[Any, Any] = {}
    for part in parts:
        if not part.required and maker.once_in(3):
            continue
        put(item, maker.pick(part.paths), part.shape.value(maker))
        if not maker.plain and maker.once_in(6):
            put(item, maker.pick([*part.paths, (part.name,)]), part.shape.value(maker))
    if maker.once_in(12 if config.get("extra") == "forbid" else 3):
        item[maker.pick(EXTRAS)] = maker.copy_of(ANYTHING)
    if not maker.plain and maker.once_in(6):
        item[maker.pick(EXTRAS)] = maker.copy_of(HOSTILE)
    return dict(reversed(item.items())) if maker.once_in(5) else item


def put(item: dict[Any, Any], path: Path, value: Value) -> None:
    """Hold a value at a path, in maps and lists that are made for it where there are none."""
    item[path[0]] = _nested(item.get(path[0]), path[1:], value)


def _nested(there: Any, path: Path, value: Value) -> Value:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        members = _held(there, "M", dict)
        return {"M": {**members, step: _nested(members.get(step), rest, value)}}
    elements = [*_held(there, "L", list)]
    while len(elements) <= max(step, 0):
        elements.append({"S": "filler"})
    elements[step] = _nested(elements[step], rest, value)
    return {"L": elements}


def _held(there: Any, tag: str, kind: type[Any]) -> Any:
    with contextlib.suppress(TypeError, KeyError, IndexError):
        if type(there[tag]) is kind:
            return there[tag]
    return kind()


def names_of(parts: list[Part]) -> frozenset[str]:
    """Return the names of all parts, of their aliases, and of the parts' parts."""
    steps = (step for part in parts for path in part.paths for step in path if isinstance(step, str))
    return frozenset({part.name for part in parts}).union(steps, *(part.shape.names for part in parts))


def parts_shown(parts: list[Part], config: dict[str, Any]) -> str:
    """Return the words for what stands in the brackets of a record's type."""
    settings = f"; {settings_shown(config)}" if config else ""
    return ", ".join(part.words for part in parts) + settings
