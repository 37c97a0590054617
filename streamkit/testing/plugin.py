"""The pytest plugin: tables and runners for tests, settings by marks, simulations, and stories of what failed.

    pytest --streamkit=in-process,awslambdaric,dynamodb --streamkit-seed=7

Tests that ask for ``local_table`` and ``local_runner`` run in each of the ways that are given, by default in process.
Pytest loads this at each start: what is heavy is imported when a test wants it.
"""

from __future__ import annotations

import shlex
import sys
from random import SystemRandom
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.testing.marking import MARK, MarkError, Settings, settings_of
from streamkit.testing.protocols import WAYS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from streamkit.testing.bench import Bench
    from streamkit.testing.protocols import RunnerFactory, TableFactory, Way
    from streamkit.testing.simulated import Simulated  # noqa: F401  # the name in a key of the stash

__all__ = [
    "local_runner",
    "local_table",
    "pytest_addoption",
    "pytest_assertrepr_compare",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_generate_tests",
    "pytest_make_collect_report",
    "pytest_pycollect_makeitem",
    "pytest_pyfunc_call",
    "pytest_report_header",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "streamkit_way",
]

_WAYS = pytest.StashKey[tuple["Way", ...]]()
_SEED = pytest.StashKey[int | None]()
_SETTINGS = pytest.StashKey[Settings]()
_SIMULATED = pytest.StashKey["Simulated | None"]()
_BENCH = pytest.StashKey["Bench"]()
_SENT = "streamkit_seed"

_NO_MARK = (
    "pytest takes a mark that is given a function and nothing else for the decoration of that function. Write "
    "@pytest.mark.simulate(handler=handler), or @pytest.mark.simulate(handler, schedules=1000)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--streamkit``, ``--streamkit-seed`` and the setting ``streamkit``."""
    text = (
        "how tests with local_table and local_runner run: in-process (the default), awslambdaric (the function under "
        "Lambda's runtime client, in a process of its own), dynamodb (a real table and stream, where AWS's variables "
        "lead to: DynamoDB Local); several, separated by commas, run each test in each way"
    )
    group = parser.getgroup("streamkit")
    group.addoption("--streamkit", action="append", metavar="WAY[,WAY]", help=text)
    seed = "the seed of runners and simulations that are given none: a whole number, or random; 0 without it"
    group.addoption("--streamkit-seed", metavar="N|random", help=seed)
    parser.addini("streamkit", text, type="args", default=["in-process"])


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, and make the marks known. Raises pytest.UsageError for what an option does not take."""
    given: list[str] = config.getoption("streamkit") or config.getini("streamkit")
    asked = [way.strip() for text in given for way in text.split(",") if way.strip()]
    unknown = [way for way in asked if way not in WAYS]
    if unknown or not asked:
        told = ", ".join(map(repr, unknown)) or "nothing"
        raise pytest.UsageError(f"--streamkit (or streamkit in the ini file) takes {', '.join(WAYS)}; given was {told}")
    ways: tuple[Way, ...] = tuple(way for way in WAYS if way in asked)
    config.stash[_WAYS] = ways
    config.stash[_SEED] = _seed(config)
    config.addinivalue_line("markers", f"{MARK}(**settings): settings of local_table, local_runner and the mapping.")
    config.addinivalue_line(
        "markers", "simulate(handler=handler, **settings): hold the test, an invariant, against a handler (streamkit)."
    )


def _seed(config: pytest.Config) -> int | None:
    given: str | None = config.getoption("streamkit_seed")
    if given == "random":
        # A worker of pytest-xdist has the one that was drawn for all of them.
        drawn: dict[str, int] = getattr(config, "workerinput", {})
        return drawn.get(_SENT) or SystemRandom().randrange(1, 2**32)
    if given is not None and not given.removeprefix("-").isdecimal():
        raise pytest.UsageError(f"--streamkit-seed takes a whole number, or random; given was {given!r}")
    return None if given is None else int(given)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Send a worker of pytest-xdist the seed."""
    node.workerinput[_SENT] = node.config.stash[_SEED]


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how tests run, where that is not the default."""
    ways, seed = config.stash[_WAYS], config.stash[_SEED]
    told = [", ".join(ways)] if ways != WAYS[:1] else []
    told += [] if seed is None else [f"seed {seed} (--streamkit-seed={seed})"]
    return f"streamkit: {'; '.join(told)}" if told else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in each of the ways, where there are several; give the simulation's parameters to one that has it."""
    ways = metafunc.config.stash[_WAYS]
    if "streamkit_way" in metafunc.fixturenames and len(ways) > 1:
        metafunc.parametrize("streamkit_way", ways)
    if metafunc.definition.get_closest_marker("simulate") is not None:
        from streamkit.testing.simulated import taken  # noqa: PLC0415  # only for such tests

        names = taken(metafunc.function)
        # Else pytest would look for fixtures of these names. Before pytest 8.4 no id can be hidden.
        hidden = getattr(pytest, "HIDDEN_PARAM", "simulated")
        if names:
            metafunc.parametrize(names, [(None,) * len(names)], ids=[hidden])


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Refuse a handler that a mark was taken to decorate: where it did not mind, its test is not there."""
    marks = getattr(obj, "pytestmark", ()) if isinstance(obj, FunctionType) else ()
    taken_for_test = any(mark.name == "simulate" and not mark.args and not mark.kwargs for mark in marks)
    if taken_for_test and not collector.funcnamefilter(name):
        raise collector.CollectError(f"{name}: {_NO_MARK}")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,  # noqa: ARG001  # the hook's own name
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Explain why a file could not be imported, where the mark is in the last line of it that was run."""
    report = yield
    if report.failed and "pytest.mark.simulate(" in str(report.longrepr):
        report.sections.append(("streamkit: @pytest.mark.simulate(handler)", _NO_MARK))
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Read the marks of a test, whether or not it asks for the fixtures. Raises MarkError for one that is wrong."""
    item.stash[_SETTINGS] = settings_of(item.iter_markers(MARK))
    if item.get_closest_marker("simulate") is not None:
        from streamkit.testing.simulated import simulated  # noqa: PLC0415  # as above

        item.stash[_SIMULATED] = simulated(item)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Simulate, where a test is the invariant of a simulation."""
    __tracebackhide__ = True
    asked = pyfuncitem.stash.get(_SIMULATED, None)
    if asked is None:
        return None
    from streamkit.testing.simulated import hold  # noqa: PLC0415  # as above

    tried = hold(pyfuncitem, asked, pyfuncitem.config.stash[_SEED])
    pyfuncitem.add_report_section("call", "streamkit", tried)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the story of each runner in a test that failed."""
    report = yield
    bench = item.stash.get(_BENCH, None)
    error = None if call.excinfo is None else call.excinfo.value
    ours = "streamkit.local.runner" in sys.modules or isinstance(error, MarkError)
    if call.excinfo is not None and report.failed and ours:
        from streamkit.testing.reporting import report_failure  # noqa: PLC0415  # with the whole runner

        ways = item.config.stash[_WAYS]
        way = "" if ways == WAYS[:1] else f" --streamkit={','.join(ways)}"
        again = f"pytest {shlex.quote(item.nodeid)}{way}"
        report_failure(report, call.excinfo, bench, getattr(item, "funcargs", {}), again)
    if call.when == "teardown" and bench is not None:
        # A session has its tests to the end, and would have all their runs with them.
        del item.stash[_BENCH]
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a failed assertion about a runner's invocations, discarded records or sequence numbers."""
    if "streamkit.local.runner" not in sys.modules:
        return None
    from streamkit.testing.assertions import explained  # noqa: PLC0415  # with the whole runner

    return explained(op, left, right)


@pytest.fixture
def streamkit_way(request: pytest.FixtureRequest) -> Way:
    """How this test runs: "in-process", "awslambdaric" or "dynamodb"."""
    return request.config.stash[_WAYS][0]


@pytest.fixture(name="_streamkit_bench")
def _bench(request: pytest.FixtureRequest, streamkit_way: Way) -> Iterator[Bench]:
    from streamkit.testing.bench import Bench  # noqa: PLC0415  # with the whole runner

    node: Any = request.node
    with Bench(streamkit_way, node.stash[_SETTINGS], request.config.stash[_SEED] or 0) as bench:
        node.stash[_BENCH] = bench
        yield bench


@pytest.fixture
def local_table(_streamkit_bench: Bench) -> TableFactory:
    """Make tables, as LocalTable(name, key={"id": "N"}, ...): in memory, or real ones."""
    return _streamkit_bench.table


@pytest.fixture
def local_runner(_streamkit_bench: Bench) -> RunnerFactory:
    """Make runners, as LocalRunner(handler, source, mapping, ...): the function in process or under awslambdaric."""
    return _streamkit_bench.runner
