"""Settings of a test, from its marks."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from pydantic import ValidationError

from streamkit import Change, EventSourceMapping, stream_handler
from streamkit.errors import FilterPatternWarning
from streamkit.settings import READ_ONLY
from streamkit.testing import marking
from streamkit.testing.marking import MarkError, Settings, settings_of
from streamkit.testing.protocols import RunnerOptions, TableOptions


@stream_handler(batch_size=5, maximum_retry_attempts=2)
def handler(change: Change) -> None:
    pass


def settings_from(*marks: dict[str, Any]) -> Settings:
    """Return the settings of marks, the nearest one first."""
    return settings_of([pytest.mark.streamkit(**mark).mark for mark in marks])


def test_settings_belong_to_the_table_the_run_or_the_mapping() -> None:
    settings = settings_from({"shards": 2, "timeout": 3, "faults": {1: "crash"}, "batch_size": 1})
    assert settings == Settings({"shards": 2}, {"timeout": 3, "faults": {1: "crash"}}, {"batch_size": 1})
    assert settings_from() == Settings()


def test_a_nearer_mark_counts_before_one_that_is_farther() -> None:
    assert settings_from({"batch_size": 1}, {"batch_size": 2, "shards": 3}) == Settings(
        {"shards": 3}, mapping={"batch_size": 1}
    )


def test_every_option_has_one_owner_and_every_setting_of_a_mapping_can_be_marked() -> None:
    options = TableOptions.__annotations__.keys() | RunnerOptions.__annotations__.keys()
    mapping = EventSourceMapping.model_fields.keys() - READ_ONLY.values()
    assert not options & mapping
    assert TableOptions.__annotations__.keys() & RunnerOptions.__annotations__.keys() == {"clock"}
    allowed = marking._TABLE | marking._RUNNER | marking._MAPPING
    assert allowed == (options | mapping) - {"checkpoints", "clock", "destination", "journal"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("batchsize", r"knows no batchsize \(is batch_size meant\?\)\. Of a table: key, shard_of, shards, view_type\."),
        ("BatchSize", r"knows no BatchSize \(is batch_size meant\?\)"),
        ("shard", r"knows no shard \(is shards meant\?\)"),
        ("zzz", r"knows no zzz\. Of a table: .* Of a run: cascade_limit, .* Of the mapping: batch_size, "),
        (
            "clock",
            r"takes no clock: .* all tests with the mark would share it\. Give it to local_table \(and its runner\)",
        ),
        ("journal", r"takes no journal: .* Give it to local_runner in the test"),
    ],
)
def test_what_is_no_setting_of_a_mark_is_refused_with_what_is(name: str, says: str) -> None:
    with pytest.raises(MarkError, match=says):
        settings_from({name: 1})


def test_a_mark_takes_its_settings_by_name() -> None:
    with pytest.raises(MarkError, match=r"takes settings by name, not 1, 'a': @pytest\.mark\.streamkit\(batch_size=1"):
        settings_of([pytest.mark.streamkit(1, "a").mark])


def test_without_a_setting_of_the_mapping_the_one_that_is_given_stays_as_it_is() -> None:
    given = {"BatchSize": 7}
    assert settings_from({"shards": 2}).mapping_for(handler, given) is given
    assert settings_from().mapping_for(handler, None) is None


def test_a_marks_settings_are_those_of_the_handler_with_these_in_their_place() -> None:
    mapping = settings_from({"batch_size": 1}).mapping_for(handler, None)
    assert mapping == EventSourceMapping.model_validate(handler.mapping.model_dump() | {"batch_size": 1})
    plain = settings_from({"batch_size": 1}).mapping_for(lambda event, context: None, None)
    assert plain == EventSourceMapping(batch_size=1)


@pytest.mark.parametrize("given", [{"BatchSize": 7}, {"batch_size": 7}, EventSourceMapping(batch_size=7)])
def test_a_setting_of_the_mapping_that_is_given_counts_before_the_marks(given: Any) -> None:
    mapping = settings_from({"batch_size": 1, "maximum_retry_attempts": 0}).mapping_for(handler, given)
    assert mapping == EventSourceMapping(batch_size=7, maximum_retry_attempts=0)


def test_a_setting_that_lambda_would_refuse_is_refused() -> None:
    with pytest.raises(ValidationError, match="1 to 10000"):
        settings_from({"batch_size": 0}).mapping_for(handler, None)


def test_a_filter_is_warned_of_where_it_is_written() -> None:
    never = {"Filters": [{"Pattern": '{"eventName": ["insert"]}'}]}
    with pytest.warns(FilterPatternWarning):
        settings_from({"filter_criteria": never}).mapping_for(handler, None)
    with pytest.warns(FilterPatternWarning):
        given = EventSourceMapping.model_validate({"filter_criteria": never})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        settings_from({"batch_size": 1}).mapping_for(handler, given)
