"""`handler.mapping` before anybody has looked at it: a stand-in that is told from the mapping by nothing."""

import copy
import json
import pickle
import subprocess
import sys
from typing import Any, cast

import pytest
from pydantic import ValidationError

from streamkit import EventSourceMapping
from streamkit.deferred import DeferredMapping

SETTINGS: dict[str, Any] = {"batch_size": 10, "maximum_retry_attempts": 2}
MAPPING = EventSourceMapping(**SETTINGS)


def deferred(**settings: Any) -> EventSourceMapping:
    """Return a stand-in, typed as what it stands for: so is ``handler.mapping``."""
    return cast("EventSourceMapping", DeferredMapping(settings or SETTINGS))


def test_nothing_is_made_or_checked_before_somebody_looks() -> None:
    mapping = deferred(batch_size=0)
    with pytest.raises(ValidationError, match="BatchSize takes 1 to 10000"):
        mapping.batch_size  # noqa: B018  # the look is what raises


def test_pydantic_is_imported_at_the_first_look_and_no_sooner() -> None:
    script = """if True:
        import json, sys
        from streamkit.deferred import DeferredMapping
        mapping = DeferredMapping({"batch_size": 10})
        before = "pydantic" in sys.modules
        size = mapping.batch_size
        print(json.dumps([before, size, "pydantic" in sys.modules]))
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    assert json.loads(done.stdout) == [False, 10, True]


def test_the_mapping_is_made_once() -> None:
    stand_in = DeferredMapping(SETTINGS)
    assert stand_in.resolve() is stand_in.resolve()
    assert type(stand_in.resolve()) is EventSourceMapping


def test_it_has_all_that_the_mapping_has() -> None:
    mapping = deferred()
    assert (mapping.batch_size, mapping.maximum_retry_attempts, mapping.enabled) == (10, 2, True)
    assert mapping.to_aws() == MAPPING.to_aws()
    assert mapping.settings() == MAPPING.settings()
    assert mapping.model_dump() == MAPPING.model_dump()
    assert mapping.model_copy(update={"batch_size": 20}) == EventSourceMapping(batch_size=20, maximum_retry_attempts=2)
    assert mapping.model_fields_set == {"batch_size", "maximum_retry_attempts"}
    assert dir(mapping) == dir(MAPPING)
    assert list(mapping) == list(MAPPING)


def test_it_is_an_event_source_mapping() -> None:
    assert isinstance(deferred(), EventSourceMapping)
    assert deferred().__class__ is EventSourceMapping
    assert EventSourceMapping.model_validate(deferred()) == MAPPING


def test_it_has_nothing_that_the_mapping_does_not_have() -> None:
    assert not hasattr(deferred(), "batchsize")
    with pytest.raises(AttributeError, match="'EventSourceMapping' object has no attribute 'batchsize'"):
        getattr(deferred(), "batchsize")  # noqa: B009  # a type checker would refuse it


def test_it_cannot_be_changed_either() -> None:
    mapping = deferred()
    with pytest.raises((AttributeError, ValidationError)):
        mapping.batch_size = 20  # type: ignore[misc]  # what is refused
    assert mapping.batch_size == 10


def test_it_is_equal_to_the_mapping_from_either_side() -> None:
    assert deferred() == MAPPING
    assert MAPPING == deferred()  # noqa: SIM300  # the other side's turn to compare
    assert deferred() == deferred()
    assert deferred() != EventSourceMapping()
    assert EventSourceMapping() != deferred()
    assert deferred() != deferred(batch_size=20)
    assert DeferredMapping(SETTINGS) != SETTINGS


def test_it_has_a_hash_exactly_if_the_mapping_has() -> None:
    def hash_or_error(thing: object) -> object:
        try:
            return hash(thing)
        except TypeError as error:
            return str(error)

    assert hash_or_error(deferred()) == hash_or_error(MAPPING)


def test_its_text_is_the_mappings() -> None:
    assert repr(deferred()) == repr(MAPPING)
    assert str(deferred()) == str(MAPPING)
    assert f"{deferred()}" == f"{MAPPING}"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda mapping: pickle.loads(pickle.dumps(mapping))])  # noqa: S301  # our own bytes
def test_what_is_copied_or_sent_to_another_process_is_the_mapping_itself(duplicate: Any) -> None:
    again = duplicate(deferred())
    assert type(again) is EventSourceMapping
    assert again == MAPPING
