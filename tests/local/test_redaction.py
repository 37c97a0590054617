"""Taking personal data out of records."""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamkit import Change, stream_handler
from streamkit.local import LocalRunner
from streamkit.local.redaction import Redaction
from tests.build import record

SECRET = b"between us"
# Long enough that no replacement has one of them by chance.
words = st.text(st.characters(codec="utf-8"), min_size=12)
numbers = st.integers(10**16, 10**30).map(str)
blobs = st.binary(min_size=12).map(lambda data: b64encode(data).decode())
leaves = st.one_of(
    words.map(lambda text: {"S": text}),
    numbers.map(lambda number: {"N": number}),
    blobs.map(lambda blob: {"B": blob}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(words, min_size=1, unique=True).map(lambda texts: {"SS": texts}),
    st.lists(numbers, min_size=1, unique=True).map(lambda many: {"NS": many}),
    st.lists(blobs, min_size=1, unique=True).map(lambda many: {"BS": many}),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda elements: {"L": elements}),
        st.dictionaries(st.text(max_size=5), inner, max_size=4).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)
images = st.dictionaries(st.text(min_size=1, max_size=6), values, min_size=1, max_size=4)


def redacted(image: dict[str, Any], *paths: str, secret: bytes = SECRET) -> dict[str, Any]:
    result: dict[str, Any] = Redaction(paths, secret).redact(record(1, new=image))["dynamodb"]["NewImage"]
    return {name: value for name, value in result.items() if name in image}


def escaped(name: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\.*" else letter for letter in name)


def shape(value: Any) -> Any:
    """Return an attribute value without its contents."""
    ((tag, content),) = value.items()
    if tag == "M":
        return {name: shape(member) for name, member in content.items()}
    if tag == "L":
        return [shape(element) for element in content]
    return (tag, len(content)) if isinstance(content, list) else tag


def contents(value: Any) -> list[str]:
    """Return the texts, numbers and blobs of an attribute value."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in contents(part)]


@given(images, st.data())
def test_nothing_of_what_lies_at_a_path_is_in_the_written_line(image: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(image)), min_size=1, unique=True))
    gone = {text for name in names for text in contents(image[name])}
    kept = {text for name in set(image) - set(names) for text in contents(image[name])}
    new = Redaction([escaped(name) for name in names], SECRET).redact(record(1, new=image))
    line = json.dumps(new, ensure_ascii=False)
    # What any record says, "eventVersion" or "INSERT", is no secret.
    said = json.dumps(record(1, new={}), ensure_ascii=False)
    for text in gone - kept:
        if json.dumps(text, ensure_ascii=False) in said:
            continue
        assert json.dumps(text, ensure_ascii=False) not in line
        assert text not in contents(new)


@given(images, st.data())
def test_types_stay_and_so_does_everything_beside_the_path(image: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(image)))
    new = redacted(image, escaped(name))
    assert list(new) == list(image)
    assert shape(new[name]) == shape(image[name])
    assert {other: new[other] for other in image if other != name} == {
        other: image[other] for other in image if other != name
    }


@given(images)
def test_the_record_that_was_given_stays_as_it_is(image: dict[str, Any]) -> None:
    given_record = record(1, "MODIFY", new=image, old=image)
    before = copy.deepcopy(given_record)
    Redaction(["*"], SECRET).redact(given_record)
    assert given_record == before


@given(images)
def test_what_is_no_value_of_the_item_stays(image: dict[str, Any]) -> None:
    before = record(7, new=image)
    after = Redaction(["*"], SECRET).redact(before)
    for name in ("Keys", "NewImage"):
        del before["dynamodb"][name], after["dynamodb"][name]
    assert list(after.items()) == list(before.items())


@given(st.lists(st.one_of(words, words.map(lambda text: text[:12])), min_size=2))
def test_values_are_alike_afterwards_where_they_were_before(texts: list[str]) -> None:
    redaction = Redaction(["name"], SECRET)
    new = [redaction.redact(record(1, new={"name": {"S": text}}))["dynamodb"]["NewImage"]["name"] for text in texts]
    for first, one in zip(texts, new, strict=True):
        for second, other in zip(texts, new, strict=True):
            assert (one == other) == (first == second)


def test_a_value_is_alike_in_keys_and_in_both_images_and_in_sets() -> None:
    image = {"id": {"N": "42"}, "all": {"NS": ["41", "42"]}}
    before = record(1, "MODIFY", key=42, new=image, old=image)
    data = Redaction(["id", "all"], SECRET).redact(before)["dynamodb"]
    assert data["Keys"]["id"] == data["NewImage"]["id"] == data["OldImage"]["id"]
    assert data["NewImage"]["all"]["NS"][1] == data["Keys"]["id"]["N"]
    assert data["Keys"]["id"]["N"].isdigit()


def test_a_value_of_another_type_or_with_another_secret_has_another_replacement() -> None:
    text = redacted({"a": {"S": "12"}, "b": {"N": "12"}}, "a", "b")
    assert text["a"]["S"].startswith("redacted-")
    assert text["b"]["N"] not in text["a"]["S"]
    assert redacted({"a": {"S": "12"}}, "a", secret=b"another") != {"a": text["a"]}


def test_a_flag_says_nothing_any_more() -> None:
    assert redacted({"a": {"BOOL": True}, "b": {"NULL": True}}, "*") == {"a": {"BOOL": False}, "b": {"NULL": True}}


ORDER = {
    "customer": {"M": {"email": {"S": "ada"}, "id": {"N": "17"}}},
    "lines": {"L": [{"M": {"note": {"S": "ring twice"}, "sku": {"S": "A"}}}, {"S": "odd one"}]},
    "a.b": {"S": "dotted"},
    "*": {"S": "a star"},
    "a\nb": {"S": "two lines"},
}


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("customer.email", {"ada"}),
        ("customer", {"ada", "17"}),
        ("customer.*", {"ada", "17"}),
        ("*.email", {"ada"}),
        ("lines.*.note", {"ring twice"}),
        ("lines.*", {"ring twice", "A", "odd one"}),
        (r"a\.b", {"dotted"}),
        (r"\*", {"a star"}),
        ("a\nb", {"two lines"}),
        ("a\\\nb", {"two lines"}),
        ("*", {"ada", "17", "ring twice", "A", "odd one", "dotted", "a star", "two lines"}),
        ("a.b", set()),
        ("lines.note", set()),
        ("customer.email.host", set()),
    ],
)
def test_a_path_leads_where_it_says(path: str, gone: set[str]) -> None:
    redaction = Redaction([path], SECRET)
    new = redaction.redact(record(1, new=ORDER))["dynamodb"]["NewImage"]
    assert set(contents(ORDER)) - set(contents(new)) == gone
    assert redaction.unmatched == (set() if gone else {path})


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a\\", "\\"])
def test_a_path_that_names_nothing_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path of an item: write names separated by dots"):
        Redaction([path], SECRET)


def test_images_that_are_no_objects_and_records_without_images_stay() -> None:
    bare = record(1, view_type="KEYS_ONLY", NewImage=None)
    assert Redaction(["name"], SECRET).redact(bare) == bare


@settings(max_examples=25)
@given(st.lists(images, min_size=1, max_size=5), st.sampled_from([["*"], ["a", "b.*"], ["id"]]))
def test_a_redacted_recording_replays(many: list[dict[str, Any]], paths: list[str]) -> None:
    redaction = Redaction(paths, SECRET)
    before = [record(number, new={**image, "id": {"N": str(number)}}) for number, image in enumerate(many, 1)]
    seen: list[str] = []

    @stream_handler(maximum_retry_attempts=0)
    def handler(change: Change) -> None:
        seen.append(change.meta.sequence_number)

    runner = LocalRunner(handler, [redaction.redact(one) for one in before])
    runner.run()
    assert runner.discarded == []
    assert seen == [one["dynamodb"]["SequenceNumber"] for one in before]
