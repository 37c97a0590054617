"""The pytest plugin: one test, three ways.

    pytest --streamkit=in-process,awslambdaric,dynamodb

Tests that ask for ``local_table`` and ``local_runner`` run in each of the ways that are given, by default in process.
Pytest loads this at each start: what is heavy is imported when a test wants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamkit.testing.factories import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.testing.bench import Bench
    from streamkit.testing.factories import RunnerFactory, TableFactory, Way

__all__ = [
    "local_runner",
    "local_table",
    "pytest_addoption",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_report_header",
    "streamkit_way",
]

_WAYS = pytest.StashKey[tuple["Way", ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--streamkit`` and the setting ``streamkit``."""
    text = (
        "how tests with local_table and local_runner run: in-process (the default), awslambdaric (the function under "
        "Lambda's runtime client, in a process of its own), dynamodb (a real table and stream, where AWS's variables "
        "lead to: DynamoDB Local); several, separated by commas, run each test in each way"
    )
    parser.getgroup("streamkit").addoption("--streamkit", action="append", metavar="WAY[,WAY]", help=text)
    parser.addini("streamkit", text, type="args", default=["in-process"])


def pytest_configure(config: pytest.Config) -> None:
    """Read the ways. Raises pytest.UsageError for one that there is not."""
    given: list[str] = config.getoption("streamkit") or config.getini("streamkit")
    asked = [way.strip() for text in given for way in text.split(",") if way.strip()]
    unknown = [way for way in asked if way not in WAYS]
    if unknown or not asked:
        told = ", ".join(map(repr, unknown)) or "nothing"
        raise pytest.UsageError(f"--streamkit (or streamkit in the ini file) takes {', '.join(WAYS)}; given was {told}")
    ways: tuple[Way, ...] = tuple(way for way in WAYS if way in asked)
    config.stash[_WAYS] = ways


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how tests run, where that is not the default."""
    ways = config.stash[_WAYS]
    return None if ways == WAYS[:1] else f"streamkit: {', '.join(ways)}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test in each of the ways, where there are several."""
    ways = metafunc.config.stash[_WAYS]
    if "streamkit_way" in metafunc.fixturenames and len(ways) > 1:
        metafunc.parametrize("streamkit_way", ways)


@pytest.fixture
def streamkit_way(request: pytest.FixtureRequest) -> Way:
    """How this test runs: "in-process", "awslambdaric" or "dynamodb"."""
    return request.config.stash[_WAYS][0]


@pytest.fixture(name="_streamkit_bench")
def _bench(streamkit_way: Way) -> Iterator[Bench]:
    from streamkit.testing.bench import Bench  # noqa: PLC0415  # with the whole runner

    with Bench(streamkit_way) as bench:
        yield bench


@pytest.fixture
def local_table(_streamkit_bench: Bench) -> TableFactory:
    """Make tables, as LocalTable(name, key={"id": "N"}, ...): in memory, or real ones."""
    return _streamkit_bench.table


@pytest.fixture
def local_runner(_streamkit_bench: Bench) -> RunnerFactory:
    """Make runners, as LocalRunner(handler, source, mapping, ...): the function in process or under awslambdaric."""
    return _streamkit_bench.runner
