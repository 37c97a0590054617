"""All images that are one change away from an image."""

from collections.abc import Iterator
from typing import Any

from tests.compiling.hostile import HOSTILE, ODD_NAMES, PAYLOADS, TAGS
from tests.compiling.payloads import SCALARS


def changed_items(item: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    """Iterate over all items that are the given one but for one change, wherever in it."""
    for name, value in item.items():
        rest = {other: kept for other, kept in item.items() if other != name}
        yield rest
        yield from ({**rest, odd: value} for odd in ["new", *ODD_NAMES])
        yield from ({**item, name: changed} for changed in _changed_values(value))
    for more in [*SCALARS, *HOSTILE]:
        yield {**item, "new": more}
        yield {"new": more, **item}


def _changed_values(value: Any) -> Iterator[Any]:
    yield from HOSTILE
    yield from SCALARS
    if type(value) is not dict or len(value) != 1:
        return  # it is no attribute value to begin with
    ((tag, payload),) = value.items()
    for other in TAGS:
        yield {other: payload}
        yield {**value, other: payload}
        yield {other: payload, **value}
    yield from ({tag: odd} for odd in PAYLOADS.get(tag, ()))
    yield {"M": {"a": value}}
    yield {"L": [value]}
    yield from ({tag: changed} for changed in _changed_payloads(tag, payload))


def _changed_payloads(tag: str, payload: Any) -> Iterator[Any]:
    if tag == "M" and type(payload) is dict:
        yield from changed_items(payload)
    elif tag == "L" and type(payload) is list:
        for index, element in enumerate(payload[:3]):
            before, after = payload[:index], payload[index + 1 :]
            yield [*before, *after]
            yield from ([*before, changed, *after] for changed in _changed_values(element))
        yield from ([*payload, more] for more in [*SCALARS, *HOSTILE])
    elif tag in ("SS", "NS", "BS") and type(payload) is list:
        for odd in PAYLOADS[tag[0]]:
            yield [*payload, odd]
            yield [odd, *payload]
