"""The counter's own test: orders come, change and go, and the total is the table's."""

from examples.simulate.counter import check, handler
from streamkit.local import LocalRunner, LocalTable


def test_the_total_is_what_all_orders_are_worth() -> None:
    table = LocalTable("orders", key="id")
    runner = LocalRunner(handler, table)
    table.put({"id": 1, "total": 20})
    table.put({"id": 2, "total": 5})
    table.update(2, {"total": 7})
    table.delete(1)
    runner.run()
    check(table)
