"""ListEventSourceMappings: what is looked for, and page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Answers, Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.outside.serving import Around, Server

TABLES = ("table-a", "table-b", "table-c", "table-d", "table-e")
ARN = "arn:aws:lambda:us-east-2:123456789012:function:my-function"


class Shelf:
    """Mappings of some tables to `my-function`; one of the tables has one to its alias and one to `typed` besides."""

    def __init__(self, around: Around, mappings: Mappings) -> None:
        self.streams = {name: around.table(name) for name in TABLES}
        self.of = {name: mappings.made(stream, Enabled=False) for name, stream in self.streams.items()}
        self.alias = mappings.made(self.streams["table-a"], "my-function:live", Enabled=False)
        self.typed = mappings.made(self.streams["table-a"], "typed", Enabled=False)


@pytest.fixture(scope="module")
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


@pytest.fixture(scope="module")
def shelf(around: Around, mappings: Mappings) -> Shelf:
    return Shelf(around, mappings)


def test_without_a_word_all_are_listed_as_get_answers_them(shelf: Shelf, mappings: Mappings) -> None:
    answer = mappings.client.list_event_source_mappings()
    assert "NextMarker" not in answer
    listed = {one["UUID"]: one for one in answer["EventSourceMappings"]}
    assert set(listed) == {*shelf.of.values(), shelf.alias, shelf.typed}
    for uuid, one in listed.items():
        got = mappings.get(uuid)
        del got["ResponseMetadata"]
        assert one == got


def test_those_of_a_stream(shelf: Shelf, mappings: Mappings) -> None:
    assert set(mappings.listed(EventSourceArn=shelf.streams["table-a"])) == {
        shelf.of["table-a"],
        shelf.alias,
        shelf.typed,
    }
    assert mappings.listed(EventSourceArn=shelf.streams["table-b"]) == [shelf.of["table-b"]]
    assert mappings.listed(EventSourceArn=f"{shelf.streams['table-b']}0") == []


@pytest.mark.parametrize("name", ["my-function", ARN, "123456789012:my-function", "123456789012:function:my-function"])
def test_a_name_without_qualifier_does_not_list_those_of_an_alias(name: str, shelf: Shelf, mappings: Mappings) -> None:
    assert set(mappings.listed(FunctionName=name)) == set(shelf.of.values())


@pytest.mark.parametrize("name", ["my-function:live", f"{ARN}:live", "123456789012:function:my-function:live"])
def test_a_qualifier_lists_its_own_only(name: str, shelf: Shelf, mappings: Mappings) -> None:
    assert mappings.listed(FunctionName=name) == [shelf.alias]


def test_a_stream_and_a_function_together(shelf: Shelf, mappings: Mappings) -> None:
    assert mappings.listed(EventSourceArn=shelf.streams["table-a"], FunctionName="typed") == [shelf.typed]
    assert mappings.listed(EventSourceArn=shelf.streams["table-b"], FunctionName="typed") == []


@pytest.mark.usefixtures("shelf")
def test_a_function_that_there_is_not_has_no_mappings(mappings: Mappings) -> None:
    # Unknown of AWS: the mappings of a deleted function stay (SEMANTICS §1), so that to look for them is no mistake.
    assert mappings.listed(FunctionName="nobody") == []


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8, 100, 10_000])
def test_pages_hold_each_mapping_once(size: int, shelf: Shelf, mappings: Mappings) -> None:
    pages: list[list[str]] = []
    marker: dict[str, Any] = {}
    while True:
        answer = mappings.client.list_event_source_mappings(MaxItems=size, **marker)
        pages.append([one["UUID"] for one in answer["EventSourceMappings"]])
        if "NextMarker" not in answer:
            break
        marker = {"Marker": answer["NextMarker"]}
    together = [uuid for page in pages for uuid in page]
    assert len(together) == len(set(together)) == len(shelf.of) + 2
    assert all(len(page) == size for page in pages[:-1])
    assert 0 < len(pages[-1]) <= size


def test_pages_of_a_choice_go_on_with_that_choice(shelf: Shelf, mappings: Mappings) -> None:
    paginator = mappings.client.get_paginator("list_event_source_mappings")
    pages = list(paginator.paginate(FunctionName="my-function", PaginationConfig={"PageSize": 2}))
    assert [len(page["EventSourceMappings"]) for page in pages] == [2, 2, 1]
    assert {one["UUID"] for page in pages for one in page["EventSourceMappings"]} == set(shelf.of.values())


@pytest.mark.parametrize("change", [{"MaxItems": 0}, {"MaxItems": 10_001}, {"MaxItems": "many"}, {"Marker": "nowhere"}])
def test_a_page_that_there_cannot_be_is_refused(change: dict[str, Any], server: Server) -> None:
    with Mappings(server, checked=False) as mappings:
        answers = Answers(mappings.client)
        with pytest.raises(mappings.errors.ClientError):
            mappings.listed(**change)
        assert answers.statuses == [400]


def test_a_mapping_that_is_deleted_between_two_pages_costs_no_other(around: Around, mappings: Mappings) -> None:
    streams = [around.table(f"pages-{index}") for index in range(4)]
    uuids = [mappings.made(stream, "echo", Enabled=False) for stream in streams]
    first = mappings.client.list_event_source_mappings(FunctionName="echo", MaxItems=2)
    seen = [one["UUID"] for one in first["EventSourceMappings"]]
    mappings.deleted(seen[-1])
    rest = mappings.listed(FunctionName="echo", Marker=first["NextMarker"])
    assert sorted([*seen, *rest]) == sorted(uuids)
    for uuid in set(uuids) - {seen[-1]}:
        mappings.deleted(uuid)
