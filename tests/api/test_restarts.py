"""A server that ends and begins again with the same state file: every mapping goes on where it was."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.local.checkpoints import mappings_in
from tests.api.serverbuild import FOREVER, LONG, Served, eventually, hurried, refused, served, stream_arn, without

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hurried", "served"]

SOON = ("State", "LastModified")


def test_a_mapping_goes_on_from_its_checkpoint_and_what_came_meanwhile_is_delivered(served: Served) -> None:
    stream = served.streams.by_arn[stream_arn()]
    first = stream.put(count=3)
    made = served.created()
    served.handled(first)
    before = eventually(lambda: served.mappings.get(made), lambda seen: seen["LastProcessingResult"] == "OK")
    served.end()
    later = stream.put(count=3)
    served.start()
    assert served.mappings.get(made) == before
    served.handled(later)
    assert served.handler.numbers == first + later


def test_latest_is_when_the_mapping_was_made_and_not_when_the_server_began_again(served: Served) -> None:
    stream = served.streams.by_arn[stream_arn()]
    # It is their times that say so, with some doubt about clocks.
    stream.put(count=3, at=datetime.now(UTC) - timedelta(hours=1))
    served.created(StartingPosition="LATEST")
    served.end()
    later = stream.put(count=3)
    served.start()
    served.handled(later)
    assert served.handler.numbers == later


def test_a_disabled_mapping_stays_so(served: Served) -> None:
    made = served.created(Enabled=False)
    numbers = served.streams.by_arn[stream_arn()].put(count=3)
    served.restart()
    assert served.state(made) == "Disabled"
    served.updated(made, Enabled=True)
    served.handled(numbers)
    assert served.handler.numbers == numbers


def test_one_that_was_being_created_is_created(served: Served) -> None:
    numbers = served.streams.by_arn[stream_arn()].put(count=3)
    served.restart(FOREVER)
    made = served.create()
    served.restart(FOREVER)
    assert served.mappings.get(made["UUID"])["State"] == "Creating"
    served.restart()
    assert without(served.settled(made["UUID"]), *SOON, "LastProcessingResult") == without(
        made, *SOON, "LastProcessingResult"
    )
    served.handled(numbers)
    assert served.handler.numbers == numbers


@pytest.mark.parametrize(
    ("before", "change", "state", "afterwards"),
    [
        (True, {"BatchSize": 7}, "Updating", "Enabled"),
        (True, {"BatchSize": 7, "Enabled": False}, "Disabling", "Disabled"),
        (False, {"BatchSize": 7, "Enabled": True}, "Enabling", "Enabled"),
    ],
)
def test_an_update_that_was_under_way_is_done(
    served: Served, before: bool, change: dict[str, Any], state: str, afterwards: str
) -> None:
    made = served.created(Enabled=before)
    served.restart(FOREVER)
    served.update(made, **change)
    served.restart(FOREVER)
    assert (served.state(made), served.mappings.get(made)["BatchSize"]) == (state, 100)
    served.restart()
    now = served.settled(made)
    assert (now["State"], now["BatchSize"]) == (afterwards, 7)
    numbers = served.streams.by_arn[stream_arn()].put(count=7)
    if afterwards == "Enabled":
        served.handled(numbers)
    else:
        assert served.handler.calls == []


def test_an_update_that_was_done_but_for_its_state_is_brought_to_its_end(served: Served) -> None:
    made = served.created(BatchSize=7)
    served.end()
    # As after a kill between the two.
    with closing(sqlite3.connect(served.path)) as db, db:
        (text,) = db.execute("SELECT mapping FROM mappings").fetchone()
        db.execute("UPDATE mappings SET mapping = ?", (json.dumps(json.loads(text) | {"State": "Updating"}),))
    served.start()
    assert served.settled(made)["BatchSize"] == 7
    assert served.updated(made, BatchSize=8)["BatchSize"] == 8


def test_one_that_was_being_deleted_is_deleted_and_delivers_nothing_more(served: Served) -> None:
    made = served.created()
    served.restart(FOREVER)
    served.mappings.delete(made)
    served.streams.by_arn[stream_arn()].put(count=3)
    served.restart(FOREVER)
    assert served.state(made) == "Deleting"
    served.restart()
    served.gone(made)
    assert served.handler.calls == []
    assert mappings_in(served.path) == set()


def test_one_whose_last_call_outlives_the_server_is_deleted_by_the_next(tmp_path: Path, hurried: None) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    with Served(tmp_path) as served:
        served.handler.during = during
        served.streams.open(count=1)
        made = served.created()
        assert begun.wait(LONG)
        served.mappings.delete(made)
        assert not served.mappings.close(0.0)
        let_go.set()
        assert served.mappings.close(LONG)
        assert served.state(made) == "Deleting"
        served.restart()
        served.gone(made)


def test_what_a_call_has_to_say_after_the_end_is_no_trouble(tmp_path: Path, hurried: None) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def during(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    with Served(tmp_path) as served:
        served.handler.during = during
        numbers = served.streams.open(count=1).shards["shard-1"].numbers
        made = served.created()
        assert begun.wait(LONG)
        served.grace = 0.0
        served.end()
        let_go.set()
        (working,) = [one for one in threading.enumerate() if one.name == f"mapping-{made}"]
        working.join(LONG)
        assert not working.is_alive()
        served.grace = LONG
        served.start()
        # Done with after all: its checkpoint was written.
        assert served.mappings.get(made)["LastProcessingResult"] == "No records processed"
        assert served.handler.numbers == numbers
        more = served.streams.by_arn[stream_arn()].put()
        served.handled(more)
        assert served.handler.numbers == numbers + more


def test_a_creation_that_waits_for_its_stream_at_the_end_is_no_trouble(served: Served) -> None:
    opened = threading.Event()

    # The first call is the look-up's.
    served.streams.by_arn[stream_arn()].troubles.extend([None, lambda: opened.wait(LONG)])
    made = served.create()["UUID"]
    served.grace = 0.0
    served.end()
    opened.set()
    for thread in [one for one in threading.enumerate() if one.name == f"transition-{made}"]:
        thread.join(LONG)
    served.grace = LONG
    served.start()
    assert served.settled(made)["State"] == "Enabled"


def test_a_function_that_the_new_server_does_not_have_leaves_its_mapping_and_records_waiting(
    tmp_path: Path, hurried: None
) -> None:
    with Served(tmp_path) as first:
        first.streams.open()
        made = first.created("other")
    with Served(tmp_path, ("orders",)) as without_it:
        without_it.streams = first.streams
        without_it.restart()
        assert without_it.state(made) == "Enabled"
        eventually(
            lambda: (
                [line for line in without_it.said if "Function not found" in line]
                or first.streams.by_arn[stream_arn()].put()
            )
        )
        assert without_it.handler.calls == []
        assert without_it.updated(made, BatchSize=7)["BatchSize"] == 7
    first.start()
    first.handled(first.streams.by_arn[stream_arn()].shards["shard-1"].numbers)
    first.end()


def test_a_stream_that_is_gone_when_the_server_begins_again_leaves_its_mapping_enabled(served: Served) -> None:
    made = served.created()
    served.end()
    del served.streams.by_arn[stream_arn()]
    served.start()
    eventually(lambda: [line for line in served.said if "it waits to be deleted" in line])
    assert served.state(made) == "Enabled"
    assert served.updated(made, BatchSize=3)["BatchSize"] == 3
    served.deleted(made)
    assert refused(lambda: served.mappings.get(made))[1] == 404
