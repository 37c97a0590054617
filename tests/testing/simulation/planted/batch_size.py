"""Dependence on the batch size: an average of each batch's average is right while everything comes in one batch."""

import sqlite3

from pydantic import BaseModel

from streamkit import Insert, stream_handler
from streamkit.local import LocalTable

database = sqlite3.connect(":memory:", isolation_level=None)


class Rating(BaseModel):
    id: int
    stars: int


@stream_handler(batch_size=100)
def broken(changes: list[Insert[Rating]]) -> None:
    if not changes:
        return
    average = sum(change.new.stars for change in changes) / len(changes)
    database.execute("INSERT OR REPLACE INTO averages VALUES (?, ?)", (changes[0].meta.event_id, average))


@stream_handler(batch_size=100)
def mended(changes: list[Insert[Rating]]) -> None:
    rows = [(change.meta.event_id, change.new.stars) for change in changes]
    database.executemany("INSERT OR REPLACE INTO averages VALUES (?, ?)", rows)


def setup() -> None:
    database.executescript("DROP TABLE IF EXISTS averages; CREATE TABLE averages (id TEXT PRIMARY KEY, stars REAL)")


def check(table: LocalTable) -> None:
    given = [int(r["dynamodb"]["NewImage"]["stars"]["N"]) for r in table.records if r["eventName"] == "INSERT"]
    (average,) = database.execute("SELECT avg(stars) FROM averages").fetchone()
    expected = sum(given) / len(given) if given else None
    assert average == expected or abs(average - expected) < 1e-9


OPTIONS = {"setup": setup}


def a_day(table: LocalTable) -> None:
    for number, stars in enumerate((5, 4, 1)):
        table.put({"id": number, "stars": stars})
