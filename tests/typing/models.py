"""The images and states that the proofs are about: each kind of type that an item can be read into."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

__all__ = ["Customer", "Entity", "Gift", "Key", "Order", "Point", "Revenue", "Row"]


class Order(BaseModel):
    type: Literal["order"] = "order"
    id: int
    status: str = "placed"
    total: Decimal = Decimal(0)


class Gift(Order):
    wrapping: str = "red"


class Customer(BaseModel):
    type: Literal["customer"] = "customer"
    id: int


Entity = Annotated[Order | Customer, Field(discriminator="type")]


@dataclass
class Point:
    x: int


class Row(TypedDict):
    id: int


class Key(TypedDict):
    id: int


class Revenue(BaseModel):
    orders: int = 0
    total: Decimal = Decimal(0)
