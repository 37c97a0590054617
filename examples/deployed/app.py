"""Thanks for what was paid, and for nothing else: the filter is made of the type that the handler reads."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from streamkit import Insert, Modify, criteria, stream_handler, where


class Order(BaseModel):
    id: int
    status: Literal["PLACED", "PAID", "SENT"]
    total: Decimal


@stream_handler(
    starting_position="LATEST",
    batch_size=25,
    maximum_retry_attempts=5,
    bisect_batch_on_function_error=True,
    destination_config={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:unpaid"}},
    filter_criteria=criteria(where(Order).status == "PAID"),
)
def handler(change: Insert[Order] | Modify[Order]) -> None:
    print(f"order {change.new.id}: thank you for {change.new.total}")
