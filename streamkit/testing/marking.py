"""Settings of a test: ``@pytest.mark.streamkit(batch_size=1, shards=2)``."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from streamkit.errors import StreamkitError
from streamkit.settings import MappingOptions, MappingUpdates
from streamkit.testing.protocols import RunnerOptions, TableOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pytest

    from streamkit.mapping import EventSourceMapping

__all__ = ["MARK", "MarkError", "Settings", "settings_of"]

MARK = "streamkit"

_MADE_IN_THE_TEST = {
    "checkpoints": "local_runner",
    "clock": "local_table (and its runner)",
    "destination": "local_runner",
    "journal": "local_runner",
}
"""What holds something of a run, and who takes it: a mark's would be shared by all the tests that have the mark."""

_TABLE = TableOptions.__annotations__.keys() - _MADE_IN_THE_TEST.keys()
_RUNNER = RunnerOptions.__annotations__.keys() - _MADE_IN_THE_TEST.keys()
_MAPPING = MappingOptions.__annotations__.keys() | MappingUpdates.__annotations__.keys()


class MarkError(StreamkitError, TypeError):
    """A mark of a test says something that is no setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the marks of a test say, for those who are to go by it. What the test itself says counts before it."""

    table: TableOptions = field(default_factory=TableOptions)
    runner: RunnerOptions = field(default_factory=RunnerOptions)
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def mapping_for(self, handler: Any, given: Any) -> EventSourceMapping | Mapping[str, Any] | None:
        """Return the mapping to run with: the handler's own or the one given, with the settings of the marks.

        A setting that the given one has explicitly stays. Raises what `LocalRunner` raises for a mapping.
        """
        if not self.mapping:
            return given  # type: ignore[no-any-return]  # LocalRunner says what is wrong with it
        from streamkit.local.arguments import checked_mapping  # noqa: PLC0415  # with the whole runner
        from streamkit.mapping import EventSourceMapping  # noqa: PLC0415  # a pydantic model

        mapping = checked_mapping(handler, given)
        explicit: set[str] = set()
        if given is not None:
            explicit = (given if isinstance(given, EventSourceMapping) else mapping).model_fields_set
        changes = {name: value for name, value in self.mapping.items() if name not in explicit}
        # What was not changed was warned of when it was made.
        context = {"warned": "filter_criteria" not in changes}
        return EventSourceMapping.model_validate(mapping.model_dump() | changes, context=context)


def settings_of(marks: Iterable[pytest.Mark]) -> Settings:
    """Return what the marks of a test say, the nearest one first. Raises MarkError for what is no setting."""
    said: dict[str, Any] = {}
    for mark in marks:
        if mark.args:
            raise MarkError(
                f"@pytest.mark.{MARK} takes settings by name, not {', '.join(map(repr, mark.args))}: "
                f"@pytest.mark.{MARK}(batch_size=1, shards=2)"
            )
        for name in mark.kwargs:
            _check(name)
        said = {**mark.kwargs, **said}
    table, runner, mapping = (
        {name: value for name, value in said.items() if name in names} for names in (_TABLE, _RUNNER, _MAPPING)
    )
    return Settings(cast("TableOptions", table), cast("RunnerOptions", runner), mapping)


def _check(name: str) -> None:
    if name in _MADE_IN_THE_TEST:
        raise MarkError(
            f"@pytest.mark.{MARK} takes no {name}: it holds something of a run, and all tests with the mark would "
            f"share it. Give it to {_MADE_IN_THE_TEST[name]} in the test"
        )
    allowed = sorted(_TABLE | _RUNNER | _MAPPING)
    if name not in allowed:
        python = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
        near = get_close_matches(python, allowed, 1)
        meant = f" (is {near[0]} meant?)" if near else ""
        raise MarkError(
            f"@pytest.mark.{MARK} knows no {name}{meant}. Of a table: {', '.join(sorted(_TABLE))}. Of a run: "
            f"{', '.join(sorted(_RUNNER))}. Of the mapping: {', '.join(sorted(_MAPPING))}"
        )
