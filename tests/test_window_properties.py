"""`@tumbling_window` in any run of the emulator: each window's state is the fold of exactly its records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from streamkit import BatchItemFailure, Insert, Modify, Window, tumbling_window
from streamkit.local import LocalRunner, LocalTable
from streamkit.local.invokers.faults import Fault
from streamkit.local.journal import (
    InvocationFinished,
    InvocationStarted,
    RecordsDiscarded,
    RecordsExpired,
    RecordsRead,
    WindowClosed,
)
from tests.local.builders import after, short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Row = dict[str, Any]
ALWAYS = 1000


class Tally(BaseModel):
    """The numbers of the records that were folded, in their order, in forms that a fold can spoil."""

    seen: list[int] = []
    inner: dict[str, list[Decimal]] = {}
    items: set[str] = set()
    ballast: str = ""

    def add(self, number: int, item: str, ballast: int) -> Tally:
        self.seen.append(number)
        self.inner.setdefault(item, []).append(Decimal(number))
        self.items.add(item)
        self.ballast = "x" * ballast
        return self


@dataclass(kw_only=True)
class Run:
    """A run that can be made again."""

    writes: list[tuple[int, float | None]]
    """Each record's item and time."""
    bad: Mapping[int, int]
    """How often the fold fails at a record."""
    fails_by: str
    """What failing is: to raise, or to return what is no state."""
    spoils: bool
    """Whether the fold changes the state that it is given."""
    ballast: int
    """How many bytes the state has besides: more than 4 kB are not copied, more than 1 MB end the window early."""
    bad_finals: int
    mapping: dict[str, Any]
    form: str
    """What the fold takes: "one" change, "keyed" with by=, "async", or the "whole" batch."""
    policy: Any
    shards: int
    faults: dict[int, Fault]
    seed: int
    finals: list[tuple[str, dict[Any, Tally]]] = field(default_factory=list)
    """The request and the states of every call of the final function."""

    @property
    def keyed(self) -> bool:
        return self.form == "keyed"

    def make(self) -> LocalRunner:
        """Make the run, to its end."""
        self.finals = []
        table = LocalTable("orders", shards=self.shards)
        for number, (item, at) in enumerate(self.writes, 1):
            table.put({"id": item, "n": number}, at=None if at is None else after(at))
        runner = LocalRunner(self._handler(), table, faults=self.faults, seed=self.seed, timeout=60)
        runner.run()
        return runner

    def _handler(self) -> Any:
        fold = self._fold()

        async def fold_later(change: Insert[Row] | Modify[Row], state: Tally) -> Tally:
            return fold(change, state)

        def fold_all(changes: list[Insert[Row] | Modify[Row]], state: Tally) -> Tally:
            for change in changes:
                try:
                    state = fold(change, state)
                except ValueError as error:
                    raise BatchItemFailure(change) from error
            return state

        def even(change: Any) -> bool:
            return bool(change.new["id"] % 2 == 0)

        options: dict[str, Any] = {"by": even} if self.keyed else {}
        function: Any = {"async": fold_later, "whole": fold_all}.get(self.form, fold)
        handler: Any = tumbling_window(seconds=10, on_failure=self.policy, **options, **self.mapping)(function)
        handler.final(self._final)
        return handler

    def _final(self, state: Any, window: Window, context: Any) -> None:
        assert window.is_final
        self.finals.append((context.aws_request_id, state if self.keyed else {None: state}))
        if len(self.finals) <= self.bad_finals:
            raise OSError("the database is down")

    def _fold(self) -> Callable[[Any, Tally], Tally]:
        left = dict(self.bad)

        def fold(change: Insert[Row] | Modify[Row], state: Tally) -> Tally:
            number, item = int(change.new["n"]), str(change.new["id"])
            new = state if self.spoils else state.model_copy(deep=True)
            new.add(number, item, self.ballast)
            if left.get(number, 0):
                left[number] -= 1
                if self.fails_by == "raise":
                    raise ValueError(f"record {number} is bad")
                return None if self.fails_by == "None" else new.model_dump()  # type: ignore[return-value]  # that is it
            return new

        return fold


MAPPINGS = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 8),
        "maximum_retry_attempts": st.integers(0, 4),
        "bisect_batch_on_function_error": st.booleans(),
    }
)
# Mostly none, so that there are batches of several records.
TIMES = st.sampled_from([None, None, None, None, None, -15, 0, 1, 9, 10, 25, 200])
RUNS = st.builds(
    Run,
    writes=st.lists(st.tuples(st.integers(0, 3), TIMES), min_size=1, max_size=12),
    bad=st.dictionaries(st.integers(1, 9), st.sampled_from([1, 2, 3, ALWAYS]), max_size=3),
    fails_by=st.sampled_from(["raise", "raise", "None", "dict"]),
    spoils=st.booleans(),
    ballast=st.sampled_from([0, 0, 0, 9_000, 20_000, 20_000, 20_000, 1_100_000]),
    bad_finals=st.integers(0, 3),
    mapping=MAPPINGS,
    form=st.sampled_from(["one", "one", "keyed", "keyed", "async", "whole"]),
    policy=st.sampled_from(["stop", "raise"]),
    shards=st.sampled_from([1, 1, 2]),
    faults=st.dictionaries(st.integers(1, 15), st.sampled_from(get_args(Fault)), max_size=5),
    seed=st.integers(0, 3),
)


def check_that_each_state_is_the_fold_of_its_windows_records(run: Run, runner: LocalRunner) -> None:
    finals: dict[str, dict[Any, Tally]] = {}
    for request_id, states in run.finals:
        assert finals.setdefault(request_id, states) == states, "a final that is delivered again has the same state"
    items = {number: item for number, (item, _) in enumerate(run.writes, 1)}
    folded: dict[str, list[int]] = {}
    request: dict[str, str] = {}
    published: Counter[int] = Counter()
    for fact in runner.journal:
        if isinstance(fact, InvocationStarted):
            request[fact.shard_id] = fact.request_id
        elif isinstance(fact, InvocationFinished) and fact.sequence_numbers:
            folded.setdefault(fact.shard_id, []).extend(map(short, fact.sequence_numbers[: fact.handled]))
        elif isinstance(fact, WindowClosed):
            numbers = folded.pop(fact.shard_id, [])
            published.update(numbers)
            # A window whose final function was never reached, since each call met a fault.
            if request[fact.shard_id] in finals:
                check_states(finals.pop(request[fact.shard_id]), numbers, items, keyed=run.keyed)
            else:
                assert fact.how == "discarded"
    assert finals == {}
    assert folded == {}
    given_up: Counter[int] = Counter()
    read: Counter[int] = Counter()
    for fact in runner.journal:
        if isinstance(fact, RecordsDiscarded | RecordsExpired):
            given_up.update(map(short, fact.sequence_numbers))
        elif isinstance(fact, RecordsRead):
            read.update(map(short, fact.sequence_numbers))
    assert published + given_up == read == Counter(items.keys())


def check_states(states: dict[Any, Tally], numbers: list[int], items: Mapping[int, int], *, keyed: bool) -> None:
    parts: dict[Any, list[int]] = {} if keyed else {None: []}
    for number in numbers:
        parts.setdefault(items[number] % 2 == 0 if keyed else None, []).append(number)
    assert {key: state.seen for key, state in states.items()} == parts
    for state in states.values():
        assert state.items == {str(items[number]) for number in state.seen}
        assert state.inner == {
            item: [Decimal(number) for number in state.seen if str(items[number]) == item] for item in state.items
        }


@settings(max_examples=80)
@given(RUNS)
def test_the_states_of_all_windows_are_the_fold_of_exactly_the_records_that_were_not_given_up(run: Run) -> None:
    check_that_each_state_is_the_fold_of_its_windows_records(run, run.make())


@settings(max_examples=20)
@given(RUNS)
def test_the_same_run_publishes_the_same_states(run: Run) -> None:
    run.make()
    first = run.finals
    run.make()
    assert run.finals == first


@settings(max_examples=30)
@given(RUNS)
def test_where_nothing_fails_nothing_is_given_up(run: Run) -> None:
    run.bad, run.faults, run.bad_finals = {}, {}, 0
    runner = run.make()
    check_that_each_state_is_the_fold_of_its_windows_records(run, runner)
    assert {invocation.outcome for invocation in runner.invocations} == {"success"}
    assert runner.discarded == []
