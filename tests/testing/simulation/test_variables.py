from __future__ import annotations

import json
import logging
import math
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from streamkit.testing.simulation.variables import has_content, is_data, is_fixed
from tests.testing.simulation.outside import store


@dataclass
class Row:
    number: int = 0


@dataclass(slots=True)
class Slots:
    number: int = 0


class Colour(Enum):
    RED = 1


@pytest.mark.parametrize("value", [1, "a", None, True, (1,), frozenset(), Colour.RED, math, Row, len, threading.Lock()])
def test_what_cannot_change_is_fixed(value: Any) -> None:
    assert is_fixed(value)
    assert not has_content(value)
    assert not is_data(value)


@pytest.mark.parametrize("value", [{}, [], set(), Row(), Slots(), store])
def test_containers_and_objects_of_the_users_are_data(value: Any) -> None:
    assert not is_fixed(value)
    assert is_data(value)


def test_an_object_of_a_library_has_content_and_is_no_data() -> None:
    logger = logging.getLogger("some")
    assert is_fixed(logger)
    assert has_content(json.JSONDecoder())
    assert not is_data(json.JSONDecoder())
    assert not has_content(object())
