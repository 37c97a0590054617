"""Images for a type: as they would be stored, as they might be stored, and as nobody would store them."""

from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st

from tests.compiling.hostile import HOSTILE, ODD_NAMES, PAYLOADS, TAGS
from tests.compiling.kinds import Leaf, Text
from tests.compiling.making import Maker, Shape, Value
from tests.compiling.payloads import ANYTHING
from tests.compiling.sameness import mutables

Image: TypeAlias = Any

_ODD_IMAGES: list[Any] = [None, [], "", "S", 5, {"M": {}}, {"S": "x"}, [["a", {"S": "x"}]], SimpleNamespace(), Leaf()]


class Spot(NamedTuple):
    """A place in an image: what holds it, and under which key or index. ``tag`` is that of a payload, or empty."""

    holder: Any
    key: Any
    tag: str

    @property
    def held(self) -> Any:
        return self.holder[self.key]


def draw_image(draw: st.DrawFn, shape: Shape) -> Image:
    """Draw an image for a type: most are plain, but for one thing."""
    maker = Maker(draw)
    maker.plain = not maker.once_in(4)
    image = _item(shape.value(maker))
    for _ in range(maker.pick([0, 1, 1, 1, 0, 2])):
        image = _changed(maker, image, shape)
    return image


def draw_plain_image(draw: st.DrawFn, shape: Shape) -> Image:
    """Draw an image of the form in which a type's values would be stored."""
    return _item(shape.value(Maker(draw)))


def _item(value: Value) -> Image:
    return value["M"] if type(value) is dict and type(value.get("M")) is dict else value


def _changed(maker: Maker, image: Image, shape: Shape) -> Image:
    if maker.once_in(40):
        return maker.copy_of(
            [*_ODD_IMAGES, MappingProxyType(image), OrderedDict(image)] if type(image) is dict else _ODD_IMAGES
        )
    names = sorted(shape.names) or ["a"]
    if type(image) is not dict or not image or maker.once_in(8):
        return _with_another(maker, image, names)
    spots = [*_spots(image)]
    spot = maker.pick(spots)
    if spot.tag:
        spot.holder[spot.key] = maker.pick(_OF_PAYLOADS)(maker, spot, names, spots)
    else:
        _change_value(maker, spot, names, spots)
    return image


def _spots(members: dict[Any, Value]) -> Iterator[Spot]:
    """Iterate over all places, the outer ones first; what is not well formed is one place, whatever it holds."""
    for name, value in members.items():
        yield Spot(members, name, "")
        yield from _spots_in(value)


def _spots_in(value: Value) -> Iterator[Spot]:
    if type(value) is not dict:
        return
    for tag, payload in value.items():
        yield Spot(value, tag, str(tag))
        if tag == "M" and type(payload) is dict:
            yield from _spots(payload)
        elif tag == "L" and type(payload) is list:
            for index, element in enumerate(payload):
                yield Spot(payload, index, "")
                yield from _spots_in(element)
        elif tag in ("SS", "NS", "BS") and type(payload) is list:
            yield from (Spot(payload, index, str(tag[0])) for index in range(len(payload)))


# --- changes of an attribute value -------------------------------------------------------------------------------

Change: TypeAlias = Callable[[Maker, Spot, list[str], list[Spot]], Any]


def _change_value(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> None:
    if maker.once_in(6):
        del spot.holder[spot.key]
    elif maker.once_in(8) and type(spot.holder) is dict:
        value = spot.holder.pop(spot.key)
        spot.holder[maker.pick(names) if maker.once_in(2) else maker.pick(ODD_NAMES)] = value
    elif maker.once_in(8) and type(spot.holder) is list:
        spot.holder.insert(spot.key, maker.copy_of(HOSTILE))
    else:
        spot.holder[spot.key] = maker.pick(_OF_VALUES)(maker, spot, names, spots)


def _hostile(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return maker.copy_of(HOSTILE)


def _any(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return maker.copy_of(ANYTHING)


def _two_tags(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    more = maker.copy_of([*HOSTILE[:12], *ANYTHING])
    if not isinstance(spot.held, dict):
        return more
    return {**more, **spot.held} if maker.once_in(2) else {**spot.held, **more}


def _other_tag(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    tag = maker.pick(["NULL", "S", "N", "BOOL", *TAGS])
    return {tag: next(iter(spot.held.values()), None) if isinstance(spot.held, dict) else spot.held}


def _odd_payload(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    tags = [tag for tag in spot.held if tag in PAYLOADS] if isinstance(spot.held, dict) else []
    return {tag: maker.copy_of(PAYLOADS[tag]) for tag in tags or [maker.pick(TAGS)]}


def _wrapped(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return maker.pick(
        [{"L": [spot.held]}, {"M": {maker.pick(names): spot.held}}, [spot.held], {"N": spot.held}, {"M": spot.held}]
    )


def _unwrapped(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return next(iter(spot.held.values()), None) if isinstance(spot.held, dict) else {"S": spot.held}


def _of_another(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    # The very same object, not a copy: a place that holds what holds it would be an endless image.
    other = maker.pick(spots).held
    return None if id(spot.holder) in mutables(other) else other


def _other_class(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return _as_another_class(maker, spot.held)


def _as_another_class(maker: Maker, held: Any) -> Any:
    match held:
        case dict() if all(isinstance(key, str) for key in held):
            # Not a defaultdict: pydantic's look-ups make members of it, and no image is one.
            objects = [
                SimpleNamespace(**held),
                MappingProxyType(held),
                UserDict(held),
                OrderedDict(held),
                list(held.items()),
            ]
            return maker.pick(
                [
                    *objects,
                    {Text(key): held[key] for key in held},
                    Leaf.model_construct(**held),
                ]
            )
        case list():
            return maker.pick([tuple(held), dict(enumerate(held)), _listed(held)])
        case str():
            return maker.pick(
                [
                    Text(held),
                    held.encode("utf-8", "replace"),
                    held + " ",
                    " " + held,
                    held.upper(),
                    held + "\x00",
                    [held],
                ]
            )
        case bool():
            return int(held)
    return [held]


class _List(list[Any]):
    """A list, and yet not exactly one."""


def _listed(held: list[Any]) -> Any:
    return _List(held)


_OF_VALUES: list[Change] = [
    *(_hostile, _hostile, _hostile, _odd_payload, _odd_payload, _odd_payload, _two_tags, _two_tags, _any, _any),
    *(_other_tag, _other_tag, _other_tag, _wrapped, _unwrapped, _of_another, _other_class),
]

# --- changes of a payload, or of one text, number or bytes in a set ----------------------------------------------


def _odd_in_place(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    return maker.copy_of(PAYLOADS.get(spot.tag, ODD_NAMES))


def _with_member(maker: Maker, spot: Spot, names: list[str], spots: list[Spot]) -> Any:
    held = spot.held
    if type(held) is dict:
        return _with_another(maker, held, names)
    if type(held) is list:
        elements = HOSTILE if spot.tag == "L" else [*held, *PAYLOADS.get(spot.tag[:1], HOSTILE)]
        return [*held, maker.copy_of(elements)] if maker.once_in(2) else [maker.copy_of(elements), *held]
    return maker.copy_of(PAYLOADS.get(spot.tag, ODD_NAMES))


def _with_another(maker: Maker, image: Image, names: list[str]) -> Image:
    if type(image) is not dict:
        return {maker.pick(names): image}
    name = maker.pick(ODD_NAMES) if maker.once_in(6) else maker.pick(["extra", *names])
    more = {name: maker.copy_of(HOSTILE if maker.once_in(2) else ANYTHING)}
    return {**more, **image} if maker.once_in(2) else {**image, **more}


_OF_PAYLOADS: list[Change] = [_odd_in_place, _odd_in_place, _odd_in_place, _other_class, _with_member, _with_member]
