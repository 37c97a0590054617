from __future__ import annotations

import functools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, EventSourceMapping, stream_handler
from streamkit.testing.simulation import Killed, Slow
from streamkit.testing.simulation.printing import as_test
from streamkit.testing.simulation.schedule import Delete, Put, Run, Schedule

if TYPE_CHECKING:
    from streamkit.local import LocalTable

outbox: list[str] = []


@stream_handler(batch_size=10)
def handler(change: Change) -> None: ...


def check(table: LocalTable) -> None:
    assert outbox == []


def fresh() -> None:
    outbox.clear()


def written(schedule: Schedule, **options: Any) -> str:
    return as_test(schedule, handler, check, options, 7)


def test_a_schedule_is_written_as_a_test() -> None:
    schedule = Schedule(
        (Put({"id": 1, "total": Decimal("1.5")}), Run(), Delete((1,)), Run()),
        {1: "duplicate", 2: Killed(3), 3: Slow(1)},
        shards=2,
        batch_size=1,
    )
    assert written(schedule) == (
        f"from decimal import Decimal\n"
        f"from streamkit.testing import Killed, Slow, replay\n"
        f"from {__name__} import check, handler\n"
        f"\n\n"
        f"def test_check_with_seed_7() -> None:\n"
        f"    with replay(\n"
        f"        handler,\n"
        f"        check,\n"
        f"        shards=2,\n"
        f"        batch_size=1,\n"
        f'        faults={{1: "duplicate", 2: Killed(line=3), 3: Slow(seconds=1)}},\n'
        f"    ) as (table, runner):\n"
        f'        table.put({{"id": 1, "total": Decimal("1.5")}})\n'
        f"        runner.run()\n"
        f"        table.delete(1)"
    )


def test_a_short_one_is_on_one_line_and_an_empty_one_is_one_too() -> None:
    assert written(Schedule((Run(),), {1: "crash"})).endswith(
        'None:\n    with replay(handler, check, faults={1: "crash"}) as (table, runner):\n        pass'
    )


def test_options_that_are_not_the_usual_ones_are_written_with_the_names_that_the_user_has() -> None:
    text = written(
        Schedule((), {}),
        key=("pk", "sk"),
        view_type="NEW_IMAGE",
        setup=fresh,
        world=[outbox, [1]],
        mapping={"BatchSize": 5},
    )
    assert f"from {__name__} import check, fresh, handler, outbox" in text
    for line in (
        'key=("pk", "sk"),',
        'view_type="NEW_IMAGE",',
        "setup=fresh,",
        "world=[outbox, ...],",
        'mapping={"BatchSize": 5},',
    ):
        assert f"        {line}\n" in text


@pytest.mark.parametrize("mapping", [None, handler.mapping])
def test_the_usual_options_are_left_out(mapping: Any) -> None:
    text = written(Schedule((), {}), key="id", view_type="NEW_AND_OLD_IMAGES", setup=None, world=(), mapping=mapping)
    assert "with replay(handler, check) as (table, runner):" in text


def test_of_another_mapping_what_is_not_the_default_is_written() -> None:
    text = written(Schedule((), {}), mapping=EventSourceMapping(batch_size=3))
    assert 'with replay(handler, check, mapping={"BatchSize": 3}) as' in text


def test_functions_within_functions_and_without_names_are_written_as_well_as_they_can_be() -> None:
    def inner(table: LocalTable) -> None: ...

    text = as_test(Schedule((), {}), handler, inner, {}, 0)
    assert "def test_inner_with_seed_0()" in text
    text = as_test(Schedule((), {}), handler, lambda table: True, {}, 0)
    assert "def test_lambda_with_seed_0()" in text
    assert "with replay(handler, <lambda>)" in text
    text = as_test(Schedule((), {}), handler, functools.partial(check), {}, 0)
    assert "def test_partial_with_seed_0()" in text
