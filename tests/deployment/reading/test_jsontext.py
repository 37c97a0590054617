"""JSON with the line of everything."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.deployment.reading.texts.jsontext import json_value, with_lines
from tests.deployment.reading.templates import refused

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_the_same_is_read_with_lines_and_without(value: Any, indent: Any, escaped: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    assert json_value(text, "t") == with_lines(text, "t") == value


def test_every_member_and_element_knows_its_line() -> None:
    found = with_lines('{\n "a": [\n  1,\n  {"b": "\\n}\\" ]"}\n ],\n\n "c": null}', "t")
    assert found == {"a": [1, {"b": '\n}" ]'}], "c": None}
    assert found.lines == {"a": 2, "c": 7}
    assert found["a"].lines == [3, 4]
    assert found["a"][1].lines == {"b": 4}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Resources": {},\n}', "FILE:2: this begins like JSON and is not: "),
        ('{"Resources": {}', "FILE:1: this begins like JSON and is not: Expecting ',' delimiter at column 17"),
        ('{"a": 1, "b": 2,\n "a": 3}', "FILE:2: 'a' stands here for the second time in one object, after line 1"),
        (f'{{"a": {"9" * 5000}}}', "FILE: this is JSON with a number that cannot be read: "),
        ("[" * 200_000, "FILE: more than 100 objects and lists stand inside of one another in this JSON"),
        (f"{'[' * 200}{']' * 200}", "FILE:1: more than 100 objects and lists stand inside of one another here"),
    ],
    ids=["comma", "cut", "twice", "number", "deep", "less deep"],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text).startswith(said)
