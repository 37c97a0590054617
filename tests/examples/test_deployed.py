"""The demonstration of `check` and `export`: the template loses records, the exported one fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.deployed import demo
from examples.deployed.app import handler
from streamkit.local import LocalRunner, LocalTable
from streamkit.testing import insert

if TYPE_CHECKING:
    import pytest


def test_only_what_is_paid_comes_to_the_handler(capsys: pytest.CaptureFixture[str]) -> None:
    table = LocalTable("orders", key="id")
    runner = LocalRunner(handler, table)
    table.put({"id": 1, "status": "PLACED", "total": "9.99"})
    table.update(1, {"status": "PAID"})
    table.update(1, {"status": "SENT"})
    table.delete(1)
    runner.run()
    assert capsys.readouterr().out == "order 1: thank you for 9.99\n"
    assert [len(one.sequence_numbers) for one in runner.invocations] == [1]


def test_the_handler_takes_orders() -> None:
    assert handler(insert({"id": 1, "status": "PAID", "total": "9.99"}), None) == {"batchItemFailures": []}


def test_the_demonstration_shows_the_silent_loss_the_template_that_fits_and_the_policy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Some seconds: four processes, as `make demo` starts them.
    assert demo.main() == 0
    shown = capsys.readouterr().out
    found = [
        shown.index(text)
        for text in (
            "error[failures-not-reported] examples/deployed/template.yaml:22",
            "FunctionResponseTypes: [ReportBatchItemFailures]",
            "error[filter-drops-handled]",
            "wrote mended.yaml",
            "what is deployed fits the code",
            '"sqs:SendMessage"',
        )
    ]
    assert found == sorted(found)


def test_the_demonstration_ends_where_something_else_happens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "TARGET", "examples.deployed.app:nothing")
    assert demo.main() == 1
    assert "has no 'nothing'" in capsys.readouterr().out
