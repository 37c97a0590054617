"""A swallowed exception: the record counts as handled, and what was to be done with it is never done."""

import logging

from pydantic import BaseModel

from streamkit import Change, Remove, stream_handler
from streamkit.local import LocalTable
from tests.testing.simulation.planted.fakes import SearchIndex

logger = logging.getLogger(__name__)
index = SearchIndex()


class Article(BaseModel):
    id: int
    title: str


@stream_handler
def broken(change: Change[Article]) -> None:
    try:
        if isinstance(change, Remove):
            index.delete(change.old.id)
        else:
            index.put(change.new.id, change.new.title)
    except Exception:
        logger.exception("cannot index %s", change.keys)


@stream_handler
def mended(change: Change[Article]) -> None:
    if isinstance(change, Remove):
        try:
            index.delete(change.old.id)
        except KeyError:
            logger.info("%s was deleted already", change.keys)
    else:
        index.put(change.new.id, change.new.title)


def check(table: LocalTable) -> None:
    assert index.documents == {item["id"]: item["title"] for item in table.items}


def a_day(table: LocalTable) -> None:
    table.put({"id": 1, "title": "streams"})
    table.put({"id": 2, "title": "tables"})
    table.update(1, {"title": "streams, again"})
    table.delete(2)
