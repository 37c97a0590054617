"""Filters in a mapping: refused where Lambda refuses them, warned of where no record can match."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from streamkit import Change, EventSourceMapping, FilterPatternWarning, stream_handler
from streamkit.filterlint import never_matches
from streamkit.local import LocalRunner, LocalTable
from streamkit.settingchecks import flaws_of
from tests.filterstrategies import criteria_of

SOUND = criteria_of({"eventName": ["INSERT"]})
USELESS = criteria_of({"eventName": ["insert"]}, {"dynamodb": {"NewImage": {"age": {"N": [{"numeric": [">", 5]}]}}}})
BAD = criteria_of({"eventName": "INSERT"})
REFUSAL = 'eventName: "INSERT" must be a list of the values to match: put it in a list: ["INSERT"]'


def warned_mapping() -> EventSourceMapping:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FilterPatternWarning)
        return EventSourceMapping(filter_criteria=USELESS)


def test_a_bad_pattern_is_a_flaw_of_the_settings_and_refused_by_the_mapping() -> None:
    assert flaws_of({"filter_criteria": BAD}) == [f"filter_criteria: Invalid filter pattern definition: {REFUSAL}"]
    with pytest.raises(ValidationError) as caught:
        EventSourceMapping(filter_criteria=BAD)
    assert f"Invalid filter pattern definition: {REFUSAL}" in str(caught.value)


def test_a_bad_pattern_is_refused_when_a_handler_is_decorated() -> None:
    with pytest.raises(ValidationError, match="Invalid filter pattern definition: eventName"):

        @stream_handler(filter_criteria=BAD)
        def handler(change: Change) -> None: ...


@pytest.mark.parametrize(
    "make",
    [
        lambda: EventSourceMapping(filter_criteria=USELESS),
        lambda: EventSourceMapping.model_validate({"FilterCriteria": USELESS}),
        lambda: EventSourceMapping.model_validate({"FilterCriteria": USELESS}, context={"warned": False}),
        lambda: EventSourceMapping.model_validate({"FilterCriteria": USELESS}, context="another's"),
    ],
)
def test_a_mapping_warns_once_of_every_part_that_never_matches_where_it_is_made(make: Any) -> None:
    with pytest.warns(FilterPatternWarning) as caught:
        make()
    assert [str(one.message) for one in caught] == never_matches(USELESS)
    assert len(caught) == 2
    assert {one.filename for one in caught} == {__file__}


def test_sound_filters_are_not_warned_of() -> None:
    assert EventSourceMapping(filter_criteria=SOUND).filter_criteria == SOUND


def test_whoever_validates_again_what_was_warned_of_can_say_so() -> None:
    mapping = warned_mapping()
    assert EventSourceMapping.model_validate(mapping.to_aws(), context={"warned": True}) == mapping


def test_a_finished_mapping_is_not_warned_of_again() -> None:
    class Stack(BaseModel):
        mapping: EventSourceMapping

    mapping = warned_mapping()
    assert EventSourceMapping.model_validate(mapping) is mapping
    assert Stack(mapping=mapping).mapping is mapping


def test_a_handler_warns_when_its_mapping_is_first_looked_at_and_not_again() -> None:
    @stream_handler(filter_criteria=USELESS)
    def handler(change: Change) -> None: ...

    with pytest.warns(FilterPatternWarning) as caught:
        assert handler.mapping.filter_criteria == USELESS
    assert len(caught) == 2
    assert handler.mapping.batch_size == 100


def test_a_runner_does_not_warn_again_of_a_mapping_that_it_is_given() -> None:
    mapping = warned_mapping()
    runner = LocalRunner(lambda event, context: None, LocalTable("orders"), mapping)
    assert runner.mapping == mapping


def test_a_runner_warns_of_settings_that_nobody_has_looked_at() -> None:
    with pytest.warns(FilterPatternWarning) as caught:
        LocalRunner(lambda event, context: None, LocalTable("orders"), {"FilterCriteria": USELESS})
    assert len(caught) == 2


def test_the_warning_can_be_silenced_by_its_name() -> None:
    assert issubclass(FilterPatternWarning, UserWarning)


def test_only_a_handler_with_filters_pays_for_them() -> None:
    script = f"""if True:
        import json, sys
        from streamkit import Change, stream_handler
        @stream_handler(batch_size=10)
        def plain(change: Change) -> None: ...
        before = [name for name in sys.modules if name.startswith("streamkit.filter")]
        @stream_handler(filter_criteria={SOUND!r})
        def filtered(change: Change) -> None: ...
        print(json.dumps([before, "streamkit.filters" in sys.modules, "streamkit.filterlint" in sys.modules]))
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    assert json.loads(done.stdout) == [[], True, False]
