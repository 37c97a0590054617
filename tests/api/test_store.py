"""The file that keeps mappings."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.api.keptmappings import KeptMappings
from streamkit.api.mappedstream import Surroundings
from streamkit.api.store import MappingStore, StateFileError, Stored
from streamkit.local.aws import AwsAccess
from streamkit.local.checkpoints import CheckpointFile
from streamkit.mapping import EventSourceMapping
from tests.api.serverbuild import stream_arn
from tests.local.builders import Answering

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def mapping(uuid: str, **settings: Any) -> EventSourceMapping:
    return EventSourceMapping.model_validate({"UUID": uuid, "EventSourceArn": stream_arn(), **settings})


def kept(store: MappingStore) -> list[tuple[int, dict[str, Any], Any]]:
    return [(one.number, one.mapping.to_aws(), one.pending) for one in store.load()]


TEXTS = st.text(st.characters())
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "BatchSize": st.integers(1, 10_000),
        "Enabled": st.booleans(),
        "State": st.sampled_from(["Creating", "Enabled", "Deleting"]),
        "LastModified": st.floats(0, 2e9),
        "Tags": st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=3),
        "FilterCriteria": st.just({"Filters": [{"Pattern": '{"eventID": ["ü"]}'}]}),
    },
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 3), SETTINGS, st.none() | SETTINGS), max_size=5), st.sets(st.integers(1, 3)))
def test_what_was_kept_is_there_again_and_what_was_forgotten_is_not(
    tmp_path: Path, saved: Sequence[tuple[int, dict[str, Any], Any]], forgotten: set[int]
) -> None:
    path = tmp_path / "state.db"
    path.unlink(missing_ok=True)
    expected = {}
    with closing(MappingStore(path)) as store:
        for number, values, pending in saved:
            one = mapping(f"mapping-{number}", **values)
            store.save(Stored(number, one, pending))
            expected[number] = (number, one.to_aws(), pending)
        for number in forgotten:
            store.delete(f"mapping-{number}")
            expected.pop(number, None)
    with closing(MappingStore(path)) as store:
        assert kept(store) == [expected[number] for number in sorted(expected)]


def test_it_is_the_file_of_the_checkpoints_too(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with CheckpointFile(path, "stream", "function") as checkpoints:
        checkpoints.save("shard", "5")
    with closing(MappingStore(path)) as store:
        store.save(Stored(1, mapping("one")))
    with CheckpointFile(path, "stream", "function") as checkpoints:
        assert checkpoints.load()["shard"].sequence_number == "5"


def test_what_comes_after_the_end_is_not_kept(tmp_path: Path) -> None:
    store = MappingStore(tmp_path / "state.db")
    store.save(Stored(1, mapping("one")))
    store.close()
    store.save(Stored(2, mapping("two")))
    store.delete("one")
    store.close()
    with closing(MappingStore(tmp_path / "state.db")) as again:
        assert [one.mapping.uuid for one in again.load()] == ["one"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "that is the name of no file"),
        (":memory:", "that is the name of no file"),
        ("missing/state.db", "unable to open database file"),
        ("notes.txt", "file is not a database"),
        (".", "that is the name of no file"),
        ("folder", "unable to open database file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("milk, bread, and quite a lot of other things " * 50, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateFileError) as caught:
        MappingStore(name)
    assert f"the state file {name} cannot be used: {why}; name a file that an earlier `streamkit serve` made" in (
        str(caught.value)
    )


def test_no_two_have_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(MappingStore(path)) as store:
        store.save(Stored(1, mapping("one")))
        with pytest.raises(StateFileError) as caught:
            MappingStore(path)
        assert str(caught.value) == (
            f"the state file {path} is in use by another streamkit serve, and its mappings would deliver everything "
            f"twice: end that one, or name another file"
        )
        # Checkpoints go into it meanwhile.
        with CheckpointFile(path, "stream", "function") as checkpoints:
            checkpoints.save("shard", "5")
        store.save(Stored(2, mapping("two")))
    with closing(MappingStore(path)) as store:
        assert len(store.load()) == 2


def test_a_lock_that_cannot_be_had_for_another_reason_is_told_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "state.db-lock").mkdir()
    with pytest.raises(StateFileError, match="unable to open database file"):
        MappingStore(tmp_path / "state.db")
    (tmp_path / "state.db-lock").rmdir()
    (tmp_path / "state.db-lock").write_text("something else " * 100, encoding="utf-8")
    with pytest.raises(StateFileError, match="file is not a database"):
        MappingStore(tmp_path / "state.db")


def test_a_file_of_another_program_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE mappings (colour TEXT)")
    with closing(MappingStore(path)) as store, pytest.raises(StateFileError, match="no such column: number"):
        store.load()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("mapping", "{"),
        ("mapping", "[]"),
        ("mapping", '{"BatchSize": 0}'),
        ("mapping", '{"Colour": "red"}'),
        ("mapping", None),
        ("pending", "5"),
        ("pending", "{"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_named(tmp_path: Path, column: str, text: str | None) -> None:
    path = tmp_path / "state.db"
    with closing(MappingStore(path)) as store:
        store.save(Stored(1, mapping("one")))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE mappings SET {column} = ?", (text,))  # noqa: S608  # ours
    with closing(MappingStore(path)) as store, pytest.raises(StateFileError) as caught:
        store.load()
    assert f"the state file {path} holds a mapping, one, that cannot be read: " in str(caught.value)
    assert "name another file, or a new one" in str(caught.value)


def test_what_a_mapping_that_is_gone_did_last_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    surroundings = Surroundings(invoker=Closing(), access=AwsAccess(), checkpoints=path, say=lambda _: None)
    with closing(MappingStore(path)) as store:
        known = KeptMappings(store, surroundings)
        one = known.add(mapping("one"))
        known.processed("one", "OK")
        known.remove(one)
        known.processed("one", "PROBLEM: Function call failed")
        assert kept(store) == []
        assert known.all() == []
        again = known.add(mapping("two"))
        known.processed("two", "OK")
        assert again.stored.mapping.last_processing_result == "OK"
        assert json.loads(json.dumps(kept(store)[0][1]))["LastProcessingResult"] == "OK"


class Closing(Answering):
    def close(self) -> None: ...
