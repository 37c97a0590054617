"""What the local runner and its tables do not take."""

from streamkit import Change, Insert, stream_handler, tumbling_window
from streamkit.local import FaultRates, InProcessInvoker, LocalRunner, LocalTable, VirtualClock
from tests.typing.models import Order, Revenue


@stream_handler
def handler(change: Change[Order]) -> None: ...


@tumbling_window(seconds=60)
def revenue(change: Insert[Order], state: Revenue) -> Revenue:
    return state


table = LocalTable("orders")
runner = LocalRunner(handler, table)

LocalRunner("app:handler", table)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, "events.jsonl")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, [Insert(Order(id=1))])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, 10)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, batch_size=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
LocalRunner(handler, table, seed="7")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, faults={1: "explode"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, clock=VirtualClock)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalRunner(handler, table, destination="queue")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FaultRates(explode=0.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
InProcessInvoker(lambda event: None)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]

runner.run(10)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
runner.advance(5)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
runner.update(batchsize=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
runner.update(starting_position="LATEST")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
runner.mapping = handler.mapping  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
runner.invocations[0].outcome = "success"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


LocalTable()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
LocalTable("orders", "id")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
LocalTable("orders", key=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
LocalTable("orders", view_type="NEW_IMAGES")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
table.put({"id": 1}, at="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
table.update(1, Order(id=1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
table.records = []  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
