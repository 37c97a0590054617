"""The examples of windows do what they say, and are the ones that the page shows."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from examples.windows import customers, demo, revenue, shop, trail
from streamkit.local import LocalRunner

ROOT = Path(__file__).resolve().parents[2]
NOON = shop.NOON


@pytest.fixture(autouse=True)
def _nothing_published() -> Iterator[None]:
    for example in (revenue, customers, trail):
        example.published.clear()
    yield
    for example in (revenue, customers, trail):
        example.published.clear()


def by_time(runner: LocalRunner) -> list[str | None]:
    return [window.cause for window in runner.windows]


def test_the_revenue_of_each_minute_is_the_sum_of_its_orders() -> None:
    runner = LocalRunner(revenue.revenue, shop.open_shop())
    runner.run()
    assert {start: (one.orders, one.total) for (_, start), one in revenue.published.items()} == {
        NOON: (6, sum((Decimal(n) + Decimal("0.99") for n in range(6)), Decimal(0))),
        NOON + timedelta(minutes=1): (6, sum((Decimal(n) + Decimal("0.99") for n in range(6, 12)), Decimal(0))),
        NOON + timedelta(minutes=2): (6, sum((Decimal(n) + Decimal("0.99") for n in range(12, 18)), Decimal(0))),
        NOON + timedelta(hours=1): (1, Decimal("5.00")),
    }
    assert by_time(runner) == ["later record", "later record", "no later record", "no later record"]


def test_a_customers_revenue_is_that_customers_alone() -> None:
    LocalRunner(customers.revenue_by_customer, shop.open_shop(minutes=1)).run()
    totals = {(start, name): one.total for (_, start, name), one in customers.published.items()}
    assert totals == {
        (NOON, "ada"): Decimal("4.98"),
        (NOON, "grace"): Decimal("6.98"),
        (NOON, "alan"): Decimal("8.98"),
        (NOON + timedelta(hours=1), "ada"): Decimal("5.00"),
    }


def test_a_busy_minute_ends_early_and_its_parts_have_every_order_once() -> None:
    runner = LocalRunner(trail.trail, shop.open_shop(minutes=1, note="x" * 300_000))
    runner.run()
    assert by_time(runner) == ["state too large", "no later record", "no later record"]
    parts = [part for (_, start, _), part in trail.published.items() if start == NOON]
    assert [part.more_follows for part in parts] == [True, False]
    assert [order.id for part in parts for order in part.orders] == list(range(6))


def test_the_demonstration_runs_and_shows_why_each_window_closed() -> None:
    command = [sys.executable, "-m", "examples.windows.demo"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    assert "12:02  6 orders   92.94" in result.stdout
    assert "open, waits for: a record that was created at 2026-01-01T12:03:00Z or later" in result.stdout
    assert "since its state is larger than 1 MB" in result.stdout


def test_the_demonstration_says_what_it_is() -> None:
    assert "python -m examples.windows.demo" in (demo.__doc__ or "")


def test_the_page_shows_the_example_as_it_stands() -> None:
    page = (ROOT / "docs" / "windows.md").read_text(encoding="utf-8")
    source = Path(revenue.__file__).read_text(encoding="utf-8")
    shown = source[source.index("class Revenue") :]
    assert shown in page


def test_the_page_shows_awss_sample_word_for_word() -> None:
    """As it stands in AWS's page, without what it prints and with the indentation that it must have had."""
    page = (ROOT / "docs" / "windows.md").read_text(encoding="utf-8")
    words = re.findall(r"\S+", page[page.index("def lambda_handler") : page.index("It has never counted")])
    line = "state[record['dynamodb']['NewImage']['Id']] = state.get(record['dynamodb']['NewImage']['Id'], 0) + 1"
    assert line.replace("'", '"') in " ".join(words)


def test_the_shop_opens_at_noon() -> None:
    assert datetime(2026, 1, 1, 12, tzinfo=UTC) == NOON
    assert len(shop.open_shop(minutes=1).records) == 7
