"""Mappings made, changed, deleted, listed, and their server ended and begun again, in any order.

Against a plain model: one mapping for each stream and function, old values until the new ones hold, lasting states in
the end, nothing lost over a restart.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streamkit.local.streams import livestream
from tests.api.serverbuild import ACCOUNT, FOREVER, REGION, Served, eventually, refused, stream_arn

TABLES = st.sampled_from(["orders", "customers"])
NAMES = ["orders", "other", "orders:live"]
FUNCTIONS = st.sampled_from(NAMES)
CHANGES = st.fixed_dictionaries(
    {}, optional={"BatchSize": st.integers(1, 5), "Enabled": st.booleans(), "FunctionName": FUNCTIONS}
)
WHICH = st.integers(0, 9)


def arn_of(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


@dataclass
class Known:
    """What the model knows of a mapping."""

    uuid: str
    table: str
    function: str
    batch_size: int
    enabled: bool
    state: str = "Creating"
    pending: dict[str, Any] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    """Every one that it ever had."""

    def settle(self) -> None:
        self.function = self.pending.get("FunctionName", self.function)
        self.functions.add(self.function)
        self.batch_size = self.pending.get("BatchSize", self.batch_size)
        self.enabled = self.pending.get("Enabled", self.enabled)
        self.pending = {}
        self.state = "Enabled" if self.enabled else "Disabled"


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(livestream, "_DISCOVER_CHILDREN", 0.005)
        self.served = self._stack.enter_context(Served(Path(folder)))
        self.known: list[Known] = []
        self.frozen = False

    @initialize()
    def begin(self) -> None:
        for table in ("orders", "customers"):
            self.served.streams.open(table)

    def teardown(self) -> None:
        try:
            self.thaw()
            for one in self.known:
                if one.enabled and one.state != "Deleting":
                    self._delivered(one)
        finally:
            self._stack.close()

    @rule(table=TABLES, function=FUNCTIONS, enabled=st.booleans(), batch_size=st.integers(1, 5))
    def create(self, table: str, function: str, enabled: bool, batch_size: int) -> None:
        def create() -> dict[str, Any]:
            return self.served.create(function, table, Enabled=enabled, BatchSize=batch_size)

        if self._taken(table, function):
            assert refused(create)[0] == "ResourceConflictException"
            return
        made = create()
        self.known.append(Known(made["UUID"], table, function, batch_size, enabled, functions={function}))
        self._looks(self.known[-1], made)
        self._go_on()

    @precondition(lambda self: self.known)
    @rule(which=WHICH, changes=CHANGES)
    def update(self, which: int, changes: dict[str, Any]) -> None:
        one = self._one(which)
        name = changes.get("FunctionName")
        if name is not None and self._taken(one.table, name, beside=one):
            assert refused(lambda: self.served.update(one.uuid, **changes))[0] == "ResourceConflictException"
            return
        if one.state not in ("Enabled", "Disabled"):
            assert refused(lambda: self.served.update(one.uuid, **changes))[0] == "ResourceInUseException"
            return
        answer = self.served.update(one.uuid, **changes)
        wanted = changes.get("Enabled", one.enabled)
        one.state = "Updating" if wanted == one.enabled else "Enabling" if wanted else "Disabling"
        one.pending = changes
        self._looks(one, answer)
        self._go_on()

    @precondition(lambda self: self.known)
    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        one = self._one(which)
        if one.state not in ("Enabled", "Disabled"):
            assert refused(lambda: self.served.mappings.delete(one.uuid))[0] == "ResourceInUseException"
            return
        answer = self.served.mappings.delete(one.uuid)
        one.state = "Deleting"
        self._looks(one, answer)
        self._go_on()

    @rule(table=TABLES, count=st.integers(1, 7))
    def write(self, table: str, count: int) -> None:
        self.served.streams.by_arn[stream_arn(table)].put(count=count)

    @rule()
    def freeze(self) -> None:
        """Let everything that begins from now on stay as it is."""
        self.served.restart(FOREVER)
        self.frozen = True

    @rule()
    def thaw(self) -> None:
        self.served.restart()
        self.frozen = False
        self._go_on()

    @rule(page=st.integers(1, 3), name=st.none() | FUNCTIONS, table=st.none() | TABLES)
    def list_pages(self, page: int, name: str | None, table: str | None) -> None:
        found: list[str] = []
        arn = None if table is None else stream_arn(table)
        answer: dict[str, Any] = {"NextMarker": None}
        while "NextMarker" in answer:
            answer = self.served.mappings.list(arn, name, answer["NextMarker"], str(page))
            assert len(answer["EventSourceMappings"]) <= page
            found += [one["UUID"] for one in answer["EventSourceMappings"]]
        assert found == [one.uuid for one in self.known if name in (None, one.function) and table in (None, one.table)]

    @invariant()
    def every_mapping_is_as_the_model_knows_it(self) -> None:
        listed = self.served.mappings.list()["EventSourceMappings"]
        assert [one["UUID"] for one in listed] == [one.uuid for one in self.known]
        for one, seen in zip(self.known, listed, strict=True):
            self._looks(one, seen)

    def _looks(self, one: Known, seen: dict[str, Any]) -> None:
        assert seen["State"] == one.state
        assert (seen["FunctionArn"], seen["BatchSize"]) == (arn_of(one.function), one.batch_size)

    def _one(self, which: int) -> Known:
        return self.known[which % len(self.known)]

    def _taken(self, table: str, function: str, beside: Known | None = None) -> bool:
        others = [one for one in self.known if one.table == table and one is not beside]
        return any(function in (one.function, one.pending.get("FunctionName")) for one in others)

    def _go_on(self) -> None:
        """Wait until everything has settled, unless it is frozen."""
        if self.frozen:
            return
        for one in list(self.known):
            if one.state == "Deleting":
                self.served.gone(one.uuid)
                self.known.remove(one)
            else:
                one.settle()
                self.served.settled(one.uuid)

    def _delivered(self, one: Known) -> None:
        """Wait until every record of the stream went to one of the functions that the mapping had."""
        numbers = set(self.served.streams.by_arn[stream_arn(one.table)].shards["shard-1"].numbers)
        mine = [arn_of(name) for name in one.functions]
        eventually(lambda: {number for arn in mine for number in self.served.handler.under(arn)}, numbers.__le__)


Life.TestCase.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLife = Life.TestCase
