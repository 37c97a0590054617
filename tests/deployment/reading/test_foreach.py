"""Loops in a CloudFormation template: one resource for each value."""

from pathlib import Path
from typing import Any

import pytest

from tests.deployment.reading.templates import here, mapping, read, refused

LOOP = [
    "Name",
    ["orders", "bills.eu"],
    {
        "T&{Name}": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Ref": "Name"}}},
        "M&{Name}": mapping(
            EventSourceArn={"Fn::GetAtt": ["T&{Name}", "StreamArn"]},
            Tags={"table": {"Fn::Sub": "${Name}-stream"}, "size": 5},
        ),
    },
]


def test_loops_make_their_resources(tmp_path: Path) -> None:
    template = {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::Tables": LOOP, "Q": {"Type": "X"}}}
    orders, bills = read(tmp_path, template)
    assert (orders.name, bills.name) == ("Morders", "Mbillseu")
    assert orders.settings["EventSourceArn"].form == here("dynamodb", "table/orders/stream/${Torders.StreamLabel}")
    assert orders.settings["Tags"] == {"table": "orders-stream", "size": 5}
    assert bills.table is not None
    assert bills.table.table_name == "bills.eu"


def test_loops_in_loops_and_short_forms_are_put_in_too(tmp_path: Path) -> None:
    template = """
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a,b"}
Resources:
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - Fn::ForEach::Inner:
        - Size
        - [1, 2]
        - M${Name}${Size}:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              EventSourceArn: !ImportValue stream
              StartingPosition: LATEST
              FunctionName: !Sub "${Name}"
              BatchSize: !Ref Size
"""
    found = read(tmp_path, template)
    assert [(one.name, one.settings["FunctionName"], one.settings["BatchSize"]) for one in found] == [
        ("Ma1", "a", 1),
        ("Ma2", "a", 2),
        ("Mb1", "b", 1),
        ("Mb2", "b", 2),
    ]
    assert {one.place.line for one in found} == {11}


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        ("words", "FILE:1 Resources.Fn::ForEach::X: a loop takes [NAME, [VALUE, …], {RESOURCES}]"),
        ([1, ["a"], {}], "FILE:1 Resources.Fn::ForEach::X: a loop takes [NAME, [VALUE, …], {RESOURCES}]"),
        (
            ["N", {"Ref": "Names"}, {}],
            "FILE:1 Resources.Fn::ForEach::X: the list that this loop goes through",
        ),
        (
            ["N", ["a"] * 3000, {}],
            "FILE:1 Resources.Fn::ForEach::X: the loops of this template go more than 2",
        ),
    ],
    ids=["words", "name", "unknown", "long"],
)
def test_a_loop_that_cannot_be_followed_is_told(tmp_path: Path, loop: Any, said: str) -> None:
    assert refused(tmp_path, {"Resources": {"Fn::ForEach::X": loop}}).startswith(said)
