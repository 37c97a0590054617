from __future__ import annotations

import functools
import re
from collections import Counter
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
        random_seed=9,
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
        f"        random_seed=9,\n"
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
    assert "# world has no name in a module: paste this where it is, or give it one\ndef test_check" in text
    for line in (
        'key=("pk", "sk"),',
        'view_type="NEW_IMAGE",',
        "setup=fresh,",
        "world=[outbox, world],",
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


class Service:
    def check(self, table: LocalTable) -> None: ...


service = Service()


def test_what_belongs_to_an_object_of_the_module_is_written_with_it() -> None:
    text = as_test(Schedule((), {}), handler, service.check, {"setup": outbox.clear}, 0)
    assert f"from {__name__} import handler, outbox, service\n" in text
    assert "def test_service_check_with_seed_0()" in text
    assert "with replay(handler, service.check, setup=outbox.clear) as" in text


def test_a_decorated_function_is_written_with_the_name_that_the_module_has_for_it() -> None:
    @functools.wraps(check)
    def wrapper(table: LocalTable) -> None: ...

    text = as_test(Schedule((), {}), handler, wrapper, {}, 0)
    assert f"from {__name__} import check, handler\n" in text
    assert "#" not in text


def test_of_what_has_no_name_in_a_module_that_is_said() -> None:
    def inner(table: LocalTable) -> None: ...

    for invariant, name, where in (
        (inner, "inner", r" \(test_printing.py:\d+\)"),
        (lambda table: True, "invariant", r" \(test_printing.py:\d+\)"),
        (functools.partial(check), "invariant", r" \(test_printing.py:\d+\)"),
        (Service().check, "check", r" \(test_printing.py:\d+\)"),
        (Counter().keys, "keys", ""),
    ):
        text = as_test(Schedule((), {}), handler, invariant, {}, 0)
        assert re.search(rf"\n# {name}{where} has no name in a module: .*\ndef test_{name}_with_seed_0\(\)", text)
        assert f"with replay(handler, {name}) as" in text
        assert f"from {__name__} import handler\n" in text
