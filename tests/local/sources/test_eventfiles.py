from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.local.records import RecordError
from streamkit.local.sources.eventfiles import read_recorded
from tests.local.builders import lambda_record

ONE, TWO, THREE = lambda_record(1), lambda_record(2), lambda_record(3)


def read(text: str | bytes) -> list[tuple[Any, str]]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_recorded(data.splitlines(keepends=True), "events.json"))


def refusal(text: str | bytes) -> str:
    with pytest.raises(RecordError) as caught:
        read(text)
    return str(caught.value)


def test_an_event_is_read_record_by_record() -> None:
    pretty = json.dumps({"Records": [ONE, TWO]}, indent=2)
    assert read(pretty) == [(ONE, "events.json, record 1"), (TWO, "events.json, record 2")]


def test_a_list_of_records_is_read() -> None:
    assert read(json.dumps([ONE, TWO], indent=1)) == [(ONE, "events.json, record 1"), (TWO, "events.json, record 2")]


def test_a_single_record_over_several_lines_is_read() -> None:
    assert read(json.dumps(ONE, indent=2)) == [(ONE, "events.json")]


def test_json_lines_may_be_records_events_and_lists_in_turn() -> None:
    lines = [json.dumps(ONE), json.dumps({"Records": [TWO]}), json.dumps([THREE])]
    assert read("\n".join(lines)) == [
        (ONE, "events.json, line 1"),
        (TWO, "events.json, line 2, record 1"),
        (THREE, "events.json, line 3, record 1"),
    ]


def test_blank_lines_are_passed_over_and_counted() -> None:
    text = f"\n\n{json.dumps(ONE)}\n   \n{json.dumps(TWO)}\n\n"
    assert read(text) == [(ONE, "events.json, line 3"), (TWO, "events.json, line 5")]


def test_an_event_without_records_has_none() -> None:
    assert read('{"Records": []}') == []


@pytest.mark.parametrize("text", [json.dumps(ONE), json.dumps(ONE, indent=2)])
def test_a_byte_order_mark_is_passed_over(text: str) -> None:
    assert [record for record, _ in read(b"\xef\xbb\xbf" + text.encode())] == [ONE]


def test_json_lines_are_read_as_they_come() -> None:
    def endless() -> Any:
        while True:
            yield json.dumps(ONE).encode()

    recorded = read_recorded(endless(), "-")
    assert [next(recorded)[1] for _ in range(3)] == ["-, line 1", "-, line 2", "-, line 3"]


# A line of JSON lines, and its records with how their places go on.
FORMS: dict[str, list[tuple[Any, str]]] = {
    json.dumps(ONE): [(ONE, "")],
    json.dumps({"Records": [TWO, THREE]}): [(TWO, ", record 1"), (THREE, ", record 2")],
    json.dumps([THREE]): [(THREE, ", record 1")],
    '{"eventSource": "aws:sqs"}': [({"eventSource": "aws:sqs"}, "")],
    "[]": [],
    "": [],
    " \t\x0b": [],
}


@given(st.lists(st.sampled_from(list(FORMS)), min_size=1, max_size=6), st.integers(1, 70))
def test_json_lines_are_read_as_each_line_says_however_many_they_are(forms: list[str], times: int) -> None:
    lines = [json.dumps(ONE), *forms * times, json.dumps(TWO) + " \x0b"]
    expected = [(ONE, "events.json, line 1")]
    for number, line in enumerate(lines[1:-1], 2):
        expected += [(value, f"events.json, line {number}{rest}") for value, rest in FORMS[line]]
    found = list(read_recorded([line.encode() + b"\n" for line in lines], "events.json"))
    assert found == [*expected, (TWO, f"events.json, line {len(lines)}")]


@pytest.mark.parametrize("number", [2, 101, 102, 250])
def test_a_damaged_line_far_down_is_named_after_the_records_before_it(number: int) -> None:
    lines = [json.dumps(ONE)] * 300
    lines[number - 1] = "{oops"
    recorded = read_recorded([line.encode() for line in lines], "{name}")
    assert [next(recorded)[1] for _ in range(number - 1)][-1] == f"{{name}}, line {number - 1}"
    with pytest.raises(RecordError, match=f"^{{name}}, line {number} is not JSON"):
        next(recorded)


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_empty_input_is_refused_with_what_is_expected(text: str) -> None:
    assert refusal(text).startswith("events.json is empty: expected a Lambda event")


def test_a_line_that_is_cut_off_is_named() -> None:
    text = refusal(json.dumps(ONE) + "\n\n" + json.dumps(TWO)[:40])
    assert text.startswith("events.json, line 3 is not JSON")
    assert "cut off" in text
    assert json.dumps(TWO)[:20] in text


@pytest.mark.parametrize("blank", [0, 1, 3])
def test_a_damaged_first_line_of_json_lines_is_named_and_not_the_second(blank: int) -> None:
    text = "\n" * blank + json.dumps(ONE)[:40] + "\n" + json.dumps(TWO) + "\n" + json.dumps(THREE) + "\n"
    assert refusal(text).startswith(f"events.json, line {blank + 1} is not JSON")


@pytest.mark.parametrize("blank", [0, 1, 3])
def test_the_line_of_an_error_in_a_document_is_that_of_the_file(blank: int) -> None:
    text = "\n" * blank + '{"Records": [\n\n\n  oops\n]}\n'
    assert refusal(text).startswith(f"events.json, line {blank + 4} is not JSON")


def test_a_document_that_is_cut_off_says_so() -> None:
    text = refusal(json.dumps({"Records": [ONE]}, indent=2)[:-20])
    assert "is not JSON" in text
    assert "cut off" in text


@pytest.mark.parametrize(
    ("text", "found"),
    [('{"detail": 1, "time": 2}', "detail, time"), ("{}", "nothing"), ('{"Records": {}}', "Records")],
)
def test_an_object_that_is_neither_event_nor_record_is_refused_by_its_members(text: str, found: str) -> None:
    assert f"(it has {found})" in refusal(text)


def test_a_record_of_another_source_is_left_to_the_records_own_check() -> None:
    assert read('{"eventSource": "aws:kinesis"}') == [({"eventSource": "aws:kinesis"}, "events.json, line 1")]


@pytest.mark.parametrize("text", ["5", '"text"', "null"])
def test_json_that_holds_no_records_is_refused_with_what_it_holds(text: str) -> None:
    assert f"holds {text}:" in refusal(text)
