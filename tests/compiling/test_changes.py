"""Every image that is one change away from one that is certainly decoded: no change is overlooked."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.compiling.agreement import Decoding
from tests.compiling.hostile import HOSTILE, ODD_NAMES, PAYLOADS, TAGS
from tests.compiling.making import fresh
from tests.compiling.payloads import SCALARS
from tests.compiling.plainforms import EXAMPLES, Example


def _changed_items(item: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    for name, value in item.items():
        rest = {other: kept for other, kept in item.items() if other != name}
        yield rest
        yield from ({**rest, odd: value} for odd in ["new", *ODD_NAMES])
        yield from ({**item, name: changed} for changed in _changed_values(value))
    for more in [*SCALARS, *HOSTILE]:
        yield {**item, "new": more}
        yield {"new": more, **item}


def _changed_values(value: dict[Any, Any]) -> Iterator[Any]:
    yield from HOSTILE
    yield from SCALARS
    ((tag, payload),) = value.items()
    for other in TAGS:
        yield {other: payload}
        yield {**value, other: payload}
        yield {other: payload, **value}
    yield from ({tag: odd} for odd in PAYLOADS[tag])
    yield {"M": {"a": value}}
    yield {"L": [value]}
    yield from ({tag: changed} for changed in _changed_payloads(tag, payload))


def _changed_payloads(tag: str, payload: Any) -> Iterator[Any]:
    if tag == "M":
        yield from _changed_items(payload)
    elif tag == "L":
        for index, element in enumerate(payload):
            before, after = payload[:index], payload[index + 1 :]
            yield [*before, *after]
            yield from ([*before, changed, *after] for changed in _changed_values(element))
        yield from ([*payload, more] for more in [*SCALARS, *HOSTILE])
    elif tag in ("SS", "NS", "BS"):
        for odd in PAYLOADS[tag[0]]:
            yield [*payload, odd]
            yield [odd, *payload]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.sentence)
def test_one_change_is_seen_by_the_compiled_decoder_as_the_reference_sees_it(example: Example) -> None:
    decoding = Decoding(TypeAdapter(example.type))
    for image in _changed_items(example.image):
        problem = decoding.problem(fresh(image))
        assert not problem, f"{image!r}\n{problem}"
