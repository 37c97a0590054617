from __future__ import annotations

import asyncio
import functools
import sqlite3
import sys
import threading
from types import ModuleType
from typing import Any

import pytest

from streamkit.testing.simulation import SimulationError
from streamkit.testing.simulation.memory import Memory, World
from streamkit.testing.simulation.reaching import own_function

MODULE = """
import functools

count = 0
buffer = []
totals = {}
sent = 0

@functools.cache
def price(name):
    return object()

def handler(event, context):
    global count, new, sent
    count += 1
    new = count
    sent += 1
    buffer.append(count)
    totals["orders"] = count

def check():
    assert sent == totals.get("orders", 0)
"""


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = ModuleType("an_app")
    module.__file__ = "an_app.py"
    monkeypatch.setitem(sys.modules, "an_app", module)
    exec(compile(MODULE, "an_app.py", "exec"), vars(module))  # noqa: S102  # our own text
    return module


def test_a_new_process_has_lost_what_the_invariant_does_not_read(app: Any) -> None:
    world = World(app.check, None, ())
    memory = Memory(own_function(app.handler), world)
    app.handler({}, None)
    price = app.price("a")
    assert memory.lose() == ["buffer", "count", "new"]
    assert memory.lose() == []
    assert (app.count, app.buffer) == (0, [])
    assert not hasattr(app, "new")
    assert app.price("a") is not price
    assert (app.sent, app.totals) == (1, {"orders": 1})


def test_the_world_is_put_back_before_a_schedule(app: Any) -> None:
    world = World(app.check, None, ())
    app.handler({}, None)
    world.renew()
    assert (app.sent, app.totals) == (0, {})


def test_objects_that_are_given_outlive_the_function_too_and_are_put_back(app: Any) -> None:
    world = World(app.check, None, [app.buffer])
    memory = Memory(own_function(app.handler), world)
    app.handler({}, None)
    memory.lose()
    assert app.buffer == [1]
    world.renew()
    assert app.buffer == []


def test_modules_that_the_handler_calls_are_its_memory_too(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("a_service")
    other.__file__ = "a_service.py"
    monkeypatch.setitem(sys.modules, "a_service", other)
    text = (
        "import functools\nsent = []\nseen = set()\n"
        "class Price:\n    @functools.cache\n    def of(self): return object()\n"
        "price = Price()\n"
        "def send(n):\n    seen.add(n)\n    sent.append(n)\n    price.of()\n"
    )
    exec(compile(text, "a_service.py", "exec"), vars(other))  # noqa: S102  # our own text
    exec("import a_service\ndef handler(event, context):\n    a_service.send(1)", vars(app))  # noqa: S102  # as above
    exec("def check():\n    assert a_service.sent == []", vars(app))  # noqa: S102  # as above
    memory = Memory(own_function(app.handler), World(app.check, None, ()))
    app.handler({}, None)
    priced = other.price.of()
    assert memory.lose() == ["seen"]
    assert (other.sent, other.seen) == ([1], set())
    assert other.price.of() is not priced


def test_a_process_that_is_gone_holds_no_lock(app: Any) -> None:
    app.lock, app.again, app.task = threading.Lock(), threading.RLock(), asyncio.Lock()
    memory = Memory(own_function(app.handler), World(app.check, None, ()))
    app.lock.acquire()
    app.again.acquire()
    app.again.acquire()
    asyncio.run(app.task.acquire())
    memory.lose()
    assert not app.lock.locked()
    assert not app.task.locked()
    with pytest.raises(RuntimeError):
        app.again.release()
    memory.lose()


def test_a_variable_of_a_class_is_lost_or_put_back_as_any_other(app: Any) -> None:
    text = "class Store:\n    count = 0\n    rows = []\nclass Process:\n    calls = 0\n"
    exec(text, vars(app))  # noqa: S102  # our own text
    exec("def handler(event, context):\n    Store.count += 1\n    Process.calls += 1", vars(app))  # noqa: S102  # as above
    exec("def check():\n    assert Store.count == 0", vars(app))  # noqa: S102  # as above
    world = World(app.check, None, ())
    memory = Memory(own_function(app.handler), world)
    app.handler({}, None)
    assert memory.lose() == ["calls"]
    assert (app.Store.count, app.Process.calls) == (1, 0)
    app.Store.rows.append(1)
    world.renew()
    assert (app.Store.count, app.Store.rows) == (0, [])


def test_what_setup_makes_is_the_world_and_streamkit_puts_nothing_back(app: Any) -> None:
    made: list[str] = []

    def setup() -> None:
        made.append("anew")
        app.buffer.clear()

    world = World(app.check, setup, ())
    memory = Memory(own_function(app.handler), world)
    app.handler({}, None)
    memory.lose()
    world.renew()
    assert made == ["anew"]
    assert app.totals == {"orders": 1}
    assert app.count == 0


def test_a_name_that_the_world_gets_later_is_not_lost(app: Any) -> None:
    exec("def check():\n    assert new", vars(app))  # noqa: S102  # our own text
    app.new = 1
    world = World(app.check, None, ())
    del app.new
    memory = Memory(own_function(app.handler), world)
    app.handler({}, None)
    memory.lose()
    assert app.new == 1


def test_a_handler_without_a_python_function_has_no_memory_that_could_be_lost(app: Any) -> None:
    Memory(None, World(app.check, None, ())).lose()


def test_what_an_invariant_or_a_setup_brings_along_is_the_world_too(app: Any) -> None:
    class Checker:
        def __init__(self) -> None:
            self.seen: list[int] = []

        def check(self) -> None: ...

        def __call__(self) -> None: ...

    bound, called, given = Checker(), Checker(), Checker()
    for invariant in (bound.check, called, functools.partial(functools.partial(len, given.seen))):
        World(invariant, None, ()).renew()
    for checker, invariant in ((bound, bound.check), (called, called), (given, functools.partial(print, given))):
        world = World(invariant, None, ())
        checker.seen.append(1)
        world.renew()
        assert checker.seen == []
        assert any(one is checker for one in world.objects)
    assert app.buffer in World(app.check, app.buffer.clear, ()).objects


def test_a_world_that_cannot_be_put_back_needs_a_setup() -> None:
    connection = sqlite3.connect(":memory:")

    def check() -> None:
        connection.execute("select 1")

    with pytest.raises(
        SimulationError, match=r"the outside world \(connection\) cannot be put back .*sqlite3.* setup="
    ):
        World(check, None, ())
    World(check, lambda: None, ()).renew()
    World(functools.partial(check), lambda: None, ()).renew()
    connection.close()
