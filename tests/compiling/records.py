"""Types of what has named attributes: models, dataclasses and TypedDicts of parts that are drawn."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple, NotRequired, Required

import pydantic.dataclasses
import typing_extensions
from pydantic import Field, create_model

from tests.compiling.making import Inner, Maker, Shape
from tests.compiling.recordparts import Part, draw_config, draw_parts, item_of, names_of, parts_shown
from tests.compiling.recordvalidators import BASES, draw_validators


class Record(NamedTuple):
    """A type of items, and what makes an item for it."""

    shape: Shape
    item: Callable[[Maker], dict[Any, Any]]


# What a type checker would have to know before it runs.
_typed_dict: Any = typing_extensions.TypedDict
_not_required: Any = NotRequired
_required: Any = Required
_init_var: Any = dataclasses.InitVar
_annotated: Any = Annotated


def record(
    maker: Maker, inner: Inner | None, first: Sequence[Part] = (), config: dict[str, Any] | None = None
) -> Record:
    """Draw a type of items, with the ``first`` parts given and, if ``inner`` is, with others."""
    build = maker.pick([model, model, model, dataclass, pydantic_dataclass, typed_dict])
    return build(maker, inner, first, config)


def _drawn(
    maker: Maker, inner: Inner | None, first: Sequence[Part], config: dict[str, Any] | None
) -> tuple[list[Part], dict[str, Any]]:
    settings = draw_config(maker) if config is None else config
    taken = tuple(part.name for part in first)
    return [*first, *(draw_parts(maker, inner, settings, taken) if inner else ())], settings


def _record(annotation: Any, words: str, parts: list[Part], config: dict[str, Any]) -> Record:
    def item(maker: Maker) -> dict[Any, Any]:
        return item_of(maker, parts, config)

    return Record(Shape(annotation, words, lambda maker: {"M": item(maker)}, names_of(parts)), item)


def model(
    maker: Maker, inner: Inner | None, first: Sequence[Part] = (), config: dict[str, Any] | None = None
) -> Record:
    parts, settings = _drawn(maker, inner, first, config)
    base = maker.pick(BASES) if maker.once_in(6) else BASES[0]
    validators, doing = draw_validators(maker, [part.name for part in parts])
    fields: dict[str, Any] = {part.name: (part.shape.annotation, Field(**part.settings)) for part in parts}
    drawn = create_model("Model", __base__=base, __cls_kwargs__=settings, __validators__=validators, **fields)
    words = f"{base.__name__}({parts_shown(parts, settings)}{'; ' if doing else ''}{doing})"
    return _record(drawn, words, parts, settings)


def dataclass(
    maker: Maker, inner: Inner | None, first: Sequence[Part] = (), config: dict[str, Any] | None = None
) -> Record:
    parts, settings = _drawn(maker, inner, first, config)
    flags = _draw_flags(maker)
    parts = _orderly([_known_to_dataclasses(part) for part in parts], flags)
    members: dict[str, Any] = {"__pydantic_config__": settings} if settings else {}
    initial = _draw_initial(maker, parts[len(first) :])
    if initial is not None or maker.once_in(8):
        members["__post_init__"] = _after_init
    made = [part.name for part in parts if not part.required and part.name != initial and maker.once_in(8)]
    fields = [(part.name, _of_dataclass(part, initial), _default_of(part, part.name not in made)) for part in parts]
    drawn = dataclasses.make_dataclass("Data", fields, namespace=members, **flags)
    odd = f"; InitVar {initial}" * bool(initial) + f"; init=False {made}" * bool(made)
    words = f"dataclass({parts_shown(parts, settings | flags)}{odd})"
    return _record(drawn, words, parts, settings)


def _draw_initial(maker: Maker, parts: list[Part]) -> str | None:
    # An InitVar has no factory, says dataclasses.
    names = [part.name for part in parts if "default_factory" not in part.settings]
    return maker.pick(names) if names and maker.once_in(8) else None


def _after_init(self: Any, *values: Any) -> None:
    if values and not values[0]:
        raise ValueError("an empty InitVar")


def _draw_flags(maker: Maker) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if maker.once_in(2):
        for flag in maker.some([{"frozen": True}, {"slots": True}, {"kw_only": True}, {"eq": False}], 2):
            flags |= flag
    return flags


def _orderly(parts: list[Part], flags: dict[str, Any]) -> list[Part]:
    return parts if flags.get("kw_only") else sorted(parts, key=lambda part: not part.required)


def _known_to_dataclasses(part: Part) -> Part:
    # A dataclass refuses defaults that can change, which all instances would share; its factories take nothing.
    settings = dict(part.settings)
    if settings.get("default").__hash__ is None:
        settings["default_factory"] = settings.pop("default").copy
    if getattr(settings.get("default_factory"), "__code__", None) is not None:
        settings["default_factory"] = list
    return part._replace(settings=settings)


def _of_dataclass(part: Part, initial: str | None) -> Any:
    annotation = _with_settings(part)
    return _init_var[annotation] if part.name == initial else annotation


def _with_settings(part: Part) -> Any:
    settings = {name: value for name, value in part.settings.items() if name not in ("default", "default_factory")}
    return _annotated[part.shape.annotation, Field(**settings)] if settings else part.shape.annotation


def _default_of(part: Part, init: bool) -> Any:
    defaults = {name: value for name, value in part.settings.items() if name in ("default", "default_factory")}
    return dataclasses.field(init=init, **defaults)


def pydantic_dataclass(
    maker: Maker, inner: Inner | None, first: Sequence[Part] = (), config: dict[str, Any] | None = None
) -> Record:
    parts, settings = _drawn(maker, inner, first, config)
    # It warns of one that is said twice.
    flags = {name: flag for name, flag in _draw_flags(maker).items() if name not in settings}
    parts = _orderly(parts, flags)
    validators, doing = draw_validators(maker, [part.name for part in parts])
    annotations = {part.name: _with_settings(part) if part.required else part.shape.annotation for part in parts}
    members: dict[str, Any] = {"__annotations__": annotations} | validators
    members |= {part.name: Field(**part.settings) for part in parts if not part.required}
    if maker.once_in(8):
        members["__post_init__"] = _after_init
    decorate: Any = pydantic.dataclasses.dataclass(config=settings, **flags)  # type: ignore[call-overload]  # drawn flags
    words = f"pydantic dataclass({parts_shown(parts, settings | flags)}{'; ' if doing else ''}{doing})"
    return _record(decorate(type("PydanticData", (), members)), words, parts, settings)


def typed_dict(
    maker: Maker, inner: Inner | None, first: Sequence[Part] = (), config: dict[str, Any] | None = None
) -> Record:
    parts, settings = _drawn(maker, inner, first, config)
    total = not maker.once_in(3)
    drawn = _typed_dict("Typed", {part.name: _of_typed_dict(part, total) for part in parts}, total=total)
    if settings:
        drawn.__pydantic_config__ = settings
    words = f"TypedDict({parts_shown(parts, settings)}; total={total}, a default means NotRequired)"
    return _record(drawn, words, parts, settings)


def _of_typed_dict(part: Part, total: bool) -> Any:
    annotation = _with_settings(part)
    if part.required:
        return annotation if total else _required[annotation]
    return _not_required[annotation] if total else annotation
