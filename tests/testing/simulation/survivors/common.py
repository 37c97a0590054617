"""What the cases are made of: an order, and a handler that keeps a copy of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from streamkit import Change, Remove, stream_handler

if TYPE_CHECKING:
    from streamkit.local import LocalTable

Case = tuple[Any, Any, dict[str, Any]]
"""A handler, an invariant, and what else `simulate` is given."""


class Order(BaseModel):
    id: int
    total: int


def inserted(table: LocalTable) -> int:
    return sum(record["eventName"] == "INSERT" for record in table.records)


def totals(table: LocalTable) -> dict[int, int]:
    return {item["id"]: item["total"] for item in table.items}


def copying(rows: dict[int, int], **options: Any) -> Any:
    """Return a handler that keeps a copy of the table."""

    @stream_handler(**options)
    def handler(change: Change[Order]) -> None:
        if isinstance(change, Remove):
            rows.pop(change.old.id, None)
        else:
            rows[change.new.id] = change.new.total

    return handler
